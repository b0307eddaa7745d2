//! Python pickles, protocols 0 to 5, by the opcodes that CPython's `pickletools` documents. Nothing is ever unpickled:
//! no name is looked up and nothing is called. The opcodes are followed only as far as they build lists, dictionaries
//! and texts; a call stays what it is, a name with arguments.

mod arrays;
mod escapes;
mod machine;
mod render;

use std::io;

use super::bytes::stretch;
use super::{Take, Trouble};
use crate::artifact::ReadSeek;

/// How much of a pickle is read, in bytes.
const MOST_HELD: usize = 128 << 20;

/// Whether content that says that it is a pickle of protocol 2 or later goes on like one.
pub(super) fn begins(head: &[u8]) -> bool {
    const FIRST: &[u8] = b"]})(cX\x8c\x95KMJGNUCB\x8f\x88\x89\x8a\x8d\x8e\x96";
    head.get(2).is_some_and(|opcode| FIRST.contains(opcode))
}

/// Whether a file name says that it is a pickle: those of protocols 0 and 1 do not say it themselves.
pub(super) fn is_named(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default();
    ["pkl", "pickle", "pck", "p", "joblib"].iter().any(|known| ending.eq_ignore_ascii_case(known)) && name.contains('.')
}

pub(super) fn read(content: &mut dyn ReadSeek, take: &mut Take<'_>) -> io::Result<Vec<Trouble>> {
    let bytes = stretch(content, 0, MOST_HELD + 1)?;
    let mut troubles = Vec::new();
    if bytes.len() > MOST_HELD {
        let most = MOST_HELD >> 20;
        troubles.push(Trouble::Limit(format!("it is larger than {most} MiB; the rest was not searched")));
    }
    of_bytes(&bytes[..bytes.len().min(MOST_HELD)], take, &mut troubles);
    Ok(troubles)
}

/// Reads a pickle that is held.
pub(super) fn of_bytes(bytes: &[u8], take: &mut Take<'_>, troubles: &mut Vec<Trouble>) {
    let built = machine::run(bytes);
    troubles.extend(built.trouble.clone());
    render::tables(&built, take, troubles);
}

#[cfg(test)]
mod tests;
