//! Archives that a scan comes upon: opened in memory, entry by entry, down to those that are nested in them.

#[cfg(feature = "archives")]
mod opened {
    use std::io::{self, Cursor, Read};

    use crate::artifact::{Artifact, Flow, Origin, Part, ReadSeek, Sink, Step};
    use crate::document::container::{self, Bounds, Container, Entry, EntryKind, HEAD, Limits, container_of, fill};
    use crate::document::table::{self, WorkbookParts};
    use crate::finding::{Notice, NoticeKind};
    use crate::scan::collector::Collector;
    use crate::source;

    /// The largest zip inside another container that is opened: it has to be held.
    const LARGEST_HELD: u64 = 32 << 20;

    /// How deep an entry is nested, and what may still be unpacked.
    struct Nest<'b> {
        bounds: &'b Bounds,
        outermost: &'b Origin,
        depth: usize,
    }

    /// The content of a container.
    enum Content<'c> {
        Stream(&'c mut dyn Read),
        Anywhere(&'c mut dyn ReadSeek),
    }

    impl Collector<'_> {
        /// Takes content that was read and is an archive; `None` for any other content.
        pub(in crate::scan) fn archive(&self, origin: &Origin, bytes: &[u8], part: Part) -> Option<Flow> {
            let kind = container_of(&bytes[..bytes.len().min(HEAD)])?;
            if !part.whole {
                self.told(origin, NoticeKind::TooLarge, "an archive this large can only be opened as a file");
            } else {
                self.outermost(kind, origin, &mut Cursor::new(bytes));
            }
            Some(Flow::SkipRest)
        }

        /// Takes a large file that is an archive; `false` for any other.
        pub(in crate::scan) fn large_archive(&self, origin: &Origin, content: &mut dyn ReadSeek) -> bool {
            let mut head = [0; HEAD];
            let Ok(length) = fill(content, &mut head) else { return false };
            let Some(kind) = container_of(&head[..length]) else { return false };
            if content.rewind().is_err() {
                return false;
            }
            self.outermost(kind, origin, content);
            true
        }

        fn outermost(&self, kind: Container, origin: &Origin, content: &mut dyn ReadSeek) {
            if !self.opens_archives() {
                self.told(origin, NoticeKind::Excluded, "archives are not opened (--no-archives)");
                return;
            }
            self.count(1, 0);
            let bounds = Bounds::new(Limits::default());
            let nest = Nest { bounds: &bounds, outermost: origin, depth: 1 };
            self.guarded(origin, || self.container(kind, origin, Content::Anywhere(content), &nest));
        }

        /// Opens a container and takes all of its entries.
        fn container(&self, kind: Container, origin: &Origin, content: Content<'_>, nest: &Nest<'_>) {
            let limits = nest.bounds.limits();
            if nest.depth > limits.depth {
                let message = format!("archives in it nest deeper than {} levels; those were not opened", limits.depth);
                // A bomb has thousands of these; one word for all is enough.
                self.told(nest.outermost, NoticeKind::Limit, &message);
                return;
            }
            let mut book = WorkbookParts::default();
            let mut visit = |entry: Entry, content: &mut dyn Read| {
                let is_part =
                    kind == Container::Zip && entry.kind == EntryKind::File && WorkbookParts::wants(&entry.name);
                if !(is_part && self.kept(origin, &entry.name, content, &mut book, nest)) {
                    self.entry(kind, origin, entry, content, nest);
                }
            };
            let counted = matches!(content, Content::Stream(_));
            let ended = match (kind, content) {
                (Container::Zip, Content::Anywhere(content)) => container::zip(content, nest.bounds, &mut visit),
                (Container::Zip, Content::Stream(content)) => {
                    let mut held = Vec::new();
                    // What cannot be read to its end is damaged, and the container around it says so.
                    let _ = content.take(LARGEST_HELD + 1).read_to_end(&mut held);
                    if held.len() as u64 > LARGEST_HELD {
                        let message = "a zip over 32 MiB inside another archive is not opened";
                        self.told(origin, NoticeKind::TooLarge, message);
                        return;
                    }
                    container::zip(&mut Cursor::new(held), nest.bounds, &mut visit)
                }
                (kind, content) => {
                    let stream: &mut dyn Read = match content {
                        Content::Stream(content) => content,
                        Content::Anywhere(content) => content,
                    };
                    if kind == Container::Tar {
                        container::tar(stream, counted, nest.bounds, &mut visit)
                    } else {
                        container::gzip(stream, origin.name(), nest.bounds, &mut visit)
                    }
                }
            };
            self.workbook(origin, book);
            if let Err(trouble) = ended {
                let kind = match trouble {
                    container::Trouble::Corrupt => NoticeKind::Archive,
                    _ => NoticeKind::Limit,
                };
                self.told(origin, kind, &trouble.message(limits));
            }
        }

        /// Keeps what may be a part of a workbook; `false` if there is no room for it.
        fn kept(
            &self,
            origin: &Origin,
            name: &str,
            content: &mut dyn Read,
            book: &mut WorkbookParts,
            nest: &Nest<'_>,
        ) -> bool {
            let most = nest.bounds.limits().entry;
            if !book.has_room(most as usize) {
                let entry = origin.then(Step::Entry(name.to_owned()));
                self.told(
                    &entry,
                    NoticeKind::Limit,
                    "the workbook is too large for all its sheets to be read as tables",
                );
                return false;
            }
            let mut part = Vec::new();
            let mut soft = Soft(content);
            // A soft reader has no errors.
            let _ = Read::take(&mut soft, most).read_to_end(&mut part);
            if part.len() as u64 == most && soft.read(&mut [0]).is_ok_and(|more| more > 0) {
                let message = format!("it is larger than {} MiB; the rest was not searched", most >> 20);
                self.told(&origin.then(Step::Entry(name.to_owned())), NoticeKind::Limit, &message);
            }
            book.add(name.to_owned(), part);
            true
        }

        /// Searches the sheets of a workbook; the parts of what is none are searched as they are.
        fn workbook(&self, origin: &Origin, book: WorkbookParts) {
            if book.is_workbook() {
                self.guarded(origin, || {
                    let troubles = book.read(&mut |table| self.table(origin, table));
                    self.troubles(origin, &troubles);
                });
                return;
            }
            for (name, bytes) in book.into_parts() {
                self.artifact(Artifact { origin: origin.then(Step::Entry(name)), bytes, part: Part::WHOLE });
            }
        }

        fn entry(&self, within: Container, outer: &Origin, entry: Entry, content: &mut dyn Read, nest: &Nest<'_>) {
            let origin = outer.then(Step::Entry(entry.name));
            match entry.kind {
                EntryKind::File => {}
                EntryKind::Link => return self.told(&origin, NoticeKind::Link, "links in archives are not followed"),
                EntryKind::Encrypted => return self.told(&origin, NoticeKind::Archive, "it is encrypted"),
                EntryKind::UnknownMethod => {
                    return self.told(&origin, NoticeKind::Archive, "it is compressed in a way that is not read here");
                }
            }
            let mut head = [0; HEAD];
            // An error comes again when the rest is read.
            let length = fill_softly(content, &mut head);
            let mut content = Read::chain(&head[..length], content);
            match container_of(&head[..length]) {
                // A compressed tar is one archive.
                Some(Container::Tar) if within == Container::Gzip => {
                    self.container(Container::Tar, outer, Content::Stream(&mut content), nest);
                }
                Some(kind) => {
                    let deeper = Nest { depth: nest.depth + 1, ..*nest };
                    self.container(kind, &origin, Content::Stream(&mut content), &deeper);
                }
                // Tables are read from any place, so that they have to be held.
                None if table::format_of(&head[..length], origin.name()).is_some() => {
                    let (mut held, most) = (Vec::new(), nest.bounds.limits().entry);
                    let _ = Read::take(&mut Soft(&mut content), most).read_to_end(&mut held);
                    self.artifact(Artifact { origin, bytes: held, part: Part::WHOLE });
                }
                None => self.file(&origin, &mut content, nest.bounds.limits().entry),
            }
        }

        /// Searches an entry that is no container, up to its limit.
        fn file(&self, origin: &Origin, content: &mut dyn Read, most: u64) {
            let mut soft = Soft(content);
            let mut bounded = Read::take(&mut soft, most);
            // A soft reader has no errors.
            let _ = source::hand_on(&mut bounded, HEAD as u64, origin, self);
            if bounded.limit() == 0 && soft.read(&mut [0]).is_ok_and(|more| more > 0) {
                let message = format!("it is larger than {} MiB; the rest was not searched", most >> 20);
                self.told(origin, NoticeKind::Limit, &message);
            }
        }

        fn told(&self, origin: &Origin, kind: NoticeKind, message: &str) {
            self.notice(Notice { origin: Some(origin.clone()), line: None, kind, message: message.to_owned() });
        }
    }

    fn fill_softly(content: &mut dyn Read, buffer: &mut [u8]) -> usize {
        let mut soft = Soft(content);
        fill(&mut soft, buffer).unwrap_or(0)
    }

    /// Ends where reading fails: what came before is searched, and the container tells why it ended.
    struct Soft<'r>(&'r mut dyn Read);

    impl Read for Soft<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => Ok(0),
                read => read,
            }
        }
    }
}

#[cfg(not(feature = "archives"))]
impl super::collector::Collector<'_> {
    /// Without the `archives` feature, an archive is binary content.
    pub(super) fn archive(
        &self,
        _: &crate::artifact::Origin,
        _: &[u8],
        _: crate::artifact::Part,
    ) -> Option<crate::artifact::Flow> {
        None
    }

    /// Without the `archives` feature, an archive is binary content.
    pub(super) fn large_archive(&self, _: &crate::artifact::Origin, _: &mut dyn crate::artifact::ReadSeek) -> bool {
        let _ = self.opens_archives();
        false
    }
}
