//! Which commits are to be looked at, oldest first, and what tags say.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use gix::objs::Kind;
use gix::{ObjectId, Repository};

use super::super::repository::{HistoryError, broken, commit_named};
use super::raw::Raw;

/// How many tags may name tags.
const MOST_TAGS_OF_TAGS: usize = 32;

/// A commit in the order of the history; or a tag that names a tree or a blob, and no commit.
#[derive(Clone, Debug)]
pub(super) struct Commit {
    pub(super) id: ObjectId,
    pub(super) root: Root,
    pub(super) written: i64,
}

/// What a commit, or what stands for one, holds.
#[derive(Clone, Debug)]
pub(super) enum Root {
    Tree(ObjectId),
    /// A blob that a ref names, with the ref's name.
    Blob(ObjectId, String),
}

/// An annotated tag.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) id: ObjectId,
    pub(super) name: String,
    pub(super) written: i64,
}

/// What is to be looked at.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Parents before their children; else by the time at which they were applied.
    pub(super) commits: Vec<Commit>,
    /// Annotated tags, in the order of the names of their refs.
    pub(super) tags: Vec<Tag>,
    /// The trees of parents that are not to be looked at: what they hold was not brought by `commits`.
    pub(super) known: Vec<ObjectId>,
    /// Commits whose parents this clone does not have.
    pub(super) cut: usize,
    /// What could not be read, in words.
    pub(super) broken: Vec<String>,
}

/// The plan for everything that any ref reaches.
pub(super) fn everything(repository: &Repository) -> Result<Plan, HistoryError> {
    let mut plan = Plan::default();
    let mut tips = Vec::new();
    let mut roots = Vec::new();
    for (name, id) in refs(repository, &mut plan.broken)? {
        plan.follow(repository, &name, id, &mut tips, &mut roots);
    }
    plan.walk(repository, &tips, &HashSet::new())?;
    plan.commits.extend(roots);
    Ok(plan)
}

/// The plan for what `range` names: `A..B` or a commit.
pub(super) fn range(repository: &Repository, range: &str) -> Result<Plan, HistoryError> {
    let or_head = |name: &str| commit_named(repository, if name.is_empty() { "HEAD" } else { name });
    let (hidden, tip) = match range.split_once("..") {
        Some((from, to)) => (Some(or_head(from)?), or_head(to)?),
        None => (None, or_head(range)?),
    };
    let mut plan = Plan::default();
    let mut before = Graph::default();
    before.read(repository, hidden.as_slice(), &HashSet::new(), &shallow(repository)?);
    plan.walk(repository, &[tip], &before.at.into_keys().collect())?;
    Ok(plan)
}

/// The names of all refs and what they name, with the heads of all work trees and earlier stashes.
fn refs(repository: &Repository, wrong: &mut Vec<String>) -> Result<Vec<(String, ObjectId)>, HistoryError> {
    let mut found = Vec::new();
    let platform = repository.references().map_err(broken)?;
    for reference in platform.all().map_err(broken)? {
        match reference {
            Ok(reference) => {
                let name = reference.name().as_bstr().to_string();
                if let Some(id) = reference.try_id() {
                    found.push((name.clone(), id.detach()));
                }
                if name == "refs/stash" {
                    let mut log = reference.log_iter();
                    let lines = log.all().ok().flatten().into_iter().flatten().flatten();
                    found.extend(lines.map(|line| (name.clone(), line.new_oid())));
                }
            }
            Err(_) => wrong.push("a ref cannot be read".to_owned()),
        }
    }
    let others = repository.worktrees().unwrap_or_default().into_iter();
    let others = others.filter_map(|tree| tree.into_repo_with_possibly_inaccessible_worktree().ok());
    for head in std::iter::once(repository.clone()).chain(others).filter_map(|tree| Some(tree.head_id().ok()?.detach()))
    {
        found.push(("HEAD".to_owned(), head));
    }
    Ok(found)
}

/// The commits at which a clone is cut off.
fn shallow(repository: &Repository) -> Result<HashSet<ObjectId>, HistoryError> {
    let commits = repository.shallow_commits().map_err(broken)?;
    Ok(commits.map(|commits| commits.iter().copied().collect()).unwrap_or_default())
}

impl Plan {
    /// Takes what a ref names, through tags, for a commit, a tree or a blob.
    fn follow(
        &mut self,
        repository: &Repository,
        name: &str,
        mut id: ObjectId,
        tips: &mut Vec<ObjectId>,
        roots: &mut Vec<Commit>,
    ) {
        let mut written = 0;
        for _ in 0..MOST_TAGS_OF_TAGS {
            let Ok(kind) = repository.find_header(id).map(|header| header.kind()) else {
                self.broken.push(format!("{name} names {id}, which is missing or broken"));
                return;
            };
            match kind {
                Kind::Commit => return tips.push(id),
                Kind::Tree => return roots.push(Commit { id, root: Root::Tree(id), written }),
                Kind::Blob => return roots.push(Commit { id, root: Root::Blob(id, name.to_owned()), written }),
                Kind::Tag => {}
            }
            let object = repository.find_object(id).ok();
            let raw = object.as_ref().map(|object| Raw::read(&object.data));
            let Some((raw, target)) = raw.and_then(|raw| raw.object.map(|target| (raw, target))) else {
                self.broken.push(format!("the tag {id} is broken"));
                return;
            };
            written = raw.written;
            let tag = Tag { id, name: String::from_utf8_lossy(raw.tag).into_owned(), written };
            if !self.tags.iter().any(|known| known.id == id) {
                self.tags.push(tag);
            }
            id = target;
        }
        self.broken.push(format!("{name} names tags of tags without end"));
    }

