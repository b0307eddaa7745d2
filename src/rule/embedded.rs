//! The rules that come with the binary.

use super::schema::{CitationFile, Rule};

/// Every rule file that comes with the binary: its name below `rules/`, and its text.
pub const SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rule_sources.rs"));

/// The rules that come with the binary, without their examples.
///
/// # Panics
/// Never in a binary that passed its tests: the text is made by the build script from the files that the tests
/// load.
#[allow(clippy::expect_used, reason = "a test loads this very text")]
pub fn rules() -> Vec<Rule> {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/rules.json"))).expect("embedded rules are valid")
}

/// The closed list of citations.
///
/// # Panics
/// Never in a binary that passed its tests, as for [`rules`].
#[allow(clippy::expect_used, reason = "a test loads this very text")]
pub fn citations() -> CitationFile {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/citations.json")))
        .expect("embedded citations are valid")
}
