//! Answers whole, cut and damaged.

use super::*;

fn keys(suite: u16) -> Option<Keys> {
    match suite {
        0x0033 => Some(Keys::Prime),
        0xc02f => Some(Keys::Group),
        _ => None,
    }
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &(body.len() as u32).to_be_bytes()[1..], body].concat()
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3], &(body.len() as u16).to_be_bytes()[..], body].concat()
}

fn hello(version: u16, suite: u16, random: [u8; 32], extensions: &[u8]) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend(random);
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.push(0);
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    message(2, &body)
}

/// A flight with a certificate of three bytes, a prime of 1023 bits, a request for a certificate.
fn flight() -> Vec<u8> {
    let mut prime = [0u8; 128];
    prime[0] = 0x7f;
    let exchange = [&[0, 128], &prime[..], &[0, 1, 2, 0, 1, 9]].concat();
    let messages = [
        hello(0x0303, 0x0033, [1; 32], &[0xff, 1, 0, 1, 0, 0, 23, 0, 0]),
        message(11, &[0, 0, 6, 0, 0, 3, 7, 8, 9]),
        message(12, &exchange),
        message(13, &[1, 1, 0, 2, 4, 1, 0, 0]),
        message(14, &[]),
    ]
    .concat();
    // Messages span records as they like.
    messages.chunks(50).flat_map(|chunk| record(22, chunk)).collect()
}

fn read(bytes: &[u8], piece: usize, depth: Depth, ssl2: bool) -> Option<Answer> {
    let mut reader = Reader::new(ssl2, |_: &Flight| depth, keys);
    for piece in bytes.chunks(piece) {
        if let State::Ready(answer) = reader.take(piece) {
            return Some(answer);
        }
    }
    reader.end()
}

#[test]
fn a_flight_is_read_in_any_pieces() {
    for piece in [1, 3, 7, 1000] {
        let Some(Answer::Hello(found)) = read(&flight(), piece, Depth::Flight, false) else { panic!("no hello") };
        assert_eq!((found.version, found.suite, found.dh_bits), (0x0303, 0x0033, Some(1023)));
        assert_eq!(found.extensions, [0xff01, 23]);
        assert_eq!(found.certificates, [vec![7, 8, 9]]);
        assert!(found.client_certificate && found.done);
        let Some(Answer::Hello(found)) = read(&flight(), piece, Depth::Hello, false) else { panic!("no hello") };
        assert_eq!((found.dh_bits, found.done), (None, false));
    }
}

#[test]
fn a_retry_of_tls_13_names_the_group() {
    let mut random = [0; 32];
    random[..8].copy_from_slice(&RETRY);
    let bytes = record(22, &hello(0x0303, 0x1301, random, &[0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0x11, 0xec]));
    let Some(Answer::Hello(found)) = read(&bytes, 9, Depth::Flight, false) else { panic!("no hello") };
    assert_eq!((found.version, found.suite, found.group), (0x0304, 0x1301, Some(4588)));
}

#[test]
fn what_is_no_hello_is_told_apart() {
    let cases: &[(&[u8], Option<Answer>)] = &[
        (&[21, 3, 1, 0, 2, 2, 40], Some(Answer::Alert(40))),
        // A warning alone is no refusal, and no hello.
        (&[21, 3, 1, 0, 2, 1, 112], None),
        (b"HTTP/1.1 400 Bad Request\r\n", Some(Answer::NotTls(b"HTTP/1.1 400 Bad Request\r\n".to_vec()))),
        (b"\x16\x03\x01\xff\xff", Some(Answer::Garbled("a record is too long"))),
        (b"\x16\x03\x01\x00\x04\x02\x00\x00\x00", Some(Answer::Garbled("the ServerHello cannot be read"))),
        (b"\x16\x03", Some(Answer::Garbled("the answer was cut off"))),
        (b"", None),
    ];
    for (bytes, expected) in cases {
        assert_eq!(&read(bytes, 100, Depth::Flight, false), expected, "{bytes:?}");
    }
    // A warning is followed by the hello.
    let bytes = [vec![21, 3, 1, 0, 2, 1, 112], flight()].concat();
    assert!(matches!(read(&bytes, 100, Depth::Hello, false), Some(Answer::Hello(_))));
}

#[test]
fn ssl2_lists_its_specs() {
    let body = [&[4, 0, 1, 0, 2, 0, 2, 0, 6, 0, 0, 5, 5][..], &[1, 0, 0x80, 7, 0, 0xc0]].concat();
    let bytes = [&[0x80, body.len() as u8], &body[..]].concat();
    let expected = Ssl2Answer { specs: vec![0x010080, 0x0700c0], certificate: vec![5, 5] };
    assert_eq!(read(&bytes, 4, Depth::Hello, true), Some(Answer::Ssl2(expected)));
    assert_eq!(read(&[21, 3, 1, 0, 2, 2, 70], 2, Depth::Hello, true), Some(Answer::Alert(70)));
}

#[test]
fn nothing_that_a_server_sends_is_a_panic() {
    let body = [&[4, 0, 1, 0, 2, 0, 2, 0, 6, 0, 0, 5, 5][..], &[1, 0, 0x80, 7, 0, 0xc0]].concat();
    let ssl2 = [&[0x80, body.len() as u8], &body[..]].concat();
    for (bytes, old) in [(flight(), false), (ssl2, true)] {
        for cut in 0..bytes.len() {
            let _ = read(&bytes[..cut], 13, Depth::Flight, old);
        }
        for at in 0..bytes.len() {
            for mask in [1, 0x10, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= mask;
                let _ = read(&bytes, 17, Depth::Flight, old);
                let _ = read(&bytes, 17, Depth::KeyExchange, old);
            }
        }
    }
    // An endless flight ends.
    let endless = record(22, &message(99, &[0; 1000]));
    let mut bytes = record(22, &hello(0x0303, 0x0033, [1; 32], &[]));
    (0..400).for_each(|_| bytes.extend(&endless));
    let mut reader = Reader::new(false, |_: &Flight| Depth::Flight, keys);
    let ready = bytes.chunks(500).position(|piece| reader.take(piece) != State::More);
    assert!(ready.is_some_and(|at| at * 500 < MOST_BYTES + 1000), "{ready:?}");
}
