//! Overlays that were rendered: what is wrong in the objects that they become, at the place in the base or the patch
//! that says it.
//!
//! Knows how a rendered value leads back to a file: by what kustomize notes of an object's origin, then by names and
//! values. What nobody wrote down but kustomize made, an image's tag or a ConfigMap, is shown in the kustomization.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use super::counterpart::{same_scalar, translated};
use super::patches;
use crate::artifact::Origin;
use crate::document::{Document, Format, NodeId, Parsed, format_of, parse};
use crate::engine::Kept;
use crate::facts::{self, Path, Selected, Step};
use crate::finding::{Finding, Place};
use crate::source::{self, KustomizationFile, Overlay};
use crate::text::{LineIndex, Span};

/// What kustomize notes of where an object comes from.
const ORIGIN: &str = "config.kubernetes.io/origin";
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
    text: Vec<u8>,
    index: LineIndex,
}

/// A document that may say what an object became.
pub(super) struct Candidate {
    pub(super) file: Arc<Listed>,
    document: Document,
    /// The kind and name that a patch says it is for.
    kind: Option<String>,
    name: Option<String>,
    /// Whether it is a list of operations, which count items as the rendered object does.
    counts: bool,
}

/// All that one overlay is made of.
pub(super) struct Made {
    /// From the outermost inwards.
    patches: Vec<Candidate>,
    kustomizations: Vec<(Arc<Listed>, Arc<KustomizationFile>)>,
    bases: BTreeMap<PathBuf, (Arc<Listed>, Arc<Parsed>)>,
    covered: BTreeSet<String>,
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
    let (start, end) = (file.index.position(&file.text, span.start), file.index.position(&file.text, span.end));
    Place {
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        path,
        ..Place::default()
    }
}

impl Made {
    pub(super) fn of(root: &FilePath, overlay: &Overlay, kustomized: &mut Kustomized) -> Made {
        let mut made =
            Made { patches: Vec::new(), kustomizations: Vec::new(), bases: BTreeMap::new(), covered: BTreeSet::new() };
        let mut listed = |file: &FilePath, text: Option<Vec<u8>>| -> Option<Arc<Listed>> {
            // What lies outside of the scan is shown where it is included.
            let name = file.strip_prefix(root).ok().map(|_| source::relative_to(root, file))?;
            if let Some(known) = kustomized.files.get(&name) {
                return Some(known.clone());
            }
            let text = text.or_else(|| source::listed(file))?;
            let listed = Arc::new(Listed { name: name.clone(), index: LineIndex::new(&text), text });
            kustomized.files.insert(name, listed.clone());
            Some(listed)
        };
        for one in &overlay.files {
            let Some(own) = listed(&one.file, Some(one.text.clone())) else { continue };
            made.covered.insert(own.name.clone());
            for (patch, document) in patches::inline(&one.lists.patches, &one.text) {
                made.patches.push(Candidate::of(&own, document, patch));
            }
            for patch in &one.lists.patches {
                let Some(path) = patch.path.as_ref().map(|path| source::plain(&one.folder.join(path))) else {
                    continue;
                };
                let Some(file) = listed(&path, None) else { continue };
                made.covered.insert(file.name.clone());
                let format = format_of(&file.name, &file.text).unwrap_or(Format::Yaml);
                for document in parse(format, &file.text).documents {
                    let document = facts::partial(document, patch.kind.as_deref());
                    made.patches.push(Candidate::of(&file, document, patch));
                }
            }
            for path in &one.lists.resources {
                let path = source::plain(&one.folder.join(path));
                if !path.is_file() || made.bases.contains_key(&path) {
                    continue;
                }
                let Some(file) = listed(&path, None) else { continue };
                made.covered.insert(file.name.clone());
                let parsed = parse(format_of(&file.name, &file.text).unwrap_or(Format::Yaml), &file.text);
                made.bases.insert(path, (file, Arc::new(parsed)));
            }
            made.kustomizations.push((own, one.clone()));
        }
        made
    }

    pub(super) fn first(&self) -> Option<Arc<Listed>> {
        self.kustomizations.first().map(|(file, _)| file.clone())
    }

