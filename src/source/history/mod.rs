//! What commits brought: every state of every file that a ref reaches, and what commits and tags say of themselves.
//!
//! Pure Rust, with the repository opened in isolation. Each blob is handed on once, under the first commit that
//! brought it. Knows no rule, and nothing of which findings are the same.

mod commits;
mod raw;
mod trees;

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::bstr::{BStr, ByteSlice};
use gix::{ObjectId, Repository, ThreadSafeRepository};
use globset::GlobSet;

use self::commits::{Commit, Plan};
use self::raw::Raw;
use self::trees::{Blob, Found, Walker};
use super::parts;
use super::repository::{self, HistoryError, LARGEST};
use crate::artifact::{self, Artifact, Origin, Part, Sink, SkipReason, Skipped, Step};

/// How many pieces of work a thread takes at a time, at least: neighbours share what their deltas build upon.
const BATCH: usize = 32;
/// How many states of one file are handed on together, at most: the first of them is searched whole.
const MOST_STATES: usize = 256;
/// How many bytes of states of one file are held at a time.
const HELD: usize = 16 << 20;
/// A stretch of the history shorter than this is not worth a thread.
const SHORTEST_STRETCH: usize = 64;
/// How many broken objects are told one by one.
const TOLD: usize = 20;

/// A history to look at.
#[derive(Debug)]
pub struct History {
    /// The work tree, or a repository without one (absolute).
    pub root: PathBuf,
    /// `A..B` or a commit; everything without.
    pub range: Option<String>,
    /// Globs of paths that are left out.
    pub exclude: GlobSet,
    /// How many threads read and search.
    pub threads: usize,
}

/// One piece of work.
enum Piece {
    Blob(Blob),
    /// The message of the commit of this index.
    Commit(u32),
    /// The message of the tag of this index.
    Tag(usize),
}

impl History {
    /// Hands on what commits brought: blobs, and the messages of commits and annotated tags.
    ///
    /// # Errors
    /// When there is no repository or the range names no commits; an object that cannot be read is told to the sink.
    pub fn run(&self, sink: &dyn Sink) -> Result<(), HistoryError> {
        let shared = repository::open(&self.root)?;
        let local = repository::local(&shared);
        let plan = match &self.range {
            Some(range) => commits::range(&local, range)?,
            None => commits::everything(&local)?,
        };
        let mut found = self.trees(&shared, &local, &plan);
        let pieces = pieces(std::mem::take(&mut found.blobs), &plan);
        let batches = batches(&pieces);
        let reader = Reader { plan: &plan, sink, broken: Mutex::default() };
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..self.threads.min(batches.len()) {
                scope.spawn(|| {
                    let repository = repository::local(&shared);
                    while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                        batch.chunk_by(Piece::same_file).for_each(|states| reader.hand_on(&repository, states));
                    }
                });
            }
        });
        tell(&plan, found, reader, sink);
        Ok(())
    }

    /// Walks the trees of all commits, in stretches of the history that threads take at the same time.
    fn trees(&self, shared: &ThreadSafeRepository, local: &Repository, plan: &Plan) -> Found {
        let mut walker = Walker::new(&self.exclude);
        for tree in &plan.known {
            walker.know(local, *tree);
        }
        let commits: Vec<(u32, &Commit)> = (0..).zip(&plan.commits).collect();
        let threads = NonZero::new(self.threads.min(commits.len() / SHORTEST_STRETCH)).map_or(1, NonZero::get);
        if threads == 1 {
            return walker.commits(local, commits.into_iter());
        }
        let stretches: Vec<Found> = std::thread::scope(|scope| {
            let started: Vec<_> = commits
                .chunks(commits.len().div_ceil(threads))
                .map(|stretch| {
                    let walker = walker.clone();
                    scope.spawn(move || walker.commits(&repository::local(shared), stretch.iter().copied()))
                })
                .collect();
            let joined = started.into_iter().map(|thread| thread.join());
            joined.map(|found| found.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        Found::merged(stretches)
    }
}

/// The work, states of one file next to each other and the newest first, as packs are built.
fn pieces(mut blobs: Vec<Blob>, plan: &Plan) -> Vec<Piece> {
    blobs.sort_unstable_by(|a, b| (&a.path, b.commit, &a.id).cmp(&(&b.path, a.commit, &b.id)));
    let messages = (0..)
        .zip(&plan.commits)
        .filter(|(_, commit)| matches!(commit.root, commits::Root::Tree(tree) if tree != commit.id));
    let messages = messages.map(|(index, _)| Piece::Commit(index));
    blobs.into_iter().map(Piece::Blob).chain(messages).chain((0..plan.tags.len()).map(Piece::Tag)).collect()
}

/// The work in what threads take at a time. All states of a file stand in one batch, up to a number.
fn batches(pieces: &[Piece]) -> Vec<&[Piece]> {
    let mut batches = Vec::new();
    let mut rest = pieces;
    while !rest.is_empty() {
        let mut length = 0;
        for states in rest.chunk_by(Piece::same_file) {
            length += states.len();
            if length >= BATCH {
                break;
            }
        }
        let (batch, others) = rest.split_at(length.min(MOST_STATES));
        batches.push(batch);
        rest = others;
    }
    batches
}

impl Piece {
    fn same_file(&self, other: &Piece) -> bool {
        matches!((self, other), (Piece::Blob(one), Piece::Blob(other)) if one.path == other.path)
    }
}

/// Reads pieces and hands them on.
struct Reader<'r> {
    plan: &'r Plan,
    sink: &'r dyn Sink,
    broken: Mutex<Vec<Origin>>,
}

impl Reader<'_> {
    /// Hands on states of one file, the newest first, or a message.
    fn hand_on(&self, repository: &Repository, pieces: &[Piece]) {
        let mut states = Vec::new();
        let mut held = 0;
        for piece in pieces {
            let (id, origin) = self.named(piece);
            // The reader of packs has never met the packs of an attacker.
            let read = catch_unwind(AssertUnwindSafe(|| self.read(repository, id)));
            match read.unwrap_or(Read::Broken) {
                Read::Bytes(bytes) if bytes.len() > parts::WHOLE => {
                    // Reading from memory cannot fail.
                    let _ = parts::hand_on(&mut bytes.as_slice(), bytes.len() as u64, &origin, self.sink);
                }
                Read::Bytes(mut bytes) => {
                    if !matches!(piece, Piece::Blob(_)) {
                        bytes = Raw::read(&bytes).message.to_vec();
                    }
                    held += bytes.len();
                    states.push(Artifact { origin, bytes, part: Part::WHOLE });
                    if held > HELD {
                        self.push(std::mem::take(&mut states));
                        held = 0;
                    }
                }
                Read::TooLarge => self.sink.skipped(Skipped {
                    origin: Some(origin),
                    reason: SkipReason::TooLarge,
                    message: "it is larger than 64 MiB and was not searched".to_owned(),
                }),
                Read::Broken => self.broken.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(origin),
            }
        }
        self.push(states);
    }

    /// Packs are read from the newest state on, and states are told from the oldest on.
    fn push(&self, mut states: Vec<Artifact>) {
        states.reverse();
        self.sink.states(states);
    }

    fn named(&self, piece: &Piece) -> (ObjectId, Origin) {
        match piece {
            Piece::Blob(blob) => (blob.id, file(self.plan, blob.path.as_bstr(), blob.commit)),
            Piece::Commit(index) => {
                (self.plan.commits[*index as usize].id, Origin::message("commit message").then(step(self.plan, *index)))
            }
            Piece::Tag(index) => {
                let tag = &self.plan.tags[*index];
                let order = u32::try_from(self.plan.commits.len() + index).unwrap_or(u32::MAX);
                let commit = artifact::Commit { order, id: tag.id.to_string(), seconds: tag.written };
                (tag.id, Origin::message(format!("message of tag {}", tag.name)).then(Step::Commit(commit)))
            }
        }
    }

    fn read(&self, repository: &Repository, id: ObjectId) -> Read {
        match repository.find_object(id) {
            Ok(object) if object.data.len() as u64 > LARGEST => Read::TooLarge,
            Ok(object) => Read::Bytes(object.detach().data),
            Err(_) if repository.find_header(id).is_ok_and(|header| header.size() > LARGEST) => Read::TooLarge,
            Err(_) => Read::Broken,
        }
    }
}

