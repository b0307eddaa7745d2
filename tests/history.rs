//! The git history as a target, over real repositories made by git.
#![cfg(feature = "git")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod history_fixture;

use std::fs;

use history_fixture::{Repo, Scan, token};

#[test]
fn a_blob_belongs_to_the_first_commit_that_brought_it() {
    let repo = Repo::new();
    repo.write("a.env", "nothing\n");
    repo.commit("base");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("b.env", &format!("x\nkey={}\n", token(1)));
    let side = repo.commit("on the side");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("c.env", &format!("key={}\n", token(2)));
    let main = repo.commit("on main");
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    // renamed, changed elsewhere, deleted, and brought back
    repo.git(&["mv", "b.env", "d.env"]);
    repo.commit("renamed");
    repo.write("c.env", &format!("more\nkey={}\n", token(2)));
    repo.commit("changed");
    fs::remove_file(repo.path("c.env")).unwrap();
    repo.commit("deleted");
    repo.write("c.env", &format!("key={}\n", token(2)));
    repo.commit("brought back");

    let scan = repo.scan(&["git:"]);
    assert_eq!(scan.exit, 1);
    assert_eq!(scan.places(), [format!("b.env:2 {side}"), format!("c.env:1 {main}")]);
    assert_eq!(scan.json["tally"]["repeated"], 1, "the changed state holds the same");
    assert!(scan.json["findings"][0]["origin"]["name"].as_str().unwrap().ends_with("(2024-05-01)"));
}

#[test]
fn a_merge_that_brings_something_itself_is_named() {
    let repo = Repo::new();
    repo.write("a", "1\n");
    repo.commit("base");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("b", "1\n");
    repo.commit("side");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    repo.write("a", &token(1));
    let merge = repo.commit("an evil merge");
    assert_eq!(repo.scan(&["git:"]).places(), [format!("a:1 {merge}")]);
}

#[test]
fn a_range_holds_what_its_commits_brought() {
    let repo = Repo::new();
    repo.write("old.env", &token(1));
    repo.write("kept.env", &token(2));
    let first = repo.commit("first");
    fs::remove_file(repo.path("old.env")).unwrap();
    let second = repo.commit("second");
    repo.write("old.env", &token(1));
    repo.write("new.env", &token(3));
    let third = repo.commit("third");

    let range = |range: &str| repo.scan(&[&format!("git:{range}")]);
    // What was gone and is brought back was brought by this commit.
    assert_eq!(
        range(&format!("{second}..main")).places(),
        [format!("new.env:1 {third}"), format!("old.env:1 {third}")]
    );
    assert_eq!(range("HEAD~1..").places().len(), 2);
    assert_eq!(range("HEAD~1").places(), [format!("kept.env:1 {first}"), format!("old.env:1 {first}")]);
    assert_eq!(range("HEAD..HEAD").exit, 0, "nothing is nothing wrong");
    for wrong in ["nowhere", "main..nowhere", "main...HEAD", "-x"] {
        let scan = range(wrong);
        assert_eq!(scan.exit, 2, "{wrong}: {}", scan.errors);
    }
    assert_eq!(repo.scan(&["git:", "."]).exit, 2);
    assert_eq!(repo.scan(&["git:", "--since", "HEAD"]).exit, 2);
    assert_eq!(repo.scan(&[".", "--repo", "."]).exit, 2);
}

#[test]
fn since_tells_of_new_lines_only() {
    let repo = Repo::new();
    repo.write("a.env", &format!("one\nkey={}\nthree\n", token(1)));
    repo.write("same.env", &token(2));
    repo.write("moved.env", &format!("{}\nmoved\n", token(3)));
    repo.commit("base");
    repo.git(&["checkout", "-q", "-b", "work"]);
    repo.write("a.env", &format!("zero\none\nkey={}\nthree\nkey={}\n", token(1), token(4)));
    repo.commit("committed");
    repo.git(&["checkout", "-q", "main"]);
    // What main got since is not this branch's doing.
    repo.write("same.env", &format!("{}\n# main went on\n", token(2)));
    repo.commit("main goes on");
    repo.git(&["checkout", "-q", "work"]);
    repo.write("uncommitted.env", &token(5));
    fs::rename(repo.path("moved.env"), repo.path("elsewhere.env")).unwrap();

    let scan = repo.scan(&["--since", "main"]);
    assert_eq!(scan.places(), ["a.env:5", "uncommitted.env:1"]);
    assert_eq!(scan.json["tally"]["unchanged"], 1);
    assert_eq!(scan.json["tally"]["files"], 2, "unchanged files are not searched");
    assert_eq!(repo.scan(&["a.env", "--since", "main"]).places(), ["a.env:5"]);
    assert_eq!(repo.scan(&["same.env", "--since", "main"]).exit, 0, "nothing new is nothing wrong");
    let scan = repo.scan(&["--since", "nowhere"]);
    assert!(scan.exit == 2 && scan.errors.contains("nowhere"), "{}", scan.errors);
    // The whole of it, without --since.
    assert_eq!(repo.scan(&["."]).places().len(), 5);
}

