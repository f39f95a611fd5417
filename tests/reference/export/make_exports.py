"""Export the example study and the simulated samples, run each export's own R script, and keep the numbers it wrote."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE.parents[1]), str(HERE.parents[1] / "analysis")]

from export_samples import example_scores, export_of, samples  # noqa: E402
from marked_study import make_marked_study  # noqa: E402

from samp_eval.cli.main import main as samp_eval  # noqa: E402
from samp_eval.report.export.export_folder import write_export  # noqa: E402


def keep(folder: Path, name: str) -> None:
    subprocess.run(["Rscript", str(folder / "odds_ratios.R")], check=True, stdout=subprocess.DEVNULL)
    shutil.copyfile(folder / "odds_ratios_from_r.csv", HERE / f"{name}.csv")


with tempfile.TemporaryDirectory() as temporary:
    for basis in ("key", "judgement"):
        out = Path(temporary) / basis
        table = example_scores()
        write_export(export_of(table[table["basis"] == basis], basis=basis), out)
        keep(out, f"example_{basis}")
    subprocess.run(["Rscript", str(out.parent / "key" / "conditional.R")], check=True, stdout=subprocess.DEVNULL)
    shutil.copyfile(out.parent / "key" / "conditional_from_r.csv", HERE / "example_key_conditional.csv")
    for name, export in samples().items():
        write_export(export, Path(temporary) / name)
        keep(Path(temporary) / name, name)
    marked = make_marked_study(Path(temporary) / "marked")
    if samp_eval(["export", "--study", str(marked), "--reference", "old model"]):
        raise SystemExit("the marked study could not be exported")
    keep(marked / "export", "marked")
    subprocess.run(["Rscript", str(marked / "export" / "ranks.R")], check=True, stdout=subprocess.DEVNULL)
    shutil.copyfile(marked / "export" / "ranks_from_r.csv", HERE / "marked_ranks.csv")
    compared = ["Rscript", str(HERE / "comparisons.R"), str(marked / "export"), str(HERE / "comparisons.csv")]
    subprocess.run(compared, check=True)
