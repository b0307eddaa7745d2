//! The second phase of a scan: what all its documents say together.

use std::collections::BTreeMap;

use super::Request;
use super::collector::Gathered;
use crate::artifact::Origin;
use crate::engine::{Across, Engine};
use crate::finding::{Finding, NoticeLevel, Status};
use crate::policy::{self, Silence};

/// Judges what was kept; takes out what is told twice.
pub(super) fn judge(engine: &Engine, request: &Request, gathered: &mut Gathered) {
    // A folder holds all that belongs together, and a cluster too if all of it could be read; a file may be a part
    // of anything.
    let read = gathered.notices.iter().all(|notice| notice.kind.level() == NoticeLevel::Note);
    let cluster = !request.clusters.is_empty() && request.clusters.iter().all(|cluster| cluster.namespaces.is_empty());
    let facts = !request.facts.is_empty() && !gathered.partial_facts;
    let whole = request.paths.iter().any(|path| path.is_dir()) || (cluster && read) || facts;
    let Across { findings, notices, covered } = engine.judge_across(std::mem::take(&mut gathered.kept), whole);
    gathered.notices.extend(notices);
    gathered.verdicts.retain(|verdict| {
        verdict.status != Status::Open || !covered.iter().any(|covered| covered.covers(&verdict.finding))
    });
    let mut by_origin: BTreeMap<Origin, (Vec<Finding>, Vec<Silence>)> = BTreeMap::new();
    for finding in findings {
        by_origin.entry(finding.origin.clone()).or_default().0.push(finding);
    }
    for (origin, silences) in std::mem::take(&mut gathered.waiting) {
        by_origin.entry(origin).or_default().1.extend(silences);
    }
    for (origin, (findings, silences)) in by_origin {
        let comments = (silences, Vec::new());
        let verdicts = policy::apply(findings, comments, &origin, request.today, &mut gathered.notices);
        gathered.verdicts.extend(verdicts);
    }
}
