//! Names as words: `patientFirstName`, `PATIENT_FIRST_NAME` and `Patient's first name` are the same three.

/// How many words a name may have, and how many bytes.
pub(super) const MAX_WORDS: usize = 8;
const MAX_BYTES: usize = 80;

/// The words of a name, lower case. They stand in one place of fixed size: names are looked up by the million.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// One blank between them.
    text: [u8; 2 * MAX_BYTES],
    length: usize,
    count: usize,
    /// Where each word begins in `text`, and in the name.
    starts: [u8; MAX_BYTES],
    places: [u8; MAX_BYTES],
}

impl Words {
    const NONE: Words =
        Words { text: [0; 2 * MAX_BYTES], length: 0, count: 0, starts: [0; MAX_BYTES], places: [0; MAX_BYTES] };

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// All of them, with one blank between two.
    pub(super) fn whole(&self) -> &[u8] {
        &self.text[..self.length]
    }

    /// The words from one on, with one blank between two.
    pub(super) fn from(&self, word: usize) -> &[u8] {
        if word < self.count { &self.text[usize::from(self.starts[word])..self.length] } else { b"" }
    }

    /// One of them.
    pub(super) fn word(&self, word: usize) -> &[u8] {
        let end = if word + 1 < self.count { usize::from(self.starts[word + 1]) - 1 } else { self.length };
        if word < self.count { &self.text[usize::from(self.starts[word])..end] } else { b"" }
    }

    /// Which word is the first that begins at `place` of the name or behind it.
    pub(super) fn at(&self, place: usize) -> usize {
        self.places[..self.count].partition_point(|start| usize::from(*start) < place)
    }

    pub(super) fn each(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.count).map(|word| std::str::from_utf8(self.word(word)).unwrap_or_default())
    }

    fn begin(&mut self, place: usize) {
        if self.count > 0 {
            self.text[self.length] = b' ';
            self.length += 1;
        }
        // Both are below twice the longest name.
        self.starts[self.count] = u8::try_from(self.length).unwrap_or(u8::MAX);
        self.places[self.count] = u8::try_from(place).unwrap_or(u8::MAX);
        self.count += 1;
    }

    /// Leaves out the `s` of a genitive.
    fn drop_genitives(&mut self) {
        let all = self.clone();
        *self = Words::NONE;
        for word in (0..all.count).filter(|word| all.word(*word) != b"s") {
            self.begin(usize::from(all.places[word]));
            let bytes = all.word(word);
            self.text[self.length..self.length + bytes.len()].copy_from_slice(bytes);
            self.length += bytes.len();
        }
    }
}

/// The words of a name in lower case; none if it is longer than any name is.
pub(super) fn of(name: &[u8]) -> Words {
    let mut words = all(name, MAX_WORDS + 2);
    if words.count > 0 && has_genitive(name) {
        words.drop_genitives();
    }
    if words.count > MAX_WORDS { Words::NONE } else { words }
}

/// Whether a name may hold a genitive, whose `s` is no word.
pub(super) fn has_genitive(name: &[u8]) -> bool {
    memchr::memchr_iter(b'\'', name).any(|at| name.get(at + 1) == Some(&b's'))
}

/// All words of a stretch, genitives as they stand; none if there are more than `most` or more bytes than a name has.
pub(super) fn all(name: &[u8], most: usize) -> Words {
    let mut words = Words::NONE;
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
        let next_is_lower = || name.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let begins = !before.is_ascii_alphanumeric()
            || before.is_ascii_digit() != byte.is_ascii_digit()
            || byte.is_ascii_uppercase()
                && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && next_is_lower());
        if begins {
            if words.count == most {
                return Words::NONE;
            }
            words.begin(at);
        }
        words.text[words.length] = byte.to_ascii_lowercase();
        words.length += 1;
        before = byte;
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
            ("a b c d e f g h's", "a b c d e f g h"),
        ];
        for (name, words) in cases {
            assert_eq!(super::of(name.as_bytes()).whole(), words.as_bytes(), "{name}");
        }
    }

    #[test]
    fn words_are_known_by_their_place() {
        let words = super::all(b"531-48 patientName", 80);
        assert_eq!((words.count(), words.from(2), words.word(3)), (4, &b"patient name"[..], &b"name"[..]));
        for (place, word) in [(0, 0), (1, 1), (4, 1), (7, 2), (8, 3), (14, 3), (15, 4)] {
            assert_eq!(words.at(place), word, "{place}");
        }
        let longest = "a1".repeat(40);
        assert_eq!(super::all(longest.as_bytes(), 80).count(), 80);
        assert_eq!((super::all(longest.as_bytes(), 79).count(), super::of(longest.as_bytes()).count()), (0, 0));
    }
}
