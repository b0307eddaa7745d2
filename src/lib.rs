//! bedrail finds where patient data is exposed. See ARCHITECTURE.md for how the parts fit.
//!
//! The library is the program's inside, not an interface with promises to others.

pub mod artifact;
pub mod cli;
pub mod document;
pub mod engine;
pub mod facts;
pub mod finding;
pub mod policy;
pub mod report;
pub mod rule;
pub mod scan;
pub mod source;
pub mod target;
pub mod text;
