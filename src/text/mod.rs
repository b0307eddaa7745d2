//! Text as people see it: encodings, lines, columns, and characters that are safe to print.
//!
//! Knows nothing of files, formats or rules.

mod changes;
mod decoded;
mod encoded;
mod failure;
mod lines;
mod printable;
mod remark;
mod visible;

pub use changes::{Change, changes};
pub use decoded::{Decoded, Encoding, WideReader, decode, is_plain_text, wide_encoding};
pub use encoded::{DecodeBudget, Encoded, base64_bytes, base64_text, encoded};
pub use failure::failure;
pub use lines::{LineIndex, Position, Span};
pub use printable::{Stretch, printable, stated};
pub use remark::is_remark;
pub use visible::visible;
