//! From a place in the text back to the tree.

use super::{Document, NodeId, Path, Step, Value};
use crate::text::Span;

impl Document {
    /// The path of the innermost value, or name of a value, that stands at this offset of the text; the empty one
    /// when it is the top, `None` when nothing stands there. What `instead` gives for the span of a name stands for
    /// that name. Sees each node once at most.
    pub fn path_at(&self, offset: usize, instead: impl Fn(Span) -> Option<&'static str>) -> Option<String> {
        let (mut steps, mut here) = (Vec::new(), self.root());
        for (step, node) in self.way_to(offset)? {
            let name = self.entries(here).iter().find(|entry| step == Step::Key(&entry.key) && entry.value == node);
            let other = name.and_then(|entry| entry.key_span).and_then(&instead);
            steps.push(other.map_or(step, Step::Key));
            here = node;
        }
        Some(Path(&steps).to_string())
    }

    /// The span of the string that stands at this offset of the text.
    pub fn string_at(&self, offset: usize) -> Option<Span> {
        let (_, node) = *self.way_to(offset)?.last()?;
        let node = self.node(node);
        matches!(node.value, Value::Str(_)).then_some(node.span).flatten()
    }

    fn way_to(&self, offset: usize) -> Option<Vec<(Step<'_>, NodeId)>> {
        let holds = |id: NodeId| self.node(id).span.is_some_and(|span| span.start <= offset && offset < span.end);
        let mut here = self.root();
        if !holds(here) {
            return None;
        }
        let mut steps = Vec::new();
        // An alias may stand inside of what it names; a path is never longer than there are nodes.
        while steps.len() < self.len() {
            let next = match self.value(here) {
                Value::Map(entries) => entries.iter().find_map(|entry| {
                    let named = entry.key_span.is_some_and(|span| span.start <= offset && offset < span.end);
                    (named || holds(entry.value)).then_some((Step::Key(&entry.key), entry.value))
                }),
                Value::List(items) => {
                    items.iter().enumerate().find(|(_, item)| holds(**item)).map(|(at, item)| (Step::Index(at), *item))
                }
                _ => None,
            };
            let Some((step, node)) = next else { break };
            steps.push((step, node));
            here = node;
        }
        Some(steps)
    }
}

#[cfg(test)]
mod tests {
    use crate::document::{Format, parse};

    #[test]
    fn a_place_has_a_path() {
        let text = r#"{"a": [1, {"b/c": "here"}], "d": {}}"#;
        let parsed = parse(Format::Json, text.as_bytes());
        // what stands there, its path
        let cases = [
            ("here", Some(r#"a[1]["b/c"]"#)),
            ("b/c", Some(r#"a[1]["b/c"]"#)),
            ("1,", Some("a[0]")),
            (", {", Some("a")),
            ("\"d\"", Some("d")),
            ("{\"a\"", Some("")),
        ];
        for (what, path) in cases {
            let offset = text.find(what).expect("it stands there");
            assert_eq!(parsed.documents[0].path_at(offset, |_| None).as_deref(), path, "{what}");
        }
        let hidden = parsed.documents[0].path_at(text.find("here").expect("it"), |_| Some("?"));
        assert_eq!(hidden.as_deref(), Some(r#"["?"][1]["?"]"#));
        assert_eq!(parsed.documents[0].path_at(text.len(), |_| None), None);
    }
}
