"""A public bank or an examination export becomes a bank of cases; what cannot be asked is left out with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultyBank
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.items.importing.banks import BANKS, NEEDS_PICTURE, PublicBank, kind_of_record, subject_name
from samp_eval.items.importing.fields import (
    NAMES_NONE,
    NO_HEADER,
    clean,
    index_base,
    options_of_mapping,
    shows_picture,
    whole_number,
    without_letters,
)
from samp_eval.items.importing.gift import looks_like_gift, read_gift
from samp_eval.items.importing.imported import ImportedQuestion, LeftOut
from samp_eval.items.importing.moodle_xml import read_moodle_xml
from samp_eval.items.importing.records import Record, read_records
from samp_eval.items.importing.sampling import stratified_sample, with_shuffled_options
from samp_eval.items.importing.table import TABLE_COLUMNS, is_question_table, lacks_key, read_table_row, table_keys
from samp_eval.items.samp import Collection, KeyEntry, Question, SampCase
from samp_eval.literals import BankKind

__all__ = ["ImportChoices", "ImportedBank", "import_bank"]

OPTIONS = range(2, 13)
NOT_STATED = "not stated"
_LOOKED_AT = 50
"""Records by whose fields a file is recognised."""
_OF_MMLU = re.compile(r"^([a-z_]+)_(?:test|dev|val)$")
"""The names of its files, which have no header: the subject and the part."""
_QUIZ_FORMS: dict[str, BankKind] = {".xml": "moodle-xml", ".gift": "gift"}

Read = tuple[str, ImportedQuestion | LeftOut]


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """How a file is read.

    Attributes
    ----------
    kind : BankKind, optional
        By the fields when omitted.
    sample : int, optional
        How many questions to draw; all when omitted.
    seed : int
        Of the sample.
    base : int, optional
        From which an index of a right option counts, where the data do not decide.
    licence, source, language : str, optional
        In place of what is known of the bank.
    shuffle_options : bool
        Whether options stand in a random order by the seed; those that speak of others stay where they are.
    """

    kind: BankKind | None = None
    sample: int | None = None
    seed: int = 1
    base: int | None = None
    licence: str | None = None
    source: str | None = None
    language: str | None = None
    shuffle_options: bool = False


@dataclass(frozen=True, slots=True)
class ImportedBank:
    """What was read.

    Attributes
    ----------
    kind : BankKind
    collection : Collection
        Name, licence, source and sample, noted with every case.
    cases : tuple of SampCase
    readable : int
        Questions that can be asked, before a sample was drawn.
    left_out : dict of str to tuple of str
        Places by reason.
    base : int or None
        From which indexes of right options count; None where there are none.
    """

    kind: BankKind
    collection: Collection
    cases: tuple[SampCase, ...]
    readable: int
    left_out: dict[str, tuple[str, ...]]
    base: int | None


def import_bank(file: Path, choices: ImportChoices, notify: Callable[[str], None] | None = None) -> ImportedBank:
    """Read a public bank.

    Parameters
    ----------
    file : Path
    choices : ImportChoices
    notify : callable, optional
        Is told if the file was not read as UTF-8.

    Raises
    ------
    FaultyBank
        Where the file is of no known kind, its indexes could count from 0 or from 1, or no question can be asked.
    """
    kind, read, base = _read(file, choices, notify)
    asked: list[ImportedQuestion] = []
    left_out: dict[str, list[str]] = {}
    for place, question in read:
        if isinstance(question, ImportedQuestion):
            question = replace(question, options=without_letters(question.options))
        reason = str(question) if isinstance(question, LeftOut) else _unaskable(question)
        if reason is None and isinstance(question, ImportedQuestion):
            asked.append(question)
        else:
            shown = question.shown if isinstance(question, LeftOut) else ""
            left_out.setdefault(str(reason), []).append(f"{place}: {shown}" if shown else place)
    if not asked:
        reasons = "; ".join(f"{len(places)} {reason} ({', '.join(places[:3])})" for reason, places in left_out.items())
        raise FaultyBank([Fault(str(file), "", f"holds no question that can be asked: {reasons or 'it is empty'}")])
    names = _names(asked, kind)
    wanted = list(zip(names, asked, strict=True))
    if choices.sample is not None:
        wanted = stratified_sample(wanted, [question.topic for question in asked], choices.sample, choices.seed)
    if choices.shuffle_options:
        wanted = [(name, with_shuffled_options(question, f"{choices.seed} {name}")) for name, question in wanted]
    collection = _collection(file, kind, choices, len(wanted), len(asked))
    cases = tuple(_case(name, question, collection, choices) for name, question in wanted)
    return ImportedBank(
        kind, collection, cases, len(asked), {reason: tuple(places) for reason, places in left_out.items()}, base
    )


def _read(
    file: Path, choices: ImportChoices, notify: Callable[[str], None] | None
) -> tuple[BankKind, list[Read], int | None]:
    kind = choices.kind or _QUIZ_FORMS.get(file.suffix.lower())
    if kind is None and file.suffix.lower() == ".txt" and looks_like_gift(file):
        kind = "gift"
    if kind in ("moodle-xml", "gift"):
        try:
            return kind, list(read_moodle_xml(file) if kind == "moodle-xml" else read_gift(file, notify)), None
        except UnreadableFile as error:
            raise FaultyBank([Fault(str(file), error.place, error.problem)]) from error
    records = read_records(file, notify)
    kind = kind or _recognised(file, records)
    if kind == "table":
        keys = table_keys(records)
        base = _base(file, keys.indexes, choices.base, keys.numbered, needed=keys.only_indexes)
        rows = list(_each(records, lambda record: read_table_row(record.fields, keys, base)))
        cases = sum(isinstance(question, ImportedQuestion) and bool(question.context) for _, question in rows)
        if cases and notify is not None:
            notify(
                f"{file}: {cases} of {len(rows)} rows have a case before the question; items show prints what is sent"
            )
        return kind, rows, base
    bank = BANKS[kind]
    _refuse_missing_fields(file, records, bank)
    base = _base(file, _indexes(records, bank), choices.base)
    topic = _topic_of_file(file, kind)
    read = _each(records, lambda record: bank.read(record.fields, base or 0))
    return kind, [(place, _with_topic(question, topic)) for place, question in read], base


def _topic_of_file(file: Path, kind: BankKind) -> str:
    """The subject that a file of MMLU has in its name alone."""
    found = _OF_MMLU.match(file.stem) if kind == "mmlu" else None
    return subject_name(found.group(1)) if found else ""


def _with_topic(question: ImportedQuestion | LeftOut, topic: str) -> ImportedQuestion | LeftOut:
    if not topic or isinstance(question, LeftOut) or question.topic:
        return question
    return replace(question, topic=topic)


def _each(records: Sequence[Record], read: Callable[[Record], ImportedQuestion]) -> Iterator[Read]:
    for record in records:
        try:
            if record.fault is not None or shows_picture(record.fields):
                raise record.fault or LeftOut(NEEDS_PICTURE)
            yield record.place, read(record)
        except LeftOut as reason:
            yield record.place, reason
        except (KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError) as error:
            yield record.place, LeftOut(f"has fields of another form ({type(error).__name__}: {error})"[:200])


def _recognised(file: Path, records: Sequence[Record]) -> BankKind:
    """The kind of the first record that is of one; the first records may lack a field."""
    first = (record for record in records[:_LOOKED_AT] if _is_of_a_kind(record.fields))
    names = list(next(first, records[0]).fields)
    kind = kind_of_record(names)
    if kind is None and names[:1] == [NO_HEADER.format(1)] and _OF_MMLU.search(file.stem):
        kind = "mmlu"
    if kind is None and is_question_table(names):
        kind = "table"
    if kind is None and lacks_key(names):
        problem = f"no column says which option is right; name it answer. Found are {', '.join(names)[:200]}"
        raise FaultyBank([Fault(str(file), records[0].place, problem)])
    if kind is None:
        problem = (
            f"is of no known kind; found the fields {', '.join(names)[:200] or 'none'}{_nearly(names)}. A table has "
            f"the columns {TABLE_COLUMNS}; public banks that are known by their fields: {', '.join(BANKS)}"
        )
        raise FaultyBank([Fault(str(file), records[0].place, problem)])
    return kind


def _is_of_a_kind(names: Iterable[str]) -> bool:
    known = list(names)
    return kind_of_record(known) is not None or is_question_table(known)


def _nearly(names: Sequence[str]) -> str:
    """The bank of which these fields lack a single one."""
    for bank in BANKS.values():
        for part in bank.required:
            missing = part - set(names)
            if len(missing) == 1 and len(part) > 2:
                return f", which is {bank.title} without {next(iter(missing))}"
    return ""


def _refuse_missing_fields(file: Path, records: Sequence[Record], bank: PublicBank) -> None:
    present = set(records[0].fields)
    enough = bank.required + bank.enough
    if not any(part <= present for part in enough):
        wanted = " or ".join(", ".join(sorted(part)) for part in enough)
        problem = f"has not the fields of {bank.title} ({wanted}); found {', '.join(sorted(present))[:200]}"
        raise FaultyBank([Fault(str(file), records[0].place, problem)])


def _indexes(records: Sequence[Record], bank: PublicBank) -> list[tuple[str, int, int]]:
    """Place, index and number of options of every record whose key is an index."""
    found = []
    for record in records if bank.index else ():
        try:
            index = whole_number(record.fields.get(bank.index))
            found.append((record.place, index, _option_count(record.fields, bank)))
        except (ValueError, LeftOut):
            continue
    return found


def _option_count(fields: dict[str, Any], bank: PublicBank) -> int:
    if bank.kind == "kormedmcqa":
        return sum(bool(clean(fields.get(letter))) for letter in "abcde")
    return bank.options or (len(options_of_mapping(fields["choices"])) if "choices" in fields else 4)


def _base(
    file: Path,
    indexes: Sequence[tuple[str, int, int]],
    given: int | None,
    otherwise: int | None = None,
    *,
    needed: bool = True,
) -> int | None:
    if not any(0 <= index <= options for _, index, options in indexes):
        return given
    try:
        base = index_base(indexes, given)
    except LeftOut as reason:
        raise FaultyBank([Fault(str(file), "", str(reason))]) from reason
    base = otherwise if base is None else base
    if base is None and needed:
        problem = "nothing shows whether its indexes of right options count from 0 or from 1; give --index-base 0 or 1"
        raise FaultyBank([Fault(str(file), "", problem)])
    return base


def _unaskable(question: ImportedQuestion) -> str | None:
    if not all(wording.strip() for wordings in question.answers for wording in wordings):
        return "has an answer without words"
    if not question.question:
        return "has no question"
    if question.answers:
        return None
    if len(question.options) not in OPTIONS:
        return f"has {len(question.options)} options, not 2 to 12"
    if "" in question.options:
        return "has an empty option"
    if any(not 0 <= place < len(question.options) for place in question.right):
        return NAMES_NONE
    return None


def _names(asked: Sequence[ImportedQuestion], kind: BankKind) -> list[str]:
    """An id for each question: the bank's own where it has one, else its number; never one twice."""
    taken: dict[str, int] = {}
    names = []
    for number, question in enumerate(asked, start=1):
        own = re.sub(r"[^A-Za-z0-9._-]+", "-", question.name).strip("-.")
        name = f"{kind}-{own[:60] or f'{number:05d}'}"
        taken[name] = taken.get(name, 0) + 1
        names.append(name if taken[name] == 1 else f"{name}-{taken[name]}")
    return names


