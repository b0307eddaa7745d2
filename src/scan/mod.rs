//! One scan, from targets to a report: sources push, the engine judges, the policy decides.

mod across;
mod attachments;
mod baseline;
mod carried;
mod collector;
mod columns;
mod containers;
mod counterpart;
mod evidence;
pub mod examples;
mod fact_files;
mod kustomized;
mod lineage;
mod overlays;
mod patches;
mod pdf;
mod rendered;
mod states;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use globset::GlobSet;

pub use evidence::Evidence;

use crate::artifact::{Sink, SkipReason, Skipped};
use crate::engine::Engine;
use crate::finding::{Finding, Notice, NoticeKind, Report, Revision, Status, Verdict};
use crate::policy::Date;
use crate::rule::{Confidence, Severity};
use crate::source;
use crate::target::Endpoints;
use baseline::Baseline;
use collector::{Collector, Gathered};

/// The tag of rules about made-up data, which are told only when they are asked for.
pub const SYNTHETIC: &str = "synthetic";

/// What to look at, and how.
#[derive(Debug)]
pub struct Request {
    /// Files and folders, absolute.
    pub paths: Vec<PathBuf>,
    /// Whether to read standard input.
    pub stdin: bool,
    /// Clusters to read.
    pub clusters: Vec<ClusterTarget>,
    /// Endpoints to ask, and how.
    pub endpoints: Endpoints,
    /// Whether to read the blobs that are staged in the repository at the root, not files.
    pub staged: bool,
    /// Whether to read the history of the repository at the root; with a range, what it names.
    pub history: Option<Option<String>>,
    /// The commit since which lines must be new for findings in them to count.
    pub since: Option<String>,
    /// Fact files to judge again.
    pub facts: Vec<PathBuf>,
    /// The folder that paths are shown relative to, absolute.
    pub root: PathBuf,
    /// Globs of paths that are left out.
    pub exclude: GlobSet,
    /// Whether `.gitignore` files are respected.
    pub respect_ignores: bool,
    /// Whether comments in the scanned text may silence findings.
    pub respect_silences: bool,
    /// Whether charts are rendered by the helm that is on the PATH.
    pub render_helm: bool,
    /// Whether overlays are rendered by the kustomize or kubectl that is on the PATH.
    pub render_kustomize: bool,
    /// Whether archives are opened.
    pub archives: bool,
    /// Findings below this are left out of the report.
    pub min_severity: Severity,
    /// Findings below this are left out of the report.
    pub min_confidence: Confidence,
    /// Whether findings of rules with the tag [`SYNTHETIC`] are told.
    pub include_synthetic: bool,
    /// How many threads read and search.
    pub threads: usize,
    /// The day for `until=`.
    pub today: Date,
}

/// A cluster, and how it may be read.
#[derive(Clone, Debug)]
pub struct ClusterTarget {
    /// The context of the kubeconfig; the current one without.
    pub context: Option<String>,
    /// Only what stands in these namespaces; everything without.
    pub namespaces: Vec<String>,
    /// Whether programs that the kubeconfig names may be run to get credentials.
    pub allow_exec_plugins: bool,
    /// How long one request may take.
    pub timeout: Duration,
}

impl Request {
    /// Whether it reads files as they stand, and not only what changed or was once: only then can be told what many
    /// documents say together.
    fn sees_all(&self) -> bool {
        !self.staged && self.history.is_none() && self.since.is_none()
    }

    /// Whether a finding is severe and sure enough to be reported.
    fn wants(&self, finding: &Finding) -> bool {
        finding.severity >= self.min_severity && finding.confidence >= self.min_confidence
    }
}

/// How many endpoints are to be asked, and how many have been.
#[derive(Debug, Default)]
pub struct Asked {
    /// All of them.
    pub all: AtomicUsize,
    /// Those that are done.
    pub done: AtomicUsize,
    /// Whether no more are to be begun.
    pub stop: Arc<AtomicBool>,
    /// Whether nothing is asked any more.
    pub over: Arc<AtomicBool>,
}

/// How far a scan is, for whoever wants to show it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files, blobs or streams that were searched.
    pub files: AtomicU64,
    /// Objects of clusters that were searched.
    pub objects: AtomicU64,
    /// Bytes that were searched.
    pub bytes: AtomicU64,
    /// Endpoints that were asked.
    pub endpoints: Asked,
}