#[test]
fn a_place_in_the_work_tree_and_in_the_history_is_the_same_finding() {
    let repo = Repo::new();
    repo.write("a.env", &format!("key={}\n", token(1)));
    repo.commit("base");
    let name = |scan: Scan| scan.json["findings"][0]["fingerprints"]["place"].clone();
    assert_eq!(name(repo.scan(&["."])), name(repo.scan(&["git:"])));
}

#[test]
fn messages_of_commits_tags_and_notes_are_searched_and_so_are_stashes() {
    let repo = Repo::new();
    repo.write("a", "1\n");
    let commit = repo.commit(&format!("base\n\nkey={}", token(1)));
    repo.git(&["tag", "-a", "v1", "-m", &format!("key={}", token(2))]);
    let tag = repo.git(&["rev-parse", "v1"]);
    repo.git(&["notes", "add", "-m", &format!("key={}", token(3))]);
    for n in [4, 5] {
        repo.write("a", &format!("key={}\n", token(n)));
        repo.git(&["stash", "-q"]);
    }
    let scan = repo.scan(&["git:"]);
    let names: Vec<String> = scan.names();
    assert!(names.contains(&format!("commit message @ {} (2024-05-01)", &commit[..12])), "{names:?}");
    assert!(names.contains(&format!("message of tag v1 @ {} (2024-05-01)", &tag[..12])), "{names:?}");
    assert_eq!(names.len(), 5, "both stashes and the note: {names:?}");
}

#[test]
fn what_a_ref_does_not_reach_is_not_looked_at_but_every_kind_of_ref_is() {
    let repo = Repo::new();
    repo.write("a", "1\n");
    repo.commit("base");
    let blob = |n: u64| {
        repo.write("loose", &token(n));
        repo.git(&["hash-object", "-w", "loose"])
    };
    let (unreachable, tagged) = (blob(1), blob(2));
    fs::remove_file(repo.path("loose")).unwrap();
    repo.git(&["tag", "blob", &tagged]);
    // A commit that only the head of another work tree reaches.
    repo.git(&["worktree", "add", "-q", "--detach", "tree"]);
    fs::write(repo.path("tree/b"), token(3)).unwrap();
    repo.git(&["-C", "tree", "add", "b"]);
    repo.git(&["-C", "tree", "commit", "-qm", "detached"]);
    repo.git(&["pack-refs", "--all"]);
    let names = repo.scan(&["git:"]).names();
    assert_eq!(names.len(), 2, "not {unreachable}: {names:?}");
    assert!(names[0].starts_with("b @ ") && names[1].starts_with("refs/tags/blob @ "), "{names:?}");
    // From the other work tree everything is the same.
    assert_eq!(repo.scan(&["git:", "--repo", "tree"]).names(), names);
}

#[test]
fn replaced_objects_are_read_as_they_are() {
    let repo = Repo::new();
    repo.write("a", &token(1));
    let secret = repo.commit("secret");
    repo.git(&["rm", "-q", "a"]);
    repo.write("b", "harmless\n");
    let harmless = repo.commit("harmless");
    repo.git(&["replace", &secret, &harmless]);
    assert_eq!(repo.scan(&["git:"]).places(), [format!("a:1 {secret}")]);
}

#[test]
fn a_shallow_clone_says_that_it_is_cut_off() {
    let repo = Repo::new();
    repo.write("a", &token(1));
    repo.commit("first");
    repo.write("a", &token(2));
    let second = repo.commit("second");
    repo.git(&["clone", "-q", "--depth", "1", &format!("file://{}", repo.path("").display()), "clone"]);
    let scan = repo.scan(&["git:", "--repo", "clone"]);
    assert_eq!(scan.places(), [format!("a:1 {second}")]);
    assert_eq!(scan.notices(), ["history-cut-off"]);
}

