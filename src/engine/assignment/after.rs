//! What stands between a name and its value: operators, types, brackets.
//!
//! Knows operators of many languages at once; which value is then read is decided in [`super::find`].

use super::find::Named;
use super::language::Language;
use super::scene::Scene;
use crate::text::Span;

/// What follows a name; `at` is where the value may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `=`, `:`, `=>`, `:=` and their kin.
    Is { at: usize, spaced_type: bool },
    /// `==`, `!=`, `.equals(`.
    Equals(usize),
    /// `name(`.
    Open(usize),
    /// `"name",` within a call.
    Comma(usize),
    /// Nothing but a blank or a quotation mark.
    Beside(usize),
    /// Nothing that gives a value.
    None,
}

/// Methods that compare.
const COMPARING: &[&[u8]] = &[b".equals", b".equalsignorecase", b".eql", b".contentequals", b".compareto"];

impl Scene<'_> {
    /// The operator after a name. Takes a comparing method out of the name.
    pub(super) fn operator(&self, named: &mut Named) -> Operator {
        let mut at = named.end();
        if named.quote.is_some() {
            let inner = self.past_blanks(at);
            match self.byte(inner) {
                b']' => at = inner + 1,
                b',' => return self.comma(named, inner),
                _ => {}
            }
        } else {
            at = self.past_name_marks(at);
            if self.byte(at) == b'(' {
                return self.open(named, at);
            }
        }
        let operator = self.past_blanks(at);
        let found = self.sign(operator);
        if found != Operator::None {
            return found;
        }
        if named.quote.is_none() && operator > at {
            if let Some(value) = self.typed(operator) {
                return Operator::Is { at: value, spaced_type: true };
            }
            return Operator::Beside(operator);
        }
        Operator::None
    }

    /// Marks that may stand right after a name: `?`, `[]`, `[32]`, `**`, a closing backtick.
    fn past_name_marks(&self, at: usize) -> usize {
        let mut at = at;
        if self.byte(at) == b'?' && self.byte(at + 1) == b':' {
            at += 1;
        }
        if self.byte(at) == b'[' {
            let close = self.past(at + 1, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if self.byte(close) == b']' {
                at = close + 1;
            }
        }
        if self.byte(at) == b'*' && self.byte(at + 1) == b'*' {
            at += 2;
        }
        at
    }

    /// The operator sign at `at`.
    fn sign(&self, at: usize) -> Operator {
        let (a, b, c) = (self.byte(at), self.byte(at + 1), self.byte(at + 2));
        let length = match (a, b, c) {
            (b'=', b'=', b'=') | (b'!', b'=', b'=') => return Operator::Equals(self.past_blanks(at + 3)),
            (b'=' | b'!', b'=', _) => return Operator::Equals(self.past_blanks(at + 2)),
            (b':', b':', b' ') if self.language == Language::Ldif => 2,
            (b':', b':', _) | (b'=', b'~', _) => return Operator::None,
            (b'|', b'|', b'=') | (b'?', b'?', b'=') => 3,
            (b'=', b'>', _) | (b':' | b'?' | b'+' | b'.' | b'|', b'=', _) | (b'<', b'-', _) => 2,
            (b'=' | b':', _, _) => 1,
            _ => return Operator::None,
        };
        let mut value = at + length;
        // Bold marks of Markdown: `**Password:** x`.
        if a == b':' && self.byte(value) == b'*' && self.byte(value + 1) == b'*' {
            value += 2;
        }
        let value = self.past_value_space(value);
        if a == b':'
            && length == 1
            && let Some(value) = self.typed(value)
        {
            return Operator::Is { at: value, spaced_type: true };
        }
        Operator::Is { at: value, spaced_type: false }
    }

    /// Past the blanks before a value; in code also past one line end before a quotation mark.
    fn past_value_space(&self, at: usize) -> usize {
        let value = self.past_blanks(at);
        let crosses = !self.language.has_bare_values() || self.language == Language::Unknown;
        if crosses && matches!(self.byte(value), b'\n' | b'\r') {
            let next = self.past_space(value);
            if self.quote(next).is_some() {
                return next;
            }
        }
        value
    }

    /// A type and then `=`: `&'static str = `, `string = `; gives the place of a quoted value.
    fn typed(&self, at: usize) -> Option<usize> {
        // In texts a few words and `<a href=` would look like it.
        if matches!(self.language, Language::Xml | Language::Prose) {
            return None;
        }
        if !(self.byte(at).is_ascii_alphabetic() || matches!(self.byte(at), b'&' | b'*' | b'[' | b'?')) {
            return None;
        }
        let end = self.past(at, |byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'_' | b'.' | b'&' | b'*' | b'[' | b']' | b'<' | b'>' | b'?' | b'\'' | b' ' | b':' | b'|'
                )
        });
        if end - at > 64 || self.byte(end) != b'=' || matches!(self.byte(end + 1), b'=' | b'>') {
            return None;
        }
        let value = self.past_blanks(end + 1);
        let begins = self.quote(value).is_some() || self.quote(value + 1).is_some();
        begins.then_some(value)
    }

    /// `name(`: a call of something that takes the secret, or a comparing method.
    fn open(&self, named: &mut Named, at: usize) -> Operator {
        let name = self.slice(named.span);
        for method in COMPARING {
            if let Some(rest) = name.len().checked_sub(method.len())
                && rest > 0
                && name[rest..].eq_ignore_ascii_case(method)
            {
                named.span = Span::new(named.span.start, named.span.start + rest);
                return Operator::Equals(self.past_blanks(at + 1));
            }
        }
        Operator::Open(self.past_space(at + 1))
    }

    /// `"name",`: only as an argument of a call, not in a list.
    fn comma(&self, named: &Named, at: usize) -> Operator {
        let open = self.back_space(named.start());
        // The name may come second: `field("String", "NAME", "value")`.
        match self.before(open) {
            b'(' => Operator::Comma(self.past_space(at + 1)),
            b',' if self.is_second_argument(open - 1) => Operator::Comma(self.past_space(at + 1)),
            _ => Operator::None,
        }
    }

    /// Whether one word or literal and an opening parenthesis, or a known word, stand before a comma.
    fn is_second_argument(&self, comma: usize) -> bool {
        let start = self.back(comma, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'"' | b'\'' | b'_' | b'.' | b' ' | b'$')
        });
        if self.before(start) == b'(' {
            return true;
        }
        let first = &self.text[start..comma];
        first.windows(16).any(|word| word.eq_ignore_ascii_case(b"buildconfigfield"))
            || first.windows(8).any(|word| word.eq_ignore_ascii_case(b"resvalue"))
    }
}
