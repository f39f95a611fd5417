"""A case as a YAML file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from samp_eval.errors import Fault, FaultyBank

__all__ = ["read_case_content", "yaml_text"]

_SCHEMA_LINE = "# yaml-language-server: $schema=case.schema.json\n"


class _PlainTextLoader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]  # C loader where libyaml is there
    """YAML in which every scalar is text: ``No``, ``1-2`` and ``0012`` stay as typed. Repeated keys are refused."""


def _mapping_without_repeats(loader: Any, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
    seen: set[str] = set()
    for key_node, _ in node.value:
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
        return yaml.load(file.read_text(encoding="utf-8-sig"), Loader=_PlainTextLoader)  # noqa: S506  # text only, no objects
    except yaml.YAMLError as error:
        raise FaultyBank([Fault(str(file), _place(error), _problem(error))]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise FaultyBank([Fault(str(file), "", f"cannot be read: {error}")]) from error


def yaml_text(case: dict[str, Any]) -> str:
    """Write the fields of one case as YAML for people, in order."""
    body = yaml.dump(case, Dumper=yaml.SafeDumper, allow_unicode=True, sort_keys=False, width=110)
    return _SCHEMA_LINE + str(body)


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""


def _problem(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error)
    return f"this is not valid YAML: {problem}"
