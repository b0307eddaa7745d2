//! `bedrail scan`.

use std::ffi::OsString;
use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::Exit;
use super::arguments::{Color, ScanArguments};
use super::bar::Bar;
use super::complaint::Complaint;
use super::interrupt;
use super::output::{self, remark};
use super::setup::{Setup, Targets};
use crate::engine::{Engine, glob_set};
use crate::facts::patients::Profile;
use crate::finding::{NoticeLevel, Report};
use crate::policy::Date;
use crate::report::{Format, summary};
use crate::rule::{Confidence, Rule, Severity};
use crate::scan::{self, Progress, Request};

pub(super) fn run(arguments: &ScanArguments, color: Color) -> Result<Exit, Complaint> {
    output::check(&arguments.reporting.format)?;
    let started = seconds();
    let only_facts = !arguments.facts.is_empty() && arguments.targets.is_empty();
    let or_here = !only_facts && !arguments.staged;
    let targets =
        Targets::of(&arguments.targets, (&arguments.cluster, &arguments.endpoint), or_here, arguments.repo.as_deref())?;
    if targets.history.is_some() && (arguments.staged || arguments.since.is_some() || !arguments.facts.is_empty()) {
        let help = "for the commits since a ref, scan `git:REF..HEAD`".to_owned();
        return Err(Complaint::usage("a `git:` target goes with neither --staged, --since nor --facts", help));
    }
    let mut setup = Setup::read(&targets.root, &arguments.rules)?;
    if targets.history.is_some() {
        // A secret of the past is still out; a setting of the past is not in force.
        setup.rules.retain(|rule| rule.check.is_none());
    }
    setup.rules.retain(|rule| is_of_profile(rule, &arguments.tls_profile));
    let fail_on = arguments.reporting.fail_on.or(setup.config.fail_on).unwrap_or(Severity::Medium);
    let request = request(arguments, targets, &setup, started)?;
    let profile = match arguments.phi_profile.as_str() {
        "limited-data-set" => Profile::LimitedDataSet,
        _ => Profile::SafeHarbor,
    };
    let psa = arguments.psa_version.or(setup.config.psa_version).unwrap_or_default();
    let columns = arguments.columns.chosen(&setup.config)?;
    let engine = Engine::new(setup.rules, setup.key);
    let engine = engine.with_profile(profile).with_pod_security(psa).with_columns(columns);
    let progress = Arc::new(Progress::default());
    let report = {
        let _bar = Bar::start(&progress, arguments.reporting.no_progress || arguments.reporting.quiet);
        if !request.endpoints.targets.is_empty() {
            interrupt::ends_asking(&progress.endpoints);
        }
        scan::run(&engine, &request, &progress)
    };
    let mut report = report.map_err(|error| Complaint::scan(&error))?;
    let exit = exit_of(&report, fail_on, arguments);
    report.exit_code = exit as u8;
    report.times = times(started, arguments.reporting.timestamps);
    if arguments.reporting.verbose || arguments.reporting.format.iter().any(|(format, _)| *format != Format::Terminal) {
        // Costs a third of a hook's time, and only these reports tell it.
        report.rules_digest = crate::rule::digest(engine.rules());
        report.revision = scan::revision(&request.root);
    }
    let no_files = request.paths.is_empty() && !request.stdin && !request.staged;
    let only_clusters = no_files && !request.clusters.is_empty() && request.endpoints.targets.is_empty();
    let only_endpoints = no_files && request.clusters.is_empty() && !request.endpoints.targets.is_empty();
    let category = match (only_facts, &request.history) {
        (true, _) => "facts",
        (false, Some(_)) => "history",
        (false, None) if only_clusters => "cluster",
        (false, None) if only_endpoints => "endpoint",
        (false, None) => "repo",
    };
    output::write(&report, &arguments.reporting, category, color)?;
    remarks(&report, arguments);
    Ok(exit)
}

