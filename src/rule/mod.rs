//! Rules as data: their schema, where they are loaded from, and what makes one valid.
//!
//! Knows nothing of how a rule is run; the engine does.

pub mod cel;
pub mod embedded;
mod placeholder;
mod schema;
mod severity;
mod source;

pub use schema::{
    Assignment, Catalogue, Check, Citation, CitationFile, Example, Examples, Near, Pattern, PlacedExample, Rule,
    RuleFile, Shape,
};
pub use placeholder::{PlaceholderError, expand};
pub use severity::{Confidence, Severity};
pub use source::{Problem, Step, locate};
