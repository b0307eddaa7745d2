//! What a client proves itself with, made ready for a handshake.
//!
//! Knows PEM, and whether a key belongs to a certificate; whom a server trusts is the server's business. No error here
//! repeats a byte of either.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, SignatureScheme};

use crate::target::ClientPem;

/// Why nobody can prove himself with a certificate and a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientPemError {
    /// No certificate stands there.
    #[error("there is no certificate (PEM) in it")]
    NoCertificate,
    /// What stands there is no certificate.
    #[error("a certificate in it cannot be read")]
    BadCertificate,
    /// No key stands there.
    #[error("there is no private key (PEM) in it")]
    NoKey,
    /// The key needs a password.
    #[error("the private key in it is encrypted")]
    EncryptedKey,
    /// What stands there is no key that can sign.
    #[error("the private key in it cannot be used: RSA, ECDSA (P-256, P-384) and Ed25519 can")]
    BadKey,
    /// The key is another's.
    #[error("the private key does not belong to the certificate")]
    Mismatch,
}

impl ClientPemError {
    /// Whether the key is wrong, and not the certificate.
    pub fn is_about_key(self) -> bool {
        !matches!(self, ClientPemError::NoCertificate | ClientPemError::BadCertificate)
    }
}

/// Holds a certificate and a key against each other.
///
/// # Errors
/// What is wrong with them.
pub fn check_client_pem(pem: &ClientPem) -> Result<(), ClientPemError> {
    certified(pem).map(drop)
}

fn certified(pem: &ClientPem) -> Result<CertifiedKey, ClientPemError> {
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(&pem.certificate).collect();
    let chain = chain.map_err(|_| ClientPemError::BadCertificate)?;
    if chain.is_empty() {
        return Err(ClientPemError::NoCertificate);
    }
    let has = |word: &[u8]| pem.key.windows(word.len()).any(|window| window == word);
    let key = match PrivateKeyDer::from_pem_slice(&pem.key) {
        _ if has(b"BEGIN ENCRYPTED PRIVATE KEY") || has(b"Proc-Type: 4,ENCRYPTED") => {
            return Err(ClientPemError::EncryptedKey);
        }
        Ok(key) => key,
        Err(rustls::pki_types::pem::Error::NoItemsFound) => return Err(ClientPemError::NoKey),
        Err(_) => return Err(ClientPemError::BadKey),
    };
    let signs = rustls::crypto::ring::sign::any_supported_type(&key).map_err(|_| ClientPemError::BadKey)?;
    let certified = CertifiedKey::new(chain, signs);
    match certified.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(certified),
        Err(Error::InconsistentKeys(_)) => Err(ClientPemError::Mismatch),
        Err(_) => Err(ClientPemError::BadCertificate),
    }
}

/// Notes that a certificate was asked for, and shows the one that there is.
#[derive(Debug, Default)]
pub(super) struct Shown {
    certified: Option<Arc<CertifiedKey>>,
    asked: AtomicBool,
    shown: AtomicBool,
}

impl Shown {
    /// Shows what can be shown of `pem`; what cannot was refused before anybody was asked.
    pub(super) fn of(pem: Option<&ClientPem>) -> Shown {
        let certified = pem.and_then(|pem| certified(pem).ok()).map(Arc::new);
        Shown { certified, ..Shown::default() }
    }

    pub(super) fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    pub(super) fn shown(&self) -> bool {
        self.shown.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        // A key that has no scheme that the server takes cannot sign; without a certificate the server has its say.
        let fits = self.certified.clone().filter(|certified| certified.key.choose_scheme(schemes).is_some());
        self.shown.store(fits.is_some(), Ordering::Relaxed);
        fits
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn made() -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec!["c.example".to_owned()]).expect("names").self_signed(&key);
        (certificate.expect("a certificate").pem(), key.serialize_pem())
    }

    #[test]
    fn a_certificate_and_its_key_belong_together() {
        let ((certificate, key), (other, _)) = (made(), made());
        let broken = certificate.replacen("MII", "!!!", 1);
        let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let garbled = {
            let body: Vec<&str> = key.lines().collect();
            [body[0], "AAAA", body[body.len() - 1]].join("\n")
        };
        let cases = [
            (certificate.clone(), key.clone(), Ok(())),
            (format!("{certificate}{key}"), format!("{certificate}{key}"), Ok(())),
            (other, key.clone(), Err(ClientPemError::Mismatch)),
            (String::new(), key.clone(), Err(ClientPemError::NoCertificate)),
            (broken, key.clone(), Err(ClientPemError::BadCertificate)),
            (certificate.clone(), certificate.clone(), Err(ClientPemError::NoKey)),
            (certificate.clone(), encrypted, Err(ClientPemError::EncryptedKey)),
            (certificate, garbled, Err(ClientPemError::BadKey)),
        ];
        for (certificate, key, expected) in cases {
            let pem = ClientPem { certificate: certificate.into_bytes(), key: key.into_bytes() };
            assert_eq!(check_client_pem(&pem), expected, "{expected:?}");
        }
    }
}
