//! Colours: which, and whether any.

use anstyle::{AnsiColor, Style};

use crate::finding::NoticeLevel;
use crate::rule::Severity;

/// What stands out.
pub(super) const BOLD: Style = Style::new().bold();
/// Arrows, line numbers and bars.
pub(super) const FRAME: Style = AnsiColor::BrightBlue.on_default().bold();
/// All is well.
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();

/// Whether escape sequences may be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    /// `text` in `style`, or as it is.
    pub(super) fn with(self, style: Style, text: &str) -> String {
        if self.0 && !text.is_empty() {
            format!("{}{text}{}", style.render(), style.render_reset())
        } else {
            text.to_owned()
        }
    }
}

pub(super) const fn severity(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::BrightMagenta.on_default().bold(),
        Severity::High => AnsiColor::BrightRed.on_default().bold(),
        Severity::Medium => AnsiColor::BrightYellow.on_default().bold(),
        Severity::Low => AnsiColor::BrightCyan.on_default().bold(),
    }
}

pub(super) const fn notice(level: NoticeLevel) -> Style {
    match level {
        NoticeLevel::Error => severity(Severity::High),
        NoticeLevel::Warning => severity(Severity::Medium),
        NoticeLevel::Note => BOLD,
    }
}
