//! The cells of Jupyter notebooks and what they printed: a notebook is JSON that keeps each line as a string.

use super::Inner;
use super::json_text::JsonText;
use crate::artifact::Step;
use crate::document::{Document, Kind, NodeId, Value};

/// How many cells are looked at.
const MOST_CELLS: usize = 10_000;

/// Every cell's source and every text that it printed.
pub(super) fn cells(document: &Document, outer: &[u8]) -> Vec<Inner> {
    let root = document.root();
    if document.kind != Kind::Json || document.get(root, "nbformat").is_none() {
        return Vec::new();
    }
    let sheets = document.get(root, "worksheets").map(|sheets| document.items(sheets)).unwrap_or_default();
    let lists = std::iter::once(root).chain(sheets.iter().copied()).filter_map(|holder| document.get(holder, "cells"));
    let reader = Reader { document, outer, code: code_name(document) };
    let mut texts = Vec::new();
    for (number, cell) in (1..).zip(lists.flat_map(|list| document.items(list)).take(MOST_CELLS)) {
        reader.cell(*cell, number, &mut texts);
    }
    texts
}

/// A file name of the notebook's language.
fn code_name(document: &Document) -> String {
    let ending = document
        .get(document.root(), "metadata")
        .and_then(|metadata| document.get(metadata, "language_info"))
        .and_then(|language| document.get_str(language, "file_extension"));
    format!("cell{}", ending.filter(|ending| ending.starts_with('.')).unwrap_or(".py"))
}

struct Reader<'d> {
    document: &'d Document,
    outer: &'d [u8],
    code: String,
}

impl Reader<'_> {
    fn cell(&self, cell: NodeId, number: usize, texts: &mut Vec<Inner>) {
        let step = Step::Entry(format!("cell {number}"));
        let name = match self.document.get_str(cell, "cell_type") {
            Some("code") => self.code.as_str(),
            _ => "cell.md",
        };
        let source = self.document.get(cell, "source").or_else(|| self.document.get(cell, "input"));
        texts.extend(source.and_then(|source| self.text(source, name, vec![step.clone()])));
        let outputs =
            self.document.get(cell, "outputs").map(|outputs| self.document.items(outputs)).unwrap_or_default();
        for (number, output) in (1..).zip(outputs) {
            let way = vec![step.clone(), Step::Entry(format!("output {number}"))];
            let printed = self.document.get(*output, "text");
            texts.extend(printed.and_then(|printed| self.text(printed, "output.txt", way.clone())));
            let Some(data) = self.document.get(*output, "data") else { continue };
            for entry in self.document.entries(data).iter().filter(|entry| entry.key.starts_with("text/")) {
                let name = if &*entry.key == "text/html" { "output.html" } else { "output.txt" };
                texts.extend(self.text(entry.value, name, way.clone()));
            }
        }
    }

    /// The text of a string, or of a list of the strings that are its lines.
    fn text(&self, node: NodeId, name: &str, way: Vec<Step>) -> Option<Inner> {
        let mut text = JsonText::default();
        let one = [node];
        let strings = match self.document.value(node) {
            Value::Str(_) => &one[..],
            _ => self.document.items(node),
        };
        for string in strings {
            let node = self.document.node(*string);
            if let (Value::Str(_), Some(span)) = (&node.value, node.span) {
                text.add(self.outer, span);
            }
        }
        let (text, places) = text.places();
        (!text.is_empty()).then(|| Inner {
            text,
            name: name.to_owned(),
            way,
            path: String::new(),
            places,
            stored: false,
        })
    }
}
