//! Merge keys: `<<: *base` takes over the entries of another map.
//!
//! Explicit names win wherever they stand; of several merged maps the earlier wins.

use std::collections::HashSet;

use super::super::{Builder, Entry, NodeId, Value};
use crate::text::Span;

/// How many entries may be looked at for merge keys in one document: chains of them cost the square of their
/// length.
pub(super) const MAX_MERGED: usize = 1_000_000;

/// The entries of a map with those of merged maps in place of the merge keys, which are `entries[merges]`.
/// Nothing when the budget is spent. A merge key whose value is no map stays what it is.
pub(super) fn merged(
    builder: &Builder,
    entries: Vec<Entry>,
    merges: &[usize],
    budget: &mut usize,
) -> Option<Vec<Entry>> {
    let is_merge = |index: usize| merges.binary_search(&index).is_ok();
    let explicit = entries.iter().enumerate().filter(|(index, _)| !is_merge(*index));
    let mut taken: HashSet<Box<str>> = explicit.map(|(_, entry)| entry.key.clone()).collect();
    let mut all = Vec::with_capacity(entries.len());
    for (index, entry) in entries.into_iter().enumerate() {
        let sources = if is_merge(index) { sources(builder, &entry) } else { Vec::new() };
        if sources.is_empty() {
            all.push(entry);
        }
        for (map, used_at) in sources {
            let Value::Map(theirs) = &builder.node(map).value else { continue };
            *budget = budget.checked_sub(theirs.len())?;
            let start = all.len();
            // From the back, because the last of several equal names counts.
            for their in theirs.iter().rev().filter(|their| !taken.contains(&their.key)).collect::<Vec<_>>() {
                if taken.insert(their.key.clone()) {
                    all.push(Entry { used_at: used_at.or(their.used_at), ..their.clone() });
                }
            }
            all[start..].reverse();
        }
    }
    Some(all)
}

/// The maps that a merge key names, and where it names them.
fn sources(builder: &Builder, entry: &Entry) -> Vec<(NodeId, Option<Span>)> {
    let is_map = |id: &NodeId| matches!(builder.node(*id).value, Value::Map(_));
    match &builder.node(entry.value).value {
        Value::Map(_) => vec![(entry.value, entry.used_at)],
        Value::List(items) if items.iter().all(is_map) => {
            let used_at = |index| entry.used_at.or_else(|| builder.item_uses.get(&(entry.value, index)).copied());
            items.iter().enumerate().map(|(index, id)| (*id, used_at(index))).collect()
        }
        _ => Vec::new(),
    }
}
