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
mod suite;
mod upgrade;
mod words;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::artifact::{Artifact, Origin, Part, Sink, SkipReason, Skipped};
use crate::target::{EndpointTarget, Endpoints};
use certificate::Roots;
pub use client::{ClientPemError, check_client_pem};
use journal::{Journal, Outcome};
use line::Rate;

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
    /// how far it is.
    ///
    /// # Errors
    /// When roots or the journal cannot be read. An endpoint that does not answer is skipped.
    pub fn run(&self, sink: &dyn Sink, all: &AtomicUsize, done: &AtomicUsize) -> Result<(), EndpointError> {
        let roots = self.roots()?;
        let (journal, before) = match &self.journal {
            Some(file) => Journal::open(file).map(|(journal, before)| (Some(journal), before)),
            None => Ok((None, BTreeMap::new())),
        }
        .map_err(EndpointError::Journal)?;
        let rate = Rate::new(self.max_rate);
        // All endpoints of one host are asked by one thread, one after the other.
        let mut by_host: BTreeMap<&str, Vec<&EndpointTarget>> = BTreeMap::new();
        for target in &self.targets {
            let of_host = by_host.entry(&target.host).or_default();
            if !of_host.contains(&target) {
                of_host.push(target);
            }
        }
        let hosts: Vec<Vec<&EndpointTarget>> = by_host.into_values().collect();
        all.store(hosts.iter().map(Vec::len).sum(), Ordering::Relaxed);
        let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
        std::thread::scope(|scope| {
            for _ in 0..self.hosts.clamp(1, hosts.len().max(1)) {
                scope.spawn(|| {
                    while let Some(targets) = hosts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        for target in targets {
                            let key = journal::key(target);
                            let outcome = match before.get(&key) {
                                Some(outcome) => outcome.clone(),
                                None => {
                                    let outcome = ask::ask(self, target, &roots[&target.ca], &rate);
                                    if let Some(Err(error)) = journal.as_ref().map(|to| to.keep(&key, &outcome)) {
                                        *failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(error);
                                    }
                                    outcome
                                }
                            };
                            self.push(target, outcome, sink);
                            done.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        match failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Some(error) => Err(EndpointError::Journal(error)),
            None => Ok(()),
        }
    }

    /// The roots for each file that a target names.
    fn roots(&self) -> Result<HashMap<Option<PathBuf>, Roots>, EndpointError> {
        let mut common = Roots::of_system();
        for file in &self.ca {
            common = common.and(file).map_err(EndpointError::Roots)?;
        }
        let mut roots = HashMap::from([(None, common.clone())]);
        for file in self.targets.iter().filter_map(|target| target.ca.as_ref()) {
            if let Entry::Vacant(place) = roots.entry(Some(file.clone())) {
                place.insert(common.and(file).map_err(EndpointError::Roots)?);
            }
        }
        Ok(roots)
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
