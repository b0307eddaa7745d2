//! Same input, same bytes out: whatever the number of threads, the order in which files were made, the folder
//! they are in and the clock.

mod program;

use std::path::Path;

use program::{Ran, command, filled, folder, run, token, write};

/// Three hundred files of several kinds, made in an order that depends on `stride`.
fn tree(root: &Path, stride: usize) {
    const COUNT: usize = 300;
    for step in 0..COUNT {
        // COUNT and stride share no factor, so every number comes once.
        let n = step * stride % COUNT;
        let name = format!("part{}/deep{}/f{n}", n % 7, n % 3);
        match n % 5 {
            0 => write(root, &format!("{name}.py"), format!("x = 1\nTOKEN = \"{}\"\n", token(&n.to_string()))),
            1 => write(
                root,
                &format!("{name}.yaml"),
                format!(
                    "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{n}}}\nspec:\n  hostNetwork: true\n  containers:\n    - \
                     {{name: a, image: 'a:latest', securityContext: {{privileged: true}}}}\n"
                ),
            ),
            2 => write(root, &format!("{name}.bin"), [0, 1, 2, 0, 255].repeat(40)),
            3 => write(root, &format!("{name}.json"), "{\"a\": [1, 2"),
            _ => write(root, &format!("{name}.txt"), filled("nothing <<[a-z]{40}>>\n", &n.to_string())),
        }
    }
    // The same secret twice in a file, and in two files.
    let same = token("same");
    write(root, "twice.env", format!("A={same}\nB={same}\n"));
    write(root, "zz/again.env", format!("A={same}\n"));
}

fn report(root: &Path, format: &str, threads: &str, epoch: Option<&str>) -> Ran {
    let mut command = command(root, &["scan", "--format", format, "--threads", threads, "."]);
    if let Some(epoch) = epoch {
        command.env("SOURCE_DATE_EPOCH", epoch);
    }
    run(command)
}

#[test]
fn reports_do_not_depend_on_threads_order_or_folder() {
    let (first, second) = (folder(), folder());
    tree(first.path(), 1);
    tree(second.path(), 191);
    for format in ["sarif", "json", "terminal"] {
        let reference = report(first.path(), format, "1", None);
        assert_eq!(reference.code, Some(1), "{reference:?}");
        assert!(reference.out.contains("part0/deep0/f0.py"));
        for (root, threads) in [(first.path(), "8"), (second.path(), "1"), (second.path(), "8")] {
            let other = report(root, format, threads, None);
            assert!(other.out == reference.out, "{format} with {threads} threads differs");
        }
        for root in [first.path(), second.path()] {
            let absolute = root.to_string_lossy();
            assert!(!reference.out.contains(&*absolute), "{format} tells of {absolute}");
            assert!(!reference.err.contains(&*absolute), "{format} tells of {absolute}");
        }
    }
}

#[test]
fn times_come_from_the_environment_or_are_left_out() {
    let root = folder();
    write(root.path(), "a.env", format!("A={}\n", token("a")));
    let sarif = |epoch| report(root.path(), "sarif", "1", epoch);
    let invocation = |ran: &Ran| ran.json()["runs"][0]["invocations"][0].clone();
    let without = sarif(None);
    assert!(invocation(&without).get("startTimeUtc").is_none(), "{}", without.out);
    let with = sarif(Some("1700000000"));
    assert!(with.out == sarif(Some("1700000000")).out);
    let time = invocation(&with)["startTimeUtc"].as_str().map(str::to_owned);
    assert!(time.as_deref().is_some_and(|time| time.starts_with("2023-11-14T22:13:20")), "{time:?}");
    // It is the scan's clock: silences that end before it have ended.
    write(
        root.path(),
        "a.env",
        format!("A={} # bedrail: allow {} until=2023-11-13 -- demo\n", token("a"), program::TOKEN_RULE),
    );
    assert_eq!(sarif(Some("1700000000")).code, Some(1));
    assert_eq!(sarif(Some("1600000000")).code, Some(0));
}
