//! The journal of a scan: one line for each endpoint that was asked, so that a scan that was killed goes on.
//!
//! Knows the file. A last line that was cut off is as if it had never been written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::de::IgnoredAny;
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

#[derive(Deserialize)]
struct Entry {
    outcome: Outcome,
}

/// An entry that is written, without a copy of what was learned.
#[derive(Serialize)]
struct Written<'e> {
    target: &'e str,
    outcome: &'e Outcome,
}

/// How an entry begins and ends, without a tree of what stands between: thousands of those would fill the memory.
#[derive(Deserialize)]
struct Outline<'e> {
    #[serde(borrow)]
    target: Cow<'e, str>,
    outcome: OutlineOutcome,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutlineOutcome {
    Facts(IgnoredAny, Option<IgnoredAny>),
    Skipped(IgnoredAny),
}

/// The longest line: an endpoint with ten thousand names in its certificates stays below.
const LONGEST_LINE: u64 = 64 << 20;

/// The journal, ready to be written to.
pub(super) struct Journal {
    file: Mutex<File>,
    /// Where what was learned before stands: first byte and length.
    before: BTreeMap<String, (u64, usize)>,
}

/// What tells one way of asking an endpoint from another; `roots` are those that all endpoints share.
pub(super) fn key(target: &EndpointTarget, roots: &[PathBuf]) -> String {
    let mut key = target.name();
    for root in roots {
        key.push_str(&format!(" root={}", root.display()));
    }
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
    /// Opens a journal, or begins one.
    pub(super) fn open(path: &Path) -> Result<Journal, String> {
        let wrong = |error: std::io::Error| format!("{}: {}", path.display(), failure(&error));
        let none = || format!("{}: it is no journal of a scan of endpoints", path.display());
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(wrong)?;
        let mut reader = BufReader::new(file);
        let (mut before, mut whole, mut line) = (BTreeMap::new(), 0, Vec::new());
        loop {
            line.clear();
            let length = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(wrong)?;
            if !line.ends_with(b"\n") {
                break;
            }
            let entry: Outline<'_> = serde_json::from_slice(&line).map_err(|_| none())?;
            // What could not be reached may be there now.
            if let OutlineOutcome::Facts(_, None) = entry.outcome {
                before.insert(entry.target.into_owned(), (whole, length));
            }
            whole += length as u64;
        }
        if whole == 0 && !line.is_empty() && !line.starts_with(b"{\"target\"") {
            return Err(none());
        }
        let mut file = reader.into_inner();
        file.set_len(whole).map_err(wrong)?;
        file.seek(SeekFrom::End(0)).map_err(wrong)?;
        Ok(Journal { file: Mutex::new(file), before })
    }

    /// What became of an endpoint before.
    pub(super) fn before(&self, key: &str) -> Result<Option<Outcome>, String> {
        let Some((at, length)) = self.before.get(key).copied() else { return Ok(None) };
        let mut line = vec![0; length];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut line));
        let back = file.seek(SeekFrom::End(0));
        drop(file);
        read.and(back.map(|_| ())).map_err(|error| format!("the journal cannot be read: {}", failure(&error)))?;
        let entry: Entry =
            serde_json::from_slice(&line).map_err(|error| format!("the journal has changed: {error}"))?;
        Ok(Some(entry.outcome))
    }

    /// Writes down what became of an endpoint, at once. A program that is killed leaves a journal that is whole; it is
    /// not forced to the disk, for a machine that loses power has asked few endpoints too many.
    pub(super) fn keep(&self, key: &str, outcome: &Outcome) -> Result<(), String> {
        let mut line = serde_json::to_string(&Written { target: key, outcome }).map_err(|error| error.to_string())?;
        line.push('\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
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
            let journal = Journal::open(&path).expect("a new journal");
            assert!(journal.before.is_empty());
            journal.keep("tls://a:1", &facts).expect("it can be written");
            journal.keep("tls://b:1", &Outcome::Skipped("no answer".into())).expect("it can be written");
            journal.keep("tls://c:1", &facts).expect("it can be written");
        }
        let text = std::fs::read(&path).expect("a journal");
        std::fs::write(&path, &text[..text.len() - 5]).expect("cut");
        let journal = Journal::open(&path).expect("a cut journal");
        let before: Vec<_> = journal.before.keys().collect();
        assert_eq!(before, ["tls://a:1"], "the cut one and the unreachable one are asked again");
        journal.keep("tls://c:1", &facts).expect("it can be written");
        // What was written before is read between writing, and writing goes on at the end.
        assert_eq!(journal.before("tls://a:1"), Ok(Some(facts.clone())));
        let told = Outcome::Facts(json!({"names": ["\"\u{e9}\n"]}), None);
        journal.keep("tls://\"d\":1", &told).expect("it can be written");
        drop(journal);
        let journal = Journal::open(&path).expect("whole again");
        assert_eq!(journal.before.len(), 3);
        assert_eq!(journal.before("tls://\"d\":1"), Ok(Some(told)));
        assert_eq!(journal.before("tls://e:1"), Ok(None));
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
