//! Commits and tags as git stores them: headers, an empty line, a message.
//!
//! Read leniently, for old and odd programs wrote commits that strict parsers refuse, and an attacker could hide
//! one behind a missing field.

use gix::ObjectId;

/// What of a commit or an annotated tag is of interest.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Raw<'a> {
    /// The tree of a commit.
    pub(super) tree: Option<ObjectId>,
    /// The parents of a commit.
    pub(super) parents: Vec<ObjectId>,
    /// What a tag names.
    pub(super) object: Option<ObjectId>,
    /// The name of a tag.
    pub(super) tag: &'a [u8],
    /// When it was written, in seconds since 1970; 0 when that cannot be read.
    pub(super) written: i64,
    /// When it was applied.
    pub(super) applied: i64,
    /// What its author says.
    pub(super) message: &'a [u8],
}

impl<'a> Raw<'a> {
    pub(super) fn read(mut data: &'a [u8]) -> Self {
        let mut raw = Raw::default();
        while !data.is_empty() {
            let end = memchr::memchr(b'\n', data).unwrap_or(data.len());
            let line = &data[..end];
            data = data.get(end + 1..).unwrap_or_default();
            if line.is_empty() {
                raw.message = data;
                break;
            }
            let at = memchr::memchr(b' ', line).unwrap_or(line.len());
            let value = line.get(at + 1..).unwrap_or_default();
            match &line[..at] {
                b"tree" if raw.tree.is_none() => raw.tree = ObjectId::from_hex(value).ok(),
                b"parent" => raw.parents.extend(ObjectId::from_hex(value).ok()),
                b"object" if raw.object.is_none() => raw.object = ObjectId::from_hex(value).ok(),
                b"tag" => raw.tag = value,
                b"author" | b"tagger" => raw.written = seconds(value),
                b"committer" => raw.applied = seconds(value),
                // Signatures and the like; their further lines begin with a space.
                _ => {}
            }
        }
        raw
    }
}

/// The time in `Name <address> 1714521600 +0200`.
fn seconds(person: &[u8]) -> i64 {
    let behind = memchr::memrchr(b'>', person).map_or(person, |at| &person[at + 1..]);
    let word = behind.split(|byte| *byte == b' ').find(|word| !word.is_empty());
    word.and_then(|word| std::str::from_utf8(word).ok()?.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_read_whatever_wrote_them() {
        let tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        let id = ObjectId::from_hex(tree.as_bytes()).expect("hex");
        let cases: &[(String, Raw<'_>)] = &[
            (
                format!("tree {tree}\nparent {tree}\nauthor A <a@b> 5 +0100\ncommitter C <c@d> 7 +0000\n\nhello\n"),
                Raw {
                    tree: Some(id),
                    parents: vec![id],
                    written: 5,
                    applied: 7,
                    message: b"hello\n",
                    ..Raw::default()
                },
            ),
            // a signature over several lines, no message, a second tree that git would ignore, a broken parent
            (
                format!("tree {tree}\ngpgsig -----BEGIN\n line\n -----END\ntree {}\nparent xyz\n", "0".repeat(40)),
                Raw { tree: Some(id), ..Raw::default() },
            ),
            // no time, a time that is no number, brackets in the name
            ("author A <a@b>\n\n".to_owned(), Raw::default()),
            ("author A <a@b> soon +0000\ncommitter <> <> 9\n\n".to_owned(), Raw { applied: 9, ..Raw::default() }),
            (
                format!("object {tree}\ntype commit\ntag v1\ntagger T <t@u> 3 +0000\n\nfirst\n"),
                Raw { object: Some(id), tag: b"v1", written: 3, message: b"first\n", ..Raw::default() },
            ),
            (String::new(), Raw::default()),
        ];
        for (text, expected) in cases {
            assert_eq!(&Raw::read(text.as_bytes()), expected, "{text}");
        }
    }
}
