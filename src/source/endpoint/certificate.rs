//! What a certificate says, whatever is wrong with it; and whether a chain leads to a root.
//!
//! Reads first and verifies second: a certificate that no verifier takes is the one that must be described.

use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use serde_json::{Value, json};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;

use super::roots::Roots;

const DAY: i64 = 86_400;

/// Describes the leaf of a chain.
pub(super) fn describe(chain: &[Vec<u8>], host: &str, roots: &Roots, now: u64) -> Value {
    let Some(leaf) = chain.first() else { return Value::Null };
    let Ok((_, parsed)) = X509Certificate::from_der(leaf) else {
        return json!({ "$unknown": "the certificate cannot be read" });
    };
    let (from, until) = (parsed.validity().not_before.timestamp(), parsed.validity().not_after.timestamp());
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let constraints = parsed.basic_constraints().ok().flatten().map(|constraints| constraints.value.ca);
    let usage = parsed.extended_key_usage().ok().flatten();
    json!({
        "subject": parsed.subject().to_string(),
        "issuer": parsed.issuer().to_string(),
        "names": names(&parsed),
        "not_before": written(&parsed.validity().not_before),
        "not_after": written(&parsed.validity().not_after),
        "days_left": (until - now).div_euclid(DAY),
        // The validity includes its last second (RFC 5280, 4.1.2.5).
        "lifetime_days": (until - from + 1).div_euclid(DAY),
        "expired": until < now,
        "not_yet_valid": from > now,
        "key": key(&parsed),
        "signature_hash": hash(&parsed.signature_algorithm.algorithm.to_id_string()),
        "self_signed": is_signed_by(&parsed, &parsed),
        "chain_valid": chain_valid(chain, roots, from, until, now),
        "chain_complete": chain_complete(chain),
        "name_matches": name_matches(leaf, host),
        "server_auth": usage.is_none_or(|usage| usage.value.server_auth || usage.value.any),
        "ca": constraints.unwrap_or(false),
        "version": parsed.version().0.saturating_add(1),
    })
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    let told = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
            Ok(bytes) => Some(std::net::Ipv4Addr::from(bytes).to_string()),
            Err(_) => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
        },
        _ => None,
    };
    names.value.general_names.iter().filter_map(told).collect()
}

/// RFC 3339, in UTC.
fn written(time: &ASN1Time) -> String {
    let time = time.to_datetime();
    let (month, day) = (u8::from(time.month()), time.day());
    format!("{:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", time.year(), time.hour(), time.minute(), time.second())
}

fn key(certificate: &X509Certificate<'_>) -> Value {
    let info = certificate.public_key();
    let oid = info.algorithm.algorithm.to_id_string();
    let bits = |bits: usize| json!(bits);
    let (algorithm, size, curve) = match (oid.as_str(), info.parsed()) {
        ("1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10", Ok(PublicKey::RSA(key))) => {
            let modulus: &[u8] = key.modulus;
            let start = modulus.iter().position(|byte| *byte != 0).unwrap_or(modulus.len());
            let zeros = modulus.get(start).map_or(0, |byte| byte.leading_zeros() as usize);
            ("RSA", bits((modulus.len() - start) * 8 - zeros), Value::Null)
        }
        ("1.2.840.10045.2.1", _) => {
            let named = info.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
            let (name, size) = named.map_or(("", 0), |oid| curve_of(&oid.to_id_string()));
            let unknown = json!({ "$unknown": "the curve is not one of those with a name" });
            let told = |known: Value| if size == 0 { unknown.clone() } else { known };
            ("EC", told(json!(size)), told(json!(name)))
        }
        ("1.2.840.10040.4.1", Ok(PublicKey::DSA(_))) => {
            // The prime stands in the parameters.
            let size = info.algorithm.parameters.as_ref().map(|any| dsa_bits(any.data));
            (
                "DSA",
                size.flatten().map_or(json!({ "$unknown": "the prime cannot be read" }), |size| json!(size)),
                Value::Null,
            )
        }
        ("1.3.101.112", _) => ("Ed25519", json!(256), Value::Null),
        ("1.3.101.113", _) => ("Ed448", json!(448), Value::Null),
        ("2.16.840.1.101.3.4.3.17" | "2.16.840.1.101.3.4.3.18" | "2.16.840.1.101.3.4.3.19", _) => {
            ("ML-DSA", bits(info.subject_public_key.data.len() * 8), Value::Null)
        }
        _ => ("other", bits(info.subject_public_key.data.len() * 8), Value::Null),
    };
    json!({ "algorithm": algorithm, "bits": size, "curve": curve })
}

