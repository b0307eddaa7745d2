//! What the names of columns, keys and labels say.
//!
//! Knows how a name is looked up by its words in the lists of [`super::map`]; not which names there are.

use super::map::{Map, Name};
use super::words::{self, Words};

/// What is known of a word or of a whole name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    pub(super) field: Option<u32>,
    /// Whether names of several words begin with it.
    pub(super) opens: bool,
    pub(super) listed: Listed,
}

/// What the name of a column says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) meaning: Option<Meaning>,
    listed: Listed,
}

impl Told {
    /// Whether a column of that name holds what nobody should learn of a person.
    pub(super) fn is_sensitive(self) -> bool {
        self.listed.sensitive
    }
}

/// Where a name is listed beside the fields.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Listed {
    pub(super) person: bool,
    pub(super) other: bool,
    pub(super) context: bool,
    pub(super) clinical: bool,
    pub(super) quasi: bool,
    pub(super) sex: bool,
    pub(super) sensitive: bool,
    pub(super) free_text: bool,
    pub(super) original: bool,
    pub(super) pseudonym: bool,
}

/// What a name says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meaning {
    pub(super) field: Option<&'static Name>,
    /// Whether a word for the person stands before it.
    pub(super) person: bool,
    /// Whether it speaks of health.
    pub(super) context: bool,
    /// Whether it speaks of what ails somebody or is done about it, and of nothing else.
    pub(super) clinical: bool,
    pub(super) quasi: bool,
    pub(super) free_text: bool,
}

impl Map {
    fn known(&self, name: &[u8]) -> Known {
        let lengths = name.first().map_or(0, |first| self.lengths[usize::from(*first)]);
        if lengths >> name.len().min(63) & 1 == 0 {
            return Known::default();
        }
        self.known.get(name).copied().unwrap_or_default()
    }

    /// What the name of a column says.
    pub(super) fn told(&'static self, name: &[u8]) -> Told {
        let words = words::of(name);
        Told { meaning: self.meaning_of(&words, 0), listed: self.known(words.whole()).listed }
    }

    /// Whether a column of that name holds what nobody should learn of a person.
    pub(super) fn is_sensitive(&self, name: &Words) -> bool {
        self.known(name.whole()).listed.sensitive
    }

    /// Whether a column of that name, with or without a word for the person before it, holds the sex.
    pub(super) fn is_sex(&self, name: &Words) -> bool {
        let behind = name.count() > 1 && self.known(name.word(0)).listed.person;
        self.known(name.whole()).listed.sex || behind && self.known(name.from(1)).listed.sex
    }

    /// What a name says: a column's, a key's, a label's.
    pub(super) fn meaning(&'static self, name: &[u8]) -> Option<Meaning> {
        self.meaning_of(&words::of(name), 0)
    }

    /// Whether a name may be an identifier's that has the words from one on: most texts before a sign are none.
    pub(super) fn may_be_field(&self, words: &Words, from: usize) -> bool {
        from + 1 >= words.count() || self.known(words.word(from)).opens
    }

    /// What a name says that has the words from one on.
    pub(super) fn meaning_of(&'static self, words: &Words, from: usize) -> Option<Meaning> {
        let count = words.count().saturating_sub(from);
        if count == 0 || count > words::MAX_WORDS {
            return None;
        }
        let own = self.known(words.from(from));
        let (mut context, mut clinical) = (own.listed.context, own.listed.clinical);
        if count > 1 {
            for word in from..words.count() {
                let Listed { context: one, clinical: surely, .. } = self.known(words.word(word)).listed;
                (context, clinical) = (context | one, clinical | surely);
            }
        }
        let Listed { mut quasi, free_text, .. } = own.listed;
        let mut person = false;
        let mut first = from;
        let mut known = own;
        let mut field = None;
        // The name itself first; then without the words for the person before it, and a number behind it.
        for _ in 0..4 {
            field = known.field.or_else(|| self.numbered(words, first));
            if first + 1 >= words.count() || field.is_some() {
                break;
            }
            let before = self.known(words.word(first)).listed;
            if !(before.person || before.other) {
                break;
            }
            person |= before.person;
            first += 1;
            known = self.known(words.from(first));
        }
        if field.is_none() && count == 1 {
            let whole = words.from(from);
            let long = self.names.persons.iter().filter(|person| person.len() >= 6);
            let behind = long.filter_map(|person| whole.strip_prefix(person.as_bytes()));
            field = { behind }.find_map(|rest| self.known(rest).field);
            person |= field.is_some();
        }
        quasi |= known.listed.quasi;
        let field = field.map(|at| &self.names.name[at as usize]);
        let known = field.is_some() || context || quasi || free_text;
        known.then_some(Meaning { field, person, context, clinical, quasi, free_text })
    }

    /// The field of a name with a digit behind it: `phone 2`.
    fn numbered(&self, words: &Words, from: usize) -> Option<u32> {
        let last = words.word(words.count() - 1);
        let numbered = from + 1 < words.count() && matches!(last, [digit] if digit.is_ascii_digit());
        let whole = words.from(from);
        if numbered { self.known(&whole[..whole.len() - 2]).field } else { None }
    }

    /// The first column of pseudonyms.
    pub(super) fn pseudonyms(names: &[Told]) -> Option<usize> {
        names.iter().position(|name| name.listed.pseudonym)
    }

    /// The column of the people, if the names of a table tie pseudonyms to them.
    pub(super) fn ties(names: &[Told]) -> Option<usize> {
        Map::pseudonyms(names)?;
        names.iter().position(|name| name.listed.original)
    }
}
