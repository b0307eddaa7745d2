//! Rules as data: their schema, where they are loaded from, and what makes one valid.
//!
//! Knows nothing of how a rule is run; the engine does.

pub mod admission;
pub mod cel;
mod check_rule;
pub mod embedded;
mod folder;
mod nearest;
mod page;
mod placeholder;
mod schema;
mod severity;
mod source;

pub use check_rule::{Checker, FAMILIES, expand_example};
pub use folder::{FolderError, RuleText, check_files, embedded_files, read_folder};
pub use nearest::nearest;
pub use page::page;
pub use placeholder::{PlaceholderError, expand};
pub use schema::{
    Assignment, Catalogue, Check, Citation, CitationFile, Example, Examples, Near, Pattern, PlacedExample, Rule,
    RuleFile, Shape,
};
pub use severity::{Confidence, Severity};
pub use source::{Mistakes, Problem, ProblemPlace, Step, read_toml};

/// A digest over rules, for evidence of what was run: lower-case hex of 128 bits.
pub fn digest<'r>(rules: impl Iterator<Item = &'r Rule>) -> String {
    use std::fmt::Write;

    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for rule in rules {
        hash.update(serde_json::to_vec(rule).unwrap_or_default());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
