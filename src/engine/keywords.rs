//! Where the keywords of all rules stand in a text.
//!
//! Our own search, because a library's automaton was the larger part of a scan: with two thousand words an
//! Aho-Corasick automaton follows one pointer a byte, 360 MB/s, and takes longer to build than a hook may take in
//! all. Here four bytes at every second place are looked up in a table of bits, several places at a time; only where
//! the bit is set is a word compared. Each word is entered by the four of its characters that ordinary text has
//! least often.

use crate::text::Span;

/// A text is looked at in steps of this many bytes.
const STRIDE: usize = 2;
/// Five bits of each of four bytes: letters keep their identity and lose their case.
const GRAMS: usize = 1 << 20;
/// Slots of the table of long words; a power of two, several times their number.
const LEAST_SLOTS: usize = 1 << 12;

/// A keyword as rules give it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Keyword {
    /// The word; without `exact` in any case.
    pub(super) text: String,
    /// Whether case counts.
    pub(super) exact: bool,
    /// Whether it counts only where a word ends, as words of names do: `key` of `apiKey`, not of `keyboard`.
    pub(super) ends: bool,
}

/// One word that is looked for.
#[derive(Debug)]
struct Word {
    text: Box<[u8]>,
    exact: bool,
    ends: bool,
    wanted_by: Vec<u32>,
}

/// Up to eight bytes that are compared at once; bits that the mask leaves out do not count.
#[derive(Clone, Copy, Debug)]
struct Masked {
    value: u64,
    mask: u64,
}

impl Masked {
    fn new(text: &[u8], exact: bool) -> Self {
        let (mut value, mut mask) = ([0; 8], [0; 8]);
        for ((byte, value), mask) in text.iter().zip(&mut value).zip(&mut mask) {
            // Letters differ from their other case in one bit.
            *mask = if byte.is_ascii_alphabetic() && !exact { !0x20 } else { !0 };
            *value = byte & *mask;
        }
        Masked { value: u64::from_le_bytes(value), mask: u64::from_le_bytes(mask) }
    }

    fn fits(self, bytes: u64) -> bool {
        bytes & self.mask == self.value
    }
}

/// A word and which of its characters stands at the place that was looked up.
#[derive(Clone, Copy, Debug)]
struct Entry {
    gram: u32,
    word: u32,
    offset: usize,
    begins: Masked,
}

/// A word of three or four characters.
#[derive(Clone, Copy, Debug)]
struct Short {
    word: u32,
    begins: Masked,
}

/// The keywords of all rules, each with the rules that want it.
#[derive(Debug)]
pub(super) struct Keywords {
    words: Vec<Word>,
    /// A bit for each four bytes, set where a word may stand.
    bits: Box<[u64]>,
    /// Words of five characters and more by four of them, slot after slot.
    long: Vec<Entry>,
    /// Where each slot of `long` begins, and one more.
    slots: Box<[u32]>,
    /// Shorter words by their first three characters: for each of these the number of a list, 0 where there is none.
    short: Box<[u16]>,
    short_lists: Vec<Vec<Short>>,
}

/// Five bits of each of four bytes.
fn gram(bytes: u32) -> usize {
    ((bytes & 0x1f) | (bytes >> 3 & 0x3e0) | (bytes >> 6 & 0x7c00) | (bytes >> 9 & 0xf_8000)) as usize
}