#[test]
fn repositories_without_a_work_tree_with_alternates_and_with_long_ids_are_read() {
    let repo = Repo::new();
    repo.write("a", &token(1));
    let id = repo.commit("first");
    repo.git(&["clone", "-q", "--bare", ".", "bare.git"]);
    repo.git(&["clone", "-q", "--shared", ".", "shared"]);
    for other in ["bare.git", "shared", "bare.git/objects"] {
        let scan = repo.scan(&["git:", "--repo", other]);
        assert_eq!(scan.places(), [format!("a:1 {id}")], "{other}: {}", scan.errors);
    }
    let long = Repo::with(&["--object-format=sha256"]);
    long.write("a", &token(1));
    let id = long.commit("first");
    assert_eq!(id.len(), 64);
    assert_eq!(long.scan(&["git:"]).places(), [format!("a:1 {id}")]);
    long.write("a", &format!("{}\n{}\n", token(1), token(2)));
    assert_eq!(long.scan(&["--since", "HEAD"]).places(), ["a:1", "a:2"].map(String::from)[1..]);
}

#[test]
fn nothing_to_look_at_is_told() {
    let repo = Repo::new();
    assert_eq!(repo.scan(&["git:"]).exit, 3, "no commit yet");
    let folder = tempfile::tempdir().unwrap();
    let scan = Scan::run(folder.path(), &["git:"]);
    assert!(scan.exit == 2 && scan.errors.contains("no git repository"), "{}", scan.errors);
    fs::write(folder.path().join(".git"), "gitdir: /nowhere/at/all\n").unwrap();
    assert_eq!(Scan::run(folder.path(), &["git:"]).exit, 2);
    fs::remove_file(folder.path().join(".git")).unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    assert_eq!(Scan::run(folder.path(), &["git:"]).exit, 2);
}

#[test]
fn broken_objects_are_told_and_the_rest_is_searched() {
    let repo = Repo::new();
    repo.write("good", &token(1));
    repo.commit("first");
    repo.write("bad", &token(2));
    repo.write("gone/x", "1\n");
    repo.commit("second");
    repo.write("later", &token(3));
    repo.commit("third");
    let file = |name: &str| {
        let id = repo.git(&["rev-parse", name]);
        repo.path(&format!(".git/objects/{}/{}", &id[..2], &id[2..]))
    };
    let spoil = |name: &str| {
        fs::remove_file(file(name)).unwrap();
        fs::write(file(name).parent().unwrap().join(file(name).file_name().unwrap()), b"not zlib").unwrap();
    };
    let bad = file("HEAD:bad");
    fs::remove_file(&bad).unwrap();
    fs::write(&bad, b"not zlib").unwrap();
    fs::remove_file(file("HEAD:gone")).unwrap();
    let scan = repo.scan(&["git:"]);
    assert_eq!(scan.names().len(), 2, "{:?}", scan.names());
    assert_eq!(scan.notices(), ["unreadable", "unreadable"]);
    assert_eq!(repo.scan(&["git:", "--exit-zero"]).exit, 4);
    // A commit: what it alone leads to is lost, and what others lead to is not.
    spoil("HEAD~1");
    let scan = repo.scan(&["git:"]);
    assert!(scan.names().iter().any(|name| name.starts_with("later @ ")), "{:?}", scan.names());
    assert!(scan.notices().contains(&"unreadable".to_owned()));
}

#[test]
fn a_partial_clone_is_no_pass() {
    let repo = Repo::new();
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    repo.write("a", &token(1));
    repo.write("b/c", "1\n");
    let id = repo.commit("first");
    let from = format!("file://{}", repo.path("").display());
    for (filter, missing) in [("blob:none", ["a", "b/c"].as_slice()), ("tree:0", &["."])] {
        let to = filter.replace(':', "-");
        repo.git(&["clone", "-q", "--no-checkout", &format!("--filter={filter}"), &from, &to]);
        let scan = repo.scan(&["git:", "--repo", &to]);
        assert_eq!(scan.exit, 4, "{filter}");
        let told = scan.json["notices"].as_array().unwrap().iter();
        let told: Vec<String> = told.map(|notice| notice["origin"]["name"].as_str().unwrap().to_owned()).collect();
        let expected: Vec<String> = missing.iter().map(|path| format!("{path} @ {} (2024-05-01)", &id[..12])).collect();
        assert_eq!(told, expected, "{filter}");
    }
}