/// Why a scan could not begin.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The git index could not be read.
    #[cfg(feature = "git")]
    #[error(transparent)]
    Index(#[from] source::IndexError),
    /// It is not known how to reach a cluster.
    #[cfg(feature = "cluster")]
    #[error(transparent)]
    Cluster(#[from] source::ClusterError),
    /// Endpoints could not be asked.
    #[cfg(feature = "endpoint")]
    #[error(transparent)]
    Endpoint(#[from] source::EndpointError),
    /// This program was built without what asks endpoints.
    #[cfg(not(feature = "endpoint"))]
    #[error("this bedrail was built without the feature `endpoint`")]
    NoEndpoints,
    /// This program was built without what reads clusters.
    #[cfg(not(feature = "cluster"))]
    #[error("this bedrail was built without the feature `cluster`")]
    NoClusters,
    /// The history could not be read.
    #[cfg(feature = "git")]
    #[error(transparent)]
    History(#[from] source::HistoryError),
    /// This program was built without what it takes to read git.
    #[error("this bedrail was built without git")]
    NoGit,
    /// A fact file is wrong.
    #[error("{name}: {message}")]
    Facts {
        /// The file as the user named it.
        name: String,
        /// What is wrong with it.
        message: String,
    },
}

impl ScanError {
    /// Whether the command was right, and what it needs did not work.
    pub fn is_failure(&self) -> bool {
        match self {
            #[cfg(feature = "cluster")]
            ScanError::Cluster(error) => error.is_failure(),
            _ => false,
        }
    }
}

/// Scans; the report's exit code, times and revision are the caller's to fill in.
///
/// # Errors
/// When a target could not be looked at at all.
pub fn run(engine: &Engine, request: &Request, progress: &Progress) -> Result<Report, ScanError> {
    let mut collector = Collector::new(engine, request, progress, Baseline::of(request)?);
    if request.render_helm {
        collector.rendered(source::render(&request.root, &request.paths, request.respect_ignores));
    }
    if request.render_kustomize {
        let overlays =
            source::overlays(&request.root, &request.paths, request.respect_ignores, &collector.kustomizations);
        collector.kustomized(&request.root, overlays);
    }
    for file in &request.facts {
        collector.fact_file(&request.root, file)?;
    }
    for cluster in &request.clusters {
        read_cluster(cluster, request.threads, &collector)?;
    }
    ask_endpoints(&request.endpoints, &collector, &progress.endpoints)?;
    if request.stdin {
        source::stdin(&collector);
    }
    if request.staged {
        #[cfg(feature = "git")]
        source::staged(&request.root, &request.exclude, &collector)?;
    }
    if let Some(range) = &request.history {
        history(request, range.clone(), &collector)?;
    }
    let walk = source::Walk {
        root: request.root.clone(),
        exclude: request.exclude.clone(),
        respect_ignores: request.respect_ignores,
        threads: request.threads,
    };
    for path in &request.paths {
        walk.run(path, &collector);
    }
    Ok(report(engine, request, collector, progress))
}

#[cfg(feature = "git")]
fn history(request: &Request, range: Option<String>, sink: &dyn Sink) -> Result<(), ScanError> {
    let (root, exclude) = (request.root.clone(), request.exclude.clone());
    Ok(source::History { root, range, exclude, threads: request.threads }.run(sink)?)
}

#[cfg(not(feature = "git"))]
fn history(_: &Request, _: Option<String>, _: &dyn Sink) -> Result<(), ScanError> {
    Err(ScanError::NoGit)
}

/// Pushes all that stands at `paths`, and standard input if wanted, into a sink.
pub fn gather(paths: &[PathBuf], stdin: bool, root: &Path, respect_ignores: bool, sink: &dyn Sink) {
    if stdin {
        source::stdin(sink);
    }
    let walk = source::Walk { root: root.to_path_buf(), exclude: GlobSet::empty(), respect_ignores, threads: 1 };
    for path in paths {
        walk.run(path, sink);
    }
}

/// Pushes all objects of a cluster into a sink.
///
/// # Errors
/// When it is not known how to reach the cluster.
#[cfg(feature = "cluster")]
pub fn read_cluster(target: &ClusterTarget, threads: usize, sink: &dyn Sink) -> Result<(), ScanError> {
    let ClusterTarget { context, namespaces, allow_exec_plugins, timeout } = target.clone();
    Ok(source::Cluster { context, namespaces, allow_exec_plugins, timeout, threads }.run(sink)?)
}

/// Says that no cluster can be read.
///
/// # Errors
/// Always.
#[cfg(not(feature = "cluster"))]
pub fn read_cluster(_: &ClusterTarget, _: usize, _: &dyn Sink) -> Result<(), ScanError> {
    Err(ScanError::NoClusters)
}

/// Asks endpoints and pushes what was learned into a sink.
///
/// # Errors
/// When roots or the journal cannot be read.
#[cfg(feature = "endpoint")]
pub fn ask_endpoints(endpoints: &Endpoints, sink: &dyn Sink, asked: &Asked) -> Result<(), ScanError> {
    if endpoints.targets.is_empty() {
        return Ok(());
    }
    let asking = endpoints.run(sink, &asked.all, &asked.done, &asked.stop);
    asked.over.store(true, Ordering::Relaxed);
    Ok(asking?)
}

/// Says that no endpoint can be asked.
///
/// # Errors
/// When there is one.
#[cfg(not(feature = "endpoint"))]
pub fn ask_endpoints(endpoints: &Endpoints, _: &dyn Sink, _: &Asked) -> Result<(), ScanError> {
    if endpoints.targets.is_empty() { Ok(()) } else { Err(ScanError::NoEndpoints) }
}

/// Puts what was collected in order.
fn report(engine: &Engine, request: &Request, collector: Collector<'_>, progress: &Progress) -> Report {
    let mut gathered = collector.finish();
    across::judge(engine, request, &mut gathered);
    columns::tell(engine, &mut gathered);
    let Gathered { mut verdicts, mut notices, documents, repeated, unchanged, .. } = gathered;
    let wanted = |verdict: &Verdict| request.wants(&verdict.finding);
    let made_up: Vec<&str> = engine
        .rules()
        .filter(|rule| !request.include_synthetic && rule.tags.iter().any(|tag| tag == SYNTHETIC))
        .map(|rule| rule.id.as_str())
        .collect();
    let found = verdicts.len();
    verdicts.retain(|verdict| !made_up.contains(&verdict.finding.rule.as_str()));
    let all = verdicts.len();
    verdicts.retain(wanted);
    verdicts.sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
    // The parts of a large file share a stretch, in which both find the same.
    verdicts.dedup_by(|a, b| {
        let key = |verdict: &Verdict| (verdict.finding.place.line, verdict.finding.place.column);
        a.finding.rule == b.finding.rule && a.finding.origin == b.finding.origin && key(a) == key(b) && key(a) != (0, 0)
    });
    notices.sort();
    notices.dedup();
    let mut report = Report { notices, rules_run: engine.rules().len(), ..Report::default() };
    report.tally.files = progress.files.load(Ordering::Relaxed);
    report.tally.objects = progress.objects.load(Ordering::Relaxed);
    report.tally.bytes = progress.bytes.load(Ordering::Relaxed);
    report.tally.documents = documents;
    report.tally.synthetic = (found - all) as u64;
    (report.tally.repeated, report.tally.unchanged) = (repeated, unchanged);
    report.tally.below = (all - verdicts.len()) as u64;
    report.rules = engine
        .rules()
        .filter(|rule| verdicts.iter().any(|verdict| verdict.finding.rule == rule.id))
        .map(|rule| (rule.id.clone(), rule.clone()))
        .collect();
    report.verdicts = verdicts;
    report
}

/// How many open findings there are at or above a severity.
pub fn failing(report: &Report, threshold: Severity) -> usize {
    report
        .verdicts
        .iter()
        .filter(|verdict| verdict.status == Status::Open && verdict.finding.severity >= threshold)
        .count()
}

/// What is checked out at `root`, for the report.
#[cfg(feature = "git")]
pub fn revision(root: &std::path::Path) -> Option<Revision> {
    source::revision(root).map(|(commit, branch, repository)| Revision { commit, branch, repository })
}

/// What is checked out at `root`: unknown without the `git` feature.
#[cfg(not(feature = "git"))]
pub fn revision(_: &std::path::Path) -> Option<Revision> {
    None
}

/// A skip of a source as a notice of the report.
fn notice_of(skipped: Skipped) -> Notice {
    let kind = match skipped.reason {
        SkipReason::Unreadable => NoticeKind::Unreadable,
        SkipReason::Changed => NoticeKind::Changed,
        SkipReason::Special => NoticeKind::Special,
        SkipReason::Link => NoticeKind::Link,
        SkipReason::Ignored => NoticeKind::Ignored,
        SkipReason::Forbidden => NoticeKind::Forbidden,
        SkipReason::Excluded => NoticeKind::Excluded,
        SkipReason::TooLarge => NoticeKind::TooLarge,
        SkipReason::Unreachable => NoticeKind::Unreachable,
        SkipReason::Shallow => NoticeKind::Shallow,
    };
    Notice { origin: skipped.origin, line: None, kind, message: skipped.message }
}
