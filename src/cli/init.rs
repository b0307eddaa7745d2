//! `bedrail init`: a configuration to start from, and a key for fingerprints.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use super::Exit;
use super::complaint::Complaint;
use super::output::remark;
use super::setup::CONFIG;
use crate::source;

const KEY_FILE: &str = ".bedrail.key";

const TEMPLATE: &str = r#"# bedrail's configuration; `bedrail scan --isolated` ignores it.

# Paths that are not looked at. A glob without `/` matches at any depth.
exclude = []

# Exit with 1 for findings of this severity or worse: critical, high, medium, low.
# fail-on = "high"

# Leave out what is below.
# min-severity = "low"
# min-confidence = "medium"

# Folders with rules of your own, relative to this file.
# rules = ["security/rules"]

# The version of the Pod Security Standards that Kubernetes workloads are held against: "v1.31" or "latest".
# psa-version = "latest"

# Rules that are not run, by id (`bedrail rules list`).
# disable = []

# The key for fingerprints. Commit it: it lets a changed password be told from the old one, and keeps whoever
# sees a report, but not this repository, from trying values until a fingerprint fits.
fingerprint-key-file = ".bedrail.key"

# Columns of tables that single people out together: how many records must share them (k), and how many different
# values of the sensitive columns they must have (l). docs/k-anonymity.md says more.
# [[phi.table]]
# files = ["data/**/*.csv", "cohort.db!patients"]
# quasi-identifiers = ["dob", "zip3", "sex", "race"]
# sensitive = ["diagnosis"]
# k = 11
# l = 2

# Other severities, by rule.
# [severity]
# "secret-generic-password" = "critical"
"#;

pub(super) fn run() -> Result<Exit, Complaint> {
    let here = std::env::current_dir().map_err(|error| Complaint::unreadable(Path::new("."), &error))?;
    let root = source::repository_root(&here).unwrap_or(here);
    for (name, text) in [(CONFIG, TEMPLATE.to_owned()), (KEY_FILE, key()?)] {
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(root.join(name))
            .and_then(|mut file| file.write_all(text.as_bytes()));
        match written {
            Ok(()) => remark(&format!("wrote {name}")),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => remark(&format!("{name} is there already")),
            Err(error) => return Err(Complaint::output(name, &error)),
        }
    }
    Ok(Exit::Clean)
}

/// 256 random bits from the system, in hex.
fn key() -> Result<String, Complaint> {
    let mut bytes = [0; 32];
    random(&mut bytes).map_err(|error| Complaint::unreadable(Path::new("the system's random source"), &error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n")
}

#[cfg(unix)]
fn random(bytes: &mut [u8]) -> io::Result<()> {
    std::fs::File::open("/dev/urandom")?.read_exact(bytes)
}

#[cfg(not(unix))]
fn random(_: &mut [u8]) -> io::Result<()> {
    Err(io::Error::from(ErrorKind::Unsupported))
}
