"""``samp-eval items import``: public banks and examination exports become a bank."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from samp_eval.cli.shared.printing import counted, echo_status, print_json, printable
from samp_eval.cli.shared.study_options import JsonOption

if TYPE_CHECKING:
    from samp_eval.items.importing.import_bank import ImportedBank

__all__ = ["import_questions"]

_PLACES = 5
"""Places shown for a reason; --json has all of them."""

Kind = Literal[
    "auto",
    "medqa",
    "medmcqa",
    "pubmedqa",
    "medxpertqa",
    "headqa",
    "frenchmedmcqa",
    "kormedmcqa",
    "afrimedqa",
    "igakuqa",
    "mmlu",
    "moodle-xml",
    "gift",
    "table",
]


def import_questions(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON, JSONL, CSV, XLSX, Parquet, Moodle XML, GIFT or Aiken.")
    ],
    kind: Annotated[Kind, typer.Option("--from", help="What the file is; auto: by its fields.")] = "auto",
    sample: Annotated[
        int | None, typer.Option("--sample", metavar="N", min=1, help="Draw N questions, by subject.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the sample and the order.")] = 1,
    shuffle_options: Annotated[
        bool, typer.Option("--shuffle-options", help="Put options in a random order, to see which places are favoured.")
    ] = False,
    index_base: Annotated[
        int | None,
        typer.Option(
            "--index-base", metavar="N", min=0, max=1, help="0 or 1: from where indexes count, if nothing shows it."
        ),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="Such as fr, if the file does not say.")
    ] = None,
    licence: Annotated[str | None, typer.Option("--licence", metavar="TEXT", help="Noted with the questions.")] = None,
    source: Annotated[str | None, typer.Option("--source", metavar="TEXT", help="Where the file is from.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="PATH", help="The bank to write.")] = Path("bank.jsonl"),
    as_json: JsonOption = False,
) -> None:
    """Import a public bank or an examination export.

    Explanations are never imported. Options keep their order unless they are shuffled. What cannot be asked is listed.
    """
    from samp_eval.errors import StudyConflict
    from samp_eval.items.forms.registry import write_cases
    from samp_eval.items.importing.import_bank import ImportChoices, import_bank

    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise StudyConflict(f"{out} exists already and was not changed; name another place with --out")
    choices = ImportChoices(
        kind=None if kind == "auto" else kind,
        sample=sample,
        seed=seed,
        base=index_base,
        licence=licence,
        source=source,
        language=language,
        shuffle_options=shuffle_options,
    )
    found = import_bank(file, choices, echo_status)
    write_cases(found.cases, out)
    if as_json:
        print_json(_as_json(found, out))
        return
    typer.echo(printable(str(out)))
    _say(found, out)


def _say(found: ImportedBank, out: Path) -> None:
    collection = found.collection
    base = "" if found.base is None else f"; indexes count from {found.base}"
    echo_status(f"{counted(len(found.cases), 'question')} of {collection.name} written (read as {found.kind}{base})")
    if collection.sample is not None:
        echo_status(f"Drawn: {collection.sample}")
    for reason, places in found.left_out.items():
        more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
        echo_status(f"Left out: {counted(len(places), 'question')}: {reason} ({', '.join(places[:_PLACES])}{more})")
    echo_status(f"Licence: {collection.licence}. Source: {collection.source}.")
    echo_status("Public questions may be in a model's training data; say so with any result.")
    echo_status(f"Next: samp-eval items check {out}")


def _as_json(found: ImportedBank, out: Path) -> dict[str, object]:
    return {
        "kind": found.kind,
        "bank": str(out),
        "questions": len(found.cases),
        "readable": found.readable,
        "index_base": found.base,
        "collection": found.collection.model_dump(mode="json"),
        "left_out": [{"reason": reason, "places": list(places)} for reason, places in found.left_out.items()],
    }
