//! One HTML page for the file of an auditor: no script, no network, everything in it.
//!
//! Says first what the scan is worth: the verdict, how much was seen, what could not be looked at. Then the same
//! findings twice, by paragraph of the law and by rule, and last what was silenced, by whose words. Every text that
//! is not this module's own goes through [`Escaped`].

mod escape;
mod finding;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use self::escape::Escaped;
use super::Reporter;
use super::cited::cited;
use super::notices::{advice, hides_findings, level_name};
use super::sentence::{counted, sentence};
use super::spot::{name, spot};
use super::utc::utc;
use crate::finding::{Finding, Notice, NoticeKind, NoticeLevel, Report, Status};
use crate::rule::{Citation, CitationFile, Rule, Severity};

/// Nothing may be loaded and nothing run, whatever stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
/// The page's look, in the page.
const STYLE: &str = include_str!("style.css");

/// Writes HTML.
pub(super) struct HtmlReporter<'a> {
    citations: &'a CitationFile,
}

/// The open findings of one rule, with their numbers in the page.
struct OfRule<'a> {
    rule: Option<&'a Rule>,
    id: &'a str,
    worst: Severity,
    findings: Vec<(usize, &'a Finding)>,
}

impl<'a> HtmlReporter<'a> {
    pub(super) fn new(citations: &'a CitationFile) -> Self {
        HtmlReporter { citations }
    }
}

impl Reporter for HtmlReporter<'_> {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let rules = by_rule(report);
        writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
        writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">")?;
        writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
        writeln!(
            out,
            "<title>bedrail: where patient data is exposed</title>\n<style>\n{STYLE}</style>\n</head>\n<body>"
        )?;
        head(report, out)?;
        unseen(report, out)?;
        self.paragraphs(&rules, out)?;
        if !rules.is_empty() {
            writeln!(out, "<h2 id=\"findings\">Findings</h2>")?;
        }
        for of_rule in &rules {
            self.rule(of_rule, out)?;
        }
        silenced(report, out)?;
        remarks(report, out)?;
        foot(report, out)?;
        writeln!(out, "</body>\n</html>")
    }
}

/// The rules that have open findings, the worst first, then by id.
fn by_rule(report: &Report) -> Vec<OfRule<'_>> {
    let mut found: BTreeMap<&str, Vec<(usize, &Finding)>> = BTreeMap::new();
    for (number, finding) in report.open().enumerate() {
        found.entry(&finding.rule).or_default().push((number + 1, finding));
    }
    let mut rules: Vec<OfRule<'_>> = found
        .into_iter()
        .map(|(id, findings)| OfRule {
            rule: report.rules.get(id),
            id,
            worst: findings.iter().map(|(_, finding)| finding.severity).max().unwrap_or(Severity::Low),
            findings,
        })
        .collect();
    rules.sort_by(|a, b| b.worst.cmp(&a.worst).then_with(|| a.id.cmp(b.id)));
    rules
}

/// What came out, in one sentence and in numbers.
fn head(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<h1>Where patient data is exposed</h1>")?;
    writeln!(out, "<p class=\"verdict\">{}</p>", Escaped(&super::summary(report)))?;
    let clean = report.open().next().is_none();
    let verdict = match report.exit_code {
        0 if clean => "Passed: nothing was found.",
        0 => "Passed: what was found does not count against the threshold that was asked for.",
        1 => "Failed: there are findings at or above the threshold.",
        2 => "No verdict: the program was asked for something that it cannot do.",
        3 => "No verdict: nothing was scanned. This page is no evidence that nothing is exposed.",
        _ => "No verdict: the scan is incomplete. Something may be exposed where it could not look.",
    };
    let class = if report.exit_code == 0 && clean { "good" } else { "high" };
    writeln!(out, "<p class=\"banner\"><b class=\"{class}\">{verdict}</b></p>\n<ul class=\"tiles\">")?;
    for severity in Severity::ALL {
        let count = report.open().filter(|finding| finding.severity == severity).count() as u64;
        // The number without its noun, with its thousands parted.
        let count = counted(count, "", "");
        writeln!(out, "<li><b class=\"{0}\">{1}</b>{0}</li>", severity.name(), count.trim_end())?;
    }
    writeln!(out, "</ul>")
}

