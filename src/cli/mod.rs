//! The command line: from arguments to an exit code.

mod arguments;
mod bar;
mod columns;
mod complaint;
mod endpoints;
mod export;
mod facts;
mod init;
mod interrupt;
mod output;
mod rules;
mod scan;
mod setup;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command, ExportCommand, RulesCommand};
use complaint::Complaint;

/// The program's exit codes; the same for every format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Nothing was found that fails the scan.
    Clean = 0,
    /// There are findings at or above the threshold.
    Findings = 1,
    /// The command, the configuration or a rule is wrong.
    Usage = 2,
    /// There was nothing to look at.
    NothingScanned = 3,
    /// Something could not be looked at, or a report could not be written.
    Incomplete = 4,
}

/// Runs the program.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    quiet_panics();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed pipe is no reason to complain.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Usage as u8 } else { Exit::Clean as u8 });
        }
    };
    let color = arguments.color;
    match run(arguments) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(complaint) => {
            complaint.print(color);
            ExitCode::from(complaint.exit() as u8)
        }
    }
}

fn run(arguments: Arguments) -> Result<Exit, Complaint> {
    let color = arguments.color;
    match arguments.command {
        Command::Scan(scan) => scan::run(&scan, color),
        Command::Facts(facts) => facts::run(&facts),
        Command::Rules { command } => match command {
            RulesCommand::List(list) => rules::list(&list),
            RulesCommand::Explain(explain) => rules::explain(&explain),
            RulesCommand::Test(test) => rules::test(&test),
        },
        Command::Export { command: ExportCommand::Admission(admission) } => export::admission(&admission),
        Command::Init => init::run(),
        Command::Completions { shell } => print(|out| {
            clap_complete::generate(shell, &mut Arguments::command(), "bedrail", out);
            Ok(())
        }),
        Command::Man => print(|out| clap_mangen::Man::new(Arguments::command()).render(out)),
    }
}

/// Writes to standard output; a reader that went away is no error.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Exit, Complaint> {
    let mut out = Vec::new();
    write(&mut out)
        .and_then(|()| output::to_stdout(&out))
        .map_err(|error| Complaint::output("standard output", &error))?;
    Ok(Exit::Clean)
}

/// A panic tells where it happened and nothing else: its message could hold scanned content.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place =
            panic.location().map_or_else(|| "an unknown place".to_owned(), |at| format!("{}:{}", at.file(), at.line()));
        let _ = writeln!(io::stderr(), "bedrail: internal error at {place}; please report it");
    }));
}
