//! Columns that somebody chose to be judged together: which of a table's they are, and what is demanded.
//!
//! Knows how a name that was chosen is matched with the name of a column; nothing of rows.

use super::crowd::{Demand, MAX_SENSITIVE};
use super::map::{Shape, map};
use super::words::{self, Words};

/// The least size of a group where columns were chosen and no size was: what the Centers for Medicare & Medicaid
/// Services demand of every cell that they publish.
pub const DEFAULT_K: u64 = 11;
/// The least number of different values where sensitive columns were chosen and no number was.
pub const DEFAULT_L: u64 = 2;
/// The least size of a group by date of birth, ZIP code and sex, where nobody chose anything.
const K_OF_THREE: u64 = 5;
/// How many tables of one text that lack columns are told.
const MOST_LACKING: usize = 20;
/// The three that single most people out, as they may be chosen.
pub(super) const THREE: [&str; 3] = ["date of birth", "ZIP code", "sex"];

/// What to judge tables by: k-anonymity over quasi-identifiers, l-diversity of sensitive columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The quasi-identifiers; date of birth, ZIP code and sex if there is none.
    pub quasi: Vec<String>,
    /// The sensitive columns; the first one that is named after diagnoses, procedures or drugs if there is none.
    pub sensitive: Vec<String>,
    /// How many people a group must have.
    pub k: Option<u64>,
    /// How many different sensitive values a group must have.
    pub l: Option<u64>,
}

impl Columns {
    /// How many columns may be chosen of either kind.
    pub const MOST: usize = MAX_SENSITIVE;
    /// The most different values that can be demanded.
    pub const MOST_DIFFERENT: u64 = super::crowd::MAX_DIFFERENT as u64;

    fn quasi(&self) -> Vec<&str> {
        if self.quasi.is_empty() { THREE.to_vec() } else { self.quasi.iter().map(String::as_str).collect() }
    }

    /// All names that were chosen.
    pub fn names(&self) -> Vec<&str> {
        self.quasi().into_iter().chain(self.sensitive.iter().map(String::as_str)).collect()
    }

    fn wants_sensitive(&self) -> bool {
        !self.sensitive.is_empty() || self.l.is_some()
    }
}

/// What the groups of a table are made by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Measure {
    /// Whether somebody chose it.
    pub(super) chosen: bool,
    /// The quasi-identifiers, as they were chosen.
    pub(super) over: Vec<String>,
    /// The sensitive columns; none where one was found by its name.
    pub(super) sensitive: Vec<String>,
    /// How many sensitive columns there are.
    pub(super) sensitive_columns: usize,
    pub(super) demand: Demand,
}

impl Default for Measure {
    fn default() -> Self {
        Measure {
            chosen: false,
            over: THREE.map(str::to_owned).into(),
            sensitive: Vec::new(),
            sensitive_columns: 1,
            demand: Demand { k: K_OF_THREE, l: None },
        }
    }
}

/// The chosen columns of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Resolved {
    /// Which columns they are, in the order in which they were chosen.
    pub(super) quasi: Vec<usize>,
    pub(super) sensitive: Vec<usize>,
    /// Chosen ones that are not there.
    pub(super) lacking: Vec<String>,
    /// Whether a column stands there that was chosen by name.
    known: bool,
}

impl Resolved {
    /// Whether all are there.
    pub(super) fn is_complete(&self) -> bool {
        self.lacking.is_empty() && !self.quasi.is_empty()
    }

    /// Whether at least one is.
    pub(super) fn is_known(&self) -> bool {
        self.known
    }

    /// What the groups are made by.
    pub(super) fn measure(&self, columns: &Columns) -> Measure {
        let l = columns.wants_sensitive().then(|| columns.l.unwrap_or(DEFAULT_L));
        Measure {
            chosen: true,
            over: columns.quasi().into_iter().map(str::to_owned).collect(),
            sensitive: columns.sensitive.clone(),
            sensitive_columns: self.sensitive.len(),
            demand: Demand { k: columns.k.unwrap_or(DEFAULT_K), l },
        }
    }
}

impl Resolved {
    /// The same with other numbers of columns.
    pub(super) fn moved(self, mut place: impl FnMut(usize) -> usize) -> Self {
        let mut moved = |all: Vec<usize>| all.into_iter().map(&mut place).collect();
        Resolved { quasi: moved(self.quasi), sensitive: moved(self.sensitive), ..self }
    }
}

/// What is known of a text's tables beside the text, and what it has of the columns that somebody chose.
#[derive(Debug, Default)]
pub(super) struct Chosen<'c> {
    pub(super) columns: Option<&'c Columns>,
    /// The name of the table that the text is: one of a database, the sheet of a workbook; never a path.
    pub(super) table: Option<&'c str>,
    /// Whether a table has all of them.
    pub(super) judged: bool,
    pub(super) lacking: Vec<Lacking>,
}

/// A table that has some of the chosen columns, and not all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// Its name, where it has one.
    pub table: String,
    /// Where it stands.
    pub at: usize,
    /// The columns that it does not have, as they were chosen.
    pub columns: Vec<String>,
}

impl Chosen<'_> {
    /// Notes what a table has.
    pub(super) fn note(&mut self, found: &Resolved, table: &str, at: usize) {
        if found.is_complete() {
            self.judged = true;
        } else if found.is_known() && self.lacking.len() < MOST_LACKING {
            self.lacking.push(Lacking { table: table.to_owned(), at, columns: found.lacking.clone() });
        }
    }
}

