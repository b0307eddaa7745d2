//! Errors that a person caused, shown at the place that the person wrote.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Severity};

use super::Exit;
use super::arguments::Color;
use crate::rule::Mistakes;
use crate::scan::ScanError;
use crate::text::{failure, visible};

/// The longest line that is shown with a mark below it, in bytes.
const LONGEST_SHOWN: usize = 1_000;

/// Why the program stops.
#[derive(Debug)]
pub(super) enum Complaint {
    /// Something is wrong with the command or with what it names.
    Message {
        /// What is wrong.
        text: String,
        /// What to do instead.
        help: Option<String>,
        /// The exit code.
        exit: Exit,
    },
    /// Files of the user's are wrong.
    Mistakes(Vec<Mistakes>),
}

impl Complaint {
    pub(super) fn usage(text: impl Into<String>, help: impl Into<Option<String>>) -> Self {
        Complaint::Message { text: text.into(), help: help.into(), exit: Exit::Usage }
    }

    /// A scan that could not begin.
    pub(super) fn scan(error: &ScanError) -> Self {
        let exit = if error.is_failure() { Exit::Incomplete } else { Exit::Usage };
        Complaint::Message { text: visible(&error.to_string()).into_owned(), help: None, exit }
    }

    /// A report that could not be written.
    pub(super) fn output(name: &str, error: &io::Error) -> Self {
        let text = format!("cannot write {}: {}", visible(name), failure(error));
        Complaint::Message { text, help: None, exit: Exit::Incomplete }
    }

    /// A file of the user's that could not be read.
    pub(super) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Complaint::usage(format!("cannot read {}: {}", visible(&path.display().to_string()), failure(error)), None)
    }

    pub(super) fn exit(&self) -> Exit {
        match self {
            Complaint::Message { exit, .. } => *exit,
            Complaint::Mistakes(_) => Exit::Usage,
        }
    }

    /// Prints to standard error.
    pub(super) fn print(&self, color: Color) {
        let theme = if wants_color(color, io::stderr().is_terminal()) {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(100).with_links(false);
        let mut shown = String::new();
        for report in self.reports() {
            // Rendering into memory cannot fail for want of space; a renderer that gives up has its reasons.
            let _ = handler.render_report(&mut shown, report.as_ref());
        }
        let _ = io::stderr().write_all(shown.as_bytes());
    }

    fn reports(&self) -> Vec<miette::Report> {
        match self {
            Complaint::Message { text, help, .. } => {
                let mut diagnostic = MietteDiagnostic::new(text.clone()).with_severity(Severity::Error);
                diagnostic.help.clone_from(help);
                vec![miette::Report::new(diagnostic)]
            }
            Complaint::Mistakes(files) => files.iter().flat_map(reports_of).collect(),
        }
    }
}

/// One report for each mistake.
fn reports_of(file: &Mistakes) -> Vec<miette::Report> {
    file.problems
        .iter()
        .map(|problem| {
            let span = file.span(problem);
            if let Some((line, column)) = too_long_to_show(&file.text, span.start) {
                let place = format!("{}:{line}:{column}: {}", visible(&file.name), visible(&problem.message));
                let mut diagnostic = MietteDiagnostic::new(place);
                diagnostic.help.clone_from(&problem.help);
                return miette::Report::new(diagnostic);
            }
            let label = LabeledSpan::new(
                Some("here".to_owned()),
                span.start,
                span.len().max(1).min(file.text.len().saturating_sub(span.start)),
            );
            let mut diagnostic = MietteDiagnostic::new(visible(&problem.message).into_owned()).with_label(label);
            diagnostic.help.clone_from(&problem.help);
            miette::Report::new(diagnostic)
                .with_source_code(NamedSource::new(visible(&file.name), printable(&file.text)))
        })
        .collect()
}

/// The line and column of a place on or beside a line that would fill the screen; `None` for one that can be shown.
fn too_long_to_show(text: &str, at: usize) -> Option<(usize, usize)> {
    let at = at.min(text.len());
    let before = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
    let around = text.lines().skip(before.saturating_sub(1)).take(3);
    let long = around.into_iter().any(|line| line.len() > LONGEST_SHOWN);
    let start = text.as_bytes()[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    long.then(|| (before + 1, String::from_utf8_lossy(&text.as_bytes()[start..at]).chars().count() + 1))
}

/// The text with everything that could move a cursor replaced, byte for byte, so that places stay true.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let shown = matches!(c, '\n' | '\r' | '\t')
                || matches!(visible(c.encode_utf8(&mut [0; 4])), std::borrow::Cow::Borrowed(_));
            let (c, times) = if shown { (c, 1) } else { ('?', c.len_utf8()) };
            std::iter::repeat_n(c, times)
        })
        .collect()
}

/// Whether to use colours (<https://no-color.org>, and what others have agreed on).
pub(super) fn wants_color(color: Color, terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto => set("FORCE_COLOR") || set("CLICOLOR_FORCE") || terminal,
    }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn escapes_in_a_configuration_do_not_reach_the_terminal() {
        let text = "a\u{1b}[31m\u{202e}b\né";
        assert_eq!(printable(text), "a?[31m???b\né");
        assert_eq!(printable(text).len(), text.len());
    }
}
