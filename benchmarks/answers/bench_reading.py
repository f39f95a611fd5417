"""Reading of ordinary write-in responses, against splitting their lines with one regular expression.

Usage: python benchmarks/answers/bench_reading.py [responses]
"""

from __future__ import annotations

import random
import re
import sys
import time
from pathlib import Path

from samp_eval.answers.reading import read_response

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record

WORDS = ["active", "cancer", "recent", "surgery", "estrogen", "therapy", "order", "ultrasound", "give", "apixaban"]
NUMBERED = re.compile(r"^\s*\d+[.)]\s*(.+?)\s*$", re.M)


def main(responses: int = 5000) -> None:
    chance = random.Random(15)  # no secret
    texts = [
        "\n".join(f"{number}. {' '.join(chance.choices(WORDS, k=4)).capitalize()}" for number in (1, 2, 3))
        for _ in range(responses)
    ]
    assert all(len(NUMBERED.findall(text)) == 3 for text in texts)
    began = time.process_time()
    for text in texts:
        NUMBERED.findall(text)
    bare = time.process_time() - began
    for length in (len(texts), 2 * len(texts)):  # the first round warms up
        began = time.process_time()
        for text in (texts * 2)[:length]:
            read_response(text, requested=3)
        took = (time.process_time() - began) / (length / len(texts))
    record(f"reading of {responses} responses", milliseconds_each=1000 * took / responses, ratio_to_pattern=took / bare)
    print(f"{1000 * took / responses:.3f} ms for a response; one pattern takes {1000 * bare / responses:.4f} ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
