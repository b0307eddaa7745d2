//! Text as people see it: encodings, lines, columns, and characters that are safe to print.
//!
//! Knows nothing of files, formats or rules.

mod decoded;
mod encoded;
mod failure;
mod lines;
mod printable;
mod remark;
mod visible;

pub use decoded::{Decoded, Encoding, WideReader, decode, wide_encoding};
pub use encoded::{DecodeBudget, Encoded, base64_bytes, base64_text, encoded};
pub use failure::failure;
pub use lines::{LineIndex, Position, Span};
pub use printable::{Stretch, printable, stated};
pub use remark::is_remark;
pub use visible::visible;
