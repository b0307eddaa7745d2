#!/bin/bash
# Wall time, CPU time and memory of bedrail and its rivals over a tree, from cold start and on staged files.
#
#   benches/speed.sh TREE
#
# Every scanner runs offline (no validation, no update check), in the tree, with its report thrown away. Figures are
# printed with their ratio to bedrail's. Runs: $BEDRAIL_BENCH_RUNS (5). detect-secrets, which takes many minutes for a tree,
# reads one with BEDRAIL_BENCH_SLOW=1 only; it and ripsecrets are timed once there. On a busy machine compare the CPU columns. See benches/setup.sh for what must be there.
set -euo pipefail
[ $# -eq 1 ] && [ -d "$1" ] || { echo "usage: $0 TREE" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
target=${BEDRAIL_BENCH_TARGET:-$root/target}
bedrail=${BEDRAIL:-$root/target/release/bedrail}
runs=${BEDRAIL_BENCH_RUNS:-5}
tree=$(cd "$1" && pwd)
work=$target/bench-work/speed
venv=$target/bench-venv/bin
cache=$target/bench-work/kingfisher-cache
rm -rf "$work" && mkdir -p "$work" "$target/bench-work/home"
# Whatever a scanner writes to its home stays under target/.
export HOME=$target/bench-work/home XDG_CACHE_HOME=$target/bench-work/home GIT_CONFIG_NOSYSTEM=1 NO_COLOR=1

kingfisher="$venv/kingfisher scan . --no-validate --no-update-check --git-history none --rule-cache-dir $cache --format jsonl -q"

# What each scanner is asked to do, by the kind of measurement: `name|command`, one a line.
contestants() {
    case $1 in
    staged)
        echo "bedrail|$bedrail scan --staged --no-progress -q --exit-zero"
        echo "kingfisher|$kingfisher --staged"
        echo "betterleaks|$venv/betterleaks git . --staged --no-banner --jsonl --log-level error"
        echo "ripsecrets|$target/bench-tools/bin/ripsecrets $(cd "$work/staged" && git ls-files | tr '\n' ' ')"
        return ;;
    esac
    echo "bedrail|$bedrail scan . --format json --no-progress -q --exit-zero --isolated --no-ignore"
    echo "bedrail, 1 thread|$bedrail scan . --format json --no-progress -q --exit-zero --isolated --no-ignore --threads 1"
    echo "rg, no match|rg -uu --count zqxjkvb_never_there ."
    echo "kingfisher|$kingfisher"
    echo "betterleaks|$venv/betterleaks fs . --no-banner --jsonl --log-level error"
    echo "ripsecrets|$target/bench-tools/bin/ripsecrets ."
    if [ "$1" = ten ]; then echo "kingfisher, no cache|$kingfisher --no-rule-cache"; fi
    [ "$1" = tree ] && [ -z "${BEDRAIL_BENCH_SLOW:-}" ] || echo "detect-secrets|$venv/detect-secrets scan --all-files --no-verify ."
}

# measure KIND FOLDER RUNS: a line of JSON a scanner in $work/KIND.jsonl.
measure() {
    local kind=$1 folder=$2 runs=$3 name command binary times
    contestants "$kind" | while IFS='|' read -r name command; do
        binary=${command%% *}
        command -v "$binary" > /dev/null || { echo "$name: not installed, left out" >&2; continue; }
        times=$runs
        case $kind:$name in tree:ripsecrets | tree:detect-secrets) times=1 ;; esac
        # The first run fills the caches, and tells the memory.
        (cd "$folder" && /usr/bin/time -f '%M' -o "$work/memory" sh -c "exec $command" > /dev/null 2>&1 < /dev/null) || true
        (cd "$folder" && hyperfine -N -i --runs "$times" --export-json "$work/one.json" "$command" > /dev/null 2>&1 < /dev/null)
        python3 - "$work" "$name" >> "$work/$kind.jsonl" <<'PY'
import json, sys
work, name = sys.argv[1:]
one = json.load(open(f"{work}/one.json"))["results"][0]
# GNU time writes "Command exited with non-zero status" first.
memory = int(open(f"{work}/memory").read().split()[-1])
# The fastest run: others on the machine can only slow a run down.
print(json.dumps({"name": name, "wall": min(one["times"]), "cpu": one["user"] + one["system"], "memory": memory / 1024}))
PY
    done
}

show() {
    printf '\n%s\n\n' "$2"
    python3 - "$work/$1.jsonl" <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
ours = rows[0]
def seconds(value):
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"
print("| | wall | ratio | CPU | ratio | memory | ratio |\n|---|---|---|---|---|---|---|")
for row in rows:
    cells = [row["name"]]
    for key, shown in (("wall", seconds), ("cpu", seconds), ("memory", lambda mb: f"{mb:.0f} MB")):
        cells += [shown(row[key]), f"{row[key] / ours[key]:.2f}" if row[key] / ours[key] < 10 else f"{row[key] / ours[key]:.0f}"]
    print("| " + " | ".join(cells) + " |")
PY
}

# Ten files of the tree, spread over it, of the usual size of source files.
ten() {
    (cd "$tree" && find . -type f -size +1k -size -40k -not -path './.git/*' | sort > "$work/files")
    local count step
    count=$(wc -l < "$work/files")
    step=$((count / 10))
    mkdir -p "$work/ten" "$work/staged"
    git init --quiet --template= "$work/ten"
    git init --quiet --template= "$work/staged"
    awk -v step="$step" 'NR % step == 1 && ++taken <= 10' "$work/files" | {
        local number=0 file extension
        while read -r file; do
            number=$((number + 1))
            extension=$(basename "$file" | sed 's/.*\.//')
            cp "$tree/$file" "$work/ten/file$number.$extension"
            cp "$tree/$file" "$work/staged/file$number.$extension"
        done
    }
    git -C "$work/staged" add --force .
}

ten
bytes=$(find "$tree" -type f -not -path '*/.git/*' -printf '%s\n' | awk '{ n += $1 } END { printf "%.0f", n / 1e6 }')
echo "$("$bedrail" --version), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), best of $runs runs"
measure tree "$tree" "$runs"
show tree "the tree: $bytes MB in $(find "$tree" -type f -not -path '*/.git/*' | wc -l) files"
measure ten "$work/ten" "$((runs * 4))"
show ten "ten files, from a cold start"
measure staged "$work/staged" "$((runs * 4))"
show staged "ten staged files (ripsecrets is given the files: it knows no index)"
