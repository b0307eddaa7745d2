//! Text as people see it: encodings, lines, columns, and characters that are safe to print.
//!
//! Knows nothing of files, formats or rules.

mod decoded;
mod failure;
mod lines;
mod visible;

pub use decoded::{Decoded, Encoding, decode};
pub use failure::failure;
pub use lines::{LineIndex, Position, Span};
pub use visible::visible;
