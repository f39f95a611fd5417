"""A bill of materials in CycloneDX JSON: what an installation with every extra brings, as it is installed here."""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["bill_of_materials"]

NAMESPACE = uuid.UUID("6e5fca36-0f1b-4c5c-8a53-3f7f6a3f1d0e")
"""Of our serial numbers, so that the same content has the same number."""


def bill_of_materials(pyproject: Path, version: str, made_at: datetime) -> dict[str, Any]:
    """Describe a version and all packages that it may use at run time.

    Parameters
    ----------
    pyproject : Path
        The project's ``pyproject.toml``; its dependencies and extras are followed through what is installed.
    version : str
    made_at : datetime
        UTC.

    Returns
    -------
    dict
        A document of CycloneDX 1.6.

    Raises
    ------
    SystemExit
        Where a package that the project needs is not installed here.
    """
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    direct = [Requirement(text) for text in project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        direct += [Requirement(text) for text in extra]
    wanted = [one for one in direct if canonicalize_name(one.name) != project["name"] and _applies(one, [])]
    found: dict[str, Distribution] = {}
    needs: dict[str, list[str]] = {}
    for requirement in wanted:
        _follow(requirement, found, needs)
    components = [_component(name, found[name]) for name in sorted(found)]
    root = _reference(project["name"], version)
    graph = [{"ref": root, "dependsOn": sorted({_place(one.name, found) for one in wanted})}]
    graph += [{"ref": _place(name, found), "dependsOn": sorted(needs[name])} for name in sorted(found)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, root + str(components))}",
        "version": 1,
        "metadata": {
            "timestamp": made_at.isoformat(timespec="seconds"),
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": project["name"],
                "version": version,
                "purl": root,
                "description": project["description"],
                "licenses": [{"license": {"id": project["license"]}}],
            },
        },
        "components": components,
        "dependencies": graph,
    }


def _follow(requirement: Requirement, found: dict[str, Distribution], needs: dict[str, list[str]]) -> None:
    """Add a package and, in turn, all that it needs."""
    name = canonicalize_name(requirement.name)
    if name not in found:
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            raise SystemExit(f"{name} is not installed; run make setup first") from None
        needs[name] = []
    for text in found[name].requires or ():
        further = Requirement(text)
        if not _applies(further, requirement.extras):
            continue
        known = canonicalize_name(further.name) in found
        if not known or further.extras:
            _follow(further, found, needs)
        place = _place(further.name, found)
        if place not in needs[name]:
            needs[name].append(place)


def _applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    """Whether a requirement is one on this machine, with these extras of the package that has it."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _place(name: str, found: dict[str, Distribution]) -> str:
    return _reference(canonicalize_name(name), found[canonicalize_name(name)].version)


def _reference(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _component(name: str, installed: Distribution) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": _reference(name, installed.version),
        "name": name,
        "version": installed.version,
        "purl": _reference(name, installed.version),
    }
    metadata = installed.metadata.json
    if "license_expression" in metadata:
        component["licenses"] = [{"expression": metadata["license_expression"]}]
    elif told := str(metadata.get("license") or _classified(metadata.get("classifier") or [])).strip():
        component["licenses"] = [{"license": {"name": told.splitlines()[0][:200]}}]
    return component


def _classified(classifiers: Iterable[str]) -> str:
    """The licence among a package's classifiers; empty where there is none."""
    beginning = "License :: "
    named = [word.removeprefix(beginning) for word in classifiers if word.startswith(beginning)]
    return "; ".join(word.removeprefix("OSI Approved :: ") for word in named)
