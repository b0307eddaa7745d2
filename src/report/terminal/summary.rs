//! What could not be looked at, and the last line.

use std::fmt::Write;

use super::TerminalReporter;
use super::paint::{self, GOOD};
use crate::finding::{Notice, NoticeKind, NoticeLevel, Report};
use crate::report::notices::{hides_findings, level_name};
use crate::report::sentence::counted;
use crate::report::spot::name;
use crate::rule::Severity;
use crate::text::visible;

/// How many warnings of one kind are listed unless all are wanted; errors always are.
const LISTED: usize = 10;

impl TerminalReporter<'_> {
    /// The notices, by kind, worst kinds first.
    pub(super) fn notices(&self, shown: &mut String, report: &Report) {
        let mut kinds: Vec<NoticeKind> = NoticeKind::ALL.to_vec();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.level()));
        for kind in kinds {
            let of_kind: Vec<&Notice> = report.notices.iter().filter(|notice| notice.kind == kind).collect();
            let wanted = kind.level() > NoticeLevel::Note || !self.options.quiet;
            if wanted && !of_kind.is_empty() {
                self.notices_of(shown, kind, &of_kind);
            }
        }
    }

    fn notices_of(&self, shown: &mut String, kind: NoticeKind, notices: &[&Notice]) {
        let level = level_name(kind.level());
        let head = self.paint.with(paint::notice(kind.level()), &format!("{level}[{}]", kind.id()));
        let listed = match kind.level() {
            _ if self.options.verbose => notices.len(),
            NoticeLevel::Error => notices.len(),
            NoticeLevel::Warning => LISTED,
            // By design: a count is enough, unless there is only one thing to say.
            NoticeLevel::Note => usize::from(notices.len() == 1),
        };
        let _ = writeln!(shown, "{head}{}", self.paint.with(paint::BOLD, &format!(": {}", kind.title())));
        for notice in notices.iter().take(listed) {
            let message = visible(&notice.message);
            let place = match (&notice.origin, notice.line) {
                (Some(origin), Some(line)) => format!("{}:{line}", name(origin)),
                (Some(origin), None) => name(origin),
                (None, _) => {
                    let _ = writeln!(shown, "  {} {message}", self.paint.with(paint::FRAME, "="));
                    continue;
                }
            };
            let _ = writeln!(shown, " {} {place}: {message}", self.paint.with(paint::FRAME, "-->"));
        }
        let more = notices.len().saturating_sub(listed) as u64;
        if more > 0 {
            let what = if listed == 0 { counted(more, "time", "times") } else { format!("and {more} more") };
            let _ = writeln!(shown, "  {} {what} (-v lists them)", self.paint.with(paint::FRAME, "="));
        }
        shown.push('\n');
    }

    /// The last line: how many findings, how much was seen, what was silenced, what could not be judged.
    pub(in crate::report) fn summary(&self, shown: &mut String, report: &Report) {
        let tally = &report.tally;
        if self.options.verbose {
            let rules = counted(report.rules_run as u64, "rule was run", "rules were run");
            let _ = writeln!(shown, "{rules}, digest {}", visible(&report.rules_digest));
        }
        let open: Vec<Severity> = report.open().map(|finding| finding.severity).collect();
        let mut parts = Vec::new();
        if tally.files == 0 && tally.objects == 0 && tally.documents == 0 {
            parts.push(self.paint.with(paint::notice(NoticeLevel::Warning), "nothing was scanned"));
        }
        if !parts.is_empty() && open.is_empty() {
            // "No findings" would be heard as "passed".
        } else {
            parts.push(format!("{} in {}", self.findings(&open), seen(report)));
        }
        let silenced = report.verdicts.len() - open.len();
        if silenced > 0 {
            parts.push(format!("{silenced} silenced"));
        }
        if tally.below > 0 {
            parts.push(format!("{} below the wanted severity or confidence", tally.below));
        }
        if tally.synthetic > 0 {
            let groups = if tally.synthetic == 1 { "group" } else { "groups" };
            parts.push(format!(
                "{} {groups} of made-up patients left out (--include-synthetic tells them)",
                tally.synthetic
            ));
        }
        if tally.repeated > 0 {
            parts.push(format!("{} in other commits too", tally.repeated));
        }
        if tally.unchanged > 0 {
            parts.push(format!("{} in unchanged lines", tally.unchanged));
        }
        let unseen = report.notices.iter().filter(|notice| hides_findings(notice.kind)).count();
        if unseen > 0 {
            let text = format!("{unseen} not looked at in full");
            parts.push(self.paint.with(paint::notice(NoticeLevel::Warning), &text));
        }
        let _ = writeln!(shown, "{}", parts.join("; "));
    }

    /// `3 findings (1 critical, 2 high)`
    fn findings(&self, open: &[Severity]) -> String {
        if open.is_empty() {
            return self.paint.with(GOOD, "no findings");
        }
        let of = |severity: &Severity| open.iter().filter(|one| *one == severity).count();
        let each: Vec<String> = Severity::ALL
            .iter()
            .filter(|severity| of(severity) > 0)
            .map(|severity| {
                self.paint.with(paint::severity(*severity), &format!("{} {}", of(severity), severity.name()))
            })
            .collect();
        let count = counted(open.len() as u64, "finding", "findings");
        format!("{} ({})", self.paint.with(paint::BOLD, &count), each.join(", "))
    }
}

/// `214 files (3.1 MB), 40 documents`; of a cluster, `214 objects (3.1 MB), 214 documents`
fn seen(report: &Report) -> String {
    let tally = &report.tally;
    let files = counted(tally.files, "file", "files");
    let objects = counted(tally.objects, "object", "objects");
    let files = match (tally.files, tally.objects) {
        (_, 0) => files,
        (0, _) => objects,
        (_, _) => format!("{files} and {objects}"),
    };
    let files = format!("{files} ({})", size(tally.bytes));
    match tally.documents {
        0 => files,
        documents => format!("{files}, {}", counted(documents, "document", "documents")),
    }
}

/// `3.1 MB`, in powers of ten.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return counted(bytes, "byte", "bytes");
    }
    let mut amount = bytes as f64 / 1_000.0;
    let mut unit = 0;
    // 999.95 would be shown as 1000.0.
    while amount >= 999.95 && unit + 1 < UNITS.len() {
        amount /= 1_000.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_readable() {
        let cases = [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (3_141_592, "3.1 MB"),
            (999_999, "1.0 MB"),
            (u64::MAX, "18446744.1 TB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(size(bytes), text);
        }
    }
}
