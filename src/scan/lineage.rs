//! Where what an overlay becomes was said: the base or the patch, and the place in it.
//!
//! Knows how a rendered value leads back to a file: by what kustomize notes of an object's origin, then by names and
//! values. What nobody wrote down but kustomize made, an image's tag or a ConfigMap, is shown in the kustomization.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use super::counterpart::{same_scalar, translated};
use super::kustomized::{Kustomized, Listed};
use super::patches;
use crate::document::{Document, Format, Kind, NodeId, Parsed, format_of, parse};
use crate::facts::{self, Path, Selected, Step};
use crate::source::{self, KustomizationFile, Overlay};
use crate::text::Span;

/// What kustomize notes of where an object comes from.
const ORIGIN: &str = "config.kubernetes.io/origin";

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
    pub(super) covered: BTreeSet<String>,
    /// The folder that notes of origins are relative to.
    beside: PathBuf,
}

impl Made {
    pub(super) fn of(root: &FilePath, overlay: &Overlay, kustomized: &mut Kustomized) -> Made {
        let mut made = Made {
            patches: Vec::new(),
            kustomizations: Vec::new(),
            bases: BTreeMap::new(),
            covered: BTreeSet::new(),
            beside: overlay.beside.clone(),
        };
        let mut listed = |file: &FilePath, text: Option<Vec<u8>>| kustomized.listed(root, file, text);
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
                for object in facts::derive(document).subjects.iter().filter(|s| s.kind == Kind::KubernetesObject) {
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

    /// Where a path of a rendered object is said, in the base only, and the whole of what is said there.
    pub(super) fn in_base(&self, rendered: &Document, base: Option<&Candidate>, path: &str) -> (Span, Option<Span>) {
        let path = Path::parse(path).unwrap_or_default();
        let reached = base.and_then(|base| base.reach(rendered, &path));
        reached.map_or((Span::new(0, 0), None), |reached| (reached.span, reached.whole))
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
            Some((reached, file)) if reached.says || base.is_some() => (file.clone(), reached.span),
            // The base lies outside of the scan.
            _ => self.included(rendered).unwrap_or_else(|| (file.clone(), first_line(&file.text))),
        }
    }

    /// The entry of a kustomization that an object came in by.
    fn included(&self, rendered: &Document) -> Option<(Arc<Listed>, Span)> {
        let note = origin(rendered)?;
        let note = note.documents.first()?;
        let path = source::plain(&self.beside.join(note.get_str(note.root(), "path")?));
        self.kustomizations.iter().rev().find_map(|(file, one)| {
            let document = one.parsed.documents.first()?;
            let lists =
                ["resources", "bases", "components"].iter().filter_map(|key| document.get(document.root(), key));
            let mut items = lists.flat_map(|list| document.items(list));
            let leads = |item: &&NodeId| {
                document.as_str(**item).is_some_and(|to| path.starts_with(source::plain(&one.folder.join(to))))
            };
            Some((file.clone(), document.node(*items.find(leads)?).span?))
        })
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
    /// The whole of what stands there.
    whole: Option<Span>,
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
        let whole = self.document.node(placed.node).span;
        Some(Reached { says, depth: placed.trail.len(), span: placed.span?, whole })
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
