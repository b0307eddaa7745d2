//! Repositories made by git for one test, and scans of them.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Text of the shape of a GitHub token, a different one for each number.
pub(crate) fn token(seed: u64) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1;
    let mut text = ["gh", "p_"].concat();
    for _ in 0..36 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push(char::from(LETTERS[(state % LETTERS.len() as u64) as usize]));
    }
    text
}

/// A repository in a folder of its own.
pub(crate) struct Repo {
    folder: tempfile::TempDir,
    clock: Cell<u64>,
}

impl Repo {
    pub(crate) fn new() -> Self {
        Repo::with(&[])
    }

    pub(crate) fn with(options: &[&str]) -> Self {
        // 2024-05-01T00:00:00Z
        let repo = Repo { folder: tempfile::tempdir().unwrap(), clock: Cell::new(1_714_521_600) };
        repo.git(&[&["init", "-q", "-b", "main"], options].concat());
        repo
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let time = self.clock.replace(self.clock.get() + 1);
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "advice.detachedHead=false"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", format!("{time} +0000"))
            .env("GIT_COMMITTER_DATE", format!("{time} +0000"));
        command
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits all there is; returns the id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Makes commits, each on a branch and with some files.
    pub(crate) fn import(&self, commits: &[(String, Vec<(String, String)>)]) {
        let mut stream = String::new();
        for (branch, files) in commits {
            let time = self.clock.replace(self.clock.get() + 1);
            writeln!(stream, "commit {branch}\ncommitter A <a@example.org> {time} +0000\ndata 1\nm").unwrap();
            for (path, text) in files {
                writeln!(stream, "M 100644 inline {path}\ndata {}\n{text}", text.len()).unwrap();
            }
        }
        let mut git = self.command(&["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
        git.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
        assert!(git.wait().unwrap().success());
    }

    pub(crate) fn scan(&self, arguments: &[&str]) -> Scan {
        Scan::run(self.folder.path(), arguments)
    }

    pub(crate) fn scan_as(&self, format: &str, arguments: &[&str]) -> Scan {
        Scan::run_as(format, self.folder.path(), arguments)
    }
}

/// What a scan said.
pub(crate) struct Scan {
    pub(crate) exit: i32,
    pub(crate) json: Value,
    pub(crate) errors: String,
}

impl Scan {
    pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Scan {
        Scan::run_as("json", folder, arguments)
    }

    fn run_as(format: &str, folder: &Path, arguments: &[&str]) -> Scan {
        let output = Command::new(env!("CARGO_BIN_EXE_bedrail"))
            .args(["scan", "--format", format, "--no-progress"])
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Scan {
            exit: output.status.code().unwrap(),
            json: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn findings(&self) -> &[Value] {
        self.json["findings"].as_array().map_or(&[], Vec::as_slice)
    }

    /// `path:line commit` of each open finding.
    pub(crate) fn places(&self) -> Vec<String> {
        let open = self.findings().iter().filter(|finding| finding["status"] == "open");
        open.map(|finding| {
            let steps = finding["origin"]["steps"].as_array().unwrap();
            let commit = steps.iter().find(|step| step["kind"] == "commit");
            let commit = commit.map_or(String::new(), |step| format!(" {}", step["name"].as_str().unwrap()));
            format!("{}:{}{commit}", finding["origin"]["file"].as_str().unwrap(), finding["line"])
        })
        .collect()
    }

    /// The name of the origin of each finding.
    pub(crate) fn names(&self) -> Vec<String> {
        self.findings().iter().map(|finding| finding["origin"]["name"].as_str().unwrap().to_owned()).collect()
    }

    /// The kind of each notice, sorted.
    pub(crate) fn notices(&self) -> Vec<String> {
        let notices = self.json["notices"].as_array().map_or(&[][..], Vec::as_slice);
        let mut kinds: Vec<String> = notices.iter().map(|notice| notice["kind"].as_str().unwrap().to_owned()).collect();
        kinds.sort();
        kinds
    }
}
