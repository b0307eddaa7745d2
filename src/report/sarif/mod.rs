//! SARIF 2.1.0, as GitHub code scanning takes it.
//!
//! Holds to the limits that services reject or cut files by, and says in the file when one was met. Holds no
//! absolute path, no matched value, and the same bytes for the same report.

mod model;
mod outcomes;
mod rules;
mod uri;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use self::model::{
    AutomationDetails, Driver, Invocation, Level, Location, Log, MappedTo, Message, Notification,
    NotificationReference, Outcome, Properties, Region, Run, Text, Tool, UriBase, VersionControl,
};
use self::uri::SOURCE_ROOT;
use super::escaped::write_json;
use super::sentence::sentence;
use super::utc::utc;
use super::{Options, Reporter, Suppressed};
use crate::finding::{Notice, NoticeKind, NoticeLevel, REDACTED, Report, Revision, Status, Verdict};
use crate::rule::{Confidence, Severity};

/// How many results GitHub takes in one run; more and it rejects the file.
const MOST_RESULTS: usize = 25_000;
/// How many results GitHub stores; more, and the worst have to come first.
const SHOWN_RESULTS: usize = 5_000;
/// Where people can read about the program.
const INFORMATION_URI: &str = match env!("CARGO_PKG_REPOSITORY").as_bytes() {
    // Until the package names its repository: the law that it reads by.
    [] => "https://www.hhs.gov/hipaa/for-professionals/security/index.html",
    _ => env!("CARGO_PKG_REPOSITORY"),
};

/// Writes SARIF.
pub(super) struct SarifReporter<'a> {
    options: Options<'a>,
}

impl<'a> SarifReporter<'a> {
    pub(super) fn new(options: Options<'a>) -> Self {
        SarifReporter { options }
    }

    /// The verdicts that are written, in the report's order or, if they are more than are shown, worst first.
    /// And how many were left off.
    fn chosen<'r>(&self, report: &'r Report) -> (Vec<&'r Verdict>, usize) {
        let wanted = |verdict: &&Verdict| self.options.suppressed == Suppressed::Mark || verdict.status == Status::Open;
        let mut chosen: Vec<&Verdict> = report.verdicts.iter().filter(wanted).collect();
        if chosen.len() > SHOWN_RESULTS {
            // Open ones before silenced ones; the sort is stable and keeps the order by place.
            chosen.sort_by_key(|verdict| {
                let finding = &verdict.finding;
                let weight = std::cmp::Reverse((finding.severity, finding.confidence));
                (verdict.status != Status::Open, weight)
            });
        }
        let left_off = chosen.len().saturating_sub(MOST_RESULTS);
        chosen.truncate(MOST_RESULTS);
        (chosen, left_off)
    }

    fn log<'r>(&'r self, report: &'r Report) -> Log<'r> {
        let (chosen, left_off) = self.chosen(report);
        let cut = (left_off > 0).then(|| Notice {
            origin: None,
            line: None,
            kind: NoticeKind::Limit,
            message: format!("{left_off} findings were left off: services take {MOST_RESULTS}; the worst were kept"),
        });
        let notices: Vec<Cow<'r, Notice>> =
            report.notices.iter().map(Cow::Borrowed).chain(cut.map(Cow::Owned)).collect();
        let described = rules::describe(report, &chosen, self.options.citations);
        let kinds = notice_kinds(&notices);
        let mark = self.options.suppressed == Suppressed::Mark;
        let results: Vec<Outcome<'r>> =
            chosen.iter().map(|verdict| outcomes::outcome(verdict, report, &described.index, mark)).collect();
        let run = Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    full_name: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: INFORMATION_URI,
                    supported_taxonomies: described.supported,
                    notifications: kinds.iter().map(|kind| rules::notification_kind(*kind)).collect(),
                    rules: described.rules,
                },
            },
            automation_details: AutomationDetails { id: format!("bedrail/{}/", category(self.options.category)) },
            invocations: [invocation(report, &notices, &kinds)],
            version_control_provenance: report.revision.as_ref().and_then(provenance).map(|one| [one]),
            original_uri_base_ids: BTreeMap::from([(
                SOURCE_ROOT,
                UriBase { description: Message { text: "The root of the scanned tree.".into() } },
            )]),
            taxonomies: described.taxonomies,
            redaction_tokens: [REDACTED],
            column_kind: "unicodeCodePoints",
            results,
            properties: properties(report),
        };
        Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] }
    }
}

impl Reporter for SarifReporter<'_> {
    fn write(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        write_json(&self.log(report), out)
    }
}

/// A category without what would end it early: GitHub parts the id at its last slash.
fn category(category: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/') { c } else { '-' };
    let category: String = category.trim_matches('/').chars().map(plain).collect();
    if category.is_empty() { "scan".to_owned() } else { category }
}

