//! Which lines of the work tree are new since a commit.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use gix::bstr::{BString, ByteSlice};
use gix::objs::Kind;
use gix::objs::tree::EntryKind;
use gix::{ObjectId, Repository, ThreadSafeRepository};
use imara_diff::{Algorithm, Diff, InternedInput};

use super::repository::{self, HistoryError, broken, commit_named};
use crate::text::{Decoded, LineIndex, decode};

/// What stood in the repository where the work since a commit began.
#[derive(Debug)]
pub struct Since {
    root: PathBuf,
    shared: ThreadSafeRepository,
    files: HashMap<String, ObjectId>,
    /// The first path of each blob.
    blobs: HashMap<ObjectId, String>,
}

impl Since {
    /// Compares with the last commit that `name` and what is checked out at `root` (a work tree) have in common.
    ///
    /// # Errors
    /// When there is no repository, no such commit, or a tree of it cannot be read.
    pub fn open(root: &Path, name: &str) -> Result<Self, HistoryError> {
        let shared = repository::open(root)?;
        let local = repository::local(&shared);
        let commit = commit_named(&local, name)?;
        let base = match local.head_id() {
            Ok(head) => {
                let shared = local.merge_base(head, commit).ok().flatten();
                shared.ok_or_else(|| HistoryError::Unrelated(crate::text::visible(name).into_owned()))?.detach()
            }
            // Nothing is committed on this branch.
            Err(_) => commit,
        };
        let tree = local.find_commit(base).map_err(broken)?.tree_id().map_err(broken)?.detach();
        let mut since = Since { root: root.to_owned(), shared, files: HashMap::new(), blobs: HashMap::new() };
        since.read(&local, tree)?;
        Ok(since)
    }

    fn read(&mut self, repository: &Repository, root: ObjectId) -> Result<(), HistoryError> {
        let mut folders = vec![(BString::default(), root)];
        while let Some((folder, id)) = folders.pop() {
            let tree = repository.find_tree(id).map_err(broken)?;
            for entry in tree.iter() {
                let entry = entry.map_err(broken)?;
                let mut path = folder.clone();
                path.extend_from_slice(entry.filename());
                match entry.mode().kind() {
                    EntryKind::Tree => {
                        path.push(b'/');
                        folders.push((path, entry.object_id()));
                    }
                    EntryKind::Blob | EntryKind::BlobExecutable => {
                        let path = path.to_str_lossy().into_owned();
                        let first = self.blobs.entry(entry.object_id()).or_insert_with(|| path.clone());
                        if path < *first {
                            first.clone_from(&path);
                        }
                        self.files.insert(path, entry.object_id());
                    }
                    EntryKind::Link | EntryKind::Commit => {}
                }
            }
        }
        Ok(())
    }

    /// Whether a file holds what it held, or what another held that is gone.
    pub fn is_unchanged(&self, path: &str, bytes: &[u8]) -> bool {
        let Some(kind) = self.files.values().next().map(|id| id.kind()) else { return false };
        let Ok(id) = gix::objs::compute_hash(kind, Kind::Blob, bytes) else { return false };
        self.files.get(path) == Some(&id)
            || self.blobs.get(&id).is_some_and(|first| {
                !self.files.contains_key(path) && std::fs::symlink_metadata(self.root.join(first)).is_err()
            })
    }

    /// For each line of `text` whether it is new; nothing where all are.
    pub fn new_lines(&self, path: &str, text: &[u8]) -> Option<Vec<bool>> {
        let id = self.files.get(path)?;
        let mut local = self.shared.to_thread_local();
        local.objects.ignore_replacements = true;
        // What cannot be compared counts as new.
        let before = local.find_object(*id).ok()?.detach().data;
        let Decoded::Text { text: before, .. } = decode(before) else { return None };
        Some(added(&before, text))
    }
}

/// For each line of `after` whether it is one that `before` does not have there. How lines end does not count.
fn added(before: &[u8], after: &[u8]) -> Vec<bool> {
    let (old, new) = (LineIndex::new(before), LineIndex::new(after));
    let mut input: InternedInput<&[u8]> = InternedInput::default();
    input.update_before((1..=old.count()).map(|line| &before[old.span(before, line).range()]));
    input.update_after((1..=new.count()).map(|line| &after[new.span(after, line).range()]));
    let diff = Diff::compute(Algorithm::Histogram, &input);
    (0..).take(new.count()).map(|line| diff.is_added(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::added;

    #[test]
    fn lines_are_new_where_they_were_not() {
        // before, after, a sign for each line: + new, . old
        let cases = [
            ("a\nb\n", "a\nb\n", "..."),
            ("a\nb\n", "a\nx\nb\n", ".+.."),
            ("a\nb\n", "b\n", ".."),
            ("a\r\nb\r\n", "a\nb\nc\n", "..+."), // other line ends are no change
            ("", "a\nb", "++"),
            ("a\nb", "b\na", "+."), // moved
            ("key=1\n", "key=2\n", "+."),
        ];
        for (before, after, signs) in cases {
            let shown: String =
                added(before.as_bytes(), after.as_bytes()).iter().map(|new| if *new { '+' } else { '.' }).collect();
            if before == "a\nb" {
                assert_eq!(shown.matches('+').count(), 1, "one of two moved lines is new");
                continue;
            }
            assert_eq!(shown, signs, "{before:?} {after:?}");
        }
    }
}
