//! Arrays in pickles, by the calls that would make them: NumPy's, those of pandas around them, texts of Arrow; and
//! the frames that pandas builds of such blocks.

use std::borrow::Cow;

use super::machine::{Built, Id, Value};
use crate::document::table::bytes::{fixed, u32_le};
use crate::document::table::dtype::DType;

/// How deep calls are followed.
const DEEPEST: usize = 6;

/// An array of one or two dimensions.
pub(super) struct Array<'a> {
    /// How many rows and columns; one row of all elements for one dimension.
    pub(super) outer: usize,
    pub(super) inner: usize,
    fortran: bool,
    pub(super) data: Data<'a>,
}

/// What an array holds.
pub(super) enum Data<'a> {
    Objects(&'a [Id]),
    Raw(Cow<'a, [u8]>, DType),
    /// Texts one behind the other, and where each ends.
    Texts {
        ends: Cow<'a, [u8]>,
        text: Cow<'a, [u8]>,
        wide: bool,
        first: usize,
    },
}

impl<'a> Array<'a> {
    /// Which element of its flat data stands there.
    pub(super) fn flat(&self, outer: usize, inner: usize) -> usize {
        if self.fortran { inner * self.outer + outer } else { outer * self.inner + inner }
    }

    /// The object at a place of the flat data.
    pub(super) fn object(&self, at: usize) -> Option<Id> {
        match &self.data {
            Data::Objects(items) => items.get(at).copied(),
            _ => None,
        }
    }

    /// Writes the element at a place of the flat data, if it is no object.
    pub(super) fn write(&self, at: usize, cell: &mut Vec<u8>) {
        match &self.data {
            Data::Objects(_) => {}
            Data::Raw(bytes, kind) => {
                let start = at.saturating_mul(kind.size);
                if let Some(element) = bytes.get(start..start.saturating_add(kind.size)) {
                    kind.write(element, cell);
                }
            }
            Data::Texts { ends, text, wide, first } => {
                let at = first.saturating_add(at);
                let range = (offset(ends, at, *wide), offset(ends, at.saturating_add(1), *wide));
                if let (Some(start), Some(end)) = range {
                    cell.extend_from_slice(text.get(start..end).unwrap_or_default());
                }
            }
        }
    }

    /// Whether its elements can tell of people.
    pub(super) fn tells(&self) -> bool {
        match &self.data {
            Data::Raw(_, kind) => kind.is_text(),
            _ => true,
        }
    }
}

/// The name of what a call calls.
pub(super) fn called<'a>(built: &'a Built<'_>, id: Id) -> Option<(&'a str, &'a [Id])> {
    let Value::Object(object) = built.value(id) else { return None };
    match built.value(object.of) {
        Value::Global(name) => Some((name, built.list(object.arguments))),
        _ => None,
    }
}

fn state(built: &Built<'_>, id: Id) -> Option<Id> {
    match built.value(id) {
        Value::Object(object) => object.state,
        _ => None,
    }
}

/// A text of a dictionary, by its name.
pub(super) fn entry(built: &Built<'_>, id: Id, name: &str) -> Option<Id> {
    let Value::Dict(entries) = built.value(id) else { return None };
    let is_named = |key: Id| matches!(built.value(key), Value::Text(text) if **text == *name.as_bytes());
    entries.iter().take(100).find(|(key, _)| is_named(*key)).map(|(_, value)| *value)
}

pub(super) fn int(built: &Built<'_>, id: Id) -> Option<usize> {
    match built.value(id) {
        Value::Int(number) => usize::try_from(*number).ok(),
        _ => None,
    }
}

