//! Bytes with an origin: what a source hands on.
//!
//! Knows how a place in the world is named (a file, a blob in the index, a named resource) and nothing of
//! where bytes come from or what is done with them.

pub mod calendar;

use std::fmt;
use std::io::{Read, Seek};

/// One step on the way from a target to the bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A path below the scan's root, with `/` between its parts.
    File(String),
    /// Standard input.
    Stdin,
    /// The blob that stands in the git index, not the file of the work tree.
    Index,
    /// The state of a file, or a message, that a commit of the git history brought.
    Commit(Commit),
    /// A text that stands in git but in no file: `commit message`, `message of tag v1.2`.
    Message(String),
    /// A name inside an archive or other container.
    Entry(String),
    /// A sheet of a workbook, written as text: its lines are the rows.
    Sheet(String),
    /// A table that does not stand in its file as text, written as such: a line with names, then the rows.
    Table(String),
    /// The text of a page, by its number from 1.
    Page(String),
    /// A stretch of a text that is another text, written in this way.
    Decoded(Coding),
    /// Something that is no file: an endpoint, a bucket, an object of a cluster (`tls://host:443`, `s3://name`,
    /// `k8s://context/namespace/Kind/name`).
    Resource(String),
}

/// A commit of the git history, or an annotated tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commit {
    /// How many commits stand before it in the order that one scan gave them, oldest first.
    pub order: u32,
    /// Its id in hex.
    pub id: String,
    /// When it was written (not: applied), in seconds since 1970.
    pub seconds: i64,
}

impl Commit {
    /// How many hex digits of an id are shown to people.
    const SHOWN: usize = 12;

    /// The beginning of the id.
    pub fn short(&self) -> &str {
        self.id.get(..Self::SHOWN).unwrap_or(&self.id)
    }

    /// The day on which it was written, in UTC: `2024-05-01`. Clocks before the year 0 or after 9999 stop there.
    pub fn day(&self) -> String {
        let days = self.seconds.div_euclid(86_400).clamp(calendar::FIRST, calendar::LAST);
        calendar::day(days).unwrap_or_default()
    }
}

/// How one text can be written in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coding {
    /// Base64, in either alphabet.
    Base64,
    /// Two hex digits for each byte.
    Hex,
    /// The percent escapes of URLs.
    Percent,
    /// The backslash escapes of string literals.
    Escape,
}

impl Coding {
    /// Its name in origins.
    pub const fn name(self) -> &'static str {
        match self {
            Coding::Base64 => "base64",
            Coding::Hex => "hex",
            Coding::Percent => "percent",
            Coding::Escape => "escape",
        }
    }
}

/// The honest name of a piece of content: the steps that lead to it, outermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(Vec<Step>);

impl Origin {
    /// A file below the root; `path` uses `/`.
    pub fn file(path: impl Into<String>) -> Self {
        Origin(vec![Step::File(path.into())])
    }

    /// Standard input.
    pub fn stdin() -> Self {
        Origin(vec![Step::Stdin])
    }

    /// A resource that is no file.
    pub fn resource(name: impl Into<String>) -> Self {
        Origin(vec![Step::Resource(name.into())])
    }

    /// A text that stands in git but in no file.
    pub fn message(name: impl Into<String>) -> Self {
        Origin(vec![Step::Message(name.into())])
    }

    /// This origin, one step deeper.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Origin(steps)
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The path of the outermost file, if there is one: the part that a SARIF location can point at.
    pub fn file_path(&self) -> Option<&str> {
        self.0.iter().find_map(|step| match step {
            Step::File(path) => Some(path.as_str()),
            _ => None,
        })
    }

    /// Whether its text is one that the user can open: lines of what is no file are nobody's lines, and what
    /// stands there is named by its path in the tree.
    pub fn has_lines(&self) -> bool {
        !matches!(self.0.first(), Some(Step::Resource(_)))
    }

    /// The commit that brought it, if it comes from the git history.
    pub fn commit(&self) -> Option<&Commit> {
        self.0.iter().find_map(|step| match step {
            Step::Commit(commit) => Some(commit),
            _ => None,
        })
    }

    /// The same content, whichever commit brought it.
    #[must_use]
    pub fn without_commit(self) -> Self {
        Origin(self.0.into_iter().filter(|step| !matches!(step, Step::Commit(_))).collect())
    }

    /// The name of the sheet or table that its text is, if it was written as text from one.
    pub fn table(&self) -> Option<&str> {
        match self.0.last()? {
            Step::Sheet(name) | Step::Table(name) => Some(name),
            _ => None,
        }
    }

    /// What a line of its text is, if that is no line that anybody could open: `row 7 of patients`, `page 3`.
    pub fn row(&self, line: usize) -> Option<String> {
        match (self.0.last()?, line) {
            (Step::Sheet(name), _) => Some(format!("row {line} of sheet {name}")),
            (Step::Table(name), 0..=1) => Some(format!("the names of the columns of {name}")),
            (Step::Table(name), _) => Some(format!("row {} of {name}", line - 1)),
            (Step::Page(number), _) => Some(format!("page {number}")),
            _ => None,
        }
    }

    /// The name without the commit: the same for a file of the work tree and for its past states.
    pub fn stable_name(&self) -> String {
        let mut name = String::new();
        for step in &self.0 {
            let page;
            let part = match step {
                Step::Page(number) => {
                    page = format!("page {number}");
                    page.as_str()
                }
                Step::File(part)
                | Step::Entry(part)
                | Step::Sheet(part)
                | Step::Table(part)
                | Step::Resource(part)
                | Step::Message(part) => part.as_str(),
                Step::Decoded(coding) => coding.name(),
                Step::Stdin => "-",
                Step::Index | Step::Commit(_) => continue,
            };
            if !name.is_empty() {
                name.push('!');
            }
            name.push_str(part);
        }
        name
    }

