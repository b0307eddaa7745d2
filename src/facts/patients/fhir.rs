//! Patients in FHIR resources, as JSON, ndjson or XML.
//!
//! Knows resources inside of others, contact points and identifiers; which path holds what stands in
//! `rules/fields/fhir.toml`. Spans are those of the values in the text.

use super::group::Group;
use super::map::{FieldKind, Shape, map};
use super::pieces::{letter_in, letter_of};
use super::{Scope, pieces};
use crate::document::xml::{Elements, elements};
use crate::document::{self, Builder, Document, Entry, Format, Kind, MAX_DEPTH, NodeId, Value};
use crate::text::Span;

/// The group of all resources of a JSON text, and whether it is JSON that cannot be parsed: broken, or too deep.
pub(super) fn json(text: &[u8], scope: Scope) -> (Group, bool) {
    let mut group = Group::new("FHIR JSON", scope);
    let is_json = text.trim_ascii_start().starts_with(b"{") || text.trim_ascii_start().starts_with(b"[");
    let whole = document::each_json(text, |document| {
        Reader { text, document: &document, group: &mut group }.any(document.root(), 0);
    });
    (group, is_json && !whole)
}

/// The group of the resources that stand whole in a part of a JSON text, whatever they stand in, and whether one that
/// begins before `own` ends is not whole.
pub(super) fn json_part(text: &[u8], own: Span, scope: Scope) -> (Group, bool) {
    let (lines, cut) = resources(text, own);
    let mut group = Group::new("FHIR JSON", scope);
    for document in document::parse(Format::Json, &lines).documents {
        Reader { text, document: &document, group: &mut group }.any(document.root(), 0);
    }
    (group, cut)
}

/// The longest resource that is looked for, and how many may have no end: a bundle has none, where its end is elsewhere.
const LONGEST: usize = 1 << 20;
const MOST_OPEN: usize = 64;

/// A text of the same length in which each resource that is whole stands where it stands, in a line of its own, and
/// nothing else does.
fn resources(text: &[u8], own: Span) -> (Vec<u8>, bool) {
    const NAME: &[u8] = b"\"resourceType\"";
    let mut lines = vec![b' '; text.len()];
    let (mut done, mut open, mut cut) = (0, 0, false);
    for at in memchr::memmem::find_iter(text, NAME) {
        let before = text[..at].trim_ascii_end();
        if at < done || before.last() != Some(&b'{') || open >= MOST_OPEN {
            cut |= open >= MOST_OPEN;
            continue;
        }
        let start = before.len() - 1;
        let Some(end) = end_of_object(text, start) else {
            open += 1;
            let bundle = text[at + NAME.len()..].trim_ascii_start().strip_prefix(b":").unwrap_or_default();
            cut |= start < own.end && !bundle.trim_ascii_start().starts_with(b"\"Bundle\"");
            continue;
        };
        lines[start..end].copy_from_slice(&text[start..end]);
        lines[start..end].iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
        if let Some(byte) = lines.get_mut(end) {
            *byte = b'\n';
        }
        done = end;
    }
    (lines, cut)
}

