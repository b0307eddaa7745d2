//! What a scan gathers while sources push into it from several threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Progress, Request, notice_of};
use crate::artifact::{Artifact, Flow, Origin, Sink, Skipped};
use crate::document::{self, Broken, Parsed, Trouble};
use crate::engine::{Engine, Judged, Subject};
use crate::finding::{Notice, NoticeKind, Verdict};
use crate::policy;
use crate::text::{Decoded, LineIndex, decode};

/// The sink of one scan.
pub(super) struct Collector<'s> {
    engine: &'s Engine,
    request: &'s Request,
    progress: &'s Progress,
    documents: AtomicU64,
    gathered: Mutex<Gathered>,
}

#[derive(Default)]
struct Gathered {
    verdicts: Vec<Verdict>,
    notices: Vec<Notice>,
}

impl<'s> Collector<'s> {
    pub(super) fn new(engine: &'s Engine, request: &'s Request, progress: &'s Progress) -> Self {
        Collector { engine, request, progress, documents: AtomicU64::new(0), gathered: Mutex::default() }
    }

    /// All verdicts and notices, unsorted, and how many documents were judged.
    pub(super) fn finish(self) -> (Vec<Verdict>, Vec<Notice>, u64) {
        let gathered = self.gathered.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        (gathered.verdicts, gathered.notices, self.documents.into_inner())
    }

    pub(super) fn engine(&self) -> &Engine {
        self.engine
    }

    /// Counts a file, blob, stream or fact file that was looked at.
    pub(super) fn count(&self, files: u64, bytes: usize) {
        self.progress.files.fetch_add(files, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Keeps what the engine found where there are no comments that could silence it.
    pub(super) fn keep(&self, judged: Judged) {
        self.keep_silenced(judged, &Origin::default(), Default::default());
    }

    fn keep_silenced(&self, judged: Judged, origin: &Origin, comments: Comments) {
        self.documents.fetch_add(judged.documents as u64, Ordering::Relaxed);
        let mut notices = judged.notices;
        let verdicts = policy::apply(judged.findings, comments, origin, self.request.today, &mut notices);
        if verdicts.is_empty() && notices.is_empty() {
            return;
        }
        let mut gathered = self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        gathered.verdicts.extend(verdicts);
        gathered.notices.extend(notices);
    }

    pub(super) fn notice(&self, notice: Notice) {
        self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner).notices.push(notice);
    }

    fn text(&self, subject: Subject<'_>) {
        let parsed = self.parse(subject);
        let mut judged = self.engine.judge(subject, &parsed);
        judged.notices.extend(broken_notices(subject, &parsed.broken));
        let comments = if self.request.respect_silences { policy::silences(subject.text) } else { Default::default() };
        self.keep_silenced(judged, subject.origin, comments);
    }

    /// Parses a text if a rule could want its documents.
    fn parse(&self, subject: Subject<'_>) -> Parsed {
        let format = document::format_of(subject.origin.name(), subject.text);
        match format.filter(|format| self.engine.wants(*format, subject.text)) {
            Some(_) if !subject.part.whole => {
                if subject.part.lines_before == 0 {
                    let message = "its text was searched in parts, but it is too large to be parsed".to_owned();
                    let origin = Some(subject.origin.clone());
                    self.notice(Notice { origin, line: None, kind: NoticeKind::TooLarge, message });
                }
                Parsed::default()
            }
            Some(format) => document::parse(format, subject.text),
            None => Parsed::default(),
        }
    }
}

type Comments = (Vec<policy::Silence>, Vec<(usize, String)>);

impl Sink for Collector<'_> {
    fn artifact(&self, artifact: Artifact) -> Flow {
        let Artifact { origin, bytes, part } = artifact;
        let first = part.lines_before == 0 && part.columns_before == 0;
        let size = bytes.len();
        let text = match decode(bytes) {
            Decoded::Text { text, .. } => text,
            Decoded::Binary(_) if first => {
                let message = "it is not text".to_owned();
                self.notice(Notice { origin: Some(origin), line: None, kind: NoticeKind::Binary, message });
                return Flow::SkipRest;
            }
            Decoded::Binary(bytes) => bytes,
        };
        self.count(u64::from(first), size);
        let judged = catch_unwind(AssertUnwindSafe(|| {
            self.text(Subject { origin: &origin, text: &text, part });
        }));
        if judged.is_err() {
            let message = "bedrail failed on this content; please report it".to_owned();
            self.notice(Notice { origin: Some(origin), line: None, kind: NoticeKind::RuleFailed, message });
        }
        Flow::Continue
    }

    fn skipped(&self, skipped: Skipped) {
        self.notice(notice_of(skipped));
    }
}

/// What a parser could not understand.
fn broken_notices(subject: Subject<'_>, broken: &[Broken]) -> Vec<Notice> {
    if broken.is_empty() {
        return Vec::new();
    }
    let index = LineIndex::new(subject.text);
    broken
        .iter()
        .map(|broken| Notice {
            origin: Some(subject.origin.clone()),
            line: Some(index.line(broken.span.start)),
            kind: match broken.why {
                Trouble::Syntax => NoticeKind::Malformed,
                Trouble::Template => NoticeKind::Template,
                Trouble::Depth | Trouble::Size => NoticeKind::Limit,
                Trouble::DuplicateKey => NoticeKind::DuplicateKey,
            },
            message: broken.message.clone(),
        })
        .collect()
}
