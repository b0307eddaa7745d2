//! What of a text or a file is kept because of what may lie beside it.

use super::Engine;
use super::across::Kept;
use super::assemble::TextView;
use crate::artifact::{Origin, Part};
use crate::document::Kind;
use crate::facts::across::Piece;
use crate::facts::patients::{self, Codes};
use crate::finding::Place;

impl Engine {
    fn asks_beside(&self) -> bool {
        self.checks.contains_key(&Kind::PatientsBeside)
    }

    /// What a whole file is, if that may matter beside another.
    pub fn file_beside(&self, origin: &Origin, part: Part, content: &[u8]) -> Vec<Kept> {
        let first = part.lines_before == 0 && part.columns_before == 0;
        if !self.asks_beside() || !first {
            return Vec::new();
        }
        let size = if part.whole { content.len() } else { usize::MAX };
        let place = Place { line: 1, column: 1, end_line: 1, end_column: 2, ..Place::default() };
        let found = patients::of_file(origin.name(), size, content).into_iter();
        found.map(|one| Kept::at(origin.clone(), Piece::of_file(one, last(origin.name())), place.clone())).collect()
    }

    /// The tables of a text that have pseudonyms.
    pub(super) fn codes_beside(&self, view: &TextView<'_>, codes: &[Codes]) -> Vec<Kept> {
        let codes = codes.iter().filter(|_| self.asks_beside());
        let origin = &view.subject.origin;
        let kept = codes.map(|codes| {
            let place = Place { excerpt: view.excerpt(codes.first, true), ..view.place(codes.first) };
            Kept::at((*origin).clone(), Piece::of_codes(codes, last(origin.name())), place)
        });
        kept.collect()
    }
}

/// The last part of a path.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
