//! Versions of the Pod Security Standards: which one workloads are held against.
//!
//! Knows how a version is written; what changed with which is written in rules, as `psa >= 31`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The newest minor version that the rules know.
const NEWEST: u32 = 37;

/// A version of the standards, which is one of Kubernetes: `v1.N`, or the newest that the rules know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PodSecurityVersion(u32);

impl PodSecurityVersion {
    /// `latest`.
    pub const LATEST: PodSecurityVersion = PodSecurityVersion(NEWEST);

    /// The N of `v1.N`: `psa` in expressions.
    pub const fn minor(self) -> u32 {
        self.0
    }
}

impl Default for PodSecurityVersion {
    fn default() -> Self {
        PodSecurityVersion::LATEST
    }
}

impl FromStr for PodSecurityVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "latest" {
            return Ok(PodSecurityVersion::LATEST);
        }
        let digits =
            text.strip_prefix("v1.").filter(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
        // A version that does not exist yet holds what the newest known one does, and no number has six digits.
        let minor = digits.filter(|digits| digits.len() <= 5).and_then(|digits| digits.parse().ok());
        minor.map(PodSecurityVersion).ok_or_else(|| "a version is written `v1.31` or `latest`".to_owned())
    }
}

impl TryFrom<String> for PodSecurityVersion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PodSecurityVersion> for String {
    fn from(version: PodSecurityVersion) -> String {
        version.to_string()
    }
}

impl fmt::Display for PodSecurityVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v1.{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_v1_and_a_number_or_latest() {
        // text, minor version
        let cases = [
            ("latest", Some(37)),
            ("v1.0", Some(0)),
            ("v1.31", Some(31)),
            ("v1.99", Some(99)), // not yet known: held against the newest
            ("1.31", None),
            ("v2.1", None),
            ("v1.", None),
            ("v1.-3", None),
            ("v1.+3", None),
            ("v1.99999999999", None),
            ("", None),
        ];
        for (text, minor) in cases {
            assert_eq!(text.parse().ok().map(PodSecurityVersion::minor), minor, "{text}");
        }
    }
}
