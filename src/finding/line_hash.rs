//! The hash of a line by which GitHub follows an alert, computed over masked text.
//!
//! The hash is a weighted sum without a key: whoever knows the rest of a line can compute a nine-digit number
//! from it in a fraction of a second, on the line itself and on those before it whose window reaches it. So
//! the text that is hashed has every match masked. Where no match is within reach, the result equals what
//! GitHub computes from the file.

use std::collections::{HashMap, VecDeque};

use super::place::REDACTED;
use crate::text::Span;

/// How many UTF-16 units a line's hash covers, spaces and tabs not counted.
const WINDOW: usize = 100;
/// The multiplier of the rolling hash.
const FACTOR: u64 = 37;
/// What stands behind the last character.
const END: u16 = 0xffff;

/// The hashes of the wanted `lines` (from 1; 0 is taken for 1), as `hex:ordinal`, over `text` in which each of
/// the `masked` spans is replaced by [`REDACTED`]; its line ends stay, so that lines keep their numbers.
/// The ordinal tells lines of the same hash apart. Empty for a line that the text does not have.
pub fn line_hashes(text: &[u8], masked: &[Span], lines: &[usize]) -> Vec<String> {
    let mut rolling = Rolling::new();
    let mut at = 0;
    for span in merged(masked, text) {
        rolling.feed(&text[at..span.start]);
        rolling.feed(REDACTED.as_bytes());
        rolling.line_ends(&text[span.range()]);
        at = span.end;
    }
    rolling.feed(&text[at..]);
    let hashes = rolling.finish();
    let wanted: Vec<Option<u64>> = lines.iter().map(|line| hashes.get(line.max(&1) - 1).copied()).collect();
    let ordinals = ordinals(&hashes, lines, &wanted);
    wanted
        .iter()
        .zip(lines)
        .map(|(hash, line)| match hash {
            Some(hash) => format!("{hash:x}:{}", ordinals.get(line.max(&1)).copied().unwrap_or(1)),
            None => String::new(),
        })
        .collect()
}

/// For each wanted line, how many lines up to and with it have its hash.
fn ordinals(hashes: &[u64], lines: &[usize], wanted: &[Option<u64>]) -> HashMap<usize, usize> {
    let mut counts: HashMap<u64, usize> = wanted.iter().flatten().map(|hash| (*hash, 0)).collect();
    let mut ordinals: HashMap<usize, usize> = lines.iter().map(|line| (*line.max(&1), 0)).collect();
    for (index, hash) in hashes.iter().enumerate() {
        if let Some(count) = counts.get_mut(hash) {
            *count += 1;
            if let Some(ordinal) = ordinals.get_mut(&(index + 1)) {
                *ordinal = *count;
            }
        }
    }
    ordinals
}

/// The spans in order, those that overlap made one, all inside `text`, none parting a CR from its LF at its start.
fn merged(masked: &[Span], text: &[u8]) -> Vec<Span> {
    let inside = |span: &Span| {
        let start = span.start.min(text.len());
        let parts_crlf = start > 0 && text[start - 1] == b'\r' && text.get(start) == Some(&b'\n');
        Span::new(start + usize::from(parts_crlf), span.end.min(text.len()))
    };
    let mut spans: Vec<Span> = masked.iter().map(inside).filter(|span| !span.is_empty()).collect();
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let overlap = next.start < kept.end;
        if overlap {
            kept.end = kept.end.max(next.end);
        }
        overlap
    });
    spans
}

/// A hash that gives each line the value of the window that begins with it: the hash of everything up to the window's
/// end, less what stood before the line.
struct Rolling {
    /// The hash of all units so far, and how many there were.
    hash: u64,
    units: usize,
    /// Lines whose window is still open: how many units there are when it closes, and the hash before the line.
    open: VecDeque<(usize, u64)>,
    /// When the first of them closes.
    next: usize,
    /// `FACTOR` to the power of [`WINDOW`]: the weight of what stood before the line.
    leaving: u64,
    at_line_start: bool,
    after_cr: bool,
    hashes: Vec<u64>,
}

impl Rolling {
    fn new() -> Self {
        Rolling {
            hash: 0,
            units: 0,
            open: VecDeque::new(),
            next: usize::MAX,
            leaving: (0..WINDOW).fold(1, |power: u64, _| power.wrapping_mul(FACTOR)),
            at_line_start: true,
            after_cr: false,
            hashes: Vec::new(),
        }
    }

