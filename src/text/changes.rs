//! In which lines two states of a text differ.
//!
//! Made for states that are nearly the same: what is equal is passed over at the speed of a comparison of memory,
//! and lines are only looked at around a difference. What it calls equal is equal; what it calls changed may hold
//! more lines than the least possible.

use std::collections::HashMap;

use super::Span;

/// How many lines around a difference are compared one by one.
const FEW: usize = 12;
/// How many lines ahead the end of a difference is looked for.
const MANY: usize = 2000;

/// Lines that were replaced: `before` in the one text by `after` in the other; either may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whole lines of the earlier text.
    pub before: Span,
    /// Whole lines of the later text.
    pub after: Span,
}

/// The changes that make `after` of `before`, in order and apart. Everything between them is equal, line by line.
pub fn changes(before: &[u8], after: &[u8]) -> Vec<Change> {
    let mut found: Vec<Change> = Vec::new();
    let (mut old, mut new) = (0, 0);
    let (mut old_end, mut new_end) = without_common_end(before, after);
    loop {
        let mut common = common_start(&before[old..], &after[new..]);
        if old + common == before.len() && new + common == after.len() {
            return found;
        }
        // Back to the beginning of the line.
        common = memchr::memrchr(b'\n', &before[old..old + common]).map_or(0, |at| at + 1);
        (old, new) = (old + common, new + common);
        // Of what is equal both from the beginning and from the end each may be counted once.
        let twice = old.saturating_sub(old_end).max(new.saturating_sub(new_end));
        (old_end, new_end) = (old_end + twice, new_end + twice);
        let (next_old, next_new) =
            meeting(&before[..old_end], old, &after[..new_end], new).unwrap_or((old_end, new_end));
        let change = Change { before: Span::new(old, next_old), after: Span::new(new, next_new) };
        match found.last_mut() {
            Some(last) if last.after.end == new && last.before.end == old => {
                (last.before.end, last.after.end) = (next_old, next_new);
            }
            _ => found.push(change),
        }
        (old, new) = (next_old, next_new);
        if old == old_end && new == new_end {
            return found;
        }
    }
}

/// Where in both texts the last lines begin that are equal up to the end.
fn without_common_end(before: &[u8], after: &[u8]) -> (usize, usize) {
    const BLOCK: usize = 256;
    let most = before.len().min(after.len());
    let mut common = 0;
    while common + BLOCK <= most
        && before[before.len() - common - BLOCK..before.len() - common]
            == after[after.len() - common - BLOCK..after.len() - common]
    {
        common += BLOCK;
    }
    while common < most && before[before.len() - common - 1] == after[after.len() - common - 1] {
        common += 1;
    }
    let (old, new) = (before.len() - common, after.len() - common);
    // The line in which they differ is no equal one, unless both begin a line here.
    let begins = |text: &[u8], at: usize| at == 0 || text[at - 1] == b'\n';
    if begins(before, old) && begins(after, new) {
        return (old, new);
    }
    let skip = memchr::memchr(b'\n', &before[old..]).map_or(common, |at| at + 1);
    (old + skip, new + skip)
}

/// How many bytes at the beginning are equal.
fn common_start(one: &[u8], other: &[u8]) -> usize {
    const BLOCK: usize = 256;
    let most = one.len().min(other.len());
    let mut common = 0;
    while common + BLOCK <= most && one[common..common + BLOCK] == other[common..common + BLOCK] {
        common += BLOCK;
    }
    while common < most && one[common] == other[common] {
        common += 1;
    }
    common
}

