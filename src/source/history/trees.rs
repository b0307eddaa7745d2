//! Which commit first brought which blob, and where.
//!
//! Commits are taken oldest first, and no tree is read twice: what a known tree holds is known. So each tree of
//! the history costs one look-up for every entry of it, however many commits share it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use gix::bstr::{BString, ByteSlice};
use gix::objs::tree::EntryKind;
use gix::objs::{Kind, TreeRefIter};
use gix::{ObjectId, Repository};
use globset::GlobSet;

use super::commits::{Commit, Root};

/// Folders in folders, as many as git itself takes.
const DEEPEST: usize = 2048;

/// A blob with the place at which it first stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blob {
    pub(super) id: ObjectId,
    pub(super) path: BString,
    /// The index of the commit that brought it.
    pub(super) commit: u32,
}

/// What the trees of some commits hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) blobs: Vec<Blob>,
    /// Paths of submodules.
    pub(super) submodules: BTreeSet<BString>,
    /// Whether there is a symbolic link.
    pub(super) links: bool,
    /// Whether a path is excluded.
    pub(super) excluded: bool,
    /// Trees that could not be read or that lie too deep, with the first commit and path, and what is wrong.
    pub(super) broken: BTreeMap<ObjectId, (u32, BString, &'static str)>,
}

/// Walks trees, and remembers.
#[derive(Clone)]
pub(super) struct Walker<'w> {
    exclude: &'w GlobSet,
    trees: HashSet<(ObjectId, u64)>,
    /// Blobs with the ending of their name: another ending may mean another format.
    blobs: HashSet<(ObjectId, u64)>,
    found: Found,
}

impl<'w> Walker<'w> {
    pub(super) fn new(exclude: &'w GlobSet) -> Self {
        Walker { exclude, trees: HashSet::new(), blobs: HashSet::new(), found: Found::default() }
    }

    /// Remembers what a tree holds without asking for it.
    pub(super) fn know(&mut self, repository: &Repository, tree: ObjectId) {
        self.tree(repository, 0, tree);
        self.found = Found::default();
    }

    pub(super) fn commits<'c>(
        mut self,
        repository: &Repository,
        commits: impl Iterator<Item = (u32, &'c Commit)>,
    ) -> Found {
        for (index, commit) in commits {
            match &commit.root {
                Root::Tree(tree) => self.tree(repository, index, *tree),
                Root::Blob(id, name) => self.blob(index, *id, BString::from(name.as_str())),
            }
        }
        self.found
    }

    fn tree(&mut self, repository: &Repository, commit: u32, root: ObjectId) {
        let mut folders = vec![(root, BString::default(), 0)];
        while let Some((id, path, depth)) = folders.pop() {
            // What is excluded depends on the path, so with exclusions a tree is another one at another path.
            let place = if self.exclude.is_empty() { 0 } else { hash(&path) };
            if !self.trees.insert((id, place)) || id == ObjectId::empty_tree(id.kind()) {
                continue;
            }
            if depth > DEEPEST {
                self.broken(id, commit, path, "it lies deeper than 2048 folders");
                continue;
            }
            let Some(tree) = repository.find_object(id).ok().filter(|object| object.kind == Kind::Tree) else {
                self.broken(id, commit, path, "its tree is missing or broken");
                continue;
            };
            let first = folders.len();
            for entry in TreeRefIter::from_bytes(&tree.data, id.kind()) {
                let Ok(entry) = entry else {
                    self.broken(id, commit, path, "its tree is missing or broken");
                    break;
                };
                let child = || joined(&path, entry.filename);
                let child_id = entry.oid.to_owned();
                match entry.mode.kind() {
                    EntryKind::Tree => folders.push((child_id, child(), depth + 1)),
                    EntryKind::Link => self.found.links = true,
                    EntryKind::Commit => {
                        self.found.submodules.insert(child());
                    }
                    EntryKind::Blob | EntryKind::BlobExecutable => {
                        let seen = (child_id, ending(entry.filename));
                        if !self.blobs.contains(&seen) {
                            self.blob(commit, child_id, child());
                        }
                    }
                }
            }
            // Taken from the end, but to be walked in the order of the tree.
            folders[first..].reverse();
        }
    }

    fn blob(&mut self, commit: u32, id: ObjectId, path: BString) {
        if !self.exclude.is_empty() && self.exclude.is_match(path.to_str_lossy().as_ref()) {
            self.found.excluded = true;
        } else if self.blobs.insert((id, ending(&path))) {
            self.found.blobs.push(Blob { id, path, commit });
        }
    }

    fn broken(&mut self, id: ObjectId, commit: u32, path: BString, what: &'static str) {
        self.found.broken.entry(id).or_insert((commit, path, what));
    }
}

impl Found {
    /// Puts what was found in stretches of the history together, oldest stretch first.
    pub(super) fn merged(stretches: Vec<Found>) -> Found {
        let mut all = Found::default();
        let mut seen = HashSet::new();
        let many = stretches.len() > 1;
        for found in stretches {
            let new = found.blobs.into_iter().filter(|blob| !many || seen.insert((blob.id, ending(&blob.path))));
            all.blobs.extend(new);
            all.submodules.extend(found.submodules);
            all.links |= found.links;
            all.excluded |= found.excluded;
            for (id, broken) in found.broken {
                all.broken.entry(id).or_insert(broken);
            }
        }
        all
    }
}

fn joined(folder: &BString, name: &[u8]) -> BString {
    let mut path = Vec::with_capacity(folder.len() + 1 + name.len());
    if !folder.is_empty() {
        path.extend_from_slice(folder);
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path.into()
}

/// What stands behind the last dot of a name, as a number.
fn ending(path: &[u8]) -> u64 {
    let name = memchr::memrchr(b'/', path).map_or(path, |at| &path[at + 1..]);
    hash(&memchr::memrchr(b'.', name).map_or(b"".as_slice(), |at| &name[at..]).to_ascii_lowercase())
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