#[test]
fn states_of_a_file_are_told_once_with_the_commit_that_brought_what_stands_in_them() {
    let repo = Repo::new();
    let filler = |n: usize| (0..60).map(|line| format!("line {line} of {n}, nothing to see\n")).collect::<String>();
    let mut commits = Vec::new();
    for state in 0..40usize {
        // A value comes at one line, moves down as lines come before it, and goes; another one takes its line.
        let first = if (5..20).contains(&state) { format!("key={}\n", token(1)) } else { String::new() };
        let second =
            if state >= 12 { format!("key={}\n", token(if state < 30 { 2 } else { 3 })) } else { String::new() };
        let more: String = (0..state).map(|line| format!("one more line {line}\n")).collect();
        repo.write("a.txt", &format!("{more}{}{first}{}{second}", filler(1), filler(2)));
        commits.push(repo.commit(&format!("state {state}")));
    }
    let scan = repo.scan(&["git:"]);
    let mut places = scan.places();
    places.sort();
    let mut expected = [
        format!("a.txt:66 {}", commits[5]),
        format!("a.txt:134 {}", commits[12]),
        format!("a.txt:151 {}", commits[30]),
    ];
    expected.sort();
    assert_eq!(places, expected);
    assert_eq!(scan.json["tally"]["repeated"], 14 + 17 + 9);
    assert_eq!(scan.json["tally"]["files"], 80, "states and messages");
}

#[test]
fn a_cut_pack_is_told_and_is_no_panic() {
    let repo = Repo::new();
    for n in 0..40 {
        repo.write(&format!("f{n}"), &format!("{}\n{}", "line of text\n".repeat(30), token(n)));
    }
    repo.commit("all");
    repo.git(&["repack", "-adq"]);
    let packs = fs::read_dir(repo.path(".git/objects/pack")).unwrap().map(|entry| entry.unwrap().path());
    let pack = packs.filter(|path| path.extension().is_some_and(|ext| ext == "pack")).last().unwrap();
    let whole = fs::read(&pack).unwrap();
    let mut permissions = fs::metadata(&pack).unwrap().permissions();
    #[allow(clippy::permissions_set_readonly_false, reason = "a folder of this test's own")]
    permissions.set_readonly(false);
    fs::set_permissions(&pack, permissions).unwrap();
    for at in (20..whole.len()).step_by(whole.len() / 25) {
        let mut spoilt = whole.clone();
        for byte in spoilt.iter_mut().skip(at).take(40) {
            *byte ^= 0xa5;
        }
        fs::write(&pack, &spoilt).unwrap();
        let scan = repo.scan(&["git:"]);
        assert!([0, 1, 2, 3, 4].contains(&scan.exit), "{at}: {}", scan.errors);
        assert!(!scan.errors.contains("panicked"), "{at}: {}", scan.errors);
        fs::write(&pack, &whole[..at]).unwrap();
        let scan = repo.scan(&["git:"]);
        assert!(!scan.errors.contains("panicked"), "{at}: {}", scan.errors);
    }
}

#[test]
fn nothing_in_a_repository_can_run() {
    let repo = Repo::new();
    repo.write("a", &token(1));
    repo.write(".gitattributes", "* filter=evil diff=evil\n");
    repo.commit("first");
    let mark = repo.path("ran");
    let command = format!("touch {}", mark.display());
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "filter.evil.smudge",
        "filter.evil.clean",
        "diff.evil.textconv",
        "core.pager",
    ] {
        repo.git(&["config", key, &command]);
    }
    repo.git(&["config", "include.path", "/dev/stdin"]);
    fs::remove_file(&mark).unwrap_or(()); // git itself may have run one
    assert_eq!(repo.scan(&["git:"]).exit, 1);
    assert_eq!(repo.scan(&["--since", "HEAD"]).exit, 0);
    assert!(!mark.exists());
}

#[test]
fn comments_silence_where_they_may_and_the_past_is_not_asked_to_mend_them() {
    let repo = Repo::new();
    let rule = "secret-github-personal-token";
    repo.write("a", &format!("key={} # bedrail: allow {rule} -- a test value\n", token(1)));
    repo.write("b", &format!("# bedrail: allow {rule} -- a comment that is not needed\nx\n# bedrail: allow\n"));
    repo.commit("silenced");
    let scan = repo.scan(&["git:"]);
    assert_eq!((scan.exit, scan.notices().len()), (0, 0), "{:?}", scan.notices());
    assert_eq!(repo.scan(&["git:", "--isolated"]).exit, 1);
    // A state without the comment is open, whatever others say.
    repo.write("a", &format!("key={}\n", token(1)));
    let bare = repo.commit("bare");
    assert_eq!(repo.scan(&["git:"]).places(), [format!("a:1 {bare}")]);
    // The configuration of the past has no say.
    repo.write("bedrail.toml", "exclude = [\"a\"]\n");
    repo.commit("excluded");
    assert_eq!(repo.scan(&["git:"]).exit, 0);
    fs::remove_file(repo.path("bedrail.toml")).unwrap();
    assert_eq!(repo.scan(&["git:"]).exit, 1);
}

