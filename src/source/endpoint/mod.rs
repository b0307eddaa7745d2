//! Endpoints, asked over the network: does it speak TLS, which versions, suites and groups, with which certificate;
//! and what does it answer without.
//!
//! Knows the protocols as far as they are spoken before anybody logs in. What is good or bad is not known here: the
//! facts go into the sink as a fact file, and rules judge them. An endpoint that does not answer is skipped, never fine.

mod alpn;
mod answer;
mod ask;
mod beside;
mod certificate;
mod client;
mod conversation;
mod describe;
mod enumerate;
mod further;
mod handshake;
mod hello;
mod intrusive;
mod journal;
mod learned;
mod line;
mod plain;
mod policy;
mod queue;
mod roots;
mod suite;
mod upgrade;
mod words;

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::artifact::{Artifact, Origin, Part, Sink, SkipReason, Skipped};
use crate::target::{EndpointTarget, Endpoints};
use ask::Shared;
pub use client::{ClientPemError, check_client_pem};
use journal::{Journal, Outcome};
use line::Rate;
use queue::{Host, Queue};
use roots::AllRoots;

/// Why nothing could be asked.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// A file with roots that cannot be used.
    #[error("{0}")]
    Roots(String),
    /// A journal that cannot be used.
    #[error("{0}")]
    Journal(String),
}

impl Endpoints {
    /// Asks all of them and pushes what was learned into a sink, each as a fact file; `all` and `done` say
    /// how far it is, and `stop` keeps it from beginning more.
    ///
    /// # Errors
    /// When roots or the journal cannot be read. An endpoint that does not answer is skipped.
    pub fn run(
        &self,
        sink: &dyn Sink,
        all: &AtomicUsize,
        done: &AtomicUsize,
        stop: &AtomicBool,
    ) -> Result<(), EndpointError> {
        let roots = AllRoots::of(self).map_err(EndpointError::Roots)?;
        let rate = Rate::new(self.max_rate);
        let journal = self.journal.as_deref().map(Journal::open).transpose().map_err(EndpointError::Journal)?;
        // All endpoints of one host are asked by one thread, one after the other.
        let mut by_host: BTreeMap<&str, Vec<&EndpointTarget>> = BTreeMap::new();
        let mut known = HashSet::new();
        for target in &self.targets {
            if known.insert(target) {
                by_host.entry(&target.host).or_default().push(target);
            }
        }
        let (hosts, targets) = (by_host.len(), known.len());
        drop(known);
        all.store(targets, Ordering::Relaxed);
        let queue = Queue::new(by_host.into_values());
        let (shared, failed) = (Shared { roots: &roots, rate: &rate, stop }, Mutex::new(None));
        let work = || {
            while let Some(host) = queue.take(stop) {
                for target in &host.targets {
                    match self.outcome(target, &host, &shared, journal.as_ref()) {
                        Ok(Some(outcome)) => self.push(target, outcome, sink),
                        Ok(None) => break,
                        Err(error) => {
                            // What is not written down would be asked in vain.
                            stop.store(true, Ordering::Relaxed);
                            *lock(&failed) = Some(error);
                            break;
                        }
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
                queue.done(&host);
            }
        };
        std::thread::scope(|scope| {
            let _ = std::thread::Builder::new().spawn_scoped(scope, || roots.for_file(None));
            for _ in 1..self.hosts.clamp(1, hosts.max(1)) {
                // Where this machine gives no more threads, there are enough.
                if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(EndpointError::Journal(error));
        }
        let left = targets - done.load(Ordering::Relaxed);
        if left > 0 {
            let message = format!("{left} of {targets} endpoints were not asked: the scan was interrupted");
            sink.skipped(Skipped { origin: None, reason: SkipReason::Unreadable, message });
        }
        Ok(())
    }

    /// What became of an endpoint, before or now; `None` when asking was interrupted.
    fn outcome(
        &self,
        target: &EndpointTarget,
        host: &Host<'_>,
        shared: &Shared<'_>,
        journal: Option<&Journal>,
    ) -> Result<Option<Outcome>, String> {
        let key = journal::key(target, &self.ca);
        if let Some(before) = journal.and_then(|journal| journal.before(&key).transpose()) {
            return before.map(Some);
        }
        let outcome = ask::ask(self, target, host, shared);
        // What was interrupted is not half of the truth, but none.
        if shared.stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        if let Some(journal) = journal {
            journal.keep(&key, &outcome)?;
        }
        Ok(Some(outcome))
    }

    fn push(&self, target: &EndpointTarget, outcome: Outcome, sink: &dyn Sink) {
        let origin = Origin::resource(target.name());
        match outcome {
            Outcome::Facts(facts, trouble) => {
                let bytes = describe::fact_file(&target.name(), facts).into_bytes();
                sink.artifact(Artifact { origin: origin.clone(), bytes, part: Part::WHOLE });
                if let Some(message) = trouble {
                    sink.skipped(Skipped { origin: Some(origin), reason: self.reason(), message });
                }
            }
            Outcome::Skipped(message) => {
                sink.skipped(Skipped { origin: Some(origin), reason: self.reason(), message });
            }
        }
    }

    fn reason(&self) -> SkipReason {
        if self.allow_unreachable { SkipReason::Unreachable } else { SkipReason::Unreadable }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
