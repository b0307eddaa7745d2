//! The stack machine: what a pickle would build, as a tree of values in one arena.
//!
//! Long because its opcodes are one list.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::escapes::{of_latin1, unescaped};
use crate::document::table::Trouble;
use crate::document::table::bytes::fixed;

/// How many values are built.
const MOST_VALUES: usize = 4 << 20;
/// How many pickles may stand one behind the other.
const MOST_PICKLES: usize = 10_000;

/// A value's place in the arena.
pub(super) type Id = u32;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'b> {
    /// Nothing, or nothing that can be known.
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'b, [u8]>),
    Bytes(&'b [u8]),
    /// A list, tuple or set.
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// Something that has a name: `module name`.
    Global(String),
    /// What a call would make.
    Object(Box<Object>),
}

/// A call, and what is done with its result.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Object {
    pub(super) of: Id,
    pub(super) arguments: Id,
    pub(super) state: Option<Id>,
    pub(super) items: Vec<Id>,
    pub(super) entries: Vec<(Id, Id)>,
}

/// What was built.
#[derive(Debug, Default)]
pub(super) struct Built<'b> {
    pub(super) values: Vec<Value<'b>>,
    pub(super) roots: Vec<Id>,
    pub(super) trouble: Option<Trouble>,
}

impl<'b> Built<'b> {
    pub(super) fn value(&self, id: Id) -> &Value<'b> {
        &self.values[id as usize]
    }

    /// The items of a list.
    pub(super) fn list(&self, id: Id) -> &[Id] {
        match self.value(id) {
            Value::List(items) => items,
            _ => &[],
        }
    }
}

struct Machine<'b> {
    bytes: &'b [u8],
    at: usize,
    stack: Vec<Id>,
    /// How high the stack stood at each mark.
    marks: Vec<usize>,
    memo: BTreeMap<u64, Id>,
    built: Built<'b>,
}

/// Why the machine stops.
enum Stop {
    Ended,
    Damaged,
    Full,
}

/// Runs all pickles in some bytes.
pub(super) fn run(bytes: &[u8]) -> Built<'_> {
    let mut machine =
        Machine { bytes, at: 0, stack: Vec::new(), marks: Vec::new(), memo: BTreeMap::new(), built: Built::default() };
    // One value for all that is not known.
    machine.built.values.push(Value::None);
    for _ in 0..MOST_PICKLES {
        let stop = loop {
            if let Err(stop) = machine.step() {
                break stop;
            }
        };
        // What was not finished is looked at as far as it goes.
        machine.built.roots.append(&mut machine.stack);
        machine.marks.clear();
        machine.memo.clear();
        match stop {
            Stop::Ended if machine.at < bytes.len() && bytes[machine.at] == 0x80 => continue,
            Stop::Ended => {}
            Stop::Damaged => machine.built.trouble = Some(Trouble::Damaged),
            Stop::Full => {
                let what = "it holds more values than are followed; the rest was not searched";
                machine.built.trouble = Some(Trouble::Limit(what.to_owned()));
            }
        }
        break;
    }
    machine.built
}

