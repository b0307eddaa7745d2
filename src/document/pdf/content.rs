//! The content of a page: what it draws, where (ISO 32000-1, 8 and 9), put together as lines.
//!
//! Pieces of text are sorted by where they stand on the page, for a form may draw all labels first and then all values.
//! What stands far apart in a line is parted by three blanks, as columns of text are.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::file::File;
use super::font::{Drawn, Font};
use super::object::{Dict, Lexer, Object, is_blank};

/// How many pieces of text one page may have, and how many operands one operator.
const MOST_PIECES: usize = 200_000;
const MOST_OPERANDS: usize = 512;
/// How deep forms may stand in forms, and how much content one page may have, with forms as often as they are drawn.
const DEEPEST: usize = 8;
const MOST_CONTENT: usize = 24 << 20;
/// How many forms and pictures are drawn on one page.
const MOST_DRAWN: usize = 20_000;
/// How many states may be saved.
const MOST_SAVED: usize = 256;

type Matrix = [f64; 6];
const UNCHANGED: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// `first`, then `then`.
fn product(first: Matrix, then: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = first;
    let [g, h, i, j, k, l] = then;
    [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l]
}

/// A piece of text on the page.
#[derive(Debug)]
struct Piece {
    x: f64,
    y: f64,
    end: f64,
    height: f64,
    text: String,
}

#[derive(Clone)]
struct State {
    place: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    between: f64,
    at_blanks: f64,
    leading: f64,
    stretch: f64,
}

/// What of a page is drawn.
pub(super) struct Canvas<'f, 't> {
    file: &'f File<'t>,
    fonts: BTreeMap<u32, Rc<Font>>,
    /// What names stand for, by the form in which they do; 0 is the page.
    named_fonts: BTreeMap<(u32, Vec<u8>), Option<Rc<Font>>>,
    named_outer: BTreeMap<(u32, Vec<u8>), Option<u32>>,
    drawn: usize,
    pieces: Vec<Piece>,
    content: usize,
    /// Codes that were drawn, and those that nobody can read.
    pub(super) codes: usize,
    pub(super) unknown: usize,
    pub(super) pictures: usize,
    pub(super) cut: bool,
}

impl<'f, 't> Canvas<'f, 't> {
    pub(super) fn new(file: &'f File<'t>) -> Self {
        Canvas {
            file,
            fonts: BTreeMap::new(),
            named_fonts: BTreeMap::new(),
            named_outer: BTreeMap::new(),
            drawn: 0,
            pieces: Vec::new(),
            content: 0,
            codes: 0,
            unknown: 0,
            pictures: 0,
            cut: false,
        }
    }

    /// Draws a page, and takes its text off again; fonts are kept for the next one.
    pub(super) fn page(&mut self, content: &[u8], resources: &Dict) -> String {
        (self.codes, self.unknown, self.pictures, self.content) = (0, 0, 0, 0);
        (self.drawn, self.named_fonts, self.named_outer) = (0, BTreeMap::new(), BTreeMap::new());
        let state =
            State { place: UNCHANGED, font: None, size: 1.0, between: 0.0, at_blanks: 0.0, leading: 0.0, stretch: 1.0 };
        self.draw(content, (0, resources), state, 0);
        lines(std::mem::take(&mut self.pieces))
    }

