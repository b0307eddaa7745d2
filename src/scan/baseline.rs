//! What stood in the tree before, for scans that ask for new lines only.

use super::{Request, ScanError};
use crate::artifact::Origin;
#[cfg(feature = "git")]
use crate::artifact::Step;
#[cfg(feature = "git")]
use crate::source::Since;

/// What is compared with; nothing where everything counts as new.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    #[cfg(feature = "git")]
    since: Option<Since>,
}

#[cfg(feature = "git")]
impl Baseline {
    /// What the request names.
    pub(super) fn of(request: &Request) -> Result<Self, ScanError> {
        let since = request.since.as_deref().map(|name| Since::open(&request.root, name)).transpose()?;
        Ok(Baseline { since })
    }

    /// Whether this content stood there before.
    pub(super) fn holds(&self, origin: &Origin, bytes: &[u8]) -> bool {
        match (&self.since, origin.steps()) {
            (Some(since), [Step::File(path)]) => since.is_unchanged(path, bytes),
            _ => false,
        }
    }

    /// For each line whether it is new; nothing where all are.
    pub(super) fn new_lines(&self, origin: &Origin, text: &[u8]) -> Option<Vec<bool>> {
        match (&self.since, origin.steps()) {
            (Some(since), [Step::File(path)]) => since.new_lines(path, text),
            _ => None,
        }
    }
}

#[cfg(not(feature = "git"))]
impl Baseline {
    pub(super) fn of(request: &Request) -> Result<Self, ScanError> {
        if request.since.is_some() { Err(ScanError::NoGit) } else { Ok(Baseline::default()) }
    }

    pub(super) fn holds(&self, _: &Origin, _: &[u8]) -> bool {
        false
    }

    pub(super) fn new_lines(&self, _: &Origin, _: &[u8]) -> Option<Vec<bool>> {
        None
    }
}
