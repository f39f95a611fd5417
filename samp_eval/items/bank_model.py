"""What all models of a bank have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

__all__ = ["BankModel", "Text"]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class BankModel(BaseModel):
    """What a bank file may hold: nothing beyond the named fields, never changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
