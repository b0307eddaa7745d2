//! What may have been meant: the known name that looks most like a misspelt one.
//!
//! Knows words only.

/// The known name that is a few edits away from `name`; or else the one that shares the most pairs of letters with
/// it, if they share half of them: of a long name a whole word may be missing.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let limit = (name.chars().count() / 3).clamp(1, 8);
    let away = known.iter().map(|candidate| {
        let away = if candidate.eq_ignore_ascii_case(name) { 0 } else { distance(name, candidate) };
        (away, *candidate)
    });
    let close = away.filter(|(away, _)| !name.is_empty() && *away <= limit).min_by_key(|(away, _)| *away);
    close.map(|(_, candidate)| candidate).or_else(|| alike(name, known))
}

/// The candidate with the most pairs of letters in common.
fn alike<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let pairs = |text: &str| -> Vec<[u8; 2]> { text.as_bytes().windows(2).map(|pair| [pair[0], pair[1]]).collect() };
    let wanted = pairs(name);
    let score = |candidate: &str| {
        let mut theirs = pairs(candidate);
        let total = wanted.len() + theirs.len();
        let shared = wanted
            .iter()
            .filter(|pair| theirs.iter().position(|other| other == *pair).map(|at| theirs.swap_remove(at)).is_some())
            .count();
        200 * shared / total.max(1)
    };
    known
        .iter()
        .map(|candidate| (score(candidate), *candidate))
        .filter(|(score, _)| *score >= 50)
        .max_by_key(|(score, _)| *score)
        .map(|(_, name)| name)
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
    use super::nearest;

    #[test]
    fn only_a_name_that_is_alike_is_offered() {
        let known = ["secret-github-token", "tls-weak-suite", "self", "pod", "startsWith"];
        for (word, expected) in [
            ("secret-github-tokn", Some("secret-github-token")),
            ("github-token", Some("secret-github-token")), // its family is missing
            ("weak-suite", Some("tls-weak-suite")),
            ("slef", Some("self")), // neighbours swapped
            ("SELF", Some("self")),
            ("startsWit", Some("startsWith")),
            ("podd", Some("pod")),
            ("zzz", None),
            ("", None),
            (&"s".repeat(100), None),
        ] {
            assert_eq!(nearest(word, &known), expected, "{word}");
        }
    }
}
