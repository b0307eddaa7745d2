//! Servers with strange habits, and lists that somebody typed.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::json;

use super::program::{bedrail, folder, write};
use super::servers::{Server, alert, client_hello, closed_port, drain, flight, message, record};
use super::{asked, facts, names, pairs};

/// A flight in TLS 1.2 with RSA, which shows this chain.
fn shows(chain: &[&[u8]]) -> Vec<u8> {
    let sized = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes()[1..], bytes].concat();
    let list: Vec<u8> = chain.iter().flat_map(|certificate| sized(certificate)).collect();
    let hello = flight(0x0303, 0x009c, 0, &[]);
    // The ServerHello without its record and the end of the flight.
    let mut bytes = hello[5..hello.len() - 4].to_vec();
    bytes.extend(message(11, &sized(&list)));
    bytes.extend(message(14, &[]));
    bytes.chunks(16_000).flat_map(|part| record(22, 0x0303, part)).collect()
}

/// Takes one suite in TLS 1.2 and shows a chain.
fn showing(chain: Vec<u8>) -> Server {
    Server::start(move |mut stream| match client_hello(&mut stream) {
        Some(hello) if hello.version == 0x0303 && hello.suites.contains(&0x009c) => {
            let _ = stream.write_all(&shows(&[&chain]));
            drain(stream);
        }
        Some(_) => alert(&mut stream, 40),
        None => {}
    })
}

fn certificate(names: Vec<String>) -> Vec<u8> {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new(names).expect("names");
    params.serial_number = Some(rcgen::SerialNumber::from_slice(&[0x2a; 8]));
    params.self_signed(&key).expect("a certificate").der().to_vec()
}

#[test]
fn ten_thousand_names_in_a_certificate_are_told() {
    let server = showing(certificate((0..10_000).map(|at| format!("h{at}.example")).collect()));
    let facts = facts(&server.url("tls"), &["--timeout", "2"]);
    assert_eq!(names(&facts["certificate"]["names"]).len(), 10_000);
    assert_eq!(facts["certificate"]["name_matches"], json!(false));
}

#[test]
fn a_negative_serial_number_hides_no_certificate() {
    let mut der = certificate(vec!["h.example".into()]);
    let at = der.windows(10).position(|window| window == [2, 8, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a, 0x2a]);
    der[at.expect("the serial number") + 2] = 0xaa;
    let facts = facts(&showing(der).url("tls"), &["--timeout", "2"]);
    assert_eq!(names(&facts["certificate"]["names"]), ["h.example"], "{facts}");
    assert_eq!(facts["certificate"]["expired"], json!(false));
}

