//! Services without TLS, and those that are asked for it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use serde_json::json;

use super::servers::{Pki, Server, drain, read_to, tls};
use super::{BOTH, facts, names, scanned};

/// Answers one association request, and waits for what follows.
fn dicom(answer: &'static [u8]) -> Server {
    Server::start(move |mut stream| {
        let mut head = [0; 6];
        if stream.read_exact(&mut head).is_err() || head[0] != 1 {
            return;
        }
        let mut body = vec![0; u32::from_be_bytes([head[2], head[3], head[4], head[5]]) as usize];
        if stream.read_exact(&mut body).is_ok() {
            let _ = stream.write_all(answer);
            drain(stream);
        }
    })
}

#[test]
fn dicom_in_clear_text_is_the_loudest_finding() {
    let server = dicom(&[2, 0, 0, 0, 0, 4, 0, 1, 0, 0]);
    let (found, _, code) = scanned(&[&server.url("dicom"), "--timeout", "2"]);
    assert!(found.contains(&"tls-plaintext-phi plaintext".to_owned()), "{found:?}");
    assert!(found.contains(&"tls-dicom-any-title any_called_title".to_owned()), "{found:?}");
    assert_eq!(code, Some(1));
    // Rejected because the called title is not its own: no TLS, but a check.
    let server = dicom(&[3, 0, 0, 0, 0, 4, 0, 1, 1, 7]);
    let facts = facts(&server.url("dicom"), &["--timeout", "2"]);
    assert_eq!(
        (&facts["plaintext"], &facts["any_called_title"], &facts["tls"]),
        (&json!(true), &json!(false), &json!(false))
    );
}

#[test]
fn an_hl7_listener_is_known_by_its_frame() {
    let server = Server::start(|mut stream| {
        let heard = read_to(&mut stream, b"\x1c\r");
        // Nothing of a patient is ever sent.
        if heard.starts_with(b"\x0bMSH|") && !heard.windows(3).any(|window| window == b"PID") {
            let _ = stream.write_all(b"\x0bMSH|^~\\&|A|||||||ACK|1|P|2.5\rMSA|AR|PROBE\r\x1c\r");
        }
    });
    let (found, _, code) = scanned(&[&server.url("mllp"), "--timeout", "2"]);
    assert_eq!((found, code), (vec!["tls-plaintext-phi plaintext".to_owned()], Some(1)));
    let silent = Server::start(drain);
    let (found, notices, code) = scanned(&[&silent.url("mllp"), "--timeout", "1"]);
    assert_eq!((found.len(), notices.len(), code), (0, 1, Some(4)), "silence is no pass");
}

fn http(answer: &'static [u8]) -> Server {
    Server::start(move |mut stream| {
        if read_to(&mut stream, b"\r\n\r\n").starts_with(b"GET /") {
            let _ = stream.write_all(answer);
        }
    })
}

