//! Probes for vulnerabilities, against servers that have them, servers that had them mended, and servers that misbehave.
//! The vulnerable ones are scripted: they do what the flaw does, and nothing else.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::flawed::{HUSH, VERSION, misbehaving, mock, server_hello};
use super::plaintext::lines;
use super::servers::{
    ClientHello, Pki, Server, alert, client_hello, closed_port, drain, next_record, peeked_hello, record, tls,
};
use super::{BOTH, NEWEST, asked, facts, folder, found, scanned, write};

/// A probe's verdict, `unknown` where there is none; with its evidence and its oracle.
#[track_caller]
fn probed(server: &Server, name: &str) -> (String, String, Value) {
    let facts = facts(&server.url("tls"), &["--intrusive", "--timeout", "1"]);
    probe_in(&facts, name)
}

#[track_caller]
fn probe_in(facts: &Value, name: &str) -> (String, String, Value) {
    let probes = facts["probes"].as_array().unwrap_or_else(|| panic!("no probes: {facts}"));
    let probe = probes.iter().find(|probe| probe["name"] == name).expect("the probe");
    let verdict = match &probe["verdict"] {
        Value::String(verdict) => verdict.clone(),
        unknown => {
            assert!(unknown["$unknown"].as_str().is_some_and(|why| !why.is_empty()), "{unknown}");
            "unknown".to_owned()
        }
    };
    (verdict, probe["evidence"].as_str().expect("evidence").to_owned(), probe["oracle"].clone())
}

/// Judges cases a few at a time: most of what they do is wait.
fn few_at_a_time<C: Send>(cases: impl IntoIterator<Item = C>, judge: impl Fn(C) + Sync) {
    let mut cases = cases.into_iter().peekable();
    while cases.peek().is_some() {
        std::thread::scope(|scope| {
            for case in cases.by_ref().take(3) {
                scope.spawn(|| judge(case));
            }
        });
    }
}

#[test]
fn heartbleed_is_more_than_was_sent() {
    type Beat = fn(&[u8]) -> Option<Vec<u8>>;
    fn answer(payload: &[u8]) -> Vec<u8> {
        let body = [&[2][..], &(payload.len() as u16).to_be_bytes(), payload, &[0; 16]].concat();
        record(24, VERSION, &body)
    }
    let vulnerable: Beat = |body| {
        let said = usize::from(u16::from_be_bytes([body[1], body[2]]));
        let memory = [&body[3..], HUSH, &[0x77; 1 << 10]].concat();
        Some(answer(&memory[..said]))
    };
    let patched: Beat = |body| {
        let said = usize::from(u16::from_be_bytes([body[1], body[2]]));
        (1 + 2 + said + 16 <= body.len()).then(|| answer(&body[3..3 + said]))
    };
    let refusing: Beat = |_| Some(vec![21, 3, 3, 0, 2, 2, 10]);
    few_at_a_time(
        [
            ("vulnerable", vulnerable, "vulnerable"),
            ("patched", patched, "not vulnerable"),
            ("refusing", refusing, "not vulnerable"),
        ],
        |(what, beat, expected)| {
            let server = mock(true, move |stream, _| {
                while let Some((kind, body)) = next_record(stream) {
                    if kind == 24
                        && let Some(answer) = beat(&body)
                    {
                        // No more than proves it is ever asked for.
                        assert!(answer.len() <= 5 + 3 + 17 + 16, "{} bytes were asked for", answer.len());
                        let _ = stream.write_all(&answer);
                    }
                }
            });
            let (verdict, evidence, _) = probed(&server, "heartbleed");
            assert_eq!(verdict, expected, "{what}: {evidence}");
            if expected == "vulnerable" {
                assert_eq!(evidence, "TLSv1.2: a heartbeat of 16 bytes was answered with 1 more");
                let ran = asked(&[
                    "scan",
                    &server.url("tls"),
                    "--intrusive",
                    "--timeout",
                    "1",
                    "--gap",
                    "0",
                    "--format",
                    "json",
                ]);
                assert!(found(&ran).contains(&"tls-heartbleed probes[heartbleed].verdict".to_owned()), "{ran:?}");
                assert_eq!(ran.code, Some(1));
            }
        },
    );
    let without = mock(false, |stream, _| drain(stream.try_clone().expect("a socket")));
    let (verdict, evidence, _) = probed(&without, "heartbleed");
    assert_eq!((verdict.as_str(), evidence.as_str()), ("not vulnerable", "TLSv1.2: the server has no heartbeats"));
    few_at_a_time(misbehaving(), |(what, misbehave)| {
        let server = mock(true, move |stream, _| misbehave(stream));
        let (verdict, evidence, _) = probed(&server, "heartbleed");
        assert_eq!(verdict, "unknown", "{what}: {evidence}");
        let (found, notices, _) = scanned(&[&server.url("tls"), "--intrusive", "--timeout", "1"]);
        assert!(notices.contains(&"not-judged".to_owned()), "{what} is no pass: {found:?} {notices:?}");
    });
}

