"""The exported folder: tables as CSV and Parquet, dictionary, odds ratios, scripts, and a manifest with hashes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import astuple, fields
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from samp_eval import __version__
from samp_eval.analysis.model.fitted_sample import StudyTerm
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.errors import NotInstalled
from samp_eval.input_files.json_text import parse_json
from samp_eval.input_files.limits import MAX_SETTINGS_BYTES, UnreadableFile, read_bytes
from samp_eval.report.export.columns import LINE_TABLE, PICTURES, RANK_TABLE, SCORE_TABLE, ExportColumn
from samp_eval.report.export.scripts import conditional_scripts, r_scripts, ranks_script, stata_scripts
from samp_eval.report.export.study_export import StudyExport
from samp_eval.spreadsheet_cells import escape_formula
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.whole_files import whole_file

if TYPE_CHECKING:
    from samp_eval.analysis.ranking.study_ranking import StudyRanking

__all__ = ["check_parquet", "write_export"]

_TABLES = {
    "scores": ("one row for each question, respondent, round and basis", SCORE_TABLE),
    "lines": ("one row for each requested answer line, on each basis", LINE_TABLE),
}
_MANIFEST = "manifest.json"
_RANKS = ("ranks", ("one row for each ranked respondent", RANK_TABLE))

_KEYS = ["basis", "question_id", "respondent_number", "round"]


def check_parquet() -> None:
    """Raise ``NotInstalled`` with the remedy if Parquet cannot be written."""
    if find_spec("pyarrow") is None:
        raise NotInstalled("Writing Parquet", "parquet")


def write_export(export: StudyExport, folder: Path, *, parquet: bool = False) -> list[Path]:
    """Write the export into a folder; the same study always gives the same bytes.

    Parameters
    ----------
    export : StudyExport
    folder : Path
        Created if it does not exist. Files of an earlier export are replaced, or removed if this export does not have
        them; other files stay.
    parquet : bool
        Whether to write the tables as Parquet too.

    Returns
    -------
    list of Path
        The files in the order of writing; the manifest is last.

    Raises
    ------
    NotInstalled
        If Parquet was requested and pyarrow is missing; nothing is written.
    CannotStore
        If a file cannot be written.
    """
    if parquet:
        check_parquet()
    documented = _documented(export)
    tables = {
        "scores": _prepared(export.scores, documented["scores"][1], export),
        "lines": _prepared(export.lines, documented["lines"][1], export),
    }
    contents: dict[str, bytes] = {}
    for name, table in tables.items():
        contents[f"{name}.csv"] = _csv(table)
        if parquet:
            contents[f"{name}.parquet"] = _parquet(table)
    contents |= {name: text.encode() for name, text in _texts(export).items()}
    contents[_MANIFEST] = _manifest(export, tables, contents)
    earlier = _earlier_files(folder)
    with ExitStack() as files:
        for name, content in contents.items():
            files.enter_context(whole_file(folder / name)).write_bytes(content)
    for left_over in earlier - contents.keys():
        (folder / left_over).unlink()
    return [folder / name for name in contents]


def _earlier_files(folder: Path) -> set[str]:
    """Files that an earlier export wrote, according to its manifest, and that have not changed since."""
    try:
        listed = parse_json(read_bytes(folder / _MANIFEST, MAX_SETTINGS_BYTES))["files"]
        written = {name: listed[name]["sha256"] for name in listed if _may_be_absent(name)}
    except (UnreadableFile, KeyError, TypeError):
        return set()
    return {name for name, sha256 in written.items() if _sha256_of(folder / name) == sha256}


def _may_be_absent(name: str) -> bool:
    """Whether some exports have this file and others do not."""
    kinds = (
        r"odds_ratios(_\d+|_of_all)?\.(csv|R|do)",
        r"conditional(_\d+)?\.R",
        r"ranks\.(csv|R)",
        rf"({'|'.join(_TABLES)})\.parquet",
    )
    return any(re.fullmatch(kind, name) for kind in kinds)


def _sha256_of(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def _prepared(table: pd.DataFrame, wanted: Sequence[ExportColumn], export: StudyExport) -> pd.DataFrame:
    """The documented columns and rows in a fixed order, with 0 and 1 for booleans and six decimals for percentages."""
    numbers = {name: number for number, name in enumerate(export.respondents, start=1)}
    found = table.assign(respondent_number=table["respondent"].astype("str").map(numbers))
    for column in wanted:
        if column.kind == "text":
            found[column.name] = found[column.name].astype("str")
        elif column.kind in ("0 or 1", "whole number"):
            found[column.name] = found[column.name].astype(np.int64)
        elif column.kind == "number":
            found[column.name] = found[column.name].astype(float).round(6)
    keys = [*_KEYS, "line"] if "line" in found else _KEYS
    return found.sort_values(keys, kind="stable", ignore_index=True)[[column.name for column in wanted]]


def _csv(table: pd.DataFrame) -> bytes:
    return _rows_as_csv([list(table.columns), *zip(*(_written(table[name]) for name in table), strict=True)])


def _written(column: pd.Series) -> list[str]:
    """Cells of a column as text; each distinct value is formatted only once."""
    places, distinct = pd.factorize(column, use_na_sentinel=False)
    texts = [_cell(value) for value in distinct.tolist()]
    return [texts[place] for place in places.tolist()]


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return escape_formula(value)
    return "" if value != value else f"{value:.6f}".rstrip("0").rstrip(".")


def _rows_as_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode("utf-8", errors="replace")


def _parquet(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def _texts(export: StudyExport) -> dict[str, str]:
    found = {"dictionary.csv": _dictionary_csv(export), "README.md": _readme(export)}
    if isinstance(export.outcome, StudyFit):
        only = "" if export.draw is None else f"{export.draw.n_drawn} of {len(export.draw.order)}"
        found |= {
            "odds_ratios.csv": _terms_csv(export.outcome),
            **r_scripts(export.outcome, export.respondents, only),
            **conditional_scripts(export.outcome, export.respondents, only),
            **stata_scripts(export.outcome, export.respondents, only),
        }
    if isinstance(export.of_all, StudyFit):
        found["odds_ratios_of_all.csv"] = _terms_csv(export.of_all)
    if export.ranking is not None:
        found |= {
            "ranks.csv": _ranks_csv(export.ranking, export.respondents),
            "ranks.R": ranks_script(export.ranking, export.respondents),
        }
    return found


def _terms_csv(found: StudyFit) -> str:
    named = [field.name for field in fields(StudyTerm) if field.name != "column"]
    terms = [[getattr(term, name) for name in named] for term in found.terms]
    return _rows_as_csv([named, *([escape_formula(a), escape_formula(b), *rest] for a, b, *rest in terms)]).decode()


def _ranks_csv(ranking: StudyRanking, respondents: Sequence[str]) -> str:
    rows: list[list[Any]] = [[column.name for column in RANK_TABLE]]
    for ranked in ranking.respondents:
        named = [respondents.index(ranked.respondent) + 1, escape_formula(ranked.respondent)]
        between = [getattr(ranked, column.name) for column in RANK_TABLE[2:-3]]
        shares = [ranked.nash.value, ranked.nash.ci_low, ranked.nash.ci_high]
        rows.append([*named, *("" if value is None else value for value in between), *shares])
    return _rows_as_csv(rows).decode()


def _documented(export: StudyExport) -> dict[str, tuple[str, Sequence[ExportColumn]]]:
    """The tables of this export."""
    tables = {name: (words, _columns_of(wanted, export)) for name, (words, wanted) in _TABLES.items()}
    return {**tables, _RANKS[0]: _RANKS[1]} if export.ranking is not None else tables


def _columns_of(wanted: Sequence[ExportColumn], export: StudyExport) -> Sequence[ExportColumn]:
    if PICTURES.name not in export.scores:
        return wanted
    basis = next(place for place, column in enumerate(wanted) if column.name == "basis")
    return [*wanted[:basis], PICTURES, *wanted[basis:]]


def _dictionary_csv(export: StudyExport) -> str:
    rows = [["table", "column", "kind", "values", "meaning"]]
    for table, (_, wanted) in _documented(export).items():
        rows += [[table, *astuple(column)] for column in wanted]
    return _rows_as_csv(rows).decode()


def _readme(export: StudyExport) -> str:
    parts = [
        "# Exported files",
        f"Written by samp-eval {__version__}. The CSV files are UTF-8 and comma-separated, with a decimal point; an "
        "empty cell is a missing value, and NA is ordinary text. `manifest.json` has the SHA-256 of every other file.",
        _about_scripts(export),
        *_about_draw(export),
        *_about_ranks(export),
        *_about_exclusions(export),
        *_about_pictures(export),
    ]
    for table, (words, wanted) in _documented(export).items():
        parts.append(f"## {table}: {words}")
        rows = [f"| `{column.name}` | {column.kind} | {column.values} | {column.meaning} |" for column in wanted]
        parts.append("\n".join(["| column | kind | values | meaning |", "| --- | --- | --- | --- |", *rows]))
    return "\n\n".join(parts) + "\n"


def _about_scripts(export: StudyExport) -> str:
    found = export.outcome
    if isinstance(found, NotEstimated):
        return f"There are no scripts, because there is no odds ratio: {found.clause}."
    parts = (
        ""
        if found.same_questions
        else " Respondents answered different questions: each odds ratio is of the questions that both sides answered "
        "(`n_questions`), and there is one script for each set of questions."
    )
    return (
        f"`odds_ratios.csv` has the odds ratios from samp-eval: basis {found.basis}, clusters {found.cluster}, "
        f"{found.covariance.replace('_', '-')} errors, working independence. `odds_ratios.R` recomputes them "
        "(`Rscript odds_ratios.R`). `odds_ratios.do` is for Stata and has **not been run** by the authors of "
        "samp-eval. "
        "`conditional.R` answers another question: by how much the odds differ on one and the same question (a mixed "
        "model, conditional on the question), where `odds_ratios.csv` compares scores over all questions (marginal)."
        f"{parts}"
    )


def _about_draw(export: StudyExport) -> list[str]:
    draw, of_all = export.draw, export.of_all
    if draw is None or of_all is None:
        return []
    words = (
        f"**Of {draw.n_drawn} drawn questions only.** {draw.n_drawn} of {len(draw.order)} questions were drawn at "
        "random and marked. Every table and script here is of these."
    )
    if isinstance(of_all, NotEstimated):
        return [f"{words} There are no odds ratios of all questions: {of_all.clause}."]
    return [
        f"{words} `odds_ratios_of_all.csv` has the odds ratios of all questions, as `samp-eval analyze` prints them: "
        "the other responses were predicted, and the predictions corrected by the drawn questions. No script "
        "recomputes these."
    ]


def _about_ranks(export: StudyExport) -> list[str]:
    if export.ranking is None:
        return []
    option = "" if export.draw is None else " --drawn-only"
    return [
        f"`ranks.csv` has the ranking from `samp-eval rank{option}` on the same basis and clusters. `ranks.R` "
        "recomputes its strengths and their errors from `scores.csv` (`Rscript ranks.R`)."
    ]


def _about_exclusions(export: StudyExport) -> list[str]:
    if not export.excluded:
        return []
    lines = [f"- {decision.in_words()}: {decision.reason}" for decision in export.excluded]
    return ["\n".join(["Excluded from every table and from the odds ratios:", "", *lines])]


def _about_pictures(export: StudyExport) -> list[str]:
    """The pictures are no part of the export: their licences differ, and the bank has them."""
    if not export.pictures:
        return []
    lines = [f"- `{picture.file}`: {picture.credit_line}. SHA-256 `{picture.digest}`" for picture in export.pictures]
    return ["\n".join(["Pictures that came with the questions, and are not part of this export:", "", *lines])]


def _manifest(export: StudyExport, tables: dict[str, pd.DataFrame], contents: dict[str, bytes]) -> bytes:
    outcome = export.outcome
    listed = {
        "samp_eval": __version__,
        "respondents": list(export.respondents),
        "consensus": export.consensus,
        "rows": {name: len(table) for name, table in tables.items()},
        "odds_ratios": {**outcome.as_json(), "excluded": [decision.as_json() for decision in export.excluded]},
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in contents.items()
        },
    }
    if export.draw is not None and export.of_all is not None:
        listed["drawn"] = {"n_questions": len(export.draw.order), "n_drawn": export.draw.n_drawn}
        listed["odds_ratios_of_all"] = export.of_all.as_json()
    return (json.dumps(listed, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", errors="replace")
