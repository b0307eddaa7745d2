//! Names as words: `patientFirstName`, `PATIENT_FIRST_NAME` and `Patient's first name` are the same three.

/// How many words a name may have, and how many bytes.
const MAX_WORDS: usize = 8;
const MAX_BYTES: usize = 80;

/// The words of a name, lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// One blank between them.
    text: String,
    count: usize,
}

impl Words {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them, with one blank between two.
    pub(super) fn whole(&self) -> &str {
        &self.text
    }

    pub(super) fn each(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        self.text.split(' ').filter(|word| !word.is_empty())
    }

    fn push(&mut self, byte: u8, begins: bool) {
        if begins {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.count += 1;
        }
        self.text.push(char::from(byte.to_ascii_lowercase()));
    }

    /// Leaves out the `s` of a genitive.
    fn drop_genitives(&mut self) {
        let kept: Vec<String> = self.each().filter(|word| *word != "s").map(str::to_owned).collect();
        self.text = kept.join(" ");
        self.count = kept.len();
    }
}

/// The words of a name in lower case; none if it is longer than any name is.
pub(super) fn of(name: &[u8]) -> Words {
    let mut words = Words::default();
    if name.len() > MAX_BYTES {
        return words;
    }
    words.text.reserve(name.len() + MAX_WORDS);
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
        words.push(byte, begins);
        if words.count > MAX_WORDS + 2 {
            return Words::default();
        }
        before = byte;
    }
    if name.windows(2).any(|pair| pair == b"'s") {
        words.drop_genitives();
    }
    if words.count > MAX_WORDS { Words::default() } else { words }
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
            ("a b c d e f g h's", "a b c d e f g h"),
        ];
        for (name, words) in cases {
            assert_eq!(super::of(name.as_bytes()).whole(), words, "{name}");
        }
    }
}
