#!/bin/sh
# Validates SARIF reports with Microsoft's validator and the schema, and line hashes with a second implementation.
#
#   tests/sarif-validator.sh [FILE.sarif ...]          0 errors and 0 warnings, or it fails; without files it
#                                                      takes those that `cargo test --test sarif_reports` leaves
#   tests/sarif-validator.sh --line-hashes FILE ROOT   the hashes in FILE equal those computed from the files in ROOT
#
# Needs npm and the network the first time; check-jsonschema is used where it is installed.
# SARIF_VALIDATOR_CACHE names the folder that the validator is kept in.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
cache=${SARIF_VALIDATOR_CACHE:-${CARGO_TARGET_DIR:-$here/target}/sarif-validator}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
package=$cache/node_modules/@microsoft/sarif-multitool-linux
if [ ! -f "$package/Sarif.Multitool" ]; then
    npm install --prefix "$cache" --no-save --no-audit --no-fund --silent @microsoft/sarif-multitool@5.7.0 >&2
fi
chmod u+x "$package/Sarif.Multitool"
work=$(mktemp -d "$cache/run.XXXXXX")
trap 'rm -rf "$work"' EXIT

if [ "${1:-}" = --line-hashes ]; then
    [ $# -eq 3 ] || { echo "usage: $0 --line-hashes FILE ROOT" >&2; exit 2; }
    root=$(cd "$3" && pwd)
    # Their copy: no names of ours, and a root that can be read.
    node -e '
        const fs = require("fs"), url = require("url");
        const [, from, root, to] = process.argv;
        const log = JSON.parse(fs.readFileSync(from, "utf8"));
        const base = url.pathToFileURL(root).href + "/";
        for (const run of log.runs) {
            run.originalUriBaseIds.SRCROOT.uri = base;
            for (const result of run.results) delete result.partialFingerprints;
        }
        fs.writeFileSync(to, JSON.stringify(log));
    ' "$2" "$root" "$work/bare.sarif"
    "$package/Sarif.Multitool" rewrite "$work/bare.sarif" --insert RollingHashPartialFingerprints \
        -o "$work/theirs.sarif" --log ForceOverwrite >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    node -e '
        const fs = require("fs");
        const read = (file) => JSON.parse(fs.readFileSync(file, "utf8")).runs.flatMap((run) => run.results);
        const [ours, theirs] = [read(process.argv[1]), read(process.argv[2])];
        const hash = (result) => (result.partialFingerprints || {})["primaryLocationLineHash"];
        let compared = 0, wrong = 0;
        ours.forEach((result, index) => {
            const place = result.locations[0].physicalLocation, other = hash(theirs[index]);
            if (hash(result) === undefined) return;
            compared += 1;
            if (hash(result) !== other) {
                wrong += 1;
                console.error(`${place.artifactLocation.uri}:${place.region.startLine}: ${hash(result)}, theirs ${other}`);
            }
        });
        console.log(`${compared} line hashes compared, ${wrong} differ`);
        process.exit(compared > 0 && wrong === 0 ? 0 : 1);
    ' "$2" "$work/theirs.sarif"
    exit
fi

[ $# -gt 0 ] || set -- "${CARGO_TARGET_DIR:-$here/target}"/tmp/sarif/*.sarif
failed=0
for file in "$@"; do
    [ -f "$file" ] || { echo "$file: no such report" >&2; exit 2; }
    rm -f "$work/report.sarif"
    # The exit code says nothing: what was found stands in the report only.
    "$package/Sarif.Multitool" validate "$file" --rule-kind "Sarif;Gh;Ghas" --level "Error;Warning;Note" \
        -o "$work/report.sarif" --log ForceOverwrite >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    node -e '
        const fs = require("fs");
        const [, from, name] = process.argv;
        const counts = { error: 0, warning: 0, note: 0 };
        for (const run of JSON.parse(fs.readFileSync(from, "utf8")).runs) {
            const failures = run.invocations?.flatMap((one) => one.toolExecutionNotifications || []) || [];
            for (const failure of failures.filter((one) => one.level === "error")) {
                counts.error += 1;
                console.error(`${name}: validator: ${failure.message?.text}`);
            }
            for (const result of run.results || []) {
                const level = result.level || "warning";
                counts[level] += 1;
                if (level === "note" && !process.env.SARIF_VALIDATOR_NOTES) continue;
                const place = result.locations?.[0]?.physicalLocation?.region?.startLine;
                console.error(`${name}:${place}: ${level} ${result.ruleId}: ${JSON.stringify(result.message)}`);
            }
        }
        console.log(`${name}: ${counts.error} errors, ${counts.warning} warnings, ${counts.note} notes`);
        process.exit(counts.error + counts.warning ? 1 : 0);
    ' "$work/report.sarif" "$(basename "$file")" || failed=1
    if command -v check-jsonschema >/dev/null; then
        check-jsonschema --quiet --schemafile "$package/sarif-2.1.0.json" "$file" || failed=1
    else
        echo "$(basename "$file"): schema not checked, check-jsonschema is not installed" >&2
    fi
done
exit $failed