fn gram_of(bytes: &[u8]) -> usize {
    gram(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

/// Five bits of each of three bytes.
fn short_gram(bytes: &[u8]) -> u16 {
    u16::from(bytes[0] & 0x1f) | u16::from(bytes[1] & 0x1f) << 5 | u16::from(bytes[2] & 0x1f) << 10
}

/// The eight bytes at `at`; zeros stand for what lies behind the end.
fn eight(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    match rest.first_chunk::<8>() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => {
            let mut bytes = [0; 8];
            bytes[..rest.len()].copy_from_slice(rest);
            u64::from_le_bytes(bytes)
        }
    }
}

/// Whether a word of a name goes on behind `end`: words end at what is no letter and where the case begins anew.
fn goes_on(text: &[u8], end: usize) -> bool {
    let next = |ahead: usize| text.get(end + ahead).copied().unwrap_or(b' ');
    let last = end.checked_sub(1).map_or(b' ', |last| text[last]);
    next(0).is_ascii_alphabetic()
        && !(next(0).is_ascii_uppercase() && (last.is_ascii_lowercase() || next(1).is_ascii_lowercase()))
}

impl Keywords {
    /// Takes keywords and who wants them; those with fewer than three characters, which the rule loader does not
    /// let pass, are left out.
    pub(super) fn new(pairs: impl Iterator<Item = (Keyword, u32)>) -> Self {
        let mut by_word: std::collections::BTreeMap<Keyword, Vec<u32>> = std::collections::BTreeMap::new();
        for (mut word, rule) in pairs.filter(|(word, _)| word.text.len() >= 3) {
            if !word.exact {
                word.text.make_ascii_lowercase();
            }
            let rules = by_word.entry(word).or_default();
            if rules.last() != Some(&rule) {
                rules.push(rule);
            }
        }
        let words: Vec<Word> = by_word
            .into_iter()
            .map(|(word, wanted_by)| Word {
                text: word.text.into_bytes().into(),
                exact: word.exact,
                ends: word.ends,
                wanted_by,
            })
            .collect();
        let mut keywords = Keywords {
            words: Vec::new(),
            bits: vec![0; GRAMS / 64].into(),
            long: Vec::new(),
            slots: vec![0; (words.len() * 8).next_power_of_two().max(LEAST_SLOTS) + 1].into(),
            short: vec![0; 1 << 15].into(),
            short_lists: vec![Vec::new()],
        };
        for (at, word) in (0..).zip(&words) {
            if word.text.len() > 4 { keywords.enter_long(at, word) } else { keywords.enter_short(at, word) }
        }
        keywords.words = words;
        keywords.sort_slots();
        keywords
    }

    /// Enters a word by two neighbouring groups of four: wherever it stands, one of them begins at an even place.
    fn enter_long(&mut self, at: u32, word: &Word) {
        let text = &word.text;
        let commonness = |offset: usize| super::assignment::pair_surprise(&text[offset..offset + 4]);
        let best = (0..=text.len() - 5)
            .max_by_key(|offset| (commonness(*offset) + commonness(offset + 1), std::cmp::Reverse(*offset)));
        let best = best.unwrap_or_default();
        let begins = Masked::new(text, word.exact);
        for offset in [best, best + 1] {
            let gram = gram_of(&text[offset..]);
            self.set(gram);
            self.long.push(Entry { gram: gram as u32, word: at, offset, begins });
        }
    }

    fn sort_slots(&mut self) {
        let mut long = std::mem::take(&mut self.long);
        long.sort_by_key(|entry| (self.slot(entry.gram as usize), entry.word, entry.offset));
        for entry in &long {
            self.slots[self.slot(entry.gram as usize) + 1] += 1;
        }
        for slot in 1..self.slots.len() {
            self.slots[slot] += self.slots[slot - 1];
        }
        self.long = long;
    }

    /// Enters a word of three or four characters with every character that may stand beside it.
    fn enter_short(&mut self, at: u32, word: &Word) {
        let text = &word.text;
        let three = usize::from(short_gram(text));
        for beside in 0..32 {
            self.set(three << 5 | beside);
            if text.len() == 3 {
                self.set(three | beside << 15);
            }
        }
        if text.len() == 4 {
            self.set(gram_of(text));
        }
        let list = &mut self.short[three];
        if *list == 0 {
            *list = u16::try_from(self.short_lists.len()).unwrap_or(u16::MAX);
            self.short_lists.push(Vec::new());
        }
        self.short_lists[usize::from(*list)].push(Short { word: at, begins: Masked::new(text, word.exact) });
    }

    fn set(&mut self, gram: usize) {
        self.bits[gram / 64] |= 1 << (gram % 64);
    }

    fn is_set(&self, gram: usize) -> bool {
        self.bits[gram / 64] >> (gram % 64) & 1 == 1
    }

    fn slot(&self, gram: usize) -> usize {
        (gram.wrapping_mul(0x9e37_79b1) >> 8) & (self.slots.len() - 2)
    }

    /// Calls `hit` with every keyword that stands in `text` and who wants it, in about the order in which they stand.
    pub(super) fn search(&self, text: &[u8], mut hit: impl FnMut(Span, &[u32])) {
        if self.words.is_empty() {
            return;
        }
        let mut at = 0;
        while let Some(block) = text.get(at..at + 12).and_then(|block| block.first_chunk::<12>()) {
            let low =
                u64::from_le_bytes([block[0], block[1], block[2], block[3], block[4], block[5], block[6], block[7]]);
            let high =
                u64::from_le_bytes([block[4], block[5], block[6], block[7], block[8], block[9], block[10], block[11]]);
            let grams =
                [gram(low as u32), gram((low >> 16) as u32), gram((low >> 32) as u32), gram((high >> 16) as u32)];
            if grams.iter().fold(false, |any, gram| any | self.is_set(*gram)) {
                for (step, gram) in grams.into_iter().enumerate() {
                    if self.is_set(gram) {
                        self.compare(text, at + step * STRIDE, Some(gram), &mut hit);
                    }
                }
            }
            at += 4 * STRIDE;
        }
        while at < text.len() {
            let gram = text.get(at..at + 4).map(gram_of);
            self.compare(text, at, gram, &mut hit);
            at += STRIDE;
        }
    }

    /// Tells the words that stand around the even place `at`.
    fn compare(&self, text: &[u8], at: usize, gram: Option<usize>, hit: &mut impl FnMut(Span, &[u32])) {
        let here = eight(text, at);
        for (start, bytes) in [(at, here), (at + 1, here >> 8)] {
            let three = (bytes & 0x1f) | (bytes >> 3 & 0x3e0) | (bytes >> 6 & 0x7c00);
            let list = self.short[three as usize];
            if list != 0 {
                for short in &self.short_lists[usize::from(list)] {
                    if short.begins.fits(bytes) {
                        self.tell(text, short.word, start, hit);
                    }
                }
            }
        }
        let Some(gram) = gram else { return };
        let slot = self.slot(gram);
        for entry in &self.long[self.slots[slot] as usize..self.slots[slot + 1] as usize] {
            if entry.gram == gram as u32
                && let Some(start) = at.checked_sub(entry.offset)
                && entry.begins.fits(eight(text, start))
            {
                self.tell(text, entry.word, start, hit);
            }
        }
    }

    /// Tells a word whose first bytes fit.
    fn tell(&self, text: &[u8], word: u32, start: usize, hit: &mut impl FnMut(Span, &[u32])) {
        let word = &self.words[word as usize];
        let end = start + word.text.len();
        // The first eight were compared.
        let more = || match (text.get(start + 8..end), &word.text[8..]) {
            (Some(found), rest) if word.exact => found == rest,
            (Some(found), rest) => found.eq_ignore_ascii_case(rest),
            (None, _) => false,
        };
        let stands = if word.text.len() <= 8 { end <= text.len() } else { more() };
        if stands && !(word.ends && goes_on(text, end)) {
            hit(Span::new(start, end), &word.wanted_by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every word at every place, compared byte by byte.
    fn plainly(words: &[(&str, bool)], text: &[u8]) -> Vec<(usize, u32)> {
        let mut found = Vec::new();
        for start in 0..text.len() {
            for (rule, (word, exact)) in (0..).zip(words) {
                if let Some(here) = text.get(start..start + word.len())
                    && (here == word.as_bytes() || (!exact && here.eq_ignore_ascii_case(word.as_bytes())))
                {
                    found.push((start, rule));
                }
            }
        }
        found
    }

    fn searched(words: &[(&str, bool)], text: &[u8]) -> Vec<(usize, u32)> {
        let keyword = |(word, exact): &(&str, bool)| Keyword { text: (*word).to_owned(), exact: *exact, ends: false };
        let keywords = Keywords::new((0..).zip(words).map(|(rule, word)| (keyword(word), rule)));
        let mut found = Vec::new();
        keywords.search(text, |span, rules| found.extend(rules.iter().map(|rule| (span.start, *rule))));
        found.sort_unstable();
        found
    }

    #[test]
    fn every_word_is_found_at_every_place_and_nothing_else_is() {
        let words = [
            ("token", false),
            ("TOKEN", true),
            ("ken", false),
            ("ASIA", true),
            ("pass", false),
            ("password", false),
            ("://", false),
        ];
        // Words at even and odd places, at both ends, in both cases, overlapping, in texts of every length.
        let text = b"Token kenTOKEN asia ASIA xpassword PASSwordpass a://b ken token";
        for start in 0..8 {
            for end in start..=text.len() {
                let part = &text[start..end];
                assert_eq!(searched(&words, part), plainly(&words, part), "{}", String::from_utf8_lossy(part));
            }
        }
    }

    #[test]
    fn random_texts_are_searched_as_plainly() {
        let words = [("abc", false), ("abca", false), ("bcabc", true), ("cabcab", false), ("AAAAAAA", false)];
        let mut state = 7u32;
        let text: Vec<u8> = (0..20_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                b"aAbBcC\n\xc3"[(state >> 24) as usize % 8]
            })
            .collect();
        assert_eq!(searched(&words, &text), plainly(&words, &text));
    }

    #[test]
    fn a_word_of_a_name_counts_where_it_ends() {
        // text, whether `key` ends a word there
        let cases = [
            ("key", true),
            ("api_key=", true),
            ("apiKey2", true),
            ("KEYData", true),
            ("keyData", true),
            ("KeyData", true),
            ("keys", false),
            ("KEYS", false),
            ("KEYSData", false),
            ("keyboard", false),
            ("Keyboard", false),
        ];
        let keyword = Keyword { text: "key".to_owned(), exact: false, ends: true };
        let keywords = Keywords::new([(keyword, 0)].into_iter());
        for (text, ends) in cases {
            let mut found = false;
            keywords.search(text.as_bytes(), |_, _| found = true);
            assert_eq!(found, ends, "{text}");
        }
    }

    #[test]
    fn without_words_nothing_is_found() {
        assert!(searched(&[], b"anything").is_empty());
    }
}
