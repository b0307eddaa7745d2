//! Secrets in binary content: only what a pattern is sure of, for printable bytes come by chance, too.

use std::collections::BTreeSet;

use crate::artifact::{Origin, Part};
use crate::engine::{Engine, Judged, TextMatch, assemble};
use crate::finding::{Finding, Place};
use crate::rule::Confidence;
use crate::text::{Stretch, printable, stated};

/// The largest binary content that is searched, in bytes.
pub const LARGEST_BINARY: usize = 4 << 20;

impl Engine {
    /// Judges the printable stretches of binary content. A finding stands at a byte offset, not in a line.
    pub fn judge_binary(&self, origin: &Origin, content: &[u8]) -> Judged {
        let mut judged = Judged::default();
        let mut failures = Vec::new();
        for (lines, starts) in [stated(content), printable(content)] {
            for found in self.text_matches(&lines, "strings", &mut failures).best {
                if self.is_sure(&found) {
                    judged.findings.extend(self.binary_finding(origin, &lines, &starts, found));
                }
            }
        }
        judged.notices.extend(failures.into_iter().map(|(id, message)| self.failed(id, origin, None, &message)));
        // A string with a stated length is mostly seen as a printable stretch, too.
        let mut seen = BTreeSet::new();
        judged.findings.retain(|finding| seen.insert((finding.rule.clone(), finding.place.path.clone())));
        self.tell_apart(&mut judged.findings);
        judged.kept = self.file_beside(origin, Part::WHOLE, content);
        judged
    }

    fn binary_finding(&self, origin: &Origin, lines: &[u8], starts: &[Stretch], found: TextMatch) -> Option<Finding> {
        let at = starts.partition_point(|stretch| stretch.line <= found.span.start).checked_sub(1)?;
        let stretch = starts.get(at)?;
        let offset = stretch.offset + (found.span.start - stretch.line) * stretch.width;
        let rule = self.rule(found.rule);
        let mut finding = assemble::finding_of(rule, origin, found.certainty);
        let path = format!("offset {offset:#x}");
        finding.fingerprints =
            self.key.fingerprints(&rule.id, &origin.stable_name(), &lines[found.span.range()], &path);
        finding.place = Place { line: 1, column: 1, end_line: 1, end_column: 2, path, ..Place::default() };
        // There is no line; the stand-in keeps GitHub's uploader from hashing what it takes for one.
        finding.place.line_hash = finding.fingerprints.place.get(..16).map(|stand_in| format!("{stand_in}:1"));
        Some(finding)
    }

    fn is_sure(&self, found: &TextMatch) -> bool {
        let rule = self.rule(found.rule);
        rule.pattern.is_some()
            && rule.family() == "secret"
            && !rule.is_generic()
            && found.certainty.confidence == Confidence::High
    }
}
