//! Files and folders, and standard input.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use globset::GlobSet;
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{parts, relative_to};
use crate::artifact::{Origin, Sink, SkipReason, Skipped};
use crate::text::failure;

/// How to walk.
#[derive(Debug)]
pub struct Walk {
    /// The folder that paths are shown relative to, absolute.
    pub root: PathBuf,
    /// Globs of paths below the root that are left out.
    pub exclude: GlobSet,
    /// Whether `.gitignore` files are respected.
    pub respect_ignores: bool,
    /// How many threads read and search.
    pub threads: usize,
}

impl Walk {
    /// Hands on every file at or below `path` (absolute). Links are not followed, so a loop cannot be walked.
    pub fn run(&self, path: &Path, sink: &dyn Sink) {
        if !path.is_dir() {
            self.file(path, sink);
            return;
        }
        let (ignores, excluded) = (AtomicBool::new(false), AtomicBool::new(false));
        self.walker(path).run(|| {
            Box::new(|entry| {
                match entry {
                    Ok(entry) => self.entry(&entry, sink, &ignores, &excluded),
                    Err(error) => self.walk_error(path, &error, sink),
                }
                WalkState::Continue
            })
        });
        if ignores.into_inner() && self.respect_ignores {
            let message = "paths that .gitignore files name were not looked at (--no-ignore looks at them)";
            sink.skipped(Skipped { origin: None, reason: SkipReason::Ignored, message: message.to_owned() });
        }
        if excluded.into_inner() {
            let message = "paths that `exclude` names were not looked at";
            sink.skipped(Skipped { origin: None, reason: SkipReason::Excluded, message: message.to_owned() });
        }
    }

    fn walker(&self, path: &Path) -> ignore::WalkParallel {
        let mut builder = WalkBuilder::new(path);
        builder
            .hidden(false)
            // Only what the repository itself says: settings of this machine would make reports differ.
            .ignore(false)
            .git_global(false)
            .git_exclude(false)
            .git_ignore(self.respect_ignores)
            .parents(self.respect_ignores)
            .follow_links(false)
            .threads(self.threads)
            .filter_entry(|entry| entry.file_name() != OsStr::new(".git"));
        builder.build_parallel()
    }

    fn entry(&self, entry: &DirEntry, sink: &dyn Sink, ignores: &AtomicBool, excluded: &AtomicBool) {
        let Some(kind) = entry.file_type() else { return };
        if kind.is_dir() {
            return;
        }
        if self.exclude.is_match(relative_to(&self.root, entry.path())) {
            excluded.store(true, Ordering::Relaxed);
            return;
        }
        if entry.file_name() == OsStr::new(".gitignore") {
            ignores.store(true, Ordering::Relaxed);
        }
        if kind.is_symlink() {
            self.skip(entry.path(), SkipReason::Link, "symbolic links are not followed", sink);
        } else if kind.is_file() {
            self.file(entry.path(), sink);
        } else {
            self.skip(entry.path(), SkipReason::Special, "sockets, devices and pipes are not read", sink);
        }
    }

    /// Hands on one file, whatever ignore files say of it.
    fn file(&self, path: &Path, sink: &dyn Sink) {
        if let Err(error) = self.read(path, sink) {
            let (reason, what) = match error.kind() {
                ErrorKind::NotFound => (SkipReason::Changed, "it vanished before it could be read".to_owned()),
                _ => (SkipReason::Unreadable, failure(&error)),
            };
            self.skip(path, reason, &what, sink);
        }
    }

    fn read(&self, path: &Path, sink: &dyn Sink) -> io::Result<()> {
        let kind = fs::metadata(path)?;
        if !kind.is_file() {
            self.skip(path, SkipReason::Special, "sockets, devices and pipes are not read", sink);
            return Ok(());
        }
        let mut file = File::open(path)?;
        let origin = Origin::file(relative_to(&self.root, path));
        let read = parts::hand_on(&mut file, kind.len(), &origin, sink)?;
        // A file of no size that has content is one of the kernel's.
        if kind.len() > 0 && read < kind.len() && read > 0 && file.metadata()?.len() != kind.len() {
            self.skip(path, SkipReason::Changed, "it changed while it was read", sink);
        } else if read > kind.len() && kind.len() > 0 {
            self.skip(path, SkipReason::Changed, "it grew while it was read", sink);
        }
        Ok(())
    }

    fn skip(&self, path: &Path, reason: SkipReason, message: &str, sink: &dyn Sink) {
        let origin = Some(Origin::file(relative_to(&self.root, path)));
        sink.skipped(Skipped { origin, reason, message: message.to_owned() });
    }

    fn walk_error(&self, walked: &Path, error: &ignore::Error, sink: &dyn Sink) {
        let path = path_of(error).unwrap_or(walked);
        let (reason, message) = match error.io_error() {
            Some(io) if io.kind() == ErrorKind::NotFound => {
                (SkipReason::Changed, "it vanished before it could be read".to_owned())
            }
            Some(io) => (SkipReason::Unreadable, failure(io)),
            None => (SkipReason::Unreadable, "an ignore file or folder could not be understood".to_owned()),
        };
        self.skip(path, reason, &message, sink);
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Partial(errors) => errors.iter().find_map(path_of),
        _ => None,
    }
}

/// Hands on standard input.
pub fn stdin(sink: &dyn Sink) {
    let origin = Origin::stdin();
    if let Err(error) = parts::hand_on(&mut io::stdin().lock(), 64 << 10, &origin, sink) {
        sink.skipped(Skipped { origin: Some(origin), reason: SkipReason::Unreadable, message: failure(&error) });
    }
}
