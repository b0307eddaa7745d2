//! Offline checks of a value: checksums, structures and number plans, by name.
//!
//! A rule names one in `validator`. A check never needs the network, and never sees more than the value.

mod credentials;
mod identifiers;
mod word_list;

pub use word_list::WordList;

/// What a check says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// The checksum or structure holds; the finding becomes as sure as it gets.
    Valid(&'static str),
    /// It does not hold, or is known to be harmless; one step less sure. The words say why.
    Doubtful(&'static str),
    /// It has the form of an issued value, and yet counts or repeats as typed ones do: medium at most, and low where
    /// forms are shown. The words say why.
    Patterned(&'static str),
    /// It was published, so it is a secret of nobody; the finding becomes as unsure as it gets. The words say how.
    Published(&'static str),
    /// It cannot be a value of this kind at all; there is no finding. The words say why.
    Impossible(&'static str),
    /// The check has nothing to say about this value.
    Silent,
}

/// One check.
#[derive(Debug)]
pub struct Validator {
    /// The name that rules use.
    pub name: &'static str,
    /// What it checks, with the source of the fact.
    pub about: &'static str,
    /// The check itself; takes the value's bytes, never panics, linear in their length.
    pub check: fn(&[u8]) -> Validity,
}

/// Every check, by topic.
pub fn all() -> impl Iterator<Item = &'static Validator> {
    credentials::VALIDATORS.iter().chain(identifiers::VALIDATORS)
}

/// The check of that name.
pub fn named(name: &str) -> Option<&'static Validator> {
    all().find(|validator| validator.name == name)
}