    /// `within` is the number of a form, and what its names stand for.
    fn draw(&mut self, content: &[u8], within: (u32, &Dict), mut state: State, depth: usize) {
        self.content += content.len();
        if self.content > MOST_CONTENT || depth > DEEPEST {
            self.cut = true;
            return;
        }
        let mut lexer = Lexer::new(content, 0);
        let mut operands: Vec<Object> = Vec::new();
        let mut saved: Vec<State> = Vec::new();
        let (mut line, mut text) = (UNCHANGED, UNCHANGED);
        while let Some(object) = lexer.next() {
            let Object::Word(word) = object else {
                if operands.len() < MOST_OPERANDS {
                    operands.push(object);
                }
                continue;
            };
            let number = |at: usize| operands.get(at).and_then(Object::number).unwrap_or(0.0);
            let six = || [number(0), number(1), number(2), number(3), number(4), number(5)];
            let string = |at: usize| operands.get(at).and_then(Object::text).unwrap_or_default();
            match word.as_slice() {
                b"q" if saved.len() < MOST_SAVED => saved.push(state.clone()),
                b"Q" => state = saved.pop().unwrap_or(state),
                b"cm" => state.place = product(six(), state.place),
                b"BT" => (line, text) = (UNCHANGED, UNCHANGED),
                b"Tf" => {
                    state.size = number(1);
                    state.font = operands.first().and_then(Object::name).and_then(|name| self.font(within, name));
                }
                b"Tc" => state.between = number(0),
                b"Tw" => state.at_blanks = number(0),
                b"TL" => state.leading = number(0),
                b"Tz" => state.stretch = number(0) / 100.0,
                b"Tm" => (line, text) = (six(), six()),
                b"Td" | b"TD" => {
                    if word == b"TD" {
                        state.leading = -number(1);
                    }
                    line = product([1.0, 0.0, 0.0, 1.0, number(0), number(1)], line);
                    text = line;
                }
                b"T*" | b"'" | b"\"" => {
                    if word == b"\"" {
                        (state.at_blanks, state.between) = (number(0), number(1));
                    }
                    line = product([1.0, 0.0, 0.0, 1.0, 0.0, -state.leading], line);
                    text = line;
                    match word.as_slice() {
                        b"'" => self.show(string(0), &state, &mut text),
                        b"\"" => self.show(string(2), &state, &mut text),
                        _ => {}
                    }
                }
                b"Tj" => self.show(string(0), &state, &mut text),
                b"TJ" => {
                    for one in operands.first().and_then(Object::list).unwrap_or_default() {
                        match one {
                            Object::Text(string) => self.show(string, &state, &mut text),
                            Object::Number(back) => {
                                let along = -back / 1000.0 * state.size * state.stretch;
                                text = product([1.0, 0.0, 0.0, 1.0, along, 0.0], text);
                            }
                            _ => {}
                        }
                    }
                }
                b"Do" => {
                    if let Some(name) = operands.first().and_then(Object::name) {
                        self.outer(within, name, &state, depth);
                    }
                }
                b"ID" => {
                    self.pictures += 1;
                    lexer.at = past_picture(content, lexer.at);
                }
                _ => {}
            }
            operands.clear();
        }
        self.cut |= lexer.cut;
    }

    fn font(&mut self, (number, resources): (u32, &Dict), name: &[u8]) -> Option<Rc<Font>> {
        let key = (number, name.to_vec());
        if let Some(known) = self.named_fonts.get(&key) {
            return known.clone();
        }
        let font = self.read_font(resources, name);
        self.named_fonts.insert(key, font.clone());
        font
    }

    fn read_font(&mut self, resources: &Dict, name: &[u8]) -> Option<Rc<Font>> {
        let fonts = self.file.entry(resources, "Font");
        let named = fonts.dict()?.get(name)?.clone();
        if let Object::Ref(number) = named
            && let Some(known) = self.fonts.get(&number)
        {
            return Some(known.clone());
        }
        let font = Rc::new(Font::read(self.file, self.file.resolved(&named).dict()?));
        if let Object::Ref(number) = named {
            self.fonts.insert(number, font.clone());
        }
        self.cut |= font.cut;
        Some(font)
    }

