//! A short list of words, asked for by the million: most words are known not to be in it by how they begin and how long
//! they are.

/// Words in lower case, of fewer than sixteen bytes each.
#[derive(Debug)]
pub struct WordList {
    words: &'static [&'static str],
    /// By five bits of the first byte, which are those of either case: a bit for each length.
    lengths: [u16; 32],
}

impl WordList {
    /// A list of these words.
    pub const fn new(words: &'static [&'static str]) -> Self {
        let mut lengths = [0; 32];
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            lengths[(word[0] & 31) as usize] |= 1 << word.len();
            at += 1;
        }
        WordList { words, lengths }
    }

    /// Whether it has a word, in whatever case.
    pub fn has(&self, word: &[u8]) -> bool {
        let lengths = word.first().map_or(0, |first| self.lengths[usize::from(first & 31)]);
        word.len() < 16
            && lengths >> word.len() & 1 == 1
            && self.words.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_its_words_and_no_others() {
        const WORDS: &[&str] = &["doe", "test", "n/a", "-", "\\n", "anonymized"];
        let list = WordList::new(WORDS);
        for word in WORDS {
            assert!(list.has(word.as_bytes()) && list.has(word.to_uppercase().as_bytes()), "{word}");
        }
        for word in ["", "do", "dot", "does", "tests", "m/a", "--", "anonymized by somebody", "anonymizes"] {
            assert!(!list.has(word.as_bytes()), "{word}");
        }
    }
}
