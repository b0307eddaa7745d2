//! What a client says first, SSLv2 to TLS 1.3.
//!
//! Knows how a hello is written; reads nothing. No key is ever made: a TLS 1.3 hello shows no key share, so that the
//! server names the group that it would take.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use super::suite::{SSL2_SPECS, Version};

/// The most suites that one hello may hold: servers are known that refuse 128 and more.
pub(super) const MOST_SUITES: usize = 120;
/// `TLS_FALLBACK_SCSV`: says that a client comes back with a lower version than it could.
pub(super) const FALLBACK_SCSV: u16 = 0x5600;

/// Signature schemes, obsolete ones too: a server whose certificate has only such a signature refuses otherwise.
const SIGNATURES: &[u16] = &[
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601,
    0x081a, 0x081b, 0x081c, 0x0904, 0x0905, 0x0906, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0502, 0x0602, 0x0302,
    0x0202, 0x0101,
];

/// A hello that is to be sent.
#[derive(Clone, Debug)]
pub(super) struct Hello<'h> {
    pub(super) version: Version,
    pub(super) suites: &'h [u16],
    pub(super) groups: &'h [u16],
    /// The name for the server to choose its certificate by; none for an address.
    pub(super) server_name: Option<&'h str>,
    /// Whether there are extensions; some old servers stumble over them.
    pub(super) extensions: bool,
    /// A public key of X25519 that is shown unasked, for servers that do not ask.
    pub(super) share: bool,
}

/// Bytes of a growing message.
#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u16(&mut self, value: u16) {
        self.0.extend(value.to_be_bytes());
    }

    fn u16s(&mut self, values: &[u16]) {
        values.iter().for_each(|value| self.u16(*value));
    }

    /// Writes `inside` with its length before it, in `size` bytes.
    fn vector(&mut self, size: usize, inside: impl FnOnce(&mut Writer)) {
        let mut inner = Writer::default();
        inside(&mut inner);
        let length = (inner.0.len() as u64).to_be_bytes();
        self.0.extend(&length[8 - size..]);
        self.0.extend(inner.0);
    }

    fn extension(&mut self, kind: u16, inside: impl FnOnce(&mut Writer)) {
        self.u16(kind);
        self.vector(2, inside);
    }
}

impl Hello<'_> {
    /// The hello as a record.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut record = Writer::default();
        record.u8(22);
        record.u16(if self.version == Version::Ssl3 { 0x0300 } else { 0x0301 });
        record.vector(2, |record| {
            record.u8(1);
            record.vector(3, |message| self.body(message));
        });
        record.0
    }

    fn body(&self, message: &mut Writer) {
        message.u16(self.version.min(Version::Tls12).code());
        message.0.extend(random());
        let tls13 = self.version == Version::Tls13;
        message.vector(1, |id| {
            if tls13 {
                // As in a resumption of TLS 1.2, for boxes on the way that know nothing newer.
                id.0.extend(random());
            }
        });
        message.vector(2, |suites| suites.u16s(self.suites));
        // TLS 1.3 forbids compression; before it, whether the server takes DEFLATE costs nothing to ask.
        message.vector(1, |methods| methods.0.extend(if tls13 { &[0][..] } else { &[1, 0] }));
        if self.extensions && self.version != Version::Ssl3 {
            message.vector(2, |extensions| self.extensions(extensions));
        }
    }

    fn extensions(&self, out: &mut Writer) {
        if let Some(name) = self.server_name {
            out.extension(0, |out| {
                out.vector(2, |list| {
                    list.u8(0);
                    list.vector(2, |host| host.0.extend(name.as_bytes()));
                });
            });
        }
        out.extension(10, |out| out.vector(2, |list| list.u16s(self.groups)));
        out.extension(11, |out| out.vector(1, |list| list.0.extend([0, 1, 2])));
        if self.version >= Version::Tls12 {
            out.extension(13, |out| out.vector(2, |list| list.u16s(SIGNATURES)));
        }
        if self.version < Version::Tls13 {
            out.extension(22, |_| {}); // encrypt then MAC
            out.extension(23, |_| {}); // extended master secret
            out.extension(0xff01, |out| out.u8(0)); // secure renegotiation
        } else {
            out.extension(43, |out| out.vector(1, |list| list.u16(Version::Tls13.code())));
            out.extension(45, |out| out.vector(1, |list| list.u8(1)));
            out.extension(51, |out| {
                out.vector(2, |shares| {
                    if self.share {
                        // Any 32 bytes are a public key of X25519.
                        shares.u16(29);
                        shares.vector(2, |key| key.0.extend(random()));
                    }
                });
            });
        }
    }
}

/// The hello of SSLv2, with all its cipher specs.
pub(super) fn ssl2() -> Vec<u8> {
    let mut message = Writer::default();
    message.u8(1);
    message.u16(Version::Ssl2.code());
    message.u16(SSL2_SPECS.len() as u16 * 3);
    message.u16(0);
    message.u16(16);
    for (code, ..) in SSL2_SPECS {
        message.0.extend(&code.to_be_bytes()[1..]);
    }
    message.0.extend(&random()[..16]);
    let mut record = Writer::default();
    record.u16(0x8000 | message.0.len() as u16);
    record.0.extend(message.0);
    record.0
}

/// An empty client certificate in a record, as a client without one answers a request before TLS 1.3.
pub(super) fn no_certificate(version: Version) -> Vec<u8> {
    let mut record = Writer::default();
    record.u8(22);
    record.u16(version.code());
    record.vector(2, |record| {
        record.u8(11);
        record.vector(3, |message| message.vector(3, |_| {}));
    });
    record.0
}

/// Bytes that differ each time; nothing secret depends on them, for no handshake is ever finished with them.
fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&RandomState::new().build_hasher().finish().to_be_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(version: Version, suites: &[u16]) -> Vec<u8> {
        let groups = [29, 23];
        let name = Some("pacs.example.org");
        Hello { version, suites, groups: &groups, server_name: name, extensions: true, share: false }.write()
    }

    #[test]
    fn lengths_are_those_of_what_follows() {
        for version in [Version::Ssl3, Version::Tls10, Version::Tls12, Version::Tls13] {
            let bytes = hello(version, &[0x002f, 0xc02f]);
            assert_eq!(bytes[0], 22);
            assert_eq!(usize::from(u16::from_be_bytes([bytes[3], bytes[4]])), bytes.len() - 5, "{version:?}");
            let inner = u32::from_be_bytes([0, bytes[6], bytes[7], bytes[8]]) as usize;
            assert_eq!(inner, bytes.len() - 9, "{version:?}");
            assert_eq!(u16::from_be_bytes([bytes[9], bytes[10]]), version.min(Version::Tls12).code());
            let name = bytes.windows(16).any(|window| window == b"pacs.example.org");
            assert_eq!(name, version != Version::Ssl3, "SSLv3 has no extensions");
        }
    }

    #[test]
    fn the_largest_hello_stays_small() {
        let suites: Vec<u16> = (0..MOST_SUITES as u16).collect();
        assert!(hello(Version::Tls12, &suites).len() < 512);
    }

    #[test]
    fn ssl2_has_its_own_record() {
        let bytes = ssl2();
        assert_eq!(usize::from(u16::from_be_bytes([bytes[0] & 0x7f, bytes[1]])), bytes.len() - 2);
        assert_eq!(bytes[..13], [0x80, 46, 1, 0, 2, 0, 21, 0, 0, 0, 16, 1, 0]);
    }
}
