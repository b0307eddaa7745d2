//! Secrets in binary content: only what a pattern is sure of, for printable bytes come by chance, too.

use crate::artifact::Origin;
use crate::engine::{Engine, Judged, TextMatch, assemble};
use crate::finding::Place;
use crate::rule::Confidence;
use crate::text::printable;

/// The largest binary content that is searched, in bytes.
pub const LARGEST_BINARY: usize = 4 << 20;

impl Engine {
    /// Judges the printable stretches of binary content. A finding stands at a byte offset, not in a line.
    pub fn judge_binary(&self, origin: &Origin, content: &[u8]) -> Judged {
        let (lines, starts) = printable(content);
        let mut judged = Judged::default();
        let mut failures = Vec::new();
        let found = self.text_matches(&lines, "strings", &mut failures);
        judged.notices.extend(failures.into_iter().map(|(id, message)| self.failed(id, origin, None, &message)));
        for found in found.into_iter().filter(|found| self.is_sure(found)) {
            let at = starts.partition_point(|stretch| stretch.line <= found.span.start).saturating_sub(1);
            let Some(stretch) = starts.get(at) else { continue };
            let offset = stretch.offset + (found.span.start - stretch.line) * stretch.width;
            let rule = self.rule(found.rule);
            let mut finding = assemble::finding_of(rule, origin, found.certainty);
            let path = format!("offset {offset:#x}");
            finding.fingerprints =
                self.key.fingerprints(&rule.id, &origin.to_string(), &lines[found.span.range()], &path);
            finding.place = Place { line: 1, column: 1, end_line: 1, end_column: 2, path, ..Place::default() };
            finding.place.line_hash = finding.fingerprints.place.get(..16).map(|stand_in| format!("{stand_in}:1"));
            judged.findings.push(finding);
        }
        self.tell_apart(&mut judged.findings);
        judged
    }

    fn is_sure(&self, found: &TextMatch) -> bool {
        let rule = self.rule(found.rule);
        rule.pattern.is_some()
            && rule.family() == "secret"
            && !rule.is_generic()
            && found.certainty.confidence == Confidence::High
    }
}
