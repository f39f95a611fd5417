"""The JSON Schema of a case file, for editors: ``python -m samp_eval.items.schema > data/case.schema.json``."""

from __future__ import annotations

import json

from samp_eval.items.samp import SampCase

__all__ = ["schema_text"]


def schema_text() -> str:
    """Write the schema as it stands in ``data/case.schema.json``."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **SampCase.model_json_schema()}
    schema["title"] = "A case of short-answer management problems"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")