    /// Puts what `tips` reach and `hidden` does not hold in order.
    fn walk(
        &mut self,
        repository: &Repository,
        tips: &[ObjectId],
        hidden: &HashSet<ObjectId>,
    ) -> Result<(), HistoryError> {
        let shallow = shallow(repository)?;
        let mut graph = Graph::default();
        graph.read(repository, tips, hidden, &shallow);
        for id in &graph.edge {
            match repository.find_object(*id).ok().and_then(|object| Raw::read(&object.data).tree) {
                Some(tree) => self.known.push(tree),
                None => self.broken.push(format!("the commit {id} is missing or broken")),
            }
        }
        self.cut = graph.at.keys().filter(|id| shallow.contains(*id)).count();
        self.broken.extend(graph.broken.iter().map(|id| format!("the commit {id} is missing or broken")));
        self.commits = graph.in_order();
        Ok(())
    }
}

/// Commits and their parents.
#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
    at: HashMap<ObjectId, u32>,
    /// Parents that are hidden, sorted.
    edge: Vec<ObjectId>,
    /// Commits that could not be read, sorted.
    broken: Vec<ObjectId>,
}

struct Node {
    id: ObjectId,
    /// None where the commit could not be read.
    tree: Option<ObjectId>,
    written: i64,
    applied: i64,
    parents: Vec<u32>,
}

impl Graph {
    fn read(
        &mut self,
        repository: &Repository,
        tips: &[ObjectId],
        hidden: &HashSet<ObjectId>,
        shallow: &HashSet<ObjectId>,
    ) {
        let mut edge = HashSet::new();
        let mut next = 0;
        for tip in tips.iter().filter(|tip| !hidden.contains(*tip)) {
            self.node(*tip);
        }
        while next < self.nodes.len() {
            let id = self.nodes[next].id;
            let object = repository.find_object(id).ok().filter(|object| object.kind == Kind::Commit);
            let raw = object.as_ref().map(|object| Raw::read(&object.data));
            match raw {
                Some(raw) if raw.tree.is_some() => {
                    let parents = if shallow.contains(&id) { Vec::new() } else { raw.parents };
                    edge.extend(parents.iter().filter(|id| hidden.contains(*id)).copied());
                    let parents = parents.into_iter().filter(|id| !hidden.contains(id));
                    let parents = parents.map(|id| self.node(id)).collect();
                    let node = &mut self.nodes[next];
                    (node.tree, node.written, node.applied, node.parents) =
                        (raw.tree, raw.written, raw.applied, parents);
                }
                _ => self.broken.push(id),
            }
            next += 1;
        }
        self.edge = edge.into_iter().collect();
        self.edge.sort();
        self.broken.sort();
    }

    fn node(&mut self, id: ObjectId) -> u32 {
        // More than 2^32 commits would not fit into memory.
        let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        *self.at.entry(id).or_insert_with(|| {
            self.nodes.push(Node { id, tree: None, written: 0, applied: 0, parents: Vec::new() });
            next
        })
    }

    /// Parents first; of those that may come next, the one that was applied first, then the one of the lower id.
    fn in_order(self) -> Vec<Commit> {
        let mut waits: Vec<u32> = Vec::with_capacity(self.nodes.len());
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); self.nodes.len()];
        for (index, node) in (0..).zip(&self.nodes) {
            waits.push(node.parents.len() as u32);
            for parent in &node.parents {
                children[*parent as usize].push(index);
            }
        }
        let key = |index: u32| {
            let node = &self.nodes[index as usize];
            Reverse((node.applied, node.id, index))
        };
        let mut ready: BinaryHeap<_> =
            (0..).zip(&waits).filter(|(_, waits)| **waits == 0).map(|(at, _)| key(at)).collect();
        let mut order = Vec::with_capacity(self.nodes.len());
        while let Some(Reverse((_, _, index))) = ready.pop() {
            let node = &self.nodes[index as usize];
            order.extend(node.tree.map(|tree| Commit { id: node.id, root: Root::Tree(tree), written: node.written }));
            for child in &children[index as usize] {
                waits[*child as usize] -= 1;
                if waits[*child as usize] == 0 {
                    ready.push(key(*child));
                }
            }
        }
        order
    }
}
