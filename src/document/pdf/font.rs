//! Fonts of PDF: which characters the codes in a text stand for, and how wide they are (ISO 32000-1, 9.6 to 9.10).

use std::collections::BTreeMap;

use super::file::File;
use super::object::{Dict, Lexer, Object};

/// How many letters one code may stand for.
const MOST_LETTERS: usize = 16;
/// How many codes of one font are told apart.
const MOST_CODES: usize = 70_000;

/// A font.
#[derive(Debug, Default)]
pub(super) struct Font {
    /// Whether codes have two bytes.
    wide: bool,
    /// What codes stand for.
    characters: BTreeMap<u32, String>,
    /// Whether codes that are not told stand for themselves, in the alphabet of Windows; or are UTF-16.
    known: bool,
    utf16: bool,
    /// In thousandths of the font's size.
    widths: BTreeMap<u32, f64>,
    usual_width: f64,
    /// How many codes were told, some of them again and again.
    told: usize,
    /// Whether it tells more than is kept.
    pub(super) cut: bool,
}

/// A piece of text: what was drawn, how wide it is, and how many codes nobody can read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Drawn {
    pub(super) text: String,
    /// In thousandths of the font's size.
    pub(super) width: f64,
    pub(super) codes: usize,
    pub(super) blanks: usize,
    pub(super) unknown: usize,
}

impl Font {
    pub(super) fn read(file: &File<'_>, dict: &Dict) -> Font {
        let mut font = Font { known: true, usual_width: 500.0, ..Font::default() };
        let composite = file.entry(dict, "Subtype").name() == Some(b"Type0");
        if composite {
            font.wide = true;
            let encoding = file.entry(dict, "Encoding");
            let name = String::from_utf8_lossy(encoding.name().unwrap_or_default()).into_owned();
            font.utf16 = name.contains("UCS2") || name.contains("UTF16");
            font.known = false;
            font.usual_width = 1000.0;
            if let Some(below) = file.entry(dict, "DescendantFonts").list().and_then(|list| list.first())
                && let Some(below) = file.resolved(below).dict()
            {
                font.wide_widths(file, below);
            }
        } else {
            font.simple_widths(file, dict);
            font.differences(file, dict);
        }
        if let Some(Object::Ref(number)) = dict.get(&b"ToUnicode"[..])
            && let Some(map) = file.stream(*number).and_then(|stream| file.unpack(&stream))
        {
            font.take_map(&map);
        }
        font
    }

    fn simple_widths(&mut self, file: &File<'_>, dict: &Dict) {
        let first = file.entry(dict, "FirstChar").integer().unwrap_or(0) as u32;
        for (code, width) in (first..).zip(file.entry(dict, "Widths").list().unwrap_or_default().iter().take(256)) {
            if let Some(width) = file.resolved(width).number() {
                self.widths.insert(code, width);
            }
        }
    }

    /// `c [w w …]` and `from to w`.
    fn wide_widths(&mut self, file: &File<'_>, dict: &Dict) {
        self.usual_width = file.entry(dict, "DW").number().unwrap_or(1000.0);
        let list = file.entry(dict, "W");
        let mut list = list.list().unwrap_or_default().iter().map(|object| file.resolved(object));
        while let (Some(from), Some(next)) = (list.next().and_then(|from| from.integer()), list.next()) {
            let from = from as u32;
            match next {
                Object::List(widths) => {
                    for (code, width) in (from..).zip(widths.iter().take(MOST_CODES)) {
                        self.widths.extend(width.number().map(|width| (code, width)));
                    }
                }
                to => {
                    let (Some(to), Some(width)) = (to.integer(), list.next().and_then(|width| width.number())) else {
                        return;
                    };
                    let codes = from..=to.min(0xffff) as u32;
                    self.told += codes.clone().count();
                    self.widths.extend(codes.map(|code| (code, width)));
                }
            }
            if self.told > 4 * MOST_CODES || self.widths.len() > MOST_CODES {
                return;
            }
        }
    }

