//! Pure derivations: what rules want to ask, computed once. No I/O, no rules.

pub mod validators;
