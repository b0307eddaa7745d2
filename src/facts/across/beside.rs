//! What lies in one folder and should not: encrypted records with their key, pseudonyms with the people behind them.

use std::collections::BTreeMap;

use super::Joining;
use super::pieces::{Of, Piece};
use crate::document::{Kind, NodeId};
use crate::facts::patients::share;

/// How many pairs of one folder are told.
const MAX_PAIRS: usize = 50;

/// A subject for each pair.
pub(super) fn subjects(joining: &mut Joining<'_>) -> Vec<(Kind, NodeId)> {
    let mut folders: BTreeMap<&str, Vec<(&Piece, NodeId)>> = BTreeMap::new();
    for (named, (_, top)) in joining.pieces.iter().zip(&joining.nodes) {
        if matches!(named.piece.of, Of::Encrypted | Of::Key | Of::Ties | Of::Coded) {
            let folder = named.name.rsplit_once('/').map_or("", |(folder, _)| folder);
            folders.entry(folder).or_default().push((named.piece, *top));
        }
    }
    let mut pairs = Vec::new();
    for (folder, pieces) in folders {
        let all = |of: Of| pieces.iter().filter(move |(piece, _)| piece.of == of);
        let mut found = Vec::new();
        for (_, encrypted) in all(Of::Encrypted) {
            found.extend(all(Of::Key).take(1).map(|(_, key)| ("key", *encrypted, *key)));
        }
        for (ties, table) in all(Of::Ties) {
            let coded = all(Of::Coded).filter(|(coded, _)| share(&ties.hashes, &coded.hashes));
            found.extend(coded.map(|(_, data)| ("linkage", *table, *data)));
        }
        pairs.extend(found.into_iter().take(MAX_PAIRS).map(|pair| (folder, pair)));
    }
    let mut subjects = Vec::new();
    for (folder, (kind, first, second)) in pairs {
        let (kind, folder) = (joining.text(kind), joining.text(folder));
        let root = joining.map(vec![("kind", kind), ("folder", folder), ("first", first), ("second", second)]);
        subjects.push((Kind::PatientsBeside, root));
    }
    subjects
}
