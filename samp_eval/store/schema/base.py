"""The tables of a study: what all of them share."""

from __future__ import annotations

from sqlalchemy import Column, MetaData, Table

from samp_eval.store.engines.columns import Integer

__all__ = ["metadata", "schema_version"]

metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))
