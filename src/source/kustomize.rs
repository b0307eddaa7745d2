//! Kustomizations, read from disk, and rendered by the `kustomize` or `kubectl` that the user has: only when asked for,
//! for it is a program that is not ours.
//!
//! Nothing is fetched and nothing else is run: an address among the resources, or a chart to inflate, leaves a
//! kustomization unrendered; plugins and functions stay off; and the program finds no other programs and no network.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::helm::folders_with;
use super::{program, relative_to};
use crate::document::{Document, Format, NodeId, Parsed, Value, parse};
use crate::facts::{KUSTOMIZATION_NAMES, Kustomization};
use crate::text::{Decoded, decode};

/// How large a kustomization, or a file that one lists, may be.
const LARGEST: u64 = 8 << 20;
/// How long all overlays of a scan may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// How many folders one kustomization may lead to.
const MOST_FOLDERS: usize = 1000;

/// A kustomization and the folder that it stands in.
#[derive(Debug)]
pub struct KustomizationFile {
    /// The folder, without links.
    pub folder: PathBuf,
    /// The file.
    pub file: PathBuf,
    /// Its text.
    pub text: Vec<u8>,
    /// What the text holds.
    pub parsed: Parsed,
    /// What it lists.
    pub lists: Kustomization,
    /// Which of its patches stands in which file: each file of a scan is looked for here.
    patches: BTreeMap<PathBuf, usize>,
}

/// A kustomization that no other includes, and what became of it.
#[derive(Debug)]
pub struct Overlay {
    /// Its folder, below the root of the scan.
    pub name: String,
    /// The folder, and all that it includes, it first.
    pub files: Vec<Arc<KustomizationFile>>,
    /// The folder that origins in `text` are relative to.
    pub beside: PathBuf,
    /// The rendered objects, each with a note of its origin; or why there are none.
    pub text: Result<String, String>,
}

/// Kustomizations that were read, by folder.
#[derive(Debug, Default)]
pub struct Kustomizations {
    known: Mutex<BTreeMap<PathBuf, Option<Arc<KustomizationFile>>>>,
}

impl Kustomizations {
    /// The kustomization of a folder.
    pub fn of(&self, folder: &Path) -> Option<Arc<KustomizationFile>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(folder) {
            return found.clone();
        }
        let found = read(folder).map(Arc::new);
        known.insert(folder.to_path_buf(), found.clone());
        found
    }

    /// What is said of a file by the kustomizations in its folder and in those above, up to `root`.
    pub fn patch(&self, root: &Path, file: &Path) -> Option<crate::facts::Patch> {
        let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
        folders
            .filter_map(|folder| self.of(folder))
            .find_map(|found| found.patches.get(file).and_then(|at| found.lists.patches.get(*at)).cloned())
    }
}

/// A file that a kustomization lists; nothing if it cannot be read, or is too large.
pub fn listed(file: &Path) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let open = File::open(file).ok().filter(|open| open.metadata().is_ok_and(|kind| kind.is_file()))?;
    open.take(LARGEST + 1).read_to_end(&mut text).ok()?;
    // As it is when it is judged.
    match decode(text) {
        Decoded::Text { text, .. } if text.len() as u64 <= LARGEST => Some(text),
        _ => None,
    }
}

fn read(folder: &Path) -> Option<KustomizationFile> {
    let file = KUSTOMIZATION_NAMES.iter().map(|name| folder.join(name)).find(|file| file.is_file())?;
    let text = listed(&file)?;
    let parsed = parse(Format::Yaml, &text);
    let lists = parsed.documents.first().map(Kustomization::of).unwrap_or_default();
    let mut patches = BTreeMap::new();
    for (at, patch) in lists.patches.iter().enumerate() {
        if let Some(path) = &patch.path {
            patches.entry(plain(&folder.join(path))).or_insert(at);
        }
    }
    Some(KustomizationFile { folder: folder.to_path_buf(), file, text, parsed, lists, patches })
}

/// A path without `.` and `..`, as it is written.
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// Renders every kustomization at or below some paths that no other there includes.
pub fn overlays(root: &Path, paths: &[PathBuf], respect_ignores: bool, known: &Kustomizations) -> Vec<Overlay> {
    let folders = folders_with(&KUSTOMIZATION_NAMES, paths, respect_ignores);
    let found: Vec<Arc<KustomizationFile>> = folders.iter().filter_map(|folder| known.of(folder)).collect();
    let included: Vec<PathBuf> =
        found.iter().flat_map(|one| one.lists.resources.iter().map(|path| plain(&one.folder.join(path)))).collect();
    let roots = found.iter().filter(|one| !one.lists.is_component && !included.contains(&one.folder));
    let program = program();
    let started = Instant::now();
    roots
        .map(|one| {
            let (files, refused) = reach(one, known);
            let beside = Wrapper::new(&one.folder);
            let text = match (refused, &program, &beside) {
                (Some(why), ..) => Err(why),
                _ if started.elapsed() > PATIENCE => Err("those before it took more than ten minutes".to_owned()),
                (None, None, _) => Err("neither kustomize nor kubectl is on the PATH".to_owned()),
                (None, Some(_), Err(error)) => Err(format!("no folder beside it could be made: {error}")),
                (None, Some(program), Ok(beside)) => build(program, &beside.folder),
            };
            let beside = beside.map(|beside| beside.folder.clone()).unwrap_or_default();
            let name = match relative_to(root, &one.folder).as_str() {
                "." => {
                    one.folder.file_name().map_or_else(|| ".".to_owned(), |name| name.to_string_lossy().into_owned())
                }
                name => name.to_owned(),
            };
            Overlay { name, files, beside, text }
        })
        .collect()
}