    /// Takes bytes; each run that is no UTF-8 counts as one replacement character.
    fn feed(&mut self, bytes: &[u8]) {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return self.text(text);
        }
        for chunk in bytes.utf8_chunks() {
            self.text(chunk.valid());
            if !chunk.invalid().is_empty() {
                self.unit(0xfffd);
            }
        }
    }

    fn text(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            let taken = if !self.at_line_start {
                self.within_line(&bytes[at..])
            } else {
                bytes[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
            };
            if taken > 0 {
                self.after_cr = false;
                at += taken;
            } else if byte < 0x80 {
                self.unit(u16::from(byte));
                at += 1;
            } else {
                let c = text[at..].chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().for_each(|unit| self.unit(*unit));
                at += c.len_utf8();
            }
        }
    }

    /// Takes bytes of ASCII in a line that has begun, up to its end or that of a window; answers with how many.
    fn within_line(&mut self, bytes: &[u8]) -> usize {
        self.emit();
        // Behind the window of its line a text says nothing until the next line begins.
        if self.open.is_empty() {
            return memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
        }
        let room = self.next - self.units;
        let (mut hash, mut units, mut taken) = (self.hash, 0, 0);
        for byte in bytes {
            match byte {
                b' ' | b'\t' => {}
                0x21..=0x7f if units < room => {
                    hash = hash.wrapping_mul(FACTOR).wrapping_add(u64::from(*byte));
                    units += 1;
                }
                _ => break,
            }
            taken += 1;
        }
        (self.hash, self.units) = (hash, self.units + units);
        taken
    }

    /// Takes the line ends of masked bytes and nothing else.
    fn line_ends(&mut self, bytes: &[u8]) {
        let mut past = 0;
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            self.after_cr &= at == past;
            self.unit(u16::from(bytes[at]));
            past = at + 1;
        }
        self.after_cr &= past == bytes.len();
    }

    /// Takes one unit of the text.
    fn unit(&mut self, unit: u16) {
        const LF: u16 = b'\n' as u16;
        const CR: u16 = b'\r' as u16;
        const TAB: u16 = b'\t' as u16;
        const SPACE: u16 = b' ' as u16;
        if unit > SPACE && !self.at_line_start {
            self.after_cr = false;
            return self.push(unit);
        }
        let lf_of_crlf = self.after_cr && unit == LF;
        if unit == SPACE || unit == TAB || lf_of_crlf {
            self.after_cr = false;
            return;
        }
        self.after_cr = unit == CR;
        let unit = if unit == CR { LF } else { unit };
        self.emit();
        if std::mem::replace(&mut self.at_line_start, unit == LF) {
            self.open.push_back((self.units + WINDOW, self.hash));
            self.next = self.next.min(self.units + WINDOW);
        }
        self.push(unit);
    }

    /// Notes the hash of the line whose window ends here, if one does.
    fn emit(&mut self) {
        while self.units == self.next {
            if let Some((_, before)) = self.open.pop_front() {
                self.hashes.push(self.hash.wrapping_sub(self.leaving.wrapping_mul(before)));
            }
            self.next = self.open.front().map_or(usize::MAX, |(ends, _)| *ends);
        }
    }

    fn push(&mut self, unit: u16) {
        self.emit();
        self.hash = self.hash.wrapping_mul(FACTOR).wrapping_add(u64::from(unit));
        self.units += 1;
    }

    /// The hash of each line.
    fn finish(mut self) -> Vec<u64> {
        self.unit(END);
        for _ in 0..WINDOW {
            self.push(0);
        }
        self.emit();
        self.hashes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8], masked: &[Span]) -> Vec<String> {
        let lines: Vec<usize> = (1..=crate::text::LineIndex::new(text).count()).collect();
        line_hashes(text, masked, &lines)
    }

    #[test]
    fn hashes_are_those_that_github_computes() {
        let long = format!("{0}\n{0}\n", "A".repeat(120));
        // text, the hash of each of its lines
        let cases: &[(&str, &[&str])] = &[
            ("a\nb\n", &["81b8d8db678b2bbe:1", "ade70578248be16f:1", "c129715d7a2bc9a3:1"]),
            ("a\r\nb\r\n", &["81b8d8db678b2bbe:1", "ade70578248be16f:1", "c129715d7a2bc9a3:1"]),
            ("a\rb\r", &["81b8d8db678b2bbe:1", "ade70578248be16f:1", "c129715d7a2bc9a3:1"]),
            ("\t a \nb\n", &["81b8d8db678b2bbe:1", "ade70578248be16f:1", "c129715d7a2bc9a3:1"]),
            ("a\nb", &["c74339777b6a2c60:1", "8ee5a81e681643c1:1"]),
            (
                "x = 1\nx = 1\nx = 1\n",
                &["b06211268476d237:1", "87c133c3324ef59b:1", "8e00d41f0ebba6bf:1", "c129715d7a2bc9a3:1"],
            ),
            ("é😀\nß\n", &["abee44b3c8079ebc:1", "e60d8edb08936cd8:1", "c129715d7a2bc9a3:1"]),
            (&long, &["82223fc1152cfdfc:1", "82223fc1152cfdfc:2", "c129715d7a2bc9a3:1"]),
            ("", &["c129715d7a2bc9a3:1"]),
            ("name,ssn\nJane,[REDACTED]\n", &["183614c912cfedf6:1", "21248ebb273c64e7:1", "c129715d7a2bc9a3:1"]),
        ];
        for (text, hashes) in cases {
            assert_eq!(all(text.as_bytes(), &[]), *hashes, "{text:?}");
        }
    }

    #[test]
    fn a_masked_span_counts_as_its_token() {
        let text = b"name,ssn\nJane,123-45-6789\n";
        let masked = all(b"name,ssn\nJane,[REDACTED]\n", &[]);
        // spans: whole, in two parts that overlap, in the wrong order, with an empty one and one past the end
        let cases: &[&[Span]] = &[
            &[Span::new(14, 25)],
            &[Span::new(14, 20), Span::new(17, 25)],
            &[Span::new(18, 25), Span::new(14, 19)],
            &[Span::new(14, 25), Span::new(3, 3), Span::new(900, 999)],
        ];
        for spans in cases {
            assert_eq!(all(text, spans), masked, "{spans:?}");
        }
    }

    #[test]
    fn line_ends_in_a_masked_span_stay() {
        let text = b"key: |\r\n  AAAA\r\n  BBBB\r\nnext\n";
        let spans = [Span::new(10, 22)];
        assert_eq!(all(text, &spans), all(b"key: |\n[REDACTED]\n\nnext\n", &[]));
        // Where CR and LF are parted by masked text they are two line ends, and a span may not part one in two.
        assert_eq!(all(b"a\rb\nc", &[Span::new(1, 4)]), all(b"a[REDACTED]\n\nc", &[]));
        assert_eq!(all(b"a\r\nb\nc", &[Span::new(2, 4)]), all(b"a\n[REDACTED]\nc", &[]));
    }

    #[test]
    fn no_hash_of_any_line_changes_with_a_masked_digit() {
        let lead = "short\nlines before\n";
        let of = |ssn: &str| {
            let text = format!("{lead}Jane,{ssn},F\nafter\n");
            let start = lead.len() + 5;
            all(text.as_bytes(), &[Span::new(start, start + ssn.len())])
        };
        assert_eq!(of("123-45-6789"), of("987-65-4321"));
        assert_eq!(of("123-45-6789"), of("\u{e9}3-45-6\u{1f600}\u{e9}"), "units and bytes are hidden too");
        // The test can fail: without the mask the line and those before it change.
        let bare = |ssn: &str| all(format!("{lead}Jane,{ssn},F\nafter\n").as_bytes(), &[]);
        assert!(bare("123-45-6789").iter().zip(bare("123-45-6780")).filter(|(a, b)| *a != b).count() >= 3);
    }

    #[test]
    fn lines_come_in_the_order_asked_for_and_unknown_ones_are_empty() {
        let text = b"a\nb\n";
        assert_eq!(
            line_hashes(text, &[], &[2, 0, 2, 9]),
            ["ade70578248be16f:1", "81b8d8db678b2bbe:1", "ade70578248be16f:1", ""]
        );
    }

    #[test]
    fn bytes_that_are_no_utf_8_count_as_the_replacement_character() {
        assert_eq!(all(b"a\xff\xfeb\n\xe2\x82\n", &[]), all("a\u{fffd}\u{fffd}b\n\u{fffd}\n".as_bytes(), &[]));
    }
}
