//! The table of cipher suites, versions and groups: what numbers on the wire mean.
//!
//! Knows the registry; `suites.toml` is the data. Opens no connection.

use std::sync::LazyLock;

use serde::Deserialize;

/// A protocol version, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Version {
    Ssl2,
    Ssl3,
    Tls10,
    Tls11,
    Tls12,
    Tls13,
}

impl Version {
    /// Its name in facts.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Version::Ssl2 => "SSLv2",
            Version::Ssl3 => "SSLv3",
            Version::Tls10 => "TLSv1.0",
            Version::Tls11 => "TLSv1.1",
            Version::Tls12 => "TLSv1.2",
            Version::Tls13 => "TLSv1.3",
        }
    }

    /// Its number on the wire.
    pub(super) const fn code(self) -> u16 {
        match self {
            Version::Ssl2 => 0x0002,
            Version::Ssl3 => 0x0300,
            Version::Tls10 => 0x0301,
            Version::Tls11 => 0x0302,
            Version::Tls12 => 0x0303,
            Version::Tls13 => 0x0304,
        }
    }
}

/// What a code point stands for; the words are those of `tls.endpoint`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Suite {
    pub(super) code: u16,
    pub(super) name: String,
    pub(super) key_exchange: String,
    pub(super) authentication: String,
    pub(super) cipher: String,
    pub(super) bits: u16,
    pub(super) mode: String,
    pub(super) mac: String,
    first: String,
    pub(super) nist: bool,
}

#[derive(Deserialize)]
struct Table {
    suites: Vec<Suite>,
}

/// All suites, by code.
pub(super) static SUITES: LazyLock<Vec<Suite>> = LazyLock::new(|| {
    // A test reads it: what is wrong in it never reaches a user.
    toml::from_str::<Table>(include_str!("suites.toml")).map(|table| table.suites).unwrap_or_default()
});

/// The suite with a code.
pub(super) fn suite(code: u16) -> Option<&'static Suite> {
    SUITES.binary_search_by_key(&code, |suite| suite.code).ok().map(|at| &SUITES[at])
}

impl Suite {
    /// Whether a stolen key leaves recorded sessions closed.
    pub(super) fn forward_secret(&self) -> bool {
        matches!(self.key_exchange.as_str(), "DHE" | "ECDHE" | "DHE_PSK" | "ECDHE_PSK" | "SRP" | "ECCPWD" | "any")
    }

    /// Whether a server names a group or prime for it.
    pub(super) fn ephemeral(&self) -> bool {
        matches!(self.key_exchange.as_str(), "DHE" | "ECDHE" | "DHE_PSK" | "ECDHE_PSK")
    }

    fn fits(&self, version: Version) -> bool {
        match version {
            Version::Ssl2 => false,
            Version::Tls13 => self.first == "TLSv1.3",
            Version::Tls12 => self.first != "TLSv1.3",
            _ => self.first == "SSLv3",
        }
    }

    /// How likely a server has it; less is likelier.
    fn rank(&self) -> u8 {
        let cipher = match (self.cipher.as_str(), self.mode.as_str()) {
            ("AES", "GCM") | ("CHACHA20", _) => 0,
            ("AES", "CBC") => 1,
            ("AES", _) | ("CAMELLIA", _) => 3,
            ("3DES" | "RC4", _) => 2,
            ("NULL" | "DES" | "SEED" | "IDEA" | "RC2", _) => 4,
            _ => 6,
        };
        let keys = match (self.key_exchange.as_str(), self.authentication.as_str()) {
            ("ECDHE" | "DHE" | "RSA" | "any", "RSA" | "ECDSA" | "any") => 0,
            ("ECDHE" | "DHE", "none") => 3,
            ("ECDHE" | "DHE", _) => 5,
            ("DH" | "ECDH", _) => 6,
            _ => 8,
        };
        cipher + keys
    }
}

/// The suites that a version can negotiate, likely ones first.
pub(super) fn suites_of(version: Version) -> Vec<u16> {
    let mut found: Vec<&Suite> = SUITES.iter().filter(|suite| suite.fits(version)).collect();
    found.sort_by_key(|suite| (suite.rank(), suite.code));
    found.into_iter().map(|suite| suite.code).collect()
}

/// Groups by code and IANA name, those that are likely first.
pub(super) const GROUPS: &[(u16, &str)] = &[
    (4588, "X25519MLKEM768"),
    (4587, "SecP256r1MLKEM768"),
    (4589, "SecP384r1MLKEM1024"),
    (29, "x25519"),
    (23, "secp256r1"),
    (24, "secp384r1"),
    (25, "secp521r1"),
    (30, "x448"),
    (256, "ffdhe2048"),
    (257, "ffdhe3072"),
    (258, "ffdhe4096"),
    (259, "ffdhe6144"),
    (260, "ffdhe8192"),
    (26, "brainpoolP256r1"),
    (27, "brainpoolP384r1"),
    (28, "brainpoolP512r1"),
    (31, "brainpoolP256r1tls13"),
    (32, "brainpoolP384r1tls13"),
    (33, "brainpoolP512r1tls13"),
    (512, "MLKEM512"),
    (513, "MLKEM768"),
    (514, "MLKEM1024"),
    (22, "secp256k1"),
    (21, "secp224r1"),
    (20, "secp224k1"),
    (19, "secp192r1"),
    (18, "secp192k1"),
    (14, "sect571r1"),
    (13, "sect571k1"),
    (12, "sect409r1"),
    (11, "sect409k1"),
    (10, "sect283r1"),
    (9, "sect283k1"),
    (8, "sect239k1"),
    (7, "sect233r1"),
    (6, "sect233k1"),
    (5, "sect193r2"),
    (4, "sect193r1"),
    (3, "sect163r2"),
    (2, "sect163r1"),
    (1, "sect163k1"),
    (17, "secp160r2"),
    (16, "secp160r1"),
    (15, "secp160k1"),
];

