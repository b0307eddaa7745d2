//! The journal of a scan: one line for each endpoint that was asked, so that a scan that was killed goes on.
//!
//! Knows the file. A last line that was cut off is as if it had never been written.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::target::EndpointTarget;
use crate::text::failure;

/// What became of one endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// What was learned, and what kept more from being learned.
    Facts(Value, Option<String>),
    /// Nothing was learned, and why.
    Skipped(String),
}

#[derive(Serialize, Deserialize)]
struct Entry {
    target: String,
    outcome: Outcome,
}

/// The journal, ready to be written to.
pub(super) struct Journal(Mutex<File>);

/// What tells one way of asking an endpoint from another.
pub(super) fn key(target: &EndpointTarget) -> String {
    let mut key = target.name();
    if target.device {
        key.push_str(" device");
    }
    if let Some(ca) = &target.ca {
        key.push_str(&format!(" ca={}", ca.display()));
    }
    if let Some(owner) = &target.owner {
        key.push_str(&format!(" owner={owner}"));
    }
    if let Some(name) = &target.sni {
        key.push_str(&format!(" sni={name}"));
    }
    if let Some(client) = &target.client {
        // Which certificate it was; its key is not written down in any form.
        key.push_str(&format!(" client={}", client.fingerprint()));
    }
    if target.intrusive {
        key.push_str(" intrusive");
    }
    key
}

impl Journal {
    /// Opens a journal, or begins one; what stands in it already comes back.
    pub(super) fn open(path: &Path) -> Result<(Journal, BTreeMap<String, Outcome>), String> {
        let wrong = |error: std::io::Error| format!("{}: {}", path.display(), failure(&error));
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(wrong)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(wrong)?;
        let mut before = BTreeMap::new();
        let mut whole = 0;
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let entry: Entry = serde_json::from_str(line)
                .map_err(|_| format!("{}: it is no journal of a scan of endpoints", path.display()))?;
            // What could not be reached may be there now.
            if let Outcome::Facts(_, None) = entry.outcome {
                before.insert(entry.target, entry.outcome);
            }
            whole += line.len();
        }
        if whole == 0 && !text.is_empty() && !text.starts_with("{\"target\"") {
            return Err(format!("{}: it is no journal of a scan of endpoints", path.display()));
        }
        file.set_len(whole as u64).map_err(wrong)?;
        file.seek(SeekFrom::End(0)).map_err(wrong)?;
        Ok((Journal(Mutex::new(file)), before))
    }

    /// Writes down what became of an endpoint, at once.
    pub(super) fn keep(&self, key: &str, outcome: &Outcome) -> Result<(), String> {
        let entry = Entry { target: key.to_owned(), outcome: outcome.clone() };
        let mut line = serde_json::to_string(&entry).map_err(|error| error.to_string())?;
        line.push('\n');
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes()).map_err(|error| format!("the journal cannot be written: {}", failure(&error)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_journal_that_was_cut_off_goes_on_where_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let facts = Outcome::Facts(json!({"port": 1}), None);
        {
            let (journal, before) = Journal::open(&path).expect("a new journal");
            assert!(before.is_empty());
            journal.keep("tls://a:1", &facts).expect("it can be written");
            journal.keep("tls://b:1", &Outcome::Skipped("no answer".into())).expect("it can be written");
            journal.keep("tls://c:1", &facts).expect("it can be written");
        }
        let text = std::fs::read(&path).expect("a journal");
        std::fs::write(&path, &text[..text.len() - 5]).expect("cut");
        let (journal, before) = Journal::open(&path).expect("a cut journal");
        assert_eq!(
            before.keys().collect::<Vec<_>>(),
            ["tls://a:1"],
            "the cut one and the unreachable one are asked again"
        );
        journal.keep("tls://c:1", &facts).expect("it can be written");
        drop(journal);
        assert_eq!(Journal::open(&path).expect("whole again").1.len(), 2);
    }

    #[test]
    fn another_file_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notes");
        for text in ["my notes", "my notes\n", "{}\n"] {
            std::fs::write(&path, text).expect("a file");
            assert!(Journal::open(&path).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&path).expect("a file"), text);
        }
    }
}