impl Chosen<'_> {
    /// Tables that lack columns. One without a name may be no table at all, and is passed over where another stands.
    pub(super) fn lacking(self) -> Vec<Lacking> {
        let mut lacking = self.lacking;
        if self.judged || lacking.iter().any(|lacking| !lacking.table.is_empty()) {
            lacking.retain(|lacking| !lacking.table.is_empty());
        }
        lacking
    }
}

/// A cell's value; nothing for what stands for none.
pub(super) fn value(cell: &[u8]) -> &[u8] {
    match cell.trim_ascii() {
        b"\\N" | b"NULL" | b"null" | b"NaN" | b"nan" | b"None" | b"NA" | b"N/A" => b"",
        value => value,
    }
}

/// Finds chosen columns among the names of a table.
pub(super) fn resolve<N: AsRef<[u8]>>(columns: &Columns, written: &[N]) -> Resolved {
    let names: Vec<Words> = written.iter().map(|name| words::of(name.as_ref())).collect();
    let mut resolved = Resolved::default();
    let position = |chosen: &str| {
        let as_written = |name: &N| name.as_ref().trim_ascii() == chosen.as_bytes();
        written.iter().position(as_written).or_else(|| position(chosen, &names))
    };
    for name in columns.quasi().into_iter().take(Columns::MOST) {
        match position(name) {
            Some(at) => resolved.quasi.push(at),
            None => resolved.lacking.push(name.to_owned()),
        }
    }
    for name in columns.sensitive.iter().take(Columns::MOST) {
        match position(name) {
            Some(at) => resolved.sensitive.push(at),
            None => resolved.lacking.push(name.clone()),
        }
    }
    resolved.known = !(resolved.quasi.is_empty() && resolved.sensitive.is_empty());
    if columns.sensitive.is_empty() {
        let found = names.iter().position(|name| map().is_sensitive(name));
        resolved.sensitive.extend(found);
        if found.is_none() && columns.l.is_some() {
            resolved.lacking.push("diagnosis or another sensitive column".to_owned());
        }
    }
    resolved
}

/// The column that is meant: the one of that name, however its words are parted; else the first that is known to hold
/// the same kind of value, `birth_date` for `dob`.
fn position(chosen: &str, names: &[Words]) -> Option<usize> {
    let wanted = words::of(chosen.as_bytes());
    if wanted.count() == 0 {
        return None;
    }
    let joined = |name: &Words| name.each().collect::<String>();
    let same = joined(&wanted);
    names.iter().position(|name| joined(name) == same).or_else(|| {
        let kind = Kind::of(&wanted, true)?;
        names.iter().position(|name| Kind::of(name, false) == Some(kind))
    })
}

/// Kinds of values whose names all say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Birth,
    Zip,
    Sex,
}

impl Kind {
    /// The kind that a name stands for; a name that was chosen must be one of the listed names itself, for `zip3` is not
    /// any ZIP code.
    fn of(name: &Words, chosen: bool) -> Option<Kind> {
        let last = name.each().last();
        let numbered = last.is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        if numbered && (chosen || last != Some("5")) {
            return None;
        }
        if map().is_sex(name) {
            return Some(Kind::Sex);
        }
        match map().meaning_of(name, 0)?.field?.shape {
            Shape::Birth => Some(Kind::Birth),
            Shape::Zip => Some(Kind::Zip),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_or_by_what_they_hold() {
        // chosen, names, which column
        let cases: &[(&str, &[&str], Option<usize>)] = &[
            ("dob", &["id", "dob"], Some(1)),
            ("zip_3", &["zip", "Zip3"], Some(1)),
            ("PatientRace", &["race", "patient race"], Some(1)),
            ("dob", &["Birth Date", "dob"], Some(1)), // the name itself comes first
            ("dob", &["id", "PATIENT_BIRTH_DATE"], Some(1)),
            ("date of birth", &["id", "birthdate"], Some(1)),
            ("zip", &["city", "postal_code"], Some(1)),
            ("ZIP code", &["zip5"], Some(0)),
            ("sex", &["gender"], Some(0)),
            // not any ZIP code, not any name
            ("zip3", &["zip"], None),
            ("zip", &["zip3"], None),
            ("first name", &["last_name"], None),
            ("race", &["ethnicity"], None),
            ("sex", &["sexton"], None),
            ("", &["", "a"], None),
        ];
        for (chosen, names, wanted) in cases {
            let names: Vec<Words> = names.iter().map(|name| words::of(name.as_bytes())).collect();
            assert_eq!(position(chosen, &names), *wanted, "{chosen}: {names:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_said() {
        let names = ["dob", "zip", "dx", "生年月日"];
        let three = Columns { l: Some(2), ..Columns::default() };
        let resolved = resolve(&three, &names);
        assert_eq!((resolved.quasi, resolved.sensitive), (vec![0, 1], vec![2]));
        assert_eq!(resolved.lacking, ["sex"]);
        let two =
            Columns { quasi: vec!["zip".into()], sensitive: vec!["hiv".into(), "dx".into()], ..Columns::default() };
        let resolved = resolve(&two, &names);
        assert_eq!((resolved.is_complete(), resolved.lacking), (false, vec!["hiv".to_owned()]));
        assert!(!resolve(&two, &["other"]).is_known());
        // A name without a word of ASCII is the same as itself.
        let written = Columns { quasi: vec!["生年月日".into()], ..Columns::default() };
        assert_eq!(resolve(&written, &names).quasi, [3]);
    }
}
