"""Inspect AI's model-graded scorer on given answers: no model under test is asked, the answers stand already.

Usage, by a Python that has Inspect AI: python inspect_grader.py ADDRESS MODEL ANSWERS.jsonl VERDICTS.json

Each line of the answers has ``question``, ``criterion`` and ``answer``; the verdicts are C, I, or null where none could
be read.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig, ModelOutput, get_model
from inspect_ai.scorer import model_graded_qa
from inspect_ai.solver import Generate, TaskState, solver

LONGEST_REPLY = 300
"""Tokens, as for samp-eval's own marking by a model on this machine."""


@solver
def given_answer():  # type: ignore[no-untyped-def]
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.output = ModelOutput.from_content("given", state.metadata["answer"])
        return state

    return solve


def main(address: str, model: str, answers: Path, verdicts: Path) -> None:
    lines = [json.loads(line) for line in answers.read_text("utf-8").splitlines()]
    config = GenerateConfig(temperature=0.0, max_tokens=LONGEST_REPLY, max_connections=1)
    grader = get_model(f"openai-api/served/{model}", base_url=address, api_key="none", config=config)
    samples = [
        Sample(id=number, input=line["question"], target=line["criterion"], metadata={"answer": line["answer"]})
        for number, line in enumerate(lines)
    ]
    task = Task(dataset=samples, solver=given_answer(), scorer=model_graded_qa(model=grader))
    with tempfile.TemporaryDirectory() as folder:
        (log,) = evaluate(task, model="mockllm/model", log_dir=folder, display="none", fail_on_error=False)
    given = {
        sample.id: None if not sample.scores else next(iter(sample.scores.values())).value for sample in log.samples
    }
    found = [given.get(number) for number in range(len(lines))]
    verdicts.write_text(json.dumps([verdict if verdict in ("C", "I") else None for verdict in found]), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
