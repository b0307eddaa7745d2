//! Which nodes a rule judges, and which place in the text it shows for one.
//!
//! Knows trees, paths and views; not what a rule asks of a node. Work and memory are bounded by
//! [`MAX_SELECTED`], whatever aliases make of a tree.
//!
//! **Places.** A finding begins at the offending key. A key that is missing is shown by the nearest ancestor
//! that exists: by that ancestor's own key, or, where it has none (an item of a list, the top of a document),
//! by its beginning. A short scalar under a key that is there is shown with it: `privileged: true`. What
//! stands behind an alias is shown where it is *used*; where it is defined is told beside.

use super::derive::Subject;
use super::path::{Path, PathError, Step};
use super::trail::Trail;
use super::views::{Base, views};
use crate::document::{Document, Kind, NodeId, Value};
use crate::text::Span;

/// How many nodes one rule may judge in one subject.
pub const MAX_SELECTED: usize = 20_000;
/// The longest text that is shown beside its key, in bytes.
const SHORT_VALUE: usize = 80;

/// A node and the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// The node.
    pub node: NodeId,
    /// The way from the document's top.
    pub trail: Trail,
}

/// What `each` selects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The nodes to judge. A key whose value is `null` counts as absent and is not among them.
    pub nodes: Vec<Selected>,
    /// Values on the way that are not known: what lies behind them could not be judged.
    pub unknown: Vec<Selected>,
    /// Whether there were more than [`MAX_SELECTED`].
    pub cut: bool,
}

/// A rule's `each`, read once when the rule is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Each {
    base: Base,
    paths: Vec<Path>,
}

impl Each {
    /// The top node: what a rule without `each` judges.
    pub fn top() -> Each {
        Each { base: Base::Top, paths: vec![Path::default()] }
    }