#[test]
fn http_is_plaintext_unless_it_leads_to_https() {
    let statement =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n\r\n{\"resourceType\": \"CapabilityStatement\"}";
    let server = http(statement);
    let (found, _, code) = scanned(&[&server.url("fhir"), "--timeout", "2"]);
    assert_eq!((found, code), (vec!["tls-plaintext-phi plaintext".to_owned()], Some(1)));
    let server = http(b"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1/\r\n\r\n");
    let facts = facts(&server.url("http"), &["--timeout", "2"]);
    assert_eq!((&facts["plaintext"], &facts["https_redirect"]), (&json!(false), &json!(true)));
    let server = http(b"HTTP/1.1 200 OK\r\n\r\nhello");
    for scheme in ["http", "tls", "https"] {
        // A port that was thought to speak TLS, and speaks HTTP, is no better.
        let (found, _, code) = scanned(&[&server.url(scheme), "--timeout", "2"]);
        assert_eq!((found, code), (vec!["tls-plaintext-service plaintext".to_owned()], Some(1)), "{scheme}");
    }
}

/// What a service says line by line, until a word after which TLS begins.
pub(crate) fn lines(
    greeting: &'static [u8],
    answers: &'static [(&'static str, &'static str)],
    upgrade: &'static str,
) -> Server {
    let config = Arc::new(Pki::new().config(BOTH, None));
    Server::start(move |mut stream: TcpStream| {
        let _ = stream.write_all(greeting);
        loop {
            let heard = read_to(&mut stream, b"\n");
            let line = String::from_utf8_lossy(&heard).into_owned();
            let Some((word, answer)) = answers.iter().find(|(word, _)| line.starts_with(word)) else { return };
            let _ = stream.write_all(answer.as_bytes());
            if *word == upgrade {
                return tls(stream, &config, |_| {});
            }
        }
    })
}

#[test]
fn upgrades_are_offered_or_demanded() {
    let smtp: &[_] =
        &[("EHLO", "250-h\r\n250-STARTTLS\r\n250 OK\r\n"), ("MAIL", "250 ok\r\n"), ("STARTTLS", "220 go\r\n")];
    let strict: &[_] = &[
        ("EHLO", "250-h\r\n250 STARTTLS\r\n"),
        ("MAIL", "530 Must issue a STARTTLS command first\r\n"),
        ("STARTTLS", "220 go\r\n"),
    ];
    let imap: &[_] = &[
        ("a1 CAPABILITY", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK\r\n"),
        ("a1 STARTTLS", "a1 OK\r\n"),
    ];
    let pop3: &[_] = &[("CAPA", "+OK\r\nUSER\r\nSTLS\r\n.\r\n"), ("STLS", "+OK\r\n")];
    let ftp: &[_] = &[("USER", "331 password\r\n"), ("AUTH TLS", "234 go\r\n")];
    for (scheme, greeting, answers, upgrade, expected) in [
        ("smtp", &b"220 h ESMTP\r\n"[..], smtp, "STARTTLS", "offered"),
        ("smtp", b"220-h\r\n220 ESMTP\r\n", strict, "STARTTLS", "required"),
        ("imap", b"* OK ready\r\n", imap, "a1 STARTTLS", "required"),
        ("pop3", b"+OK ready\r\n", pop3, "STLS", "offered"),
        ("ftp", b"220 ready\r\n", ftp, "AUTH TLS", "offered"),
    ] {
        let server = lines(greeting, answers, upgrade);
        let facts = facts(&server.url(scheme), &["--timeout", "2"]);
        assert_eq!(
            (&facts["starttls"], &facts["plaintext"]),
            (&json!(expected), &json!(expected == "offered")),
            "{scheme}"
        );
        assert_eq!(names(&facts["versions"]), ["TLSv1.2", "TLSv1.3"], "{scheme}: {facts}");
        assert_eq!(facts["suites"].as_array().map(Vec::len), Some(6), "{scheme}");
    }
    let bare: &[_] = &[("EHLO", "250 h\r\n"), ("MAIL", "250 ok\r\n")];
    let server = lines(b"220 h\r\n", bare, "never");
    let facts = facts(&server.url("smtp"), &["--timeout", "2"]);
    assert_eq!((&facts["starttls"], &facts["tls"]), (&json!("none"), &json!(false)));
}

#[test]
fn ldap_is_bound_without_a_name_or_upgraded() {
    for (code, expected) in [(0u8, "offered"), (13, "required")] {
        let config = Arc::new(Pki::new().config(BOTH, None));
        let server = Server::start(move |mut stream| {
            let mut head = [0; 2];
            if stream.read_exact(&mut head).is_err() || head[0] != 0x30 {
                return;
            }
            let mut body = vec![0; usize::from(head[1])];
            if stream.read_exact(&mut body).is_err() {
                return;
            }
            if body.ends_with(b"1.3.6.1.4.1.1466.20037") {
                let _ = stream.write_all(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00");
                return tls(stream, &config, |_| {});
            }
            let _ = stream.write_all(&[0x30, 12, 2, 1, 1, 0x61, 7, 0x0a, 1, code, 4, 0, 4, 0]);
            drain(stream);
        });
        let facts = facts(&server.url("ldap"), &["--timeout", "2"]);
        assert_eq!((&facts["starttls"], &facts["tls"]), (&json!(expected), &json!(true)), "{facts}");
    }
}

#[test]
fn databases_say_whether_they_insist() {
    let refused: &[u8] = b"E\0\0\0\x3cSFATAL\0C28000\0Mno pg_hba.conf entry\0RClientAuthentication\0\0";
    let unknown_role: &[u8] = b"E\0\0\0\x3cSFATAL\0C28000\0Mrole does not exist\0RInitializeSessionUserId\0\0";
    for (answer, expected) in
        [(&b"R\0\0\0\x08\0\0\0\x03"[..], "offered"), (refused, "required"), (unknown_role, "offered")]
    {
        let config = Arc::new(Pki::new().config(BOTH, None));
        let server = Server::start(move |mut stream| {
            let mut head = [0; 8];
            if stream.read_exact(&mut head).is_err() {
                return;
            }
            if head[4..] == [4, 0xd2, 0x16, 0x2f] {
                let _ = stream.write_all(b"S");
                return tls(stream, &config, |_| {});
            }
            let _ = read_to(&mut stream, b"\0\0");
            let _ = stream.write_all(answer);
        });
        let facts = facts(&server.url("postgres"), &["--timeout", "2"]);
        assert_eq!((&facts["starttls"], &facts["plaintext"]), (&json!(expected), &json!(expected == "offered")));
        assert_eq!(facts["suites"].as_array().map(Vec::len), Some(6), "{facts}");
    }
    for (code, expected) in [(3159u16, "required"), (1045, "offered")] {
        let config = Arc::new(Pki::new().config(BOTH, None));
        let server = Server::start(move |mut stream| {
            let flags = 0x0800u16.to_le_bytes();
            let greeting =
                [&b"\x0a8.0.0\0\x01\0\0\0saltsalt\0"[..], &flags, &[45, 2, 0, 0, 0, 21], &[0; 10], b"saltsaltsalt\0"]
                    .concat();
            let _ = stream.write_all(&[&[greeting.len() as u8, 0, 0, 0], &greeting[..]].concat());
            let mut head = [0; 36];
            if stream.read_exact(&mut head).is_err() {
                return;
            }
            if head[5] & 8 != 0 {
                return tls(stream, &config, |_| {});
            }
            let error = [&[0xff], &code.to_le_bytes()[..], b"#08004no"].concat();
            let _ = stream.write_all(&[&[error.len() as u8, 0, 0, 2], &error[..]].concat());
        });
        let facts = facts(&server.url("mysql"), &["--timeout", "2"]);
        assert_eq!((&facts["starttls"], &facts["tls"]), (&json!(expected), &json!(true)), "{facts}");
        assert!(server.connections() <= 12, "a door that shuts after a hundred: {}", server.connections());
    }
}
