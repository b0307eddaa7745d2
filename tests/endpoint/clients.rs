//! Who the client says that it is, whom it asks for, and what it could speak inside: certificates of clients, names of
//! servers, protocols.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::program::{bedrail, command, run};
use super::servers::{Pki, Server, client_hello, drain, peeked_hello, read_to, tls};
use super::{BOTH, NEWEST, asked, facts, folder, names, scanned, write};

/// A server of HTTP that wants certificates, or not.
fn https(pki: &Pki, versions: &[&'static rustls::SupportedProtocolVersion], client: Option<bool>) -> Server {
    let config = Arc::new(pki.config(versions, client));
    Server::start(move |stream| {
        tls(stream, &config, |stream| {
            let heard = read_to(stream, b"\r\n\r\n");
            if !heard.is_empty() {
                let _ = stream.write_all(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nStrict-Transport-Security: \
                      max-age=63072000\r\n\r\n{}",
                );
            }
        });
    })
}

#[test]
fn what_only_clients_with_certificates_are_told_is_told() {
    let (root, pki, other) = (folder(), Pki::new(), Pki::new());
    let path = |name: &str| root.path().join(name).display().to_string();
    for (name, text) in [
        ("cert.pem", pki.client().0),
        ("other.pem", other.client().0),
        ("both.pem", {
            let (certificate, key) = pki.client();
            format!("{key}{certificate}")
        }),
    ] {
        write(root.path(), name, text);
    }
    let (certificate, key) = pki.client();
    write(root.path(), "cert.pem", certificate);
    write(root.path(), "key.pem", key);
    let (certificate, key) = other.client();
    write(root.path(), "other.pem", certificate);
    write(root.path(), "other.key", key);
    let shown = ["--client-cert", &path("cert.pem"), "--client-key", &path("key.pem"), "--timeout", "2"];
    let strange = ["--client-cert", &path("other.pem"), "--client-key", &path("other.key"), "--timeout", "2"];
    let both = ["--client-cert", &path("both.pem"), "--timeout", "2"];
    let nothing = ["--timeout", "2"];
    let twelve = &[&rustls::version::TLS12][..];
    for versions in [BOTH, NEWEST, twelve] {
        for (client, arguments, asked_for, became, opened) in [
            (Some(true), &shown[..], "required", json!("accepted"), true),
            (Some(true), &both[..], "required", json!("accepted"), true),
            (Some(true), &strange[..], "required", json!("refused"), false),
            (Some(true), &nothing[..], "required", Value::Null, false),
            (Some(false), &shown[..], "requested", json!("accepted"), true),
            (None, &shown[..], "none", json!("not asked for"), true),
        ] {
            let server = https(&pki, versions, client);
            let facts = facts(&server.url("https"), arguments);
            let told = (&facts["client_auth"], &facts["client_certificate"], facts["hsts"]["max_age"] == 63_072_000);
            assert_eq!(told, (&json!(asked_for), &became, opened), "{client:?} {arguments:?}: {facts}");
            assert_eq!(facts["service"], json!(if opened { "fhir" } else { "http" }), "{facts}");
        }
    }
}

#[test]
fn a_file_of_targets_names_certificates_beside_it() {
    let (root, pki) = (folder(), Pki::new());
    let (certificate, key) = pki.client();
    write(root.path(), "lists/cert.pem", certificate);
    write(root.path(), "lists/key.pem", &key);
    let server = https(&pki, NEWEST, Some(true));
    let list = format!("{} cert=cert.pem key=key.pem sni=pacs.example\n", server.url("https"));
    write(root.path(), "lists/list", list);
    let arguments = ["facts", "--targets", "lists/list", "--gap", "0", "--timeout", "2", "--resume", "journal"];
    let ran = bedrail(root.path(), &arguments);
    let facts = &ran.json()["documents"][0]["root"];
    assert_eq!(facts["client_certificate"], json!("accepted"), "{ran:?}");
    assert_eq!(facts["server_name"], json!("pacs.example"), "{ran:?}");
    // No line of the key is anywhere.
    let journal = std::fs::read_to_string(root.path().join("journal")).expect("a journal");
    let said = format!("{}{}{journal}", ran.out, ran.err);
    for line in key.lines().filter(|line| !line.starts_with("-----")) {
        assert!(!said.contains(line), "the key is told");
    }
    // Asked again in another way, it is asked again.
    let before = server.connections();
    let again = run(command(root.path(), &arguments));
    assert_eq!((again.code, server.connections()), (Some(0), before), "{again:?}");
    write(root.path(), "lists/list", format!("{} sni=pacs.example\n", server.url("https")));
    let without = run(command(root.path(), &arguments));
    assert!(server.connections() > before, "{without:?}");
}

#[test]
fn a_wrong_certificate_is_shown_where_it_is_named() {
    let (root, pki) = (folder(), Pki::new());
    let ((certificate, key), (_, other)) = (pki.client(), pki.client());
    write(root.path(), "cert.pem", &certificate);
    write(root.path(), "key.pem", &key);
    write(root.path(), "other.pem", &other);
    write(root.path(), "locked.pem", key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
    write(root.path(), "empty.pem", "");
    for (arguments, words) in [
        (&["--client-cert", "none.pem"][..], &["cannot read none.pem", "--client-cert"][..]),
        (&["--client-cert", "cert.pem", "--client-key", "none.pem"], &["cannot read none.pem", "--client-key"]),
        (&["--client-cert", "empty.pem", "--client-key", "key.pem"], &["no certificate"]),
        (&["--client-cert", "cert.pem"], &["no private key", "--client-key"]),
        (&["--client-cert", "cert.pem", "--client-key", "other.pem"], &["does not belong to the certificate"]),
        (&["--client-cert", "cert.pem", "--client-key", "locked.pem"], &["is encrypted", "openssl pkey"]),
        (&["--client-key", "key.pem"], &["--client-cert"]),
    ] {
        for command in ["scan", "facts"] {
            let ran = bedrail(root.path(), &[&[command, "tls://127.0.0.1:1"], arguments].concat());
            assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
            for word in words {
                assert!(ran.err.contains(word), "{arguments:?} {word}: {}", ran.err);
            }
            for secret in [&key, &other] {
                assert!(secret.lines().filter(|line| line.len() > 40).all(|line| !ran.err.contains(line)));
            }
        }
    }
    write(root.path(), "list", "# ours\ntls://127.0.0.1:1\ntls://h.example cert=cert.pem key=other.pem\n");
    let ran = bedrail(root.path(), &["scan", "--targets", "list"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("list:3:") && ran.err.contains("key=other.pem"), "{}", ran.err);
    assert!(!ran.err.contains("# ours"), "only the line that is wrong is shown: {}", ran.err);
}

/// Notes the names that hellos ask for, and those that HTTP does.
fn noting(config: rustls::ServerConfig) -> (Server, Arc<Mutex<[Vec<Option<String>>; 2]>>) {
    let (asked, config) = (Arc::new(Mutex::new([Vec::new(), Vec::new()])), Arc::new(config));
    let noted = asked.clone();
    let server = Server::start(move |stream| {
        let Some(hello) = peeked_hello(&stream) else { return };
        // SSLv3 knows no names.
        if hello.version > 0x0300 {
            let name = hello.extension(0).map(|inside| String::from_utf8_lossy(&inside[5..]).into_owned());
            noted.lock().expect("no panic")[0].push(name);
        }
        tls(stream, &config, |stream| {
            let heard = read_to(stream, b"\r\n\r\n");
            let heard = String::from_utf8_lossy(&heard);
            let Some(host) = heard.lines().find_map(|line| line.strip_prefix("Host: ")) else { return };
            let name = host.rsplit_once(':').map(|(name, _)| name.to_owned());
            noted.lock().expect("no panic")[1].push(name);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        });
    });
    (server, asked)
}

#[test]
fn a_server_is_asked_for_the_name_and_held_against_it() {
    let pki = Pki::of("xn--mnchen-3ya.example");
    for (arguments, expected, fits) in [
        (&[][..], None, false),
        (&["--sni", "pacs.example"], Some("pacs.example"), false),
        (&["--sni", "München.example."], Some("xn--mnchen-3ya.example"), true),
    ] {
        let (server, asked) = noting(pki.config(BOTH, None));
        let facts = facts(&server.url("https"), &[arguments, &["--timeout", "2"]].concat());
        assert_eq!(facts["server_name"], json!(expected));
        assert_eq!(facts["certificate"]["name_matches"], json!(fits), "{arguments:?}: {facts}");
        let asked = asked.lock().expect("no panic");
        assert!(asked[0].iter().all(|name| name.as_deref() == expected), "{arguments:?}: {asked:?}");
        assert_eq!(asked[1], [Some(expected.unwrap_or("127.0.0.1").to_owned())], "{arguments:?}");
    }
    for name in ["10.0.0.1", "::1", "a..b", "u\u{308}.example"] {
        assert_eq!(asked(&["scan", "tls://127.0.0.1:1", "--sni", name]).code, Some(2), "{name}");
    }
}

#[test]
fn protocols_are_told_in_the_order_of_the_servers_choice() {
    let pki = Pki::new();
    for versions in [BOTH, NEWEST] {
        for (spoken, expected) in [
            (&["http/1.1", "h2", "x"][..], &["http/1.1", "h2"][..]),
            (&["dicom"], &["dicom"]),
            (&["x"], &[]),
            (&[], &[]),
        ] {
            let mut config = pki.config(versions, None);
            config.alpn_protocols = spoken.iter().map(|name| name.as_bytes().to_vec()).collect();
            let config = Arc::new(config);
            let server = Server::start(move |stream| tls(stream, &config, |_| {}));
            let facts = facts(&server.url("dicoms"), &["--timeout", "2"]);
            assert_eq!(names(&facts["alpn"]), expected, "{spoken:?}: {facts}");
        }
    }
    // A device is not asked.
    let config = Arc::new(pki.config(NEWEST, None));
    let server = Server::start(move |stream| tls(stream, &config, |_| {}));
    assert_eq!(facts(&server.url("dicoms"), &["--device", "--timeout", "2"])["alpn"], Value::Null);
}

#[test]
fn a_choice_that_was_not_offered_is_none() {
    // A server that answers with a protocol of its own.
    let server = Server::start(|mut stream| {
        let Some(hello) = client_hello(&mut stream) else { return };
        if hello.version == 0x0303 && hello.suites.contains(&0x002f) {
            let list = [&[0, 16, 0, 5, 0, 3, 2][..], b"h9"].concat();
            let body = [&[3, 3][..], &[7; 32], &[0, 0, 0x2f, 0, 0, list.len() as u8], &list].concat();
            let _ = stream.write_all(&super::record(22, 0x0303, &super::message(2, &body)));
            drain(stream);
        } else {
            super::alert(&mut stream, 70);
        }
    });
    let facts = facts(&server.url("tls"), &["--timeout", "1"]);
    assert_eq!(facts["alpn"], json!([]), "{facts}");
    let (_, notices, _) = scanned(&[&server.url("tls"), "--timeout", "1"]);
    assert!(!notices.contains(&"rule-failed".to_owned()), "{notices:?}");
}

#[test]
#[allow(clippy::print_stderr, reason = "what was left out is said aloud")]
fn openssl_takes_the_certificate_too() {
    let (root, pki) = (folder(), Pki::new());
    let path = |name: &str| root.path().join(name).display().to_string();
    let (certificate, key) = pki.client();
    write(root.path(), "cert.pem", certificate);
    write(root.path(), "key.pem", key);
    write(root.path(), "ca.pem", &pki.root_pem);
    let port = super::closed_port();
    // The same certificate serves.
    let started = std::process::Command::new("openssl")
        .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-quiet", "-www", "-Verify", "2"])
        .args([
            "-verify_return_error",
            "-CAfile",
            &path("ca.pem"),
            "-key",
            &path("key.pem"),
            "-cert",
            &path("cert.pem"),
        ])
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    let Ok(mut server) = started else { return eprintln!("left out: openssl is not installed") };
    let began = std::time::Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() && began.elapsed().as_secs() < 10 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let target = format!("https://127.0.0.1:{port}");
    let without = facts(&target, &[]);
    let with = facts(&target, &["--client-cert", &path("cert.pem"), "--client-key", &path("key.pem")]);
    server.kill().expect("it can be stopped");
    server.wait().expect("it is gone");
    assert_eq!((&without["client_auth"], &without["client_certificate"]), (&json!("required"), &Value::Null));
    assert_eq!((&with["client_auth"], &with["client_certificate"]), (&json!("required"), &json!("accepted")), "{with}");
    assert!(without["hsts"]["$unknown"].is_string() && with["hsts"].is_null(), "HTTP was answered only behind it");
}
