//! Workbooks, databases, columnar files, arrays and pickles that a scan comes upon: each of their tables is written
//! as text and judged as a text of its own.

use std::io::{self, Cursor, Read};

use crate::artifact::{Artifact, Flow, Origin, Part, ReadSeek, Sink, Step};
use crate::document::pdf::is_pdf;
use crate::document::table::{self, Format, Table, Trouble};
use crate::finding::{Notice, NoticeKind};
use crate::scan::collector::Collector;

/// How many bytes tell what a format is.
const HEAD: usize = 1024;

/// Content that holds tables, or other data that people are in, and is not read.
const UNREAD: &[(&[u8], &str)] = &[
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an Office file in the old binary format, or one with a password, is not read",
    ),
    (b"ORC", "ORC files are not read"),
    (b"Obj\x01", "Avro files are not read"),
    (b"ARROW1\0\0", "Arrow files are not read"),
    (b"FEA1", "Feather files are not read"),
    (b"\x89HDF\r\n\x1a\n", "HDF5 files are not read"),
    (b"\x37\x7f\x06\x82", "rows that stand only in the write-ahead log of a database are not read"),
    (b"\x37\x7f\x06\x83", "rows that stand only in the write-ahead log of a database are not read"),
];

impl Collector<'_> {
    /// Takes content that was read and holds tables; `None` for any other.
    pub(in crate::scan) fn tables(&self, origin: &Origin, bytes: &[u8], part: Part) -> Option<Flow> {
        let head = &bytes[..bytes.len().min(HEAD)];
        if is_pdf(head) {
            return self.pdf(origin, bytes, part);
        }
        let Some(format) = table::format_of(head, origin.name()) else {
            // Their printable stretches are searched all the same.
            if let Some((_, what)) = UNREAD.iter().find(|(magic, _)| head.starts_with(magic) && head.contains(&0)) {
                self.note(origin, NoticeKind::Table, what);
            }
            return None;
        };
        if !part.whole {
            self.note(origin, NoticeKind::TooLarge, "a table this large can only be read from a file");
            return Some(Flow::SkipRest);
        }
        // What could not be read at all is searched as it stands.
        self.read_tables(format, origin, &mut Cursor::new(bytes)).then_some(Flow::SkipRest)
    }

    /// Takes a large file that holds tables; `false` for any other.
    pub(in crate::scan) fn large_tables(&self, origin: &Origin, content: &mut dyn ReadSeek) -> bool {
        let mut head = Vec::new();
        if content.rewind().is_err() || content.take(HEAD as u64).read_to_end(&mut head).is_err() {
            return false;
        }
        if self.large_pdf(origin, &head, content) {
            return true;
        }
        let format = table::format_of(&head, origin.name());
        if let Some(format) = format {
            self.read_tables(format, origin, content);
        }
        format.is_some()
    }

    /// Reads what can be read; `false` for damaged content without any table.
    fn read_tables(&self, format: Format, origin: &Origin, content: &mut dyn ReadSeek) -> bool {
        let (mut found, mut damaged) = (false, false);
        self.guarded(origin, || {
            let mut take = |table: Table| {
                found |= !table.text.is_empty();
                self.table(origin, table);
            };
            match table::read(format, content, &mut take) {
                Ok(troubles) => {
                    damaged = troubles.contains(&Trouble::Damaged);
                    self.troubles(origin, &troubles);
                }
                Err(error) => self.unreadable(origin, &error),
            }
        });
        let is_read = found || !damaged;
        self.count(u64::from(is_read), 0);
        is_read
    }

    fn unreadable(&self, origin: &Origin, error: &io::Error) {
        self.note(origin, NoticeKind::Unreadable, &crate::text::failure(error));
    }

    /// Tells what of tables could not be read.
    pub(in crate::scan) fn troubles(&self, origin: &Origin, troubles: &[Trouble]) {
        for trouble in troubles {
            let kind = match trouble {
                Trouble::Limit(_) => NoticeKind::Limit,
                Trouble::Damaged | Trouble::Unknown(_) => NoticeKind::Table,
            };
            self.note(origin, kind, &trouble.message());
        }
    }

    /// Searches a table.
    pub(in crate::scan) fn table(&self, origin: &Origin, table: Table) {
        for (name, bytes) in table.texts {
            if !bytes.is_empty() {
                let origin = origin.then(Step::Entry(name.to_owned()));
                self.artifact(Artifact { origin, bytes, part: Part::WHOLE });
            }
        }
        if table.text.is_empty() && table.rows == 0 {
            return;
        }
        let step = if table.sheet { Step::Sheet(table.name) } else { Step::Table(table.name) };
        let origin_of_table = origin.then(step);
        if table.told < table.rows {
            let message = format!("it has {} rows, of which the first {} were searched", table.rows, table.told);
            self.note(&origin_of_table, NoticeKind::Limit, &message);
        }
        let texts = std::iter::once((origin_of_table, table.text));
        let documents = table.documents.into_iter().map(|(name, text)| {
            // The name says that each line is a document.
            (origin.then(Step::Table(name)).then(Step::Entry("cells.ndjson".to_owned())), text)
        });
        for (origin, bytes) in texts.chain(documents) {
            self.artifact(Artifact { origin, bytes, part: Part::WHOLE });
        }
    }

    pub(in crate::scan) fn note(&self, origin: &Origin, kind: NoticeKind, message: &str) {
        self.notice(Notice { origin: Some(origin.clone()), line: None, kind, message: message.to_owned() });
    }
}
