"""A case as a YAML file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from samp_eval.errors import Fault, FaultyBank
from samp_eval.input_files.limits import MAX_CASE_BYTES, UnreadableFile
from samp_eval.input_files.text import read_utf8

__all__ = ["read_case_content", "yaml_list", "yaml_text"]

MAX_DEPTH = 20
"""Levels of nesting; a case has six."""

_SCHEMA_LINE = "# yaml-language-server: $schema=case.schema.json\n"


class _PlainTextLoader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]  # C loader where libyaml is there
    """YAML in which every scalar is text: ``No``, ``1-2`` and ``0012`` stay as typed. Repeated keys are refused."""


def _mapping_without_repeats(loader: Any, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
    seen: set[str] = set()
    for key_node, _ in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(
                None, None, "the name of a field must be plain text", key_node.start_mark
            )
        if key_node.value in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the field {key_node.value!r} is given twice", key_node.start_mark
            )
        seen.add(key_node.value)
    mapping: dict[Any, Any] = yaml.constructor.BaseConstructor.construct_mapping(loader, node, deep=True)
    return mapping


_PlainTextLoader.add_constructor("tag:yaml.org,2002:map", _mapping_without_repeats)


def read_case_content(file: Path) -> Any:
    """Read what a YAML file holds, before it is validated; raises :class:`FaultyBank` where it is no YAML."""
    try:
        text = read_utf8(file, MAX_CASE_BYTES)
        _check_events(text)
        return yaml.load(text, Loader=_PlainTextLoader)  # noqa: S506  # text only, no objects
    except UnreadableFile as error:
        raise FaultyBank([Fault(str(file), error.place, error.problem)]) from error
    except yaml.YAMLError as error:
        raise FaultyBank([Fault(str(file), _place(error), _problem(error))]) from error


def _check_events(text: str) -> None:
    """Refuse what a case never needs and what can cost without end: references, and nesting without measure."""
    depth = 0
    for event in yaml.parse(text, Loader=_PlainTextLoader):
        place = f"line {event.start_mark.line + 1}" if event.start_mark is not None else ""
        if isinstance(event, yaml.events.AliasEvent):
            raise UnreadableFile(f"refers to another place with *{event.anchor}; write the text out", place)
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise UnreadableFile(f"is nested more than {MAX_DEPTH} levels deep", place)
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1


def yaml_text(case: dict[str, Any]) -> str:
    """Write the fields of one case as YAML for people, in order."""
    body = yaml.dump(case, Dumper=yaml.SafeDumper, allow_unicode=True, sort_keys=False, width=110)
    return _SCHEMA_LINE + str(body)


def yaml_list(name: str, texts: Sequence[str]) -> str:
    """Write a field that holds a list of texts, each on one line."""
    return str(yaml.dump({name: list(texts)}, Dumper=yaml.SafeDumper, allow_unicode=True, width=10_000))


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""


def _problem(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error)
    return f"this is not valid YAML: {problem}"
