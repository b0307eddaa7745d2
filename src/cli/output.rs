//! Where reports go: standard output, or files.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::arguments::{Color, ReportArguments};
use super::complaint::{Complaint, wants_color};
use crate::finding::Report;
use crate::report::{Format, Options, Suppressed};
use crate::rule::embedded;

/// Checks, before a long scan, that reports do not get in each other's way.
pub(super) fn check(formats: &[(Format, Option<PathBuf>)]) -> Result<(), Complaint> {
    let to_stdout = formats.iter().filter(|(_, file)| file.is_none()).count();
    if to_stdout > 1 {
        let help = "give all but one a file: `--format sarif:out.sarif`".to_owned();
        return Err(Complaint::usage("only one format can go to standard output", help));
    }
    for (index, (_, file)) in formats.iter().enumerate() {
        if let Some(file) = file
            && formats[..index].iter().any(|(_, other)| other.as_ref() == Some(file))
        {
            return Err(Complaint::usage(format!("two formats would be written to {}", file.display()), None));
        }
    }
    Ok(())
}

/// Writes the report in every format that is wanted; the terminal's where none is named.
pub(super) fn write(
    report: &Report,
    arguments: &ReportArguments,
    category: &str,
    color: Color,
) -> Result<(), Complaint> {
    let citations = embedded::citations();
    let terminal = [(Format::Terminal, None)];
    let formats = if arguments.format.is_empty() { &terminal[..] } else { &arguments.format };
    for (format, file) in formats {
        let is_terminal = file.is_none() && io::stdout().is_terminal();
        let options = Options {
            suppressed: if arguments.show_silenced { Suppressed::Mark } else { Suppressed::Omit },
            category,
            color: file.is_none() && wants_color(color, is_terminal),
            verbose: arguments.verbose,
            quiet: arguments.quiet,
            ..Options::new(&citations)
        };
        let reporter = format.reporter(&options);
        match file {
            None => {
                let mut out = Vec::new();
                reporter
                    .write(report, &mut out)
                    .and_then(|()| to_stdout(&out))
                    .map_err(|error| Complaint::output("standard output", &error))?;
            }
            Some(path) => to_file(path, |out| reporter.write(report, out))
                .map_err(|error| Complaint::output(&path.display().to_string(), &error))?,
        }
    }
    Ok(())
}

fn to_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    write(&mut file)?;
    file.flush()?;
    // A full disk may show only now.
    match file.get_ref().sync_all() {
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        result => result,
    }
}

/// Writes to standard output; a reader that went away (`| head`) is no error.
pub(super) fn to_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a line to standard error; whether anybody reads it is not the program's concern.
pub(super) fn remark(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