#[test]
fn certificates_without_end_and_bytes_without_haste_are_left() {
    // As long as somebody listens: certificates of one message that claims to be as long as can be, and of many.
    let one = Server::start(|mut stream| {
        if client_hello(&mut stream).is_some_and(|hello| hello.version == 0x0303) {
            let _ = stream.write_all(&flight(0x0303, 0x009c, 0, &[11, 0xff, 0xff, 0xff])[..]);
            while stream.write_all(&record(22, 0x0303, &[0; 16_000])).is_ok() {}
        }
    });
    let many = Server::start(|mut stream| {
        if client_hello(&mut stream).is_some_and(|hello| hello.version == 0x0303) {
            let hello = flight(0x0303, 0x009c, 0, &[]);
            let _ = stream.write_all(&record(22, 0x0303, &hello[5..hello.len() - 4]));
            let certificates = message(11, &[&[0, 15, 3][..], &[0, 0, 2, 48, 0].repeat(768)].concat());
            while stream.write_all(&record(22, 0x0303, &certificates)).is_ok() {}
        }
    });
    let slow = Server::start(|mut stream| {
        let _ = client_hello(&mut stream);
        for byte in shows(&[&[48, 0]]) {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    });
    for (what, server) in [("one", one), ("many", many), ("slow", slow)] {
        let began = Instant::now();
        let ran = asked(&["facts", &server.url("tls"), "--gap", "0", "--timeout", "1"]);
        assert!(matches!(ran.code, Some(0 | 4)), "{what}: {ran:?}");
        assert!(began.elapsed() < Duration::from_secs(40), "{what} took {:?}", began.elapsed());
    }
}

#[test]
fn a_server_that_hangs_up_over_a_prime_that_it_lacks_still_speaks_tls() {
    // As OpenSSL does where it is told to take DHE and has no prime: the client's order counts, and the first suite that
    // it knows may be one that it cannot do.
    const KNOWN: [u16; 3] = [0xc02f, 0x009e, 0x002f];
    let server = Server::start(|mut stream| match client_hello(&mut stream) {
        Some(hello) if hello.version == 0x0303 => {
            match hello.suites.iter().find(|suite| KNOWN.contains(suite)) {
                Some(suite) if *suite != 0x009e && !hello.suites.contains(&0x009e) => {
                    let _ = stream.write_all(&flight(0x0303, *suite, 0, &[]));
                    drain(stream);
                }
                // Without a word, whether it lacks a suite or a prime.
                _ => {}
            }
        }
        _ => {}
    });
    let facts = facts(&server.url("tls"), &["--timeout", "2"]);
    let mut pairs = pairs(&facts);
    pairs.sort();
    assert_eq!(
        pairs,
        ["TLSv1.2 \"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"", "TLSv1.2 \"TLS_RSA_WITH_AES_128_CBC_SHA\""],
        "{facts}"
    );
    // A device tells as much with few questions.
    let device = super::facts(&server.url("tls"), &["--timeout", "2", "--device"]);
    assert_eq!(names(&device["versions"]), ["TLSv1.2"], "{device}");
}

#[test]
fn where_nobody_listens_two_connections_are_enough() {
    // A wait of 40 ms stands between two, and would double before a third.
    let targets: Vec<String> = (0..20).map(|_| format!("tls://127.0.0.1:{}", closed_port())).collect();
    let began = Instant::now();
    let ran =
        asked(&[&["scan", "--format", "json"], &targets.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat());
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(began.elapsed() < Duration::from_millis(20 * 110), "{:?}", began.elapsed());
}

#[test]
fn lists_are_read_as_editors_write_them() {
    let (root, port) = (folder(), closed_port());
    let list =
        format!("# ours\r\ntls://127.0.0.1:{port}\r\n\r\ntls://127.0.0.1:{port} # again\r\ntls://[::1]:{port}\r\n");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let cases = [
        ("plain", list.clone().into_bytes()),
        ("marked", format!("\u{feff}{list}").into_bytes()),
        ("wide", wide(&format!("\u{feff}{list}"))),
    ];
    for (name, bytes) in cases {
        write(root.path(), name, &bytes);
        let ran = bedrail(root.path(), &["scan", "--targets", name, "--format", "json", "--timeout", "1"]);
        assert_eq!(ran.code, Some(4), "{name}: {ran:?}");
        assert_eq!(ran.notices().len(), 2, "each once: {name}: {ran:?}");
    }
    write(root.path(), "empty", "# nothing\n");
    let ran = bedrail(root.path(), &["scan", "--targets", "empty", "--format", "json"]);
    assert_eq!(ran.code, Some(3), "nothing was scanned: {ran:?}");
    let wrong = [
        ("tls://127.0.0.1:1\ntls://h:70000\n", "list:2: tls://h:70000: a port from 1 to 65535 is wanted"),
        ("10.0.0.0/24\n", "list:1: 10.0.0.0/24: it is written scheme://host:port"),
        ("\n\ntls://::1\n", "list:3: tls://::1: an IPv6 address stands in brackets"),
        ("tls://h \u{1b}[31m\n", "`sni=`, `cert=` and `key=` may follow a"),
        ("tls://h\0\n", "cannot read list: it is not UTF-8 text"),
    ];
    for (text, message) in wrong {
        write(root.path(), "list", text);
        let ran = bedrail(root.path(), &["scan", "--targets", "list"]);
        let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(ran.code == Some(2) && told.contains(message), "{text:?}: {ran:?}");
        assert!(!ran.err.contains("\u{1b}[31m"), "{ran:?}");
    }
}
