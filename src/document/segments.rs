//! Segments: the lines of HL7 v2 messages and X12 transactions, as spans.
//!
//! Knows delimiters, batches, frames, and string literals that hold a message with its line ends escaped. It does
//! not know what a field means. A text is cut into pieces once, so that work is linear whatever stands in it.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::text::Span;

/// How many fields of one segment are told; the rest of a longer one is left out.
const MAX_FIELDS: usize = 512;

/// Which family of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// HL7 v2: segments end at line ends.
    Hl7,
    /// X12: segments end at a terminator that the first one announces.
    X12,
}

/// The characters that part a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiters {
    /// Between fields.
    pub field: u8,
    /// Between components.
    pub component: u8,
    /// Between repetitions.
    pub repetition: u8,
    /// Between sub-components (HL7 v2).
    pub sub: u8,
    /// After segments (X12).
    pub terminator: u8,
}

impl Delimiters {
    /// What messages use that announce nothing.
    pub const fn usual(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Hl7 => Delimiters { field: b'|', component: b'^', repetition: b'~', sub: b'&', terminator: b'\r' },
            Dialect::X12 => Delimiters { field: b'*', component: b':', repetition: b'^', sub: b':', terminator: b'~' },
        }
    }
}

/// One segment.
#[derive(Debug)]
pub struct Segment<'t> {
    /// Its name: `PID`, `NM1`.
    pub name: &'t [u8],
    /// Its fields; the name is field 0. In `MSH` the separator itself counts as field 1.
    pub fields: &'t [Span],
    /// What parts it.
    pub delimiters: Delimiters,
}

impl Segment<'_> {
    /// Where it begins.
    pub fn start(&self) -> usize {
        self.fields.first().map_or(0, |name| name.start)
    }

    /// Where its last field ends.
    pub fn end(&self) -> usize {
        self.fields.last().map_or(0, |last| last.end)
    }

    /// A field's span; empty fields and those that are not there give nothing.
    pub fn field(&self, number: usize) -> Option<Span> {
        self.fields.get(number).copied().filter(|span| !span.is_empty())
    }
}

/// Parts a span at `by`.
pub fn parts(text: &[u8], span: Span, by: u8) -> impl Iterator<Item = Span> {
    let mut at = Some(span.start);
    std::iter::from_fn(move || {
        let start = at?;
        let end = memchr::memchr(by, &text[start..span.end]).map_or(span.end, |found| start + found);
        at = (end < span.end).then_some(end + 1);
        Some(Span::new(start, end))
    })
}

/// Calls `each` for every segment of a text, in order.
pub fn segments(text: &[u8], dialect: Dialect, mut each: impl FnMut(&Segment<'_>)) {
    let mut delimiters = Delimiters::usual(dialect);
    let mut fields = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = piece_end(text, at, dialect, delimiters);
        let piece = Span::new(at, end.0);
        at = end.1;
        let opened = announced(text, piece, dialect, &mut delimiters);
        let Some(name) = name_in(text, piece, dialect, delimiters) else { continue };
        fields.clear();
        let body = Span::new(name.start, literal_end(text, name.start, piece));
        if opened == Some(Dialect::Hl7) {
            fields.push(name);
            fields.push(Span::new(name.end, name.end + 1));
            let rest = Span::new((name.end + 1).min(body.end), body.end);
            fields.extend(parts(text, rest, delimiters.field).take(MAX_FIELDS));
        } else {
            fields.extend(parts(text, body, delimiters.field).take(MAX_FIELDS));
        }
        each(&Segment { name: &text[name.range()], fields: &fields, delimiters });
        // The interchange header of X12 has a fixed length, whatever its terminator looks like.
        if opened == Some(Dialect::X12) && name.start + 106 <= text.len() {
            at = name.start + 106;
        }
    }
}