#[test]
fn an_early_change_cipher_spec_is_taken_or_refused() {
    /// What a server does with a record before and after it took a ChangeCipherSpec: an alert, the end (0), or nothing.
    type Change = fn(bool, u8, &[u8]) -> Option<u8>;
    let vulnerable: Change = |taken, kind, _| match (taken, kind) {
        (true, _) => Some(20),
        (false, 20 | 21) => None,
        _ => Some(10),
    };
    // As Node.js 0.10 with OpenSSL 1.0.1e: it hangs up and says nothing.
    let wordless: Change = |taken, kind, _| if taken || kind != 20 && kind != 21 { Some(0) } else { None };
    let patched: Change = |_, kind, _| (kind == 20).then_some(10);
    let wordless_patched: Change = |_, kind, _| (kind == 20).then_some(0);
    // It passes the first one over, as one may in TLS 1.3, and reads on in the clear.
    let tolerant: Change = |taken, kind, _| (taken && kind == 20).then_some(0);
    let late: Change = |taken, kind, _| (taken && kind == 20).then_some(10);
    // It hangs up at any warning, so that nothing is told by one.
    let touchy: Change = |taken, kind, _| (taken || kind == 21).then_some(0);
    few_at_a_time(
        [
            ("vulnerable", vulnerable, "vulnerable"),
            ("vulnerable, without a word", wordless, "vulnerable"),
            ("patched", patched, "not vulnerable"),
            ("patched, without a word", wordless_patched, "not vulnerable"),
            ("tolerant", tolerant, "not vulnerable"),
            ("late", late, "not vulnerable"),
            ("touchy", touchy, "unknown"),
        ],
        |(what, change, expected)| {
            let server = mock(false, move |stream, _| {
                let mut taken = false;
                while let Some((kind, body)) = next_record(stream) {
                    match change(taken, kind, &body) {
                        None => taken |= kind == 20,
                        Some(0) => return,
                        Some(number) => return alert(stream, number),
                    }
                }
            });
            let (verdict, evidence, _) = probed(&server, "ccs-injection");
            assert_eq!(verdict, expected, "{what}: {evidence}");
            if what == "vulnerable" {
                let (found, _, code) = scanned(&[&server.url("tls"), "--intrusive", "--timeout", "1"]);
                assert!(found.contains(&"tls-ccs-injection probes[ccs-injection].verdict".to_owned()), "{found:?}");
                assert_eq!(code, Some(1));
            }
        },
    );
    few_at_a_time(misbehaving(), |(what, misbehave)| {
        let server = mock(false, move |stream, _| misbehave(stream));
        let (verdict, evidence, _) = probed(&server, "ccs-injection");
        assert_eq!(verdict, "unknown", "{what}: {evidence}");
    });
}

/// The form of a ClientKeyExchange that was not hidden.
fn form(exchange: &[u8]) -> &'static str {
    // Message header and length stand before the block.
    let block = &exchange[6..];
    assert_eq!(block.len(), 128, "as long as the modulus");
    let zero = block[2..].iter().position(|byte| *byte == 0).map(|at| at + 2);
    match (block.starts_with(&[0, 2]), zero) {
        (false, _) => "beginning",
        (true, None) => "no zero",
        (true, Some(79)) if block[80..82] == VERSION.to_be_bytes() => "right",
        (true, Some(79)) => "version",
        (true, Some(_)) => "misplaced",
    }
}

