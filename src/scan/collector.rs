//! What a scan gathers while sources push into it from several threads.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::baseline::Baseline;
use super::carried::HandedOn;
use super::columns::Met;
use super::kustomized::Kustomized;
use super::{Progress, Request, notice_of, patches};
use crate::artifact::{Artifact, Flow, Origin, Part, ReadSeek, Sink, Skipped, Step};
use crate::document::{self, Broken, Format, Parsed, Trouble};
use crate::engine::{Engine, Judged, Kept, LARGEST_BINARY, Novelty, Subject};
use crate::finding::{Notice, NoticeKind, Status, Verdict};
use crate::policy::{self, Silence};
use crate::source::Kustomizations;
use crate::text::{Decoded, Encoding, LineIndex, decode};

/// The sink of one scan.
pub(super) struct Collector<'s> {
    pub(super) engine: &'s Engine,
    pub(super) novelty: Novelty<'s>,
    pub(super) request: &'s Request,
    progress: &'s Progress,
    baseline: Baseline,
    /// What templates became, by path.
    pub(super) rendered: BTreeMap<String, String>,
    /// Kustomizations that were read, to know patches by.
    pub(super) kustomizations: Kustomizations,
    /// What overlays became, until it is told with the files that say it.
    pub(super) kustomized: Mutex<Kustomized>,
    documents: AtomicU64,
    pub(super) gathered: Mutex<Gathered>,
    /// What the last part of each text that comes in parts handed on to its next.
    pub(super) carried: Mutex<BTreeMap<Origin, HandedOn>>,
}

/// What became of one text.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Whether text rules told everything, and told it as plainly as could be: all of it open and reported, without
    /// documents, patients or notices.
    pub(super) is_plain: bool,
    /// The rule of each finding, and its first and last line.
    pub(super) told: Vec<(String, usize, usize)>,
}

/// What was gathered, unsorted.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) verdicts: Vec<Verdict>,
    pub(super) notices: Vec<Notice>,
    /// How many documents were judged.
    pub(super) documents: u64,
    /// What is needed to judge many documents together.
    pub(super) kept: Vec<Kept>,
    /// Comments that speak of findings of that kind.
    pub(super) waiting: Vec<(Origin, Vec<Silence>)>,
    /// Whether facts may be a part of what there is.
    pub(super) partial_facts: bool,
    pub(super) met: Met,
    /// Findings of the history that others stand for.
    pub(super) repeated: u64,
    /// Findings in lines that are not new.
    pub(super) unchanged: u64,
    /// Where the verdicts of the history stand in `verdicts`, by the fingerprint of their place.
    past: HashMap<String, usize>,
}

impl Gathered {
    /// Keeps one verdict of those that a file's states share: the first that asks to be acted on. Done at once, for
    /// a file that changes with every commit would fill the memory with what it holds.
    fn keep_past(&mut self, verdict: Verdict, request: &Request) {
        let rank = |verdict: &Verdict| {
            let (finding, open) = (&verdict.finding, verdict.status == Status::Open);
            let order = finding.origin.commit().map_or(0, |commit| commit.order);
            (open, request.wants(finding), Reverse((order, finding.place.line, finding.place.column)))
        };
        match self.past.get(&verdict.finding.fingerprints.place) {
            Some(at) => {
                self.repeated += 1;
                let kept = &mut self.verdicts[*at];
                if rank(&verdict) > rank(kept) {
                    *kept = verdict;
                }
            }
            None => {
                self.past.insert(verdict.finding.fingerprints.place.clone(), self.verdicts.len());
                self.verdicts.push(verdict);
            }
        }
    }
}

impl<'s> Collector<'s> {
    pub(super) fn new(engine: &'s Engine, request: &'s Request, progress: &'s Progress, baseline: Baseline) -> Self {
        Collector {
            engine,
            novelty: Novelty::new(engine),
            request,
            progress,
            baseline,
            rendered: BTreeMap::new(),
            kustomizations: Kustomizations::default(),
            kustomized: Mutex::default(),
            documents: AtomicU64::new(0),
            gathered: Mutex::default(),
            carried: Mutex::default(),
        }
    }

    /// All that was gathered.
    pub(super) fn finish(self) -> Gathered {
        // Texts of which the last part never came.
        let mut carried = self.carried.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for (origin, carried) in std::mem::take(&mut *carried) {
            self.keep_carried(&origin, carried);
        }
        drop(carried);
        self.rest_of_kustomized();
        let gathered = self.gathered.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        Gathered { documents: self.documents.into_inner(), ..gathered }
    }

