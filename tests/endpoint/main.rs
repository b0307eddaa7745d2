//! Endpoints as targets, against servers on loopback that tests start.

#![cfg(feature = "endpoint")]

#[path = "../program/mod.rs"]
mod program;

mod clients;
mod flawed;
mod odd;
mod plaintext;
mod probes;
mod servers;
mod sweep;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use program::{Ran, bedrail, command, folder, run, write};
use servers::{
    Pki, Server, alert, choosy, client_hello, closed_port, drain, flight, hang_up, message, read_to, record, tls,
};

/// `bedrail facts` of one endpoint, without the pause between connections.
#[track_caller]
pub(crate) fn facts(target: &str, arguments: &[&str]) -> Value {
    let ran = asked(&[&["facts", target, "--gap", "0"], arguments].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.json()["documents"][0]["root"].clone()
}

#[track_caller]
pub(crate) fn asked(arguments: &[&str]) -> Ran {
    bedrail(folder().path(), arguments)
}

/// `rule origin path` of each finding of `scan`, and how it ended.
#[track_caller]
pub(crate) fn scanned(arguments: &[&str]) -> (Vec<String>, Vec<String>, Option<i32>) {
    let ran = asked(&[&["scan", "--format", "json", "--gap", "0"], arguments].concat());
    (found(&ran), ran.notices(), ran.code)
}

#[track_caller]
pub(crate) fn found(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = |finding: &Value| format!("{} {}", text(&finding["rule"]), text(&finding["path"]));
    json["findings"].as_array().expect("findings are a list").iter().map(told).collect()
}

pub(crate) fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|item| item.as_str().unwrap_or("?")).collect()
}

fn pairs(facts: &Value) -> Vec<String> {
    let suites = facts["suites"].as_array().expect("a list").iter();
    suites.map(|suite| format!("{} {}", suite["version"].as_str().unwrap_or("?"), suite["name"])).collect()
}

const BOTH: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS12, &rustls::version::TLS13];
const NEWEST: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS13];

#[test]
fn an_honest_server_is_described_whole() {
    let (root, pki) = (folder(), Pki::new());
    write(root.path(), "ca.pem", &pki.root_pem);
    let ca = root.path().join("ca.pem");
    let config = Arc::new(pki.config(BOTH, None));
    let server = Server::start(move |stream| {
        tls(stream, &config, |stream| {
            read_to(stream, b"\r\n\r\n");
            let _ = stream.write_all(
                b"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=63072000; includeSubDomains\r\n\r\nok",
            );
        });
    });
    let facts = facts(&server.url("https"), &["--ca", &ca.display().to_string()]);
    assert_eq!(names(&facts["versions"]), ["TLSv1.2", "TLSv1.3"]);
    let mut pairs = pairs(&facts);
    pairs.sort();
    // All that rustls has for an ECDSA key.
    assert_eq!(
        pairs,
        [
            "TLSv1.2 \"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\"",
            "TLSv1.2 \"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\"",
            "TLSv1.2 \"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256\"",
            "TLSv1.3 \"TLS_AES_128_GCM_SHA256\"",
            "TLSv1.3 \"TLS_AES_256_GCM_SHA384\"",
            "TLSv1.3 \"TLS_CHACHA20_POLY1305_SHA256\"",
        ]
    );
    let mut groups = names(&facts["groups"]);
    groups.sort_unstable();
    assert_eq!(groups, ["secp256r1", "secp384r1", "x25519"]);
    assert_eq!(facts["hsts"], json!({"max_age": 63_072_000, "include_subdomains": true}));
    assert_eq!((&facts["client_auth"], &facts["plaintext"]), (&json!("none"), &json!(false)));
    assert_eq!((&facts["extended_master_secret"], &facts["compression"]), (&json!(true), &json!(false)));
    for (name, value) in [("chain_valid", true), ("name_matches", true), ("self_signed", false), ("expired", false)] {
        assert_eq!(facts["certificate"][name], json!(value), "{name}: {facts}");
    }
}