/// The size of the first integer of a DER sequence's content.
fn dsa_bits(content: &[u8]) -> Option<usize> {
    let [2, length, rest @ ..] = content else { return None };
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), rest.get(2..)?),
        _ => return None,
    };
    let number = rest.get(..length)?;
    let start = number.iter().position(|byte| *byte != 0)?;
    Some((number.len() - start) * 8 - number[start].leading_zeros() as usize)
}

fn curve_of(oid: &str) -> (&'static str, u32) {
    match oid {
        "1.2.840.10045.3.1.7" => ("P-256", 256),
        "1.3.132.0.34" => ("P-384", 384),
        "1.3.132.0.35" => ("P-521", 521),
        "1.3.132.0.33" => ("P-224", 224),
        "1.2.840.10045.3.1.1" => ("P-192", 192),
        "1.3.132.0.10" => ("secp256k1", 256),
        "1.3.132.0.8" => ("secp160r1", 160),
        "1.3.132.0.9" => ("secp160k1", 160),
        "1.3.132.0.30" => ("secp160r2", 160),
        "1.3.132.0.31" => ("secp192k1", 192),
        "1.3.132.0.32" => ("secp224k1", 224),
        "1.3.36.3.3.2.8.1.1.7" => ("brainpoolP256r1", 256),
        "1.3.36.3.3.2.8.1.1.11" => ("brainpoolP384r1", 384),
        "1.3.36.3.3.2.8.1.1.13" => ("brainpoolP512r1", 512),
        _ => ("", 0),
    }
}

/// The hash of a signature algorithm; `none` for those that bring their own.
fn hash(oid: &str) -> Value {
    let name = match oid {
        "1.2.840.113549.1.1.2" => "MD2",
        "1.2.840.113549.1.1.3" => "MD4",
        "1.2.840.113549.1.1.4" => "MD5",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" => "SHA1",
        "1.2.840.113549.1.1.14" | "1.2.840.10045.4.3.1" | "2.16.840.1.101.3.4.3.1" => "SHA224",
        "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" | "2.16.840.1.101.3.4.3.2" => "SHA256",
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => "SHA384",
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => "SHA512",
        "1.3.101.112" | "1.3.101.113" => "none",
        oid if oid.starts_with("2.16.840.1.101.3.4.3.") => "none",
        // RSASSA-PSS names its hash in parameters; SHA-1 is its default, and nobody's choice.
        _ => return json!({ "$unknown": "the signature's algorithm does not tell its hash" }),
    };
    json!(name)
}

/// Whether one certificate is signed with the key of another; where the algorithm is not at hand, the names decide.
fn is_signed_by(certificate: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> bool {
    if certificate.issuer().as_raw() != issuer.subject().as_raw() {
        return false;
    }
    match certificate.verify_signature(Some(issuer.public_key())) {
        Ok(()) => true,
        Err(x509_parser::error::X509Error::SignatureUnsupportedAlgorithm) => true,
        // Keys that the verifier finds too weak cannot be told from wrong ones; a subject that issues to itself with
        // no other authority named is its own.
        Err(_) => certificate.subject().as_raw() == certificate.issuer().as_raw() && short_key(issuer),
    }
}

fn short_key(certificate: &X509Certificate<'_>) -> bool {
    matches!(certificate.public_key().parsed(), Ok(PublicKey::RSA(key)) if key.key_size() < 2048)
}

/// Whether each certificate was signed by the one that was sent after it, up to one that signs itself or whose issuer
/// was left out as a root may be; only a leaf that was sent alone, and not by itself signed, shows a gap for sure.
fn chain_complete(chain: &[Vec<u8>]) -> bool {
    let parsed: Vec<_> = chain.iter().map_while(|der| X509Certificate::from_der(der).ok()).collect();
    parsed.len() == chain.len() && parsed.windows(2).all(|pair| is_signed_by(&pair[0].1, &pair[1].1))
}

/// Whether a chain leads to a root. That a certificate is out of date is told apart, so it is asked for a day on which
/// the leaf was valid.
fn chain_valid(chain: &[Vec<u8>], roots: &Roots, from: i64, until: i64, now: i64) -> Value {
    let Some(store) = roots.store() else { return json!({ "$unknown": "no roots are at hand; --ca names some" }) };
    let der: Vec<CertificateDer<'_>> = chain.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let Ok(leaf) = ParsedCertificate::try_from(&der[0]) else { return json!(false) };
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    let verify = |at: i64| {
        let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(at).unwrap_or(0)));
        rustls::client::verify_server_cert_signed_by_trust_anchor(&leaf, store, &der[1..], at, algorithms)
    };
    let found = match verify(now.clamp(from, until.max(from))) {
        Err(Error::InvalidCertificate(
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
        )) => {
            // What it may be used for is told apart.
            true
        }
        found => found.is_ok(),
    };
    json!(found)
}

