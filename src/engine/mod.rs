//! Running rules over texts and documents; no files, no network.
//!
//! Knows how a rule is run; nothing of where a text comes from or how a finding is shown.

pub mod cel;
