//! What only matters beside something else: encrypted records and what opens them, pseudonyms and the people behind them.
//!
//! Knows files by their names and first bytes, and pseudonyms by hashes that stay in memory; what lies beside what is
//! found when all was seen.

use super::hashing::hash;
use super::map::map;
use super::words;
use crate::text::Span;

/// The largest file that is taken for a key or a passphrase, in bytes.
const LARGEST_KEY: usize = 64 << 10;
const LARGEST_PASSPHRASE: usize = 4 << 10;

/// What a whole file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Encrypted, and named like records of patients.
    Encrypted,
    /// A key or a passphrase that opens what is encrypted.
    Key,
}

/// The pseudonyms of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    /// Whether the people stand beside them.
    pub ties: bool,
    /// Where the first one stands.
    pub first: Span,
    /// Their hashes.
    pub hashes: Vec<u64>,
}

/// What a file is, by its name and its content or the beginning of it; one may be both.
pub fn of_file(name: &str, size: usize, head: &[u8]) -> Vec<Beside> {
    let file = name.rsplit('/').next().unwrap_or(name);
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    let extension = extension.to_ascii_lowercase();
    let names = &map().names;
    let words = words::of(&stem.as_bytes()[..stem.len().min(79)]);
    let has = |list: &[String]| words.each().any(|word| list.iter().any(|known| known == word.trim_end_matches('s')));
    let mut found = Vec::new();
    if has(&names.files) && is_encrypted(&extension, head) {
        found.push(Beside::Encrypted);
    }
    let small = size <= LARGEST_PASSPHRASE && !head.trim_ascii().is_empty();
    let plain = matches!(extension.as_str(), "" | "txt" | "key" | "pass" | "bin" | "pem" | "asc");
    let named = small && plain && has(&names.keyfiles);
    if named && found.is_empty() || size <= LARGEST_KEY && is_key(head) {
        found.push(Beside::Key);
    }
    found
}

fn is_encrypted(extension: &str, head: &[u8]) -> bool {
    let marks =
        [&b"Salted__"[..], b"age-encryption.org/v", b"-----BEGIN PGP MESSAGE", b"-----BEGIN AGE ENCRYPTED FILE"];
    let known = matches!(extension, "gpg" | "pgp" | "age" | "enc" | "aes" | "gpg2" | "p7m" | "cpt");
    // The first bit of the flags of a ZIP archive's first entry.
    let archive = head.starts_with(b"PK\x03\x04") && head.get(6).is_some_and(|flags| flags & 1 == 1);
    known || archive || marks.iter().any(|mark| head.starts_with(mark))
}

/// Whether a private key stands in a text, at the beginning of a line.
fn is_key(text: &[u8]) -> bool {
    let line_of = |at: usize| &text[memchr::memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1)..at];
    let armored = memchr::memmem::find_iter(text, b"PRIVATE KEY").take(8);
    let age = memchr::memmem::find(text, b"AGE-SECRET-KEY-1");
    { armored }.any(|at| line_of(at).starts_with(b"-----BEGIN ")) || age.is_some_and(|at| line_of(at).is_empty())
}

/// The hashes of some pseudonyms, sorted, each once; nothing where there are too few to tell a table by.
pub(super) fn codes<'v>(values: impl Iterator<Item = &'v [u8]>) -> Vec<u64> {
    const MOST: usize = 2_000;
    let filled = values.map(<[u8]>::trim_ascii).filter(|value| !value.is_empty());
    let mut hashes: Vec<u64> = filled.take(MOST).map(|value| hash(&[value])).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Whether two tables speak of the same pseudonyms: of those of the smaller one at least half, and two at least.
pub fn share(one: &[u64], other: &[u64]) -> bool {
    let common = one.iter().filter(|hash| other.binary_search(hash).is_ok()).count();
    common >= 2 && common * 2 >= one.len().min(other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_name_and_beginning() {
        let armor = |label: &str| format!("-----BEGIN {label}-----\nx\n").into_bytes();
        let cases: &[(&str, &[u8], Option<Beside>)] = &[
            ("data/patients.csv.gpg", b"\x85\x02\x0c", Some(Beside::Encrypted)),
            ("cohort_2024.zip", b"PK\x03\x04\x14\x00\x01\x00", Some(Beside::Encrypted)),
            ("cohort_2024.zip", b"PK\x03\x04\x14\x00\x00\x00", None),
            ("claims.bin", b"Salted__12345678", Some(Beside::Encrypted)),
            ("patients.asc", &armor("PGP MESSAGE"), Some(Beside::Encrypted)),
            ("secrets.tar.enc", b"Salted__12345678", None), // nothing of patients
            ("patients.csv", b"mrn,dob\n", None),
            ("id_rsa", &armor("OPENSSH PRIVATE KEY"), Some(Beside::Key)),
            ("me.asc", &armor("PGP PRIVATE KEY BLOCK"), Some(Beside::Key)),
            ("me.asc", &armor("PGP PUBLIC KEY BLOCK"), None),
            ("k.txt", b"# created: 2024\nAGE-SECRET-KEY-1X\n", Some(Beside::Key)),
            ("passphrase.txt", b"x", Some(Beside::Key)),
            ("passphrase.txt", b" \n", None),
            ("password.py", b"import x", None),
            ("README.md", b"-- see the PRIVATE KEY", None),
        ];
        for (name, head, wanted) in cases {
            assert_eq!(of_file(name, head.len(), head), Vec::from_iter(*wanted), "{name}");
        }
    }

    #[test]
    fn tables_share_pseudonyms_or_not() {
        let of = |values: &[&str]| codes(values.iter().map(|value| value.as_bytes()));
        let long: Vec<String> = (0..100).map(|n| format!("S{n}")).collect();
        let long = of(&long.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(share(&of(&["S1", "S2", "S3"]), &of(&["S3", "S2", "S9"])));
        assert!(share(&of(&["S1", "S2", "S3"]), &long));
        assert!(!share(&of(&["S1"]), &of(&["S1"])), "one is chance");
        assert!(!share(&of(&["S1", "S2", "T3", "T4", "T5"]), &long));
    }
}
