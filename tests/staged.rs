//! `--staged` sees what a commit would hold, in any kind of repository, and nothing in the repository can run.

#![cfg(all(unix, feature = "git"))]

mod program;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use program::{Ran, TOKEN_RULE, bedrail, filled, folder, scan, token, write};

/// Runs git without any setting of this machine.
#[track_caller]
fn git(root: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]);
    command.args(["-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"]).args(arguments).current_dir(root);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().expect("git is there");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "git {arguments:?}: {out}{err}");
    out.into_owned()
}

fn repository(options: &[&str]) -> tempfile::TempDir {
    let root = folder();
    git(root.path(), &[&["init", "--quiet"], options].concat());
    root
}

fn committed(options: &[&str]) -> tempfile::TempDir {
    let root = repository(options);
    write(root.path(), "old.env", format!("A={}\n", token("old")));
    write(root.path(), "deep/er/kept.env", format!("A={}\n", token("kept")));
    write(root.path(), "gone.txt", "plain text that goes\n");
    git(root.path(), &["add", "."]);
    git(root.path(), &["commit", "--quiet", "-m", "first"]);
    root
}

#[track_caller]
fn staged(root: &Path) -> Ran {
    scan(root, &["--staged"])
}

fn found(places: &[&str]) -> Vec<String> {
    places.iter().map(|place| format!("{TOKEN_RULE} {place}")).collect()
}

#[test]
fn without_a_repository_it_is_a_mistake() {
    let root = folder();
    let ran = bedrail(root.path(), &["scan", "--staged"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("not in a git repository"), "{}", ran.err);
}

#[test]
fn before_the_first_commit_everything_staged_is_seen() {
    let root = repository(&[]);
    assert_eq!(staged(root.path()).code, Some(0), "nothing was staged ever");
    write(root.path(), "a.env", format!("A={}\n", token("a")));
    assert_eq!(staged(root.path()).code, Some(0), "a.env is not staged");
    git(root.path(), &["add", "a.env"]);
    let ran = staged(root.path());
    assert_eq!((ran.code, ran.findings()), (Some(1), found(&["a.env:1:3"])));
}

#[test]
fn only_what_a_commit_would_change_is_seen() {
    let root = committed(&[]);
    assert_eq!(staged(root.path()).code, Some(0), "nothing is staged");
    // The index counts, not the work tree: the secret was staged and then removed from the file.
    write(root.path(), "new.env", format!("X=1\nA={}\n", token("new")));
    git(root.path(), &["add", "new.env"]);
    write(root.path(), "new.env", "X=1\n");
    // And what is only in the work tree does not.
    write(root.path(), "unstaged.env", format!("A={}\n", token("unstaged")));
    write(root.path(), "gone.txt", format!("A={}\n", token("unstaged")));
    let ran = staged(root.path());
    assert_eq!((ran.code, ran.findings()), (Some(1), found(&["new.env:2:3"])));
    // From a folder below, too.
    assert_eq!(staged(&root.path().join("deep")).findings(), found(&["new.env:2:3"]));
}

#[test]
fn deleting_is_clean_and_renaming_is_seen() {
    let root = committed(&[]);
    git(root.path(), &["rm", "--quiet", "gone.txt", "old.env"]);
    assert_eq!(staged(root.path()).code, Some(0));
    git(root.path(), &["mv", "deep/er/kept.env", "deep/moved.env"]);
    let ran = staged(root.path());
    assert_eq!((ran.code, ran.findings()), (Some(1), found(&["deep/moved.env:1:3"])));
}

#[test]
fn an_intent_to_add_holds_nothing_yet() {
    let root = committed(&[]);
    write(root.path(), "later.env", format!("A={}\n", token("later")));
    git(root.path(), &["add", "--intent-to-add", "later.env"]);
    assert_eq!(staged(root.path()).code, Some(0));
}

#[test]
fn all_sides_of_a_conflict_are_seen() {
    let root = committed(&[]);
    for (branch, seed) in [("ours", "left"), ("theirs", "right")] {
        git(root.path(), &["checkout", "--quiet", "-b", branch, "main"]);
        write(root.path(), "gone.txt", format!("A={}\n", token(seed)));
        git(root.path(), &["commit", "--quiet", "-a", "-m", branch]);
    }
    let merge = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "merge", "ours"])
        .current_dir(root.path())
        .output();
    assert!(merge.is_ok_and(|merge| !merge.status.success()), "the merge has a conflict");
    let ran = staged(root.path());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.findings().contains(&format!("{TOKEN_RULE} gone.txt:1:3")), "{ran:?}");
}

