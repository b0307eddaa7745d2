//! Names of entries, made harmless: they are shown and compared with globs, never opened.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// How long a name may be, in bytes.
const LONGEST: usize = 1_000;

/// A path without root, drive, or way up. Control characters stay: they are escaped where names are printed.
pub(super) fn harmless(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(&raw[..raw.len().min(LONGEST)]);
    let parts = text.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    let parts: Vec<&str> = parts.skip_while(|part| part.len() == 2 && part.ends_with(':')).collect();
    if parts.is_empty() { "unnamed".to_owned() } else { parts.join("/") }
}

/// Tells entries of the same name apart, without keeping the names.
#[derive(Default)]
pub(super) struct Seen(HashSet<(u64, u32)>, BuildHasherDefault<DefaultHasher>);

impl Seen {
    /// The name, with its number before it if it stood before.
    pub(super) fn apart(&mut self, name: String) -> String {
        let hash = self.1.hash_one(&name);
        let mut number = 1;
        // A name that stands very often shares its last number; findings in it are still told.
        while !self.0.insert((hash, number)) && number < 100 {
            number += 1;
        }
        if number == 1 { name } else { format!("#{number}/{name}") }
    }
}
