#!/usr/bin/env python3
"""Bedrail beside Presidio and phi-scan on the same files: recall, precision, findings for a megabyte, CPU for a megabyte.

  benches/phi-rivals.py --corpora DIR --venv DIR [--bedrail PROGRAM] [--clean DIR ...] [--files N] [--pattern-only]

The virtual environment holds `presidio-analyzer`, `phi-scan` (Python 3.12) and spaCy's small English model under the names
`en_core_web_sm` and `en_core_web_lg`: phi-scan asks for the large one, which no package index has. With `--pattern-only`
Presidio runs without names, by its patterns alone.

What is compared is what all of them can say: which letters of 45 CFR 164.514(b)(2) stand in which file, and how many values
of each (see `phi.py` for `recall` and `counted`). Presidio's threshold is 0.35. Of each set the first N files are taken and
rendered in all ways of `phi.py`. CPU is that of the process and its children, less what the same program takes for a file of
ten bytes; a rival that fails on a folder is run file by file, and files on which it fails are counted.
"""

import argparse
import collections
import importlib.util
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve()
PRESIDIO = {"PERSON": "A", "LOCATION": "B", "DATE_TIME": "C", "PHONE_NUMBER": "D", "EMAIL_ADDRESS": "F", "US_SSN": "G", "US_ITIN": "G",
            "US_MBI": "I", "US_BANK_NUMBER": "J", "CREDIT_CARD": "J", "IBAN_CODE": "J", "MEDICAL_LICENSE": "K",
            "US_DRIVER_LICENSE": "K", "US_PASSPORT": "K", "URL": "N", "IP_ADDRESS": "O"}
PHI_SCAN = {"name": "A", "geographic": "B", "date": "C", "phone": "D", "fax": "E", "email": "F", "ssn": "G", "mrn": "H",
            "health_plan": "I", "account": "J", "certificate": "K", "vehicle": "L", "device": "M", "url": "N", "ip": "O",
            "biometric": "P", "photo": "Q", "unique_id": "R"}


def presidio(folder, pattern_only):
    """Runs inside of the virtual environment: JSON of counts by file and entity."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    configuration = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": "en_core_web_sm"}]}
    engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=configuration).create_engine())
    entities = [one for one in engine.get_supported_entities() if not pattern_only or one not in ("PERSON", "LOCATION", "NRP", "ORGANIZATION")]
    counts = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            found = collections.Counter()
            # The model takes no more than a million characters at once.
            for at in range(0, len(text), 100_000):
                found.update(one.entity_type for one in engine.analyze(text[at : at + 100_000], language="en", score_threshold=0.35, entities=entities))
            counts[path.name] = found
    json.dump(counts, sys.stdout)


def phi():
    spec = importlib.util.spec_from_file_location("phi", HERE.with_name("phi.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(command, **more):
    """What a command prints and its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **more})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Bedrail:
    name = "bedrail"

    def __init__(self, arguments, phi):
        self.program, self.phi = arguments.bedrail, phi

    def scan(self, folder):
        with tempfile.NamedTemporaryFile(suffix=".json") as out:
            _, seconds = run([self.program, "scan", str(folder), "--isolated", "--exit-zero", "--no-ignore", "-q", "--include-synthetic", "--format", f"json:{out.name}"])
            report = json.load(open(out.name))
        files, _ = self.phi.told(report)
        return files, sum(one["rule"].startswith("phi-") for one in report["findings"]), seconds, 0


class Presidio:
    def __init__(self, arguments, pattern_only):
        self.python, self.more = arguments.venv / "bin" / "python", ["--pattern-only"] if pattern_only else []
        self.name = "presidio, patterns" if pattern_only else "presidio"

    def scan(self, folder):
        done, seconds = run([self.python, "-P", HERE, "--worker", folder, *self.more])
        counts = json.loads(done.stdout)
        files = collections.defaultdict(collections.Counter)
        for file, found in counts.items():
            for entity, count in found.items():
                files[file][PRESIDIO.get(entity, "R")] += count
        return files, sum(sum(found.values()) for found in counts.values()), seconds, 0