/// What could not be looked at, before what was found: silence about it would be heard as "passed".
fn unseen(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let kinds = kinds(report, hides_findings);
    if kinds.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2 id=\"unseen\">What could not be looked at in full</h2>")?;
    for (kind, notices) in kinds {
        notices_of(kind, &notices, out)?;
    }
    Ok(())
}

/// What hides nothing: left out by design, or only to be mended.
fn remarks(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let kinds = kinds(report, |kind| !hides_findings(kind));
    if kinds.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2 id=\"remarks\">Left out by design, and remarks</h2>")?;
    for (kind, notices) in kinds {
        notices_of(kind, &notices, out)?;
    }
    Ok(())
}

fn kinds(report: &Report, wanted: fn(NoticeKind) -> bool) -> Vec<(NoticeKind, Vec<&Notice>)> {
    let mut kinds: Vec<NoticeKind> = NoticeKind::ALL.iter().copied().filter(|kind| wanted(*kind)).collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.level()));
    kinds
        .into_iter()
        .map(|kind| (kind, report.notices.iter().filter(|notice| notice.kind == kind).collect::<Vec<_>>()))
        .filter(|(_, notices)| !notices.is_empty())
        .collect()
}

fn notices_of(kind: NoticeKind, notices: &[&Notice], out: &mut dyn Write) -> io::Result<()> {
    let class = match kind.level() {
        NoticeLevel::Error => "high",
        NoticeLevel::Warning => "medium",
        NoticeLevel::Note => "soft",
    };
    let level = level_name(kind.level());
    writeln!(out, "<section class=\"rule\">\n<h3><span class=\"badge {class}\">{level}</span>{}</h3>", kind.title())?;
    writeln!(out, "<p class=\"soft\">{}</p>\n<div class=\"wide\"><table>", advice(kind))?;
    for notice in notices {
        let place = match (&notice.origin, notice.line) {
            (Some(origin), Some(line)) => format!("{}:{line}", name(origin)),
            (Some(origin), None) => name(origin),
            (None, _) => String::from("the whole scan"),
        };
        let (place, said) = (Escaped(&place), sentence(&notice.message));
        writeln!(out, "<tr><td class=\"place\"><code>{place}</code></td><td>{}</td></tr>", Escaped(&said))?;
    }
    writeln!(out, "</table></div>\n</section>")
}

fn silenced(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let silenced = report.verdicts.iter().filter_map(|verdict| match &verdict.status {
        Status::Open => None,
        Status::Silenced { reason } => Some((&verdict.finding, reason)),
    });
    let mut rows = silenced.peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "<h2 id=\"silenced\">Silenced, and why</h2>\n<div class=\"wide\"><table>")?;
    writeln!(out, "<tr><th>Place</th><th>Finding</th><th>Reason that was given</th></tr>")?;
    for (finding, reason) in rows {
        let place = spot(&finding.origin, &finding.place);
        let said = sentence(&finding.message);
        writeln!(
            out,
            "<tr><td class=\"place\"><code>{}</code></td><td>{} <span class=\"soft\">{}</span></td><td>{}</td></tr>",
            Escaped(&place),
            Escaped(&said),
            Escaped(&finding.rule),
            Escaped(reason)
        )?;
    }
    writeln!(out, "</table></div>")
}

