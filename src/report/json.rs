//! JSON for programs, under a version of its own.
//!
//! The shape, `bedrail/1`. A field may be added without a new version; none changes its meaning or goes. Fields
//! marked `?` are left out where there is nothing to say.
//!
//! Long because the shape and what fills it in are one record.
//!
//! ```text
//! format        "bedrail/1"
//! tool          { name, version }
//! started?      RFC 3339, UTC
//! ended?
//! revision?     { commit, branch?, repository? }
//! exit_code     the program's
//! tally         { files, objects?, bytes, documents, below, synthetic?, repeated?, unchanged?,
//!                 open: { critical, high, medium, low }, silenced, notices }
//! rules_run     how many rules were run
//! rules_digest  over all of them
//! findings      [ { rule, severity, confidence, because: [ text ], message,
//!                   detail?: [ { label, text } ],               what was found beyond the message
//!                   status: "open" | "silenced", reason?,
//!                   origin: { name, file?, steps: [ { kind: "file" | "stdin" | "index" | "commit" | "message" | "entry" |
//!                             "resource", name?, date? } ] },     name of a commit: its id
//!                   line?, column?, end_line?, end_column?,   from 1, columns in code points
//!                   path?,                                    in the tree
//!                   excerpt?: { first_line, lines, focus, start, end, cut },   masked
//!                   related?: [ { message, origin, line?, column?, end_line?, end_column?, path? } ],
//!                   fingerprints: { place, value?, line_hash? } } ]
//! notices       [ { kind, title, level: "error" | "warning" | "note", message, origin?, line? } ]
//! rules         [ { id, title, severity, confidence, message, why?, remedy, cites: [ { id, title?, kind? } ],
//!                   tags, since, doubts?, references } ]       those that have a finding
//! ```

use std::io;

use serde::Serialize;

use super::Reporter;
use super::cited::cited;
use super::escaped::write_json;
use super::notices::level_name;
use super::utc::utc;
use crate::artifact::{Origin, Step};
use crate::finding::{Finding, Notice, Place, Report, Status, Verdict};
use crate::rule::{CitationFile, Confidence, Rule, Severity};

/// Writes JSON.
pub(super) struct JsonReporter<'a> {
    citations: &'a CitationFile,
}

impl<'a> JsonReporter<'a> {
    pub(super) fn new(citations: &'a CitationFile) -> Self {
        JsonReporter { citations }
    }
}

impl Reporter for JsonReporter<'_> {
    fn write(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        write_json(&Whole::of(report, self.citations), out)
    }
}

#[derive(Serialize)]
struct Whole<'a> {
    format: &'static str,
    tool: Tool,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<RevisionShape<'a>>,
    exit_code: u8,
    tally: TallyShape,
    rules_run: usize,
    rules_digest: &'a str,
    findings: Vec<FindingShape<'a>>,
    notices: Vec<NoticeShape<'a>>,
    rules: Vec<RuleShape<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct RevisionShape<'a> {
    commit: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'a str>,
}

#[derive(Serialize)]
struct TallyShape {
    files: u64,
    #[serde(skip_serializing_if = "is_none")]
    objects: u64,
    bytes: u64,
    documents: u64,
    below: u64,
    #[serde(skip_serializing_if = "none")]
    synthetic: u64,
    #[serde(skip_serializing_if = "none")]
    repeated: u64,
    #[serde(skip_serializing_if = "none")]
    unchanged: u64,
    open: OpenShape,
    silenced: usize,
    notices: usize,
}

/// Only scans of clusters have any.
fn is_none(objects: &u64) -> bool {
    *objects == 0
}

#[derive(Serialize)]
struct OpenShape {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
}

#[derive(Serialize)]
struct RelatedShape<'a> {
    message: &'a str,
    origin: OriginShape<'a>,
    #[serde(flatten)]
    place: PlaceShape<'a>,
}

#[derive(Serialize)]
struct FindingShape<'a> {
    rule: &'a str,
    severity: Severity,
    confidence: Confidence,
    because: &'a [String],
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    detail: Vec<DetailShape<'a>>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    origin: OriginShape<'a>,
    #[serde(flatten)]
    place: PlaceShape<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedShape<'a>>,
    fingerprints: FingerprintsShape<'a>,
}

#[derive(Serialize)]
struct DetailShape<'a> {
    label: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct OriginShape<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    steps: Vec<StepShape<'a>>,
}

#[derive(Serialize)]
struct StepShape<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
}

#[derive(Serialize)]
struct PlaceShape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<ExcerptShape<'a>>,
}

#[derive(Serialize)]
struct ExcerptShape<'a> {
    first_line: usize,
    lines: &'a [String],
    focus: usize,
    start: usize,
    end: usize,
    cut: bool,
}

#[derive(Serialize)]
struct FingerprintsShape<'a> {
    place: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_hash: Option<&'a str>,
}

#[derive(Serialize)]
struct NoticeShape<'a> {
    kind: &'static str,
    title: &'static str,
    level: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<OriginShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

#[derive(Serialize)]
struct RuleShape<'a> {
    id: &'a str,
    title: &'a str,
    severity: Severity,
    confidence: Confidence,
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    why: &'a str,
    remedy: &'a str,
    cites: Vec<CiteShape<'a>>,
    tags: &'a [String],
    since: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    doubts: &'a str,
    references: &'a [String],
}

#[derive(Serialize)]
struct CiteShape<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
}