/// The kinds that are used, in their order.
fn notice_kinds(notices: &[Cow<'_, Notice>]) -> Vec<NoticeKind> {
    NoticeKind::ALL.iter().copied().filter(|kind| notices.iter().any(|notice| notice.kind == *kind)).collect()
}

fn invocation<'r>(report: &Report, notices: &[Cow<'r, Notice>], kinds: &[NoticeKind]) -> Invocation<'r> {
    let notification = |notice: &Cow<'r, Notice>| Notification {
        descriptor: NotificationReference {
            id: notice.kind.id(),
            index: kinds.iter().position(|kind| *kind == notice.kind).unwrap_or_default(),
        },
        level: notice_level(notice.kind),
        message: Message { text: sentence(&notice.message).into() },
        locations: notice.origin.iter().map(|origin| notice_location(origin, notice.line)).collect(),
    };
    Invocation {
        execution_successful: notices.iter().all(|notice| notice.kind.level() != NoticeLevel::Error),
        exit_code: report.exit_code,
        start_time_utc: report.times.map(|(start, _)| utc(start)),
        end_time_utc: report.times.map(|(start, end)| utc(end.max(start))),
        tool_execution_notifications: notices.iter().map(notification).collect(),
    }
}

fn notice_location(origin: &crate::artifact::Origin, line: Option<usize>) -> Location<'static> {
    let region = line.map(|line| Region { start_line: line.max(1), ..Region::default() });
    outcomes::location(origin, region, None, "")
}

fn provenance(revision: &Revision) -> Option<VersionControl<'_>> {
    Some(VersionControl {
        repository_uri: revision.repository.as_deref().and_then(uri::repository_uri)?,
        revision_id: &revision.commit,
        branch: revision.branch.as_deref(),
        mapped_to: MappedTo { uri_base_id: SOURCE_ROOT },
    })
}

/// How much was seen, and by which rules. The commit too, for where no repository can be named there is no
/// other place for it.
fn properties(report: &Report) -> Properties {
    let tally = &report.tally;
    let mut properties = Properties::from([
        ("bytes", tally.bytes.into()),
        ("documents", tally.documents.into()),
        ("files", tally.files.into()),
        ("findingsBelowThreshold", tally.below.into()),
        ("rulesDigest", report.rules_digest.as_str().into()),
        ("rulesRun", report.rules_run.into()),
    ]);
    if tally.objects > 0 {
        properties.insert("objects", tally.objects.into());
    }
    for (name, count) in [("findingsInOtherCommitsToo", tally.repeated), ("findingsInUnchangedLines", tally.unchanged)]
    {
        if count > 0 {
            properties.insert(name, count.into());
        }
    }
    if tally.synthetic > 0 {
        properties.insert("findingsSynthetic", tally.synthetic.into());
    }
    if let Some(revision) = &report.revision {
        properties.insert("revision", revision.commit.as_str().into());
    }
    properties
}

fn notice_level(kind: NoticeKind) -> Level {
    match kind.level() {
        NoticeLevel::Note => Level::Note,
        NoticeLevel::Warning => Level::Warning,
        NoticeLevel::Error => Level::Error,
    }
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Critical | Severity::High => Level::Error,
        Severity::Medium => Level::Warning,
        Severity::Low => Level::Note,
    }
}

/// The order in which to look at findings, from 0 to 100: by severity, within it by confidence.
fn rank(severity: Severity, confidence: Confidence) -> f64 {
    let worst = match severity {
        Severity::Critical => 95.0,
        Severity::High => 80.0,
        Severity::Medium => 55.0,
        Severity::Low => 20.0,
    };
    match confidence {
        Confidence::High => worst,
        Confidence::Medium => worst - 5.0,
        Confidence::Low => worst - 10.0,
    }
}

fn text<'a>(text: impl Into<Text<'a>>) -> Message<'a> {
    Message { text: text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_cannot_end_early_or_be_empty() {
        for (given, kept) in [("repo", "repo"), ("/k8s/", "k8s"), ("a b\n", "a-b-"), ("", "scan"), ("a/b", "a/b")] {
            assert_eq!(category(given), kept, "{given:?}");
        }
    }

    #[test]
    fn ranks_follow_severity_before_confidence() {
        let ranks: Vec<f64> = Severity::ALL
            .into_iter()
            .flat_map(|severity| Confidence::ALL.map(|confidence| rank(severity, confidence)))
            .collect();
        assert!(ranks.is_sorted_by(|a, b| a > b) && ranks.iter().all(|rank| (0.0..=100.0).contains(rank)));
    }
}
