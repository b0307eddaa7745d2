//! Names as words: `patientFirstName`, `PATIENT_FIRST_NAME` and `Patient's first name` are the same three.

/// How many words a name may have, and how many bytes.
const MAX_WORDS: usize = 8;
const MAX_BYTES: usize = 80;

/// The words of a name in lower case; none if it is longer than any name is.
pub(super) fn of(name: &[u8]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    if name.len() > MAX_BYTES {
        return words;
    }
    let mut before = b' ';
    for (at, byte) in name.iter().copied().enumerate() {
        if !byte.is_ascii_alphanumeric() {
            // The apostrophe of a genitive parts nothing that matters: `patient's` is `patient`.
            before = b' ';
            continue;
        }
        let next_is_lower = name.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let begins = !before.is_ascii_alphanumeric()
            || before.is_ascii_digit() != byte.is_ascii_digit()
            || (byte.is_ascii_uppercase() && before.is_ascii_lowercase())
            || (byte.is_ascii_uppercase() && before.is_ascii_uppercase() && next_is_lower);
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(char::from(byte.to_ascii_lowercase()));
        }
        before = byte;
    }
    if name.windows(2).any(|pair| pair == b"'s") {
        words.retain(|word| word != "s");
    }
    if words.len() > MAX_WORDS {
        words.clear();
    }
    words
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_become_words() {
        let cases = [
            ("patientFirstName", "patient first name"),
            ("PATIENT_FIRST_NAME", "patient first name"),
            ("Patient's name", "patient name"),
            ("MRNumber", "mr number"),
            ("icd10Code", "icd 10 code"),
            ("--", ""),
            ("a b c d e f g h i", ""),
        ];
        for (name, words) in cases {
            assert_eq!(super::of(name.as_bytes()).join(" "), words, "{name}");
        }
    }
}
