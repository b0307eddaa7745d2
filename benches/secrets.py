#!/usr/bin/env python3
"""Recall and false rows on labelled sets of secrets, for bedrail and its rivals in one run.

A set is DIR/NAME.jsonl.gz (or .jsonl): a JSON object a line with `id`, `text`, `expected` (a secret is there) and,
where it matters, `filename`. Each row becomes one file in a folder of its own, and every scanner runs once over the
whole folder. Any finding in a row's file is a hit, whatever its rule. Texts that occur twice in a set count once; a
text that is labelled both ways anywhere is dropped. A false row is often a near miss of one rule and may fairly be a
hit of another: the second figure is an upper bound on false alarms.
"""

import argparse
import gzip
import json
import shutil
import sys
from collections import Counter, defaultdict
from pathlib import Path

import scanners


def read(folder):
    """Set name → rows, each text once and without conflicts."""
    sets, labels = {}, defaultdict(set)
    for path in sorted(Path(folder).glob("*.jsonl*")):
        opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
        with opened as lines:
            rows = [json.loads(line) for line in lines if line.strip()]
        for row in rows:
            labels[row["text"]].add(row["expected"])
        sets[path.name.split(".")[0]] = rows
    if not sets:
        sys.exit(f"no *.jsonl.gz in {folder}")
    dropped = {text for text, both in labels.items() if len(both) > 1}
    for name, rows in sets.items():
        sets[name] = list({row["text"]: row for row in rows if row["text"] not in dropped}.values())
    print(f"{len(labels)} distinct texts, {len(dropped)} with conflicting labels dropped", file=sys.stderr)
    return sets


def write(rows, folder):
    """One file a row; the folder's name is the row's id."""
    shutil.rmtree(folder, ignore_errors=True)
    for row in rows:
        place = folder / row["id"]
        place.mkdir(parents=True)
        name = Path(row.get("filename") or f"{row['id']}.txt").name
        (place / name).write_text(row["text"], encoding="utf-8", newline="")


def score(rows, hit_ids):
    """(true rows hit, true rows, false rows hit, false rows)"""
    true = [row for row in rows if row["expected"]]
    false = [row for row in rows if not row["expected"]]
    return (sum(row["id"] in hit_ids for row in true), len(true),
            sum(row["id"] in hit_ids for row in false), len(false))


def cell(figures):
    found, true, wrong, _ = figures
    return f"{100 * found / max(true, 1):.1f} % / {wrong}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--corpora", metavar="DIR", help="folder with the labelled sets")
    arguments.add_argument("--only", metavar="NAME", action="append", help="run only this scanner; repeatable")
    arguments.add_argument("--out", metavar="FILE", help="write which rows bedrail missed and hit (ids, rules) as JSON")
    given = arguments.parse_args()
    if not given.corpora:
        sys.exit("no sets to measure on: give --corpora DIR")
    sets = read(given.corpora)
    folder = scanners.WORK / "secrets"
    distinct = {}
    for rows in sets.values():
        for row in rows:
            distinct.setdefault(row["text"], row)
    write(distinct.values(), folder)

    hits = scanners.run(folder, given.only)
    # Rows of several sets that share a text share the file of the first.
    by_scanner = {}
    for name, found in hits.items():
        ids = {hit.path.split("/")[0] for hit in found}
        texts = {text for text, row in distinct.items() if row["id"] in ids}
        by_scanner[name] = texts

    def figures(name, rows):
        ids = {row["id"] for row in rows if row["text"] in by_scanner[name]}
        return score(rows, ids)

    printed = [["set (true / false rows)", *hits]]
    for set_name, rows in sets.items():
        true = sum(row["expected"] for row in rows)
        line = [f"{set_name} ({true} / {len(rows) - true})"]
        for name in hits:
            own = "*" if set_name == name.split()[0] else ""
            line.append(cell(figures(name, rows)) + own)
        printed.append(line)
    everything = list(distinct.values())
    true = sum(row["expected"] for row in everything)
    printed.append([f"all, each text once ({true} / {len(everything) - true})",
                    *(cell(figures(name, everything)) for name in hits)])
    print("recall on true rows / false rows hit; * = the scanner's own set\n")
    print(scanners.table(printed))

    if given.out and "bedrail" in hits:
        report(given.out, distinct, hits)


def report(path, distinct, hits):
    """What a person looks at to better the rules: ids and rules, no texts."""
    rows = {row["id"]: row for row in distinct.values()}
    rules = defaultdict(set)
    for hit in hits["bedrail"]:
        rules[hit.path.split("/")[0]].add(hit.rule)
    missed = {row_id: row.get("rule", "") for row_id, row in rows.items() if row["expected"] and row_id not in rules}
    false = {row_id: sorted(rules[row_id]) for row_id, row in rows.items() if not row["expected"] and row_id in rules}
    by_rule = Counter(rule for found in false.values() for rule in found)
    Path(path).write_text(json.dumps({"missed": missed, "false": false, "false_by_rule": by_rule.most_common()},
                                     indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