    /// Draws what stands in a stream of its own: a form; a picture is only counted.
    fn outer(&mut self, (within, resources): (u32, &Dict), name: &[u8], state: &State, depth: usize) {
        self.drawn += 1;
        if self.drawn > MOST_DRAWN {
            self.cut = true;
            return;
        }
        let file = self.file;
        let found = self.named_outer.entry((within, name.to_vec())).or_insert_with(|| {
            match file.entry(resources, "XObject").dict().and_then(|outer| outer.get(name)) {
                Some(Object::Ref(number)) => Some(*number),
                _ => None,
            }
        });
        let Some(number) = *found else { return };
        let Some(stream) = self.file.stream(number) else { return };
        match self.file.entry(&stream.dict, "Subtype").name() {
            Some(b"Image") => self.pictures += 1,
            Some(b"Form") => {
                let Some(content) = self.file.unpack(&stream) else { return };
                let mut inner = state.clone();
                if let Some([a, b, c, d, e, f]) = self.file.entry(&stream.dict, "Matrix").list() {
                    let number = |object: &Object| self.file.resolved(object).number().unwrap_or(0.0);
                    inner.place = product([a, b, c, d, e, f].map(number), inner.place);
                }
                let own = self.file.entry(&stream.dict, "Resources");
                match own.dict() {
                    Some(own) => self.draw(&content, (number, own), inner, depth + 1),
                    None => self.draw(&content, (within, resources), inner, depth + 1),
                }
            }
            _ => {}
        }
    }

    fn show(&mut self, string: &[u8], state: &State, text: &mut Matrix) {
        let Drawn { text: shown, width, codes, blanks, unknown } = match &state.font {
            Some(font) => font.draw(string),
            None => Drawn { codes: string.len(), unknown: string.len(), ..Drawn::default() },
        };
        self.codes += codes;
        self.unknown += unknown;
        let along = width / 1000.0 * state.size + codes as f64 * state.between + blanks as f64 * state.at_blanks;
        let begin = product(*text, state.place);
        *text = product([1.0, 0.0, 0.0, 1.0, along * state.stretch, 0.0], *text);
        let end = product(*text, state.place);
        let height = (begin[2].hypot(begin[3]) * state.size).abs().max(0.01);
        if self.pieces.len() >= MOST_PIECES {
            self.cut = true;
        } else if !shown.is_empty() && [begin[4], begin[5], end[4], height].iter().all(|number| number.is_finite()) {
            // Text that runs upwards is put down as if the page were turned.
            let turned = begin[0].abs() < begin[1].abs();
            let (x, y, end) = if turned { (begin[5], -begin[4] - 1e6, end[5]) } else { (begin[4], begin[5], end[4]) };
            self.pieces.push(Piece { x, y, end, height, text: shown });
        }
    }
}

/// Where content goes on behind a picture that stands in it.
fn past_picture(content: &[u8], from: usize) -> usize {
    let parted = |at: usize| content.get(at).is_none_or(|byte| is_blank(*byte));
    let ends = memchr::memmem::find_iter(content.get(from..).unwrap_or_default(), b"EI").map(|at| from + at);
    { ends }.find(|at| *at > 0 && parted(at - 1) && parted(at + 2)).map_or(content.len(), |at| at + 2)
}

/// Pieces of text as lines, from the top of the page to its end.
fn lines(mut pieces: Vec<Piece>) -> String {
    pieces.sort_by(|a, b| b.y.total_cmp(&a.y));
    let mut rows: Vec<Vec<Piece>> = Vec::new();
    for piece in pieces {
        match rows.last_mut() {
            Some(row) if row.first().is_some_and(|first| first.y - piece.y < first.height.max(piece.height) * 0.5) => {
                row.push(piece);
            }
            _ => rows.push(vec![piece]),
        }
    }
    let mut text = String::new();
    for mut row in rows {
        row.sort_by(|a, b| a.x.total_cmp(&b.x));
        let mut before: Option<&Piece> = None;
        for piece in &row {
            if let Some(before) = before {
                // The same text once more, a hair's breadth away, makes it look bold.
                if piece.text == before.text && (piece.x - before.x).abs() < piece.height * 0.1 {
                    continue;
                }
                let gap = (piece.x - before.end) / piece.height;
                text.push_str(match gap {
                    _ if gap > 0.7 => "   ",
                    _ if gap > 0.15 && !text.ends_with(' ') && !piece.text.starts_with(' ') => " ",
                    _ => "",
                });
            }
            text.push_str(&piece.text);
            before = Some(piece);
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}
