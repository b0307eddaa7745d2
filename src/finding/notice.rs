//! What could not be looked at, or not be judged: "could not look" is never "passed".

use crate::artifact::Origin;

/// One thing that could not be looked at, or that the user should mend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// Where; absent when it concerns the whole scan.
    pub origin: Option<Origin>,
    /// Line from 1, where there is one.
    pub line: Option<usize>,
    /// What kind.
    pub kind: NoticeKind,
    /// What happened, in one sentence without its full stop. Holds no content.
    pub message: String,
}

/// How much a notice weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeLevel {
    /// By design or by the user's wish.
    Note,
    /// Something was not judged that might matter.
    Warning,
    /// The scan is incomplete: exit code 4.
    Error,
}

macro_rules! notice_kinds {
    ($($(#[doc = $doc:literal])* $variant:ident = $id:literal, $name:literal, $level:ident;)*) => {
        /// The closed list of notices.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum NoticeKind { $($(#[doc = $doc])* $variant,)* }

        impl NoticeKind {
            /// All of them.
            pub const ALL: &'static [NoticeKind] = &[$(NoticeKind::$variant,)*];

            /// Its id in reports.
            pub const fn id(self) -> &'static str {
                match self { $(NoticeKind::$variant => $id,)* }
            }

            /// What it means, for people.
            pub const fn title(self) -> &'static str {
                match self { $(NoticeKind::$variant => $name,)* }
            }

            /// How much it weighs.
            pub const fn level(self) -> NoticeLevel {
                match self { $(NoticeKind::$variant => NoticeLevel::$level,)* }
            }
        }
    };
}

notice_kinds! {
    /// A file or folder that could not be opened or read.
    Unreadable = "unreadable", "Could not be read", Error;
    /// A file that changed or vanished while it was read.
    Changed = "changed-while-read", "Changed while it was read", Error;
    /// A rule that failed while it ran.
    RuleFailed = "rule-failed", "A rule failed", Error;
    /// A value that a rule needed is not known.
    NotJudged = "not-judged", "A rule could not judge", Warning;
    /// A document that breaks its format.
    Malformed = "malformed-document", "A document could not be parsed", Warning;
    /// A template that only its engine can render.
    Template = "unrendered-template", "A template was not rendered", Warning;
    /// A chart whose templates were not rendered.
    Chart = "chart-not-rendered", "A chart was not rendered", Note;
    /// A chart or an overlay that could not be rendered.
    RenderFailed = "render-failed", "A chart or an overlay could not be rendered", Warning;
    /// An overlay that was not applied.
    Kustomize = "kustomize-not-applied", "Overlays were not applied", Note;
    /// A limit on depth, size or steps was reached.
    Limit = "limit-reached", "A limit was reached", Warning;
    /// A file too large to be parsed; its text was searched.
    TooLarge = "too-large-to-parse", "Too large to be parsed", Warning;
    /// A repository that holds only the newest part of its history.
    Shallow = "history-cut-off", "The history is cut off", Warning;
    /// A file that is not text.
    Binary = "binary-not-searched", "Binary content was not searched", Note;
    /// An archive, or an entry of one, that could not be read: damaged, encrypted, compressed in an unknown way.
    Archive = "archive-not-read", "An archive could not be read whole", Warning;
    /// A workbook, database or other table that could not be read, or not to its end.
    Table = "table-not-read", "A table could not be read whole", Warning;
    /// A PDF file that could not be read, or not all of it: encrypted, pictures of text, fonts without a map.
    Pdf = "pdf-not-read", "A PDF could not be read whole", Warning;
    /// An attachment inside of a record that is no text.
    Attachment = "attachment-not-read", "An attachment was not looked into", Note;
    /// Kinds of objects that the user has no right to read: what rights the scan is given is the user's choice, so
    /// it is complete, and says so.
    Forbidden = "forbidden", "May not be read", Warning;
    /// An endpoint that did not answer, where that was to be expected.
    Unreachable = "unreachable", "Did not answer", Warning;
    /// A special file: a socket, a device, a pipe.
    Special = "special-file", "Not a regular file", Note;
    /// A symbolic link that was not followed.
    Link = "link-not-followed", "A symbolic link was not followed", Note;
    /// Ignore files were respected.
    Ignored = "ignored-paths", "Ignored paths were not looked at", Note;
    /// Excluded by the configuration.
    Excluded = "excluded-paths", "Excluded paths were not looked at", Note;
    /// A comment that silences nothing.
    UnusedSilence = "unused-silence", "A silencing comment has no effect", Warning;
    /// A comment that silences without saying why, or that cannot be read.
    BadSilence = "bad-silence", "A silencing comment is not valid", Warning;
    /// A name stands twice in one map.
    DuplicateKey = "duplicate-key", "A key stands twice", Warning;
}