    /// The document that an object began as.
    pub(super) fn base(&self, overlay: &Overlay, rendered: &Document) -> Option<Candidate> {
        let note = origin(rendered);
        let said = note.as_ref().and_then(|note| note.documents.first());
        let path = said.and_then(|note| note.get_str(note.root(), "path"));
        let path = path.map(|path| source::plain(&overlay.beside.join(path)));
        let files: Vec<&(Arc<Listed>, Arc<Parsed>)> = match path {
            Some(path) => self.bases.get(&path).into_iter().collect(),
            // Made by a generator, or by a kustomize that takes no notes.
            None if said.is_some() => Vec::new(),
            None => self.bases.values().collect(),
        };
        let (kind, name) = (rendered.get_str(rendered.root(), "kind"), name_of(rendered, rendered.root()));
        let mut best: Option<(usize, Candidate)> = None;
        for (file, parsed) in files {
            for document in &parsed.documents {
                // Lists are taken apart.
                for object in facts::derive(document)
                    .subjects
                    .iter()
                    .filter(|s| s.kind == crate::document::Kind::KubernetesObject)
                {
                    let own = name_of(document, object.root);
                    if document.get_str(object.root, "kind") != kind
                        || !name.unwrap_or_default().contains(own.unwrap_or_default())
                    {
                        continue;
                    }
                    let fit = 1 + own.map_or(0, str::len);
                    if best.as_ref().is_none_or(|(known, _)| fit > *known) {
                        let document = rooted(document, object.root);
                        best = Some((
                            fit,
                            Candidate { file: file.clone(), document, kind: None, name: None, counts: false },
                        ));
                    }
                }
            }
        }
        best.map(|(_, candidate)| candidate)
    }

    /// Where a path of a rendered object is said, in the base only.
    pub(super) fn in_base(&self, rendered: &Document, base: Option<&Candidate>, path: &str) -> Span {
        let path = Path::parse(path).unwrap_or_default();
        base.and_then(|base| base.reach(rendered, &path)).map_or(Span::new(0, 0), |reached| reached.span)
    }

    /// The file and place that say what stands at a path of a rendered object.
    pub(super) fn place(
        &self,
        rendered: &Document,
        base: Option<&Candidate>,
        path: &str,
        file: &Arc<Listed>,
    ) -> (Arc<Listed>, Span) {
        let path = Path::parse(path).unwrap_or_default();
        let patches = self.patches.iter().filter(|patch| patch.is_for(rendered));
        let mut best: Option<(Reached, &Arc<Listed>)> = None;
        // The outermost patch has the last word; a base goes before patches that say no more than it.
        let all = patches.map(|patch| (patch, false)).chain(base.map(|base| (base, true)));
        for (candidate, is_base) in all {
            let Some(reached) = candidate.reach(rendered, &path) else { continue };
            let better = best.as_ref().is_none_or(|(known, _)| {
                (reached.says, reached.depth) > (known.says, known.depth)
                    || (is_base && !reached.says && reached.depth >= known.depth && !known.says)
            });
            if better {
                best = Some((reached, &candidate.file));
            }
        }
        if !best.as_ref().is_some_and(|(reached, _)| reached.says)
            && let Some(made) = self.made(rendered, &path, base.is_none())
        {
            return made;
        }
        match best {
            Some((reached, file)) if reached.depth > 0 || base.is_some() => (file.clone(), reached.span),
            _ => (file.clone(), first_line(&file.text)),
        }
    }

