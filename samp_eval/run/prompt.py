"""The text of a request under a condition: the same case and question, with or without the prompt's instructions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from samp_eval.errors import Fault, FaultyStudy
from samp_eval.input_files.limits import MAX_PROMPT_BYTES, UnreadableFile
from samp_eval.input_files.text import read_utf8
from samp_eval.items.languages import words_in
from samp_eval.items.samp import Bank, Question, SampCase, entry_letter
from samp_eval.run.respondent import Message
from samp_eval.study import Condition

__all__ = [
    "OPTIONS_LETTERED",
    "PROMPT_FILES",
    "Prompt",
    "asked_text",
    "bundled_prompt",
    "bundled_prompt_for",
    "case_text",
    "context_text",
    "load_prompt",
    "load_prompts",
    "messages_for",
    "question_sha256",
    "question_text",
]

PROMPT_FILES = ("system.txt", "instructions.txt", "examples.txt", "option_instructions.txt", "option_examples.txt")
VERSION_FILE = "version.txt"
OPTIONS_LETTERED = "lettered"
"""Rule of a study whose options are sent with letters; one that was begun when they were not keeps to that."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a prompted round says beside the case: texts from files, any of them empty.

    Attributes
    ----------
    system : str
        The system message; none is sent where it is empty.
    instructions, examples : str
        Stand before the case, in this order.
    option_instructions, option_examples : str
        Stand there instead where a question has options; the others do where both are empty.
    version : str
        In the author's own words; empty where none is given.
    """

    system: str
    instructions: str
    examples: str
    option_instructions: str = ""
    option_examples: str = ""
    version: str = ""

    @property
    def sha256(self) -> str:
        """SHA-256 of the texts but those for options: part of a respondent's identity."""
        texts = self.instructions + self.examples
        return hashlib.sha256((f"{self.system}\0{texts}" if self.system else texts).encode()).hexdigest()

    @property
    def option_sha256(self) -> str | None:
        """The same of the texts for options; None where there are none."""
        texts = (self.option_instructions, self.option_examples)
        return hashlib.sha256("\0".join(texts).encode()).hexdigest() if any(texts) else None

    def texts_for(self, question: Question, *, lettered: bool) -> tuple[str, str]:
        """Instructions and examples for a question."""
        if lettered and question.options and (self.option_instructions or self.option_examples):
            return self.option_instructions, self.option_examples
        return self.instructions, self.examples


def bundled_prompt_for(bank: Bank) -> Prompt:
    """The prompt that comes with samp-eval for a bank: French for a French one, without SAMPs for board questions."""
    french = all(case.language.startswith("fr") for case in bank.cases)
    board = all(case.stands_alone for case in bank.cases)
    return bundled_prompt(*([("board-fr" if french else "board")] if board else ["fr"] if french else []))


@cache
def bundled_prompt(variant: str = "") -> Prompt:
    """A prompt that comes with samp-eval: for SAMPs in English, or ``fr``, ``board`` (no SAMPs) and ``board-fr``."""
    folder = files("samp_eval.run").joinpath(*("prompts", variant) if variant else ("prompts",))
    texts = {name: folder.joinpath(name) for name in (*PROMPT_FILES, VERSION_FILE)}
    return Prompt(*(file.read_text(encoding="utf-8").strip() if file.is_file() else "" for file in texts.values()))


def load_prompt(study_folder: Path, name: str) -> Prompt:
    """A prompt from a folder with ``system.txt``, ``instructions.txt`` and ``examples.txt``, each of them optional.

    A file ``version.txt`` may name the version.

    Parameters
    ----------
    study_folder : Path
        All files stay inside it, links resolved: a study from someone else must not send files from elsewhere.
    name : str
        The prompt's folder, from there.

    Raises
    ------
    FaultyStudy
        Where the folder holds none of them, something else that looks like one, or what cannot be read.
    """
    known = (*PROMPT_FILES, VERSION_FILE)
    folder = study_folder / name
    if not folder.is_dir():
        raise FaultyStudy([Fault(str(folder), "", "there is no such folder; prompt names a folder with text files")])
    strange = sorted(file.name for file in folder.iterdir() if file.suffix == ".txt" and file.name not in known)
    faults = [
        Fault(str(folder / name), "", f"is not used; a prompt's files are {', '.join(known)}") for name in strange
    ]
    texts = []
    for name in known:
        file = folder / name
        if not file.resolve().is_relative_to(study_folder.resolve()):
            faults.append(Fault(str(file), "", "is outside the study's folder; copy the prompt into it"))
            continue
        try:
            texts.append(read_utf8(file, MAX_PROMPT_BYTES).strip() if file.exists() else "")
        except UnreadableFile as error:
            faults.append(Fault(str(file), error.place, error.problem))
    if not faults and not any(texts[:-1]):
        faults.append(Fault(str(folder), "", f"holds no prompt; write at least one of {', '.join(PROMPT_FILES)}"))
    if faults:
        raise FaultyStudy(faults)
    return Prompt(*texts)