/// Bytes, or what older protocols write for them.
pub(super) fn bytes<'a>(built: &'a Built<'_>, id: Id, depth: usize) -> Option<Cow<'a, [u8]>> {
    match built.value(id) {
        Value::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
        Value::Object(_) if depth < DEEPEST => {
            let (name, arguments) = called(built, id)?;
            let first = *arguments.first()?;
            match (name, built.value(first)) {
                ("_codecs encode", Value::Text(text)) => {
                    let text = std::str::from_utf8(text).ok()?;
                    Some(Cow::Owned(text.chars().map(|char| char as u32 as u8).collect()))
                }
                ("builtins bytearray" | "__builtin__ bytearray" | "pyarrow.lib py_buffer", _) => {
                    bytes(built, first, depth + 1)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn dtype(built: &Built<'_>, id: Id) -> Option<DType> {
    let (name, arguments) = called(built, id)?;
    if name != "numpy dtype" {
        return None;
    }
    let Value::Text(text) = built.value(*arguments.first()?) else { return None };
    let mut kind = DType::parse(std::str::from_utf8(text).ok()?)?;
    let state = state(built, id).map(|state| built.list(state)).unwrap_or_default();
    kind.big = matches!(state.get(1).map(|order| built.value(*order)), Some(Value::Text(order)) if **order == *b">");
    // What a moment counts stands behind the rest: (None, (b'ns', 1, 1, 1)).
    if kind.kind == b'M' {
        kind.size = 8;
        let unit = state.get(8).and_then(|unit| built.list(*unit).get(1)).and_then(|unit| built.list(*unit).first());
        let unit = unit.and_then(|unit| bytes(built, *unit, 0)).unwrap_or_default();
        kind.unit = DType::parse(&format!("<M8[{}]", String::from_utf8_lossy(&unit)))?.unit;
    }
    Some(kind)
}

fn array_of<'a>(built: &'a Built<'_>, shape: Id, kind: Id, fortran: bool, data: Id) -> Option<Array<'a>> {
    let shape: Vec<usize> = built.list(shape).iter().take(8).filter_map(|length| int(built, *length)).collect();
    let (outer, inner) = match shape.as_slice() {
        [all] => (1, *all),
        [outer, rest @ ..] => (*outer, rest.iter().try_fold(1_usize, |all, length| all.checked_mul(*length))?),
        [] => (1, 1),
    };
    let kind = dtype(built, kind)?;
    let data = match built.value(data) {
        Value::List(items) if kind.kind == b'O' => Data::Objects(items),
        _ => Data::Raw(bytes(built, data, 0)?, kind),
    };
    Some(Array { outer, inner, fortran, data })
}

/// The array that a call would make.
pub(super) fn array<'a>(built: &'a Built<'_>, id: Id, depth: usize) -> Option<Array<'a>> {
    let Value::Object(object) = built.value(id) else { return None };
    if depth == DEEPEST {
        return None;
    }
    let (name, arguments) = called(built, id)?;
    let last = name.rsplit(' ').next().unwrap_or_default();
    let state = object.state.map(|state| built.list(state)).unwrap_or_default();
    match (last, state, arguments) {
        ("_reconstruct", [_, shape, kind, fortran, data], _) => {
            array_of(built, *shape, *kind, built.value(*fortran) == &Value::Bool(true), *data)
        }
        ("_frombuffer", _, [data, kind, shape, order, ..]) => {
            let fortran = matches!(built.value(*order), Value::Text(order) if **order == *b"F");
            array_of(built, *shape, *kind, fortran, *data)
        }
        ("_new_Index", _, [_, parts]) => array(built, entry(built, *parts, "data")?, depth + 1),
        ("_restore_array", _, [parts]) => texts(built, built.list(*parts)),
        ("chunked_array", _, [chunks, ..]) => match built.list(*chunks) {
            [one] => array(built, *one, depth + 1),
            _ => None,
        },
        ("__pyx_unpickle_NDArrayBacked", parts, _) => parts.iter().find_map(|part| array(built, *part, depth + 1)),
        _ => {
            let state = object.state?;
            let inner = ["_pa_array", "_ndarray", "_data"].iter().find_map(|name| entry(built, state, name))?;
            array(built, inner, depth + 1)
        }
    }
}

/// Arrow's arrays of texts: type, length, nulls, offset, and the buffers for what is there, ends, texts.
fn texts<'a>(built: &'a Built<'_>, parts: &[Id]) -> Option<Array<'a>> {
    let [_, length, _, first, buffers, ..] = parts else { return None };
    let [_, ends, text] = built.list(*buffers) else { return None };
    let (length, first) = (int(built, *length)?, int(built, *first)?);
    let (ends, text) = (bytes(built, *ends, 0)?, bytes(built, *text, 0)?);
    // Buffers may be filled up to a border, but not to twice their length.
    let wide = ends.len() >= first.checked_add(length)?.checked_add(1)?.checked_mul(8)?;
    Some(Array { outer: 1, inner: length, fortran: false, data: Data::Texts { ends, text, wide, first } })
}

/// A frame: names of columns, and for each which row of which block holds it.
pub(super) struct Frame<'a> {
    pub(super) blocks: Vec<Array<'a>>,
    pub(super) names: Array<'a>,
    pub(super) columns: Vec<Option<(usize, usize)>>,
    pub(super) rows: usize,
    /// What the rows are called, if that is more than a number.
    pub(super) index: Option<(Array<'a>, Option<Id>)>,
}

/// The frame that a `BlockManager` would be.
pub(super) fn frame<'a>(built: &'a Built<'_>, id: Id) -> Option<Frame<'a>> {
    const MOST_COLUMNS: usize = 20_000;
    let (name, arguments) = called(built, id)?;
    let (true, [blocks, axes]) = (name.ends_with(" BlockManager"), arguments) else { return None };
    let [columns, rows] = built.list(*axes) else { return None };
    let names = array(built, *columns, 0)?;
    let mut frame =
        Frame { columns: vec![None; names.inner.min(MOST_COLUMNS)], names, blocks: Vec::new(), rows: 0, index: None };
    if let Some(index) = array(built, *rows, 0) {
        let name = called(built, *rows).and_then(|(_, arguments)| entry(built, *arguments.get(1)?, "name"));
        frame.index = Some((index, name));
    }
    for block in built.list(*blocks).iter().take(MOST_COLUMNS) {
        let Some((_, [values, places, ..])) = called(built, *block) else { continue };
        let Some(values) = array(built, *values, 0) else { continue };
        frame.rows = frame.rows.max(values.inner);
        let mut place = |row: usize, column: usize| {
            if let Some(column) = frame.columns.get_mut(column) {
                *column = Some((frame.blocks.len(), row));
            }
        };
        match called(built, *places) {
            Some((name, [start, _, step])) if name.ends_with(" slice") => {
                let (start, step) = (int(built, *start).unwrap_or(0), int(built, *step).unwrap_or(1));
                for row in 0..values.outer.min(MOST_COLUMNS) {
                    place(row, start.saturating_add(row.saturating_mul(step)));
                }
            }
            _ => {
                let Some(places) = array(built, *places, 0) else { continue };
                for row in 0..places.inner.min(values.outer).min(MOST_COLUMNS) {
                    let mut number = Vec::new();
                    places.write(row, &mut number);
                    if let Some(column) = std::str::from_utf8(&number).ok().and_then(|number| number.parse().ok()) {
                        place(row, column);
                    }
                }
            }
        }
        frame.blocks.push(values);
    }
    (!frame.blocks.is_empty()).then_some(frame)
}

/// The whole number at `at`, of four or eight bytes.
fn offset(bytes: &[u8], index: usize, wide: bool) -> Option<usize> {
    match wide {
        true => fixed(bytes, index.checked_mul(8)?).and_then(|bytes| usize::try_from(u64::from_le_bytes(bytes)).ok()),
        false => u32_le(bytes, index.checked_mul(4)?).map(|number| number as usize),
    }
}
