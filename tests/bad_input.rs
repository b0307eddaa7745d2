//! Bad input is neither a panic nor a hang nor a silence: it ends in bounded time with a clear word and the right
//! exit code.

#![cfg(unix)]

mod program;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use program::{TOKEN_RULE, bedrail, command, folder, run, scan, token, with_input, write};

/// Whether this process may read whatever it wants.
fn all_powerful(file: &Path) -> bool {
    File::open(file).is_ok()
}

fn fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().expect("mkfifo is there");
    assert!(made.success());
}

fn one_finding(place: &str) -> Vec<String> {
    vec![format!("{TOKEN_RULE} {place}")]
}

#[test]
fn what_is_not_there_is_said() {
    let root = folder();
    let ran = bedrail(root.path(), &["scan", "no/such"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("cannot look at no/such: there is no such file or folder"), "{}", ran.err);
    let ran = bedrail(root.path(), &["scan", "gopher://x"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("gopher: targets of this kind are not supported"), "{}", ran.err);
}

#[test]
fn an_empty_folder_has_not_passed() {
    let root = folder();
    let ran = bedrail(root.path(), &["scan"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.out.contains("nothing was scanned") && !ran.out.contains("no findings"), "{}", ran.out);
}

#[test]
fn what_cannot_be_read_makes_the_scan_incomplete() {
    let root = folder();
    write(root.path(), "a.txt", "plain\n");
    write(root.path(), "closed.txt", "plain\n");
    write(root.path(), "shut/b.txt", "plain\n");
    let set = |name: &str, mode| fs::set_permissions(root.path().join(name), fs::Permissions::from_mode(mode));
    set("closed.txt", 0).and_then(|()| set("shut", 0)).expect("permissions can be set");
    if all_powerful(&root.path().join("closed.txt")) {
        return; // root reads everything
    }
    let ran = scan(root.path(), &[]);
    set("shut", 0o755).expect("permissions can be set");
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert_eq!(ran.notices(), ["unreadable", "unreadable"]);
}

/// `/proc/self/mem` refuses to be read by anybody at its start, root included.
#[test]
#[cfg(target_os = "linux")]
fn a_failing_read_makes_the_scan_incomplete() {
    let ran = scan(Path::new("/"), &["/proc/self/mem"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert_eq!(ran.notices(), ["unreadable"]);
}

#[test]
fn links_are_not_followed() {
    let root = folder();
    write(root.path(), "tree/a.txt", "plain\n");
    write(root.path(), "outside.env", format!("A={}\n", token("outside")));
    let tree = root.path().join("tree");
    symlink("..", tree.join("loop")).expect("links can be made");
    symlink("nowhere", tree.join("dangling")).expect("links can be made");
    symlink("../outside.env", tree.join("out")).expect("links can be made");
    symlink("self", tree.join("self")).expect("links can be made");
    let ran = scan(&tree, &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.notices(), ["link-not-followed"; 4]);
    // Named on the command line, it is what the user wants to be looked at; a dangling one is not there.
    assert_eq!(scan(&tree, &["dangling"]).code, Some(2));
    assert_eq!(scan(&tree, &["out"]).code, Some(1));
}

#[test]
fn pipes_are_not_waited_for() {
    let root = folder();
    write(root.path(), "a.txt", "plain\n");
    fifo(&root.path().join("pipe"));
    let ran = scan(root.path(), &[]);
    assert_eq!((ran.code, ran.notices()), (Some(0), vec!["special-file".to_owned()]));
    assert_eq!(scan(root.path(), &["pipe"]).code, Some(3));
}

#[test]
fn a_huge_binary_file_is_left_at_once() {
    let root = folder();
    let file = File::create(root.path().join("disk.img")).expect("files can be made");
    file.set_len(4 << 30).expect("files may have holes");
    let ran = scan(root.path(), &[]);
    assert_eq!((ran.code, ran.notices()), (Some(3), vec!["binary-not-searched".to_owned()]));
}

#[test]
fn a_huge_file_that_begins_as_text_is_searched_in_parts_to_its_end() {
    let root = folder();
    let mut file = File::create(root.path().join("dump.sql")).expect("files can be made");
    let (first, last) = (token("first"), token("last"));
    writeln!(file, "A={first}").expect("written");
    file.write_all("-- text\n".repeat(2000).as_bytes()).expect("written");
    // Not 4 GB as in an optimised build, which takes a second for them.
    let end = 64 << 20;
    file.seek(SeekFrom::Start(end)).expect("files may have holes");
    writeln!(file, "\nB={last}\nC={last} # bedrail: allow {TOKEN_RULE} -- a test value").expect("written");
    drop(file);
    let ran = scan(root.path(), &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.findings(), [format!("{TOKEN_RULE} dump.sql:1:3"), format!("{TOKEN_RULE} dump.sql:2003:3")]);
    assert!(!ran.notices().contains(&"unused-silence".to_owned()), "a comment in a later part works, too");
    assert!(!ran.out.contains(&last) && !ran.out.contains(&first));
}

#[test]
fn one_endless_line_is_searched_in_parts() {
    let root = folder();
    // `é` is one column of two bytes; the token stands far behind the first part.
    let before = "é ".repeat(5 << 20);
    write(root.path(), "bundle.js", format!("{before}{}{before}", token("line")));
    let ran = scan(root.path(), &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.findings(), one_finding(&format!("bundle.js:1:{}", (10 << 20) + 1)));
    assert!(ran.out.len() < 50_000, "the report holds the line");
}

#[test]
fn junk_is_searched_or_left_but_never_fatal() {
    let root = folder();
    // Bytes of a linear congruential generator: the same at every run.
    let mut state = 1u32;
    for size in [0usize, 1, 2, 3, 5, 17, 255, 4096, 70_000] {
        let mut junk = Vec::with_capacity(size);
        for _ in 0..size {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            junk.push((state >> 24) as u8);
        }
        for name in ["x", "x.json", "x.yaml", "x.toml", "x.env", "x.ini", "x.properties", "x.csv"] {
            write(root.path(), &format!("{size}/{name}"), &junk);
            let printable: Vec<u8> =
                junk.iter().map(|byte| b"{}[]:,-#'\"\n &*!|>=<%@a1.\\"[usize::from(*byte) % 25]).collect();
            write(root.path(), &format!("{size}/p/{name}"), printable);
        }
    }
    let ran = scan(root.path(), &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = bedrail(root.path(), &["facts"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn places_are_right_in_every_encoding() {
    let secret = token("encoded");
    let text = format!("# é 😀\r\nother = 1\r\n  key = \"{secret}\"\r\n");
    let le = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let be = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let plain = text.replace('é', "e").replace("😀", ":)");
    let cases: &[(&str, Vec<u8>)] = &[
        ("UTF-8", text.clone().into_bytes()),
        ("UTF-8 with a mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("UTF-16 LE with a mark", [b"\xff\xfe".to_vec(), le(&text)].concat()),
        ("UTF-16 BE with a mark", [b"\xfe\xff".to_vec(), be(&text)].concat()),
        ("UTF-16 LE", le(&plain)),
        ("UTF-16 BE", be(&plain)),
        (
            "invalid UTF-8 before",
            text.replace('é', "E").into_bytes().into_iter().map(|b| if b == b'E' { 0xe9 } else { b }).collect(),
        ),
        (
            "NUL before",
            format!("# {}\0 {}\n\n  key = \"{secret}\"\n", "text ".repeat(10), "text ".repeat(10)).into_bytes(),
        ),
        ("CR only", format!("a\rb\r  key = \"{secret}\"\r").into_bytes()),
    ];
    for (name, bytes) in cases {
        let root = folder();
        write(root.path(), "a.conf", bytes);
        assert_eq!(scan(root.path(), &[]).findings(), one_finding("a.conf:3:10"), "{name}");
    }
    // On the very line of invalid bytes, each run of which is one column.
    let root = folder();
    write(root.path(), "a.conf", [b"caf\xe9 = \"", secret.as_bytes(), b"\"\n"].concat());
    assert_eq!(scan(root.path(), &[]).findings(), one_finding("a.conf:1:9"));
}

#[test]
fn deep_nesting_is_a_notice() {
    let deep = 20_000;
    let root = folder();
    let nested = |open: &str, close: &str| open.repeat(deep) + &close.repeat(deep);
    // What may be about Kubernetes is parsed in a scan, too.
    let json = |value: &str| format!("{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"a\": {value}}}");
    let yaml = |value: &str| format!("apiVersion: v1\nkind: Pod\na:\n  {value}\n");
    let indented: String = (0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth + 2))).collect();
    let trees = [
        ("a.json", json(&nested("[", "]"))),
        ("b.json", json(&nested("{\"a\":", "}"))),
        ("c.json", json(&"[".repeat(deep))),
        ("a.yaml", yaml(&nested("[", "]"))),
        ("b.yaml", yaml(&nested("{a: ", "}"))),
        ("c.yaml", yaml(&"- ".repeat(deep))),
        ("d.yaml", yaml(&"? ".repeat(deep))),
        ("e.yaml", yaml(indented.trim_start())),
    ];
    let others = [
        ("a.toml", format!("a = {}", nested("[", "]"))),
        ("b.toml", format!("a = {}", nested("{a = ", "}"))),
        ("c.toml", format!("[{}]\n", ["a"; 20_000].join("."))),
        ("d.toml", format!("{} = 1\n", ["a"; 20_000].join("."))),
    ];
    for (name, text) in trees.iter().chain(&others) {
        write(root.path(), name, text);
    }
    let scanned = scan(root.path(), &[]);
    assert_eq!((scanned.code, scanned.notices()), (Some(0), vec!["limit-reached".to_owned(); trees.len()]));
    let facts = bedrail(root.path(), &["facts"]);
    assert_eq!(facts.code, Some(0));
    for (name, _) in trees.iter().chain(&others) {
        assert!(facts.err.contains(&format!("{name}:")), "{name}: {}", facts.err);
    }
}

#[test]
fn deep_nesting_in_the_files_of_the_user_is_a_mistake() {
    let deep = 20_000;
    let rule = |deny: &str| {
        format!(
            "[[rule]]\nid = 'kubernetes-deep'\ntitle = 'Deep'\nseverity = 'low'\nconfidence = 'low'\nmessage = 'deep'\n\
             why = 'So.'\nremedy = 'No.'\ncites = ['hipaa:164.312(d)']\nsince = '0.1.0'\n[rule.check]\non = 'yaml'\ndeny = '''{deny}'''\n\
             [rule.examples]\nbad = ['a: 1']\ngood = ['b: 1']\n"
        )
    };
    let regex = |regex: &str| {
        rule("true").replace(
            "[rule.check]\non = 'yaml'\ndeny = '''true'''",
            &format!("[rule.pattern]\nkeywords = ['aaa']\nregex = '''{regex}'''"),
        )
    };
    let nested = |open: &str, inner: &str, close: &str| open.repeat(deep) + inner + &close.repeat(deep);
    let cases: &[(&str, String)] = &[
        ("parentheses in CEL", rule(&nested("(", "true", ")"))),
        ("open parentheses in CEL", rule(&"(".repeat(deep))),
        ("lists in CEL", rule(&nested("[", "1", "]"))),
        ("maps in CEL", rule(&nested("{'a': ", "1", "}"))),
        ("negations in CEL", rule(&("!".repeat(deep) + "true"))),
        ("signs in CEL", rule(&("-".repeat(deep) + "1 == 1"))),
        ("conditions in CEL", rule(&("true ? ".repeat(deep) + "true"))),
        ("calls in CEL", rule(&nested("size(", "'a'", ")"))),
        ("indices in CEL", rule(&("self".to_owned() + &"[0]".repeat(deep)))),
        ("fields in CEL", rule(&("self".to_owned() + &".a".repeat(deep)))),
        ("alternatives in CEL", rule(&("true || ".repeat(deep) + "true"))),
        ("groups in a regex", regex(&nested("(", "aaa", ")"))),
        ("repeats in a regex", regex("aaa(((a{1000}){1000}){1000})")),
        ("lists in TOML", format!("a = {}", nested("[", "1", "]"))),
        ("tables in TOML", format!("a = {}", nested("{a=", "1", "}"))),
    ];
    for (name, text) in cases {
        let root = folder();
        write(root.path(), "tree/a.txt", "aaa\n");
        write(root.path(), "rules/deep.toml", text);
        let ran = bedrail(&root.path().join("tree"), &["scan", "--rules", "../rules"]);
        assert_eq!(ran.code, Some(2), "{name}: {ran:?}");
        assert!(!ran.err.is_empty() && ran.err.len() < 200_000, "{name}: {} bytes", ran.err.len());
    }
}

#[test]
fn an_alias_bomb_is_no_bomb() {
    let root = folder();
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let before = format!("*a{}", level - 1);
        bomb += &format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", "));
    }
    write(root.path(), "bomb.yaml", &bomb);
    let as_object =
        |body: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers: *a29\n{body}");
    write(root.path(), "pod.yaml", bomb.clone() + &as_object(""));
    let merged: String =
        (1..30).map(|level| format!("m{level}: &m{level}\n  <<: [*m{0}, *m{0}]\n  k{level}: 1\n", level - 1)).collect();
    write(root.path(), "merge.yaml", format!("m0: &m0 {{k: 1}}\n{merged}"));
    write(root.path(), "circle.yaml", "a: &a\n  b: *a\n");
    let ran = scan(root.path(), &[]);
    // Containers that are lists of lists make rules fail, which is said and is 4.
    assert!(matches!(ran.code, Some(0 | 1 | 4)), "{ran:?}");
    assert!(ran.out.len() < 1_000_000, "{} bytes", ran.out.len());
    let ran = bedrail(root.path(), &["facts"]);
    assert!(ran.out.len() < 50_000_000, "{} bytes", ran.out.len());
    assert!(matches!(ran.code, Some(0 | 2)), "{ran:?}");
}

#[test]
fn names_cannot_move_the_cursor() {
    let root = folder();
    for name in
        [&b"new\nline.env"[..], b"esc\x1b[2J.env", "bidi\u{202e}vne.env".as_bytes(), b"no\xffutf8.env", b" #?%\\.env"]
    {
        fs::write(root.path().join(OsStr::from_bytes(name)), format!("A={}\n", token("name"))).expect("written");
    }
    for format in ["terminal", "sarif", "json"] {
        let ran = bedrail(root.path(), &["scan", "-v", "--format", format]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        for (what, shown) in [("output", &ran.out), ("errors", &ran.err)] {
            assert!(!shown.contains(['\u{1b}', '\u{202e}', '\r']), "{format}: {what}");
        }
        assert!(!ran.out.contains("new\nline"), "{format}");
    }
    assert_eq!(scan(root.path(), &[]).findings().len(), 5);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let root = folder();
    for n in 0..400 {
        write(root.path(), &format!("{n}.env"), format!("A={}\n", token(&n.to_string())));
    }
    for arguments in
        [&["scan", "--format", "sarif", "."][..], &["scan", "."], &["rules", "list"], &["--help"], &["man"]]
    {
        let mut command = command(root.path(), arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
        let mut head = [0; 10];
        let mut out = child.stdout.take().expect("a pipe");
        out.read_exact(&mut head).expect("ten bytes are there");
        drop(out);
        let ended = child.wait_with_output().expect("ends");
        assert!(matches!(ended.status.code(), Some(0 | 1)), "{arguments:?}: {ended:?}");
        let told = String::from_utf8_lossy(&ended.stderr);
        assert!(!told.contains("cannot") && !told.contains("panic"), "{arguments:?}: {told}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_report_that_cannot_be_written_is_said() {
    let root = folder();
    write(root.path(), "a.txt", "plain\n");
    let cases = [
        ("sarif:/dev/full", "no space left"),
        ("json:no/such/folder/out.json", "there is no such file or folder"),
        ("terminal:.", "directory"),
    ];
    for (format, words) in cases {
        let ran = bedrail(root.path(), &["scan", "--format", format]);
        assert_eq!(ran.code, Some(4), "{format}: {ran:?}");
        assert!(ran.err.contains("cannot write") && ran.err.contains(words), "{format}: {}", ran.err);
    }
    let mut full = command(root.path(), &["scan"]);
    full.stdout(File::create("/dev/full").expect("Linux has it")).stderr(Stdio::piped());
    let ended = full.output().expect("ends");
    assert_eq!(ended.status.code(), Some(4), "{ended:?}");
    // An error that nobody can be told of still has its exit code.
    let mut mute = command(root.path(), &["scan", "no/such"]);
    mute.stderr(File::create("/dev/full").expect("Linux has it"));
    assert_eq!(mute.status().expect("ends").code(), Some(2));
}

#[test]
fn standard_input_is_searched() {
    let root = folder();
    let text = format!("x\nA={}\n", token("stdin"));
    let ran = with_input(root.path(), &["scan", "--format", "json", "-"], text.as_bytes());
    assert_eq!((ran.code, ran.findings()), (Some(1), one_finding("-:2:3")));
    let ran = with_input(root.path(), &["scan", "-"], b"");
    assert_eq!(ran.code, Some(0), "an empty stream was looked at: {ran:?}");
    let ran = with_input(root.path(), &["scan", "-"], &vec![0; 5 << 20]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    // Endless input is for the shell to end; that it is read in parts shows in a large one.
    let large = format!("{}\nA={}\n", "text\n".repeat(5 << 20), token("stdin"));
    let ran = with_input(root.path(), &["scan", "--format", "json", "-"], large.as_bytes());
    assert_eq!(ran.findings(), one_finding(&format!("-:{}:3", (5 << 20) + 2)));
}

#[test]
fn a_closed_standard_input_is_no_hang() {
    let root = folder();
    let mut closed = Command::new("sh");
    closed.arg("-c").arg(format!("exec '{}' scan - <&-", env!("CARGO_BIN_EXE_bedrail"))).current_dir(root.path());
    let ran = run(closed);
    assert!(matches!(ran.code, Some(0 | 3 | 4)), "{ran:?}");
}
