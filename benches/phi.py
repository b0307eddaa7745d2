#!/usr/bin/env python3
"""Measures how patients are found: in structured records, in renderings that lose the structure, and in clean code.

  benches/phi.py --corpora DIR [--bedrail PROGRAM] [--clean DIR ...]

DIR holds sets (`fhir`, `ccda`, `hl7`, `x12`), each with a `labels.jsonl`: `{"file", "gold": [{"type", "hipaa", "value", "at"}]}`.

What is counted:
- A gold value counts as found when its letter of 45 CFR 164.514(b)(2)(i) is told for a group of records in its file.
- `counted` is stricter: of the values of one letter in one file, as many are found as the groups say there are.
- Precision, of the renderings only, for there everything that stands in a file is known: of the values that the groups
  say there are, as many are right as the file holds under that letter. Each rendering also has columns that are nobody's:
  a status, an amount, a version, a provider's number.
- Clean code (`--clean`): findings for a megabyte, by all rules on patients, each told with where it stands and why.

All runs are made with `--include-synthetic`: these records are made up, and have to be found as such.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

GROUPS = ("phi-patient-records", "phi-identified-people", "phi-quasi", "phi-uniform", "phi-linkage")


def scan(program, folder, extra=("--include-synthetic",)):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        command = [program, "scan", str(folder), "--isolated", "--exit-zero", "--no-ignore", "-q", *extra, "--format", f"json:{out.name}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.load(open(out.name))


def told(report):
    """By file: how many values of each letter the groups say there are; and verdicts."""
    files, verdicts = collections.defaultdict(collections.Counter), collections.Counter()
    for finding in report["findings"]:
        if not finding["rule"].startswith(("phi-patient-records", "phi-identified-people")):
            continue
        detail = {one["label"]: one["text"] for one in finding.get("detail", [])}
        verdicts[detail["people"].split(":")[0]] += 1
        for count, letter in re.findall(r"(\d+) [^,]*?\(([A-R])\)", detail.get("identifiers", "")):
            files[finding["origin"]["file"].rsplit("/", 1)[-1]][letter] += int(count)
    return files, verdicts


class Score:
    def __init__(self):
        self.gold = self.found = self.counted = self.told = self.right = 0
        self.missed = collections.Counter()

    def add(self, gold, found):
        for letter, count in gold.items():
            self.gold += count
            self.found += count if found[letter] else 0
            self.counted += min(count, found[letter])
            if not found[letter]:
                self.missed[letter] += count
        for letter, count in found.items():
            self.told += count
            self.right += min(count, gold.get(letter, 0))

    def line(self, name, precision):
        share = lambda a, b: f"{a / b:.3f}" if b else "–"
        last = share(self.right, self.told) if precision else "–"
        missed = " ".join(f"{letter}:{count}" for letter, count in sorted(self.missed.items()))
        return f"{name:26} {self.gold:6} {share(self.found, self.gold):>7} {share(self.counted, self.gold):>8} {last:>10}  {missed}"


def labels(folder):
    return [json.loads(line) for line in open(folder / "labels.jsonl", encoding="utf-8")]


def structured(program, folder):
    files, verdicts = told(scan(program, folder))
    score = Score()
    for label in labels(folder):
        gold = collections.Counter(one["hipaa"] for one in label["gold"])
        score.add(gold, files[label["file"].rsplit("/", 1)[-1]])
    return score, verdicts


FIELDS = ["first_name", "last_name", "date_of_birth", "ssn", "mrn", "phone", "email", "street", "city", "zip",
          "drivers_license", "passport_number", "member_id", "account_number"]
LETTERS = dict(zip(FIELDS, "AACGHDFBBBKKIJ"))


def record(label):
    """A flat record from the gold values of one file: one value for each field, as far as there is one."""
    by_type = {"DOB": "date_of_birth", "SSN": "ssn", "MRN": "mrn", "PHONE": "phone", "EMAIL": "email", "DL": "drivers_license",
               "PASSPORT": "passport_number", "MEMBER": "member_id", "ACCT": "account_number"}
    found = {}
    for one in label["gold"]:
        at, kind, value = one["at"], one["type"], one["value"]
        field = by_type.get(kind)
        if kind == "NAME":
            field = {True: "last_name", False: "first_name"}[bool(re.search(r"family|PID-5\.1|NM1\S* 03", at))]
            if not re.search(r"Patient\.name\[0\]|PID-5\.[12]|NM1\*(IL|QC)|patientRole/patient/name|patient/name", at):
                continue
        elif kind == "ADDR":
            field = "zip" if re.search(r"postal|\.5$|N403", at) else "city" if re.search(r"city|\.3$|N401", at) else "street"
            field = "zip" if re.fullmatch(r"\d{5}(-\d{4})?", value) else field
        if field and field not in found and "\n" not in value and "," not in value:
            found[field] = value
    return found


def renderings(records):
    """Name, text and file name of each rendering of the same records."""
    noise = random.Random(7)
    rows = []
    for one in records:
        extra = {"status": noise.choice(["open", "closed"]), "amount": f"{noise.randrange(900)}.50", "version": "2.1",
                 "provider_npi": str(noise.randrange(10**9, 2 * 10**9))}
        rows.append({**{field: one.get(field, "") for field in FIELDS}, **extra})
    names = list(rows[0])
    quoted = lambda value: "'" + value.replace("'", "''") + "'" if value else "NULL"
    title = lambda name: {"ssn": "SSN", "mrn": "MRN", "date_of_birth": "DOB"}.get(name, name.replace("_", " ").title())
    camel = lambda name: re.sub(r"_(\w)", lambda m: m[1].upper(), name)
    lines = lambda make: "\n".join(make(row) for row in rows) + "\n"
    yield "csv", "patients.csv", ",".join(names) + "\n" + lines(lambda row: ",".join(row.values()))
    yield "tsv, quoted", "patients.tsv", "\t".join(map(title, names)) + "\n" + lines(lambda row: "\t".join(f'"{v}"' for v in row.values()))
    columns = ", ".join(names)
    yield "sql insert", "seed.sql", "BEGIN;\n" + lines(lambda row: f"INSERT INTO people ({columns}) VALUES ({', '.join(map(quoted, row.values()))});")
    yield "sql copy", "dump.sql", f"COPY public.people ({columns}) FROM stdin;\n" + lines(lambda row: "\t".join(v or r"\N" for v in row.values())) + "\\.\n"
    yield "yaml fixture", "fixture.yaml", lines(lambda row: "- " + "\n  ".join(f"{k}: {v!r}" for k, v in row.items() if v))
    yield "json fixture", "fixture.json", json.dumps([{camel(k): v for k, v in row.items() if v} for row in rows], indent=1, ensure_ascii=False)
    yield "python dict", "test_people.py", "PEOPLE = [\n" + lines(lambda row: f"    {({k: v for k, v in row.items() if v})!r},") + "]\n"
    yield "python calls", "factory.py", lines(lambda row: "make(" + ", ".join(f"{k}={v!r}" for k, v in row.items() if v) + ")")
    yield "log lines", "app.log", lines(lambda row: "2024-05-01T12:00:00Z INFO updated " + " ".join(f"{k}={v}" for k, v in row.items() if v))
    yield "markdown table", "notes.md", "# Cohort\n\n| " + " | ".join(map(title, names)) + " |\n|" + "---|" * len(names) + "\n" + lines(lambda row: "| " + " | ".join(row.values()) + " |")
    yield "html table", "page.html", "<table><tr>" + "".join(f"<th>{title(n)}</th>" for n in names) + "</tr>\n" + lines(lambda row: "<tr>" + "".join(f"<td>{v}</td>" for v in row.values()) + "</tr>") + "</table>\n"
    yield "xml elements", "people.xml", "<people>\n" + lines(lambda row: "<person>" + "".join(f"<{camel(k)}>{v}</{camel(k)}>" for k, v in row.items() if v) + "</person>") + "</people>\n"
    width = {name: max(len(name), *(len(row[name] or "NaN") for row in rows)) + 2 for name in names}
    frame = [" " * 3 + "".join(name.rjust(width[name]) for name in names)]
    frame += [str(at).ljust(3) + "".join((row[name] or "NaN").rjust(width[name]) for name in names) for at, row in enumerate(rows)]
    yield "notebook output", "output.txt", "\n".join(frame) + "\n"
    cell = {"output_type": "execute_result", "data": {"text/plain": [line + "\n" for line in frame]}}
    yield "notebook, raw", "cohort.ipynb", json.dumps({"cells": [{"cell_type": "code", "outputs": [cell]}], "nbformat": 4}, indent=1, ensure_ascii=False)
    yield "free text", "note.txt", lines(note)
    yield "csv, no header", "export.csv", lines(lambda row: ",".join(row.values()))
    yield "string literal", "test_load.py", 'DATA = """\\\n' + ",".join(names) + "\n" + lines(lambda row: ",".join(row.values())) + '"""\n'


def note(row):
    """A note as people write them: some labels, some none."""
    said = [f"Patient: {row['first_name']} {row['last_name']}" if row["first_name"] else f"Patient: {row['last_name']}"]
    forms = {"date_of_birth": "DOB {}", "mrn": "MRN {}", "ssn": "SSN: {}", "street": "Address: {}", "city": "City: {}", "zip": "ZIP {}",
             "phone": "Tel. {}", "email": "e-mail {}", "member_id": "Member ID: {}", "account_number": "Account number: {}",
             "drivers_license": "Driver's license: {}", "passport_number": "Passport: {}"}
    said += [form.format(row[field]) for field, form in forms.items() if row[field]]
    return ", ".join(said[:4]) + ". " + "; ".join(said[4:]) + ". Seen for follow-up, blood pressure stable."


def lossy(program, folders):
    scores = {}
    for folder in folders:
        records = [one for one in map(record, labels(folder)) if len(one) >= 4]
        with tempfile.TemporaryDirectory() as root:
            gold = {}
            for name, file, text in renderings(records):
                place = pathlib.Path(root, f"{name.replace(' ', '-').replace(',', '')}-{file}")
                place.write_text(text, encoding="utf-8")
                gold[place.name] = (name, collections.Counter(LETTERS[field] for one in records for field in one if one[field]))
            files, _ = told(scan(program, root))
            for file, (name, counts) in gold.items():
                scores.setdefault(name, Score()).add(counts, files[file])
    return scores


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--corpora", type=pathlib.Path, required=True)
    arguments.add_argument("--bedrail", default=os.environ.get("BEDRAIL", "target/release/bedrail"))
    arguments.add_argument("--clean", nargs="*", default=[])
    arguments = arguments.parse_args()
    print(f"{'':26} {'gold':>6} {'recall':>7} {'counted':>8} {'precision':>10}  missed")
    folders = [arguments.corpora / name for name in ("fhir", "ccda", "hl7", "x12") if (arguments.corpora / name).is_dir()]
    for folder in folders:
        score, verdicts = structured(arguments.bedrail, folder)
        print(score.line(folder.name, False), dict(verdicts))
    for name, score in lossy(arguments.bedrail, folders).items():
        print(score.line(name, True))
    for folder in arguments.clean:
        report = scan(arguments.bedrail, folder)
        found = [one for one in report["findings"] if one["rule"].startswith("phi-")]
        groups = sum(one["rule"].startswith(GROUPS) for one in found)
        size = report["tally"]["bytes"] / 1e6
        print(f"{folder}: {len(found)} findings, {groups} of groups, in {size:.1f} MB: {len(found) / max(size, 0.1):.3f} for each")
        for one in found:
            detail = {part["label"]: part["text"] for part in one.get("detail", [])}
            print(f"  {one['rule']} {one['origin']['file']}:{one.get('line')}", detail.get("identifiers", ""), detail.get("people", ""), sep=" | ")


if __name__ == "__main__":
    sys.exit(main())
