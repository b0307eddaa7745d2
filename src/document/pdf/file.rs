//! A file of PDF: where its objects stand, and what its streams hold (ISO 32000-1, 7.4, 7.5).
//!
//! The table at the end of a file, which says where objects stand, is often wrong and always an attacker's word: objects
//! are found by looking for them. The last one of a number counts, as it does after an update.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::filters::{inflate, nearest, of_base85, of_hex};
use super::object::{Dict, Lexer, Object, is_blank};

/// How many objects a file may have.
const MOST_OBJECTS: usize = 500_000;
/// How many bytes one stream may become, and all of them.
const LARGEST_STREAM: usize = 16 << 20;
const MOST_UNPACKED: usize = 96 << 20;
/// How many bytes are read for objects: so many times those of the file, and these. Objects that many others refer to are
/// read again each time.
const READ_AGAIN: usize = 32;
const LEAST_READ: usize = 64 << 20;
/// What opening a stream costs beside its bytes: thousands of small ones are work as well.
const COST_OF_STREAM: usize = 4 << 10;
/// How many filters one stream may have.
const MOST_FILTERS: usize = 6;
/// How many bytes of streams of objects are held.
const MOST_HELD: usize = 48 << 20;

#[derive(Clone, Copy, Debug)]
enum Place {
    At(usize),
    /// In the stream of that number, at that place.
    In(u32, usize),
}

/// Why something could not be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Closed {
    Limit,
    Filter,
    Damaged,
    Unbuilt,
}

/// An open file.
pub(super) struct File<'t> {
    text: &'t [u8],
    places: BTreeMap<u32, Place>,
    unpacked: Cell<usize>,
    /// How many bytes may still be read for objects.
    readable: Cell<usize>,
    held: RefCell<BTreeMap<u32, Rc<Vec<u8>>>>,
    holding: Cell<usize>,
    /// What could not be read.
    pub(super) closed: RefCell<Vec<Closed>>,
    /// Whether its strings and streams are encrypted.
    pub(super) encrypted: bool,
}

/// A stream: its dictionary, and where its bytes stand.
pub(super) struct Stream {
    pub(super) dict: Dict,
    start: usize,
    end: usize,
}