impl<'b> Machine<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], Stop> {
        let end = self.at.checked_add(length).ok_or(Stop::Damaged)?;
        let taken = self.bytes.get(self.at..end).ok_or(Stop::Damaged)?;
        self.at = end;
        Ok(taken)
    }

    /// A number of `width` bytes, the lowest first.
    fn number(&mut self, width: usize) -> Result<u64, Stop> {
        Ok(self.take(width)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Bytes with their length before them.
    fn counted(&mut self, width: usize) -> Result<&'b [u8], Stop> {
        let length = self.number(width)?;
        self.take(usize::try_from(length).map_err(|_| Stop::Damaged)?)
    }

    fn line(&mut self) -> Result<&'b [u8], Stop> {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        let end = memchr::memchr(b'\n', rest).ok_or(Stop::Damaged)?;
        self.at += end + 1;
        Ok(&rest[..end])
    }

    fn line_number(&mut self) -> Result<u64, Stop> {
        std::str::from_utf8(self.line()?).ok().and_then(|text| text.trim_end().parse().ok()).ok_or(Stop::Damaged)
    }

    fn push(&mut self, value: Value<'b>) -> Result<(), Stop> {
        if self.built.values.len() >= MOST_VALUES || self.stack.len() >= MOST_VALUES {
            return Err(Stop::Full);
        }
        self.stack.push(self.built.values.len() as Id);
        self.built.values.push(value);
        Ok(())
    }

    /// The last mark, if nothing stands above it.
    fn is_at_mark(&self) -> bool {
        self.marks.last() == Some(&self.stack.len())
    }

    fn pop(&mut self) -> Id {
        if self.is_at_mark() { 0 } else { self.stack.pop().unwrap_or(0) }
    }

    /// The values above the last mark.
    fn marked(&mut self) -> Vec<Id> {
        let mark = self.marks.pop().unwrap_or(self.stack.len());
        self.stack.split_off(mark.min(self.stack.len()))
    }

    /// The value that stands highest. That which stands for all that is not known is never changed.
    fn last(&self) -> Option<Id> {
        self.stack.last().copied().filter(|id| *id > 0 && !self.is_at_mark())
    }

    fn append(&mut self, mut more: Vec<Id>) {
        let Some(last) = self.last() else { return };
        match &mut self.built.values[last as usize] {
            Value::List(items) => items.append(&mut more),
            Value::Object(object) => object.items.append(&mut more),
            _ => {}
        }
    }

    fn set(&mut self, flat: &[Id]) {
        let Some(last) = self.last() else { return };
        let pairs = flat.chunks_exact(2).map(|pair| (pair[0], pair[1]));
        match &mut self.built.values[last as usize] {
            Value::Dict(entries) => entries.extend(pairs),
            Value::Object(object) => object.entries.extend(pairs),
            _ => {}
        }
    }

    fn call(&mut self, of: Id, arguments: Id) -> Result<(), Stop> {
        self.push(Value::Object(Box::new(Object { of, arguments, ..Object::default() })))
    }

    fn remember(&mut self, place: u64) -> Result<(), Stop> {
        if self.memo.len() >= MOST_VALUES {
            return Err(Stop::Full);
        }
        if let Some(id) = self.stack.last() {
            self.memo.insert(place, *id);
        }
        Ok(())
    }

    fn recall(&mut self, place: u64) -> Result<(), Stop> {
        if self.stack.len() >= MOST_VALUES {
            return Err(Stop::Full);
        }
        self.stack.push(self.memo.get(&place).copied().unwrap_or(0));
        Ok(())
    }

    fn tuple(&mut self, length: usize) -> Result<(), Stop> {
        let mut items: Vec<Id> = (0..length).map(|_| self.pop()).collect();
        items.reverse();
        self.push(Value::List(items))
    }

    fn global(&mut self, module: &[u8], name: &[u8]) -> Result<(), Stop> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
        self.push(Value::Global(format!("{} {}", text(module), text(name))))
    }

    /// Follows one opcode.
    fn step(&mut self) -> Result<(), Stop> {
        let opcode = self.take(1)?[0];
        match opcode {
            b'.' => Err(Stop::Ended),
            0x80 => self.take(1).map(|_| ()),
            0x95 => self.take(8).map(|_| ()),
            b'(' if self.marks.len() < MOST_VALUES => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            b'0' => {
                if self.is_at_mark() {
                    self.marks.pop();
                } else {
                    self.stack.pop();
                }
                Ok(())
            }
            b'1' => {
                self.marked();
                Ok(())
            }
            b'2' => match self.stack.last().copied() {
                Some(slot) if self.stack.len() < MOST_VALUES => {
                    self.stack.push(slot);
                    Ok(())
                }
                _ => Err(Stop::Damaged),
            },
            b'N' => self.push(Value::None),
            0x88 | 0x89 => self.push(Value::Bool(opcode == 0x88)),
            b'F' | b'I' | b'J' | b'K' | b'L' | b'M' | b'G' | 0x8a | 0x8b => self.numeric(opcode),
            b'S' | b'T' | b'U' | b'V' | b'X' | 0x8c | 0x8d | b'B' | b'C' | 0x8e | 0x96 => self.textual(opcode),
            b']' | b')' | 0x8f => self.push(Value::List(Vec::new())),
            b'}' => self.push(Value::Dict(Vec::new())),
            b'l' | b't' | 0x91 => {
                let items = self.marked();
                self.push(Value::List(items))
            }
            0x85..=0x87 => self.tuple(usize::from(opcode - 0x84)),
            b'd' => {
                let flat = self.marked();
                self.push(Value::Dict(flat.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()))
            }
            b'a' => {
                let item = self.pop();
                self.append(vec![item]);
                Ok(())
            }
            b'e' | 0x90 => {
                let items = self.marked();
                self.append(items);
                Ok(())
            }
            b's' => {
                let (value, key) = (self.pop(), self.pop());
                self.set(&[key, value]);
                Ok(())
            }
            b'u' => {
                let flat = self.marked();
                self.set(&flat);
                Ok(())
            }
            b'p' | b'q' | b'r' | 0x94 | b'g' | b'h' | b'j' => self.memorial(opcode),
            _ => self.constructive(opcode),
        }
    }

    fn numeric(&mut self, opcode: u8) -> Result<(), Stop> {
        let value = match opcode {
            b'J' => Value::Int(i64::from(self.number(4)? as u32 as i32)),
            b'K' => Value::Int(self.number(1)? as i64),
            b'M' => Value::Int(self.number(2)? as i64),
            b'G' => fixed(self.take(8)?, 0).map_or(Value::None, |bytes| Value::Float(f64::from_be_bytes(bytes))),
            0x8a | 0x8b => {
                let bytes = self.counted(if opcode == 0x8a { 1 } else { 4 })?;
                let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
                let first = if negative { -1_i64 } else { 0 };
                match bytes.len() {
                    0..=8 => Value::Int(bytes.iter().rev().fold(first, |number, byte| number << 8 | i64::from(*byte))),
                    _ => Value::None,
                }
            }
            _ => {
                let text = std::str::from_utf8(self.line()?).map_err(|_| Stop::Damaged)?;
                let text = text.trim_end().trim_end_matches('L');
                match (text, text.parse(), text.parse()) {
                    ("00" | "01", ..) if opcode == b'I' => Value::Bool(text == "01"),
                    (_, Ok(number), _) if opcode != b'F' => Value::Int(number),
                    (_, _, Ok(number)) => Value::Float(number),
                    _ => Value::None,
                }
            }
        };
        self.push(value)
    }

    fn textual(&mut self, opcode: u8) -> Result<(), Stop> {
        let text = |bytes: &'b [u8]| Value::Text(Cow::Borrowed(bytes));
        let value = match opcode {
            // A string as Python would print it, quotes and all.
            b'S' => {
                let line = self.line()?.trim_ascii_end();
                let inner = line.get(1..line.len().saturating_sub(1)).unwrap_or_default();
                Value::Text(unescaped(inner))
            }
            b'V' => Value::Text(of_latin1(self.line()?)),
            b'T' => text(self.counted(4)?),
            b'U' => text(self.counted(1)?),
            b'X' => text(self.counted(4)?),
            0x8c => text(self.counted(1)?),
            0x8d => text(self.counted(8)?),
            b'B' => Value::Bytes(self.counted(4)?),
            b'C' => Value::Bytes(self.counted(1)?),
            _ => Value::Bytes(self.counted(8)?),
        };
        self.push(value)
    }

    fn memorial(&mut self, opcode: u8) -> Result<(), Stop> {
        let place = match opcode {
            b'p' | b'g' => self.line_number()?,
            b'q' | b'h' => self.number(1)?,
            b'r' | b'j' => self.number(4)?,
            _ => self.memo.len() as u64,
        };
        if matches!(opcode, b'g' | b'h' | b'j') { self.recall(place) } else { self.remember(place) }
    }

    /// Names, and what would be made by calling them.
    fn constructive(&mut self, opcode: u8) -> Result<(), Stop> {
        match opcode {
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.global(module, name)
            }
            0x93 => {
                let (name, module) = (self.pop(), self.pop());
                let text = |id: Id| match self.built.value(id) {
                    Value::Text(text) => text.to_vec(),
                    _ => Vec::new(),
                };
                let (module, name) = (text(module), text(name));
                self.global(&module, &name)
            }
            b'R' | 0x81 => {
                let (arguments, of) = (self.pop(), self.pop());
                self.call(of, arguments)
            }
            0x92 => {
                let (named, _, of) = (self.pop(), self.pop(), self.pop());
                self.call(of, named)
            }
            b'i' => {
                let (module, name) = (self.line()?, self.line()?);
                let arguments = self.marked();
                self.global(module, name)?;
                let of = self.pop();
                self.push(Value::List(arguments))?;
                let arguments = self.pop();
                self.call(of, arguments)
            }
            b'o' => {
                let mut arguments = self.marked();
                let of = if arguments.is_empty() { 0 } else { arguments.remove(0) };
                self.push(Value::List(arguments))?;
                let arguments = self.pop();
                self.call(of, arguments)
            }
            b'b' => {
                let state = self.pop();
                if let Some(last) = self.last()
                    && let Value::Object(object) = &mut self.built.values[last as usize]
                {
                    object.state = Some(state);
                }
                Ok(())
            }
            b'P' => {
                self.line()?;
                self.push(Value::None)
            }
            b'Q' => {
                self.pop();
                self.push(Value::None)
            }
            0x82..=0x84 => {
                self.take(1 << (opcode - 0x82))?;
                self.push(Value::None)
            }
            // A buffer that stands outside, and its protection.
            0x97 => self.push(Value::None),
            0x98 => Ok(()),
            _ => Err(Stop::Damaged),
        }
    }
}