/// A group's name; its number where it has none.
pub(super) fn group_name(code: u16) -> String {
    GROUPS.iter().find(|(known, _)| *known == code).map_or_else(|| format!("group {code}"), |(_, name)| (*name).into())
}

/// The cipher specs of SSLv2: code, name, cipher, bits.
pub(super) const SSL2_SPECS: &[(u32, &str, &str, u16)] = &[
    (0x010080, "SSL_CK_RC4_128_WITH_MD5", "RC4", 128),
    (0x020080, "SSL_CK_RC4_128_EXPORT40_WITH_MD5", "RC4", 40),
    (0x030080, "SSL_CK_RC2_128_CBC_WITH_MD5", "RC2", 128),
    (0x040080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5", "RC2", 40),
    (0x050080, "SSL_CK_IDEA_128_CBC_WITH_MD5", "IDEA", 128),
    (0x060040, "SSL_CK_DES_64_CBC_WITH_MD5", "DES", 56),
    (0x0700c0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5", "3DES", 112),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_in_order() {
        assert!(SUITES.len() > 350, "{}", SUITES.len());
        assert!(SUITES.windows(2).all(|pair| pair[0].code < pair[1].code));
        // The allow-list of SP 800-52r2 has 84 names.
        assert_eq!(SUITES.iter().filter(|suite| suite.nist).count(), 84);
        assert!(SUITES.iter().filter(|suite| suite.nist).all(|suite| suite.cipher == "AES" && suite.mac != "MD5"));
        let aes = suite(0x1301).expect("TLS 1.3 has AES");
        assert_eq!((aes.name.as_str(), aes.nist, aes.bits), ("TLS_AES_128_GCM_SHA256", true, 128));
        assert!(suite(0x00ff).is_none() && suite(0x5600).is_none(), "signals are no suites");
    }

    #[test]
    fn every_suite_belongs_to_a_version_and_likely_ones_come_first() {
        let all = suites_of(Version::Tls12).len() + suites_of(Version::Tls13).len();
        assert_eq!(all, SUITES.len());
        assert!(suites_of(Version::Ssl3).len() < suites_of(Version::Tls12).len());
        assert!(suites_of(Version::Tls12)[..8].contains(&0xc02f));
        assert!(suites_of(Version::Ssl2).is_empty());
    }

    /// What OpenSSL says of each suite is what the table says.
    #[test]
    #[allow(clippy::print_stderr, reason = "what was left out is said aloud")]
    fn openssl_agrees() {
        let asked =
            std::process::Command::new("openssl").args(["ciphers", "-V", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]).output();
        let Ok(output) = asked else { return eprintln!("left out: openssl is not installed") };
        let text = String::from_utf8_lossy(&output.stdout);
        let mut compared = 0;
        for line in text.lines() {
            // 0xC0,0x2F - ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 Kx=ECDH Au=RSA Enc=AESGCM(128) Mac=AEAD
            let words: Vec<&str> = line.split_whitespace().collect();
            let Some((high, low)) = words.first().and_then(|code| code.split_once(',')) else { continue };
            let byte = |text: &str| u16::from_str_radix(text.trim_start_matches("0x"), 16).ok();
            let (Some(high), Some(low)) = (byte(high), byte(low)) else { continue };
            let code = high << 8 | low;
            let found = suite(code).unwrap_or_else(|| panic!("{line} is not in the table"));
            let value = |key: &str| words.iter().find_map(|word| word.strip_prefix(key)).unwrap_or_default();
            let enc = value("Enc=");
            let bits: u16 = enc.split(['(', ')']).nth(1).and_then(|bits| bits.parse().ok()).unwrap_or(0);
            let bits = if enc.starts_with("3DES") { 112 } else { bits };
            assert_eq!(found.bits, bits, "{line}");
            let cipher = match enc.split('(').next().unwrap_or_default() {
                "None" => "NULL",
                name if name.starts_with("AES") => "AES",
                name if name.starts_with("ARIA") => "ARIA",
                name if name.starts_with("Camellia") => "CAMELLIA",
                name if name.starts_with("CHACHA20") => "CHACHA20",
                name => name,
            };
            assert_eq!(found.cipher, cipher, "{line}");
            assert_eq!(found.mac, value("Mac="), "{line}");
            let proof = match value("Au=") {
                "None" => "none",
                other => other,
            };
            assert_eq!(found.authentication, proof, "{line}");
            let keys = match found.key_exchange.as_str() {
                "DHE" | "DH" => "DH",
                "ECDHE" | "ECDH" => "ECDH",
                "PSK" | "SRP" | "RSA" | "any" => found.key_exchange.as_str(),
                "DHE_PSK" => "DHEPSK",
                "ECDHE_PSK" => "ECDHEPSK",
                "RSA_PSK" => "RSAPSK",
                other => other,
            };
            assert_eq!(keys, value("Kx="), "{line}");
            compared += 1;
        }
        assert!(compared > 50, "only {compared} suites compared");
    }
}
