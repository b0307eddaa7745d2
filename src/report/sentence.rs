//! Half sentences of rules and findings made whole, and texts cut to a length.

use std::borrow::Cow;

use crate::text::visible;

/// A message as a sentence: a capital where the first word is plain, a full stop, no character that moves the
/// cursor, and nothing that SARIF viewers would take for a link.
pub(super) fn sentence(message: &str) -> String {
    let message = visible(message.trim()).replace("](", "] (");
    let first = message.split([' ', ',']).next().unwrap_or_default();
    // An identifier (`hostPID`, `run_as`) keeps its case.
    let plain = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let mut whole = String::with_capacity(message.len() + 1);
    if plain {
        whole.push_str(&message[..1].to_ascii_uppercase());
        whole.push_str(&message[1..]);
    } else {
        whole.push_str(&message);
    }
    if !whole.ends_with(['.', '!', '?']) {
        whole.push('.');
    }
    whole
}

/// At most `limit` characters of `text`, with an ellipsis where some were cut off.
pub(super) fn at_most(text: &str, limit: usize) -> Cow<'_, str> {
    if text.chars().count() <= limit {
        return Cow::Borrowed(text);
    }
    let mut cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    cut.push('…');
    Cow::Owned(cut)
}

/// `secret-example-token` as `SecretExampleToken`.
pub(super) fn pascal_case(id: &str) -> String {
    let words = id.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
        })
        .collect()
}

/// `1 file`, `2 files`, `1,234 files`.
pub(super) fn counted(count: u64, one: &str, more: &str) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() + 4);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {}", if count == 1 { one } else { more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_sentences_become_whole() {
        let cases = [
            ("an API token stands in clear text", "An API token stands in clear text."),
            ("hostPID is true", "hostPID is true."),
            ("container 'web\n' runs", "Container 'web\\n' runs."),
            ("see [here](https://evil.example)", "See [here] (https://evil.example)."),
            ("it ends already.", "It ends already."),
            ("Émile is no rule", "Émile is no rule."),
            ("", "."),
        ];
        for (half, whole) in cases {
            assert_eq!(sentence(half), whole);
        }
    }

    #[test]
    fn texts_are_cut_by_characters() {
        assert_eq!(at_most("éé", 2), "éé");
        assert_eq!(at_most("ééé", 2), "é…");
    }

    #[test]
    fn names_and_counts() {
        assert_eq!(pascal_case("secret-example-token"), "SecretExampleToken");
        assert_eq!(pascal_case("tls-1.0_on"), "Tls10On");
        assert_eq!(counted(1, "file", "files"), "1 file");
        assert_eq!(counted(0, "file", "files"), "0 files");
        assert_eq!(counted(123, "file", "files"), "123 files");
        assert_eq!(counted(1_234_567, "file", "files"), "1,234,567 files");
    }
}