    /// Counts what was looked at.
    pub(super) fn count(&self, files: u64, bytes: usize) {
        self.progress.files.fetch_add(files, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn keep_silenced(&self, judged: Judged, subject: Subject<'_>, (silences, bad): Comments) -> Outcome {
        let origin = subject.origin;
        let (waiting, silences) = policy::split(silences, |rule| self.engine.is_across(rule));
        let comments = (silences, bad);
        let kept = judged.kept;
        let plain = judged.documents == 0 && !judged.patients && kept.is_empty();
        self.documents.fetch_add(judged.documents as u64, Ordering::Relaxed);
        let mut notices = judged.notices;
        let mut verdicts = policy::apply(judged.findings, comments, origin, self.request.today, &mut notices);
        let past = origin.commit().is_some();
        if past {
            // Nobody can mend a comment of the past.
            notices.retain(|notice| !matches!(notice.kind, NoticeKind::BadSilence | NoticeKind::UnusedSilence));
        }
        let all = verdicts.len();
        if all > 0
            && let Some(new) = self.baseline.new_lines(origin, subject.text)
        {
            verdicts.retain(|verdict| {
                let (first, last) = (verdict.finding.place.line, verdict.finding.place.end_line);
                first == 0 || (first..=last.max(first)).any(|line| new.get(line - 1).copied().unwrap_or(true))
            });
        }
        let unchanged = (all - verdicts.len()) as u64;
        let told = |verdict: &Verdict| {
            verdict.status == Status::Open && self.request.wants(&verdict.finding) && verdict.finding.place.line > 0
        };
        let place =
            |Verdict { finding, .. }: &Verdict| (finding.rule.clone(), finding.place.line, finding.place.end_line);
        let outcome = Outcome {
            is_plain: plain && notices.is_empty() && waiting.is_empty() && verdicts.iter().all(told),
            told: verdicts.iter().map(place).collect(),
        };
        if all == 0 && notices.is_empty() && kept.is_empty() && waiting.is_empty() {
            return outcome;
        }
        let mut gathered = self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        gathered.unchanged += unchanged;
        gathered.notices.extend(notices);
        if self.request.sees_all() {
            gathered.kept.extend(kept);
            if !waiting.is_empty() {
                gathered.waiting.push((origin.clone(), waiting));
            }
        }
        if past {
            verdicts.into_iter().for_each(|verdict| gathered.keep_past(verdict, self.request));
        } else {
            gathered.verdicts.extend(verdicts);
        }
        outcome
    }

    /// Counts findings of the history that others stand for.
    pub(super) fn repeat(&self, findings: u64) {
        if findings > 0 {
            self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner).repeated += findings;
        }
    }

    /// Notes that facts may be a part of what there is.
    pub(super) fn partial_facts(&self) {
        self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner).partial_facts = true;
    }

    pub(super) fn notice(&self, notice: Notice) {
        self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner).notices.push(notice);
    }

    /// Nothing where more than this text was judged.
    fn text(&self, subject: Subject<'_>) -> Option<Outcome> {
        if let [Step::File(path)] = subject.origin.steps() {
            self.unrendered(subject.origin, path);
            if let Some(rendered) = self.rendered.get(path) {
                self.template(subject, rendered);
                return None;
            }
        }
        let (mut parsed, notices) = documents_of(subject, |format| self.engine.wants(format, subject.text));
        if let [Step::File(path)] = subject.origin.steps()
            && subject.part.whole
            && self.overlaid(path)
        {
            self.of_overlays(subject, parsed, notices, path);
            return None;
        }
        patches::mark(&self.kustomizations, &self.request.root, subject, &mut parsed);
        Some(self.judge(subject, &parsed, notices))
    }

    /// Searches binary content that is small enough for what can be told from its printable stretches.
    pub(super) fn binary(&self, origin: Origin, bytes: &[u8], part: Part) {
        if part.whole && bytes.len() <= LARGEST_BINARY {
            self.count(1, bytes.len());
            self.guarded(&origin, || {
                let subject = Subject { origin: &origin, text: bytes, part };
                self.keep_silenced(self.engine.judge_binary(&origin, bytes), subject, Default::default());
            });
        } else {
            let kept = self.engine.file_beside(&origin, part, bytes);
            let judged = Judged { kept, ..Judged::default() };
            self.keep_silenced(judged, Subject { origin: &origin, text: bytes, part }, Default::default());
            let message = format!("it is not text, and larger than {} MiB", LARGEST_BINARY >> 20);
            // Once for a path, however many states it had.
            let origin = Some(origin.without_commit());
            self.notice(Notice { origin, line: None, kind: NoticeKind::Binary, message });
        }
    }

    /// Does something with content; a mistake of ours in it must not end the scan.
    pub(super) fn guarded(&self, origin: &Origin, work: impl FnOnce()) {
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            let message = "bedrail failed on this content; please report it".to_owned();
            self.notice(Notice { origin: Some(origin.clone()), line: None, kind: NoticeKind::RuleFailed, message });
        }
    }

    /// Whether a path is left out.
    pub(super) fn is_excluded(&self, path: &str) -> bool {
        self.request.exclude.is_match(path)
    }

    /// Whether archives are to be opened.
    pub(super) fn opens_archives(&self) -> bool {
        self.request.archives
    }

    /// The comments of a text that may silence what is found in it.
    pub(super) fn comments(&self, subject: Subject<'_>) -> Comments {
        let respected = self.request.respect_silences && subject.origin.has_lines();
        if respected { comments_of(subject) } else { Default::default() }
    }

    /// Judges some content; tells what became of it, if it is a text.
    pub(super) fn take(&self, artifact: Artifact) -> (Flow, Option<Outcome>) {
        let Artifact { origin, bytes, mut part } = artifact;
        let first = part.lines_before == 0 && part.columns_before == 0;
        let size = bytes.len();
        if part.whole && self.baseline.holds(&origin, &bytes) {
            return (Flow::Continue, None);
        }
        if first && let Some(flow) = self.archive(&origin, &bytes, part) {
            return (flow, None);
        }
        if first && let Some(flow) = self.tables(&origin, &bytes, part) {
            return (flow, None);
        }
        let text = match decode(bytes) {
            Decoded::Text { text, encoding } => {
                if matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
                    part.own = part.own.map(|own| own_of_utf16(own, size, text.len()));
                }
                text
            }
            Decoded::Binary(bytes) if first => {
                self.binary(origin, &bytes, part);
                return (Flow::SkipRest, None);
            }
            Decoded::Binary(bytes) => bytes,
        };
        if origin.has_lines() {
            self.count(u64::from(first), size);
        } else {
            self.progress.objects.fetch_add(1, Ordering::Relaxed);
            self.count(0, size);
        }
        let mut outcome = None;
        self.guarded(&origin, || outcome = self.text(Subject { origin: &origin, text: &text, part }));
        (Flow::Continue, outcome)
    }
}

