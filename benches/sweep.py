#!/usr/bin/env python3
"""Asks thousands of endpoints on loopback, and measures how: memory, connections a second and at a time as the servers
count them, time, and what a scan that was killed asks again.

    benches/sweep.py target/release/bedrail [--endpoints 2000] [--hosts 256] [--rate N] [--no-resume]

Every endpoint has an address of its own in 127.0.0.0/8 and the same port, which needs Linux. Of each twenty, thirteen speak
TLS, two speak HL7 in clear, and one each is slow, silent, breaks off, refuses all hellos, or has no listener. Needs Python 3.11, openssl and GNU time.
"""

import argparse
import asyncio
import collections
import json
import logging
import os
import re
import resource
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

KINDS = ["tls"] * 13 + ["mllp"] * 2 + ["slow", "silent", "reset", "alert", "refused"]
ESTABLISHED = 1


class Endpoints:
    """The servers, in a thread, and what they counted."""

    def __init__(self, number):
        self.kinds = [KINDS[at % len(KINDS)] for at in range(number)]
        self.addresses = [f"127.{1 + at // 62500}.{at // 250 % 250}.{1 + at % 250}" for at in range(number)]
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.forget()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        "key.pem", "-out", "crt.pem", "-days", "300", "-subj", "/CN=sweep"], check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain("crt.pem", "key.pem")
        self.context.set_ciphers("ECDHE+AESGCM")
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.run(ready)), daemon=True).start()
        ready.wait()

    def forget(self):
        self.begun, self.open, self.together = collections.defaultdict(list), collections.defaultdict(set), 0

    async def run(self, ready):
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        servers = []
        for address, kind in zip(self.addresses, self.kinds):
            if kind != "refused":
                serve = lambda reader, writer, address=address, kind=kind: self.serve(reader, writer, address, kind)
                servers.append(await asyncio.start_server(serve, address, self.port, backlog=64))
        ready.set()
        await asyncio.Event().wait()

    async def serve(self, reader, writer, address, kind):
        sock = writer.get_extra_info("socket")
        # Another that the kernel still holds open from both sides; one that the client has ended is only waiting for us.
        alive = lambda one: one.fileno() >= 0 and one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED
        self.together += any(alive(one) for one in self.open[address])
        self.begun[address].append(time.monotonic())
        self.open[address].add(sock)
        try:
            if kind == "silent":
                await reader.read()
            elif kind == "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif kind == "alert":
                await reader.read(1)
                writer.write(bytes([21, 3, 1, 0, 2, 2, 40]))
                await writer.drain()
            elif kind == "mllp":
                await reader.readuntil(b"\x1c\r")
                writer.write(b"\x0bMSH|^~\\&|A|||||||ACK|1|P|2.5\rMSA|AR|T\r\x1c\r")
                await writer.drain()
            else:
                if kind == "slow":
                    await asyncio.sleep(0.2)
                await writer.start_tls(self.context, ssl_handshake_timeout=5)
                await reader.read(1)
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()
            self.open[address].discard(sock)

    def written(self):
        """A file of targets."""
        scheme = lambda kind: "mllp" if kind == "mllp" else "tls"
        return "".join(f"{scheme(kind)}://{address}:{self.port}\n" for address, kind in zip(self.addresses, self.kinds))

    def counted(self):
        times = sorted(at for times in self.begun.values() for at in times)
        most = left = 0
        for right, at in enumerate(times):
            while at - times[left] >= 1:
                left += 1
            most = max(most, right - left + 1)
        return {"connections": len(times), "most in a second": most, "two at a time": self.together,
                "mean a second": round(len(times) / max(times[-1] - times[0], 0.001)) if times else 0}


def scan(arguments, journal, out):
    command = [arguments.bedrail, "scan", "--targets", "list", "--format", "json", "--timeout", "1", "--hosts",
               str(arguments.hosts), "--resume", journal]
    if arguments.rate:
        command += ["--max-rate", str(arguments.rate)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(int(time.time()) // 86400 * 86400)}
    return subprocess.Popen(["/usr/bin/time", "-v", "-o", f"{out}.time", *command], stdout=open(out, "wb"),
                            stderr=subprocess.DEVNULL, env=environment, start_new_session=True)


def finished(process, out, began):
    process.wait()
    text = open(f"{out}.time").read()
    memory = int(re.search(r"Maximum resident set size \(kbytes\): (\d+)", text)[1])
    user, system = (float(re.search(rf"{kind} time \(seconds\): ([\d.]+)", text)[1]) for kind in ("User", "System"))
    return {"exit": process.returncode, "seconds": round(time.monotonic() - began, 1), "memory, MB": round(memory / 1024, 1),
            "CPU, s": round(user + system, 1), "report, MB": round(os.path.getsize(out) / 1e6, 1)}


def told(journal):
    """The endpoints of which a journal holds facts, and no trouble."""
    found = set()
    for line in open(journal, "rb"):
        if line.endswith(b"\n"):
            entry = json.loads(line)
            facts = entry["outcome"].get("facts")
            if facts and facts[1] is None:
                found.add(re.search(r"//([\d.]+):", entry["target"])[1])
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bedrail", type=os.path.abspath)
    parser.add_argument("--endpoints", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=256)
    parser.add_argument("--rate", type=int)
    parser.add_argument("--no-resume", action="store_true")
    arguments = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    os.chdir(tempfile.mkdtemp(prefix="bedrail-sweep-"))
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    endpoints = Endpoints(arguments.endpoints)
    open("list", "w").write(endpoints.written())

    began = time.monotonic()
    whole = finished(scan(arguments, "journal", "whole.json"), "whole.json", began)
    print("whole:", json.dumps({**whole, **endpoints.counted()}), flush=True)
    report = json.load(open("whole.json"))
    rules = collections.Counter(finding["rule"] for finding in report["findings"])
    print(f"    {len(report['findings'])} findings of {len(rules)} rules, {len(report['notices'])} notices; journal "
          f"{os.path.getsize('journal') / 1e6:.1f} MB", flush=True)
    if arguments.no_resume:
        return 0

    endpoints.forget()
    began = time.monotonic()
    process = scan(arguments, "cut", "cut.json")
    while process.poll() is None and (not os.path.exists("cut") or open("cut", "rb").read().count(b"\n") * 2 < arguments.endpoints):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before, asked = told("cut"), {address for address, times in endpoints.begun.items() if times}
    print("killed:", json.dumps({"seconds": round(time.monotonic() - began, 1), "journal holds": len(before),
                                 **endpoints.counted()}), flush=True)
    time.sleep(1)
    endpoints.forget()
    began = time.monotonic()
    rest = finished(scan(arguments, "cut", "rest.json"), "rest.json", began)
    again = {address for address, times in endpoints.begun.items() if times}
    unheard = {address for address, kind in zip(endpoints.addresses, endpoints.kinds) if kind in ("silent", "reset", "alert")}
    print("resumed:", json.dumps({**rest, **endpoints.counted(), "asked again though known": len(again & before),
                                  "asked again that were cut off": len((again & asked) - before - unheard),
                                  "the same report": open("rest.json", "rb").read() == open("whole.json", "rb").read()}))
    return 0 if not again & before else 1


if __name__ == "__main__":
    sys.exit(main())
