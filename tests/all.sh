#!/usr/bin/env bash
# Runs every test there is, and installs what they need into target/. Needs a Rust toolchain; the SARIF validator
# needs node and npm too, and is left out, and said to be, where they are not there.
set -eu
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }

step "format and lints"
cargo fmt --check
cargo clippy --quiet --all-targets --locked -- -D warnings

step "tests"
cargo test --quiet --locked

step "the same without optional sources"
cargo check --quiet --locked --no-default-features

step "rules"
cargo build --quiet --release --locked
target/release/bedrail rules test

step "SARIF, by Microsoft's validator"
if command -v npm >/dev/null && command -v node >/dev/null; then
    tests/sarif-of-demo.sh target/release/bedrail target/tmp/sarif
    tests/sarif-validator.sh target/tmp/sarif/*.sarif
    tests/sarif-validator.sh
else
    echo "left out: npm and node are not installed"
fi

printf '\nall tests passed\n'