fn name_matches(leaf: &[u8], host: &str) -> bool {
    let der = CertificateDer::from(leaf);
    let Ok(name) = ServerName::try_from(host) else { return false };
    ParsedCertificate::try_from(&der).is_ok_and(|parsed| verify_server_name(&parsed, &name).is_ok())
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use rustls::RootCertStore;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    /// Some days after [`NOW`].
    macro_rules! day {
        ($days:expr) => {{
            let hour = std::time::Duration::from_secs(3600);
            let now = rcgen::date_time_ymd(2027, 1, 15) + hour * 8;
            let distance = hour * 24 * u32::try_from(i64::abs($days)).expect("some days");
            if $days < 0 { now - distance } else { now + distance }
        }};
    }

    fn certified(names: &[&str], days: (i64, i64), by: Option<&Issuer<'_, KeyPair>>, ca: bool) -> (Vec<u8>, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        (params.not_before, params.not_after) = (day!(days.0), day!(days.1));
        if ca {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let made = match by {
            Some(issuer) => params.signed_by(&key, issuer),
            None => params.self_signed(&key),
        };
        (made.expect("a certificate").der().to_vec(), key)
    }

    fn root() -> (Vec<u8>, Issuer<'static, KeyPair>) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("names");
        params.distinguished_name.push(rcgen::DnType::CommonName, "Test Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = params.self_signed(&key).expect("a root").der().to_vec();
        (der, Issuer::new(params, key))
    }

    fn store(der: &[u8]) -> Roots {
        let mut store = RootCertStore::empty();
        store.add(CertificateDer::from(der.to_vec())).expect("a root");
        Roots::of(store)
    }

    #[test]
    fn a_leaf_of_a_known_root_is_fine() {
        let (der, issuer) = root();
        let (leaf, _) = certified(&["pacs.example.org", "10.1.2.3"], (-10, 80), Some(&issuer), false);
        let found = describe(&[leaf], "pacs.example.org", &store(&der), NOW);
        assert_eq!(found["names"], json!(["pacs.example.org", "10.1.2.3"]));
        assert_eq!((&found["days_left"], &found["expired"]), (&json!(80), &json!(false)), "{found}");
        for (name, value) in [
            ("chain_valid", true),
            ("name_matches", true),
            ("self_signed", false),
            ("ca", false),
            ("server_auth", true),
            ("chain_complete", true),
        ] {
            assert_eq!(found[name], json!(value), "{name}: {found}");
        }
        assert_eq!(found["key"], json!({"algorithm": "EC", "bits": 256, "curve": "P-256"}));
        assert_eq!((&found["signature_hash"], &found["version"]), (&json!("SHA256"), &json!(3)));
    }

    #[test]
    fn each_fault_is_told_apart() {
        let (der, issuer) = root();
        let (expired, _) = certified(&["a.example"], (-100, -1), Some(&issuer), false);
        let found = describe(std::slice::from_ref(&expired), "b.example", &store(&der), NOW);
        assert_eq!(found["expired"], json!(true));
        assert_eq!(found["days_left"], json!(-1));
        assert_eq!(found["chain_valid"], json!(true), "that it is out of date is told apart");
        assert_eq!(found["name_matches"], json!(false));
        let (other, _) = root();
        assert_eq!(
            describe(std::slice::from_ref(&expired), "a.example", &store(&other), NOW)["chain_valid"],
            json!(false)
        );
        assert_eq!(describe(&[expired.clone(), other], "a.example", &store(&der), NOW)["chain_complete"], json!(false));
        assert!(describe(&[expired], "a.example", &Roots::default(), NOW)["chain_valid"]["$unknown"].is_string());
        let (own, _) = certified(&["10.0.0.1"], (1, 9), None, true);
        let found = describe(&[own], "10.0.0.1", &store(&der), NOW);
        for name in ["self_signed", "ca", "not_yet_valid", "name_matches"] {
            assert_eq!(found[name], json!(true), "{name}");
        }
        assert_eq!(describe(&[], "a", &store(&der), NOW), Value::Null);
    }

    #[test]
    fn a_damaged_certificate_is_no_panic() {
        let (leaf, _) = certified(&["a.example"], (-1, 1), None, false);
        let (der, _) = root();
        let roots = store(&der);
        for at in 0..leaf.len() {
            let mut damaged = leaf.clone();
            damaged[at] ^= 0x41;
            let _ = describe(&[damaged], "a.example", &roots, NOW);
            let _ = describe(&[leaf[..at].to_vec()], "a.example", &roots, NOW);
        }
    }
}