#[test]
fn robot_is_a_difference_that_stays() {
    /// The alert for a form, and whether a Finished follows.
    type Meet = fn(&str, bool, usize) -> Option<u8>;
    let strong: Meet = |form, _, _| Some(if form == "beginning" { 51 } else { 20 });
    let weak: Meet = |form, _, _| Some(if matches!(form, "right" | "version") { 20 } else { 51 });
    let version: Meet = |form, _, _| Some(if form == "version" { 70 } else { 20 });
    let shortened: Meet = |form, whole, _| (whole || form == "no zero").then_some(20);
    let patched: Meet = |_, whole, _| whole.then_some(20);
    let eager: Meet = |_, _, _| Some(40);
    let erratic: Meet = |_, _, time| Some(if time.is_multiple_of(2) { 20 } else { 51 });
    let silent: Meet = |_, _, _| None;
    few_at_a_time(
        [
            ("strong", strong, "vulnerable", json!("strong")),
            ("weak", weak, "vulnerable", json!("weak")),
            ("version", version, "vulnerable", json!("weak")),
            ("shortened", shortened, "vulnerable", json!("strong")),
            ("patched", patched, "not vulnerable", Value::Null),
            ("eager", eager, "not vulnerable", Value::Null),
            ("erratic", erratic, "unknown", Value::Null),
            ("silent", silent, "unknown", Value::Null),
        ],
        |(what, meet, expected, oracle)| {
            let times = AtomicUsize::new(0);
            let server = mock(false, move |stream, _| {
                let Some((22, exchange)) = next_record(stream) else { return };
                if exchange[0] != 16 {
                    return;
                }
                let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
                let whole =
                    matches!(next_record(stream), Some((20, _))) && matches!(next_record(stream), Some((22, _)));
                let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
                match meet(form(&exchange), whole, times.fetch_add(1, Ordering::SeqCst)) {
                    Some(number) => alert(stream, number),
                    None => drain(stream.try_clone().expect("a socket")),
                }
            });
            let (verdict, evidence, found) = probed(&server, "robot");
            assert_eq!((verdict.as_str(), found), (expected, oracle), "{what}: {evidence}");
            if what == "weak" {
                let (found, _, _) = scanned(&[&server.url("tls"), "--intrusive", "--timeout", "1"]);
                let robot: Vec<&String> = found.iter().filter(|told| told.starts_with("tls-robot")).collect();
                assert_eq!(robot, ["tls-robot-weak probes[robot].verdict"]);
            }
        },
    );
    few_at_a_time(misbehaving(), |(what, misbehave)| {
        let server = mock(false, move |stream, _| misbehave(stream));
        let (verdict, evidence, _) = probed(&server, "robot");
        assert_eq!(verdict, "unknown", "{what}: {evidence}");
    });
}