impl<'a> Whole<'a> {
    fn of(report: &'a Report, citations: &'a CitationFile) -> Self {
        let open = |severity| report.open().filter(|finding| finding.severity == severity).count();
        Whole {
            format: "bedrail/1",
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            started: report.times.map(|(start, _)| utc(start)),
            ended: report.times.map(|(_, end)| utc(end)),
            revision: report.revision.as_ref().map(|revision| RevisionShape {
                commit: &revision.commit,
                branch: revision.branch.as_deref(),
                repository: revision.repository.as_deref(),
            }),
            exit_code: report.exit_code,
            tally: TallyShape {
                files: report.tally.files,
                objects: report.tally.objects,
                bytes: report.tally.bytes,
                documents: report.tally.documents,
                below: report.tally.below,
                synthetic: report.tally.synthetic,
                repeated: report.tally.repeated,
                unchanged: report.tally.unchanged,
                open: OpenShape {
                    critical: open(Severity::Critical),
                    high: open(Severity::High),
                    medium: open(Severity::Medium),
                    low: open(Severity::Low),
                },
                silenced: report.verdicts.len() - report.open().count(),
                notices: report.notices.len(),
            },
            rules_run: report.rules_run,
            rules_digest: &report.rules_digest,
            findings: report.verdicts.iter().map(finding).collect(),
            notices: report.notices.iter().map(notice).collect(),
            rules: report.rules.values().map(|one| rule(one, citations)).collect(),
        }
    }
}

fn finding(verdict: &Verdict) -> FindingShape<'_> {
    let Finding {
        rule,
        severity,
        confidence,
        message,
        because,
        detail,
        origin: from,
        place: at,
        related,
        fingerprints,
    } = &verdict.finding;
    let (status, reason) = match &verdict.status {
        Status::Open => ("open", None),
        Status::Silenced { reason } => ("silenced", Some(reason.as_str())),
    };
    FindingShape {
        rule,
        severity: *severity,
        confidence: *confidence,
        because,
        message,
        detail: detail.iter().map(|(label, text)| DetailShape { label, text }).collect(),
        status,
        reason,
        origin: origin(from),
        place: place(at),
        related: related
            .iter()
            .map(|one| RelatedShape { message: &one.message, origin: origin(&one.origin), place: place(&one.place) })
            .collect(),
        fingerprints: FingerprintsShape {
            place: &fingerprints.place,
            value: fingerprints.value.as_deref(),
            line_hash: at.line_hash.as_deref(),
        },
    }
}

fn none(count: &u64) -> bool {
    *count == 0
}

fn origin(origin: &Origin) -> OriginShape<'_> {
    OriginShape { name: origin.to_string(), file: origin.file_path(), steps: origin.steps().iter().map(step).collect() }
}

fn step(step: &Step) -> StepShape<'_> {
    let (kind, name) = match step {
        Step::File(name) => ("file", Some(name.as_str())),
        Step::Stdin => ("stdin", None),
        Step::Index => ("index", None),
        Step::Commit(commit) => ("commit", Some(commit.id.as_str())),
        Step::Message(name) => ("message", Some(name.as_str())),
        Step::Entry(name) => ("entry", Some(name.as_str())),
        Step::Sheet(name) => ("sheet", Some(name.as_str())),
        Step::Table(name) => ("table", Some(name.as_str())),
        Step::Page(number) => ("page", Some(number.as_str())),
        Step::Resource(name) => ("resource", Some(name.as_str())),
        Step::Decoded(coding) => ("decoded", Some(coding.name())),
    };
    let date = match step {
        Step::Commit(commit) => Some(commit.day()),
        _ => None,
    };
    StepShape { kind, name, date }
}

fn place(place: &Place) -> PlaceShape<'_> {
    let there = |number: usize| (place.line > 0).then_some(number);
    PlaceShape {
        line: there(place.line),
        column: there(place.column),
        end_line: there(place.end_line),
        end_column: there(place.end_column),
        path: (!place.path.is_empty()).then_some(place.path.as_str()),
        excerpt: place.excerpt.as_ref().map(|excerpt| ExcerptShape {
            first_line: excerpt.first_line,
            lines: &excerpt.lines,
            focus: excerpt.focus,
            start: excerpt.start,
            end: excerpt.end,
            cut: excerpt.cut,
        }),
    }
}

fn notice(notice: &Notice) -> NoticeShape<'_> {
    NoticeShape {
        kind: notice.kind.id(),
        title: notice.kind.title(),
        level: level_name(notice.kind.level()),
        message: &notice.message,
        origin: notice.origin.as_ref().map(origin),
        line: notice.line,
    }
}

fn rule<'a>(rule: &'a Rule, citations: &'a CitationFile) -> RuleShape<'a> {
    let cites = cited(rule, citations).into_iter().map(|one| CiteShape {
        id: format!("{}:{}", one.catalogue, one.number),
        title: one.entry.map(|entry| entry.title.as_str()),
        kind: one.entry.and_then(|entry| entry.kind.as_deref()),
    });
    RuleShape {
        id: &rule.id,
        title: &rule.title,
        severity: rule.severity,
        confidence: rule.confidence,
        message: &rule.message,
        why: &rule.why,
        remedy: &rule.remedy,
        cites: cites.collect(),
        tags: &rule.tags,
        since: &rule.since,
        doubts: &rule.doubts,
        references: &rule.references,
    }
}
