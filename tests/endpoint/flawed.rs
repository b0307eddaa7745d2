//! A scripted server of TLS 1.2 with one suite, that does after its flight whatever a test says.

use std::io::Write;
use std::net::TcpStream;

use super::servers::{ClientHello, Server, alert, client_hello, drain, message, next_record, record};

pub(crate) const VERSION: u16 = 0x0303;
/// Its key travels under RSA.
pub(crate) const SUITE: u16 = 0x002f;
/// What a server must never give away.
pub(crate) const HUSH: &[u8] = b"hush-hush-hush-hush";

/// DER.
fn der(tag: u8, inside: &[u8]) -> Vec<u8> {
    let length = inside.len();
    let head = if length < 128 { vec![tag, length as u8] } else { vec![tag, 0x82, (length >> 8) as u8, length as u8] };
    [head, inside.to_vec()].concat()
}

/// A certificate for a key of RSA with the exponent one, under which nothing is hidden: what a client sends can be read.
fn certificate() -> Vec<u8> {
    let rsa = der(0x30, &[der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1]), vec![5, 0]].concat());
    let key = der(0x30, &[der(2, &[&[0][..], &[0xff; 128]].concat()), vec![2, 1, 1]].concat());
    let info = der(0x30, &[rsa, der(3, &[vec![0], key].concat())].concat());
    let hash = der(0x30, &[der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 11]), vec![5, 0]].concat());
    let name = der(0x30, &der(0x31, &der(0x30, &[vec![6, 3, 0x55, 4, 3], der(12, b"mock")].concat())));
    let validity = der(0x30, &[der(23, b"200101000000Z"), der(23, b"400101000000Z")].concat());
    let parts = [vec![2, 1, 1], hash.clone(), name.clone(), validity, name, info].concat();
    der(0x30, &[der(0x30, &parts), hash, der(3, &[0, 1, 2, 3])].concat())
}

/// A ServerHello of TLS 1.2.
pub(crate) fn server_hello(session_id: &[u8], extensions: &[(u16, &[u8])]) -> Vec<u8> {
    let list: Vec<u8> = extensions
        .iter()
        .flat_map(|(number, inside)| [&number.to_be_bytes()[..], &(inside.len() as u16).to_be_bytes(), inside].concat())
        .collect();
    let id = [&[session_id.len() as u8], session_id].concat();
    let suite = SUITE.to_be_bytes();
    let body = [&VERSION.to_be_bytes()[..], &[7; 32], &id, &suite, &[0], &(list.len() as u16).to_be_bytes(), &list];
    message(2, &body.concat())
}

/// A server that answers hellos of TLS 1.2 with one suite and a flight, and then does what it does.
pub(crate) fn mock(heartbeats: bool, then: impl Fn(&mut TcpStream, ClientHello) + Send + Sync + 'static) -> Server {
    Server::start(move |mut stream| {
        let Some(hello) = client_hello(&mut stream) else { return };
        if hello.version != VERSION || !hello.suites.contains(&SUITE) {
            return alert(&mut stream, if hello.version == VERSION { 40 } else { 70 });
        }
        let beat = [(15, &[1][..])];
        let wanted = heartbeats && hello.extension(15).is_some();
        let certificate = certificate();
        let length = |bytes: usize| (bytes as u32).to_be_bytes()[1..].to_vec();
        let list = [length(certificate.len()), certificate].concat();
        let flight = [
            server_hello(&[], if wanted { &beat } else { &[] }),
            message(11, &[length(list.len()), list].concat()),
            message(14, &[]),
        ];
        let _ = stream.write_all(&record(22, VERSION, &flight.concat()));
        then(&mut stream, hello);
    })
}

/// How a server may misbehave when it is probed.
pub(crate) fn misbehaving() -> [(&'static str, fn(&mut TcpStream)); 3] {
    fn reset(stream: &mut TcpStream) {
        // What was sent and is never read makes the end a reset.
        let _ = stream.peek(&mut [0]);
    }
    fn silence(stream: &mut TcpStream) {
        drain(stream.try_clone().expect("a socket"));
    }
    fn junk(stream: &mut TcpStream) {
        if next_record(stream).is_some() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            silence(stream);
        }
    }
    [("reset", reset), ("silence", silence), ("junk", junk)]
}