class PhiScan:
    name = "phi-scan"

    def __init__(self, arguments):
        self.program = arguments.venv / "bin" / "phi-scan"

    def once(self, folder):
        with tempfile.TemporaryDirectory() as root:
            out = pathlib.Path(root, "out.json")
            # It keeps what it found in the home folder, whatever it is told.
            _, seconds = run([self.program, "scan", str(folder), "--output", "json", "--report-path", out, "--no-cache", "-q"], HOME=root)
            return (json.load(open(out)) if out.is_file() and out.stat().st_size else None), seconds

    def scan(self, folder):
        report, seconds = self.once(folder)
        reports, failed = [report], 0
        if report is None:
            reports = []
            for path in sorted(pathlib.Path(folder).rglob("*")):
                if path.is_file():
                    with tempfile.TemporaryDirectory() as root:
                        shutil.copy(path, root)
                        one, more = self.once(root)
                    seconds += more
                    failed += one is None
                    reports += [one] if one else []
        files = collections.defaultdict(collections.Counter)
        findings = [finding for one in reports for finding in one["findings"]]
        for finding in findings:
            files[pathlib.Path(finding["file_path"]).name][PHI_SCAN.get(finding["hipaa_category"], "R")] += 1
        return files, len(findings), seconds, failed


def size(folder):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file()) / 1e6


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--corpora", type=pathlib.Path)
    arguments.add_argument("--venv", type=pathlib.Path)
    arguments.add_argument("--bedrail", default=os.environ.get("BEDRAIL", "target/release/bedrail"))
    arguments.add_argument("--clean", nargs="*", default=[])
    arguments.add_argument("--files", type=int, default=10)
    arguments.add_argument("--pattern-only", action="store_true")
    arguments.add_argument("--only", help="one of the tools")
    arguments.add_argument("--worker", type=pathlib.Path)
    arguments = arguments.parse_args()
    if arguments.worker:
        return presidio(arguments.worker, arguments.pattern_only)
    bench = phi()
    tools = [Bedrail(arguments, bench), Presidio(arguments, True), PhiScan(arguments)]
    if not arguments.pattern_only:
        tools.insert(1, Presidio(arguments, False))
    tools = [tool for tool in tools if arguments.only in (None, tool.name)]
    with tempfile.TemporaryDirectory() as root:
        folders, gold = build(pathlib.Path(root), arguments, bench)
        print(f"{'':20} {'set':10} {'gold':>5} {'recall':>7} {'counted':>8} {'precision':>10} {'findings/MB':>12} {'CPU s/MB':>9}  failed")
        for tool in tools:
            idle = min(tool.scan(folders["idle"])[2] for _ in range(2))
            for name, folder in folders.items():
                if name != "idle":
                    files, findings, seconds, failed = tool.scan(folder)
                    score = bench.Score()
                    for file, counts in gold.get(name, {}).items():
                        score.add(counts, files[file])
                    megabytes = size(folder)
                    # What starting costs hides what a few kilobytes do.
                    each = lambda amount, form: format(amount / megabytes, form) if megabytes > 0.05 else "–"
                    share = lambda a, b: f"{a / b:.3f}" if b else "–"
                    print(f"{tool.name:20} {name:10} {score.gold:5} {share(score.found, score.gold):>7} {share(score.counted, score.gold):>8} "
                          f"{share(score.right, score.told) if name == 'rendered' else '–':>10} {each(findings, '.2f'):>12} "
                          f"{each(max(seconds - idle, 0), '.3f'):>9}  {failed}", flush=True)


def build(root, arguments, bench):
    """Folders of files, and what stands in each file by letter."""
    folders, gold = {"idle": root / "idle"}, {}
    folders["idle"].mkdir()
    (folders["idle"] / "a.txt").write_text("0123456789")
    rendered = folders["rendered"] = root / "rendered"
    rendered.mkdir()
    gold["rendered"] = {}
    for name in ("fhir", "ccda", "hl7", "x12"):
        labels = bench.labels(arguments.corpora / name)
        # The rivals take minutes for a megabyte.
        taken = sorted((label for label in labels if label["bytes"] < 400_000), key=lambda label: label["file"])[: arguments.files]
        folder = folders[name] = root / name
        folder.mkdir()
        gold[name] = {}
        for label in taken:
            file = pathlib.Path(label["file"]).name
            shutil.copy(arguments.corpora / name / label["file"], folder / file)
            gold[name][file] = collections.Counter(one["hipaa"] for one in label["gold"])
        records = [one for one in map(bench.record, labels) if len(one) >= 4]
        counts = collections.Counter(bench.LETTERS[field] for one in records for field in one if one[field])
        for number, (_, file, text) in enumerate(bench.renderings(records)):
            place = rendered / f"{name}-{number}-{file}"
            place.write_text(text, encoding="utf-8")
            gold["rendered"][place.name] = counts
    folders.update({f"clean {number}" if number else "clean": pathlib.Path(folder) for number, folder in enumerate(arguments.clean)})
    return folders, gold


if __name__ == "__main__":
    sys.exit(main())