def load_prompts(folder: Path, named: Mapping[str, str | None]) -> dict[str, Prompt]:
    """The prompts of those respondents that name a folder, each from the study's folder.

    Raises
    ------
    FaultyStudy
        As :func:`load_prompt` does.
    """
    loaded = {name: load_prompt(folder, name) for name in dict.fromkeys(named.values()) if name is not None}
    return {respondent: loaded[name] for respondent, name in named.items() if name is not None}


def messages_for(
    case: SampCase,
    question: Question,
    condition: Condition,
    prompt: Prompt,
    *,
    lettered: bool = True,
    option_order: Sequence[int] | None = None,
) -> list[Message]:
    """The chat messages of one ask.

    Prompted: the system message, instructions, worked examples, then the case. Bare: only the case and the question,
    as a candidate would read them. Regenerated and later rounds send the same text as the fresh ones, but for the order
    of options where it is shuffled.

    Parameters
    ----------
    lettered : bool
        Whether options have letters; without them they have no prompt of their own either.
    option_order : sequence of int, optional
        Places of the options in the bank, in the order in which they are sent.
    """
    if not condition.prompted:
        return [{"role": "user", "content": f"{asked_text(case, question, lettered, option_order)}\n"}]
    before, words = case_text(case, question), words_in(case.language)
    instructions, examples = prompt.texts_for(question, lettered=lettered)
    has_own_prompt = (instructions, examples) != (prompt.instructions, prompt.examples)
    asked = f"{words.question} {question_text(case, question, lettered, option_order)}\n"
    asked += "" if has_own_prompt else f"{words.answer}\n"
    if before:
        asked = f"{words.case} {before}\n{asked}"
    text = "\n\n".join(part for part in (instructions, examples, asked) if part)
    system = [{"role": "system", "content": prompt.system}] if prompt.system else []
    return [*system, {"role": "user", "content": text}]


def case_text(case: SampCase, question: Question) -> str:
    """What a candidate has read when the question comes: stem, vital signs, and every update so far."""
    parts = [case.stem] if case.stem else []
    if case.vitals is not None and case.vitals.lines():
        lines = case.vitals.lines(case.language)
        parts.append("\n".join([words_in(case.language).vital_signs, *lines]))
    parts += case.updates_until(question)
    return "\n\n".join(parts)


def context_text(case: SampCase, question: Question, *, described: bool = True) -> str:
    """The same with the names of the pictures; ``described``, for whoever marks, also with what they show."""
    shown = case.pictures_until(question)
    pictures = [picture.in_words if described else picture.name_in_words for picture in shown]
    return "\n\n".join(part for part in (case_text(case, question), *pictures) if part)


def asked_text(
    case: SampCase, question: Question, lettered: bool = False, option_order: Sequence[int] | None = None
) -> str:
    """The case, where there is one, and the question."""
    asked = question_text(case, question, lettered, option_order)
    return "\n\n".join(part for part in (case_text(case, question), asked) if part)


def question_text(
    case: SampCase, question: Question, lettered: bool = False, option_order: Sequence[int] | None = None
) -> str:
    """The question with its generated instruction and its options.

    Parameters
    ----------
    lettered : bool
        Whether a SAMP's options have letters, as they are sent; those of other questions have them anyway.
    option_order : sequence of int, optional
        Places of the options in the order in which they are sent.
    """
    order = range(len(question.options)) if option_order is None else option_order
    options = [question.options[place] for place in order]
    if lettered or case.stands_alone:
        options = [f"{entry_letter(at)}. {option}" for at, option in enumerate(options)]
    return "\n".join([f"{question.question} {question.instruction_in(case.language)}", *options])


def question_sha256(case: SampCase, question: Question) -> str:
    """SHA-256 of all that a respondent reads and sees of a question: with another, the question is another one."""
    content = (case_text(case, question), question_text(case, question), question.format, str(question.requested))
    seen = (picture.digest for picture in case.pictures_until(question))
    return hashlib.sha256("\0".join((*content, *seen)).encode()).hexdigest()
