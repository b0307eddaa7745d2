//! Files and folders, and standard input.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek};
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
            Box::new(|entry| match entry {
                Ok(entry) => self.entry(&entry, sink, &ignores, &excluded),
                Err(error) => {
                    self.walk_error(path, &error, sink);
                    WalkState::Continue
                }
            })
        });
        if ignores.into_inner() && self.respect_ignores {
            let message = "paths that .gitignore files name were not looked at (--no-ignore looks at them)";
            sink.skipped(Skipped { origin: None, reason: SkipReason::Ignored, message: message.to_owned() });
        }
        if excluded.into_inner() {
            sink.skipped(excluded_paths());
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

    fn entry(&self, entry: &DirEntry, sink: &dyn Sink, ignores: &AtomicBool, excluded: &AtomicBool) -> WalkState {
        let Some(kind) = entry.file_type() else { return WalkState::Continue };
        // A folder that is left out is not entered; the one that was asked for is.
        if (entry.depth() > 0 || !kind.is_dir()) && leaves_out(&self.exclude, &relative_to(&self.root, entry.path())) {
            excluded.store(true, Ordering::Relaxed);
            return WalkState::Skip;
        }
        if kind.is_dir() {
            return WalkState::Continue;
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
        WalkState::Continue
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
        if kind.len() > parts::WHOLE as u64 {
            if sink.large(&origin, &mut file) {
                return Ok(());
            }
            file.rewind()?;
        }
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

/// Whether the globs name a path below the root, or a folder that it is in.
pub(super) fn leaves_out(exclude: &GlobSet, path: &str) -> bool {
    !exclude.is_empty()
        && Path::new(path).ancestors().any(|part| !part.as_os_str().is_empty() && exclude.is_match(part))
}

/// That something was left out because the configuration says so.
pub(super) fn excluded_paths() -> Skipped {
    let message = "paths that `exclude` names were not looked at".to_owned();
    Skipped { origin: None, reason: SkipReason::Excluded, message }
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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Mutex;

    use super::*;
    use crate::artifact::{Artifact, Flow};

    /// Does something to the file while its first part is searched.
    struct Meddler<F>(F, Mutex<Vec<SkipReason>>);

    impl<F: Fn() + Sync> Sink for Meddler<F> {
        fn artifact(&self, artifact: Artifact) -> Flow {
            if artifact.part.lines_before == 0 {
                (self.0)();
            }
            Flow::Continue
        }
        fn skipped(&self, skipped: Skipped) {
            self.1.lock().expect("not poisoned").push(skipped.reason);
        }
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_told() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("large.txt");
        let line = "a line of text\n";
        let walk =
            Walk { root: folder.path().to_path_buf(), exclude: GlobSet::empty(), respect_ignores: true, threads: 1 };
        let told = |meddle: &(dyn Fn() + Sync)| {
            // More than is held at once.
            fs::write(&path, line.repeat((parts::WHOLE / line.len()) + 1000)).expect("written");
            let sink = Meddler(meddle, Mutex::default());
            walk.run(&path, &sink);
            sink.1.into_inner().expect("not poisoned")
        };
        let open = || File::options().append(true).open(&path).expect("can be opened");
        assert_eq!(told(&|| ()), []);
        assert_eq!(told(&|| open().set_len(100).expect("can be cut")), [SkipReason::Changed]);
        assert_eq!(told(&|| open().write_all(line.as_bytes()).expect("can grow")), [SkipReason::Changed]);
        // What was opened can be read to its end, even if its name goes.
        assert_eq!(told(&|| fs::remove_file(&path).expect("can be removed")), []);
        let sink = Meddler(|| (), Mutex::default());
        walk.run(&path, &sink);
        assert_eq!(sink.1.into_inner().expect("not poisoned"), [SkipReason::Changed], "it vanished before");
    }

    #[test]
    fn a_glob_that_names_a_folder_leaves_out_all_that_is_in_it() {
        let set = |glob: &str| {
            let mut builder = globset::GlobSetBuilder::new();
            builder.add(globset::Glob::new(glob).expect("a glob"));
            builder.build().expect("a set")
        };
        // glob, path, whether it is left out
        let cases = [
            ("**/vendor", "vendor/a.txt", true),
            ("**/vendor", "a/vendor/b/c.txt", true),
            ("**/vendor", "a/vendors/b.txt", false),
            ("a/b", "a/b/c", true),
            ("a/b", "x/a/b", false),
            ("**/*.js", "a/b.js", true),
        ];
        for (glob, path, out) in cases {
            assert_eq!(leaves_out(&set(glob), path), out, "{glob} {path}");
        }
    }
}
