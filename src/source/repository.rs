//! Opening a git repository so that nothing in it can run, and so that no object in it can fill the memory.
//!
//! Hooks, filters, includes and settings of this machine are left alone, and replaced objects are read as they are.

use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::odb::pack::cache::lru::MemoryCappedHashmap;
use gix::{ObjectId, Repository, ThreadSafeRepository};

use super::root::repository_root;

/// Blobs larger than this are not searched.
pub(super) const LARGEST: u64 = 64 << 20;
/// How much putting one object together may take: a base, deltas and the result, each of the size of a blob.
const ALLOWED: u64 = 4 * LARGEST;
/// How much of what deltas build upon one thread keeps, in bytes.
const DELTA_BASES: usize = 48 << 20;

/// Why a history could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is no repository.
    #[error("there is no git repository here, so there is no history to look at")]
    NoRepository,
    /// The repository is there but something in it is broken.
    #[error("the git repository cannot be read: {0}")]
    Broken(String),
    /// A name that is no commit of the repository.
    #[error("there is no commit {0} in the repository; a clone that is cut off may not have fetched it")]
    NoCommit(String),
    /// Two commits without a common ancestor.
    #[error("{0} and the commit that is checked out have no ancestor in common; a clone that is cut off may lack it")]
    Unrelated(String),
}

pub(super) fn broken(error: impl std::fmt::Display) -> HistoryError {
    HistoryError::Broken(crate::text::visible(&error.to_string()).into_owned())
}

/// The folder of the repository at or above `place` (absolute): a work tree, or a repository without one.
pub fn history_root(place: &Path) -> Option<PathBuf> {
    let bare = |folder: &&Path| {
        folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir()
    };
    let bare = place.ancestors().find(bare);
    match (repository_root(place), bare) {
        // The nearer of the two, for one may stand in the other.
        (Some(tree), Some(bare)) if bare.starts_with(&tree) && !bare.starts_with(tree.join(".git")) => {
            Some(bare.to_path_buf())
        }
        (Some(tree), _) => Some(tree),
        (None, bare) => bare.map(Path::to_path_buf),
    }
}

/// Opens the repository whose work tree, or whose own folder, is `root`.
pub(super) fn open(root: &Path) -> Result<ThreadSafeRepository, HistoryError> {
    if !root.join(".git").exists() && !root.join("HEAD").exists() {
        return Err(HistoryError::NoRepository);
    }
    let limit = format!("gitoxide.objects.allocLimit={ALLOWED}");
    let options = gix::open::Options::isolated().config_overrides([limit]);
    gix::ThreadSafeRepository::open_opts(root, options).map_err(broken)
}

/// The repository for one thread.
pub(super) fn local(shared: &ThreadSafeRepository) -> Repository {
    let mut repository = shared.to_thread_local();
    repository.objects.ignore_replacements = true;
    repository.objects.set_pack_cache(|| Box::new(MemoryCappedHashmap::new(DELTA_BASES)));
    repository
}

/// The commit that `name` stands for.
pub(super) fn commit_named(repository: &Repository, name: &str) -> Result<ObjectId, HistoryError> {
    let unknown = || HistoryError::NoCommit(crate::text::visible(name).into_owned());
    let id = repository.rev_parse_single(name.as_bytes().as_bstr()).map_err(|_| unknown())?;
    let object = id.object().map_err(|_| unknown())?;
    Ok(object.peel_to_commit().map_err(|_| unknown())?.id)
}
