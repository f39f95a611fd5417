"""Inspect AI's model-graded scorer on given answers: no model under test is asked, the answers stand already.

Usage, by a Python that has Inspect AI: python inspect_grader.py ADDRESS MODEL ANSWERS.jsonl VERDICTS.jsonl N

Each line of the answers has ``question``, ``criterion`` and ``answer``. N are graded at the same time. Each line of the
verdicts has ``verdict`` (C, I, or null where none could be read) and ``reply``, the words of the grader. Verdicts are
added some at a time; the same command goes on after the last of them.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig, Model, ModelOutput, get_model
from inspect_ai.scorer import Score, model_graded_qa
from inspect_ai.solver import Generate, TaskState, solver

LONGEST_REPLY = 300
"""Tokens, as for samp-eval's own marking by a model on this machine."""

AT_A_TIME = 10
"""Answers for each evaluation: what is lost at most when the command ends early."""


@solver
def given_answer():  # type: ignore[no-untyped-def]
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.output = ModelOutput.from_content("given", state.metadata["answer"])
        return state

    return solve


def main(address: str, model: str, answers: Path, verdicts: Path, parallel: int) -> None:
    lines = [json.loads(line) for line in answers.read_text("utf-8").splitlines()]
    config = GenerateConfig(temperature=0.0, max_tokens=LONGEST_REPLY, max_connections=parallel)
    grader = get_model(f"openai-api/served/{model}", base_url=address, api_key="none", config=config)
    done = len(verdicts.read_text("utf-8").splitlines()) if verdicts.exists() else 0
    for start in range(done, len(lines), AT_A_TIME):
        graded = graded_lines(lines[start : start + AT_A_TIME], grader)
        with verdicts.open("a", encoding="utf-8") as target:
            target.writelines(f"{json.dumps(row)}\n" for row in graded)


def graded_lines(lines: list[dict[str, str]], grader: Model) -> list[dict[str, str | None]]:
    samples = [
        Sample(id=number, input=line["question"], target=line["criterion"], metadata={"answer": line["answer"]})
        for number, line in enumerate(lines)
    ]
    task = Task(dataset=samples, solver=given_answer(), scorer=model_graded_qa(model=grader))
    with tempfile.TemporaryDirectory() as folder:
        (log,) = evaluate(task, model="mockllm/model", log_dir=folder, display="none", fail_on_error=False)
        samples = list(log.samples or [])  # read from the folder, and only now
    given = {sample.id: next(iter(sample.scores.values())) for sample in samples if sample.scores}
    return [_row(given.get(number)) for number in range(len(lines))]


def _row(score: Score | None) -> dict[str, str | None]:
    if score is None:
        return {"verdict": None, "reply": None}
    return {"verdict": str(score.value) if score.value in ("C", "I") else None, "reply": score.explanation}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
