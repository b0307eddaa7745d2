//! Which folder a scan's paths are relative to.

use std::path::{Component, Path, PathBuf};

/// The nearest folder at or above `path` that is a git work tree.
pub fn repository_root(path: &Path) -> Option<PathBuf> {
    let from = if path.is_dir() { Some(path) } else { path.parent() };
    from?.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_path_buf)
}

/// The folder that paths of all `targets` (absolute) are shown relative to: their repository, else the folder
/// itself; the nearest one above all where they differ.
pub fn common_root(targets: &[PathBuf]) -> Option<PathBuf> {
    let root_of = |target: &PathBuf| {
        repository_root(target).unwrap_or_else(|| {
            if target.is_dir() { target.clone() } else { target.parent().unwrap_or(target).to_path_buf() }
        })
    };
    let mut roots = targets.iter().map(root_of);
    let first = roots.next()?;
    Some(roots.fold(first, |common, root| {
        common.ancestors().find(|folder| root.starts_with(folder)).unwrap_or(Path::new("/")).to_path_buf()
    }))
}

/// `path` below `root` with `/` between its parts; characters that are no Unicode become U+FFFD. A path outside
/// of `root` keeps its last part only, so that no report tells of this machine's folders.
pub fn relative_to(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or_else(|_| path.file_name().map_or(Path::new(""), Path::new));
    let parts: Vec<_> = below
        .components()
        .filter_map(|component| match component {
            Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        })
        .collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_and_never_absolute() {
        let cases = [("/r", "/r/a/b.txt", "a/b.txt"), ("/r", "/r", "."), ("/r", "/elsewhere/deep/c.txt", "c.txt")];
        for (root, path, shown) in cases {
            assert_eq!(relative_to(Path::new(root), Path::new(path)), shown);
        }
    }
}
