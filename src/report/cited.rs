//! What rules cite, looked up: catalogue and number, title and kind.
//!
//! Knows the shape `catalogue:number`; what a paragraph means stands in the citation file.

use crate::rule::{Citation, CitationFile, Rule};

/// One citation of a rule, with its entry if the file has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cited<'a> {
    /// `hipaa`, `cwe`, `nist-800-53`.
    pub(super) catalogue: &'a str,
    /// `164.312(d)`, `798`, `IA-5`.
    pub(super) number: &'a str,
    /// Its place in the citation file, which is the order to sort by.
    pub(super) order: usize,
    /// Its entry.
    pub(super) entry: Option<&'a Citation>,
}

/// The citations of `rule` in its own order, each once.
pub(super) fn cited<'a>(rule: &'a Rule, file: &'a CitationFile) -> Vec<Cited<'a>> {
    let mut found: Vec<Cited<'a>> = Vec::new();
    for id in &rule.cites {
        let Some((catalogue, number)) = id.split_once(':') else { continue };
        if found.iter().any(|one| one.catalogue == catalogue && one.number == number) {
            continue;
        }
        let at = file.citation.iter().position(|entry| entry.id == *id);
        found.push(Cited {
            catalogue,
            number,
            order: at.unwrap_or(usize::MAX),
            entry: at.map(|at| &file.citation[at]),
        });
    }
    found
}

impl Cited<'_> {
    /// `164.312(d) Person or entity authentication (standard)`.
    pub(super) fn described(&self) -> String {
        let Some(entry) = self.entry else { return self.number.to_owned() };
        match &entry.kind {
            Some(kind) => format!("{} {} ({kind})", self.number, entry.title),
            None => format!("{} {}", self.number, entry.title),
        }
    }
}
