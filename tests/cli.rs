//! What the program says and how it exits, word for word: `tests/cmd`.
//!
//! `TRYCMD=overwrite cargo test --test cli` writes what it says now.

mod program;

use std::fs;
use std::process::Command;

use program::{bedrail, folder, scan, token, write};

#[test]
fn what_it_says() {
    trycmd::TestCases::new().env("NO_COLOR", "1").case("tests/cmd/*.trycmd").case("tests/cmd/*.toml");
}

#[test]
fn completions_are_a_script_that_the_shell_takes() {
    let root = folder();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = bedrail(root.path(), &["completions", shell]);
        assert_eq!(ran.code, Some(0));
        assert!(ran.out.contains("bedrail") && ran.out.contains("staged"), "{shell}");
    }
    let ran = bedrail(root.path(), &["completions", "bash"]);
    write(root.path(), "bedrail.bash", ran.out);
    let Ok(checked) = Command::new("bash").args(["-n", "bedrail.bash"]).current_dir(root.path()).output() else {
        return;
    };
    assert!(checked.status.success(), "{checked:?}");
    let manual = bedrail(root.path(), &["man"]);
    assert!(manual.out.contains(".TH") && manual.out.contains("Exit codes"), "{}", manual.out);
}

#[test]
fn init_writes_what_scan_reads_and_overwrites_nothing() {
    let root = folder();
    let ran = bedrail(root.path(), &["init"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), "wrote bedrail.toml\nwrote .bedrail.key\n"));
    let key = fs::read_to_string(root.path().join(".bedrail.key")).expect("it is there");
    assert!(key.trim().len() == 64 && key.trim().bytes().all(|byte| byte.is_ascii_hexdigit()), "{} bytes", key.len());
    write(root.path(), "a.txt", "plain\n");
    assert_eq!(scan(root.path(), &[]).code, Some(0));
    write(root.path(), "bedrail.toml", "# mine\n");
    let ran = bedrail(root.path(), &["init"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (Some(0), "bedrail.toml is there already\n.bedrail.key is there already\n")
    );
    assert_eq!(fs::read_to_string(root.path().join("bedrail.toml")).expect("it is there"), "# mine\n");
    assert_eq!(fs::read_to_string(root.path().join(".bedrail.key")).expect("it is there"), key);
    let other = folder();
    bedrail(other.path(), &["init"]);
    assert_ne!(fs::read_to_string(other.path().join(".bedrail.key")).expect("it is there"), key);
    // At the root of the repository, wherever in it one stands.
    let repository = folder();
    write(repository.path(), ".git/HEAD", "ref: refs/heads/main\n");
    write(repository.path(), "deep/er/a.txt", "plain\n");
    bedrail(&repository.path().join("deep/er"), &["init"]);
    assert!(repository.path().join("bedrail.toml").is_file());
}

#[test]
fn every_way_to_end_has_its_code() {
    let root = folder();
    write(root.path(), "bad/a.env", format!("A={}\n", token("codes")));
    write(root.path(), "good/a.env", "A=1\n");
    write(root.path(), "nothing/.gitignore", "a.txt\n");
    fs::create_dir_all(root.path().join("empty")).expect("folders can be made");
    let medium = "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: a, image: 'a:latest'}]\n";
    write(root.path(), "weak/pod.yaml", medium);
    let cases: &[(&[&str], i32)] = &[
        (&["good"], 0),
        (&["bad"], 1),
        (&["good", "bad"], 1),
        (&["bad", "--exit-zero"], 0),
        (&["bad", "--fail-on", "critical"], 1),
        (&["weak"], 0),
        (&["weak", "--fail-on", "low"], 1),
        (&["weak", "--fail-on", "critical"], 0),
        (&["weak", "--min-severity", "critical"], 0),
        (&["empty"], 3),
        (&["empty", "good"], 0),
        (&["empty", "--exit-zero"], 3),
        (&["bad", "--format", "json:no/such/out.json"], 4),
        (&["bad", "--format", "nothing"], 2),
    ];
    for (arguments, code) in cases {
        for format in ["terminal", "json", "sarif"] {
            let mut all = [&["scan"], *arguments].concat();
            if !arguments.contains(&"--format") {
                all.extend(["--format", format]);
            }
            assert_eq!(bedrail(root.path(), &all).code, Some(*code), "{all:?}");
        }
    }
}

#[test]
fn quiet_and_verbose_say_less_and_more() {
    let root = folder();
    write(root.path(), "a.env", format!("A={}\n", token("loud")));
    write(root.path(), "b.bin", [0, 1, 2, 255].repeat(40));
    write(root.path(), "c.bin", [0, 1, 2, 255].repeat(40));
    let length = |arguments: &[&str]| {
        let ran = bedrail(root.path(), &[&["scan"], arguments].concat());
        assert_eq!(ran.code, Some(1));
        assert!(ran.out.contains(program::TOKEN_RULE), "{arguments:?}: {}", ran.out);
        ran.out.len() + ran.err.len()
    };
    assert!(length(&["-q"]) < length(&[]) && length(&[]) < length(&["-v"]));
    // With the report elsewhere a line on standard error tells how it went; with -q nothing does.
    let loud = bedrail(root.path(), &["scan", "--format", "json:/dev/null"]);
    assert!(loud.out.is_empty() && loud.err.lines().count() == 1, "{loud:?}");
    let quiet = bedrail(root.path(), &["scan", "--format", "json:/dev/null", "-q"]);
    assert!(quiet.out.is_empty() && quiet.err.is_empty(), "{quiet:?}");
}