#[test]
fn submodules_and_links_are_said_not_to_be_looked_at() {
    let (root, other) = (committed(&[]), committed(&[]));
    git(root.path(), &["submodule", "--quiet", "add", &other.path().to_string_lossy(), "sub"]);
    std::os::unix::fs::symlink("old.env", root.path().join("link")).expect("links can be made");
    git(root.path(), &["add", "link"]);
    let ran = staged(root.path());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.notices(), ["link-not-followed", "special-file"]);
}

#[test]
fn other_shapes_of_repository_are_read() {
    let cases: &[&[&str]] = &[&[], &["--object-format=sha256"]];
    for options in cases {
        let root = committed(options);
        write(root.path(), "new.env", format!("A={}\n", token("new")));
        git(root.path(), &["add", "."]);
        assert_eq!(staged(root.path()).findings(), found(&["new.env:1:3"]), "{options:?}");
        // Packed, and with an index of another version.
        git(root.path(), &["gc", "--quiet"]);
        git(root.path(), &["update-index", "--index-version", "4"]);
        assert_eq!(staged(root.path()).findings(), found(&["new.env:1:3"]), "{options:?}, packed");
        git(root.path(), &["update-index", "--split-index"]);
        assert_eq!(staged(root.path()).findings(), found(&["new.env:1:3"]), "{options:?}, split index");
    }
}

#[test]
fn a_linked_work_tree_has_its_own_index() {
    let root = committed(&[]);
    let beside = folder();
    let tree = beside.path().join("tree");
    git(root.path(), &["worktree", "add", "--quiet", &tree.to_string_lossy()]);
    write(&tree, "new.env", format!("A={}\n", token("new")));
    git(&tree, &["add", "."]);
    assert_eq!(staged(&tree).findings(), found(&["new.env:1:3"]));
    assert_eq!(staged(root.path()).code, Some(0));
    // A linked work tree is the root of its paths, too.
    assert_eq!(scan(&tree.join("deep"), &[]).findings(), found(&["deep/er/kept.env:1:3"]));
}

#[test]
fn a_broken_repository_is_said() {
    let root = committed(&[]);
    write(root.path(), "new.env", format!("A={}\n", token("new")));
    git(root.path(), &["add", "."]);
    let index = fs::read(root.path().join(".git/index")).expect("there is an index");
    for broken in [&index[..index.len() / 2], b"DIRC", b"", &[0; 4096]] {
        fs::write(root.path().join(".git/index"), broken).expect("written");
        let ran = bedrail(root.path(), &["scan", "--staged"]);
        assert!(matches!(ran.code, Some(2 | 4)), "{} bytes: {ran:?}", broken.len());
    }
    fs::write(root.path().join(".git/index"), index).expect("written");
    // A blob that is missing.
    let id = git(root.path(), &["hash-object", "new.env"]);
    fs::remove_file(root.path().join(".git/objects").join(&id[..2]).join(id[2..].trim())).expect("removed");
    let ran = staged(root.path());
    assert_eq!((ran.code, ran.notices()), (Some(4), vec!["unreadable".to_owned()]));
}

