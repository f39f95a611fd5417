"""The benchmark's questions as a task of Inspect AI, in a file of its own, as a retry after a kill wants it."""

from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.solver import generate
from peers import MESSAGES


@task  # type: ignore[untyped-decorator]  # Inspect AI has an environment of its own
def bench(asks: int) -> Task:
    samples = [Sample(id=f"q{number}", input=MESSAGES[0]["content"]) for number in range(asks)]
    return Task(dataset=samples, solver=generate())
