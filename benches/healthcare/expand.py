#!/usr/bin/env python3
"""Fills in the placeholders of the healthcare cases and writes one file a case.

`<<…>>` holds literal text and classes `[…]{n}`, as in the examples of bedrail's rules (src/rule/placeholder.rs), and
is seeded by the case's id: the same text at every run. `<<key:NAME>>` is a key made on the spot by openssl or ssh-keygen
(or the argument of HTTP Basic), for scanners that look inside: another one at every run.
"""

import base64
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
PLACEHOLDER = re.compile(r"<<((?:[^\[\]<>\n]|\[(?:\\.|[^\]\\\n])+\])*?\[(?:\\.|[^\]\\\n])+\](?:[^\[\]>\n]|\[(?:\\.|[^\]\\\n])+\])*)>>")
PART = re.compile(r"\[((?:\\.|[^\]\\])+)\](?:\{(\d+)\})?")
KEY = re.compile(r"<<key:([a-z-]+)>>")


def members(body):
    """The characters of a class: single ones, ranges, and anything after a backslash."""
    found = []
    characters = re.findall(r"\\?.", body)
    at = 0
    while at < len(characters):
        first = characters[at][-1]
        if at + 2 < len(characters) and characters[at + 1] == "-":
            found += [chr(code) for code in range(ord(first), ord(characters[at + 2][-1]) + 1)]
            at += 3
        else:
            found.append(first)
            at += 1
    return found


def fill(text, seed):
    """Placeholders of random text, from the seed."""
    chance = random.Random(hashlib.sha256(seed.encode()).digest())

    def part(found):
        choices = members(found[1])
        return "".join(chance.choice(choices) for _ in range(int(found[2] or 1)))

    return PLACEHOLDER.sub(lambda found: PART.sub(part, found[1]), text)


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout.strip()


@cache
def key(name):
    """A fresh key in the form that the case asks for."""
    if name.endswith("-json"):
        return json.dumps(key(name.removesuffix("-json")) + "\n")[1:-1]
    if name == "basic":
        return base64.b64encode(f"viewer:{os.urandom(6).hex()}".encode()).decode()
    if name == "rsa":
        return openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    if name == "ec":
        return openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384")
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/key"
        if name == "openssh":
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "feed", "-f", file], check=True)
            return Path(file).read_text(encoding="ascii").strip()
        Path(file).write_text(key("rsa") + "\n", encoding="ascii")
        if name == "rsa-traditional":
            return openssl("rsa", "-in", file, "-traditional")
        if name == "rsa-public":
            return openssl("pkey", "-in", file, "-pubout")
        if name == "certificate":
            return openssl("req", "-x509", "-key", file, "-subj", "/CN=pacs.hospital.example", "-days", "30")
        if name == "rsa-der":
            return "".join(openssl("rsa", "-in", file, "-traditional").splitlines()[1:-1])
    sys.exit(f"no key is called {name}")


def cases():
    """The cases as they stand in cases.toml."""
    return tomllib.loads((HERE / "cases.toml").read_text(encoding="utf-8"))["case"]


def write(folder):
    """One folder a case, with its file."""
    shutil.rmtree(folder, ignore_errors=True)
    written = cases()
    for case in written:
        place = Path(folder) / case["id"]
        place.mkdir(parents=True)
        text = KEY.sub(lambda found: key(found[1]), fill(case["text"], case["id"]))
        if "<<" in text.replace("<<EOF", ""):
            sys.exit(f"{case['id']}: a placeholder was not filled in")
        (place / case["file"]).write_text(text, encoding="utf-8")
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: expand.py FOLDER (it is emptied first)")
    print(len(write(sys.argv[1])), "cases written")
