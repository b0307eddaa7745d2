//! Charts, rendered by the `helm` that the user has. Run only when asked for: it is a program that is not ours.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ignore::WalkBuilder;

use super::{program, relative_to};

/// The namespace that charts are rendered for; without one, templates would speak of `default`.
pub const RELEASE_NAMESPACE: &str = "release-namespace";
/// What stands above each document that `helm template` prints.
const SOURCE: &str = "# Source: ";

/// What charts became: the documents of each template, by its path below the root; and charts that failed, with why.
#[derive(Debug, Default)]
pub struct Rendered {
    /// By path, the text that `helm` made of a template.
    pub templates: BTreeMap<String, String>,
    /// The path of a `Chart.yaml`, and what went wrong.
    pub failed: Vec<(String, String)>,
}

/// Renders every chart at or below some paths. A chart inside of another is a part of that.
pub fn render(root: &Path, paths: &[PathBuf], respect_ignores: bool) -> Rendered {
    let mut rendered = Rendered::default();
    for chart in charts(paths, respect_ignores) {
        match template(&chart) {
            Ok(text) => take(&text, root, &chart, &mut rendered.templates),
            Err(why) => rendered.failed.push((relative_to(root, &chart.join("Chart.yaml")), why)),
        }
    }
    rendered
}

/// The folders at or below some paths that hold a file of one of these names.
pub(super) fn folders_with(names: &[&str], paths: &[PathBuf], respect_ignores: bool) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths.iter().filter(|path| path.is_dir()) {
        let mut walk = WalkBuilder::new(path);
        walk.hidden(false).ignore(false).git_global(false).git_exclude(false).git_ignore(respect_ignores);
        walk.filter_entry(|entry| entry.file_name() != ".git");
        let named = |name: &std::ffi::OsStr| names.iter().any(|wanted| name == *wanted);
        let files = walk.build().flatten().filter(|entry| named(entry.file_name()));
        found.extend(files.filter_map(|entry| Some(entry.path().parent()?.to_path_buf())));
    }
    found.sort();
    found.dedup();
    found
}

fn charts(paths: &[PathBuf], respect_ignores: bool) -> Vec<PathBuf> {
    let mut found = folders_with(&["Chart.yaml"], paths, respect_ignores);
    let all = found.clone();
    found.retain(|chart| !all.iter().any(|other| other != chart && chart.starts_with(other.join("charts"))));
    found
}

fn template(chart: &Path) -> Result<String, String> {
    let mut helm = Command::new("helm");
    helm.args(["template", "release", "--namespace", RELEASE_NAMESPACE, "--include-crds"]).arg(chart);
    program::printed(&mut helm, "helm", "helm template")
}

/// Sorts documents by the template that they come from.
fn take(text: &str, root: &Path, chart: &Path, templates: &mut BTreeMap<String, String>) {
    let mut current: Option<String> = None;
    for line in text.lines() {
        if line.trim_end() == "---" {
            current = None;
            continue;
        }
        if let Some(source) = line.strip_prefix(SOURCE) {
            // The first part is the chart's name, which is not that of its folder.
            let below = source.split_once('/').map_or(source, |(_, below)| below);
            let path = chart.join(below);
            let path = if fs::symlink_metadata(&path).is_ok_and(|kind| kind.is_file()) {
                path
            } else {
                chart.join("Chart.yaml")
            };
            let path = relative_to(root, &path);
            let text = templates.entry(path.clone()).or_default();
            text.push_str("---\n");
            current = Some(path);
            continue;
        }
        if let Some(text) = current.as_ref().and_then(|path| templates.get_mut(path)) {
            text.push_str(line);
            text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_sorted_by_their_template() {
        let folder = tempfile::tempdir().expect("a folder");
        let chart = folder.path().join("web");
        fs::create_dir_all(chart.join("templates")).expect("a folder");
        fs::write(chart.join("templates/a.yaml"), "").expect("a file");
        let text = "---\n# Source: site/templates/a.yaml\na: 1\n---\n# Source: site/charts/db/templates/b.yaml\nb: 1\n\
                    ---\n# Source: site/templates/a.yaml\nc: 1\n---\nnobody: 1\n";
        let mut templates = BTreeMap::new();
        take(text, folder.path(), &chart, &mut templates);
        let told: Vec<(&str, &str)> = templates.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        // What comes out of a packed chart stands in no file of its own.
        assert_eq!(told, [("web/Chart.yaml", "---\nb: 1\n"), ("web/templates/a.yaml", "---\na: 1\n---\nc: 1\n")]);
    }
}