    /// The name that rule globs and syntax guesses look at: the innermost file or entry name. What is no file is
    /// described in JSON, however its own name ends.
    pub fn name(&self) -> &str {
        self.0
            .iter()
            .rev()
            .find_map(|step| match step {
                Step::File(name) | Step::Entry(name) => Some(name.as_str()),
                Step::Sheet(_) | Step::Table(_) => Some("table.tsv"),
                Step::Page(_) => Some("page.txt"),
                Step::Resource(_) => Some("resource.json"),
                _ => None,
            })
            .unwrap_or("-")
    }
}

impl fmt::Display for Origin {
    /// `dir/a.zip!inner/b.yaml`, `-` for standard input, `a.env @ 1a2b3c4d5e6f (2024-05-01)` for what a commit
    /// brought. May hold control characters: print it through [`crate::text::visible`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stable_name())?;
        match self.commit() {
            Some(commit) => write!(f, " @ {} ({})", commit.short(), commit.day()),
            None => Ok(()),
        }
    }
}

/// Content and where it came from.
#[derive(Debug)]
pub struct Artifact {
    /// Where the bytes came from.
    pub origin: Origin,
    /// The bytes as they were read.
    pub bytes: Vec<u8>,
    /// Which part of the whole this is.
    pub part: Part,
}

/// Content too large to hold at once comes in parts, cut at line ends where there are any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Lines that stand before this part.
    pub lines_before: usize,
    /// Characters of an unfinished line that stand before this part.
    pub columns_before: usize,
    /// Whether this is everything there is; only then can the content be parsed as a document.
    pub whole: bool,
    /// The stretch that is this part's own, as first byte and the byte after the last; all of it without. The rest
    /// is told by the neighbouring parts: it is here so that what stands near the border is seen in one piece.
    pub own: Option<(usize, usize)>,
}

impl Part {
    /// The part that is everything.
    pub const WHOLE: Part = Part { lines_before: 0, columns_before: 0, whole: true, own: None };
}

/// Why something was not handed on, or not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// It could not be opened or read.
    Unreadable,
    /// It vanished or changed while it was read.
    Changed,
    /// It is a socket, a device or a pipe.
    Special,
    /// It is a symbolic link; links are not followed.
    Link,
    /// Ignore files name it.
    Ignored,
    /// The configuration or the command leaves it out.
    Excluded,
    /// Whoever asked has no right to read it.
    Forbidden,
    /// It is too large to be held, and not text that can be read in parts.
    TooLarge,
    /// It did not answer, and that was to be expected.
    Unreachable,
    /// The repository holds only the newest part of its history.
    Shallow,
}

/// Something that a source could not, or was told not to, hand on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// What.
    pub origin: Option<Origin>,
    /// Why.
    pub reason: SkipReason,
    /// In words, without its full stop.
    pub message: String,
}

/// Whether a source should go on with the content that it is handing on in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// The rest of this content is not wanted.
    SkipRest,
}

/// Content that can be read from any place.
pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// What a source pushes into; called from several threads.
pub trait Sink: Sync {
    /// Takes some content.
    fn artifact(&self, artifact: Artifact) -> Flow;
    /// Takes states of one file, the oldest first.
    fn states(&self, states: Vec<Artifact>) {
        for state in states {
            self.artifact(state);
        }
    }
    /// Takes content that is too large to be handed on whole and that can be read from any place, if it wants to;
    /// `false` when it is to be handed on in parts.
    fn large(&self, _origin: &Origin, _content: &mut dyn ReadSeek) -> bool {
        false
    }
    /// Takes note of something that was not handed on.
    fn skipped(&self, skipped: Skipped);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_named_behind_the_path_and_is_no_part_of_the_stable_name() {
        let commit = Commit { order: 3, id: "1a2b3c4d5e6f7081".into(), seconds: 1_714_521_600 };
        let origin = Origin::file("a.zip").then(Step::Commit(commit)).then(Step::Entry("b".into()));
        assert_eq!(origin.to_string(), "a.zip!b @ 1a2b3c4d5e6f (2024-05-01)");
        assert_eq!(origin.stable_name(), "a.zip!b");
        assert_eq!(Origin::stdin().stable_name(), "-");
    }

    #[test]
    fn lines_of_tables_are_rows() {
        // origin, line, what it is
        let file = Origin::file("a");
        let cases = [
            (file.then(Step::Sheet("People".into())), 7, Some("row 7 of sheet People")),
            (file.then(Step::Table("people".into())), 7, Some("row 6 of people")),
            (file.then(Step::Table("people".into())), 1, Some("the names of the columns of people")),
            (file, 7, None),
        ];
        for (origin, line, wanted) in cases {
            assert_eq!(origin.row(line).as_deref(), wanted);
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let cases = [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_400, "2000-02-29"),   // a leap day in a century that has one
            (4_107_542_399, "2100-02-28"), // the day before the one that is missing
            (4_107_542_400, "2100-03-01"),
            (i64::MAX, "9999-12-31"),
            (i64::MIN, "0000-01-01"),
        ];
        for (seconds, day) in cases {
            assert_eq!(Commit { order: 0, id: String::new(), seconds }.day(), day);
        }
    }
}
