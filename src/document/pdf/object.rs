//! Objects of PDF as they are written (ISO 32000-1, 7.2 and 7.3), in files and in streams of content.

use std::collections::BTreeMap;

/// How deep objects may nest.
const DEEPEST: usize = 48;
/// How long a text may be, in bytes: more than twice what readers must take (annex C.2).
const LONGEST_TEXT: usize = 80_000;
/// How many items a list or dictionary may have.
const MOST_ITEMS: usize = 200_000;

/// A dictionary, by the names of its entries.
pub(super) type Dict = BTreeMap<Vec<u8>, Object>;

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Object {
    Null,
    Number(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    List(Vec<Object>),
    Dict(Dict),
    /// The number of an object that stands elsewhere.
    Ref(u32),
    /// A word that is no object: an operator, `true`, `obj`.
    Word(Vec<u8>),
}

impl Object {
    pub(super) fn number(&self) -> Option<f64> {
        if let Object::Number(number) = self { Some(*number) } else { None }
    }

    pub(super) fn integer(&self) -> Option<usize> {
        self.number().filter(|number| *number >= 0.0 && *number < 4e9).map(|number| number as usize)
    }

    pub(super) fn name(&self) -> Option<&[u8]> {
        if let Object::Name(name) = self { Some(name) } else { None }
    }

    pub(super) fn text(&self) -> Option<&[u8]> {
        if let Object::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn list(&self) -> Option<&[Object]> {
        if let Object::List(list) = self { Some(list) } else { None }
    }

    pub(super) fn dict(&self) -> Option<&Dict> {
        if let Object::Dict(dict) = self { Some(dict) } else { None }
    }
}

/// Reads one object after the other.
pub(super) struct Lexer<'t> {
    text: &'t [u8],
    pub(super) at: usize,
    /// Whether something was longer or deeper than is read.
    pub(super) cut: bool,
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

impl<'t> Lexer<'t> {
    /// Reads from a place on.
    pub(super) fn new(text: &'t [u8], at: usize) -> Self {
        Lexer { text, at, cut: false }
    }

    pub(super) fn blanks(&mut self) {
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'%' => {
                    let rest = &self.text[self.at..];
                    self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                }
                byte if is_blank(*byte) => self.at += 1,
                _ => break,
            }
        }
    }

    /// The next object or word; nothing at the end. What can be none is passed over, a byte at a time.
    pub(super) fn next(&mut self) -> Option<Object> {
        self.object(0)
    }

    fn object(&mut self, depth: usize) -> Option<Object> {
        loop {
            self.blanks();
            let byte = *self.text.get(self.at)?;
            let next = self.text.get(self.at + 1).copied();
            return Some(match byte {
                b'/' => Object::Name(self.name()),
                b'(' => Object::Text(self.literal()),
                b'<' if next == Some(b'<') => {
                    self.at += 2;
                    self.dict(depth)
                }
                b'<' => Object::Text(self.hex()),
                b'[' => {
                    self.at += 1;
                    self.list(depth)
                }
                b'>' if next == Some(b'>') => {
                    self.at += 2;
                    Object::Word(b">>".to_vec())
                }
                b']' => {
                    self.at += 1;
                    Object::Word(b"]".to_vec())
                }
                byte if is_delimiter(byte) => {
                    self.at += 1;
                    continue;
                }
                _ => self.word(),
            });
        }
    }

    fn list(&mut self, depth: usize) -> Object {
        let mut list = Vec::new();
        while depth < DEEPEST && list.len() < MOST_ITEMS {
            match self.object(depth + 1) {
                None => break,
                Some(Object::Word(word)) if word == b"]" => break,
                // A list that was never closed.
                Some(Object::Word(word)) if [&b"endobj"[..], b"obj", b">>"].contains(&&word[..]) => break,
                Some(object) => push(&mut list, object),
            }
        }
        self.cut |= depth >= DEEPEST || list.len() >= MOST_ITEMS;
        Object::List(list)
    }

    fn dict(&mut self, depth: usize) -> Object {
        let mut flat = Vec::new();
        while depth < DEEPEST && flat.len() < MOST_ITEMS {
            match self.object(depth + 1) {
                None => break,
                Some(Object::Word(word)) if [&b"endobj"[..], b"obj", b">>"].contains(&&word[..]) => break,
                Some(object) => push(&mut flat, object),
            }
        }
        self.cut |= depth >= DEEPEST || flat.len() >= MOST_ITEMS;
        let mut dict = Dict::new();
        let mut flat = flat.into_iter();
        while let Some(key) = flat.next() {
            if let (Object::Name(name), Some(value)) = (key, flat.next()) {
                dict.insert(name, value);
            }
        }
        Object::Dict(dict)
    }

    /// A number or a word.
    fn word(&mut self) -> Object {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.iter().take_while(|byte| !is_blank(**byte) && !is_delimiter(**byte)).count();
        self.at += length.max(1);
        let word = &rest[..length.min(128)];
        let numeric = word.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'));
        let number = std::str::from_utf8(word).ok().filter(|_| numeric).and_then(|word| word.parse().ok());
        match number {
            Some(number) => Object::Number(number),
            None if word == b"null" => Object::Null,
            None => Object::Word(word.to_vec()),
        }
    }

    fn name(&mut self) -> Vec<u8> {
        self.at += 1;
        let rest = &self.text[self.at..];
        let length = rest.iter().take_while(|byte| !is_blank(**byte) && !is_delimiter(**byte)).count();
        self.at += length;
        let raw = &rest[..length];
        let mut name = Vec::with_capacity(length);
        let mut at = 0;
        while at < raw.len() {
            let escaped = (raw[at] == b'#').then(|| raw.get(at + 1..at + 3)).flatten();
            let byte = escaped.and_then(|two| Some(digit(two[0])? << 4 | digit(two[1])?));
            name.push(byte.unwrap_or(raw[at]));
            at += if byte.is_some() { 3 } else { 1 };
        }
        name
    }

    fn literal(&mut self) -> Vec<u8> {
        self.at += 1;
        let (mut text, mut depth) = (Vec::new(), 1);
        let end = self.at.saturating_add(LONGEST_TEXT);
        // What is longer was never closed.
        while let Some(byte) = self.text.get(self.at).copied().filter(|_| self.at < end) {
            self.at += 1;
            match byte {
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                b'\\' => {
                    let Some(escaped) = self.text.get(self.at).copied() else { break };
                    self.at += 1;
                    match escaped {
                        b'n' => text.push(b'\n'),
                        b'r' => text.push(b'\r'),
                        b't' => text.push(b'\t'),
                        b'b' | b'f' => text.push(b' '),
                        b'0'..=b'7' => {
                            let mut code = u32::from(escaped - b'0');
                            for _ in 0..2 {
                                match self.text.get(self.at) {
                                    Some(digit @ b'0'..=b'7') => code = code * 8 + u32::from(digit - b'0'),
                                    _ => break,
                                }
                                self.at += 1;
                            }
                            text.push((code & 0xff) as u8);
                        }
                        // A line that is continued.
                        b'\r' => self.at += usize::from(self.text.get(self.at) == Some(&b'\n')),
                        b'\n' => {}
                        other => text.push(other),
                    }
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
        self.cut |= self.at >= end;
        text
    }

    fn hex(&mut self) -> Vec<u8> {
        self.at += 1;
        let rest = &self.text[self.at..];
        let length = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        self.at += (length + 1).min(rest.len());
        let digits: Vec<u8> = rest[..length].iter().filter_map(|byte| digit(*byte)).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
    }
}

/// Adds an object; `7 0 R` becomes one.
fn push(list: &mut Vec<Object>, object: Object) {
    if object == Object::Word(b"R".to_vec())
        && let [.., number, generation] = list.as_slice()
        && let (Some(number), Some(_)) = (number.integer(), generation.integer())
    {
        list.truncate(list.len() - 2);
        list.push(Object::Ref(u32::try_from(number).unwrap_or(u32::MAX)));
        return;
    }
    list.push(object);
}

pub(super) fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_as_they_are_written() {
        let cases: &[(&str, &str)] = &[
            ("<</A 1/B[2 0 R(x)]>>", "Some(Dict({[65]: Number(1.0), [66]: List([Ref(2), Text([120])])}))"),
            ("(a\\(b\\051(c)\\\nd\\101)", &format!("Some(Text({:?}))", b"a(b)(c)dA")),
            ("<48 656>", "Some(Text([72, 101, 96]))"),
            ("/A#42c", "Some(Name([65, 66, 99]))"),
            ("-.5 x", "Some(Number(-0.5))"),
            ("% c\nBT", "Some(Word([66, 84]))"),
            ("[1 2", "Some(List([Number(1.0), Number(2.0)]))"), // never closed
            (")", "None"),
            ("", "None"),
        ];
        for (text, wanted) in cases {
            let found = Lexer::new(text.as_bytes(), 0).next();
            assert_eq!(format!("{found:?}"), *wanted, "{text}");
        }
        // Deep ones end.
        let deep = "[".repeat(100_000);
        let mut lexer = Lexer::new(deep.as_bytes(), 0);
        let mut count = 0;
        while lexer.next().is_some() {
            count += 1;
        }
        assert!(count < 100_000);
    }
}
