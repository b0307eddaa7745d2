//! Values that are glued to their names: `acme-token-VALUE`, `acmeSECRET-VALUE`.
//!
//! Only what no program would call a thing by is taken: long, and letters and digits in turn.

use super::find::Named;
use super::random::{Classes, is_uuid};
use super::scene::Scene;
use super::value::Value;
use super::words;
use crate::text::Span;

/// The shortest value that is told from the rest of a name.
const SHORTEST: usize = 16;

impl Scene<'_> {
    /// The value that follows the keyword at `at` within its own name. Cuts the name down to what stands before.
    pub(super) fn glued(&self, named: &mut Named, at: Span) -> Option<Value> {
        let start = at.end + 1;
        if named.quote.is_some() || start >= named.span.end || !matches!(self.byte(at.end), b'-' | b'_' | b'.') {
            return None;
        }
        // `key-…` alone is the form of some token; here the word before tells whose it is.
        if at.start < named.span.start + 3 {
            return None;
        }
        let end = self.past(start, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=')
        });
        let value = self.slice(Span::new(start, end));
        if value.len() < SHORTEST || matches!(self.byte(end), b'(' | b'[' | b':' | b'<') || !is_machine_made(value) {
            return None;
        }
        named.span = Span::new(named.span.start, at.end);
        Some(Value::whole(Span::new(start, end), false))
    }
}

/// Letters and digits without words; a name's date or version does not make it so.
fn is_machine_made(value: &[u8]) -> bool {
    let classes = Classes::of(value);
    is_uuid(value)
        || (classes.digit >= 4
            && classes.letters() >= 2
            && classes.symbol * 6 < value.len()
            && words::covered(value).0 * 3 < value.len()
            && !words::is_plain(value))
}
