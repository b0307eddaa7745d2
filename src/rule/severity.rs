//! How bad and how sure: two scales that are never mixed.

use serde::{Deserialize, Serialize};

/// What it would cost if the finding is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// A weakness that needs another one to hurt.
    Medium,
    /// Opens a way to patient data.
    High,
    /// Patient data or the keys to it lie open.
    Critical,
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        }
    }

    /// GitHub's `security-severity`: over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, below that low.
    pub const fn score(self) -> &'static str {
        match self {
            Severity::Critical => "9.5",
            Severity::High => "8.0",
            Severity::Medium => "5.5",
            Severity::Low => "2.0",
        }
    }
}

/// How sure the finding is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A look is worth it.
    Low,
    /// More likely true than not.
    Medium,
    /// Format, checksum or structure leave little room.
    High,
}

impl Confidence {
    /// All, surest first.
    pub const ALL: [Confidence; 3] = [Confidence::High, Confidence::Medium, Confidence::Low];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }

    /// One step surer, if there is one.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Confidence::Low => Confidence::Medium,
            _ => Confidence::High,
        }
    }

    /// One step less sure, if there is one.
    #[must_use]
    pub const fn lowered(self) -> Self {
        match self {
            Confidence::High => Confidence::Medium,
            _ => Confidence::Low,
        }
    }
}