impl<'t> File<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        let mut file = File {
            text,
            places: BTreeMap::new(),
            unpacked: Cell::new(0),
            readable: Cell::new(text.len().saturating_mul(READ_AGAIN).saturating_add(LEAST_READ)),
            held: RefCell::default(),
            holding: Cell::new(0),
            closed: RefCell::default(),
            encrypted: false,
        };
        let mut packed = Vec::new();
        for end in memchr::memmem::find_iter(text, b"obj") {
            let Some((number, start)) = heading(text, end) else { continue };
            if file.places.len() >= MOST_OBJECTS {
                file.close(Closed::Limit);
                break;
            }
            file.places.insert(number, Place::At(end + 3));
            let near = &text[end + 3..text.len().min(end + 300)];
            if memchr::memmem::find(near, b"ObjStm").is_some() {
                packed.push((number, start));
            }
        }
        file.encrypted = is_encrypted(text, &file);
        if !file.encrypted {
            packed.into_iter().for_each(|(number, start)| file.unpack_objects(number, start));
        }
        file
    }

    /// Whether so many bytes more may be read.
    fn may_read(&self, bytes: usize) -> bool {
        let left = self.readable.get();
        self.readable.set(left.saturating_sub(bytes));
        if left == 0 {
            self.close(Closed::Limit);
        }
        left > 0
    }

    /// The object that begins at a place, and where it ends.
    fn read(&self, text: &[u8], at: usize) -> Option<(Object, usize)> {
        if !self.may_read(1) {
            return None;
        }
        let at = at.min(text.len());
        let mut lexer = Lexer::new(text, at);
        let object = lexer.next();
        let _ = self.may_read(lexer.at - at);
        if lexer.cut {
            self.close(Closed::Limit);
        }
        object.map(|object| (object, lexer.at))
    }

    pub(super) fn close(&self, why: Closed) {
        let mut closed = self.closed.borrow_mut();
        if !closed.contains(&why) {
            closed.push(why);
        }
    }

    /// Notes the objects of a stream of them; those that stand behind it in the file are newer.
    fn unpack_objects(&mut self, number: u32, start: usize) {
        let Some(stream) = self.stream(number) else { return };
        let (Some(count), Some(first)) = (
            stream.dict.get(&b"N"[..]).and_then(Object::integer),
            stream.dict.get(&b"First"[..]).and_then(Object::integer),
        ) else {
            return;
        };
        let Some(bytes) = self.hold(number) else { return };
        let mut lexer = Lexer::new(&bytes, 0);
        for _ in 0..count.min(MOST_OBJECTS) {
            let (Some(Object::Number(inner)), Some(Object::Number(at))) = (lexer.next(), lexer.next()) else { return };
            let newer = |place: &Place| matches!(place, Place::At(at) if *at > start);
            let inner = inner as u32;
            if self.places.len() < MOST_OBJECTS && !self.places.get(&inner).is_some_and(newer) {
                self.places.insert(inner, Place::In(number, first.saturating_add(at as usize)));
            }
        }
    }

    /// The bytes of a stream of objects.
    fn hold(&self, number: u32) -> Option<Rc<Vec<u8>>> {
        if let Some(bytes) = self.held.borrow().get(&number) {
            return Some(bytes.clone());
        }
        let bytes = Rc::new(self.unpack(&self.stream(number)?)?);
        if self.holding.get() + bytes.len() <= MOST_HELD {
            self.holding.set(self.holding.get() + bytes.len());
            self.held.borrow_mut().insert(number, bytes.clone());
        }
        Some(bytes)
    }

    /// The numbers of all objects.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.places.keys().copied()
    }

    /// An object by its number.
    pub(super) fn object(&self, number: u32) -> Object {
        let found = match self.places.get(&number) {
            Some(Place::At(at)) => self.read(self.text, *at),
            Some(Place::In(stream, at)) => self.hold(*stream).and_then(|bytes| self.read(&bytes, *at)),
            None => None,
        };
        found.map_or(Object::Null, |(object, _)| object)
    }

    /// An object, or the one that it refers to.
    pub(super) fn resolved(&self, object: &Object) -> Object {
        let mut object = object.clone();
        for _ in 0..8 {
            match object {
                Object::Ref(number) => object = self.object(number),
                other => return other,
            }
        }
        Object::Null
    }

    /// An entry of a dictionary.
    pub(super) fn entry(&self, dict: &Dict, name: &str) -> Object {
        dict.get(name.as_bytes()).map_or(Object::Null, |object| self.resolved(object))
    }

    /// A stream by the number of its object.
    pub(super) fn stream(&self, number: u32) -> Option<Stream> {
        let Some(Place::At(at)) = self.places.get(&number) else { return None };
        let (Object::Dict(dict), end) = self.read(self.text, *at)? else { return None };
        let mut lexer = Lexer::new(self.text, end);
        lexer.blanks();
        let rest = self.text.get(lexer.at..)?.strip_prefix(b"stream")?;
        let mut start = self.text.len() - rest.len();
        start += usize::from(self.text.get(start) == Some(&b'\r'));
        start += usize::from(self.text.get(start) == Some(&b'\n'));
        let length = match dict.get(&b"Length"[..]) {
            // One that stands in a stream would lead here again.
            Some(Object::Ref(other)) => match self.places.get(other) {
                Some(Place::At(at)) => self.read(self.text, *at).and_then(|(length, _)| length.integer()),
                _ => None,
            },
            Some(object) => object.integer(),
            None => None,
        };
        let ends = |length: &usize| {
            let behind = self.text.get(start.saturating_add(*length)..).unwrap_or_default();
            behind[..behind.len().min(16)].trim_ascii_start().starts_with(b"endstream")
        };
        let end = match length.filter(ends) {
            Some(length) => start + length,
            None => {
                let rest = self.text.get(start..)?;
                let length = memchr::memmem::find(rest, b"endstream");
                if !self.may_read(length.unwrap_or(rest.len())) {
                    return None;
                }
                start + length?
            }
        };
        Some(Stream { dict, start, end })
    }

    /// What a stream holds; nothing if that cannot be read.
    pub(super) fn unpack(&self, stream: &Stream) -> Option<Vec<u8>> {
        self.unpacked.set(self.unpacked.get().saturating_add(COST_OF_STREAM));
        if self.unpacked.get() > MOST_UNPACKED {
            self.close(Closed::Limit);
            return None;
        }
        let list = |object: Object| match object {
            Object::List(list) => list.iter().map(|one| self.resolved(one)).collect(),
            Object::Null => Vec::new(),
            one => vec![one],
        };
        let filters = list(self.entry(&stream.dict, "Filter"));
        let parameters = list(self.entry(&stream.dict, "DecodeParms"));
        if filters.len() > MOST_FILTERS {
            self.close(Closed::Filter);
            return None;
        }
        let mut bytes = self.text.get(stream.start..stream.end)?.to_vec();
        for (at, filter) in filters.iter().enumerate() {
            let none = Dict::new();
            let parameters = parameters.get(at).and_then(Object::dict).unwrap_or(&none);
            let name = filter.name().unwrap_or_default();
            let unpacked = match name {
                b"FlateDecode" | b"Fl" => inflate(&bytes, LARGEST_STREAM).and_then(|(bytes, cut)| {
                    // It was work, whatever becomes of it.
                    self.unpacked.set(self.unpacked.get().saturating_add(bytes.len()));
                    if cut {
                        self.close(Closed::Limit);
                    }
                    self.unpredicted(bytes, parameters)
                }),
                b"ASCIIHexDecode" | b"AHx" => Some(of_hex(&bytes)),
                b"ASCII85Decode" | b"A85" => Some(of_base85(&bytes)),
                // Pictures are no text.
                b"DCTDecode" | b"JPXDecode" | b"CCITTFaxDecode" | b"JBIG2Decode" => return None,
                _ => {
                    self.close(Closed::Filter);
                    return None;
                }
            };
            let Some(unpacked) = unpacked else {
                let packed = matches!(name, b"FlateDecode" | b"Fl") && !cfg!(feature = "archives");
                self.close(if packed { Closed::Unbuilt } else { Closed::Damaged });
                return None;
            };
            bytes = unpacked;
        }
        if filters.is_empty() {
            self.unpacked.set(self.unpacked.get().saturating_add(bytes.len()));
        }
        if self.unpacked.get() > MOST_UNPACKED {
            self.close(Closed::Limit);
            return None;
        }
        Some(bytes)
    }

    /// Undoes what PNG does to lines before they are packed.
    fn unpredicted(&self, bytes: Vec<u8>, parameters: &Dict) -> Option<Vec<u8>> {
        let number = |name: &str| self.entry(parameters, name).integer();
        if number("Predictor").unwrap_or(1) < 10 {
            return Some(bytes);
        }
        let width = number("Columns").unwrap_or(1).clamp(1, 1 << 20);
        let mut lines: Vec<u8> = Vec::with_capacity(bytes.len());
        for line in bytes.chunks(width + 1) {
            let (kind, line) = line.split_first()?;
            let start = lines.len();
            for (at, byte) in line.iter().enumerate() {
                let left = if at > 0 { lines[start + at - 1] } else { 0 };
                let up = if start >= width { lines[start - width + at] } else { 0 };
                let corner = if at > 0 && start >= width { lines[start - width + at - 1] } else { 0 };
                lines.push(byte.wrapping_add(match kind {
                    1 => left,
                    2 => up,
                    3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
                    4 => nearest(left, up, corner),
                    _ => 0,
                }));
            }
        }
        Some(lines)
    }
}

