#!/usr/bin/env python3
"""Scores bedrail and its rivals on the healthcare cases of this folder.

The cases are bedrail's own, written from the systems' documented formats. Scored as the other sets are: any finding
of the secret family in a case's file is a hit.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import expand  # noqa: E402
import scanners  # noqa: E402


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--only", metavar="NAME", action="append", help="run only this scanner; repeatable")
    arguments.add_argument("--list", action="store_true", help="name bedrail's misses and false alarms")
    given = arguments.parse_args()
    folder = scanners.WORK / "healthcare"
    cases = expand.write(folder)
    hits = scanners.run(folder, given.only)
    hit_ids = {name: {hit.path.split("/")[0] for hit in found} for name, found in hits.items()}

    groups = defaultdict(list)
    for case in cases:
        groups["true" if case["expected"] else "false", case["kind"]].append(case["id"])
    rows = [["cases", "number", *hits]]
    for label in ("true", "false"):
        for (of, kind), ids in sorted(groups.items()):
            if of == label:
                rows.append([f"{label}: {kind}", len(ids), *(len(hit_ids[name] & set(ids)) for name in hits)])
        ids = {case["id"] for case in cases if case["expected"] == (label == "true")}
        share = [len(hit_ids[name] & ids) for name in hits]
        rows.append([f"{label}: all", len(ids), *(f"{n} ({100 * n / len(ids):.0f} %)" for n in share)])
    print("cases with a hit (true: the more the better; false: the fewer the better)\n")
    print(scanners.table(rows))

    if given.list and "bedrail" in hits:
        by_case = defaultdict(set)
        for hit in hits["bedrail"]:
            by_case[hit.path.split("/")[0]].add(f"{hit.rule}:{hit.line}")
        low = hit_ids.get("bedrail low", set())
        print("\nmissed:")
        for case in cases:
            if case["expected"] and case["id"] not in by_case:
                print(f"  {case['id']} ({case['system']}, {case['kind']})" + (", found at low" if case["id"] in low else ""))
        print("\nfalse alarms:")
        for case in cases:
            if not case["expected"] and case["id"] in by_case:
                print(f"  {case['id']} ({case['kind']}): {', '.join(sorted(by_case[case['id']]))}")


if __name__ == "__main__":
    main()