/// All kustomizations that one leads to, it first, and why it cannot be rendered with what is here.
fn reach(first: &Arc<KustomizationFile>, known: &Kustomizations) -> (Vec<Arc<KustomizationFile>>, Option<String>) {
    let mut files = vec![first.clone()];
    let mut at = 0;
    while let Some(one) = files.get(at).cloned() {
        at += 1;
        if one.lists.inflates {
            return (files, Some("it inflates charts, which may have to be fetched".to_owned()));
        }
        if !one.parsed.broken.is_empty() {
            return (files, Some("its kustomization cannot be read here without doubt".to_owned()));
        }
        if is_tagged(&one.text) || one.parsed.documents.iter().any(fetches) {
            return (
                files,
                Some("it names an address, or makes objects by means that may, and nothing is fetched".to_owned()),
            );
        }
        for path in &one.lists.resources {
            let place = plain(&one.folder.join(path));
            if is_address(path) || !place.exists() {
                return (files, Some("what it includes is not all here, and nothing is fetched".to_owned()));
            }
            if !place.is_dir() {
                continue;
            }
            // What a base includes is looked for from where it is, not from a link to it.
            let next = fs::canonicalize(&place).ok().and_then(|place| known.of(&place));
            let Some(next) = next else {
                return (files, Some("a kustomization that it includes cannot be read here".to_owned()));
            };
            if !files.iter().any(|file| file.folder == next.folder) {
                if files.len() == MOST_FOLDERS {
                    return (files, Some(format!("it includes more than {MOST_FOLDERS} folders")));
                }
                files.push(next);
            }
        }
    }
    (files, None)
}

/// Lists of what makes and changes objects: files of these may name addresses of their own.
const MAKERS: [&str; 3] = ["generators", "transformers", "validators"];
/// Lists of what is followed from one kustomization to the next.
const LISTS: [&str; 3] = ["resources", "bases", "components"];
/// What is text, whatever it looks like.
const TEXTS: [&str; 6] = ["commonAnnotations", "commonLabels", "labels", "annotations", "literals", "metadata"];

/// Whether a kustomization may make the program ask for a page. Every kind of list may name one, and the program asks this
/// machine's own servers whatever proxy it is told of; so a single address anywhere is one too many.
fn fetches(document: &Document) -> bool {
    // Go takes names in any case, and some letters for others: what is listed so would not be followed here.
    if let Value::Map(entries) = document.value(document.root()) {
        let is_other =
            |key: &str| !key.is_ascii() || LISTS.iter().any(|list| key != *list && key.eq_ignore_ascii_case(list));
        if entries.iter().any(|entry| is_other(&entry.key)) {
            return true;
        }
    }
    let mut seen = BTreeSet::new();
    let mut open: Vec<NodeId> = vec![document.root()];
    while let Some(node) = open.pop() {
        if !seen.insert(node) {
            continue;
        }
        match document.value(node) {
            Value::Unknown(_) => return true,
            // What has lines is a patch that stands here.
            Value::Str(text) if !text.trim_end().contains('\n') && names_address(text) => return true,
            Value::List(items) => open.extend(items.iter().copied()),
            Value::Map(entries) => {
                for entry in entries {
                    if MAKERS.iter().any(|maker| entry.key.eq_ignore_ascii_case(maker)) {
                        return true;
                    }
                    if !TEXTS.iter().any(|text| entry.key.eq_ignore_ascii_case(text)) {
                        open.push(entry.value);
                    }
                }
            }
            _ => {}
        }
    }
    false
}

/// Whether a text may have tags: with `!!binary`, it says something else than is written there.
fn is_tagged(text: &[u8]) -> bool {
    ["!!", "!<", "%TAG"].iter().any(|tag| memchr::memmem::find(text, tag.as_bytes()).is_some())
}

/// Whether a text begins an address, at its beginning or behind the name of a file in a generated object.
fn names_address(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let path = lower.split_once('=').map_or(lower.as_str(), |(_, path)| path).trim_start();
    lower.contains("://")
        || ["git@", "git::", "ssh:", "http:", "https:", "github.com/"].iter().any(|begin| path.starts_with(begin))
}

