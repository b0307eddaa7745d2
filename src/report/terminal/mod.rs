//! Findings with their source lines, for people.
//!
//! What a rule says stands at its first finding only, so that ten findings of one rule stay readable; `-v`
//! repeats it. File names and scanned text pass through [`visible`], for both are an attacker's text.

mod paint;
mod source_lines;
mod summary;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io;

use self::paint::Paint;
use super::cited::cited;
use super::sentence::sentence;
use super::spot::spot;
use super::{Options, Reporter};
use crate::finding::{Finding, Report, Status, Verdict};
use crate::rule::Rule;
use crate::text::visible;

/// Writes for a terminal.
pub(super) struct TerminalReporter<'a> {
    options: Options<'a>,
    paint: Paint,
}

impl<'a> TerminalReporter<'a> {
    pub(super) fn new(options: Options<'a>) -> Self {
        TerminalReporter { options, paint: Paint(options.color) }
    }

    fn finding(&self, finding: &Finding, report: &Report, explained: &mut BTreeSet<String>) -> String {
        let mut shown = String::new();
        let severity = paint::severity(finding.severity);
        let head = format!("{}[{}]", finding.severity.name(), visible(&finding.rule));
        let message = format!(": {}", visible(&finding.message));
        let _ = writeln!(shown, "{}{}", self.paint.with(severity, &head), self.paint.with(paint::BOLD, &message));
        let gutter = source_lines::gutter(&finding.place, self.options.verbose);
        self.arrow(&mut shown, gutter, &spot(&finding.origin, &finding.place));
        if let Some(excerpt) = &finding.place.excerpt {
            source_lines::write(&mut shown, &self.paint, excerpt, &finding.place, severity, self.options.verbose);
        }
        if !finding.place.path.is_empty() {
            self.label(&mut shown, gutter, "at", &finding.place.path);
        }
        for (label, text) in &finding.detail {
            self.label(&mut shown, gutter, label, text);
        }
        for one in &finding.related {
            self.label(&mut shown, gutter, "with", &format!("{} at {}", one.message, spot(&one.origin, &one.place)));
        }
        let rule = report.rules.get(&finding.rule);
        if let Some(rule) = rule
            && (self.options.verbose || explained.insert(finding.rule.clone()))
        {
            self.explanation(&mut shown, gutter, rule);
        }
        let because = match finding.because.as_slice() {
            [] => String::new(),
            reasons => format!(", because {}", reasons.join(" and ")),
        };
        self.label(&mut shown, gutter, "confidence", &format!("{}{because}", finding.confidence.name()));
        if self.options.verbose {
            self.label(&mut shown, gutter, "fingerprint", &finding.fingerprints.place);
        }
        shown
    }

    /// What the rule says, whatever it found.
    fn explanation(&self, shown: &mut String, gutter: usize, rule: &Rule) {
        if !rule.why.is_empty() {
            self.label(shown, gutter, "why", &sentence(&rule.why));
        }
        for one in cited(rule, self.options.citations) {
            if one.catalogue == "hipaa" || self.options.verbose {
                self.label(shown, gutter, one.catalogue, &one.described());
            }
        }
        self.label(shown, gutter, "help", &sentence(&rule.remedy));
        if self.options.verbose {
            if !rule.doubts.is_empty() {
                self.label(shown, gutter, "doubts", &sentence(&rule.doubts));
            }
            for link in &rule.references {
                self.label(shown, gutter, "see", link);
            }
        }
    }

    fn silenced(&self, shown: &mut String, finding: &Finding, reason: &str) {
        let head = format!("silenced[{}]", visible(&finding.rule));
        let _ = writeln!(shown, "{}: {}", self.paint.with(paint::BOLD, &head), visible(&finding.message));
        self.arrow(shown, 1, &spot(&finding.origin, &finding.place));
        self.label(shown, 1, "reason", reason);
        shown.push('\n');
    }

    /// ` --> place`
    fn arrow(&self, shown: &mut String, gutter: usize, place: &str) {
        let _ = writeln!(shown, "{}{} {place}", " ".repeat(gutter), self.paint.with(paint::FRAME, "-->"));
    }

    /// `  = name: text`
    fn label(&self, shown: &mut String, gutter: usize, name: &str, text: &str) {
        let sign = self.paint.with(paint::FRAME, "=");
        let name = self.paint.with(paint::BOLD, &format!("{}:", visible(name)));
        let _ = writeln!(shown, "{} {sign} {name} {}", " ".repeat(gutter), visible(text));
    }
}

impl Reporter for TerminalReporter<'_> {
    fn write(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let mut explained = BTreeSet::new();
        for Verdict { finding, status } in &report.verdicts {
            let mut shown = String::new();
            match status {
                Status::Open => {
                    shown = self.finding(finding, report, &mut explained);
                    shown.push('\n');
                }
                Status::Silenced { reason } if self.options.verbose => self.silenced(&mut shown, finding, reason),
                Status::Silenced { .. } => continue,
            }
            out.write_all(shown.as_bytes())?;
        }
        let mut end = String::new();
        self.notices(&mut end, report);
        let nothing_seen = report.tally.files == 0 && report.tally.objects == 0 && report.tally.documents == 0;
        if !self.options.quiet || nothing_seen {
            self.summary(&mut end, report);
        }
        out.write_all(end.as_bytes())
    }
}
