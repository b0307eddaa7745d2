#!/usr/bin/env python3
"""Findings on ordinary code, by rule: published packages hold hardly a secret, so nearly all are false alarms.

Prints how often each scanner speaks up per 10 MB, and for bedrail how often each rule does. With --list, every
finding of bedrail with rule, place and confidence, for a person to look at; never the value.
"""

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

import scanners

EVERY_FAMILY = ("secret", "phi", "kubernetes", "storage", "tls")


def megabytes(folder):
    total = 0
    for base, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        for file in files:
            path = os.path.join(base, file)
            total += 0 if os.path.islink(path) else os.path.getsize(path)
    return total / 1e6


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("trees", metavar="TREE", nargs="*", help="folders of ordinary code [those of setup.sh]")
    arguments.add_argument("--rivals", action="store_true", help="run the rivals, too (detect-secrets takes minutes)")
    arguments.add_argument("--only", metavar="NAME", action="append", help="run only this scanner; repeatable")
    arguments.add_argument("--list", metavar="FILE", help="write bedrail's findings, a line each")
    given = arguments.parse_args()
    trees = [Path(tree) for tree in given.trees] or sorted((scanners.TARGET / "bench-trees").glob("*"))
    if not trees:
        sys.exit("no trees: run benches/setup.sh, or name some")
    names = given.only or (None if given.rivals else ["bedrail", "bedrail low"])

    counts, by_rule, sizes, listed = {}, {}, {}, []
    for tree in trees:
        sizes[tree.name] = megabytes(tree)
        print(f"{tree.name}: {sizes[tree.name]:.0f} MB", file=sys.stderr)
        for name, found in scanners.run(tree, names, EVERY_FAMILY).items():
            secrets = [hit for hit in found if not name.startswith("bedrail") or hit.rule.startswith("secret-")]
            counts.setdefault(name, {})[tree.name] = len(secrets)
            if name == "bedrail low":
                for hit in found:
                    by_rule.setdefault((hit.rule, hit.confidence), Counter())[tree.name] += 1
                    listed.append(f"{hit.rule}\t{hit.confidence}\t{tree.name}/{hit.path}:{hit.line}")

    per_ten = 10 / sum(sizes.values())
    heads = [f"{name} ({size:.0f} MB)" for name, size in sizes.items()]
    rows = [["scanner (secrets only)", *heads, "per 10 MB"]]
    for name, by_tree in counts.items():
        rows.append([name, *(by_tree[tree] for tree in sizes), f"{sum(by_tree.values()) * per_ten:.1f}"])
    print(scanners.table(rows))
    rows = [["bedrail's rule", "confidence", *sizes, "per 10 MB"]]
    for (rule, confidence), by_tree in sorted(by_rule.items(), key=lambda item: -item[1].total()):
        rows.append([rule, confidence, *(by_tree[tree] for tree in sizes), f"{by_tree.total() * per_ten:.2f}"])
    print()
    print(scanners.table(rows))
    if given.list:
        Path(given.list).write_text("\n".join(sorted(listed)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
