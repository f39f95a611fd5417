"""What the page on one's own questions shows can be read as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

from samp_eval.items.forms.registry import read_cases

PAGE = Path(__file__).resolve().parents[2] / "docs" / "bring-your-own-questions.md"


def test_the_markdown_example_of_the_page_is_a_bank(tmp_path: Path) -> None:
    example = next(
        block
        for block in re.findall(r"```markdown\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
        if "# sore" in block
    )
    file = tmp_path / "bank.md"
    file.write_text(example, encoding="utf-8")
    (case,) = read_cases(file)
    assert case.vitals is not None
    assert case.vitals.temperature == "38.6 °C (oral)"
    assert case.questions[0].key[0].wordings == (
        "Tender anterior cervical nodes",
        "Tender neck nodes",
    )
    assert case.questions[0].requested == 2
