//! PDF files that a scan comes upon: each page, what stands in forms and notes, and files in the file are judged as texts of
//! their own.

use std::io::Read;

use crate::artifact::{Artifact, Flow, Origin, Part, ReadSeek, Sink, Step};
use crate::document::pdf::{self, Pdf};
use crate::engine::LARGEST_BINARY;
use crate::finding::NoticeKind;
use crate::scan::collector::Collector;

/// The largest file that is read.
const LARGEST: u64 = 128 << 20;

impl Collector<'_> {
    /// Takes content that is a PDF file; `None` if it is to be searched as it stands, too.
    pub(in crate::scan) fn pdf(&self, origin: &Origin, bytes: &[u8], part: Part) -> Option<Flow> {
        if !part.whole {
            self.note(origin, NoticeKind::TooLarge, "a PDF this large can only be read from a file");
            return Some(Flow::SkipRest);
        }
        let mut any = false;
        self.guarded(origin, || any = self.pages(origin, pdf::read(bytes)));
        if bytes.len() > LARGEST_BINARY {
            self.count(1, bytes.len());
        } else if any {
            // What is not packed may hold more than what is drawn.
            self.binary(origin.clone(), bytes, part);
        } else {
            return None;
        }
        Some(Flow::SkipRest)
    }

    /// Takes a large PDF file; `false` for any other.
    pub(in crate::scan) fn large_pdf(&self, origin: &Origin, head: &[u8], content: &mut dyn ReadSeek) -> bool {
        if !pdf::is_pdf(head) {
            return false;
        }
        let mut bytes = Vec::new();
        let read = content.rewind().and_then(|()| content.take(LARGEST + 1).read_to_end(&mut bytes));
        match read {
            Err(error) => self.note(origin, NoticeKind::Unreadable, &crate::text::failure(&error)),
            Ok(_) if bytes.len() as u64 > LARGEST => {
                let message = format!("a PDF over {} MiB is not looked into", LARGEST >> 20);
                self.note(origin, NoticeKind::TooLarge, &message);
            }
            Ok(_) => {
                self.count(1, bytes.len());
                self.guarded(origin, || _ = self.pages(origin, pdf::read(&bytes)));
            }
        }
        true
    }

    /// Judges what was read; whether there was something.
    fn pages(&self, origin: &Origin, pdf: Pdf) -> bool {
        let Pdf { pages, texts, files, troubles } = pdf;
        let any = !pages.is_empty() || !texts.is_empty();
        for trouble in &troubles {
            self.note(origin, NoticeKind::Pdf, trouble);
        }
        let text = |step: Step, text: String| {
            self.artifact(Artifact { origin: origin.then(step), bytes: text.into_bytes(), part: Part::WHOLE });
        };
        pages.into_iter().for_each(|(number, page)| text(Step::Page(number.to_string()), page));
        texts.into_iter().for_each(|(name, said)| text(Step::Entry(name.to_owned()), said));
        // What is unpacked of one file must not multiply.
        let outermost = origin.steps().iter().all(|step| !matches!(step, Step::Entry(_) | Step::Decoded(_)));
        if !outermost && !files.is_empty() {
            let message = format!("{} files in a PDF inside of another file were not looked into", files.len());
            self.note(origin, NoticeKind::Pdf, &message);
            return any;
        }
        for (name, bytes) in files {
            self.artifact(Artifact { origin: origin.then(Step::Entry(name)), bytes, part: Part::WHOLE });
        }
        any
    }
}