    /// The entry of a kustomization that makes a value, or a whole object.
    fn made(&self, rendered: &Document, path: &Path, whole: bool) -> Option<(Arc<Listed>, Span)> {
        let last = path.steps().iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(&**key),
            _ => None,
        });
        let value = node_at(rendered, path).and_then(|node| rendered.as_str(node));
        for (file, one) in &self.kustomizations {
            let Some(document) = one.parsed.documents.first() else { continue };
            let entries = |key: &str| document.get(document.root(), key).map_or(&[][..], |list| document.items(list));
            let key_of = |map: NodeId, key: &str| document.entry(map, key).and_then(|entry| entry.key_span);
            let found = match last {
                _ if whole => {
                    let name = name_of(rendered, rendered.root()).unwrap_or_default();
                    let generators = ["configMapGenerator", "secretGenerator"];
                    let own = |entry: &&NodeId| document.get_str(**entry, "name").is_some_and(|own| name.contains(own));
                    let entry = generators.iter().flat_map(|key| entries(key)).find(own);
                    entry.and_then(|entry| key_of(*entry, "name"))
                }
                Some("image") => {
                    let image = value.unwrap_or_default();
                    let says = |entry: &&NodeId| {
                        let part = |key: &str| document.get_str(**entry, key).is_some_and(|part| image.contains(part));
                        part("newName") || (part("name") && (part("newTag") || part("digest")))
                    };
                    let entry = entries("images").iter().find(says);
                    let key =
                        |entry: &NodeId| ["newTag", "digest", "newName"].iter().find_map(|key| key_of(*entry, key));
                    entry.and_then(key)
                }
                Some("namespace") => key_of(document.root(), "namespace"),
                Some("replicas") => key_of(document.root(), "replicas"),
                _ => None,
            };
            if let Some(span) = found {
                return Some((file.clone(), span));
            }
        }
        None
    }
}

/// How far a path of a rendered object can be followed in a document.
struct Reached {
    /// Whether it says there what the object says.
    says: bool,
    depth: usize,
    span: Span,
}

impl Candidate {
    fn of(file: &Arc<Listed>, document: Document, patch: &facts::Patch) -> Candidate {
        let counts = patch_counts(&document);
        Candidate { file: file.clone(), document, kind: patch.kind.clone(), name: patch.name.clone(), counts }
    }

    /// Whether it may be a patch of an object: kinds are the same, and the one's name stands in the other's, which may
    /// have got something before and behind.
    fn is_for(&self, rendered: &Document) -> bool {
        let own = |key: &str| self.document.get_str(self.document.root(), key).filter(|text| !text.is_empty());
        let kind = self.kind.as_deref().or_else(|| own("kind"));
        let theirs = rendered.get_str(rendered.root(), "kind");
        let name = match &self.name {
            // A regular expression is none that could be compared.
            Some(name) => {
                Some(name.as_str()).filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
            }
            None if self.kind.is_some() => None,
            None => name_of(&self.document, self.document.root()),
        };
        let named = name_of(rendered, rendered.root()).unwrap_or_default();
        kind.is_none_or(|kind| Some(kind) == theirs) && name.is_none_or(|name| named.contains(name))
    }

    fn reach(&self, rendered: &Document, path: &Path) -> Option<Reached> {
        let here = if self.counts { path.clone() } else { translated(&self.document, rendered, path) };
        let top = Selected { node: self.document.root(), trail: facts::Trail::default() };
        let placed = facts::place(&self.document, &top, &here);
        let whole = placed.present && here.steps().len() == path.steps().len();
        let says = whole
            && node_at(rendered, path).is_some_and(|node| same_scalar(&self.document, placed.node, rendered, node));
        Some(Reached { says, depth: placed.trail.len(), span: placed.span? })
    }
}

/// Whether a partial object was made of operations: those have no places of their own.
fn patch_counts(document: &Document) -> bool {
    document.is_partial() && document.node(document.root()).span.is_none()
}

/// What kustomize notes of where an object comes from.
fn origin(rendered: &Document) -> Option<Parsed> {
    let metadata = rendered.get(rendered.root(), "metadata")?;
    let annotations = rendered.get(metadata, "annotations")?;
    Some(parse(Format::Yaml, rendered.get_str(annotations, ORIGIN)?.as_bytes()))
}

fn name_of(document: &Document, object: NodeId) -> Option<&str> {
    document.get_str(document.get(object, "metadata")?, "name")
}

fn node_at(document: &Document, path: &Path) -> Option<NodeId> {
    path.steps().iter().try_fold(document.root(), |node, step| match step {
        Step::Key(key) => document.get(node, key),
        Step::Index(index) => document.items(node).get(*index).copied(),
        _ => None,
    })
}

/// The same nodes with another one at the top.
fn rooted(document: &Document, root: NodeId) -> Document {
    if document.root() == root { document.clone() } else { document.clone().with_root(root) }
}

fn first_line(text: &[u8]) -> Span {
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |newline| start + newline);
    Span::new(start, end)
}
