//! What the user gets to see: one file for each format.
//!
//! Sees verdicts, notices and rules; never a byte of what was scanned except the masked lines in a finding.
//! Every format is deterministic: the same report gives the same bytes.

mod cited;
mod escaped;
mod html;
mod json;
mod notices;
mod sarif;
mod sentence;
mod spot;
mod terminal;
mod utc;

use std::io;

use crate::finding::Report;
use crate::rule::CitationFile;

/// Writes a report in one format.
pub trait Reporter {
    /// Writes all of `report`; the caller flushes.
    fn write(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()>;
}

/// What becomes of silenced findings in SARIF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Suppressed {
    /// They are left out: GitHub shows a suppressed result as an open alert.
    #[default]
    Omit,
    /// They stand there with their justification, for archives and for consumers that respect it.
    Mark,
}

/// How reports are to look.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The catalogues that rules cite.
    pub citations: &'a CitationFile,
    /// SARIF: what becomes of silenced findings.
    pub suppressed: Suppressed,
    /// SARIF: the kind of target (`repo`, `facts`), so that uploads of different kinds do not replace each other.
    pub category: &'a str,
    /// Terminal: whether escape sequences for colour may be written.
    pub color: bool,
    /// Terminal: everything at each finding, all citations, silenced findings, every notice.
    pub verbose: bool,
    /// Terminal: findings and what could not be looked at, nothing else.
    pub quiet: bool,
}

impl<'a> Options<'a> {
    /// Plain: no colour, nothing verbose, silenced findings left out of SARIF, the category `repo`.
    pub fn new(citations: &'a CitationFile) -> Self {
        Options {
            citations,
            suppressed: Suppressed::Omit,
            category: "repo",
            color: false,
            verbose: false,
            quiet: false,
        }
    }
}

/// The formats that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people at a terminal.
    Terminal,
    /// For code scanning services.
    Sarif,
    /// For programs.
    Json,
    /// For people without the program: one page, for an auditor's file.
    Html,
}

impl Format {
    /// All of them, the default first.
    pub const ALL: [Format; 4] = [Format::Terminal, Format::Sarif, Format::Json, Format::Html];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Terminal => "terminal",
            Format::Sarif => "sarif",
            Format::Json => "json",
            Format::Html => "html",
        }
    }

    /// What it is good for, in half a sentence.
    pub const fn description(self) -> &'static str {
        match self {
            Format::Terminal => "findings with their source lines, for people",
            Format::Sarif => "SARIF 2.1.0, for GitHub code scanning and other services",
            Format::Json => "versioned JSON with everything that is known, for programs",
            Format::Html => "one page by HIPAA paragraph that needs nothing else, for auditors",
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What writes it.
    pub fn reporter<'a>(self, options: &Options<'a>) -> Box<dyn Reporter + 'a> {
        match self {
            Format::Terminal => Box::new(terminal::TerminalReporter::new(*options)),
            Format::Sarif => Box::new(sarif::SarifReporter::new(*options)),
            Format::Json => Box::new(json::JsonReporter::new(options.citations)),
            Format::Html => Box::new(html::HtmlReporter::new(options.citations)),
        }
    }
}

/// The last line of the terminal's report, without colour: how much was found, seen and not seen.
pub fn summary(report: &Report) -> String {
    let citations = CitationFile::default();
    let mut line = String::new();
    terminal::TerminalReporter::new(Options::new(&citations)).summary(&mut line, report);
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn a_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(Format::named(format.name()), Some(format));
        }
        assert_eq!(Format::named("yaml"), None);
    }
}