#[test]
fn facts_are_judged_again_with_the_same_findings() {
    let (root, pki) = (folder(), Pki::new());
    let config = Arc::new(pki.config(BOTH, None));
    let server = Server::start(move |stream| tls(stream, &config, |_| {}));
    let live = asked(&["scan", &server.url("dicoms"), "--gap", "0", "--format", "json", "--timeout", "2"]);
    assert!(found(&live).contains(&"tls-peer-not-verified client_auth".to_owned()), "{live:?}");
    let suite = "tls-suite-not-approved suites[TLS_CHACHA20_POLY1305_SHA256 TLSv1.3].name".to_owned();
    assert!(found(&live).contains(&suite), "{live:?}");
    assert_eq!(live.json()["findings"][0]["origin"]["name"], json!(server.url("dicoms")));
    let facts = asked(&["facts", &server.url("dicoms"), "--gap", "0", "--timeout", "2"]);
    write(root.path(), "facts.json", &facts.out);
    let again = bedrail(root.path(), &["scan", "--facts", "facts.json", "--format", "json"]);
    let sorted = |ran: &Ran| {
        let mut all = found(ran);
        all.sort();
        all
    };
    assert_eq!(sorted(&again), sorted(&live));
    assert_eq!(again.code, live.code);
}

#[test]
fn client_certificates_are_asked_for_or_demanded() {
    let pki = Pki::new();
    for (versions, client, expected) in [
        (BOTH, Some(true), "required"),
        (NEWEST, Some(true), "required"),
        (BOTH, Some(false), "requested"),
        (NEWEST, Some(false), "requested"),
        (&[&rustls::version::TLS12][..], Some(true), "required"),
        (&[&rustls::version::TLS12][..], Some(false), "requested"),
        (NEWEST, None, "none"),
    ] {
        let config = Arc::new(pki.config(versions, client));
        let server = Server::start(move |stream| {
            tls(stream, &config, |stream| drain(stream.sock.try_clone().expect("a socket")))
        });
        let facts = facts(&server.url("ldaps"), &[]);
        assert_eq!(facts["client_auth"], json!(expected), "{client:?}: {facts}");
        assert!(facts["certificate"]["subject"].is_string(), "{facts}");
    }
}

#[test]
fn old_and_odd_servers_are_understood() {
    // SSLv3 with RC4 and 3DES, refusing with an alert or without a word.
    for refuse in [alert as fn(&mut _, u8), hang_up] {
        let server = choosy(&[0x0300], &[0x0005, 0x000a], refuse);
        let facts = facts(&server.url("tls"), &["--timeout", "2"]);
        assert_eq!(names(&facts["versions"]), ["SSLv3"], "{facts}");
        assert_eq!(pairs(&facts), ["SSLv3 \"TLS_RSA_WITH_RC4_128_SHA\"", "SSLv3 \"TLS_RSA_WITH_3DES_EDE_CBC_SHA\""]);
        assert_eq!(facts["server_order"], json!(true));
    }
    // Only anonymous and NULL suites, a certificate never: that is a finding, not an error.
    let server = choosy(&[0x0301, 0x0303], &[0x0034, 0x0002], alert);
    let (found, _, code) = scanned(&[&server.url("tls")]);
    for rule in ["tls-suite-null", "tls-suite-anonymous", "tls-certificate-missing", "tls-version-old"] {
        assert!(found.iter().any(|told| told.starts_with(rule)), "{rule}: {found:?}");
    }
    assert_eq!(code, Some(1));
}

