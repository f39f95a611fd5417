"""Export the example study and the simulated samples, run each export's own R script, and keep the numbers it wrote."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path += [str(HERE.parents[1] / "analysis"), str(ROOT / "data" / "example")]

from export_samples import samples  # noqa: E402
from make_example import make_study  # noqa: E402
from marked_study import make_marked_study  # noqa: E402

from samp_eval.cli.main import main as samp_eval  # noqa: E402
from samp_eval.report.export.export_folder import write_export  # noqa: E402


def keep(folder: Path, name: str) -> None:
    subprocess.run(["Rscript", str(folder / "odds_ratios.R")], check=True, stdout=subprocess.DEVNULL)
    shutil.copyfile(folder / "odds_ratios_from_r.csv", HERE / f"{name}.csv")


with tempfile.TemporaryDirectory() as temporary:
    study = Path(temporary) / "study"
    make_study(study)
    for basis in ("key", "judgement"):
        out = Path(temporary) / basis
        if samp_eval(["export", "--study", str(study), "--basis", basis, "--out", str(out)]):
            raise SystemExit("the example study could not be exported")
        keep(out, f"example_{basis}")
    for name, export in samples().items():
        write_export(export, Path(temporary) / name)
        keep(Path(temporary) / name, name)
    marked = make_marked_study(Path(temporary) / "marked")
    if samp_eval(["export", "--study", str(marked), "--reference", "old model"]):
        raise SystemExit("the marked study could not be exported")
    keep(marked / "export", "marked")
    compared = ["Rscript", str(HERE / "comparisons.R"), str(marked / "export"), str(HERE / "comparisons.csv")]
    subprocess.run(compared, check=True)
