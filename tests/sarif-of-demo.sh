#!/usr/bin/env bash
# Writes SARIF of the demo repository, of its facts, and of an empty folder: what tests/sarif-validator.sh reads.
#   tests/sarif-of-demo.sh BINARY OUTDIR
set -eu
cd "$(dirname "$0")/.."
[ $# = 2 ] || { echo "usage: tests/sarif-of-demo.sh BINARY OUTDIR" >&2; exit 2; }
binary=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")

# The test fills in the placeholders and writes target/tmp/demo.
cargo test --quiet --locked --test demo something_is_found >/dev/null
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/tmp/empty"

# run EXIT_CODE ARGUMENT... : the program must end with this code.
run() {
    local expected=$1 code=0
    shift
    "$binary" scan --no-progress --quiet "$@" || code=$?
    [ "$code" = "$expected" ] || { echo "exit code $code instead of $expected: scan $*" >&2; exit 1; }
}
run 1 --format "sarif:$out/demo.sarif" "$target/tmp/demo"
run 1 --format "sarif:$out/demo-silenced.sarif" --show-silenced --timestamps "$target/tmp/demo"
run 3 --format "sarif:$out/empty.sarif" "$target/tmp/empty"