/// Behind the bracket that closes the one at `start`.
fn end_of_object(text: &[u8], start: usize) -> Option<usize> {
    let near = &text[start..text.len().min(start + LONGEST)];
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = near.get(at) {
        match byte {
            b'"' => {
                at += 1;
                loop {
                    at += memchr::memchr2(b'"', b'\\', near.get(at..)?)?;
                    if near[at] == b'"' {
                        break;
                    }
                    at += 2;
                }
            }
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(start + at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The group of all resources of an XML text.
pub(super) fn xml(text: &[u8], scope: Scope) -> Group {
    let mut group = Group::new("FHIR XML", scope);
    let document = tree(text, &elements(text));
    Reader { text, document: &document, group: &mut group }.any(document.root(), 0);
    group
}

struct Reader<'r> {
    text: &'r [u8],
    document: &'r Document,
    group: &'r mut Group,
}

impl Reader<'_> {
    /// Looks for resources; nests no deeper than documents do.
    fn any(&mut self, node: NodeId, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let document = self.document;
        if let Some(resource) = document.get_str(node, "resourceType") {
            let resource = resource.to_owned();
            return self.resource(node, &resource, depth);
        }
        for entry in document.entries(node) {
            self.any(entry.value, depth + 1);
        }
        for item in document.items(node) {
            self.any(*item, depth + 1);
        }
    }

    fn resource(&mut self, node: NodeId, resource: &str, depth: usize) {
        if let Some(word) = map().fhir.context.get(resource) {
            self.group.context(word);
        }
        if resource == "Patient" {
            self.group.record(self.document.node(node).span.map_or(0, |span| span.start));
        }
        let mut path = resource.to_owned();
        self.below(node, &mut path, map().fhir.is_person(resource), depth);
    }

    fn below(&mut self, node: NodeId, path: &mut String, person: bool, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let document = self.document;
        for item in document.items(node) {
            self.item(*item, path, person, depth);
        }
        for entry in document.entries(node) {
            let length = path.len();
            path.push('.');
            path.push_str(&entry.key);
            self.item(entry.value, path, person, depth);
            path.truncate(length);
        }
    }

    fn item(&mut self, node: NodeId, path: &mut String, person: bool, depth: usize) {
        let document = self.document;
        if document.get_str(node, "resourceType").is_some() {
            return self.any(node, depth + 1);
        }
        let last = path.rsplit('.').next().unwrap_or_default();
        if person && last == "extension" {
            self.extension(node);
        }
        if matches!(last, "div" | "conclusion" | "valueString") && document.as_str(node).is_some() {
            self.group.free_text = true;
        }
        match map().fhir.by_path.get(path.as_str()) {
            Some((_, FieldKind::Telecom)) => self.each(node, Self::telecom),
            Some((_, FieldKind::Identifier)) => self.each(node, Self::identifier),
            Some((letter, kind)) if !matches!(document.value(node), Value::List(_) | Value::Map(_)) => {
                let (shape, limited) = kind.shape();
                self.value(node, *letter, shape, limited);
            }
            _ => {}
        }
        self.below(node, path, person, depth + 1);
    }

    fn each(&mut self, node: NodeId, one: impl Fn(&mut Self, NodeId)) {
        match self.document.value(node) {
            Value::List(_) => {} // its items come one by one
            _ => one(self, node),
        }
    }

    fn value(&mut self, node: NodeId, letter: char, shape: Shape, limited: bool) {
        if let Some(span) = self.document.node(node).span {
            self.group.value(self.text, pieces::unquoted(self.text, span), letter, shape, limited);
        }
    }

    fn telecom(&mut self, node: NodeId) {
        let Some(value) = self.document.get(node, "value") else { return };
        match self.document.get_str(node, "system") {
            Some("fax") => self.value(value, 'E', Shape::Phone, false),
            Some("email") => self.value(value, 'F', Shape::Email, false),
            Some("url") => self.value(value, 'N', Shape::Any, false),
            _ => self.value(value, 'D', Shape::Phone, false),
        }
    }

    fn identifier(&mut self, node: NodeId) {
        let document = self.document;
        let Some(value) = document.get(node, "value") else { return };
        let map = &map().fhir;
        let first = |id: NodeId| document.items(id).first().copied().unwrap_or(id);
        let coding = document.get(node, "type").and_then(|kind| document.get(kind, "coding")).map(first);
        let code = coding.and_then(|coding| document.get_str(coding, "code")).unwrap_or_default();
        let system = document.get_str(node, "system").unwrap_or_default();
        let letter = letter_in(&map.identifier_systems, system).or_else(|| letter_of(&map.identifier_types, code));
        let letter = letter.unwrap_or('R');
        let shape = if letter == 'G' { Shape::Ssn } else { Shape::Any };
        self.value(value, letter, shape, false);
    }

    fn extension(&mut self, node: NodeId) {
        let document = self.document;
        let Some(url) = document.get_str(node, "url") else { return };
        let Some(letter) = letter_in(&map().fhir.extensions, url) else { return };
        let mut found = Vec::new();
        document.walk_once(node, |visit| {
            let key = visit.entry.map_or("", |entry| &entry.key);
            if matches!(key, "valueString" | "valueDecimal" | "valueDateTime" | "city" | "district") {
                found.push(visit.id);
            }
            document::Next::Enter
        });
        for id in found {
            self.value(id, letter, if letter == 'A' { Shape::Name } else { Shape::Any }, false);
        }
    }
}

/// FHIR's XML as the tree that its JSON would be.
fn tree(text: &[u8], found: &Elements) -> Document {
    let mut builder = Builder::default();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); found.list.len()];
    for (index, element) in found.list.iter().enumerate() {
        if let Some(parent) = element.parent {
            children[parent].push(index);
        }
    }
    let string = |span: Span| String::from_utf8_lossy(&text[span.range()]).into_owned();
    let mut nodes: Vec<NodeId> = Vec::with_capacity(found.list.len());
    nodes.resize(found.list.len(), builder.add(Value::Null, None));
    let mut roots = Vec::new();
    // Children stand behind their parents.
    for index in (0..found.list.len()).rev() {
        let element = &found.list[index];
        let name = string(element.name);
        let value = found.attribute(text, index, "value").filter(|_| children[index].is_empty());
        let node = match value {
            Some((span, bytes)) => builder.add(Value::Str(String::from_utf8_lossy(bytes).into()), Some(span)),
            None => {
                let mut entries: Vec<Entry> = Vec::new();
                let mut lists: std::collections::BTreeMap<String, Vec<NodeId>> = std::collections::BTreeMap::new();
                for child in &children[index] {
                    lists.entry(string(found.list[*child].name)).or_default().push(nodes[*child]);
                }
                for (key, mut items) in lists {
                    let value = match items.as_slice() {
                        [one] => *one,
                        _ => builder.add(Value::List(std::mem::take(&mut items)), None),
                    };
                    entries.push(Entry { key: key.into(), key_span: None, value, used_at: None });
                }
                if let Some((_, url)) = found.attribute(text, index, "url") {
                    let value = builder.add(Value::Str(String::from_utf8_lossy(url).into()), None);
                    entries.push(Entry { key: "url".into(), key_span: None, value, used_at: None });
                }
                // Resources have names with a capital, everything else has none.
                if name.starts_with(|c: char| c.is_ascii_uppercase()) && name != "Bundle" {
                    let value = builder.add(Value::Str(name.as_str().into()), None);
                    entries.push(Entry { key: "resourceType".into(), key_span: None, value, used_at: None });
                }
                builder.add(Value::Map(entries), None)
            }
        };
        nodes[index] = node;
        if element.parent.is_none() {
            roots.push(node);
        }
    }
    let root = builder.add(Value::List(roots), None);
    builder.finish(Kind::Json, root)
}