#[test]
fn nothing_in_the_repository_can_run() {
    let root = committed(&[]);
    let trap = root.path().join("trap.sh");
    let sprung = root.path().join("sprung");
    fs::write(&trap, format!("#!/bin/sh\ntouch '{}'\ncat\n", sprung.display())).expect("written");
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).expect("set");
    let trap = trap.display();
    let mut config = fs::read_to_string(root.path().join(".git/config")).expect("there is one");
    config += &format!(
        "[core]\n\tfsmonitor = {trap}\n\tpager = {trap}\n\teditor = {trap}\n\tsshCommand = {trap}\n\thooksPath = {0}\n\
         \tattributesFile = {0}/attributes\n[filter \"x\"]\n\tclean = {trap}\n\tsmudge = {trap}\n\tprocess = {trap}\n\
         \trequired = true\n[diff \"x\"]\n\ttextconv = {trap}\n\tcommand = {trap}\n[credential]\n\thelper = {trap}\n\
         [remote \"origin\"]\n\turl = ext::{trap}\n\tpromisor = true\n[extensions]\n\tpartialClone = origin\n\
         [alias]\n\tstatus = !{trap}\n",
        root.path().join("hooks").display()
    );
    fs::create_dir_all(root.path().join("hooks")).expect("made");
    for hook in ["post-index-change", "pre-commit", "fsmonitor-watchman"] {
        fs::copy(root.path().join("trap.sh"), root.path().join("hooks").join(hook)).expect("copied");
    }
    // Staged before git itself would run what the configuration says.
    write(root.path(), "new.env", format!("A={}\n", token("new")));
    git(root.path(), &["add", "new.env"]);
    fs::write(root.path().join(".git/config"), config).expect("written");
    write(root.path(), ".gitattributes", "*.env filter=x diff=x\n");
    for arguments in [&["--staged"][..], &["."]] {
        let ran = scan(root.path(), &[arguments, &["--format", "sarif:/dev/null"]].concat());
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.findings().contains(&format!("{TOKEN_RULE} new.env:1:3")), "{ran:?}");
        // A promised blob that is missing is not fetched either.
        assert!(!sprung.exists(), "{arguments:?} ran something");
    }
    let id = git(
        root.path(),
        &["-c", "core.fsmonitor=", "-c", "filter.x.clean=cat", "hash-object", "--no-filters", "new.env"],
    );
    fs::remove_file(root.path().join(".git/objects").join(&id[..2]).join(id[2..].trim())).expect("removed");
    let _ = fs::remove_file(&sprung);
    let ran = staged(root.path());
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(!sprung.exists(), "a missing blob made something run");
}

#[test]
fn what_the_configuration_leaves_out_is_left_out_here_too() {
    let root = committed(&[]);
    write(root.path(), "bedrail.toml", "exclude = ['vendored']\n");
    write(root.path(), "lib/vendored/new.env", format!("A={}\n", token("new")));
    git(root.path(), &["add", "."]);
    let ran = staged(root.path());
    assert_eq!((ran.code, ran.notices()), (Some(0), vec!["excluded-paths".to_owned()]), "{ran:?}");
    assert_eq!(scan(root.path(), &["--staged", "--isolated"]).code, Some(1));
}

#[test]
fn a_submodule_and_a_sparse_index_are_read() {
    let (root, other) = (committed(&[]), committed(&[]));
    git(root.path(), &["submodule", "--quiet", "add", &other.path().to_string_lossy(), "sub"]);
    let inside = root.path().join("sub");
    write(&inside, "new.env", format!("A={}\n", token("new")));
    git(&inside, &["add", "."]);
    assert_eq!(staged(&inside).findings(), found(&["new.env:1:3"]));
    git(other.path(), &["sparse-checkout", "init", "--cone", "--sparse-index"]);
    git(other.path(), &["sparse-checkout", "set", "in"]);
    write(other.path(), "in/new.env", format!("A={}\n", token("new")));
    git(other.path(), &["add", "in"]);
    assert_eq!(staged(other.path()).findings(), found(&["in/new.env:1:3"]));
}

/// The index decides, whatever `core.autocrlf` would make of it and whatever the work tree says now.
#[test]
fn line_ends_are_those_of_the_index() {
    let root = committed(&[]);
    git(root.path(), &["config", "core.autocrlf", "true"]);
    write(root.path(), "new.env", format!("A=1\r\nB={}\r\n", token("new")));
    git(root.path(), &["-c", "core.safecrlf=false", "add", "."]);
    write(root.path(), "new.env", "A=1\r\n");
    assert_eq!(staged(root.path()).findings(), found(&["new.env:2:3"]));
}

#[test]
fn the_hooks_that_are_offered_stop_a_commit() {
    let offered = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml")).expect("is there");
    let entries: Vec<&str> = offered.lines().filter_map(|line| line.trim().strip_prefix("entry: bedrail ")).collect();
    assert_eq!(entries.len(), 2);
    let root = committed(&[]);
    for entry in entries {
        let arguments: Vec<&str> = entry.split(' ').collect();
        assert_eq!(bedrail(root.path(), &arguments).code, Some(0), "nothing is staged");
        // A rule of bedrail's own finds it.
        write(root.path(), "new.env", format!("db_password={}\n", filled("<<[A-Za-z0-9]{20}>>", "hook")));
        git(root.path(), &["add", "."]);
        let ran = bedrail(root.path(), &arguments);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        git(root.path(), &["rm", "--quiet", "-f", "new.env"]);
    }
}
