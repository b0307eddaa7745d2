//! What kinds of notice mean for the reader of a report.

use crate::finding::{NoticeKind, NoticeLevel};

/// Whether something wrong may stand where this kind of notice points: not so for what was left out on purpose,
/// and for comments and keys that only want mending.
pub(super) fn hides_findings(kind: NoticeKind) -> bool {
    match kind {
        NoticeKind::Unreadable
        | NoticeKind::Changed
        | NoticeKind::RuleFailed
        | NoticeKind::NotJudged
        | NoticeKind::Malformed
        | NoticeKind::Template
        | NoticeKind::Limit
        | NoticeKind::Archive
        | NoticeKind::Attachment
        | NoticeKind::Table
        | NoticeKind::Pdf
        | NoticeKind::Forbidden
        | NoticeKind::Unreachable
        | NoticeKind::TooLarge
        | NoticeKind::Chart
        | NoticeKind::RenderFailed
        | NoticeKind::Kustomize
        | NoticeKind::Shallow => true,
        NoticeKind::Binary
        | NoticeKind::Special
        | NoticeKind::Link
        | NoticeKind::Ignored
        | NoticeKind::Excluded
        | NoticeKind::UnusedSilence
        | NoticeKind::BadSilence
        | NoticeKind::DuplicateKey => false,
    }
}

/// Its level as a word.
pub(super) fn level_name(level: NoticeLevel) -> &'static str {
    match level {
        NoticeLevel::Note => "note",
        NoticeLevel::Warning => "warning",
        NoticeLevel::Error => "error",
    }
}

/// What it means for the result, and what to do.
pub(super) fn advice(kind: NoticeKind) -> &'static str {
    match (kind.level(), hides_findings(kind)) {
        (NoticeLevel::Error, _) => {
            "The scan is incomplete: something wrong may stand here unseen. Mend the cause and scan again."
        }
        (_, true) => {
            "This was not judged in full: something wrong may stand here unseen. Mend it, or look at it by hand."
        }
        (NoticeLevel::Warning, false) => {
            "The scan is complete here, but what stands here does not do what it seems to. Mend it."
        }
        (NoticeLevel::Note, false) => "This was left out by design or by the configuration. Nothing needs to be done.",
    }
}
