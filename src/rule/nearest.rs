//! What may have been meant: the known name that looks most like a misspelt one.

/// The known name that shares the most pairs of letters with `name`, if they share half of them.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
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

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_a_name_that_is_alike_is_offered() {
        let known = ["secret-github-token", "tls-weak-suite"];
        assert_eq!(nearest("secret-github-tokn", &known), Some("secret-github-token"));
        assert_eq!(nearest("weak-suite", &known), Some("tls-weak-suite"));
        assert_eq!(nearest("zzz", &known), None);
        assert_eq!(nearest("", &known), None);
    }
}
