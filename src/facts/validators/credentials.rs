//! Checks of tokens and keys: checksums that vendors build in, and structures that only a real key has.
//!
//! A checksum that does not hold makes a finding less sure and never drops it: most samples in documentation are
//! mangled, and a mangled copy often stands beside the real one.

mod checksums;
mod encoding;
mod made_up;
mod published;
mod structures;

use super::{Validator, Validity};

const fn validator(name: &'static str, about: &'static str, check: fn(&[u8]) -> Validity) -> Validator {
    Validator { name, about, check }
}

/// In the order of their names.
pub(super) const VALIDATORS: &[Validator] = &[
    validator("age-bech32", "Bech32 checksum of an age identity (BIP 173, age-encryption.org/v1)", checksums::age),
    validator("aws-key-id", "account number in a newer AWS access key id; ids of documentation", checksums::aws_key_id),
    validator("base64-json", "JSON in base64 behind a vendor's prefix", structures::base64_json),
    validator("basic-login", "name and password in base64 (RFC 7617)", structures::basic_login),
    validator("confluent-crc32", "CRC-32 at the end of a Confluent Cloud secret", checksums::confluent),
    validator("der-key", "DER structure of a private key (RFC 5208, RFC 8017)", structures::der_key),
    validator(
        "github-crc32",
        "CRC-32 in base 62 at the end of a GitHub token (GitHub's description of 2021)",
        checksums::github,
    ),
    validator("gitlab-routable", "length and CRC-32 in base 36 of a GitLab routable token", checksums::gitlab),
    validator("google-service-account", "service account key file in base64", structures::google_service_account),
    validator("grafana-crc32", "CRC-32 at the end of a Grafana service account token", checksums::grafana),
    validator("grafana-legacy-json", "key, name and organisation in an old Grafana key", structures::grafana_legacy),
    validator(
        "jwt",
        "header, payload, algorithm and length of signature of a JSON Web Token (RFC 7519)",
        structures::jwt,
    ),
    validator(
        "made-up",
        "values that count up or repeat themselves, as people type them for examples",
        made_up::made_up,
    ),
    validator("npm-crc32", "CRC-32 in base 62 at the end of an npm token", checksums::npm),
    validator("openpgp-crc24", "CRC-24 of an OpenPGP block (RFC 9580)", structures::openpgp),
    validator("password-hash", "digests that are a text, and so none", published::password_hash),
    validator(
        "pem",
        "base64, DER or OpenSSH structure of a PEM block (RFC 7468); encrypted and cut off ones",
        structures::pem,
    ),
    validator("pem-base64", "the same, encoded once more in base64", structures::pem_base64),
    validator(
        "published-key",
        "keys that were published as samples, in base64 (RFC 7515, 7517, 7520, 8037; manuals; tests)",
        published::encoded_key,
    ),
    validator("pypi-macaroon", "packets of a PyPI token (macaroon, version 2)", structures::pypi_macaroon),
    validator(
        "url-password",
        "passwords of documentation, words and signs that stand for one",
        published::url_password,
    ),
    validator("zuplo-crc32", "CRC-32 at the end of a Zuplo API key", checksums::zuplo),
];
