//! "Did you mean": the nearest of a few known words.
//!
//! Knows words only.

/// The candidate that is nearest to `word`, if it is near enough to be meant.
pub(super) fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .map(|candidate| {
            let away = if candidate.eq_ignore_ascii_case(word) { 0 } else { distance(word, candidate) };
            (away, candidate)
        })
        .filter(|(away, _)| *away <= limit)
        .min_by_key(|(away, _)| *away)
        .map(|(_, candidate)| candidate)
}

/// Edits from one word to the other, two swapped neighbours being one; words longer than 64 are far from
/// everything.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(65).collect();
    let b: Vec<char> = b.chars().take(65).collect();
    if a.len() > 64 || b.len() > 64 {
        return usize::MAX;
    }
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substituted = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substituted.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        for (word, expected) in [
            ("slef", Some("self")),
            ("SELF", Some("self")),
            ("startsWit", Some("startsWith")),
            ("podd", Some("pod")),
            ("xyz", None),
            ("", None),
            (&"s".repeat(100), None),
        ] {
            assert_eq!(nearest(word, ["self", "pod", "startsWith"].into_iter()), expected, "{word}");
        }
    }
}
