//! `bedrail facts`.

use std::sync::{LazyLock, OnceLock};

use super::arguments::FactsArguments;
use super::complaint::Complaint;
use super::interrupt;
use super::output::remark;
use super::setup::Targets;
use super::{Exit, print};
use crate::artifact::{Artifact, Flow, Sink, Skipped};
use crate::document::Kind;
use crate::engine::Engine;
use crate::finding::{FingerprintKey, NoticeLevel};
use crate::policy::Config;
use crate::rule::embedded;
use crate::scan::{self, Evidence};
use crate::text::visible;

pub(super) fn run(arguments: &FactsArguments) -> Result<Exit, Complaint> {
    let mut kinds = Vec::new();
    for name in &arguments.kind {
        // Those that all documents make together are no documents to print.
        let kind = Kind::named(name).filter(|kind| !kind.is_across()).ok_or_else(|| {
            let known = Kind::ALL.into_iter().filter(|kind| !kind.is_across()).map(Kind::name);
            let known = known.collect::<Vec<_>>().join(", ");
            Complaint::usage(format!("there is no kind `{}`", visible(name)), format!("there are {known}"))
        })?;
        kinds.push(kind);
    }
    let targets = Targets::of(&arguments.targets, (&arguments.cluster, &arguments.endpoint), true, None)?;
    if targets.history.is_some() {
        return Err(Complaint::usage("facts are those of files, not of a history", None));
    }
    // All rules, whatever a configuration says: what they match is masked.
    let columns = arguments.columns.chosen(&Config::default())?;
    let engine = LazyLock::new(|| Engine::new(embedded::rules(), FingerprintKey::default()).with_columns(columns));
    let late = Late { engine: &engine, kinds, root: targets.root.clone(), evidence: OnceLock::new() };
    let asked = scan::Asked::default();
    if !targets.endpoints.targets.is_empty() {
        interrupt::ends_asking(&asked);
    }
    std::thread::scope(|scope| {
        // They are made ready while the first answers are on their way.
        scope.spawn(|| LazyLock::force(&engine));
        scan::ask_endpoints(&targets.endpoints, &late, &asked)
    })
    .map_err(|error| Complaint::scan(&error))?;
    let evidence = late.whole();
    for cluster in &targets.clusters {
        scan::read_cluster(cluster, 1, &evidence).map_err(|error| Complaint::scan(&error))?;
    }
    scan::gather(&targets.paths, targets.stdin, &targets.root, !arguments.no_ignore, &evidence);
    let clusters = !targets.clusters.is_empty() && targets.clusters.iter().all(|one| one.namespaces.is_empty());
    let all = clusters || targets.paths.iter().any(|path| path.is_dir());
    let (facts, notices) = evidence.write(all).map_err(|error| Complaint::usage(error.to_string(), None))?;
    for notice in &notices {
        let place = notice.origin.as_ref().map(ToString::to_string).unwrap_or_default();
        let line = notice.line.map_or(String::new(), |line| format!(":{line}"));
        remark(&format!("{}{line}: {}", visible(&place), visible(&notice.message)));
    }
    let printed = print(|out| out.write_all(facts.as_bytes()))?;
    let incomplete = notices.iter().any(|notice| notice.kind.level() == NoticeLevel::Error);
    Ok(if incomplete { Exit::Incomplete } else { printed })
}

/// Evidence that begins when the first answer comes.
struct Late<'e, F> {
    engine: &'e LazyLock<Engine, F>,
    kinds: Vec<Kind>,
    root: std::path::PathBuf,
    evidence: OnceLock<Evidence<'e>>,
}

impl<'e, F: FnOnce() -> Engine> Late<'e, F> {
    fn evidence(&self) -> &Evidence<'e> {
        self.evidence.get_or_init(|| Evidence::new(self.engine, self.kinds.clone(), self.root.clone()))
    }

    fn whole(mut self) -> Evidence<'e> {
        self.evidence.take().unwrap_or_else(|| Evidence::new(self.engine, self.kinds, self.root))
    }
}

impl<F: FnOnce() -> Engine + Send> Sink for Late<'_, F> {
    fn artifact(&self, artifact: Artifact) -> Flow {
        self.evidence().artifact(artifact)
    }

    fn skipped(&self, skipped: Skipped) {
        self.evidence().skipped(skipped);
    }
}
