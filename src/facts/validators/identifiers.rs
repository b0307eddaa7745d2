//! Checks of numbers that name people, providers, devices and codes.

use super::Validator;

/// In the order of their names.
pub(super) const VALIDATORS: &[Validator] = &[];
