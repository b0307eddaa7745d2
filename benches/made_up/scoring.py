"""Scores a set of labelled cases: how often bedrail agrees with whoever wrote them.

It knows how cases are split and counted, and how bedrail is run; what a case is made of is for the scripts that use it.
Cases are split by a hash of their ids: look at the misses of `dev` while working on rules, and leave those of `test` alone.
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

PROGRAM = os.environ.get("BEDRAIL", str(Path(__file__).resolve().parents[2] / "target/release/bedrail"))
CONFIDENCES = {"default": [], "low": ["--min-confidence", "low"]}


def load(path, keys, extension):
    """The cases, each with its half and its file's name, which tells nothing; stops at one that is not well-formed."""
    with open(path, "rb") as file:
        cases = tomllib.load(file)["case"]
    seen = set()
    for case in cases:
        if case["id"] in seen or case["kind"] not in ("positive", "negative") or not keys <= case.keys():
            sys.exit(f"{case['id']}: twice, of unknown kind, or something is missing")
        seen.add(case["id"])
        digest = hashlib.sha256(case["id"].encode()).hexdigest()
        case["file"] = f"f{digest[:12]}.{extension(case)}"
        case["half"] = "dev" if int(digest[:2], 16) % 2 == 0 else "test"
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
    return f"{part}/{whole} ({100 * part / whole:.0f} %)" if whole else "-"


def line(title, cases, found):
    """A row of the table: how many positives are told, how many of the told are positive, and how many are not."""
    positive = [case for case in cases if case["kind"] == "positive"]
    hits = sum(case["file"] in found for case in positive)
    false = sum(case["file"] in found for case in cases if case["kind"] == "negative")
    negatives = len(cases) - len(positive)
    wrong = f"{false} of {negatives}" if negatives else "-"
    print(f"  {title:<14}  {share(hits, len(positive)):<16}  {share(hits, hits + false):<16}  {wrong}")


def show(cases, found, group, shown):
    for title, kind, is_told in (("missed", "positive", False), ("false", "negative", True)):
        for case in cases:
            if case["kind"] == kind and (case["file"] in found) == is_told:
                rules = f"  <{', '.join(sorted(found[case['file']]))}>" if is_told else ""
                print(f"  {title}: {case['id']} [{case[group]}]{rules}\n      {shown(case)}")


def run(description, cases, group, content, shown):
    """Writes the cases to files by `content`, scans them, and prints how each `group` fares; `shown` lists a case."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--list", action="store_true", help="name the missed and the false ones")
    arguments.add_argument("--half", choices=["dev", "test"], help="print this half only")
    arguments.add_argument("--keep", metavar="FOLDER", help="write the files here and leave them")
    given = arguments.parse_args()
    if not Path(PROGRAM).is_file():
        sys.exit(f"{PROGRAM} is not there: build it, or name another one in $BEDRAIL")
    with tempfile.TemporaryDirectory(prefix="cases-") as temporary:
        folder = given.keep or temporary
        Path(folder).mkdir(parents=True, exist_ok=True)
        for case in cases:
            (Path(folder) / case["file"]).write_text(content(case), encoding="utf-8", newline="")
        found = {name: told(folder, options) for name, options in CONFIDENCES.items()}
    for half in [given.half] if given.half else ["dev", "test"]:
        part = [case for case in cases if case["half"] == half]
        for confidence, files in found.items():
            print(f"{half}, confidence {confidence}")
            print(f"  {'':<14}  {'recall':<16}  {'precision':<16}  false files")
            line("all", part, files)
            for name in sorted({case[group] for case in part}):
                line(name, [case for case in part if case[group] == name], files)
            if given.list:
                show(part, files, group, shown)
            print()