/// Whether a rule runs under a profile of endpoints: one without such a tag always does.
fn is_of_profile(rule: &Rule, profile: &str) -> bool {
    let mut profiles = rule.tags.iter().filter_map(|tag| tag.strip_prefix("tls-profile:")).peekable();
    profiles.peek().is_none() || profiles.any(|name| name == profile)
}

fn request(arguments: &ScanArguments, targets: Targets, setup: &Setup, now: u64) -> Result<Request, Complaint> {
    let facts =
        arguments.facts.iter().map(|path| fs::canonicalize(path).map_err(|error| Complaint::unreadable(path, &error)));
    let exclude = glob_set(&setup.config.exclude).map_err(|(_, message)| Complaint::usage(message, None))?;
    let least = arguments.reporting.min_severity.or(setup.config.min_severity);
    let surest = arguments.reporting.min_confidence.or(setup.config.min_confidence);
    Ok(Request {
        facts: facts.collect::<Result<Vec<PathBuf>, _>>()?,
        paths: targets.paths,
        clusters: targets.clusters,
        endpoints: targets.endpoints,
        stdin: targets.stdin,
        staged: arguments.staged,
        history: targets.history,
        since: arguments.since.clone(),
        root: targets.root,
        exclude,
        respect_ignores: !arguments.no_ignore,
        archives: !arguments.no_archives,
        render_helm: arguments.render_helm,
        render_kustomize: arguments.render_kustomize,
        respect_silences: !arguments.rules.isolated,
        min_severity: least.unwrap_or(Severity::Low),
        min_confidence: surest.unwrap_or(Confidence::Medium),
        include_synthetic: arguments.include_synthetic,
        threads: arguments.threads.map_or_else(cores, usize::from),
        today: Date::of_seconds(epoch().unwrap_or(now)),
    })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

fn exit_of(report: &Report, fail_on: Severity, arguments: &ScanArguments) -> Exit {
    if scan::failing(report, fail_on) > 0 && !arguments.reporting.exit_zero {
        Exit::Findings
    } else if report.notices.iter().any(|notice| notice.kind.level() == NoticeLevel::Error) {
        Exit::Incomplete
    } else if report.tally.files == 0 && report.tally.objects == 0 && !may_be_nothing(arguments) {
        Exit::NothingScanned
    } else {
        Exit::Clean
    }
}

/// A commit that only deletes stages nothing to look at, and since a commit, or in a range, nothing may have happened.
fn may_be_nothing(arguments: &ScanArguments) -> bool {
    let range =
        |target: &OsString| target.to_str().is_some_and(|target| target.starts_with("git:") && target.contains(".."));
    arguments.staged || arguments.since.is_some() || arguments.targets.iter().any(range)
}

/// What people want to know when the report itself went elsewhere.
fn remarks(report: &Report, arguments: &ScanArguments) {
    let formats = &arguments.reporting.format;
    let told = formats.is_empty() || formats.iter().any(|(format, file)| *format == Format::Terminal && file.is_none());
    if !told && !arguments.reporting.quiet {
        remark(&summary(report));
    }
    if arguments.reporting.statistics {
        let mut counts: Vec<(usize, &str)> = report
            .rules
            .keys()
            .map(|id| (report.open().filter(|finding| finding.rule == *id).count(), id.as_str()))
            .filter(|(count, _)| *count > 0)
            .collect();
        counts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        for (count, id) in counts {
            remark(&format!("{count:>7} {id}"));
        }
    }
}

/// `SOURCE_DATE_EPOCH`, which makes reports with times repeatable (<https://reproducible-builds.org>).
pub(super) fn epoch() -> Option<u64> {
    std::env::var("SOURCE_DATE_EPOCH").ok()?.parse().ok()
}

pub(super) fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn times(started: u64, wanted: bool) -> Option<(u64, u64)> {
    match epoch() {
        Some(epoch) => Some((epoch, epoch)),
        None => wanted.then(|| (started, seconds().max(started))),
    }
}
