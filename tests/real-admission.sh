#!/usr/bin/env bash
# Compiles all exported policies with the API server's own code, and holds its verdicts over the examples of all rules
# against the scanner's. Opt-in, and no part of all.sh: it takes Go and the libraries of Kubernetes from Debian's
# unstable distribution (about 120 MB of packages, nothing is installed), and needs curl, python3, dpkg-deb and cargo.
#
#   tests/real-admission.sh [FOLDER-WITH-MANIFESTS]
#
# What is fetched and built is kept in CACHE (target/real-admission by default).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
manifests=${1:+$(realpath "$1")}
cache=${CACHE:-$here/../target/real-admission}
mirror=${MIRROR:-http://deb.debian.org/debian}
mkdir -p "$cache/debs"
cache=$(cd "$cache" && pwd)
export GO111MODULE=off GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS= GOPATH="$cache/root/usr/share/gocode" GOCACHE="$cache/gocache"

# Names of packages on standard input: fetches them, and unpacks them.
unpack() {
    (cd "$cache/debs" && xargs -r -P 4 -n 8 curl -fsS --retry 3 --remote-name-all)
    for package in "$cache"/debs/*.deb; do
        dpkg-deb -x "$package" "$cache/root"
        rm "$package"
    done
}

fetch() {
    curl -fsS "$mirror/dists/sid/main/binary-amd64/Packages.xz" -o "$cache/Packages.xz"
    # All that the libraries depend on, without what only serves parts of them that are not used here.
    python3 - "$cache/Packages.xz" "$mirror" > "$cache/packages" <<'END'
import lzma, re, sys
packages, provided, current = {}, {}, {}
for line in lzma.open(sys.argv[1], "rt", encoding="utf8"):
    line = line.rstrip("\n")
    if not line:
        packages[current["Package"]] = current
        current = {}
    elif not line.startswith(" "):
        key, _, value = line.partition(": ")
        current[key] = value
names = lambda text: [part.strip().split(" ")[0].split(":")[0] for part in re.split(r"[,|]", text) if part.strip()]
for package in packages.values():
    for name in names(package.get("Provides", "")):
        provided.setdefault(name, package["Package"])
unused = re.compile(
    "aws|gonum|google-api-dev|google-cloud-dev|mongo|nats|arrow|echo|casbin|gofpdf|svgo|gg-dev|freetype|x-image|charm"
    "|go-git|muesli|redi|amqp|olekukonko|colorful|zookeeper|influx|sftp|flatbuffers|x-arch|x-tools|avo-dev|klauspost"
    "|lz4|hcl-|viper|afero|memcache|kin-openapi|oasdiff|leveldb|go-github-dev|pkcs11|s2a|enterprise|martian|grpc-gcp"
    "|spiffe|opencensus|einride|httpcache|rapid|labstack|hdr|ini.v1|cheggaaa|pprof|circl|protonmail|goldmark|highway"
    "|bleve|golang-any|golang-src$|golang-go$")
compiler = max((name for name in packages if re.fullmatch(r"golang-1\.\d+-go", name)), key=lambda name: int(name[9:-3]))
# The second is used, but no dependency.
waiting = ["golang-k8s-apiserver-dev", "golang-github-fsnotify-fsnotify-dev", compiler, compiler[:-2] + "src"]
found = set()
while waiting:
    name = waiting.pop()
    name = name if name in packages else provided.get(name)
    if not name or name in found or not name.startswith("golang-") or unused.search(name):
        continue
    found.add(name)
    waiting += names(packages[name].get("Depends", ""))
for name in sorted(found):
    print(f"{sys.argv[2]}/{packages[name]['Filename']}")
END
    unpack < "$cache/packages"
}

[ -d "$cache/root" ] || fetch
GOROOT=$(echo "$cache"/root/usr/lib/go-1.*)
export GOROOT
(cd "$here/real-admission" && "$GOROOT/bin/go" build -o "$cache/real-admission" .)
cases=$(mktemp -d)
trap 'rm -rf "$cases"' EXIT
(
    cd "$here/.."
    export ADMISSION_OUT="$cases"
    [ -z "$manifests" ] || export ADMISSION_OBJECTS="$manifests"
    cargo test --no-default-features --test admission -- --ignored cases_for_a_real_evaluator
)
# The oldest version that has policies, and the newest that these libraries know.
newest=$(sed -n 's/.*golang-k8s-apiserver-dev_0\.\([0-9]*\)\..*/\1/p' "$cache/packages")
"$cache/real-admission" "$cases" 30 "${newest:-30}"
