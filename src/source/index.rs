//! Blobs that stand in the git index but not in the last commit, and what is checked out.
//!
//! Pure Rust, with the repository opened in isolation: nothing in it (hooks, filters, configured programs) can run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gix::bstr::{BStr, BString, ByteSlice};
use gix::index::entry::{Flags, Mode};
use gix::index::extension::Tree as CachedTree;
use gix::{ObjectId, Repository};
use globset::GlobSet;

use super::files::{excluded_paths, leaves_out};
use super::parts;
use crate::artifact::{Origin, Sink, SkipReason, Skipped, Step};

/// Why the index could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// There is no repository.
    #[error("this folder is not in a git repository, so nothing can be staged")]
    NoRepository,
    /// The repository is there but something in it is broken.
    #[error("the git repository cannot be read: {0}")]
    Broken(String),
}

fn broken(error: impl std::fmt::Display) -> IndexError {
    IndexError::Broken(error.to_string())
}

fn open(root: &Path) -> Result<Repository, IndexError> {
    if !root.join(".git").exists() {
        return Err(IndexError::NoRepository);
    }
    gix::open_opts(root, gix::open::Options::isolated()).map_err(broken)
}

/// Hands on every blob of the index of the work tree at `root` that the last commit does not hold at the same path.
///
/// # Errors
/// When there is no repository or its index or last commit cannot be read; a single blob that cannot be read is
/// told to the sink.
pub fn staged(root: &Path, exclude: &GlobSet, sink: &dyn Sink) -> Result<(), IndexError> {
    let repository = open(root)?;
    if !repository.index_path().exists() {
        return Ok(());
    }
    let index = repository.open_index().map_err(broken)?;
    let head = repository.head_tree_id_or_empty().map_err(broken)?.detach();
    let committed = Committed::read(&repository, head, index.tree())?;
    let mut excluded = false;
    for entry in index.entries() {
        let path = entry.path(&index);
        if entry.flags.contains(Flags::INTENT_TO_ADD) || committed.holds(path, entry.id) {
            continue;
        }
        if leaves_out(exclude, &path.to_str_lossy()) {
            excluded = true;
            continue;
        }
        let origin = Origin::file(path.to_str_lossy()).then(Step::Index);
        let skip = |reason, message: &str| {
            sink.skipped(Skipped { origin: Some(origin.clone()), reason, message: message.to_owned() });
        };
        if entry.mode == Mode::COMMIT {
            skip(SkipReason::Special, "a submodule is a repository of its own");
        } else if entry.mode == Mode::SYMLINK {
            skip(SkipReason::Link, "symbolic links are not followed");
        } else {
            match repository.find_object(entry.id) {
                Ok(blob) => {
                    // Reading from memory cannot fail.
                    let _ = parts::hand_on(&mut blob.data.as_slice(), blob.data.len() as u64, &origin, sink);
                }
                Err(_) => skip(SkipReason::Unreadable, "its blob is missing from the repository or broken"),
            }
        }
    }
    if excluded {
        sink.skipped(excluded_paths());
    }
    Ok(())
}

/// What the last commit holds, but for folders that the index says are the same.
struct Committed {
    blobs: BTreeMap<BString, ObjectId>,
    same: BTreeSet<BString>,
}

impl Committed {
    fn read(repository: &Repository, head: ObjectId, cached: Option<&CachedTree>) -> Result<Self, IndexError> {
        let mut committed = Committed { blobs: BTreeMap::new(), same: BTreeSet::new() };
        let mut folders = vec![(BString::default(), head, cached)];
        while let Some((folder, tree, cached)) = folders.pop() {
            if cached.is_some_and(|cached| cached.num_entries.is_some() && cached.id == tree) {
                committed.same.insert(folder);
                continue;
            }
            let tree = repository.find_tree(tree).map_err(broken)?;
            for entry in tree.iter() {
                let entry = entry.map_err(broken)?;
                let mut path = folder.clone();
                path.extend_from_slice(entry.filename());
                if entry.mode().is_tree() {
                    let child = cached.and_then(|cached| {
                        cached.children.iter().find(|child| child.name.as_slice() == entry.filename().as_bytes())
                    });
                    path.push(b'/');
                    folders.push((path, entry.object_id(), child));
                } else {
                    committed.blobs.insert(path, entry.object_id());
                }
            }
        }
        Ok(committed)
    }

    fn holds(&self, path: &BStr, id: ObjectId) -> bool {
        self.same.contains(BStr::new(b""))
            || path.find_iter(b"/").any(|slash| self.same.contains(&path[..=slash]))
            || self.blobs.get(path) == Some(&id)
    }
}

/// The commit that is checked out at `root`, its branch, and where `origin` lies.
pub fn revision(root: &Path) -> Option<(String, Option<String>, Option<String>)> {
    let repository = open(root).ok()?;
    let commit = repository.head_id().ok()?.to_string();
    let branch = repository.head_name().ok().flatten().map(|name| name.shorten().to_string());
    let url = repository.config_snapshot().string("remote.origin.url").map(|url| url.to_string());
    Some((commit, branch, url.and_then(|url| public_url(&url))))
}

/// The address of a remote without user, password, query or fragment; `None` for paths of this machine.
fn public_url(url: &str) -> Option<String> {
    let (host, path) = match url.split_once("://") {
        Some(("https" | "http" | "ssh" | "git", rest)) => rest.split_once('/')?,
        Some(_) => return None,
        // git@host:path
        None => url.split_once(':').filter(|(host, _)| host.contains('@') && !host.contains('/'))?,
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').trim_end_matches(".git");
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_~:/".contains(&byte))
    };
    (plain(host) && plain(path)).then(|| format!("https://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::public_url;

    #[test]
    fn a_remote_is_told_without_credentials() {
        let cases = [
            // bedrail: allow secret-http-url-password -- made up for a test
            ("https://user:hush@example.org/a/b.git", Some("https://example.org/a/b")),
            ("git@example.org:a/b.git", Some("https://example.org/a/b")),
            ("ssh://git@example.org/a/b", Some("https://example.org/a/b")),
            ("/srv/git/a.git", None),
            ("file:///srv/git/a.git", None),
            ("https://example.org/a?token=hush", Some("https://example.org/a")),
        ];
        for (url, public) in cases {
            assert_eq!(public_url(url).as_deref(), public, "{url}");
        }
    }
}
