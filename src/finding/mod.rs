//! What a rule found, where, and what could not be looked at.
//!
//! Everything here is already redacted: no type in this module can hold a matched value.

mod fingerprint;
mod line_hash;
mod notice;
mod place;
mod verdict;

pub use fingerprint::{FingerprintKey, Fingerprints};
pub use line_hash::line_hashes;
pub use notice::{Notice, NoticeKind, NoticeLevel};
pub use place::{Excerpt, Place, REDACTED};
pub use verdict::{Report, Revision, Status, Tally, Verdict};

use crate::artifact::Origin;
use crate::rule::{Confidence, Severity};

/// One thing that is wrong at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// What it would cost, after the configuration had its say.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What is wrong here, in one sentence without its full stop. Holds no matched value.
    pub message: String,
    /// What raised or lowered the confidence, for the reader.
    pub because: Vec<String>,
    /// What was found beyond the rule's words: labels with texts. Holds no matched value.
    pub detail: Vec<(&'static str, String)>,
    /// Where the content came from.
    pub origin: Origin,
    /// Where in it.
    pub place: Place,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// Names that stay the same when lines move.
    pub fingerprints: Fingerprints,
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// What stands there, in a few words.
    pub message: String,
    /// Where the content came from.
    pub origin: Origin,
    /// Where in it; without excerpt.
    pub place: Place,
}

impl Finding {
    /// What findings are sorted by: where they stand, then what they are.
    pub fn order(&self) -> (&Origin, usize, usize, &str, &str) {
        (&self.origin, self.place.line, self.place.column, &self.rule, &self.fingerprints.place)
    }
}
