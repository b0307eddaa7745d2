//! Going through a tree, each value after its parent, in the order in which they stand.
//!
//! A tree with YAML aliases is a graph in which one node has many paths, up to exponentially many: a walk over
//! paths therefore has a budget, and a walk over nodes sees each node once.

use thiserror::Error;

use super::{Document, Entry, NodeId, Step, Value};
use crate::text::Span;

/// One value on a walk.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'d, 'p> {
    /// The value's node.
    pub id: NodeId,
    /// The way to it from where the walk began.
    pub path: &'p [Step<'d>],
    /// The map entry that holds it, if a map does.
    pub entry: Option<&'d Entry>,
    /// Where it was used, if it or something above it is defined somewhere else; of several such places on the
    /// way, the first, which lies outside of any definition.
    pub used_at: Option<Span>,
}

/// Where a walk goes from a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Into it.
    Enter,
    /// Past it.
    Skip,
    /// No further.
    Stop,
}

/// A walk saw as many values as it was allowed to, and there are more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("stopped after {limit} values: the document has more, or its aliases repeat them too often")]
pub struct BudgetSpent {
    /// How many values it was allowed to see.
    pub limit: usize,
}

/// A child, and where it was used if it is defined somewhere else.
type Child<'d> = (NodeId, Option<&'d Entry>, Option<Span>);

/// A list or map whose children the walk is going through.
struct Level {
    id: NodeId,
    next: usize,
    used_at: Option<Span>,
}

impl Document {
    /// Visits `from` and all below it, once for each path; at most `budget` values.
    ///
    /// # Errors
    /// When there are more values than `budget`; those before were visited.
    pub fn walk<'d>(
        &'d self,
        from: NodeId,
        budget: usize,
        visit: impl FnMut(Visit<'d, '_>) -> Next,
    ) -> Result<(), BudgetSpent> {
        let mut left = budget;
        let admit = |_| match left.checked_sub(1) {
            Some(rest) => {
                left = rest;
                Ok(true)
            }
            None => Err(BudgetSpent { limit: budget }),
        };
        self.go(from, admit, visit)
    }

    /// Visits `from` and all below it, each node once, by the first path that leads to it.
    pub fn walk_once<'d>(&'d self, from: NodeId, visit: impl FnMut(Visit<'d, '_>) -> Next) {
        let mut seen = vec![false; self.len()];
        let admit = |id: NodeId| Ok(!std::mem::replace(&mut seen[id.0 as usize], true));
        // Each node is admitted once, so that no budget is needed, and the walk cannot fail.
        let _: Result<(), BudgetSpent> = self.go(from, admit, visit);
    }

    fn go<'d>(
        &'d self,
        from: NodeId,
        mut admit: impl FnMut(NodeId) -> Result<bool, BudgetSpent>,
        mut visit: impl FnMut(Visit<'d, '_>) -> Next,
    ) -> Result<(), BudgetSpent> {
        let mut path: Vec<Step<'d>> = Vec::new();
        let mut levels: Vec<Level> = Vec::new();
        let mut at: Child<'d> = (from, None, None);
        loop {
            let (id, entry, used_at) = at;
            if admit(id)? {
                match visit(Visit { id, path: &path, entry, used_at }) {
                    Next::Stop => return Ok(()),
                    Next::Enter if matches!(self.value(id), Value::List(_) | Value::Map(_)) => {
                        levels.push(Level { id, next: 0, used_at });
                        path.push(Step::Index(0));
                    }
                    Next::Enter | Next::Skip => {}
                }
            }
            at = loop {
                let Some(level) = levels.last_mut() else { return Ok(()) };
                if let Some((step, child)) = self.child(level) {
                    if let Some(last) = path.last_mut() {
                        *last = step;
                    }
                    break child;
                }
                levels.pop();
                path.pop();
            };
        }
    }

    /// The next child of a level, if one is left.
    fn child<'d>(&'d self, level: &mut Level) -> Option<(Step<'d>, Child<'d>)> {
        let index = level.next;
        level.next += 1;
        match self.value(level.id) {
            Value::List(items) => {
                let used_at = level.used_at.or_else(|| self.item_used_at(level.id, index));
                Some((Step::Index(index), (*items.get(index)?, None, used_at)))
            }
            Value::Map(entries) => {
                let entry = entries.get(index)?;
                Some((Step::Key(&entry.key), (entry.value, Some(entry), level.used_at.or(entry.used_at))))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, Path, parse};
    use super::*;

    fn document(yaml: &str) -> Document {
        parse(Format::Yaml, yaml.as_bytes()).documents.remove(0)
    }

    #[test]
    fn a_walk_sees_each_value_after_its_parent_in_order() {
        let document = document("a: [1, {b: x}]\n\"c.d\": y\n");
        let mut seen = Vec::new();
        document
            .walk(document.root(), 100, |at| {
                seen.push(Path(at.path).to_string());
                Next::Enter
            })
            .unwrap();
        assert_eq!(seen, ["", "a", "a[0]", "a[1]", "a[1].b", "[\"c.d\"]"]);
    }

    #[test]
    fn a_walk_goes_past_and_stops_where_it_is_told() {
        let document = document("a: {x: 1}\nb: {y: 2}\nc: 3\n");
        let mut seen = Vec::new();
        document
            .walk(document.root(), 100, |at| {
                let path = Path(at.path).to_string();
                let next = match path.as_str() {
                    "a" => Next::Skip,
                    "b.y" => Next::Stop,
                    _ => Next::Enter,
                };
                seen.push(path);
                next
            })
            .unwrap();
        assert_eq!(seen, ["", "a", "b", "b.y"]);
    }

    #[test]
    fn what_lies_in_an_alias_knows_where_it_was_used() {
        let text = "base: &b {k: v}\nuse: *b\nlist: [*b]\n";
        let document = document(text);
        let mut seen = Vec::new();
        document
            .walk(document.root(), 100, |at| {
                if let Some(used_at) = at.used_at {
                    seen.push((Path(at.path).to_string(), used_at.start));
                }
                Next::Enter
            })
            .unwrap();
        let (first, second) = (text.find("*b").unwrap(), text.rfind("*b").unwrap());
        let expected = [("use", first), ("use.k", first), ("list[0]", second), ("list[0].k", second)];
        assert_eq!(seen, expected.map(|(path, at)| (path.to_owned(), at)));
        let mut strings = Vec::new();
        document.walk_once(document.root(), |at| {
            if let Value::Str(text) = document.value(at.id) {
                strings.push((Path(at.path).to_string(), text.as_ref()));
            }
            Next::Enter
        });
        assert_eq!(strings, [("base.k".to_owned(), "v")], "one node, one visit");
    }

    #[test]
    fn an_alias_bomb_spends_the_budget_and_no_more() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..60 {
            let uses = vec![format!("*a{}", level - 1); 9].join(", ");
            text += &format!("a{level}: &a{level} [{uses}]\n");
        }
        let document = document(&text);
        assert!(document.len() < 200, "{} nodes", document.len());
        let mut count = 0;
        let result = document.walk(document.root(), 10_000, |_| {
            count += 1;
            Next::Enter
        });
        assert_eq!((result, count), (Err(BudgetSpent { limit: 10_000 }), 10_000));
        assert!(result.unwrap_err().to_string().contains("10000"));
        let mut texts = 0;
        document.walk_once(document.root(), |at| {
            texts += usize::from(matches!(document.value(at.id), Value::Str(_)));
            Next::Enter
        });
        assert_eq!(texts, 9);
    }
}