#[test]
fn ticketbleed_is_an_id_that_grew() {
    /// What a server makes of a hello with a ticket and an id.
    type Resume = fn(&mut TcpStream, &ClientHello);
    fn resume(stream: &mut TcpStream, session_id: &[u8]) {
        let _ = stream.write_all(&record(22, VERSION, &server_hello(session_id, &[])));
        drain(stream.try_clone().expect("a socket"));
    }
    let vulnerable: Resume = |stream, hello| {
        let memory = [&hello.session_id[..], HUSH].concat();
        resume(stream, &memory[..32]);
    };
    let patched: Resume = |stream, hello| resume(stream, &hello.session_id);
    let forgetful: Resume = |stream, _| resume(stream, &[9; 32]);
    let cases: [(&str, Resume, &str); 6] = [
        ("vulnerable", vulnerable, "vulnerable"),
        ("patched", patched, "not vulnerable"),
        ("forgetful", forgetful, "unknown"),
        ("reset", |_, _| {}, "unknown"),
        ("silence", |stream, _| drain(stream.try_clone().expect("a socket")), "unknown"),
        ("junk", |stream, _| drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")), "unknown"),
    ];
    let pki = Pki::new();
    few_at_a_time(cases, |(what, resume, expected)| {
        let config = Arc::new(with_tickets(&pki));
        let server = Server::start(move |mut stream| match peeked_hello(&stream) {
            Some(hello) if hello.extension(35).is_some_and(|ticket| !ticket.is_empty()) => {
                let _ = client_hello(&mut stream);
                resume(&mut stream, &hello);
            }
            Some(_) => tls(stream, &config, |_| {}),
            None => {}
        });
        let (verdict, evidence, _) = probed(&server, "ticketbleed");
        assert_eq!(verdict, expected, "{what}: {evidence}");
        if what == "vulnerable" {
            assert_eq!(evidence, "a session id of 31 bytes was answered with 1 more");
            let (found, _, _) = scanned(&[&server.url("tls"), "--intrusive", "--timeout", "1"]);
            assert!(found.contains(&"tls-ticketbleed probes[ticketbleed].verdict".to_owned()), "{found:?}");
        }
    });
    // An honest server that gives tickets, one that gives none, and one that is too new for any of it.
    for (config, expected) in [
        (with_tickets(&pki), ["not vulnerable", "not vulnerable", "does not apply", "not vulnerable"]),
        (pki.config(BOTH, None), ["not vulnerable", "not vulnerable", "does not apply", "does not apply"]),
        (pki.config(NEWEST, None), ["does not apply"; 4]),
    ] {
        let config = Arc::new(config);
        let server = Server::start(move |stream| tls(stream, &config, |_| {}));
        let facts = facts(&server.url("tls"), &["--intrusive", "--timeout", "1"]);
        let verdicts = ["heartbleed", "ccs-injection", "robot", "ticketbleed"].map(|name| probe_in(&facts, name).0);
        assert_eq!(verdicts, expected, "{facts}");
    }
}

fn with_tickets(pki: &Pki) -> rustls::ServerConfig {
    let mut config = pki.config(&[&rustls::version::TLS12], None);
    config.ticketer = rustls::crypto::ring::Ticketer::new().expect("a ticketer");
    config
}

#[test]
#[allow(clippy::print_stderr, reason = "what was left out is said aloud")]
fn a_patched_openssl_is_never_vulnerable() {
    let pki = folder();
    let path = |name: &str| pki.path().join(name).display().to_string();
    let (key, certificate) = (path("key.pem"), path("certificate.pem"));
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "900", "-subj", "/CN=old"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", &key, "-out", &certificate])
        .output();
    let Ok(made) = made else { return eprintln!("left out: openssl is not installed") };
    assert!(made.status.success(), "{made:?}");
    // With suites of today, and with one whose key travels under RSA, by which a ticket is to be had too.
    for suites in ["AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256", "AES256-GCM-SHA384"] {
        let port = closed_port();
        let mut server = std::process::Command::new("openssl")
            .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-quiet", "-key", &key, "-cert", &certificate])
            .args(["-cipher", &format!("{suites}:@SECLEVEL=0"), "-www"])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("openssl starts");
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() && began.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let facts = facts(&format!("tls://127.0.0.1:{port}"), &["--intrusive"]);
        server.kill().expect("it can be stopped");
        server.wait().expect("it is gone");
        for name in ["heartbleed", "ccs-injection", "robot", "ticketbleed"] {
            let (verdict, evidence, _) = probe_in(&facts, name);
            assert_eq!(verdict, "not vulnerable", "{suites} {name}: {evidence}");
        }
    }
}

#[test]
fn probes_are_made_on_demand_and_not_of_devices() {
    let pki = Pki::new();
    let config = Arc::new(with_tickets(&pki));
    let server = Server::start(move |stream| tls(stream, &config, |_| {}));
    let without = facts(&server.url("tls"), &[]);
    assert_eq!(without["probes"], Value::Null);
    let (_, notices, _) = scanned(&[&server.url("tls")]);
    assert!(!notices.contains(&"not-judged".to_owned()), "what nobody asked for is not missed: {notices:?}");
    let ran = asked(&["scan", &server.url("tls"), "--intrusive", "--device"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("--intrusive") && ran.err.contains("--device"), "{}", ran.err);
    // A device in a file of targets is left alone, and that is said.
    let root = folder();
    write(root.path(), "list", format!("{} profile=device\n", server.url("tls")));
    let before = server.connections();
    let list = root.path().join("list").display().to_string();
    let ran = asked(&["scan", "--targets", &list, "--intrusive", "--format", "json", "--gap", "0", "--timeout", "1"]);
    assert!(server.connections() - before <= 10, "{}", server.connections() - before);
    assert!(ran.notices().contains(&"not-judged".to_owned()), "{ran:?}");
    assert!(ran.out.contains("a device is not probed"), "{ran:?}");
}

#[test]
fn probes_keep_their_distance() {
    let server = mock(true, |stream, _| {
        let _ = next_record(stream);
        alert(stream, 10);
    });
    let ran = asked(&["facts", &server.url("tls"), "--intrusive", "--timeout", "1", "--gap", "25"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let begun = server.begun.lock().expect("no panic").clone();
    assert_eq!(ran.json()["documents"][0]["root"]["connections"], json!(begun.len()));
    let least = begun.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or_default();
    assert!(least >= Duration::from_millis(23), "{least:?}");
}

#[test]
fn probes_go_through_an_upgrade() {
    let smtp: &[_] = &[("EHLO", "250-h\r\n250 STARTTLS\r\n"), ("MAIL", "250 ok\r\n"), ("STARTTLS", "220 go\r\n")];
    let server = lines(b"220 h ESMTP\r\n", smtp, "STARTTLS");
    let facts = facts(&server.url("smtp"), &["--intrusive", "--timeout", "1"]);
    for (name, expected) in [
        ("heartbleed", "not vulnerable"),
        ("ccs-injection", "not vulnerable"),
        ("robot", "does not apply"),
        ("ticketbleed", "does not apply"),
    ] {
        let (verdict, evidence, _) = probe_in(&facts, name);
        assert_eq!(verdict, expected, "{name}: {evidence}");
    }
}

#[test]
fn what_is_not_known_to_be_spoken_may_have_the_flaw() {
    // TLS 1.3, and who comes with less is let wait.
    let config = Arc::new(Pki::new().config(NEWEST, None));
    let server = Server::start(move |stream| match peeked_hello(&stream) {
        Some(hello) if hello.version == 0x0304 => tls(stream, &config, |_| {}),
        _ => drain(stream),
    });
    let facts = facts(&server.url("tls"), &["--intrusive", "--timeout", "1"]);
    for name in ["heartbleed", "ccs-injection", "robot", "ticketbleed"] {
        let (verdict, evidence, _) = probe_in(&facts, name);
        assert_eq!(verdict, "unknown", "{name}: {evidence}");
    }
}