/// Where the lines from `old` and `new` on, which differ, are equal again.
fn meeting(before: &[u8], old: usize, after: &[u8], new: usize) -> Option<(usize, usize)> {
    let few = lines(before, old, FEW);
    let few_new = lines(after, new, FEW);
    // The nearest first; lines that stand everywhere, as an empty one or a bracket, are no sign of it.
    for sum in 1..=few.len() + few_new.len() {
        for a in sum.saturating_sub(few_new.len())..=sum.min(few.len()) {
            if let (Some(one), Some(other)) = (few.get(a), few_new.get(sum - a))
                && before[one.range()] == after[other.range()]
                && tells(&before[one.range()])
            {
                return Some((one.start, other.start));
            }
        }
    }
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    for line in lines(before, old, MANY) {
        let text = &before[line.range()];
        if tells(text) {
            places.entry(text).or_insert(line.start);
        }
    }
    lines(after, new, MANY).into_iter().find_map(|line| Some((*places.get(&after[line.range()])?, line.start)))
}

/// Whether a line is one that does not stand everywhere.
fn tells(line: &[u8]) -> bool {
    const LEAST: usize = 8;
    line.trim_ascii().len() >= LEAST
}

/// The next lines, at most so many, with their line feeds.
fn lines(text: &[u8], from: usize, most: usize) -> Vec<Span> {
    let mut lines = Vec::with_capacity(most.min(64));
    let mut start = from;
    while start < text.len() && lines.len() < most {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at + 1);
        lines.push(Span::new(start, end));
        start = end;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes the later text of the earlier one by the changes, and checks that they are whole lines, in order.
    fn applied(before: &[u8], after: &[u8]) -> Vec<u8> {
        let mut made = Vec::new();
        let (mut old, mut new) = (0, 0);
        let begins = |text: &[u8], at: usize| at == 0 || at == text.len() || text[at - 1] == b'\n';
        for Change { before: gone, after: come } in changes(before, after) {
            assert!(old <= gone.start && new <= come.start && gone.start - old == come.start - new);
            assert!(!(gone.is_empty() && come.is_empty()));
            for (text, span) in [(before, gone), (after, come)] {
                assert!(begins(text, span.start) && begins(text, span.end), "{span:?}");
            }
            made.extend_from_slice(&before[old..gone.start]);
            made.extend_from_slice(&after[come.range()]);
            (old, new) = (gone.end, come.end);
        }
        made.extend_from_slice(&before[old..]);
        made
    }

    #[test]
    fn changes_make_one_text_of_the_other() {
        let cases = [
            ("", ""),
            ("", "a\n"),
            ("a\n", ""),
            ("a", "a\n"),
            ("a\n", "a"),
            ("line one\nline two\n", "line one\nline two\nline three"),
            ("the same line\nthe same line\n", "the same line\n"),
            ("x\nline two is here\n", "yx\nline two is here\n"),
            ("line two is here\nx", "line two is here\nxy"),
            ("b\n", "a\nb\n"),
        ];
        for (before, after) in cases {
            assert_eq!(applied(before.as_bytes(), after.as_bytes()), after.as_bytes(), "{before:?} {after:?}");
        }
    }

    #[test]
    fn random_edits_are_followed() {
        let mut state = 11u32;
        let mut random = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize % below
        };
        for round in 0..2000 {
            let length = random(60);
            let mut lines: Vec<String> =
                (0..length).map(|_| format!("{:>width$}", random(30), width = 1 + round % 12)).collect();
            let before = lines.join("\n");
            for _ in 0..random(8) {
                let at = random(lines.len() + 1);
                match random(3) {
                    0 if at < lines.len() => drop(lines.remove(at)),
                    1 if at < lines.len() => lines[at] = format!("changed {}", random(9)),
                    _ => lines.insert(at, format!("inserted {}", random(9))),
                }
            }
            let after = lines.join("\n");
            assert_eq!(applied(before.as_bytes(), after.as_bytes()), after.as_bytes());
        }
    }

    #[test]
    fn one_line_of_many_is_one_change() {
        let line = |n: usize| format!("this is line {n} of many\n");
        let before: String = (0..3000).map(line).collect();
        let after = before.replace("line 1500 of", "line fifteen hundred of").replace(&line(2000), "");
        let found = changes(before.as_bytes(), after.as_bytes());
        assert_eq!(found.len(), 2);
        assert!(found[0].after.len() < 50 && found[1].after.is_empty(), "{found:?}");
    }
}
