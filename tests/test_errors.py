"""Errors are whole wherever they were raised."""

from __future__ import annotations

import pickle

from samp_eval.errors import CannotStore, Fault, FaultySheet, NotInstalled, NoVariation


def test_errors_come_whole_from_another_process() -> None:
    faulty = FaultySheet([Fault("sheet.csv", "row 2", "is empty")], "nothing was imported")
    constant = NoVariation("The standard error cannot be computed.", ("later",))
    for error in (faulty, constant, NotInstalled("Word", "docx"), CannotStore("the disk is full")):
        again = pickle.loads(pickle.dumps(error))  # our own bytes
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