#[test]
fn ssl2_is_found_beside_tls() {
    let server = Server::start(|mut stream| {
        let mut first = [0; 1];
        if stream.peek(&mut first).is_ok() && first[0] & 0x80 != 0 {
            let body = [&[4, 0, 1, 0, 2, 0, 2, 0, 6, 0, 0, 5, 5][..], &[1, 0, 0x80, 2, 0, 0x80]].concat();
            let _ = stream.write_all(&[&[0x80, body.len() as u8], &body[..]].concat());
        } else if client_hello(&mut stream).is_some() {
            alert(&mut stream, 40);
        }
    });
    let facts = facts(&server.url("tls"), &[]);
    assert_eq!(names(&facts["versions"]), ["SSLv2"]);
    assert_eq!(pairs(&facts), ["SSLv2 \"SSL_CK_RC4_128_WITH_MD5\"", "SSLv2 \"SSL_CK_RC4_128_EXPORT40_WITH_MD5\""]);
    assert!(facts["certificate"]["$unknown"].is_string(), "what cannot be read is not known: {facts}");
}

#[test]
fn the_prime_is_told_for_each_suite_and_compression_and_requests_too() {
    let server = Server::start(|mut stream| {
        let Some(hello) = client_hello(&mut stream) else { return };
        let chosen = [(0x0033, 64), (0x0039, 256)].into_iter().find(|(suite, _)| hello.suites.contains(suite));
        match chosen {
            Some((suite, bytes)) if hello.version == 0x0303 => {
                let prime = vec![0xff; bytes];
                let length = (bytes as u16).to_be_bytes();
                let exchange = [&length[..], &prime, &[0, 1, 2, 0, 1, 9]].concat();
                let asked = message(13, &[1, 1, 0, 2, 4, 1, 0, 0]);
                let _ = stream.write_all(&flight(0x0303, suite, 1, &[message(12, &exchange), asked].concat()));
                // Then a client without a certificate is sent away.
                let mut stream = stream;
                let _ = read_to(&mut stream, &[11, 0, 0, 3, 0, 0, 0]);
                alert(&mut stream, 40);
            }
            _ => alert(&mut stream, 70 - 30 * u8::from(hello.version == 0x0303)),
        }
    });
    let facts = facts(&server.url("tls"), &["--timeout", "2"]);
    let primes: Vec<&Value> =
        facts["suites"].as_array().expect("a list").iter().map(|suite| &suite["dh_bits"]).collect();
    assert_eq!(primes, [&json!(512), &json!(2048)]);
    assert_eq!((&facts["compression"], &facts["client_auth"]), (&json!(true), &json!("required")));
    assert_eq!(facts["secure_renegotiation"], json!(false));
}

#[test]
fn large_hellos_may_be_too_large() {
    let server = Server::start(|mut stream| match client_hello(&mut stream) {
        // As an old box: more than 64 suites, and it hangs up.
        Some(hello) if hello.suites.len() > 64 => {}
        Some(hello) if hello.version == 0x0301 && hello.suites.contains(&0x002f) => {
            let _ = stream.write_all(&flight(0x0301, 0x002f, 0, &[]));
            drain(stream);
        }
        Some(_) => alert(&mut stream, 40),
        None => {}
    });
    let facts = facts(&server.url("tls"), &["--timeout", "2"]);
    assert_eq!(pairs(&facts), ["TLSv1.0 \"TLS_RSA_WITH_AES_128_CBC_SHA\""]);
}

