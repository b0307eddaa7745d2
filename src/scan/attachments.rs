//! Files that records carry in base64: unpacked and judged as texts of their own, with the place of the outer text.

use crate::artifact::{Artifact, Coding, Origin, Part, Sink, Step};
use crate::document::attachment::{Attachment, Attachments, attachments};
use crate::document::pdf::is_pdf;
use crate::document::rtf;
use crate::engine::{Judged, Subject};
use crate::finding::{NoticeKind, Place, Related};
use crate::scan::collector::{Collector, documents_of};
use crate::text::{Decoded, LineIndex, Span, decode};

/// How deep attachments may stand in attachments.
const DEEPEST: usize = 3;
/// How many attachments of one text that are no text are opened; none where the text itself was unpacked, for what
/// is unpacked of one file must not multiply.
const MOST_OPENED: usize = 8;
/// The same of PDF files, of which a bundle may have many.
const MOST_PDF: usize = 100;

/// What is no text, by its first bytes.
const UNREAD: &[(&[u8], &str)] = &[
    (b"\x89PNG", "images"),
    (b"\xff\xd8\xff", "images"),
    (b"GIF8", "images"),
    (b"II*\0", "images"),
    (b"MM\0*", "images"),
    (b"BM", "images"),
    (b"RIFF", "sound or film"),
    (b"ID3", "sound or film"),
    (b"\xd0\xcf\x11\xe0", "old Office files"),
];

impl Collector<'_> {
    /// Judges the attachments of a text; what was found in them as mere base64 is not told again.
    pub(super) fn attachments(&self, subject: Subject<'_>, judged: &mut Judged) {
        let Attachments { list, cut, .. } = attachments(subject.text);
        if cut {
            self.note(subject.origin, NoticeKind::Limit, "it has more attachments than are looked into");
        }
        if list.is_empty() {
            return;
        }
        let deep = subject.origin.steps().iter().filter(|step| matches!(step, Step::Decoded(_))).count();
        if deep >= DEEPEST {
            self.note(subject.origin, NoticeKind::Limit, "attachments in it nest too deep; those were not looked into");
            return;
        }
        let index = LineIndex::new(subject.text);
        let mut unread: Vec<&str> = Vec::new();
        let mut opened = (0, 0);
        for attachment in list {
            let outer = place(subject.text, &index, attachment.span);
            if let Some((_, what)) = UNREAD.iter().find(|(magic, _)| attachment.bytes.starts_with(magic)) {
                unread.push(what);
                continue;
            }
            forget(&mut judged.findings, subject.origin, &outer);
            if !self.attachment(subject.origin, attachment, outer, &mut opened) {
                unread.push("files in files");
            }
        }
        if !unread.is_empty() {
            let count = unread.len();
            unread.sort_unstable();
            unread.dedup();
            let message = format!("{count} of its attachments were not looked into: {}", unread.join(", "));
            self.note(subject.origin, NoticeKind::Attachment, &message);
        }
    }

    /// Judges one attachment; `false` if it is one too many.
    fn attachment(&self, origin: &Origin, attachment: Attachment, outer: Place, opened: &mut (usize, usize)) -> bool {
        let name = format!("{}{}", attachment.path, attachment.ending());
        let related = Related { message: "it stands there in base64".to_owned(), origin: origin.clone(), place: outer };
        let origin = origin.then(Step::Entry(name)).then(Step::Decoded(Coding::Base64));
        let is_pdf = is_pdf(&attachment.bytes);
        let decoded = if is_pdf { Decoded::Binary(attachment.bytes) } else { decode(attachment.bytes) };
        let text = match decoded {
            Decoded::Text { text, .. } if rtf::is_rtf(&text) => rtf::text(&text),
            Decoded::Text { text, .. } => text,
            Decoded::Binary(bytes) => {
                let is_outermost =
                    related.origin.steps().iter().all(|step| matches!(step, Step::File(_) | Step::Stdin));
                let (count, most) = if is_pdf { (&mut opened.0, MOST_PDF) } else { (&mut opened.1, MOST_OPENED) };
                *count += 1;
                let opens = is_outermost && *count <= most;
                if opens {
                    self.artifact(Artifact { origin, bytes, part: Part::WHOLE });
                }
                return opens;
            }
        };
        let subject = Subject { origin: &origin, text: &text, part: Part::WHOLE };
        let (parsed, notices) = documents_of(subject, |format| self.engine.wants(format, subject.text));
        let mut judged = self.engine.judge(subject, &parsed);
        judged.notices.extend(notices);
        if judged.records {
            self.attachments(subject, &mut judged);
        }
        for finding in &mut judged.findings {
            finding.related.push(related.clone());
        }
        self.keep_silenced(judged, subject, self.comments(subject));
        true
    }
}

fn place(text: &[u8], index: &LineIndex, span: Span) -> Place {
    let (start, end) = (index.position(text, span.start), index.position(text, span.end));
    Place { line: start.line, column: start.column, end_line: end.line, end_column: end.column, ..Place::default() }
}

/// Leaves out what was found in a stretch as base64.
fn forget(findings: &mut Vec<crate::finding::Finding>, origin: &Origin, outer: &Place) {
    let step = origin.steps().len();
    findings.retain(|finding| {
        let place = (finding.place.line, finding.place.column);
        let inside = (outer.line, outer.column) <= place && place < (outer.end_line, outer.end_column);
        !(inside && finding.origin.steps().get(step) == Some(&Step::Decoded(Coding::Base64)))
    });
}
