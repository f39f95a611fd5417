"""Draws the pictures of this bank: ``python data/pictured/draw_pictures.py [FOLDER]``.

Nobody's record is in them. The rhythm strip is a sum of Gaussian waves, as in the model of McSharry et al. (2003), with
atria and ventricles that keep time on their own. The growth chart is model 1 of Preece and Baines (1978); its
parameters are set so that the middle curve resembles the heights of girls, and are no population's standard.

References
----------
McSharry PE, Clifford GD, Tarassenko L, Smith LA. A dynamical model for generating synthetic electrocardiogram signals.
IEEE Transactions on Biomedical Engineering 2003;50:289-294.

Preece MA, Baines MJ. A new family of mathematical models describing the human growth curve. Annals of Human Biology
1978;5:1-24.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator
from numpy.typing import NDArray

SECONDS, MM_A_SECOND, MM_A_MILLIVOLT = 10.0, 25.0, 10.0
MM_AN_INCH = 25.4

P_WAVE = ((0.0, 0.13, 0.028),)
VENTRICLES = ((-0.045, -0.12, 0.012), (0.0, 1.05, 0.024), (0.055, -0.38, 0.022), (0.33, 0.30, 0.060))
"""Waves by their time from the R wave in seconds, height in millivolts and width in seconds; broad, as from below."""
ATRIA_EVERY, VENTRICLES_EVERY = 0.76, 1.68
"""Seconds: 79 and 36 a minute. Their ratio is no simple fraction, so that no P wave keeps its distance from a QRS."""

H1, H_THETA, S0, S1, THETA = 163.4, 152.7, 0.132, 1.18, 12.2
"""Of Preece and Baines's model 1: adult height and height at ``THETA`` in cm, rates a year, and age in years."""
SPREAD = 0.041
"""Standard deviation of height, as a share of its mean."""
CENTILES = {3: -1.881, 10: -1.282, 25: -0.674, 50: 0.0, 75: 0.674, 90: 1.282, 97: 1.881}
MEASURED = {3.0: 0.1, 4.0: 0.0, 5.0: 0.1, 6.0: -0.05, 7.0: -0.75, 8.0: -1.45, 9.0: -2.15}
"""Age in years and standard deviations from the middle curve."""


def rhythm(time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Millivolts of lead II in complete atrioventricular block."""
    generator = np.random.default_rng(2026)
    wander = 0.03 * np.sin(2 * np.pi * 0.24 * time) + generator.normal(0.0, 0.006, len(time))
    atria = np.arange(0.12, SECONDS + 1, ATRIA_EVERY)
    ventricles = np.arange(0.66, SECONDS + 1, VENTRICLES_EVERY)
    waves = [(beat, wave) for beat in atria for wave in P_WAVE]
    waves += [(beat, wave) for beat in ventricles for wave in VENTRICLES]
    drawn = wander
    for beat, (after, height, width) in waves:
        drawn = drawn + height * np.exp(-((time - beat - after) ** 2) / (2 * width**2))
    return np.asarray(drawn)


def rhythm_strip() -> Figure:
    """Ten seconds at 25 mm/s and 10 mm/mV."""
    low, high = -1.0, 1.6
    width, height = SECONDS * MM_A_SECOND, (high - low) * MM_A_MILLIVOLT
    figure = Figure(figsize=((width + 10) / MM_AN_INCH, (height + 16) / MM_AN_INCH), dpi=150)
    axes = figure.add_axes((5 / (width + 10), 11 / (height + 16), width / (width + 10), height / (height + 16)))
    axes.set(xlim=(0, SECONDS), ylim=(low, high))
    axes.xaxis.set_major_locator(MultipleLocator(0.2))
    axes.xaxis.set_minor_locator(MultipleLocator(0.04))
    axes.yaxis.set_major_locator(MultipleLocator(0.5))
    axes.yaxis.set_minor_locator(MultipleLocator(0.1))
    axes.grid(which="minor", color="#f6c9c9", linewidth=0.4)
    axes.grid(which="major", color="#e89a9a", linewidth=0.7)
    axes.tick_params(which="both", length=0, labelbottom=False, labelleft=False)
    time = np.arange(0, SECONDS, 0.002)
    axes.plot(time, rhythm(time), color="black", linewidth=1.1)
    axes.text(0.08, 1.12, "II", fontsize=12, fontweight="bold")
    figure.text(0.02, 0.06, "25 mm/s   10 mm/mV", fontsize=9)
    figure.text(0.98, 0.06, "Simulated", fontsize=9, ha="right")
    return figure


def middle_height(age: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centimetres on the middle curve."""
    slow, fast = np.exp(S0 * (age - THETA)), np.exp(S1 * (age - THETA))
    return np.asarray(H1 - 2 * (H1 - H_THETA) / (slow + fast))


def height_at(age: NDArray[np.float64], deviations: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Centimetres, so many standard deviations from the middle curve."""
    return np.asarray(middle_height(age) * (1 + SPREAD * deviations))


def growth_chart() -> Figure:
    """Centiles of height and one girl's measurements."""
    figure = Figure(figsize=(6.6, 7.6), dpi=150)
    axes = figure.add_axes((0.1, 0.09, 0.8, 0.83))
    age = np.linspace(2, 16, 300)
    for centile, deviations in CENTILES.items():
        curve = height_at(age, deviations)
        axes.plot(age, curve, color="#5b6570", linewidth=1.6 if centile == 50 else 0.9)
        axes.text(16.1, float(curve[-1]), str(centile), fontsize=8, va="center")
    ages = np.array(list(MEASURED))
    heights = height_at(ages, np.array(list(MEASURED.values())))
    axes.plot(ages, heights, "x-", color="#0a5a94", linewidth=1.2, markersize=7, markeredgewidth=1.8)
    axes.set(xlim=(2, 16), ylim=(75, 180), xlabel="Age (years)", ylabel="Height (cm)")
    axes.set_title("Height for age, girls", loc="left", fontsize=12)
    axes.xaxis.set_major_locator(MultipleLocator(1))
    axes.yaxis.set_major_locator(MultipleLocator(10))
    axes.yaxis.set_minor_locator(MultipleLocator(5))
    axes.grid(which="both", color="#d8dde2", linewidth=0.5)
    figure.text(0.98, 0.015, "Simulated; centiles are schematic", fontsize=8, ha="right")
    return figure


def draw(folder: Path) -> list[Path]:
    """Draw both pictures into a folder."""
    drawn = []
    for name, figure in {"rhythm-strip.png": rhythm_strip(), "growth-chart.png": growth_chart()}.items():
        FigureCanvasAgg(figure)
        figure.savefig(folder / name, metadata={"Software": None})
        drawn.append(folder / name)
    return drawn


if __name__ == "__main__":
    for file in draw(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "pictures"):
        print(file)
