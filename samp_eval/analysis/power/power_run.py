"""A power run as it is printed, and as it is kept with a study in ``power.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samp_eval.errors import Fault, FaultyFile
from samp_eval.input_files.limits import MAX_SETTINGS_BYTES, UnreadableFile, read_bytes
from samp_eval.literals import ClusterChoice, Covariance
from samp_eval.whole_files import whole_file

__all__ = ["POWER_FILE", "Detectable", "PowerRun", "SimulatedPower", "SizeRange", "keep_power_run", "kept_power_run"]

POWER_FILE = "power.json"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SimulatedPower(_Record):
    """Power of one size of study; see :class:`samp_eval.statistics.power.PowerPoint`."""

    n_questions: int = Field(gt=0)
    n_rounds: int = Field(gt=0)
    power: float = Field(ge=0, le=1)
    monte_carlo_error: float = Field(ge=0)
    n_simulations: int = Field(gt=0)
    n_failed: int = Field(ge=0)


class SizeRange(_Record):
    """The sizes among which the smallest sufficient one lies, as far as the simulation tells (95 %)."""

    n_rounds: int = Field(gt=0)
    low: int = Field(gt=0)
    high: int = Field(gt=0)


class Detectable(_Record):
    """The smallest odds ratio above 1 that a finished study would have found with the wanted power."""

    term: str
    reference: str
    standard_error: float = Field(gt=0)
    odds_ratio: float = Field(ge=1)


class PowerRun(_Record):
    """A simulated power curve with the choices that led to it.

    ``smallest`` holds, for each number of rounds, the smallest number of questions that reached ``power``, where one
    did, and ``ranges`` how exactly the simulation knows it. Shares lie between 0 and 1.
    """

    simulated: Literal[True] = True
    source: str
    odds_ratio: float = Field(gt=0)
    power: float = Field(gt=0, lt=1)
    significance: float = Field(gt=0, lt=1)
    cluster: ClusterChoice
    covariance: Covariance
    seed: int
    simulations: int = Field(gt=0)
    curve: tuple[SimulatedPower, ...]
    smallest: tuple[SimulatedPower, ...]
    ranges: tuple[SizeRange, ...] = ()
    detectable: tuple[Detectable, ...] = ()


def keep_power_run(run: PowerRun, study: Path) -> Path:
    """Write a run into a study's folder, in the place of an earlier one; ``CannotStore`` where it cannot be written."""
    path = study / POWER_FILE
    with whole_file(path, advice="choose another folder with --study") as unfinished:
        unfinished.write_text(run.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return path


def kept_power_run(study: Path) -> PowerRun | None:
    """The run that is kept with a study; None where there is none.

    Raises
    ------
    FaultyFile
        The file is not what ``samp-eval power --keep`` wrote.
    """
    path = study / POWER_FILE
    if not path.exists():
        return None
    try:
        return PowerRun.model_validate_json(read_bytes(path, MAX_SETTINGS_BYTES))
    except UnreadableFile as error:
        raise FaultyFile([Fault(str(path), "", error.problem)]) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole file"
        problem = f"{first['msg']}; create it again with samp-eval power --keep, or remove it"
        raise FaultyFile([Fault(str(path), place, problem)]) from error