/// Whether kustomize would take this for a repository or a page, even if there were a folder of that name.
fn is_address(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    path.contains([':', '@', '?', '\\'])
        || path.contains("//")
        || lower.contains(".git")
        || lower.contains("github.com")
}

/// A program that renders kustomizations, and its first argument.
fn program() -> Option<(PathBuf, &'static str)> {
    let path = env::var_os("PATH")?;
    let find = |name: &str| {
        let name = format!("{name}{}", env::consts::EXE_SUFFIX);
        // What stands in the scanned tree is run by nobody, whatever the PATH says.
        env::split_paths(&path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(&name))
            .find(|file| file.is_file())
    };
    find("kustomize")
        .map(|program| (program, "build"))
        .or_else(|| find("kubectl").map(|program| (program, "kustomize")))
}

fn build((program, command): &(PathBuf, &'static str), folder: &Path) -> Result<String, String> {
    let name = program.file_stem().and_then(OsStr::to_str).unwrap_or("kustomize");
    let mut run = Command::new(program);
    run.arg(command).arg(folder).current_dir(folder).env_clear();
    // No git or helm is found, no configuration is read, and whatever asks for a page asks nobody.
    run.env("PATH", folder).env("HOME", folder).env("XDG_CONFIG_HOME", folder).env("TMPDIR", env::temp_dir());
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        run.env(proxy, "http://127.0.0.1:9");
    }
    #[cfg(windows)]
    run.envs(env::vars_os().filter(|(name, _)| name == "SYSTEMROOT" || name == "TEMP"));
    program::printed(&mut run, name, &format!("{name} {command}"))
}

/// A folder with a kustomization around another: the way to be told where each object comes from without changing
/// what is scanned.
struct Wrapper {
    folder: PathBuf,
}

impl Wrapper {
    fn new(around: &Path) -> std::io::Result<Wrapper> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let base = fs::canonicalize(env::temp_dir())?;
        let folder = base.join(format!("bedrail-kustomize-{}-{number}", std::process::id()));
        fs::create_dir(&folder)?;
        let wrapper = Wrapper { folder };
        let up = wrapper.folder.components().filter(|part| matches!(part, Component::Normal(_))).map(|_| "..");
        let down = around.components().filter_map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        });
        let way: Vec<&str> = up.chain(down).collect();
        // JSON is YAML, and its strings need no other care.
        let text = serde_json::json!({
            "resources": [way.join("/")],
            "buildMetadata": ["originAnnotations"],
        });
        fs::write(wrapper.folder.join("kustomization.yaml"), text.to_string())?;
        Ok(wrapper)
    }
}

impl Drop for Wrapper {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fetched_is_told_from_what_is_here() {
        for path in [
            "https://example.org/a.yaml",
            "github.com/some/base",
            "GitHub.com/some/base",
            "git@example.org:some/base",
            "ssh://example.org/base",
            "gh:some/base",
            "../base.git/x",
            "base?ref=main",
            "example.org/x//y",
        ] {
            assert!(is_address(path), "{path}");
        }
        for path in ["../base", "./a.yaml", "overlays/prod", "a b.yaml"] {
            assert!(!is_address(path), "{path}");
        }
    }

    #[test]
    fn overlays_are_what_no_other_includes() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = fs::canonicalize(folder.path()).expect("it is there");
        for (name, text) in [
            ("base", "resources: [a.yaml]\n"),
            ("prod", "resources: [../base]\ncomponents: [../part]\n"),
            ("far", "resources: ['https://example.org/x']\n"),
            ("part", "kind: Component\npatches: [{path: p/q.yaml, target: {kind: Pod}}]\n"),
            ("ring", "resources: [../ring]\n"),
        ] {
            fs::create_dir(root.join(name)).expect("a folder");
            fs::write(root.join(name).join("kustomization.yaml"), text).expect("a file");
        }
        fs::write(root.join("base/a.yaml"), "").expect("a file");
        let known = Kustomizations::default();
        let told = overlays(&root, std::slice::from_ref(&root), true, &known);
        let names: Vec<&str> = told.iter().map(|overlay| overlay.name.as_str()).collect();
        assert_eq!(names, ["far", "prod"]);
        assert!(told[0].text.as_ref().is_err_and(|why| why.contains("nothing is fetched")));
        let reached: Vec<_> = told[1].files.iter().filter_map(|file| file.folder.file_name()).collect();
        assert_eq!(reached, ["prod", "base", "part"]);
        let patch = known.patch(&root, &root.join("part/p/q.yaml")).expect("it is one");
        assert_eq!(patch.kind.as_deref(), Some("Pod"));
        assert!(known.patch(&root, &root.join("base/a.yaml")).is_none());
    }
}
