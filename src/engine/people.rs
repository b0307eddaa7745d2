//! The patients of a text, where words tell of them.
//!
//! Knows when they are looked for and in which part; what they look like is known to [`patients`].

use globset::GlobSet;

use super::{Engine, Subject};
use crate::artifact::Origin;
use crate::document::{Document, Kind};
use crate::facts::patients::{self, Columns, Found, Open, Request, Telling};
use crate::finding::{Notice, NoticeKind};
use crate::text::Span;

/// Columns that somebody chose, for some files or for all.
#[derive(Clone, Debug)]
pub struct ChosenColumns {
    /// The files; all without.
    pub files: Option<GlobSet>,
    /// The columns.
    pub columns: Columns,
}

impl ChosenColumns {
    /// The columns in words: ` the columns dob, zip and sex`.
    pub fn names(&self) -> String {
        let names = self.columns.names();
        match names.split_last() {
            Some((last, [])) => format!(" the column {last}"),
            Some((last, others)) => format!(" the columns {} and {last}", others.join(", ")),
            None => String::new(),
        }
    }

    /// Whether the tables of such an origin are meant: by the path of the file, or by the whole name, `a.db!patients`.
    fn are_for(&self, origin: &Origin) -> bool {
        let path = |files: &GlobSet| origin.file_path().is_some_and(|path| files.is_match(path));
        self.files.as_ref().is_none_or(|files| path(files) || files.is_match(origin.stable_name()))
    }
}

impl Engine {
    /// The patients of a text, if a rule asks about them.
    pub fn patients(&self, subject: Subject<'_>, documents: &[Document]) -> Found {
        let mut telling = Vec::new();
        self.keywords.search(subject.text, |hit, wanted_by| {
            telling.extend(wanted_by.iter().filter_map(|id| self.patient_word(*id, hit)));
        });
        self.patients_in(subject, documents, telling, None)
    }

    /// One of the choices of columns, by its number.
    pub fn chosen_columns(&self, choice: usize) -> Option<&ChosenColumns> {
        self.columns.get(choice)
    }

    /// The columns that were chosen for a text, and the number of that choice: the first one that is for it.
    pub fn columns_of(&self, origin: &Origin) -> Option<(usize, &Columns)> {
        let found = self.columns.iter().enumerate().find(|(_, chosen)| chosen.are_for(origin));
        found.map(|(at, chosen)| (at, &chosen.columns))
    }

    /// Tells which tables of a text lack chosen columns. Answers which choice is for it, and whether a table has all or
    /// some of them.
    pub(super) fn lacking(
        &self,
        subject: Subject<'_>,
        found: &Found,
        notices: &mut Vec<Notice>,
    ) -> Option<(usize, bool)> {
        let (choice, _) = self.columns_of(subject.origin)?;
        for lacking in &found.lacking {
            let table = if lacking.table.is_empty() { String::new() } else { format!(" {}", lacking.table) };
            let names = lacking.columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
            notices.push(Notice {
                origin: Some(subject.origin.clone()),
                line: Some(lacking.at),
                kind: NoticeKind::NotJudged,
                message: format!("k and l were not computed for the table{table}: it has no column {names}"),
            });
        }
        Some((choice, found.judged || !found.lacking.is_empty()))
    }

    /// The patients of a text, if a rule asks about them, where words tell of them.
    pub(super) fn patients_at(
        &self,
        subject: Subject<'_>,
        telling: Vec<Telling>,
        open: Option<&mut Option<Open>>,
    ) -> Found {
        if ![Kind::PatientRecords, Kind::PatientsBeside].iter().any(|kind| self.checks.contains_key(kind)) {
            return Found::default();
        }
        let columns = self.columns_of(subject.origin).map(|(_, columns)| columns);
        let request = Request { profile: self.profile, columns, table: subject.origin.table() };
        match (open, subject.part.own) {
            (Some(open), Some((start, end))) => {
                let own = Span::new(start, end.max(start));
                patients::find_part(subject.text, telling, request, own, open)
            }
            _ => patients::find(subject.text, telling, request),
        }
    }
}
