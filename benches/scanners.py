"""How each scanner is started over a folder, and what it hit.

Knows the command lines and the output of bedrail and of its rivals; knows nothing of corpora, labels or scores.
Every scanner runs once over a whole folder, offline: no validation, no update check. A hit is (path, line, rule,
confidence); the values that scanners print are read from a pipe and dropped here.
"""

import json
import os
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("BEDRAIL_BENCH_TARGET", ROOT / "target"))
VENV = TARGET / "bench-venv" / "bin"
WORK = TARGET / "bench-work"

Hit = namedtuple("Hit", "path line rule confidence")


def bedrail():
    """The binary under test: $BEDRAIL, or the release build of this tree."""
    return os.environ.get("BEDRAIL", str(ROOT / "target" / "release" / "bedrail"))


def _bedrail(*options):
    return [
        bedrail(), "scan", ".", "--format", "json", "--no-progress", "--quiet", "--isolated", "--no-ignore",
        "--exit-zero", *options,
    ]


def _read_bedrail(text, families):
    for finding in json.loads(text)["findings"]:
        if finding["rule"].split("-")[0] in families:
            yield Hit(finding["origin"]["file"], finding["line"], finding["rule"], finding["confidence"])


def _read_kingfisher(text):
    for line in text.splitlines():
        if line.startswith("{"):
            record = json.loads(line)
            if "finding" in record:
                found = record["finding"]
                yield Hit(found["path"], found["line"], record["rule"]["name"], found["confidence"])


def _read_betterleaks(text):
    for line in text.splitlines():
        if line.startswith("{"):
            found = json.loads(line).get("finding")
            if found:
                place = found["location"]
                yield Hit(place["path"], place["start_line"], found["rule_id"], found["confidence"])


def _read_detect_secrets(text):
    for path, found in json.loads(text)["results"].items():
        for one in found:
            yield Hit(path, one["line_number"], one["type"], "")


def _read_ripsecrets(text):
    for line in text.splitlines():
        path, _, rest = line.partition(":")
        number, _, _ = rest.partition(":")
        if number.isdigit():
            yield Hit(path, int(number), "ripsecrets", "")


def scanners(families=("secret",)):
    """Name → (arguments, reader). Only findings of these families count for bedrail, since rivals know no other."""

    def read_bedrail(text):
        return _read_bedrail(text, families)

    kingfisher = [
        str(VENV / "kingfisher"), "scan", ".", "--no-validate", "--no-update-check", "--git-history", "none",
        "--no-dedup", "--rule-cache-dir", str(WORK / "kingfisher-cache"), "--format", "jsonl", "-q",
    ]
    betterleaks = [str(VENV / "betterleaks"), "fs", ".", "--no-banner", "--jsonl", "--log-level", "error"]
    return {
        "bedrail": (_bedrail(), read_bedrail),
        "bedrail low": (_bedrail("--min-confidence", "low"), read_bedrail),
        "kingfisher": (kingfisher, _read_kingfisher),
        "betterleaks": (betterleaks, _read_betterleaks),
        "betterleaks high": (betterleaks + ["--confidence", "high"], _read_betterleaks),
        "detect-secrets": (
            [str(VENV / "detect-secrets"), "scan", "--all-files", "--no-verify", "."], _read_detect_secrets),
        "ripsecrets": ([str(TARGET / "bench-tools" / "bin" / "ripsecrets"), "."], _read_ripsecrets),
    }


def run(folder, names=None, families=("secret",)):
    """Runs the scanners that are installed over `folder`: name → hits, in order."""
    # A repository of its own: no ignore file above it counts, and paths are relative to it.
    if not (Path(folder) / ".git").exists():
        subprocess.run(["git", "init", "--quiet", "--template=", str(folder)], check=True)
    hits = {}
    # Caches and settings that a scanner writes stay under target/.
    environment = {**os.environ, "HOME": str(WORK / "home"), "XDG_CACHE_HOME": str(WORK / "home"), "NO_COLOR": "1"}
    (WORK / "home").mkdir(parents=True, exist_ok=True)
    for name, (arguments, reader) in scanners(families).items():
        if names and name not in names:
            continue
        if not os.path.exists(arguments[0]):
            print(f"{name}: not installed, left out (see benches/setup.sh)", file=sys.stderr)
            continue
        started = time.monotonic()
        done = subprocess.run(arguments, cwd=folder, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        try:
            found = list(reader(done.stdout.decode("utf-8", "replace")))
        except (ValueError, KeyError) as trouble:
            # What the scanner printed may hold values: say only that it was not understood.
            sys.exit(f"{name}: exit code {done.returncode}, output not understood ({type(trouble).__name__})")
        found = [hit._replace(path=os.path.normpath(hit.path)) for hit in found]
        hits[name] = [hit for hit in found if not hit.path.startswith(".git/")]
        print(f"{name}: {len(hits[name])} findings, {time.monotonic() - started:.1f} s", file=sys.stderr)
    return hits


def table(rows):
    """Rows of cells as a Markdown table."""
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