/// The same stretch of the text that UTF-16 of `size` bytes became, in `length` bytes, with room at both borders:
/// what two parts tell is told once, what none does is lost.
fn own_of_utf16((start, end): (usize, usize), size: usize, length: usize) -> (usize, usize) {
    const ROOM: usize = 4096;
    let scaled = |at: usize| (at as u128 * length as u128 / size.max(1) as u128) as usize;
    (scaled(start).saturating_sub(ROOM), if end >= size { length } else { (scaled(end) + ROOM).min(length) })
}

/// The silencing comments of a text; of a part of one, those that speak of its own lines, which count from the
/// beginning of the whole.
fn comments_of(subject: Subject<'_>) -> Comments {
    let (mut silences, mut bad) = policy::silences(subject.text);
    if subject.part.whole || (silences.is_empty() && bad.is_empty()) {
        return (silences, bad);
    }
    let index = LineIndex::new(subject.text);
    let (start, end) = subject.part.own.unwrap_or((0, subject.text.len()));
    let (first, last) = (index.line(start), index.line(end.min(subject.text.len())));
    let own = |line: usize| first <= line && line <= last;
    silences.retain(|silence| own(silence.speaks_of));
    bad.retain(|(line, _)| own(*line));
    for silence in &mut silences {
        silence.line += subject.part.lines_before;
        silence.speaks_of += subject.part.lines_before;
    }
    for (line, _) in &mut bad {
        *line += subject.part.lines_before;
    }
    (silences, bad)
}

pub(super) type Comments = (Vec<policy::Silence>, Vec<(usize, String)>);

impl Sink for Collector<'_> {
    fn artifact(&self, artifact: Artifact) -> Flow {
        self.take(artifact).0
    }

    fn states(&self, states: Vec<Artifact>) {
        self.take_states(states);
    }

    fn large(&self, origin: &Origin, content: &mut dyn ReadSeek) -> bool {
        self.large_archive(origin, content) || self.large_tables(origin, content)
    }

    fn skipped(&self, skipped: Skipped) {
        self.notice(notice_of(skipped));
    }
}

/// Whether documents are to be made of a text.
pub(super) fn are_documents_wanted(engine: &Engine, subject: Subject<'_>) -> bool {
    document::format_of(subject.origin.name(), subject.text).is_some_and(|format| engine.wants(format, subject.text))
}

/// The documents of a text, parsed if its format is wanted, and what could not be understood.
pub(super) fn documents_of(subject: Subject<'_>, wanted: impl Fn(Format) -> bool) -> (Parsed, Vec<Notice>) {
    let format = document::format_of(subject.origin.name(), subject.text).filter(|format| wanted(*format));
    let Some(format) = format else { return Default::default() };
    let notice = |kind, line, message: &str| Notice {
        origin: Some(subject.origin.clone()),
        line,
        kind,
        message: message.to_owned(),
    };
    if !subject.part.whole {
        let message = "its text was searched in parts, but it is too large to be parsed";
        return (Parsed::default(), vec![notice(NoticeKind::TooLarge, None, message)]);
    }
    let parsed = document::parse(format, subject.text);
    if parsed.broken.is_empty() {
        return (parsed, Vec::new());
    }
    let index = LineIndex::new(subject.text);
    let told = |broken: &Broken| {
        let kind = match broken.why {
            Trouble::Syntax => NoticeKind::Malformed,
            Trouble::Template => NoticeKind::Template,
            Trouble::Depth | Trouble::Size => NoticeKind::Limit,
            Trouble::DuplicateKey => NoticeKind::DuplicateKey,
        };
        notice(kind, Some(index.line(broken.span.start)), &broken.message)
    };
    let notices = parsed.broken.iter().map(told).collect();
    (parsed, notices)
}
