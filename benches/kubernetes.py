#!/usr/bin/env python3
"""bedrail next to checkov and trivy on Kubernetes manifests: CPU seconds over one folder, and the lines they name.

Every tool scans the same folder offline, and its CPU time is the kernel's count for it and its children. The second
table is about one manifest of this script: ten faults, each with the line of its key, and the lines that each tool
says. Nothing is written outside a temporary folder.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import scanners

# Three documents; a comment behind a key names the fault.
MANIFEST = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: viewer
rules:
  - apiGroups: [""]
    resources: [pods]
    verbs: ["*"] # any verb
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: archive
  namespace: imaging
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          hostNetwork: true # host network
          hostPID: true # host processes
          hostIPC: true # host memory
          containers:
            - name: copy
              image: registry.example.org/copy@sha256:0000000000000000000000000000000000000000000000000000000000000000
              resources:
                limits: {cpu: 100m, memory: 64Mi}
              securityContext:
                runAsNonRoot: true
                allowPrivilegeEscalation: true # escalation
                capabilities:
                  drop: [ALL]
                  add:
                    - NET_BIND_SERVICE
                    - SYS_ADMIN # capability
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pacs
  namespace: imaging
spec:
  selector:
    matchLabels: {app: pacs}
  template:
    metadata:
      labels: {app: pacs}
    spec:
      volumes:
        - name: runtime
          hostPath:
            path: /var/run/docker.sock # runtime socket
      initContainers:
        - name: prepare
          image: registry.example.org/prepare:latest # latest
      containers:
        - name: store
          image: registry.example.org/store:1.4.2
          ports:
            - containerPort: 104
              hostPort: 104 # host port
          securityContext:
            privileged: true # privileged
"""
# fault: rules of bedrail, checkov and trivy
FAULTS = {
    "any verb": (("kubernetes-role-any-verb",), ("CKV_K8S_49",), ("KSV-0044", "KSV-0045", "KSV-0046")),
    "host network": (("kubernetes-pod-host-network",), ("CKV_K8S_19",), ("KSV-0009",)),
    "host processes": (("kubernetes-pod-host-pid",), ("CKV_K8S_17",), ("KSV-0010",)),
    "host memory": (("kubernetes-pod-host-ipc",), ("CKV_K8S_18",), ("KSV-0008",)),
    "escalation": (("kubernetes-container-escalation",), ("CKV_K8S_20",), ("KSV-0001",)),
    "capability": (
        ("kubernetes-capability-dangerous", "kubernetes-capability-sys-admin", "kubernetes-capability-host"),
        ("CKV_K8S_39", "CKV_K8S_25"),
        ("KSV-0005", "KSV-0022"),
    ),
    "runtime socket": (("kubernetes-volume-runtime-socket",), ("CKV_K8S_27",), ("KSV-0006",)),
    "latest": (("kubernetes-image-latest",), ("CKV_K8S_14",), ("KSV-0013",)),
    "host port": (("kubernetes-container-host-port",), ("CKV_K8S_26",), ("KSV-0024",)),
    "privileged": (("kubernetes-container-privileged",), ("CKV_K8S_16",), ("KSV-0017",)),
}
TOOLS = ("bedrail", "checkov", "trivy")


def commands(folder, bin_folder, out):
    """Each tool's command, and where it leaves its SARIF (nowhere: standard output)."""
    home = out / "home"
    home.mkdir(exist_ok=True)
    home.chmod(0o777)
    # Nobody, without a network: what trivy is told to leave alone it cannot fetch.
    jail = ["unshare", "-n", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    trivy = ["config", "--skip-check-update", "--skip-version-check", "--disable-telemetry", "--timeout", "60m", "-q"]
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "TRIVY_CACHE_DIR": str(home / "trivy")}
    checkov = ["--framework", "kubernetes", "--compact", "--quiet", "--skip-download", "--soft-fail", "-o", "sarif"]
    return {
        "bedrail": ([scanners.bedrail(), "scan", str(folder), "--isolated", "--exit-zero", "--format", "sarif"], env, None),
        "checkov": (
            [bin_folder / "checkov", "-d", str(folder), *checkov, "--output-file-path", str(out)],
            env,
            out / "results_sarif.sarif",
        ),
        "trivy": ([*jail, bin_folder / "trivy", *trivy, "-f", "sarif", str(folder)], env, None),
    }


def run(command, env, report):
    """CPU seconds, peak memory in MB, and the SARIF."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(part) for part in command], env=env, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(f"{command[0]} failed: {done.stderr.decode(errors='replace')[-500:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, json.loads(report.read_text() if report else done.stdout)


def results(sarif):
    for one in (result for part in sarif["runs"] for result in part.get("results", [])):
        region = one["locations"][0]["physicalLocation"].get("region", {})
        yield one["ruleId"], region.get("startLine", 0), region.get("endLine", region.get("startLine", 0))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("folder", type=Path, help="a folder of manifests")
    arguments.add_argument("--bin", type=Path, default=scanners.TARGET / "bench-venv/bin", help="where checkov and trivy are")
    arguments.add_argument("--runs", type=int, default=3, help="runs of each, after one that is not counted [3]")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        out.chmod(0o755)
        rows, fastest = [], None
        for name, (command, env, report) in commands(given.folder.resolve(), given.bin.resolve(), out).items():
            took = [run(command, env, report) for _ in range(given.runs + 1)][1:]
            cpu = statistics.median(cpu for cpu, _ in took)
            fastest = fastest or cpu
            found = list(results(took[0][1]))
            rules = len({rule for rule, _, _ in found})
            rows.append([name, f"{cpu:.2f} s", f"{cpu / fastest:.0f}", len(found), rules])
        print(scanners.table([["", "CPU", "times bedrail's", "findings", "rules"], *rows]), "\n")

        one = out / "one"
        one.mkdir()
        (one / "all.yaml").write_text(MANIFEST)
        one.chmod(0o755)
        said = {name: list(results(run(*command)[1])) for name, command in commands(one, given.bin.resolve(), out).items()}
        rows = []
        for number, line in enumerate(MANIFEST.splitlines(), 1):
            fault = line.partition(" # ")[2]
            if fault:
                cells = [fault, number]
                for tool, rules in zip(TOOLS, FAULTS[fault]):
                    places = sorted({place[1:] for place in said[tool] if place[0] in rules})
                    near = [place for place in places if place[0] <= number <= place[1]] or places
                    spans = [str(first) if first == last else f"{first}–{last}" for first, last in near[:1]]
                    cells.append(spans[0] if spans else "not told")
                rows.append(cells)
        print(scanners.table([["fault", "line", *TOOLS], *rows]))


if __name__ == "__main__":
    main()