    /// Reads `each` for documents of `kind`: a view's name, a view's name and a path from there
    /// (`pod.containers.env[]`), or a path from the top.
    pub fn parse(text: &str, kind: Kind) -> Result<Each, PathError> {
        let named = views()
            .iter()
            .filter(|view| {
                text.strip_prefix(view.name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
            .max_by_key(|view| view.name.len());
        let Some(named) = named else {
            return Ok(Each { base: Base::Top, paths: vec![Path::parse(text)?] });
        };
        if !named.kinds.contains(&kind) {
            let kinds: Vec<&str> = named.kinds.iter().map(|kind| kind.name()).collect();
            let message = format!("the view `{}` is for {}, not for {kind}", named.name, kinds.join(", "));
            return Err(PathError { at: 0, message });
        }
        let skip = named.name.len() + usize::from(text[named.name.len()..].starts_with('.'));
        let rest = match &text[skip..] {
            "" if skip > named.name.len() => {
                return Err(PathError { at: skip, message: "a key must stand here".into() });
            }
            rest => Path::parse(rest).map_err(|error| PathError { at: error.at + skip, ..error })?,
        };
        let mut paths = Vec::new();
        for path in named.paths {
            paths.push(Path::parse(path)?.join(&rest));
        }
        Ok(Each { base: named.base, paths })
    }

    /// Where its paths begin.
    pub fn base(&self) -> Base {
        self.base
    }

    /// Its paths from there.
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// Whether every node is selected under a name that the rule's author does not know: by `.*` or `.{a,b}`.
    /// Expressions then have that name as `key`.
    pub fn has_key(&self) -> bool {
        self.paths.iter().all(|path| matches!(path.steps().last(), Some(Step::Values | Step::AnyOf(_))))
    }
}

/// Selects the nodes of `subject` that a rule with this `each` judges, in the order of the document and of
/// the view.
pub fn select(document: &Document, subject: &Subject, each: &Each) -> Selection {
    let start = match each.base {
        Base::Top => Some(subject.top()),
        Base::Template => subject.template.clone(),
        Base::Pod => subject.pod.clone(),
    };
    let mut selection = Selection::default();
    if let Some(start) = start {
        for path in &each.paths {
            walk(document, &start, path, &mut selection);
        }
    }
    selection
}

/// Follows one path from one node; breadth first, so that nothing nests.
fn walk(document: &Document, start: &Selected, path: &Path, selection: &mut Selection) {
    let mut here = vec![start.clone()];
    for step in path.steps() {
        let mut next = Vec::new();
        for from in &here {
            if let Value::Unknown(_) = document.value(from.node) {
                if selection.unknown.len() < MAX_SELECTED {
                    selection.unknown.push(from.clone());
                }
                continue;
            }
            follow(document, from, step, MAX_SELECTED, &mut next);
            if next.len() > MAX_SELECTED {
                next.truncate(MAX_SELECTED);
                selection.cut = true;
                break;
            }
        }
        here = next;
    }
    let by_key = matches!(path.steps().last(), Some(Step::Key(_) | Step::AnyOf(_)));
    here.retain(|found| !(by_key && matches!(document.value(found.node), Value::Null)));
    let room = MAX_SELECTED.saturating_sub(selection.nodes.len());
    selection.cut |= here.len() > room;
    selection.nodes.extend(here.into_iter().take(room));
}

/// Takes one step; gives at most one more than `most`, so that the caller sees that there are too many.
fn follow(document: &Document, from: &Selected, step: &Step, most: usize, next: &mut Vec<Selected>) {
    match step {
        Step::Key(key) => next.extend(under(document, from, key)),
        Step::AnyOf(keys) => next.extend(keys.iter().filter_map(|key| under(document, from, key))),
        Step::Index(index) => {
            if let Some(item) = document.items(from.node).get(*index) {
                next.push(Selected { node: *item, trail: from.trail.item(*index) });
            }
        }
        Step::Items => {
            let items = document.items(from.node).iter().enumerate().take(most.saturating_add(1));
            next.extend(items.map(|(index, item)| Selected { node: *item, trail: from.trail.item(index) }));
        }
        Step::Values => {
            let entries = document.entries(from.node).iter().enumerate().take(most.saturating_add(1));
            next.extend(
                entries.map(|(index, entry)| Selected { node: entry.value, trail: from.trail.entry(from.node, index) }),
            );
        }
    }
}

/// Calls `visit` with every node at and below `root` and the way to it from there, parents first; at most
/// `most` times, whatever aliases make of a tree.
pub fn each_below(document: &Document, root: NodeId, most: usize, mut visit: impl FnMut(&Selected)) {
    let mut waiting = vec![Selected { node: root, trail: Trail::default() }];
    let mut visited = 0;
    while let Some(here) = waiting.pop() {
        if visited == most {
            return;
        }
        visited += 1;
        visit(&here);
        if here.trail.len() < crate::document::MAX_DEPTH {
            let first = waiting.len();
            follow(document, &here, &Step::Items, most, &mut waiting);
            follow(document, &here, &Step::Values, most, &mut waiting);
            waiting[first..].reverse();
        }
    }
}

/// The value under a key; the last one, if the key stands twice.
pub(super) fn under(document: &Document, from: &Selected, key: &str) -> Option<Selected> {
    let entries = document.entries(from.node);
    let index = entries.iter().rposition(|entry| &*entry.key == key)?;
    Some(Selected { node: entries[index].value, trail: from.trail.entry(from.node, index) })
}

/// Where a finding stands; see the module's words about places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The node that `at` leads to, or its nearest ancestor that exists.
    pub node: NodeId,
    /// The way to it, for printing.
    pub trail: Trail,
    /// What to show; absent when the document has no text.
    pub span: Option<Span>,
    /// Where it is defined, if what is shown is the use of an alias.
    pub defined: Option<Span>,
    /// Whether `at` leads to a node, rather than to an ancestor.
    pub present: bool,
}

/// Finds the place of a finding about `selected`, with `at` as the path from there.
pub fn place(document: &Document, selected: &Selected, at: &Path) -> Placed {
    let mut here = selected.clone();
    let mut present = true;
    for step in at.steps() {
        let mut next = Vec::new();
        follow(document, &here, step, 1, &mut next);
        match next.into_iter().next() {
            Some(found) => here = found,
            None => {
                present = false;
                break;
            }
        }
    }
    let own = own_span(document, &here, present);
    let (span, defined) = match here.trail.used_at(document) {
        Some(used) => (Some(used), own),
        None => (own, None),
    };
    Placed { node: here.node, trail: here.trail, span, defined, present }
}

fn own_span(document: &Document, here: &Selected, present: bool) -> Option<Span> {
    let node = document.node(here.node);
    if let Some(key) = here.trail.last_key(document) {
        let short = match &node.value {
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => true,
            Value::Str(text) => text.len() <= SHORT_VALUE,
            _ => false,
        };
        return Some(match node.span {
            Some(value) if present && short && value.start >= key.end && value.len() <= 2 * SHORT_VALUE => {
                Span::new(key.start, value.end.max(key.end))
            }
            _ => key,
        });
    }
    let span = node.span?;
    // A map without a key of its own is shown by its first key, not by all its lines.
    let first = document.entries(here.node).first().and_then(|entry| entry.key_span);
    Some(match first {
        Some(first) if first.start >= span.start && first.end <= span.end.max(first.end) => {
            Span::new(span.start, first.end)
        }
        _ => span,
    })
}
