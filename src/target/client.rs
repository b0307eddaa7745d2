//! What a client proves itself with: a certificate and its key, as they were read.
//!
//! Knows their bytes, not what they mean; shows neither.

use std::fmt;

use sha2::{Digest, Sha256};

/// A certificate with its chain, and its key, both PEM.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientPem {
    /// The certificate, leaf first.
    pub certificate: Vec<u8>,
    /// The private key.
    pub key: Vec<u8>,
}

impl ClientPem {
    /// Sixteen digits that tell one certificate from another.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"client certificate\0");
        // A file may hold the key beside the certificate: that part is left out.
        let text = String::from_utf8_lossy(&self.certificate);
        let mut inside = false;
        for line in text.lines() {
            inside |= line.contains("BEGIN CERTIFICATE");
            if inside {
                hash.update(line.trim());
            }
            inside &= !line.contains("END CERTIFICATE");
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for ClientPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientPem")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown() {
        let pem = ClientPem { certificate: b"shown".to_vec(), key: b"hush".to_vec() };
        assert_eq!(format!("{pem:?}"), "ClientPem");
    }

    #[test]
    fn a_fingerprint_is_that_of_the_certificate() {
        let of = |text: &str| ClientPem { certificate: text.into(), key: Vec::new() }.fingerprint();
        let one = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(of(one), of(&format!("-----BEGIN X KEY-----\nBBBB\n-----END X KEY-----\n{one}")));
        assert_ne!(of(one), of(&one.replace("AAAA", "AAAB")));
    }
}
