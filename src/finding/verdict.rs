//! Findings after the policy had its say, and all that a report tells.

use std::collections::BTreeMap;

use super::{Finding, Notice};
use crate::rule::Rule;

/// What is to be done about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// To be mended.
    Open,
    /// Silenced where it stands, by a comment that says why.
    Silenced {
        /// The reason that the comment gives.
        reason: String,
    },
}

/// A finding and what is to be done about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What was found.
    pub finding: Finding,
    /// What is to be done.
    pub status: Status,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files, blobs or streams whose content was searched.
    pub files: u64,
    /// Objects of clusters whose content was searched.
    pub objects: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Documents that were parsed and judged.
    pub documents: u64,
    /// Findings that were left out because they are below the wanted severity or confidence.
    pub below: u64,
    /// Findings about made-up people that were left out because nobody asked for them.
    pub synthetic: u64,
    /// Findings of the history that were left out because another commit brought the same at the same path.
    pub repeated: u64,
    /// Findings that were left out because they stand in lines that did not change.
    pub unchanged: u64,
}

/// All that a report tells: what was found, what could not be looked at, how much was seen.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Sorted by place, then rule.
    pub verdicts: Vec<Verdict>,
    /// The rules that have a verdict, by id.
    pub rules: BTreeMap<String, Rule>,
    /// How many rules were run.
    pub rules_run: usize,
    /// A digest over the rules that were run, for evidence: lower-case hex.
    pub rules_digest: String,
    /// Sorted.
    pub notices: Vec<Notice>,
    /// How much was looked at.
    pub tally: Tally,
    /// Seconds since 1970 at the start and the end, from `SOURCE_DATE_EPOCH` where it is set; absent when the
    /// report must not tell times.
    pub times: Option<(u64, u64)>,
    /// Where the scanned tree is kept under version control, if that is known.
    pub revision: Option<Revision>,
    /// The program's exit code.
    pub exit_code: u8,
}

/// A state of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The commit, in hex.
    pub commit: String,
    /// The branch, if one is checked out.
    pub branch: Option<String>,
    /// Where the repository can be fetched, credentials left out.
    pub repository: Option<String>,
}

impl Report {
    /// The verdicts that are to be acted on.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.verdicts.iter().filter(|verdict| verdict.status == Status::Open).map(|verdict| &verdict.finding)
    }
}
