#!/usr/bin/env python3
"""Scores bedrail on free texts as people in health care write, paste, export and commit them: `cases.toml`.

It knows which texts tell of a patient who can be known, by the judgement of whoever wrote them, and how often bedrail
agrees. It does not know which words of a text bedrail means, whether a finding's words are right, or how often such
texts stand in real trees: its precision is that of a set with about as many negatives as positives. Values are made
up at run time by `fill.py`, so records of made-up people are asked for. Cases are split by a hash of their ids: look
at the misses of `dev` while working on rules, and leave those of `test` alone.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "made_up")]
sys.dont_write_bytecode = True
import scoring  # noqa: E402
from fill import fill  # noqa: E402

# How much of a text is listed.
LENGTH = 300


def start(case):
    """The template, not what it was filled with."""
    return case["text"][:LENGTH].replace("\n", "\n      ")


if __name__ == "__main__":
    cases = scoring.load(HERE / "cases.toml", {"genre", "text", "note"}, lambda case: case.get("ext", "txt"))
    scoring.run(__doc__.split("\n\n")[0], cases, "genre", fill, start)
