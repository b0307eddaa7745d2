//! JSON in which no character can move a cursor or turn the reading order.
//!
//! JSON itself escapes the C0 controls only; a report that is printed to a terminal must not hold the others.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::text::visible;

/// Writes `value` as indented JSON with a final newline.
pub(super) fn write_json(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let formatter = EscapedFormatter(PrettyFormatter::with_indent(b"  "));
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, formatter);
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Indents, and writes what [`visible`] would hide as `\uXXXX`.
struct EscapedFormatter(PrettyFormatter<'static>);

/// Methods that only hand on.
macro_rules! hand_on {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $method<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $argument: $type)*) -> io::Result<()> {
            self.0.$method(writer $(, $argument)*)
        })*
    };
}

impl Formatter for EscapedFormatter {
    hand_on! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if matches!(visible(fragment), std::borrow::Cow::Borrowed(_)) {
            return writer.write_all(fragment.as_bytes());
        }
        for c in fragment.chars() {
            let mut bytes = [0; 4];
            let one: &str = c.encode_utf8(&mut bytes);
            if matches!(visible(one), std::borrow::Cow::Borrowed(_)) {
                writer.write_all(one.as_bytes())?;
            } else {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::write_json;

    #[test]
    fn what_cannot_be_seen_is_escaped_and_read_back_unchanged() {
        let text = "a\u{1b}[31m\u{7f}\u{9b}2J\u{202e}\u{2028}\u{feff}é😀\n\t\"\\";
        let mut out = Vec::new();
        write_json(&[text], &mut out).expect("memory takes every byte");
        let json = String::from_utf8(out).expect("JSON is UTF-8");
        assert!(!json.chars().any(|c| (c.is_control() && c != '\n') || "\u{202e}\u{2028}\u{feff}".contains(c)));
        assert!(json.contains("é😀"), "what is harmless stays readable");
        let [read]: [String; 1] = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(read, text);
    }
}
