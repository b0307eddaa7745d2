//! Which place of a template says what stands in its rendering.
//!
//! Names are what both have in common; the number of an item is not, for what is included or repeated stands in no
//! list of the template.

use crate::document::{Document, NodeId, Parsed, Value};
use crate::facts::{self, Path, Selected, Step as PathStep};
use crate::text::Span;

/// Where a path of a rendered document, or the most of it, stands in the template; without any document that could
/// have become this one, where the template includes another.
/// With it the whole of what stands there.
pub(super) fn counterpart(
    template: &Parsed,
    text: &[u8],
    rendered: Option<&Document>,
    path: &str,
) -> Option<(Span, Span)> {
    let path = Path::parse(path).ok()?;
    let mut best: Option<((bool, u8, usize), (Span, Span))> = None;
    for document in &template.documents {
        let kind = rendered.map_or(Likeness::Unknown, |rendered| likeness(document, rendered, &["kind"]));
        if kind == Likeness::Other {
            continue;
        }
        let name = rendered.map_or(Likeness::Unknown, |rendered| likeness(document, rendered, &["metadata", "name"]));
        let top = Selected { node: document.root(), trail: Default::default() };
        let path = rendered.map_or_else(|| path.clone(), |rendered| translated(document, rendered, &path));
        let placed = facts::place(document, &top, &path);
        let Some(span) = placed.span else { continue };
        let rank = (kind == Likeness::Same, name as u8, placed.trail.len());
        if best.as_ref().is_none_or(|(known, _)| rank > *known) {
            best = Some((rank, (span, document.node(placed.node).span.unwrap_or(span))));
        }
    }
    best.map(|(_, spans)| spans).or_else(|| inclusion(text).map(|span| (span, span)))
}

/// How well a text of the template fits one of its rendering.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    Other,
    Unknown,
    Same,
}

fn likeness(template: &Document, rendered: &Document, keys: &[&str]) -> Likeness {
    let at = |document: &Document| keys.iter().try_fold(document.root(), |node, key| document.get(node, key));
    same(template, at(template), rendered, at(rendered))
}

fn same(template: &Document, ours: Option<NodeId>, rendered: &Document, theirs: Option<NodeId>) -> Likeness {
    match (ours.map(|id| template.value(id)), theirs.map(|id| rendered.value(id))) {
        (Some(Value::Str(ours)), Some(Value::Str(theirs))) if ours == theirs => Likeness::Same,
        (Some(Value::Str(_)), _) => Likeness::Other,
        _ => Likeness::Unknown,
    }
}

/// Whether two nodes hold the same, and hold a single value.
pub(super) fn same_scalar(ours: &Document, own: NodeId, theirs: &Document, their: NodeId) -> bool {
    let (own, their) = (ours.value(own), theirs.value(their));
    own == their && !matches!(own, Value::List(_) | Value::Map(_) | Value::Unknown(_))
}

/// The same path with the numbers that items have in the template; it ends where an item has none.
pub(super) fn translated(template: &Document, rendered: &Document, path: &Path) -> Path {
    let (mut ours, mut theirs) = (Some(template.root()), Some(rendered.root()));
    let mut steps = Vec::new();
    for step in path.steps() {
        let step = match step {
            PathStep::Key(key) => {
                ours = ours.and_then(|node| template.get(node, key));
                theirs = theirs.and_then(|node| rendered.get(node, key));
                step.clone()
            }
            PathStep::Index(index) => {
                let lists = (
                    ours.map_or(&[][..], |node| template.items(node)),
                    theirs.map_or(&[][..], |node| rendered.items(node)),
                );
                let Some(number) = item(template, rendered, lists, *index) else { break };
                (ours, theirs) = (lists.0.get(number).copied(), lists.1.get(*index).copied());
                PathStep::Index(number)
            }
            _ => break,
        };
        steps.push(step);
    }
    Path::of(steps)
}