#[test]
fn what_does_not_answer_is_never_fine() {
    let closed = format!("tls://127.0.0.1:{}", closed_port());
    let (found, notices, code) = scanned(&[&closed]);
    assert_eq!((found.len(), notices, code), (0, vec!["unreadable".to_owned()], Some(4)));
    let (_, notices, code) = scanned(&[&closed, "--allow-unreachable"]);
    assert_eq!((notices, code), (vec!["unreachable".to_owned()], Some(3)), "nothing was scanned");
    // Connections that are taken, and then: broken off, held in silence, cut in the middle, filled for ever.
    let reset = Server::start(drop);
    let silent = Server::start(drain);
    let half = Server::start(|mut stream| {
        let _ = client_hello(&mut stream);
        let _ = stream.write_all(&record(22, 0x0303, &message(2, &[3, 3, 9])[..5]));
    });
    let slow = Server::start(|mut stream| {
        let _ = client_hello(&mut stream);
        for byte in record(22, 0x0303, &message(2, &[0; 400])) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let endless = Server::start(|mut stream| {
        let _ = client_hello(&mut stream);
        while stream.write_all(&[22, 3, 3, 0, 4, 99, 0, 0, 0]).is_ok() {}
    });
    for (what, server) in [("reset", reset), ("silent", silent), ("half", half), ("slow", slow), ("endless", endless)] {
        let began = Instant::now();
        let (found, notices, code) = scanned(&[&server.url("tls"), "--timeout", "1"]);
        assert_eq!((found.len(), code), (0, Some(4)), "{what}: {found:?} {notices:?}");
        assert!(began.elapsed() < Duration::from_secs(40), "{what} took {:?}", began.elapsed());
    }
}

#[test]
fn what_a_server_keeps_to_itself_is_not_known() {
    // It answers TLS 1.2, and lets wait whoever comes with TLS 1.0.
    let server = Server::start(|mut stream| match client_hello(&mut stream) {
        Some(hello) if hello.version == 0x0303 && hello.suites.contains(&0xc02f) => {
            let _ = stream.write_all(&flight(0x0303, 0xc02f, 0, &[]));
            drain(stream);
        }
        Some(hello) if hello.version == 0x0301 => drain(stream),
        Some(_) => alert(&mut stream, 70),
        None => {}
    });
    let facts = facts(&server.url("tls"), &["--timeout", "1"]);
    assert_eq!(facts["versions"], json!(["TLSv1.2", {"$unknown": "TLSv1.0: no answer came in time"}]));
    let (_, notices, _) = scanned(&[&server.url("tls"), "--timeout", "1"]);
    assert!(notices.contains(&"not-judged".to_owned()), "{notices:?}");
}

#[test]
fn a_device_is_asked_little() {
    let pki = Pki::new();
    let config = Arc::new(pki.config(BOTH, Some(true)));
    let server =
        Server::start(move |stream| tls(stream, &config, |stream| drain(stream.sock.try_clone().expect("a socket"))));
    let facts = facts(&server.url("dicoms"), &["--device", "--timeout", "2"]);
    assert!(server.connections() <= 10, "{} connections", server.connections());
    assert_eq!(facts["connections"], json!(server.connections()));
    assert_eq!((names(&facts["versions"]), &facts["client_auth"]), (vec!["TLSv1.2", "TLSv1.3"], &json!("required")));
    assert!(facts["suites"].as_array().is_some_and(|suites| suites.iter().any(|suite| suite["$unknown"].is_string())));
    // Two resets, and it is left alone.
    let frail = Server::start(|stream| {
        let mut byte = [0; 1];
        let _ = stream.peek(&mut byte);
        // What was sent and never read makes the end a reset.
    });
    let (_, _, code) = scanned(&[&frail.url("tls"), "--device"]);
    assert_eq!((code, frail.connections()), (Some(4), 2));
}

#[test]
fn connections_keep_their_distance() {
    let server = choosy(&[0x0303], &[0x009c, 0x002f], alert);
    let ran = asked(&["facts", &server.url("tls"), "--gap", "20"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let begun = server.begun.lock().expect("no panic").clone();
    assert!(begun.len() > 5);
    let least = begun.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or_default();
    assert!(least >= Duration::from_millis(18), "{least:?}");
    // A server may learn late that a client went.
    assert!(server.most.load(Ordering::SeqCst) <= 2);
    // A limit for all together, over two hosts.
    let one = choosy(&[0x0303], &[0x009c], alert);
    let began = Instant::now();
    let other = one.url("tls").replace("127.0.0.1", "localhost");
    let ran = asked(&["facts", &one.url("tls"), &other, "--gap", "0", "--max-rate", "20"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let least = Duration::from_millis(50) * (one.connections() as u32 - 1);
    assert!(began.elapsed() >= least, "{} connections in {:?}", one.connections(), began.elapsed());
}

#[test]
fn a_killed_scan_goes_on() {
    let root = folder();
    let first = choosy(&[0x0303], &[0x009c], alert);
    let second = Server::start(drain);
    // One host, and so one after the other, in this order.
    let list = format!("{} owner=radiology\n{} profile=device # an old one\n", first.url("tls"), second.url("tls"));
    write(root.path(), "list", list);
    let arguments =
        ["scan", "--targets", "list", "--resume", "journal", "--gap", "0", "--timeout", "30", "--format", "json"];
    let mut child = command(root.path(), &arguments).spawn().expect("the program starts");
    let began = Instant::now();
    while second.connections() == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "the second endpoint is never asked");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it is gone");
    let asked_once = first.connections();
    let ran = run(command(root.path(), &[&arguments[..6], &["0", "--timeout", "1", "--format", "json"]].concat()));
    assert_eq!(first.connections(), asked_once, "the first is not asked again");
    assert!(found(&ran).iter().any(|told| told.starts_with("tls-suite-no-forward-secrecy")), "{ran:?}");
    assert_eq!((ran.notices(), ran.code), (vec!["unreadable".to_owned()], Some(1)), "the second does not answer");
    let facts = run(command(root.path(), &["facts", "--targets", "list", "--resume", "journal", "--timeout", "1"]));
    assert_eq!(facts.json()["documents"][0]["root"]["owner"], json!("radiology"));
}

#[test]
#[allow(clippy::print_stderr, reason = "what was left out is said aloud")]
fn openssl_lists_what_it_was_told_to_take() {
    let pki = folder();
    let path = |name: &str| pki.path().join(name).display().to_string();
    let (key, certificate) = (path("key.pem"), path("certificate.pem"));
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "900", "-subj", "/CN=old"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", &key, "-out", &certificate])
        .output();
    let Ok(made) = made else { return eprintln!("left out: openssl is not installed") };
    assert!(made.status.success(), "{made:?}");
    let port = closed_port();
    let mut server = std::process::Command::new("openssl")
        .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-quiet", "-key", &key, "-cert", &certificate])
        .args(["-cipher", "AES128-SHA:DHE-RSA-AES128-SHA:ADH-AES128-SHA:NULL-SHA:@SECLEVEL=0", "-no_tls1_3", "-www"])
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("openssl starts");
    let began = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() && began.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let facts = facts(&format!("tls://127.0.0.1:{port}"), &[]);
    server.kill().expect("it can be stopped");
    server.wait().expect("it is gone");
    assert_eq!(names(&facts["versions"]), ["TLSv1.0", "TLSv1.1", "TLSv1.2"]);
    assert_eq!(pairs(&facts).len(), 12, "{:?}", pairs(&facts));
    assert_eq!((&facts["certificate"]["self_signed"], &facts["certificate"]["ca"]), (&json!(true), &json!(true)));
    assert_eq!(facts["fallback_scsv"], json!(true));
    assert_eq!(facts["encrypt_then_mac"], json!(true));
}

#[test]
fn options_are_about_endpoints() {
    for arguments in [
        &["scan", "--device"][..],
        &["scan", ".", "--ca", "x.pem"],
        &["scan", "tls://h/path"],
        &["scan", "tls://127.0.0.1:1", "--ca", "none.pem"],
        &["scan", "--targets", "none"],
        &["scan", "gopher://h"],
    ] {
        let ran = asked(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
    }
    let root = folder();
    write(root.path(), "list", "tls://127.0.0.1:1\nwhat\n");
    let ran = bedrail(root.path(), &["scan", "--targets", "list"]);
    assert!(ran.code == Some(2) && ran.err.contains("list:2"), "{ran:?}");
}
