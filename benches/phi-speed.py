#!/usr/bin/env python3
"""How fast bedrail reads each format that patients come in: megabytes for each CPU second of one core.

  benches/phi-speed.py --corpora DIR [--bedrail PROGRAM] [--size MB] [--keep DIR] [--only NAME ...] [--gigabyte]

DIR holds the sets of `phi.py` (`fhir`, `ccda`, `hl7`, `x12`, `text`). Each format is a folder of files that are together about
as large as `--size` says: formats of records are the labelled files over and over, with other numbers in the labelled values
each time; renderings are `phi.py`'s, of people whose names, addresses and numbers are mixed from those of all sets. CPU is that
of one scan with one thread, less what a file of ten bytes takes; the least of three. With `--gigabyte`, one FHIR bundle and one
ndjson file of a gigabyte each: time and the largest memory.
"""

import argparse
import collections
import importlib.util
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve()
SETS = ("fhir", "ccda", "hl7", "x12")
RENDERINGS = ("csv", "tsv, quoted", "sql insert", "sql copy", "yaml fixture", "json fixture", "python dict", "python calls", "log lines",
              "markdown table", "html table", "xml elements", "notebook output", "notebook, raw", "free text notes", "csv, no header",
              "string literal")


def phi():
    spec = importlib.util.spec_from_file_location("phi", HERE.with_name("phi.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def other(value, chance):
    """The same form with other digits: a date stays one, a year stays what it is."""
    date = re.fullmatch(r"(\d{4}-?)(\d\d)(-?)(\d\d)", value)
    if date and date[1][:2] in ("19", "20"):
        return f"{date[1]}{chance.randrange(1, 13):02}{date[3]}{chance.randrange(1, 29):02}"
    if sum(one.isdigit() for one in value) < 4 or re.search(r"[.@&]", value):
        return value
    # The first three digits say what it is: an area, an issuer.
    return value[:3] + re.sub(r"\d", lambda _: str(chance.randrange(10)), value[3:])


def copies(corpora, bench, name, most):
    """Texts of a set over and over, each with its labels' file name, with other digits in what is labelled."""
    chance = random.Random(11)
    labels = [(label, (corpora / name / label["file"]).read_text(encoding="utf-8", errors="surrogateescape")) for label in bench.labels(corpora / name)]
    total = 0
    while total < most:
        for label, text in labels:
            if total:
                changed = {one["value"]: other(one["value"], chance) for one in label["gold"] if len(one["value"]) >= 6}
                if changed:
                    # Longest first: one value may begin like another.
                    pattern = "|".join(map(re.escape, sorted(changed, key=len, reverse=True)))
                    text = re.sub(pattern, lambda found: changed[found[0]], text)
            total += len(text)
            yield pathlib.Path(label["file"]), text
            if total >= most:
                return


def people(corpora, bench, count):
    """Records mixed from those of all sets."""
    chance = random.Random(13)
    records = [record for name in SETS for record in map(bench.record, bench.labels(corpora / name)) if len(record) >= 4]
    pool = collections.defaultdict(list)
    for record in records:
        for field, value in record.items():
            pool[field].append(value)
    for _ in range(count):
        shape = chance.choice(records)
        yield {field: other(chance.choice(pool[field]), chance) for field in shape}


def dense(records):
    """Notes in which every line has ten labelled values."""
    for one in records:
        if one.get("first_name") and one.get("last_name"):
            said = {"Patient": f"{one['first_name']} {one['last_name']}", "DOB": one.get("date_of_birth", "1957-03-14"), "MRN": one.get("mrn", "7731902"),
                    "SSN": one.get("ssn", "531-48-2197"), "Phone": one.get("phone", "617-284-9931"), "Address": one.get("street", "12 Elm St"),
                    "City": one.get("city", "Salem"), "ZIP": one.get("zip", "01970"), "Member ID": one.get("member_id", "W7719204"),
                    "Email": one.get("email", f"{one['last_name'].lower()}@mercy-clinic.org")}
            yield "; ".join(f"{name}: {value}" for name, value in said.items()) + "\n"


def prose(corpora, most):
    sentences = "".join(path.read_text(encoding="utf-8") for path in sorted((corpora / "text").glob("*.txt")))
    return sentences * (most // len(sentences) + 1)


def sparse(records):
    """A CSV file of which few columns are a patient's."""
    chance = random.Random(17)
    columns = ["id", "status", "amount", "currency", "note", "mrn", "date_of_birth", "created_at", "updated_at", "version", "score", "source", "flags", "kind", "zip"]
    yield ",".join(columns) + "\n"
    for at, one in enumerate(records):
        day = f"2024-0{chance.randrange(1, 10)}-1{chance.randrange(10)}T0{chance.randrange(10)}:12:00Z"
        yield (f"{at},{chance.choice(['open', 'closed', 'on hold'])},{chance.randrange(9000)}.50,USD,{'seen for follow-up ' * chance.randrange(1, 5)},"
               f"{one.get('mrn', '')},{one.get('date_of_birth', '')},{day},{day},2.1,{chance.random():.6f},import,{chance.randrange(1 << 16):016b},"
               f"{chance.choice(['a', 'b'])},{one.get('zip', '')}\n")


def files(corpora, bench, name, most):
    """The files of one format: name and text."""
    if name == "FHIR bundles":
        bundle, size = [], 0
        for _, text in copies(corpora, bench, "fhir", most):
            bundle += json.loads(text)["entry"]
            size += len(text)
            if size > 8_000_000:
                yield f"{size}-{len(bundle)}.json", json.dumps({"resourceType": "Bundle", "type": "collection", "entry": bundle}, indent=2, ensure_ascii=False)
                bundle, size = [], 0
    elif name == "FHIR ndjson":
        lines = (json.dumps(entry["resource"], ensure_ascii=False) for _, text in copies(corpora, bench, "fhir", 2 * most) for entry in json.loads(text)["entry"])
        yield "patients.ndjson", "\n".join(lines)
    elif name == "C-CDA":
        for at, (file, text) in enumerate(copies(corpora, bench, "ccda", most)):
            yield f"{at}-{file.name}", text
    elif name == "HL7 v2 batches":
        for at, end in enumerate(("\r", "\n")):
            messages = (re.sub(r"[\r\n]+", end, text) for _, text in copies(corpora, bench, "hl7", most // 2))
            yield f"batch-{at}.hl7", end.join(messages)
    elif name == "X12":
        # One interchange stands behind another, as clearing houses hand them on; separators differ by file.
        by_end = collections.defaultdict(list)
        for _, text in copies(corpora, bench, "x12", most):
            if text.startswith("ISA") and len(text) > 106:
                by_end[text[3] + text[104:106]].append(text)
        for at, texts in enumerate(by_end.values()):
            yield f"claims-{at}.x12", "\n".join(texts)
    elif name == "small files":
        # The renderings of each set's people as they are, which is what the others are measured by.
        for kind in SETS:
            records = [record for record in map(bench.record, bench.labels(corpora / kind)) if len(record) >= 4]
            for copy in range(most // 2_500_000 + 1):
                for at, (_, file, text) in enumerate(bench.renderings(records)):
                    yield f"{kind}-{copy}-{at}-{file}", text
    elif name == "free text":
        yield "notes.txt", prose(corpora, most)
    elif name == "dense notes":
        yield "dense.txt", "".join(dense(people(corpora, bench, most // 190)))
    elif name == "csv, sparse":
        yield "visits.csv", "".join(sparse(people(corpora, bench, most // 180)))
    else:
        # Several files: what is larger than sixteen megabytes is read in parts, and not as one document.
        records = list(people(corpora, bench, most // 180))
        for at in range(0, len(records), 20_000):
            for rendering, file, text in bench.renderings(records[at : at + 20_000]):
                if rendering == name.removesuffix(" notes"):
                    yield f"{at}-{file}", text


FORMATS = ["FHIR bundles", "FHIR ndjson", "C-CDA", "HL7 v2 batches", "X12", "free text", "dense notes", "csv, sparse", "small files"]
ORDER = [*FORMATS, *RENDERINGS]


def seconds(program, folder, *more):
    """CPU seconds, wall seconds and the largest memory in megabytes of one scan."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        # What GNU time starts has none of this process's memory.
        command = ["/usr/bin/time", "-f", "%U %S %e %M", program, "scan", str(folder), "--isolated", "--exit-zero", "--no-ignore", "-q", "--threads", "1", "--format", f"json:{out.name}", *more]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {done.stderr}")
        user, system, wall, memory = map(float, done.stderr.split()[-4:])
        return user + system, wall, memory / 1024


def gigabyte(arguments, bench, root):
    """One document and one file of lines of a gigabyte each."""
    (root / "large").mkdir(exist_ok=True)
    for name in ("bundle.json", "patients.ndjson"):
        place = root / "large" / name
        resources = []
        for _, text in copies(arguments.corpora, bench, "fhir", 28_000_000):
            resources += [entry["resource"] for entry in json.loads(text)["entry"]]
        with place.open("w", encoding="utf-8") as file:
            bundle = name.endswith(".json")
            parts = [json.dumps({"resource": one} if bundle else one, indent=2 if bundle else None, ensure_ascii=False) for one in resources]
            file.write('{"resourceType": "Bundle", "type": "collection", "entry": [\n' if bundle else "")
            part, first = (",\n" if bundle else "\n").join(parts), True
            while file.tell() < 1_000_000_000:
                file.write(("" if first else ",\n" if bundle else "\n") + part)
                first = False
            file.write("\n]}\n" if bundle else "\n")
        cpu, wall, memory = seconds(arguments.bedrail, place)
        print(f"{name:20} {place.stat().st_size / 1e6:8.1f} MB  {cpu:7.1f} s CPU  {wall:7.1f} s  {memory:6.0f} MB of memory", flush=True)
        place.unlink()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--corpora", type=pathlib.Path, required=True)
    arguments.add_argument("--bedrail", default=os.environ.get("BEDRAIL", "target/release/bedrail"))
    arguments.add_argument("--size", type=int, default=30, help="megabytes of each format")
    arguments.add_argument("--keep", type=pathlib.Path, help="where the files stay for the next time")
    arguments.add_argument("--only", nargs="*", default=ORDER)
    arguments.add_argument("--gigabyte", action="store_true")
    arguments = arguments.parse_args()
    bench = phi()
    with tempfile.TemporaryDirectory() as temporary:
        root = arguments.keep or pathlib.Path(temporary)
        root.mkdir(parents=True, exist_ok=True)
        idle = root / "idle"
        idle.mkdir(exist_ok=True)
        (idle / "a.txt").write_text("0123456789")
        base = min(seconds(arguments.bedrail, idle)[0] for _ in range(3))
        total = collections.Counter()
        for name in arguments.only:
            folder = root / re.sub(r"\W+", "-", name)
            if not folder.exists():
                folder.mkdir()
                for file, text in files(arguments.corpora, bench, name, arguments.size * 1_000_000):
                    (folder / file).write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
            size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
            runs = [seconds(arguments.bedrail, folder) for _ in range(3)]
            cpu = max(min(run[0] for run in runs) - base, 0.001)
            if name in RENDERINGS:
                total["size"] += size
                total["cpu"] += cpu
            print(f"{name:20} {size:8.1f} MB  {cpu:7.2f} s CPU  {size / cpu:7.1f} MB/s  {max(run[2] for run in runs):6.0f} MB of memory", flush=True)
            if not arguments.keep:
                shutil.rmtree(folder)
        if total:
            print(f"{'all renderings':20} {total['size']:8.1f} MB  {total['cpu']:7.2f} s CPU  {total['size'] / total['cpu']:7.1f} MB/s")
        if arguments.gigabyte:
            gigabyte(arguments, bench, root)


if __name__ == "__main__":
    sys.exit(main())