/// The number that an item of the rendered list has in the template's: the one with its name; else the only one
/// whose name is filled in; else the same number, if nothing was put in or left out.
fn item(
    template: &Document,
    rendered: &Document,
    (ours, theirs): (&[NodeId], &[NodeId]),
    index: usize,
) -> Option<usize> {
    let wanted = *theirs.get(index)?;
    let named = |id: &NodeId| {
        let value = if rendered.entries(wanted).is_empty() { Some(*id) } else { template.get(*id, "name") };
        let own = if rendered.entries(wanted).is_empty() { Some(wanted) } else { rendered.get(wanted, "name") };
        same(template, value, rendered, own)
    };
    let names: Vec<Likeness> = ours.iter().map(named).collect();
    let only = |kind: Likeness| {
        let mut found = names.iter().enumerate().filter(|(_, one)| **one == kind).map(|(at, _)| at);
        let first = found.next();
        first.filter(|first| found.next().is_none() || (*first == index && ours.len() == theirs.len()))
    };
    let by_number = || (ours.len() == theirs.len() && names.get(index) == Some(&Likeness::Unknown)).then_some(index);
    let same = names.iter().position(|one| *one == Likeness::Same);
    same.or_else(by_number).or_else(|| only(Likeness::Unknown))
}

/// Where a template puts in another one, or its first line that says anything.
fn inclusion(text: &[u8]) -> Option<Span> {
    let expression = |start: usize| {
        let end = memchr::memmem::find(&text[start..], b"}}")? + start + 2;
        let words = &text[start..end];
        let includes = |word: &[u8]| memchr::memmem::find(words, word).is_some();
        (includes(b"include ") || includes(b"template ") || includes(b"tpl ")).then_some(Span::new(start, end))
    };
    let said = || {
        let start = text.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |newline| start + newline);
        Some(Span::new(start, end))
    };
    memchr::memmem::find_iter(text, b"{{").find_map(expression).or_else(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Format, parse};

    #[test]
    fn a_place_of_the_rendering_has_one_in_the_template() {
        let pod = "kind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n";
        // template, rendering, path there, what stands at the place
        let cases = [
            // What was included comes first, so that numbers do not fit.
            (
                "    {{ include \"a\" . }}\n    - name: b\n      image: x\n",
                "  - name: a\n  - {name: b, image: x}\n",
                "spec.containers[1].image",
                "image: x",
            ),
            (
                "    {{ include \"a\" . }}\n    - name: b\n      image: x\n",
                "  - name: a\n  - name: b\n",
                "spec.containers[0].image",
                "containers",
            ),
            // One item, repeated.
            (
                "    {{- range .Values.l }}\n    - name: {{ .n }}\n      image: x\n    {{- end }}\n",
                "  - {name: a, image: x}\n  - {name: b, image: x}\n",
                "spec.containers[1].image",
                "image: x",
            ),
            // Names filled in, nothing else.
            (
                "    - name: {{ .a }}\n      image: x\n    - name: {{ .b }}\n      image: y\n",
                "  - {name: a, image: x}\n  - {name: b, image: y}\n",
                "spec.containers[1].image",
                "image: y",
            ),
            (
                "    - name: {{ .a }}\n      image: x\n    - name: b\n      image: y\n",
                "  - {name: a, image: x}\n  - {name: b, image: y}\n",
                "spec.containers[0].image",
                "image: x",
            ),
        ];
        for (template, rendering, path, expected) in cases {
            let (template, rendering) = (format!("{pod}{template}"), format!("{pod}{rendering}"));
            let parsed = parse(Format::Yaml, template.as_bytes());
            let rendered = parse(Format::Yaml, rendering.as_bytes());
            let span = counterpart(&parsed, template.as_bytes(), rendered.documents.first(), path).expect("a place").0;
            assert_eq!(&template[span.range()], expected, "{template}");
        }
        // Of two objects the one of that name; of none, where another template comes in.
        let cases = [
            (
                "kind: A\nmetadata: {name: a}\nx: 1\n---\nkind: A\nmetadata: {name: b}\nx: 2\n",
                "kind: A\nmetadata: {name: b}\nx: 3\n",
                "x: 2",
            ),
            ("kind: B\nx: 1\n---\n{{ include \"a\" . }}\n", "kind: A\nx: 3\n", "{{ include \"a\" . }}"),
        ];
        for (template, rendering, expected) in cases {
            let parsed = parse(Format::Yaml, template.as_bytes());
            let rendered = parse(Format::Yaml, rendering.as_bytes());
            let span = counterpart(&parsed, template.as_bytes(), rendered.documents.first(), "x").expect("a place").0;
            assert_eq!(&template[span.range()], expected, "{template}");
        }
    }
}
