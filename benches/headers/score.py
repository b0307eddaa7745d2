#!/usr/bin/env python3
"""Scores bedrail on tables that are labelled by the names of their columns: `cases.toml`.

It knows which tables tell of patients and which do not, by the judgement of whoever wrote them, and how often bedrail
agrees. It does not know which of a table's cells bedrail means, whether a finding's words are right, or how often such
tables stand in real trees: its precision is that of half such tables, half others. Rows are made up at run time by
`../made_up/values.py`, so records of made-up people are asked for. Cases are split by a hash of their ids: look at the
misses of `dev` while working on rules, and leave those of `test` alone.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import render  # noqa: E402

PROGRAM = os.environ.get("BEDRAIL", str(HERE.parent.parent / "target/release/bedrail"))
CONFIDENCES = {"default": [], "low": ["--min-confidence", "low"]}


def load():
    """The cases, each with its half and its file's name; stops at one that is not well-formed."""
    with open(HERE / "cases.toml", "rb") as file:
        cases = tomllib.load(file)["case"]
    seen = set()
    for case in cases:
        digest = hashlib.sha256(case["id"].encode()).hexdigest()
        # The name tells nothing: the columns alone are to be judged.
        case["file"] = f"f{digest[:12]}.{render.EXTENSION[case['format']]}"
        case["half"] = "dev" if int(digest[:2], 16) % 2 == 0 else "test"
        if case["id"] in seen or case["kind"] not in ("positive", "negative"):
            sys.exit(f"{case['id']}: twice, or of unknown kind")
        seen.add(case["id"])
    return cases


def told(folder, options):
    """The names of the files with a finding about patients, each with its rules."""
    command = [PROGRAM, "scan", folder, "--isolated", "--include-synthetic", "--no-progress", "--format", "json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True)
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        sys.exit(f"{PROGRAM} ended with {done.returncode}: {done.stderr.strip()}")
    found = defaultdict(set)
    for finding in report["findings"]:
        if finding["rule"].startswith("phi-"):
            found[Path(finding["origin"]["file"]).name].add(finding["rule"])
    return found


def share(part, whole):
    return f"{part}/{whole} ({100 * part / whole:.0f} %)" if whole else "0/0"


def line(title, cases, found):
    """A row of the table: how many positives are told, how many of the told are positive, and how many are not."""
    positive = [case for case in cases if case["kind"] == "positive"]
    hits = sum(case["file"] in found for case in positive)
    false = sum(case["file"] in found for case in cases if case["kind"] == "negative")
    negatives = len(cases) - len(positive)
    print(f"  {title:<12}  {share(hits, len(positive)):<16}  {share(hits, hits + false):<16}  {false} of {negatives}")


def show(cases, found):
    for title, kind, is_told in (("missed", "positive", False), ("false", "negative", True)):
        for case in cases:
            if case["kind"] == kind and (case["file"] in found) == is_told:
                columns = "; ".join(column["name"] for column in case["columns"])
                rules = f"  <{', '.join(sorted(found[case['file']]))}>" if is_told else ""
                print(f"  {title}: {case['id']} [{case['format']}]{rules}\n      {columns}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--list", action="store_true", help="name the missed and the false ones, with their columns")
    arguments.add_argument("--half", choices=["dev", "test"], help="print this half only")
    arguments.add_argument("--keep", metavar="FOLDER", help="write the files here and leave them")
    given = arguments.parse_args()
    cases = load()
    if not Path(PROGRAM).is_file():
        sys.exit(f"{PROGRAM} is not there: build it, or name another one in $BEDRAIL")
    with tempfile.TemporaryDirectory(prefix="tables-") as temporary:
        folder = given.keep or temporary
        Path(folder).mkdir(parents=True, exist_ok=True)
        for case in cases:
            (Path(folder) / case["file"]).write_text(render.render(case), encoding="utf-8", newline="")
        found = {name: told(folder, options) for name, options in CONFIDENCES.items()}
    for half in [given.half] if given.half else ["dev", "test"]:
        part = [case for case in cases if case["half"] == half]
        for confidence, files in found.items():
            print(f"{half}, confidence {confidence}")
            print(f"  {'':<12}  {'recall':<16}  {'precision':<16}  false files")
            line("all", part, files)
            for form in sorted({case["format"] for case in part}):
                line(form, [case for case in part if case["format"] == form], files)
            if given.list:
                show(part, files)
            print()


if __name__ == "__main__":
    main()