/// Where a piece ends, and where the next one begins.
fn piece_end(text: &[u8], from: usize, dialect: Dialect, delimiters: Delimiters) -> (usize, usize) {
    // What ends a piece, or may.
    const STOPS: [bool; 256] = {
        let mut stops = [false; 256];
        let mut at = 0;
        while at < STOP.len() {
            stops[STOP[at] as usize] = true;
            at += 1;
        }
        stops
    };
    const STOP: [u8; 5] = [b'\r', b'\n', 0x0b, 0x1c, b'\\'];
    let terminator = if dialect == Dialect::X12 { delimiters.terminator } else { b'\r' };
    let mut at = from;
    while at < text.len() {
        let stop = text[at..].iter().position(|byte| STOPS[usize::from(*byte)] || *byte == terminator);
        at += stop.unwrap_or(text.len() - at);
        match text.get(at).copied().unwrap_or(b' ') {
            b'\r' | b'\n' | 0x0b | 0x1c => return (at, at + 1),
            b'\\' => match text.get(at + 1) {
                Some(b'r' | b'n') => return (at, at + 2),
                Some(_) => at += 1,
                None => {}
            },
            byte if dialect == Dialect::X12 && byte == delimiters.terminator => return (at, at + 1),
            _ => {}
        }
        at += 1;
    }
    (text.len(), text.len())
}

/// Takes in the delimiters that a header announces; which dialect it opens.
fn announced(text: &[u8], piece: Span, dialect: Dialect, delimiters: &mut Delimiters) -> Option<Dialect> {
    let bytes = &text[piece.range()];
    let near = &bytes[..bytes.len().min(400)];
    match dialect {
        Dialect::Hl7 => {
            static HEADERS: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| ["MSH", "BHS", "FHS"].map(Finder::new));
            let found = HEADERS.iter().find_map(|name| name.find(near))?;
            let [field, component, repetition, ..] = *bytes.get(found + 3..)? else { return None };
            let sign = |byte: u8| byte.is_ascii_punctuation() && byte != b'_';
            if (found > 0 && bytes[found - 1].is_ascii_alphanumeric())
                || ![field, component, repetition].into_iter().all(sign)
            {
                return None;
            }
            // `\\` stands for one backslash where the message stands in a literal.
            let rest = &bytes[found + 6..];
            let rest = rest.strip_prefix(b"\\").unwrap_or(rest);
            let rest = rest.strip_prefix(b"\\").unwrap_or(rest);
            let sub = rest.first().copied().filter(|byte| *byte != field).unwrap_or(b'&');
            *delimiters = Delimiters { field, component, repetition, sub, ..*delimiters };
            Some(Dialect::Hl7)
        }
        Dialect::X12 => {
            static HEADER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("ISA"));
            let found = piece.start + HEADER.find(near)?;
            let field = *text.get(found + 3)?;
            let fixed = [6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];
            if !field.is_ascii_punctuation() || text.get(found + 105).is_none() {
                return None;
            }
            if fixed.iter().any(|offset| text[found + offset] != field) {
                return None;
            }
            let repetition = text[found + 82];
            let (component, terminator) = (text[found + 104], text[found + 105]);
            *delimiters = Delimiters { field, component, repetition, sub: component, terminator };
            Some(Dialect::X12)
        }
    }
}

/// The segment's name: what stands before the first separator of the piece.
fn name_in(text: &[u8], piece: Span, dialect: Dialect, delimiters: Delimiters) -> Option<Span> {
    let bytes = &text[piece.range()];
    let first = memchr::memchr(delimiters.field, bytes)?;
    let letters =
        bytes[..first].iter().rev().take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).count();
    let fits = match dialect {
        Dialect::Hl7 => letters == 3,
        Dialect::X12 => (2..=3).contains(&letters),
    };
    let start = piece.start + first - letters.min(first);
    let before = start.checked_sub(1).map(|at| text[at]);
    // The letter of an escaped line end belongs to the escape.
    let parted = start == piece.start || before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'_');
    (fits && parted && text[start].is_ascii_uppercase()).then(|| Span::new(start, piece.start + first))
}