#[test]
fn exclusions_leave_out_paths_and_not_what_else_holds_the_same() {
    let repo = Repo::new();
    repo.write("bedrail.toml", "exclude = [\"vendor/**\"]\n");
    repo.write("vendor/in/a", &token(1));
    repo.write("vendor/in/b", &token(2));
    repo.write("zebra/in/a", &token(1));
    repo.commit("first");
    let scan = repo.scan(&["git:"]);
    assert!(scan.names().len() == 1 && scan.names()[0].starts_with("zebra/in/a @ "), "{:?}", scan.names());
    assert_eq!(scan.notices(), ["excluded-paths"]);
}

#[test]
fn submodules_and_links_are_told() {
    let repo = Repo::new();
    repo.write("a", "1\n");
    let id = repo.commit("first");
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},module")]);
    let link = repo.git(&["rev-parse", "HEAD:a"]);
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{link},link")]);
    repo.git(&["commit", "-qm", "second"]);
    assert_eq!(repo.scan(&["git:"]).notices(), ["link-not-followed", "special-file"]);
}

#[test]
fn what_is_too_large_or_too_deep_is_told() {
    let repo = Repo::new();
    repo.write("large", &"0123456789abcde\n".repeat((65 << 20) / 16));
    repo.write("small", &token(1));
    repo.commit("first");
    let scan = repo.scan(&["git:"]);
    assert_eq!((scan.names().len(), scan.notices()), (1, vec!["too-large-to-parse".to_owned()]));

    let deep = Repo::new();
    let path = vec!["d"; 2200].join("/");
    deep.import(&[("refs/heads/main".to_owned(), vec![(format!("{path}/x"), token(1)), ("y".to_owned(), token(2))])]);
    let scan = deep.scan(&["git:"]);
    assert_eq!((scan.names().len(), scan.notices()), (1, vec!["unreadable".to_owned()]));
}

#[test]
fn all_threads_together_say_what_one_says() {
    let repo = Repo::new();
    let mut commits = Vec::new();
    for n in 0..600u64 {
        let mut files = vec![(format!("d{}/f{}", n % 7, n % 13), format!("{n}\n{}\n", token(n % 50)))];
        if n % 10 == 0 {
            files.push((format!("copy{}", n % 3), format!("{n}\n{}\n", token(n % 50))));
        }
        // Half of the commits on a side branch that begins where main is.
        commits.push((if n % 2 == 0 { "refs/heads/main" } else { "refs/heads/side" }.to_owned(), files));
    }
    repo.import(&commits);
    let one = repo.scan(&["git:", "--threads", "1"]);
    assert!(one.places().len() > 100, "{}", one.places().len());
    for _ in 0..3 {
        let many = repo.scan(&["git:", "--threads", "8"]);
        assert_eq!(one.json, many.json);
    }
    // The same once everything is packed.
    repo.git(&["gc", "-q"]);
    assert_eq!(one.json, repo.scan(&["git:", "--threads", "8"]).json);
}

#[test]
fn sarif_names_the_commit() {
    let repo = Repo::new();
    repo.write("dir/a", &format!("x\nkey={}\n", token(1)));
    let id = repo.commit("first");
    let sarif = repo.scan_as("sarif", &["git:"]).json;
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(
        (&result["properties"]["commit"], &result["properties"]["commitDate"]),
        (&id.into(), &"2024-05-01".into())
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&"dir/a".into(), &2.into()));
}

#[cfg(unix)]
#[test]
fn a_repository_of_another_user_is_read() {
    let repo = Repo::new();
    repo.write("a", &token(1));
    repo.commit("first");
    // Only the superuser can give a folder away; others have nothing to test.
    if std::os::unix::fs::chown(repo.path(".git"), Some(12_345), Some(12_345)).is_ok() {
        assert_eq!(repo.scan(&["git:"]).exit, 1);
    }
}
