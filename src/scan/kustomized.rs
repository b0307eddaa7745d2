//! What overlays became, sorted by the files that say it, until those files are told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::lineage::Made;
use super::rendered;
use crate::artifact::Origin;
use crate::engine::Kept;
use crate::finding::{Finding, Place};
use crate::source;
use crate::text::{LineIndex, Span};

/// How many overlays a finding names.
const MOST_NAMES: usize = 3;

/// What overlays became, by the files that say it.
#[derive(Debug, Default)]
pub(super) struct Kustomized {
    /// Files whose objects were judged as what they became.
    covered: BTreeSet<String>,
    /// Findings by file and place.
    found: BTreeMap<String, BTreeMap<(usize, usize, String), Told>>,
    /// What is kept to judge many documents together, by file.
    kept: BTreeMap<String, Vec<Kept>>,
    /// Files that were read, by their path in the report.
    files: BTreeMap<String, Arc<Listed>>,
}

/// A finding, and the overlays that it is true of.
#[derive(Debug)]
struct Told {
    finding: Finding,
    span: Span,
    overlays: Vec<String>,
}

/// A file that a kustomization lists.
#[derive(Debug)]
pub(super) struct Listed {
    /// Below the root of the scan.
    pub(super) name: String,
    pub(super) text: Vec<u8>,
    index: LineIndex,
}

impl Kustomized {
    /// Whether the objects of a file were judged as what they became.
    pub(super) fn covers(&self, path: &str) -> bool {
        self.covered.contains(path)
    }

    /// Files of which something is left that was not taken.
    pub(super) fn left(&self) -> Vec<String> {
        self.found.keys().chain(self.kept.keys()).cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The text of a file.
    pub(super) fn text(&self, path: &str) -> Option<Vec<u8>> {
        self.files.get(path).map(|file| file.text.clone())
    }

    /// A file below the root of the scan; what lies outside is shown where it is included.
    pub(super) fn listed(&mut self, root: &Path, file: &Path, text: Option<Vec<u8>>) -> Option<Arc<Listed>> {
        let name = file.strip_prefix(root).ok().map(|_| source::relative_to(root, file))?;
        if let Some(known) = self.files.get(&name) {
            return Some(known.clone());
        }
        let text = text.or_else(|| source::listed(file))?;
        let listed = Arc::new(Listed { name: name.clone(), index: LineIndex::new(&text), text });
        self.files.insert(name, listed.clone());
        Some(listed)
    }

    /// Notes a finding, and the overlay that it is true of; what several overlays share is told once.
    pub(super) fn found(&mut self, file: &str, span: Span, mut finding: Finding, overlay: &str) {
        finding.origin = Origin::file(file);
        let key = (span.start, span.end, finding.rule.clone());
        let told = self.found.entry(file.to_owned()).or_default().entry(key);
        let told = told.or_insert(Told { finding, span, overlays: Vec::new() });
        if !told.overlays.iter().any(|name| name == overlay) {
            told.overlays.push(overlay.to_owned());
        }
    }

    /// Keeps what is needed to judge many documents together.
    pub(super) fn keep(&mut self, file: &str, kept: Kept) {
        self.kept.entry(file.to_owned()).or_default().push(kept);
    }

    /// Notes that the objects of an overlay's files were judged as what they became.
    pub(super) fn cover(&mut self, made: &Made) {
        self.covered.extend(made.covered.iter().cloned());
    }

    /// Takes what was found in a file; places are made of spans by `place`.
    pub(super) fn take(&mut self, path: &str, place: impl FnOnce(&[Span]) -> Vec<Place>) -> (Vec<Finding>, Vec<Kept>) {
        let told: Vec<Told> = self.found.remove(path).unwrap_or_default().into_values().collect();
        let spans: Vec<Span> = told.iter().map(|told| told.span).collect();
        let places = if spans.is_empty() { Vec::new() } else { place(&spans) };
        let finding = |(told, place): (Told, Place)| {
            let mut finding = told.finding;
            finding.place = Place { path: std::mem::take(&mut finding.place.path), ..place };
            finding.because.push(format!("kustomize renders it so for {}", names(&told.overlays)));
            finding
        };
        (told.into_iter().zip(places).map(finding).collect(), self.kept.remove(path).unwrap_or_default())
    }
}

fn names(overlays: &[String]) -> String {
    let more = overlays.len().saturating_sub(MOST_NAMES);
    let named = overlays.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}

/// A stretch of a file as a place.
pub(super) fn located(file: &Listed, span: Span, path: String) -> Place {
    rendered::located(Some(span), &file.index, &file.text, path)
}