enum Read {
    Bytes(Vec<u8>),
    TooLarge,
    Broken,
}

fn step(plan: &Plan, index: u32) -> Step {
    let commit = &plan.commits[index as usize];
    Step::Commit(artifact::Commit { order: index, id: commit.id.to_string(), seconds: commit.written })
}

fn file(plan: &Plan, path: &BStr, index: u32) -> Origin {
    Origin::file(path.to_str_lossy()).then(step(plan, index))
}

/// Tells what was not handed on.
fn tell(plan: &Plan, found: Found, reader: Reader<'_>, sink: &dyn Sink) {
    let tell = |origin, reason, message: String| sink.skipped(Skipped { origin, reason, message });
    if plan.cut > 0 {
        let commits = if plan.cut == 1 { "1 commit".to_owned() } else { format!("{} commits", plan.cut) };
        let message = format!(
            "this clone is shallow: its history is cut off at {commits}, and what came before was not looked at"
        );
        tell(None, SkipReason::Shallow, message);
    }
    for path in found.submodules {
        let origin = Origin::file(path.to_str_lossy());
        tell(Some(origin), SkipReason::Special, "a submodule is a repository of its own".to_owned());
    }
    if found.links {
        tell(None, SkipReason::Link, "symbolic links are not followed".to_owned());
    }
    if found.excluded {
        tell(None, SkipReason::Excluded, "paths that `exclude` names were not looked at".to_owned());
    }
    let mut wrong: Vec<(Option<Origin>, String)> = plan.broken.iter().map(|message| (None, message.clone())).collect();
    for (commit, path, what) in found.broken.into_values() {
        // The root folder has no name.
        let path = if path.is_empty() { BStr::new(b".") } else { path.as_bstr() };
        wrong.push((Some(file(plan, path, commit)), what.to_owned()));
    }
    for origin in reader.broken.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        wrong.push((Some(origin), "its blob is missing from the repository or broken".to_owned()));
    }
    wrong.sort();
    let more = wrong.len().saturating_sub(TOLD);
    for (origin, message) in wrong.drain(..wrong.len() - more) {
        tell(origin, SkipReason::Unreadable, message);
    }
    if more > 0 {
        tell(None, SkipReason::Unreadable, format!("{more} more objects of the repository are missing or broken"));
    }
}
