"""A study from Python: the numbers of the commands, to the last digit, and a warning for all that must stand beside."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from messy_study import BEGIN, make_messy_study, messy_bank

import samp_eval
from samp_eval.cli.main import main
from samp_eval.errors import CannotStore, StudyConflict
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a question excluded, so that every kind of notice is there."""
    folder = make_messy_study(tmp_path_factory.mktemp("messy"))
    assert main(["exclude", "question", "case-00-1", "--reason", "its picture is missing", "--study", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def study(messy: Path) -> samp_eval.LoadedStudy:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", samp_eval.StudyWarning)
        return samp_eval.load_study(messy)


def loaded(folder: Path, **choices: str) -> tuple[samp_eval.LoadedStudy, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = samp_eval.load_study(folder, **choices)
    assert all(issubclass(one.category, samp_eval.StudyWarning) for one in caught)
    assert all(one.filename == __file__ for one in caught), "the warning names the caller's line"
    return found, [str(one.message) for one in caught]


def test_names_are_there_without_numerics() -> None:
    code = (
        "import sys, samp_eval; names = {'load_study', 'LoadedStudy', 'FittedStudy', 'StudyWarning'}; "
        "assert names <= set(dir(samp_eval)); "
        "print({'numpy', 'pandas', 'sqlalchemy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
    with pytest.raises(AttributeError, match="no attribute 'load_studies'"):
        _ = samp_eval.load_studies


@pytest.mark.filterwarnings("ignore::samp_eval.StudyWarning")
@pytest.mark.parametrize(
    ("options", "choices"),
    [
        ([], {}),
        (["--basis", "judgement"], {"basis": "judgement"}),
        (["--reference", "model B", "--cluster", "case"], {"reference": "model B", "cluster": "case"}),
        (["--questions", "all", "--covariance", "bias_reduced"], {"questions": "all", "covariance": "bias_reduced"}),
        (["--association", "exchangeable"], {"association": "exchangeable"}),
    ],
)
def test_fits_are_those_of_analyze(
    messy: Path,
    study: samp_eval.LoadedStudy,
    options: list[str],
    choices: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    assert main(["analyze", "--json", *options, "--study", str(messy)]) == 0
    fit = study.fit(**choices)  # type: ignore[arg-type]
    printed = json.loads(capsys.readouterr().out)
    assert json.loads(json.dumps(fit.as_json())) == printed
    rows = fit.to_frame()
    assert rows["odds_ratio"].tolist() == [term["odds_ratio"] for term in printed["terms"]]
    assert list(rows.columns) == list(printed["terms"][0])


def test_consensus_is_a_choice_of_the_study(messy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["analyze", "--json", "--consensus", "either", "--study", str(messy)]) == 0
    printed = json.loads(capsys.readouterr().out)
    found, _ = loaded(messy, consensus="either")
    with pytest.warns(samp_eval.StudyWarning):
        assert found.fit().to_frame()["p_value"].tolist() == [term["p_value"] for term in printed["terms"]]


def test_every_figure_comes_with_its_words(messy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study, said = loaded(messy)
    together = "\n".join(said)
    for words in (
        "Excluded from every figure: question case-00-1 (its picture is missing)",
        "A program generated the answers",
        "late has no figures on either basis yet",
        "2 deviations from the plan",
    ):
        assert words in together
    assert any("handed over" in deviation for deviation in study.deviations)
    with pytest.warns(samp_eval.StudyWarning) as caught:
        fit = study.fit()
    assert [str(one.message) for one in caught] == list(fit.notices)
    assert any("disagreement is unresolved" in notice for notice in fit.notices)
    assert fit.to_frame().attrs["notices"] == [*study.notices, *fit.notices]
    below = fit.plot().texts[0].get_text().replace("\n", " ")
    assert "Excluded from every figure" in below
    assert "disagreement is unresolved" in below
    capsys.readouterr()
    assert main(["analyze", "--study", str(messy)]) == 0
    printed = capsys.readouterr().err
    assert all(notice in printed for notice in study.notices), "the command says the same"


def test_automatic_marks_are_not_taken_for_a_persons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance, bank = random.Random(1), messy_bank()
    with StudyStore.open(tmp_path) as store:
        store.keep_bank(bank)
        for name in ("first", "second"):
            store.keep_respondent(name, {"model": name})
            for _, question in bank.asked():
                text = chance.choice(["fever", "pets"])
                store.keep_response(Response(Ask(question.id, name, 1, Condition()), Reply(text, name), BEGIN))
    assert main(["mark", "--study", str(tmp_path)]) == 0
    _, said = loaded(tmp_path)
    assert said == ["A program made the marks by the answer key, not a person."]
    capsys.readouterr()
    assert main(["analyze", "--study", str(tmp_path)]) == 0
    assert said[0] in capsys.readouterr().err


def test_tables_are_copies_of_the_scores(study: samp_eval.LoadedStudy) -> None:
    key = study.table("key")
    assert set(key["basis"]) == {"key"}
    assert len(study.table()) == 2 * len(key)
    key["score_percent"] = 0.0
    assert study.table("key")["score_percent"].max() == 100.0
    assert study.table("key")["score_percent"].isna().any(), "open marks have no score"


def test_wrong_choices_are_refused_by_name(study: samp_eval.LoadedStudy, tmp_path: Path) -> None:
    with pytest.raises(StudyConflict, match="'answer' is not a basis; it is one of key, judgement"):
        study.fit("answer")  # type: ignore[arg-type]
    with pytest.raises(StudyConflict, match=r"cluster: .*question-respondent"):
        study.fit(cluster="session")  # type: ignore[arg-type]
    with pytest.raises(CannotStore):
        samp_eval.load_study(tmp_path)