    /// Codes that are named otherwise than the font's alphabet has them.
    fn differences(&mut self, file: &File<'_>, dict: &Dict) {
        let Object::Dict(encoding) = file.entry(dict, "Encoding") else { return };
        let mut code = 0;
        for object in file.entry(&encoding, "Differences").list().unwrap_or_default() {
            match file.resolved(object) {
                Object::Number(number) => code = number as u32,
                Object::Name(name) => {
                    if code < 256 {
                        self.characters.insert(code, character(&name).unwrap_or_default());
                    }
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
    }

    /// A map of codes to Unicode (Adobe Technical Note 5411): `beginbfchar`, `beginbfrange`, `begincodespacerange`.
    fn take_map(&mut self, map: &[u8]) {
        let mut lexer = Lexer::new(map, 0);
        let mut operands: Vec<Object> = Vec::new();
        while let Some(object) = lexer.next() {
            let Object::Word(word) = object else {
                if operands.len() < 4 * MOST_CODES {
                    operands.push(object);
                }
                continue;
            };
            match word.as_slice() {
                b"endcodespacerange" => {
                    let one = operands.iter().filter_map(Object::text).all(|code| code.len() == 1);
                    self.wide = !one && !operands.is_empty();
                }
                b"endbfchar" => {
                    for pair in operands.chunks(2) {
                        if let [Object::Text(code), Object::Text(to)] = pair {
                            self.tell(number(code), utf16(to));
                        }
                    }
                }
                b"endbfrange" => {
                    for three in operands.chunks(3) {
                        if let [Object::Text(from), Object::Text(to), start] = three {
                            self.range(number(from), number(to), start);
                        }
                    }
                }
                _ => {}
            }
            operands.clear();
        }
        self.cut |= lexer.cut;
    }

    fn range(&mut self, from: u32, to: u32, start: &Object) {
        let codes = from..=to.min(from.saturating_add(0xffff));
        match start {
            Object::List(list) => {
                for (code, to) in codes.zip(list) {
                    if !self.tell(code, utf16(to.text().unwrap_or_default())) {
                        return;
                    }
                }
            }
            Object::Text(start) => {
                self.cut |= start.len() > 4 * MOST_LETTERS;
                let mut start = start[..start.len().min(4 * MOST_LETTERS)].to_vec();
                for code in codes {
                    if !self.tell(code, utf16(&start)) {
                        return;
                    }
                    // The last byte counts on, and carries into the one before.
                    for byte in start.iter_mut().rev().take(2) {
                        *byte = byte.wrapping_add(1);
                        if *byte != 0 {
                            break;
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether more can be told.
    fn tell(&mut self, code: u32, text: String) -> bool {
        self.told += 1;
        let room = self.told < 4 * MOST_CODES && self.characters.len() < MOST_CODES;
        if room {
            // A sign stands for a ligature of a few letters at most.
            let kept: String = text.chars().take(MOST_LETTERS).collect();
            self.cut |= kept.len() < text.len();
            self.characters.insert(code, kept);
        }
        self.cut |= !room;
        room
    }

    /// What a string draws.
    pub(super) fn draw(&self, string: &[u8]) -> Drawn {
        let mut drawn = Drawn::default();
        let size = if self.wide { 2 } else { 1 };
        for code in string.chunks(size) {
            let code = number(code);
            drawn.codes += 1;
            drawn.blanks += usize::from(size == 1 && code == 32);
            drawn.width += self.widths.get(&code).copied().unwrap_or(self.usual_width);
            match self.characters.get(&code) {
                Some(text) if !text.is_empty() && !text.starts_with('\0') => drawn.text.push_str(text),
                None if self.utf16 => drawn.text.push(char::from_u32(code).unwrap_or('\u{fffd}')),
                None if self.known && code >= 32 => drawn.text.push(windows(code as u8)),
                None if self.known && matches!(code, 9 | 10 | 13) => drawn.text.push(' '),
                _ => {
                    drawn.unknown += 1;
                    drawn.text.push('\u{fffd}');
                }
            }
        }
        drawn
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// Text in UTF-16, as maps write it; a single byte is itself.
pub(super) fn utf16(bytes: &[u8]) -> String {
    if let [one] = bytes {
        return char::from(*one).to_string();
    }
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

/// A byte in the alphabet of Windows, which the standard one shares in all that is usual.
pub(super) fn windows(byte: u8) -> char {
    let bytes = [byte];
    let (text, ..) = encoding_rs::WINDOWS_1252.decode(&bytes);
    text.chars().next().unwrap_or('\u{fffd}')
}

/// The character of a name in the Adobe Glyph List, as far as it follows from the name, or is usual.
fn character(name: &[u8]) -> Option<String> {
    const NAMED: &[(&str, char)] = &[
        ("space", ' '),
        ("exclam", '!'),
        ("quotedbl", '"'),
        ("numbersign", '#'),
        ("dollar", '$'),
        ("percent", '%'),
        ("ampersand", '&'),
        ("quotesingle", '\''),
        ("parenleft", '('),
        ("parenright", ')'),
        ("asterisk", '*'),
        ("plus", '+'),
        ("comma", ','),
        ("hyphen", '-'),
        ("minus", '-'),
        ("period", '.'),
        ("slash", '/'),
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
        ("colon", ':'),
        ("semicolon", ';'),
        ("less", '<'),
        ("equal", '='),
        ("greater", '>'),
        ("question", '?'),
        ("at", '@'),
        ("bracketleft", '['),
        ("backslash", '\\'),
        ("bracketright", ']'),
        ("asciicircum", '^'),
        ("underscore", '_'),
        ("grave", '`'),
        ("braceleft", '{'),
        ("bar", '|'),
        ("braceright", '}'),
        ("asciitilde", '~'),
        ("quoteright", '\''),
        ("quoteleft", '`'),
        ("quotedblleft", '"'),
        ("quotedblright", '"'),
        ("endash", '-'),
        ("emdash", '-'),
        ("bullet", '*'),
        ("nbspace", ' '),
        ("germandbls", 'ß'),
    ];
    const ACCENTS: &[(&str, char)] = &[
        ("acute", '\u{301}'),
        ("grave", '\u{300}'),
        ("circumflex", '\u{302}'),
        ("dieresis", '\u{308}'),
        ("tilde", '\u{303}'),
        ("cedilla", '\u{327}'),
        ("ring", '\u{30a}'),
        ("caron", '\u{30c}'),
    ];
    let name = std::str::from_utf8(name).ok()?.split('.').next()?;
    if name.len() == 1 {
        return Some(name.to_owned());
    }
    if let Some((_, named)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some(named.to_string());
    }
    match name {
        "fi" | "fl" | "ff" | "ffi" | "ffl" => return Some(name.to_owned()),
        "f_i" | "f_l" | "f_f" => return Some(name.replace('_', "")),
        _ => {}
    }
    let hex = name
        .strip_prefix("uni")
        .filter(|hex| hex.len() >= 4)
        .or_else(|| name.strip_prefix('u').filter(|hex| hex.len() >= 4));
    if let Some(found) =
        hex.and_then(|hex| u32::from_str_radix(hex.get(..hex.len().min(6))?, 16).ok()).and_then(char::from_u32)
    {
        return Some(found.to_string());
    }
    let (letter, accent) = name.split_at_checked(1)?;
    let (_, accent) = ACCENTS.iter().find(|(known, _)| *known == accent)?;
    Some(format!("{letter}{accent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_characters() {
        let mut font = Font { wide: true, ..Font::default() };
        font.take_map(b"/x begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange 2 beginbfchar <0003> <0020> <0010> <00660069> endbfchar 2 beginbfrange <0024> <0026> <0041> <0030> <0031> [<0061> <D835DC00>] endbfrange");
        let drawn = font.draw(b"\0\x24\0\x25\0\x26\0\x03\0\x10\0\x30\0\x31\0\x99");
        assert_eq!((drawn.text.as_str(), drawn.codes, drawn.unknown), ("ABC fia\u{1d400}\u{fffd}", 8, 1));
        let simple = Font { known: true, characters: [(1, "Ä".to_owned())].into(), ..Font::default() };
        assert_eq!(simple.draw(b"a\x01\x80\x02").text, "aÄ€\u{fffd}");
        // name, character
        let cases = [
            ("A", Some("A")),
            ("zero", Some("0")),
            ("uni0041", Some("A")),
            ("eacute", Some("e\u{301}")),
            ("g12", None),
            ("u1F600", Some("😀")),
        ];
        for (name, wanted) in cases {
            assert_eq!(character(name.as_bytes()).as_deref(), wanted, "{name}");
        }
    }

    #[test]
    fn endless_ranges_end() {
        let mut font = Font::default();
        font.take_map("1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange ".repeat(100).as_bytes());
        assert!(font.characters.len() <= MOST_CODES);
    }
}