/// The number of the object whose `obj` stands at `end`, and where it begins.
fn heading(text: &[u8], end: usize) -> Option<(u32, usize)> {
    let before = &text[end.saturating_sub(40)..end];
    let trimmed = before.trim_ascii_end();
    let generation = trimmed.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = &trimmed[..trimmed.len() - generation];
    let number = rest.trim_ascii_end();
    let digits = number.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    if trimmed.len() == before.len() || generation == 0 || digits == 0 || number.len() == rest.len() {
        return None;
    }
    let written = &number[number.len() - digits..];
    let parted = number.len() == digits
        || is_blank(number[number.len() - digits - 1])
        || !number[number.len() - digits - 1].is_ascii_alphanumeric();
    let number = std::str::from_utf8(written).ok()?.parse().ok()?;
    parted.then_some((number, end))
}

/// Whether a trailer, or a stream that stands for one, names a dictionary of encryption.
fn is_encrypted(text: &[u8], file: &File<'_>) -> bool {
    memchr::memmem::FinderRev::new(b"/Encrypt").rfind_iter(text).take(64).any(|at| {
        let near = &text[..text.len().min(at + (64 << 10))];
        let mut lexer = Lexer::new(near, at + 8);
        match lexer.next() {
            Some(Object::Dict(dict)) => dict.contains_key(&b"Filter"[..]),
            // `7 0 R`
            Some(Object::Number(number)) => {
                matches!(lexer.next(), Some(Object::Number(_)))
                    && lexer.next() == Some(Object::Word(b"R".to_vec()))
                    && file.object(number as u32).dict().is_some_and(|dict| dict.contains_key(&b"Filter"[..]))
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_found_wherever_they_stand_and_the_last_one_counts() {
        let file = File::new(b"%PDF-1.4\n1 0 obj (a) endobj\n 2  0  obj<</L 3 0 R>>endobj 3 0 obj 7 endobj\n1 0 obj (b) endobj 4 0 objects 0 obj");
        assert_eq!(file.object(1), Object::Text(b"b".to_vec()));
        assert_eq!(file.entry(file.object(2).dict().unwrap(), "L"), Object::Number(7.0));
        assert_eq!(file.object(9), Object::Null);
        assert!(!file.encrypted);
        // A circle of references ends.
        let circle =
            File::new(b"1 0 obj 2 0 R endobj 2 0 obj 1 0 R endobj 5 0 obj<</Length 5 0 R>>stream\nx\nendstream");
        assert_eq!(circle.resolved(&Object::Ref(1)), Object::Number(2.0));
        assert!(circle.stream(5).is_some());
    }
}
