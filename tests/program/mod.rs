//! Runs the built program as a user would, with nothing of this machine's settings, and never for longer than a
//! few minutes.

#![allow(dead_code, reason = "each test uses its part")]

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than anything takes even without optimisation; a hang is a failure.
const LIMIT: Duration = Duration::from_secs(180);

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// `rule file:line:column` of each open finding of a report written as JSON.
    #[track_caller]
    pub(crate) fn findings(&self) -> Vec<String> {
        let told = |finding: &serde_json::Value| {
            let name = finding["origin"]["name"].as_str().unwrap_or("?");
            let (rule, line, column) = (finding["rule"].as_str().unwrap_or("?"), &finding["line"], &finding["column"]);
            format!("{rule} {name}:{line}:{column}")
        };
        let json = self.json();
        let all = json["findings"].as_array().expect("findings are a list");
        all.iter().filter(|finding| finding["status"] == "open").map(told).collect()
    }

    /// The kinds of the notices of a report written as JSON.
    #[track_caller]
    pub(crate) fn notices(&self) -> Vec<String> {
        let json = self.json();
        let all = json["notices"].as_array().expect("notices are a list");
        all.iter().map(|notice| notice["kind"].as_str().unwrap_or("?").to_owned()).collect()
    }
}

/// The program, to be run in a folder, with an empty standard input.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrail"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Runs the program in a folder.
#[track_caller]
pub(crate) fn bedrail(folder: &Path, arguments: &[&str]) -> Ran {
    run(command(folder, arguments))
}

/// `scan --format json` with more arguments.
#[track_caller]
pub(crate) fn scan(folder: &Path, arguments: &[&str]) -> Ran {
    bedrail(folder, &[&["scan", "--format", "json"], arguments].concat())
}

/// Runs the program with bytes on its standard input.
#[track_caller]
pub(crate) fn with_input(folder: &Path, arguments: &[&str], input: &[u8]) -> Ran {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(input).and_then(|()| file.rewind()).expect("it can be written");
    let mut command = command(folder, arguments);
    command.stdin(file);
    run(command)
}

/// Runs a command to its end, or fails the test.
#[track_caller]
pub(crate) fn run(mut command: Command) -> Ran {
    let mut captured = [0; 2].map(|_| tempfile::tempfile().expect("a temporary file"));
    let handle = |file: &File| Stdio::from(file.try_clone().expect("a second handle"));
    command.stdout(handle(&captured[0])).stderr(handle(&captured[1]));
    let mut child = command.spawn().expect("the program starts");
    let started = Instant::now();
    let status = loop {
        match child.try_wait().expect("the program can be waited for") {
            Some(status) => break status,
            None if started.elapsed() > LIMIT => {
                child.kill().expect("the program can be stopped");
                panic!("{command:?} ran for more than {LIMIT:?}");
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let [out, err] = captured.each_mut().map(|file| {
        let mut text = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut text)).expect("what was written can be read");
        String::from_utf8(text).expect("the program writes UTF-8")
    });
    assert!(!err.contains("internal error"), "{command:?} panicked: {err}");
    Ran { code: status.code(), out, err }
}

/// A file with its folders.
pub(crate) fn write(root: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("folders can be made");
    fs::write(path, content).expect("a file can be written");
}

/// An empty folder that goes when the test ends.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Text with its placeholders filled in; equal seeds give equal text.
pub(crate) fn filled(text: &str, seed: &str) -> String {
    bedrail::rule::expand(text, seed).expect("the placeholders are valid")
}

/// A token that one rule finds, surely.
pub(crate) fn token(seed: &str) -> String {
    filled("<<glpat-[A-Za-z0-9]{20}>>", seed)
}

/// The rule that finds [`token`].
pub(crate) const TOKEN_RULE: &str = "secret-gitlab-personal-token";