/// Where a segment ends that began behind a quotation mark: before the same mark.
fn literal_end(text: &[u8], start: usize, piece: Span) -> usize {
    let quote = start.checked_sub(1).map(|at| text[at]).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let body = &text[start..piece.end];
    let closing = |quote: u8| {
        let trimmed = body.trim_ascii_end();
        let trimmed = trimmed.strip_suffix(b",").or_else(|| trimmed.strip_suffix(b";")).unwrap_or(trimmed);
        let trimmed = trimmed.strip_suffix(b")").unwrap_or(trimmed);
        let trimmed = trimmed.strip_suffix(b"+").map_or(trimmed, <[u8]>::trim_ascii_end);
        trimmed.last() == Some(&quote)
    };
    match quote {
        Some(quote) => memchr::memchr(quote, body).map_or(piece.end, |found| start + found),
        None => match [b'"', b'\''].into_iter().find(|quote| closing(*quote)) {
            Some(quote) => memchr::memrchr(quote, body).map_or(piece.end, |found| start + found),
            None => piece.end,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, dialect: Dialect) -> Vec<String> {
        let mut found = Vec::new();
        segments(text.as_bytes(), dialect, |segment| {
            let fields = segment.fields.iter().map(|span| String::from_utf8_lossy(&text.as_bytes()[span.range()]));
            found.push(fields.collect::<Vec<_>>().join(" "));
        });
        found
    }

    #[test]
    fn messages_are_cut_at_every_line_end() {
        // text, its segments with their fields parted by blanks
        let cases: &[(&str, &[&str])] = &[
            ("MSH|^~\\&|A|B\rPID|1||7\r", &["MSH | ^~\\& A B", "PID 1  7"]), // CR alone
            ("MSH|^~\\&|A\nPID|1", &["MSH | ^~\\& A", "PID 1"]),
            ("MSH|^~\\&|A\r\nPID|1\r\n", &["MSH | ^~\\& A", "PID 1"]),
            ("\u{b}MSH|^~\\&|A\rPID|1\r\u{1c}\r", &["MSH | ^~\\& A", "PID 1"]), // MLLP
            ("FHS|^~\\&|X\rBHS|^~\\&|X\rMSH|^~\\&|A\r", &["FHS | ^~\\& X", "BHS | ^~\\& X", "MSH | ^~\\& A"]), // a batch
            ("MSH#*~\\&#A\rPID#1##7*8\r", &["MSH # *~\\& A", "PID 1  7*8"]), // other delimiters
            ("m = \"MSH|^~\\\\&|A\\rPID|1||7\\r\"", &["MSH | ^~\\\\& A", "PID 1  7"]), // a literal
            ("  \"PID|1||7\\r\" +\n  \"NK1|1|X^Y\"", &["PID 1  7", "NK1 1 X^Y"]), // one literal for each segment
            ("a | b | c\n", &[]),                                            // no name before the first bar
            ("| PID |", &[]),
            ("", &[]),
        ];
        for (text, wanted) in cases {
            assert_eq!(read(text, Dialect::Hl7), *wanted, "{text:?}");
        }
    }

    #[test]
    fn transactions_are_cut_at_the_terminator_that_they_announce() {
        let isa = |field: char, end: char| {
            let text = format!("ISA*00*{0:10}*00*{0:10}*ZZ*{0:15}*ZZ*{0:15}*131031*1147*^*00501*000000907*1*T*:", "");
            text.replace('*', &field.to_string()) + &end.to_string()
        };
        let told = |text: &str| read(text, Dialect::X12).split_off(1);
        assert_eq!(
            told(&format!("{}ST*837*1~NM1*IL*1*X*Y~\nN3*Z", isa('*', '~'))),
            ["ST 837 1", "NM1 IL 1 X Y", "N3 Z"]
        );
        assert_eq!(told(&format!("{}ST|837|1\nNM1|IL|1\n", isa('|', '\n'))), ["ST 837 1", "NM1 IL 1"]);
        // cut off inside of the header: what follows is read with the usual delimiters
        assert_eq!(read("ISA*00*  ~NM1*IL*1~", Dialect::X12), ["ISA 00   ", "NM1 IL 1"]);
        assert_eq!(read("x = 'NM1*QC*1*A*B~'", Dialect::X12), ["NM1 QC 1 A B"]);
        assert_eq!(read("a*b*c", Dialect::X12), Vec::<String>::new());
    }
}
