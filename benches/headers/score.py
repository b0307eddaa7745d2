#!/usr/bin/env python3
"""Scores bedrail on tables that are labelled by the names of their columns: `cases.toml`.

It knows which tables tell of patients and which do not, by the judgement of whoever wrote them, and how often bedrail
agrees. It does not know which of a table's cells bedrail means, whether a finding's words are right, or how often such
tables stand in real trees: its precision is that of half such tables, half others. Rows are made up at run time by
`../made_up/values.py`, so records of made-up people are asked for. Cases are split by a hash of their ids: look at the
misses of `dev` while working on rules, and leave those of `test` alone.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "made_up")]
sys.dont_write_bytecode = True
import render  # noqa: E402
import scoring  # noqa: E402


def columns(case):
    return "; ".join(column["name"] for column in case["columns"])


if __name__ == "__main__":
    cases = scoring.load(HERE / "cases.toml", {"columns", "format"}, lambda case: render.EXTENSION[case["format"]])
    scoring.run(__doc__.split("\n\n")[0], cases, "format", render.render, columns)
