//! Columns that somebody chose and that no table has: said once for each file, or once for the whole scan.

use std::collections::BTreeMap;

use super::collector::{Collector, Gathered};
use crate::artifact::{Origin, Step};
use crate::engine::Engine;
use crate::finding::{Notice, NoticeKind};

/// By choice and file: whether a table has chosen columns.
#[derive(Debug, Default)]
pub(super) struct Met(BTreeMap<(usize, Origin), bool>);

impl Met {
    /// Notes what a text has; the tables of one file count together.
    pub(super) fn note(&mut self, origin: &Origin, (choice, met): (usize, bool)) {
        let table = |step: &&Step| !matches!(step, Step::Sheet(_) | Step::Table(_));
        let file = origin.steps().iter().take_while(table);
        let file = file.fold(Origin::default(), |origin, step| origin.then(step.clone()));
        *self.0.entry((choice, file)).or_default() |= met;
    }
}

impl Collector<'_> {
    /// Notes where chosen columns were met.
    pub(super) fn meet(&self, origin: &Origin, tables: (usize, bool)) {
        self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner).met.note(origin, tables);
    }
}

/// Tells what was chosen and is nowhere.
pub(super) fn tell(engine: &Engine, gathered: &mut Gathered) {
    let met = std::mem::take(&mut gathered.met).0;
    let mut everywhere: BTreeMap<usize, bool> = BTreeMap::new();
    for ((choice, file), met) in met {
        let Some(chosen) = engine.chosen_columns(choice) else { continue };
        if chosen.files.is_none() {
            *everywhere.entry(choice).or_default() |= met;
        } else if !met {
            gathered.notices.push(notice(Some(file), "it has no table with".to_owned() + &chosen.names()));
        }
    }
    for (choice, _) in everywhere.into_iter().filter(|(_, met)| !met) {
        let Some(chosen) = engine.chosen_columns(choice) else { continue };
        gathered.notices.push(notice(None, "no table has".to_owned() + &chosen.names()));
    }
}

fn notice(origin: Option<Origin>, message: String) -> Notice {
    let message = format!("k and l were not computed: {message}");
    Notice { origin, line: None, kind: NoticeKind::NotJudged, message }
}
