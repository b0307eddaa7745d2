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

/// Levenshtein distance in characters; words longer than 64 are far from everything.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(65).collect();
    if a.len() > 64 * 4 || b.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