/// What made this page, so that it can be made again.
fn foot(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let tally = &report.tally;
    writeln!(out, "<h2 id=\"evidence\">Evidence</h2>\n<table>")?;
    let mut row =
        |label: &str, text: &str| writeln!(out, "<tr><th>{label}</th><td class=\"place\">{}</td></tr>", Escaped(text));
    row("Made by", concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")))?;
    row("Rules run", &format!("{}, digest {}", report.rules_run, report.rules_digest))?;
    row("Files", &format!("{} in {} bytes", tally.files, tally.bytes))?;
    if tally.objects > 0 {
        row("Objects of clusters", &tally.objects.to_string())?;
    }
    row("Documents judged", &tally.documents.to_string())?;
    if let Some(revision) = &report.revision {
        row("Commit", &revision.commit)?;
        for (label, text) in [("Branch", &revision.branch), ("Repository", &revision.repository)] {
            if let Some(text) = text {
                row(label, text)?;
            }
        }
    }
    if let Some((start, end)) = report.times {
        row("Begun and ended", &format!("{} – {}", utc(start), utc(end)))?;
    }
    row("Exit code", &report.exit_code.to_string())?;
    writeln!(out, "</table>")?;
    let promise = "Matched values are masked in this page. A paragraph that is named is one that a finding concerns; \
                   whether it is violated is for people to judge.";
    writeln!(out, "<footer>{promise}</footer>")
}

impl HtmlReporter<'_> {
    /// Which paragraphs the open findings concern, in the order of the citation file.
    fn paragraphs(&self, rules: &[OfRule<'_>], out: &mut dyn Write) -> io::Result<()> {
        let mut paragraphs: BTreeMap<(usize, String), (Option<&Citation>, Vec<&OfRule<'_>>)> = BTreeMap::new();
        for of_rule in rules {
            for one in of_rule.rule.map(|rule| cited(rule, self.citations)).unwrap_or_default() {
                if one.catalogue == "hipaa" {
                    let entry = paragraphs.entry((one.order, one.number.to_owned())).or_default();
                    entry.0 = one.entry;
                    entry.1.push(of_rule);
                }
            }
        }
        if paragraphs.is_empty() {
            return Ok(());
        }
        writeln!(out, "<h2 id=\"paragraphs\">By paragraph of 45 CFR Part 164</h2>\n<div class=\"wide\"><table>")?;
        writeln!(
            out,
            "<tr><th>Paragraph</th><th>What it asks for</th><th class=\"number\">Findings</th><th>Rules</th></tr>"
        )?;
        for ((_, number), (entry, rules)) in &paragraphs {
            let distinct: BTreeSet<usize> = rules.iter().flat_map(|one| one.findings.iter().map(|(n, _)| *n)).collect();
            let title = entry.map(|entry| match &entry.kind {
                Some(kind) => format!("{} ({kind})", entry.title),
                None => entry.title.clone(),
            });
            write!(
                out,
                "<tr><td class=\"whole\">{}</td><td>{}</td>",
                Escaped(number),
                Escaped(title.as_deref().unwrap_or_default())
            )?;
            write!(out, "<td class=\"number\">{}</td><td>", distinct.len())?;
            for (index, one) in rules.iter().enumerate() {
                let comma = if index == 0 { "" } else { ", " };
                write!(out, "{comma}<a href=\"#{0}\">{0}</a>", Escaped(one.id))?;
            }
            writeln!(out, "</td></tr>")?;
        }
        writeln!(out, "</table></div>")
    }

    /// A rule with all that it found.
    fn rule(&self, of_rule: &OfRule<'_>, out: &mut dyn Write) -> io::Result<()> {
        let id = Escaped(of_rule.id);
        let severity = of_rule.worst.name();
        let title = of_rule.rule.map_or(of_rule.id, |rule| &rule.title);
        writeln!(out, "<section class=\"rule\" id=\"{id}\">")?;
        write!(out, "<h3><span class=\"badge {severity}\">{severity}</span>{} ", Escaped(title))?;
        let count = counted(of_rule.findings.len() as u64, "finding", "findings");
        writeln!(out, "<span class=\"soft\">· {id} · {count}</span></h3>")?;
        if let Some(rule) = of_rule.rule {
            self.explanation(rule, out)?;
        }
        for (number, finding) in &of_rule.findings {
            finding::write(*number, finding, out)?;
        }
        writeln!(out, "</section>")
    }

    /// What the rule says, whatever it found.
    fn explanation(&self, rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
        if !rule.why.is_empty() {
            writeln!(out, "<p>{}</p>", Escaped(&sentence(&rule.why)))?;
        }
        writeln!(out, "<dl>\n<dt>Remedy</dt><dd>{}</dd>", Escaped(&sentence(&rule.remedy)))?;
        for one in cited(rule, self.citations) {
            let catalogue = self.citations.catalogue.get(one.catalogue).map_or(one.catalogue, |entry| &entry.name);
            writeln!(out, "<dt>{}</dt><dd>{}</dd>", Escaped(catalogue), Escaped(&one.described()))?;
        }
        if !rule.doubts.is_empty() {
            writeln!(out, "<dt>Doubts</dt><dd>{}</dd>", Escaped(&sentence(&rule.doubts)))?;
        }
        for link in &rule.references {
            let shown = Escaped(link);
            if link.starts_with("https://") {
                writeln!(out, "<dt>See</dt><dd><a href=\"{shown}\" rel=\"noreferrer\">{shown}</a></dd>")?;
            } else {
                writeln!(out, "<dt>See</dt><dd>{shown}</dd>")?;
            }
        }
        writeln!(out, "</dl>")
    }
}
