//! Checks of tokens and keys: checksums that vendors build in, and structures that only a real key has.

use super::Validator;

/// In the order of their names.
pub(super) const VALIDATORS: &[Validator] = &[];
