//! Placeholders in examples: `<<ghp_[A-Za-z0-9]{36}>>` becomes random text at run time.
//!
//! Nothing that looks like a live credential or a real patient stands in the repository, and the text is the
//! same at every run, because it is seeded by the rule's id and the example's number.

use sha2::{Digest, Sha256};

use crate::text::Span;

/// Why a placeholder cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceholderError {
    /// Where in the example, in bytes.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}

/// The longest text that one class may stand for.
const MAX_REPEAT: usize = 20_000;

/// Fills in every `<<…>>` of `text` that holds a class; anything else between `<<` and `>>` (a here-document,
/// say) stays as it is.
pub fn expand(text: &str, seed: &str) -> Result<String, PlaceholderError> {
    expand_with_places(text, seed).map(|(expanded, _)| expanded)
}

/// As [`expand`], with the places of what was filled in.
///
/// # Errors
/// Which placeholder is wrong.
pub(super) fn expand_with_places(text: &str, seed: &str) -> Result<(String, Vec<Span>), PlaceholderError> {
    let mut places = Vec::new();
    let mut random = Random::seeded(seed);
    let mut expanded = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find("<<") {
        let open = at + found;
        expanded.push_str(&text[at..open]);
        match end_of(text, open + 2) {
            Some(close) => {
                let start = expanded.len();
                fill(&text[open + 2..close], open + 2, &mut random, &mut expanded)?;
                places.push(Span::new(start, expanded.len()));
                at = close + 2;
            }
            None => {
                expanded.push_str("<<");
                at = open + 2;
            }
        }
    }
    expanded.push_str(&text[at..]);
    Ok((expanded, places))
}

/// Where the `>>` of the placeholder stands that begins at `from`: on the same line, outside a class, after at
/// least one class.
fn end_of(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut inside, mut classes, mut at) = (false, 0, from);
    while at < bytes.len() && bytes[at] != b'\n' {
        match bytes[at] {
            b'\\' if inside => at += 1,
            b'[' if !inside => inside = true,
            b']' if inside => {
                inside = false;
                classes += 1;
            }
            b'>' if !inside && bytes.get(at + 1) == Some(&b'>') => return (classes > 0).then_some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Writes out literal text and `[class]{n}` parts.
fn fill(body: &str, offset: usize, random: &mut Random, out: &mut String) -> Result<(), PlaceholderError> {
    let fail = |at: usize, message: &str| PlaceholderError { offset: offset + at, message: message.to_owned() };
    let mut rest = body;
    while let Some(open) = rest.find('[') {
        let at = body.len() - rest.len() + open;
        out.push_str(&rest[..open]);
        let (members, after) = class(&rest[open + 1..]).map_err(|message| fail(at, message))?;
        rest = after;
        let mut count = 1;
        if let Some(braced) = rest.strip_prefix('{') {
            let close = braced.find('}').ok_or_else(|| fail(at, "a `{` without its `}`"))?;
            count = braced[..close].parse().map_err(|_| fail(at, "between braces stands one number: `{40}`"))?;
            rest = &braced[close + 1..];
        }
        if count > MAX_REPEAT {
            return Err(fail(at, "a class may stand for at most 20000 characters"));
        }
        out.extend((0..count).map(|_| members[random.below(members.len())]));
    }
    out.push_str(rest);
    Ok(())
}

/// The members of a class, and what follows its `]`.
fn class(text: &str) -> Result<(Vec<char>, &str), &'static str> {
    let mut members = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let first = match c {
            ']' if members.is_empty() => return Err("an empty class"),
            ']' => return Ok((members, &text[at + 1..])),
            '\\' => chars.next().ok_or("a class ends with `\\`")?.1,
            c => c,
        };
        let mut ahead = chars.clone();
        let range = ahead.next().is_some_and(|(_, c)| c == '-') && ahead.peek().is_some_and(|(_, c)| *c != ']');
        if range {
            chars.next();
            let last = chars.next().ok_or("a range without an end")?.1;
            if last < first || u32::from(last) - u32::from(first) > 512 {
                return Err("a range runs from low to high");
            }
            members.extend(first..=last);
        } else {
            members.push(first);
        }
    }
    Err("a `[` without its `]`")
}

/// A small generator (SplitMix64): examples need variety, not secrecy.
struct Random(u64);

impl Random {
    fn seeded(seed: &str) -> Self {
        let digest = Sha256::digest(seed.as_bytes());
        Random(digest.iter().take(8).fold(0, |state, byte| state << 8 | u64::from(*byte)))
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn classes_are_filled_and_everything_else_stays() {
        let filled = expand("a <<x_[A-C]{5}[0-9]>> b", "seed").expect("valid");
        assert_eq!(filled.len(), "a x_AAAAA0 b".len());
        assert!(filled.starts_with("a x_") && filled.ends_with(" b"));
        assert_eq!(filled, expand("a <<x_[A-C]{5}[0-9]>> b", "seed").expect("valid"), "the same at every run");
        assert_ne!(filled, expand("a <<x_[A-C]{5}[0-9]>> b", "other").expect("valid"));
        // A here-document, a shift and an open placeholder are no placeholders.
        for text in ["cat <<EOF\nx\nEOF", "1 << 2 >> 3", "<<[a-z]", "<<\n[a]>>"] {
            assert_eq!(expand(text, "s").as_deref(), Ok(text));
        }
        // Members are taken literally after a backslash; a hyphen at the end is itself.
        assert!(matches!(expand("<<[\\]\\-]{9}>>", "s"), Ok(text) if text.chars().all(|c| matches!(c, ']' | '-'))));
        assert!(matches!(expand("<<[a-]{9}>>", "s"), Ok(text) if text.chars().all(|c| matches!(c, 'a' | '-'))));
    }

    #[test]
    fn mistakes_name_their_place() {
        for (text, offset) in [("..<<[]a]>>", 4), ("<<[z-a]>>", 2), ("<<[a]{x}>>", 2), ("<<[a]{99999}>>", 2)] {
            assert_eq!(expand(text, "s").map_err(|error| error.offset), Err(offset), "{text}");
        }
    }
}
