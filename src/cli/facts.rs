//! `bedrail facts`.

use super::arguments::FactsArguments;
use super::complaint::Complaint;
use super::output::remark;
use super::setup::Targets;
use super::{Exit, print};
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
    let engine = Engine::new(embedded::rules(), FingerprintKey::default()).with_columns(columns);
    let evidence = Evidence::new(&engine, kinds);
    for cluster in &targets.clusters {
        scan::read_cluster(cluster, 1, &evidence).map_err(|error| Complaint::scan(&error))?;
    }
    let asked = scan::Asked::default();
    scan::ask_endpoints(&targets.endpoints, &evidence, &asked).map_err(|error| Complaint::scan(&error))?;
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