def _collection(file: Path, kind: BankKind, choices: ImportChoices, drawn: int, readable: int) -> Collection:
    bank = BANKS.get(kind)
    return Collection(
        name=bank.title if bank else file.stem,
        licence=choices.licence or (bank.licence if bank else NOT_STATED),
        source=choices.source or (bank.source if bank else file.name),
        sample=_drawn_words(choices, drawn, readable),
    )


def _drawn_words(choices: ImportChoices, drawn: int, readable: int) -> str | None:
    parts = [f"{drawn} of {readable} questions, by subject"] if drawn < readable else []
    parts += ["options shuffled"] if choices.shuffle_options else []
    return f"{', '.join(parts)}, seed {choices.seed}" if parts else None


def _case(name: str, question: ImportedQuestion, collection: Collection, choices: ImportChoices) -> SampCase:
    entries = question.answers or tuple((question.options[place],) for place in question.right)
    single = bool(question.options) and len(entries) == 1 and question.count_told
    asked = Question(
        id=name,
        question=question.question,
        format="single" if single else "menu" if question.options else "write-in",
        requested=len(entries),
        any_number=bool(question.options) and not question.count_told,
        options=question.options,
        key=tuple(KeyEntry(answer=wordings[0], alternatives=tuple(wordings[1:])) for wordings in entries),
    )
    return SampCase(
        id=name,
        topic=question.topic or collection.name,
        stem=question.context,
        language=choices.language or question.language,
        collection=collection,
        questions=(asked,),
    )
