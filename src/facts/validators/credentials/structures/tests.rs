//! Vectors are put together here, so that no live-looking credential stands in the repository.

use super::*;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let block = chunk.iter().fold(0u32, |sum, &byte| (sum << 8) | u32::from(byte)) << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            out.push(char::from(LETTERS[(block >> (18 - 6 * index)) as usize & 63]));
        }
    }
    out.push_str(&"=".repeat((4 - out.len() % 4) % 4));
    out
}

fn token(header: &str, payload: &str, signature: usize) -> String {
    let part = |text: &str| encode(text.as_bytes()).trim_end_matches('=').to_owned();
    format!("{}.{}.{}", part(header), part(payload), "k".repeat(signature))
}

#[test]
fn tokens() {
    let payload = r#"{"sub":"clinic"}"#;
    // header, payload, length of the signature, begins the verdict's name
    let table = [
        (r#"{"alg":"HS256"}"#, payload, 43, "Valid"),
        (r#"{"alg":"RS256","typ":"JWT"}"#, payload, 342, "Valid"),
        (r#"{"alg":"HS256"}"#, payload, 20, "Doubtful"),
        (r#"{"alg":"none"}"#, payload, 43, "Doubtful"),
        (r#"{"alg":"XX1"}"#, payload, 43, "Doubtful"),
        (r#"{"alg":"HS256"}"#, "no JSON", 43, "Doubtful"),
        (r#"{"typ":"JWT"}"#, payload, 43, "Impossible"),
        ("no JSON", payload, 43, "Impossible"),
    ];
    for (header, payload, signature, verdict) in table {
        let found = format!("{:?}", jwt(token(header, payload, signature).as_bytes()));
        assert!(found.starts_with(verdict), "{header} {payload} {signature}: {found}");
    }
    assert_eq!(jwt(b"no.dots"), Silent);
    assert_eq!(jwt(b""), Silent);
}

/// A DER sequence with a version number and filling.
fn der(filling: usize) -> Vec<u8> {
    let length = 3 + filling;
    let mut bytes = vec![0x30, 0x82, (length >> 8) as u8, length as u8, 2, 1, 0];
    bytes.extend(std::iter::repeat_n(0x5a, filling));
    bytes
}

#[test]
fn key_files() {
    let key = encode(&der(300));
    let block = |body: &str| format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----");
    assert_eq!(pem(block(&key).as_bytes()), Valid("it decodes to a whole key"));
    // Written into a string, and joined from two.
    assert!(matches!(pem(block(&key).replace('\n', "\\n").as_bytes()), Valid(_)));
    let (left, right) = key.split_at(100);
    assert!(matches!(pem(block(&format!("{left}\" +\n  \"{right}")).as_bytes()), Valid(_)));
    assert!(matches!(pem(block(&key[..200]).as_bytes()), Doubtful(_)));
    assert!(matches!(pem(block("....").as_bytes()), Doubtful(_)));
    assert!(matches!(pem(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA"), Doubtful("the key is encrypted")));
    let ssh = |cipher: &[u8]| [b"openssh-key-v1\0\0\0\0\x04".as_slice(), cipher, &[0; 40]].concat();
    assert!(matches!(pem(block(&encode(&ssh(b"none"))).as_bytes()), Valid(_)));
    assert!(matches!(pem(block(&encode(&ssh(b"aes2"))).as_bytes()), Doubtful("the key is encrypted")));
    assert!(matches!(pem_base64(encode(block(&key).as_bytes()).as_bytes()), Valid(_) | Doubtful(_)));
    assert!(matches!(pem(b""), Doubtful(_)));

    assert!(matches!(der_key(key.as_bytes()), Valid(_)));
    assert!(matches!(der_key(&key.as_bytes()[..200]), Doubtful(_)));
    // A public key begins with a sequence, not with a version.
    assert!(matches!(der_key(encode(&[0x30, 4, 0x30, 2, 6, 0]).as_bytes()), Impossible(_)));
    assert!(matches!(der_key(b""), Impossible(_)));
}

#[test]
fn armour() {
    let packets = [0x95u8; 90];
    let sum = encode(&crc24(&packets).to_be_bytes()[1..]);
    let block = |sum: &str| {
        let body = encode(&packets);
        format!(
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n{body}\n={sum}\n-----END PGP PRIVATE KEY BLOCK-----"
        )
    };
    assert_eq!(openpgp(block(&sum).as_bytes()), Valid("its checksum holds"));
    assert!(matches!(openpgp(block("AAAA").as_bytes()), Doubtful(_)));
    assert!(matches!(openpgp(b"-----BEGIN PGP PRIVATE KEY BLOCK-----"), Doubtful(_)));
}

#[test]
fn json_and_logins() {
    let json = encode(br#"{"email":"a@b.test","n":"x","id":1,"private_key":"k"}"#);
    assert!(matches!(base64_json(format!("ops_{json}").as_bytes()), Valid(_)));
    assert!(matches!(base64_json(b"glc_notjson"), Doubtful(_)));
    assert!(matches!(grafana_legacy(json.as_bytes()), Valid(_)));
    assert!(matches!(grafana_legacy(encode(br#"{"k":1}"#).as_bytes()), Impossible(_)));
    assert!(matches!(google_service_account(json.as_bytes()), Valid(_)));
    assert!(matches!(google_service_account(encode(b"{}").as_bytes()), Doubtful(_)));
    assert!(matches!(basic_login(encode(b"clinic:owl7").as_bytes()), Valid(_)));
    assert!(matches!(basic_login(encode(b"user:password").as_bytes()), Doubtful(_)));
    assert!(matches!(basic_login(encode(b"no colon").as_bytes()), Doubtful(_)));
    assert!(matches!(basic_login(b"\xff"), Doubtful(_)));
}

#[test]
fn macaroons() {
    let packets = [b"\x02\x01\x08pypi.org\x02\x03abc\0\x02\x02{}\0\0\x06\x20".as_slice(), &[7; 32]].concat();
    let token = |bytes: &[u8]| format!("pypi-{}", encode(bytes));
    assert!(matches!(pypi_macaroon(token(&packets).as_bytes()), Valid(_)));
    assert!(matches!(pypi_macaroon(token(&packets[..30]).as_bytes()), Doubtful(_)));
    assert!(matches!(pypi_macaroon(b"pypi-"), Doubtful(_)));
    assert!(matches!(pypi_macaroon(b""), Doubtful(_)));
}
