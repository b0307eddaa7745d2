//! What reports look like, and the promises that they keep in every format.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod sarif_fixture;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bedrail::artifact::Origin;
use bedrail::finding::{Finding, NoticeKind, Place, Report, Status, line_hashes};
use bedrail::report::{Format, Options, Suppressed};
use bedrail::rule::{CitationFile, Confidence, Severity};
use sarif_fixture::{at, citations, empty, excerpt, finding, open, rich, written};
use serde_json::Value;

/// Where `tests/sarif-validator.sh` looks for reports to validate.
fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sarif");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

fn sarif(report: &Report) -> Value {
    let citations = citations();
    serde_json::from_str(&written(Format::Sarif, &Options::new(&citations), report)).unwrap()
}

#[test]
fn sarif_of_a_rich_report() {
    let citations = citations();
    let omit = written(Format::Sarif, &Options::new(&citations), &rich());
    let options = Options { suppressed: Suppressed::Mark, ..Options::new(&citations) };
    std::fs::write(kept("rich.sarif"), &omit).unwrap();
    std::fs::write(kept("marked.sarif"), written(Format::Sarif, &options, &rich())).unwrap();
    std::fs::write(kept("empty.sarif"), written(Format::Sarif, &Options::new(&citations), &empty())).unwrap();
    insta::assert_snapshot!("rich.sarif", omit);
}

#[test]
fn json_of_a_rich_report() {
    let citations = citations();
    insta::assert_snapshot!("rich.json", written(Format::Json, &Options::new(&citations), &rich()));
}

#[test]
fn html_of_a_rich_report() {
    let citations = citations();
    insta::assert_snapshot!("html", body(&written(Format::Html, &Options::new(&citations), &rich())));
}

/// The page's body; all before it is the same for every report.
fn body(page: &str) -> &str {
    page[page.find("<body>").expect("the page has a body")..].trim_end().trim_end_matches("</html>")
}

#[test]
fn nothing_that_was_scanned_is_markup_in_html() {
    const MARKUP: &str = "\"'></p><script>alert(1)</script><img src=x onerror=alert(1)>";
    let citations = citations();
    let mut report = rich();
    for verdict in &mut report.verdicts {
        let finding = &mut verdict.finding;
        finding.message.push_str(MARKUP);
        finding.because.push(MARKUP.into());
        finding.place.path.push_str(MARKUP);
        finding.origin = Origin::file(format!("{}{MARKUP}", finding.origin));
        for line in finding.place.excerpt.iter_mut().flat_map(|excerpt| &mut excerpt.lines) {
            line.push_str(MARKUP);
        }
        if let Status::Silenced { reason } = &mut verdict.status {
            reason.push_str(MARKUP);
        }
    }
    for notice in &mut report.notices {
        notice.message.push_str(MARKUP);
    }
    let page = written(Format::Html, &Options::new(&citations), &report);
    assert!(page.contains("default-src 'none'"), "{page}");
    let mut open = Vec::new();
    for tag in tags(body(&page)) {
        let name = tag.trim_matches(['<', '/', '>']).split(' ').next().expect("a tag has a name");
        assert!(!["script", "img"].contains(&name) && !tag.contains(" on"), "{tag}");
        if tag.starts_with("</") {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} stay open");
}

/// All tags of a page.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.match_indices('<').filter_map(|(at, _)| page[at..].find('>').map(|end| &page[at..=at + end]))
}

#[test]
fn terminal_of_a_rich_report() {
    let citations = citations();
    let plain = Options::new(&citations);
    insta::assert_snapshot!("terminal", written(Format::Terminal, &plain, &rich()));
    let verbose = Options { verbose: true, ..plain };
    insta::assert_snapshot!("terminal-verbose", written(Format::Terminal, &verbose, &rich()));
    insta::assert_snapshot!("terminal-nothing-scanned", written(Format::Terminal, &plain, &empty()));
}

#[test]
fn colour_is_written_only_when_it_is_on() {
    let citations = citations();
    let off = written(Format::Terminal, &Options::new(&citations), &rich());
    let on = written(Format::Terminal, &Options { color: true, ..Options::new(&citations) }, &rich());
    assert!(!off.contains('\u{1b}') && on.contains("\u{1b}["));
    // Without its colours the coloured report is the plain one.
    let mut stripped = String::new();
    let mut rest = on.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        stripped.push_str(before);
        rest = after.split_once('m').expect("only colours are written").1;
    }
    assert_eq!(stripped + rest, off);
}

#[test]
fn no_raw_control_character_leaves() {
    let citations = citations();
    let verbose = Options { verbose: true, suppressed: Suppressed::Mark, ..Options::new(&citations) };
    for format in Format::ALL {
        let text = written(format, &verbose, &rich());
        let raw = text.chars().find(|c| {
            (c.is_control() && *c != '\n')
                || matches!(*c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        });
        assert_eq!(raw, None, "{}", format.name());
        // A file name cannot begin a line either.
        assert!(!text.lines().any(|line| line.starts_with("gpj.py") || line.starts_with('\u{202e}')));
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let citations = citations();
    for format in Format::ALL {
        let options = Options { verbose: true, ..Options::new(&citations) };
        assert_eq!(written(format, &options, &rich()), written(format, &options, &rich()));
    }
}

#[test]
fn silenced_findings_are_left_out_or_marked_everywhere() {
    let citations = citations();
    let omitted = sarif(&rich());
    assert!(!omitted.to_string().contains("suppressions") && !omitted.to_string().contains("tests/fixtures.py"));
    let options = Options { suppressed: Suppressed::Mark, ..Options::new(&citations) };
    let marked: Value = serde_json::from_str(&written(Format::Sarif, &options, &rich())).unwrap();
    let results = marked["runs"][0]["results"].as_array().unwrap();
    let with_reason = results.iter().filter(|result| !result["suppressions"].as_array().unwrap().is_empty());
    let reasons: Vec<&Value> = with_reason.map(|result| &result["suppressions"][0]["justification"]).collect();
    assert_eq!(reasons, ["made for the test"]);
}

#[test]
fn a_report_holds_no_more_results_than_services_take() {
    let mut report = rich();
    report.verdicts.clear();
    let low = finding("tls-version-old", Severity::Low, Confidence::High, Place::default());
    for index in 0..30_000usize {
        let (rule, severity) = match index % 3 {
            0 => ("tls-version-old", Severity::Low),
            1 => ("phi-record-number", Severity::Medium),
            _ => ("secret-example-token", Severity::Critical),
        };
        let mut one = low.clone();
        (one.rule, one.severity) = (rule.into(), severity);
        one.origin = Origin::file(format!("{index:05}"));
        report.verdicts.push(open(one));
    }
    let log = sarif(&report);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    let count = |level: &str| results.iter().filter(|result| result["level"] == level).count();
    assert_eq!((count("error"), count("warning"), count("note")), (10_000, 10_000, 5_000), "the worst are kept");
    assert_eq!(results[0]["level"], "error");
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let said = notes.iter().any(|one| {
        one["descriptor"]["id"] == NoticeKind::Limit.id() && one["message"]["text"].as_str().unwrap().contains("5000")
    });
    assert!(said, "the report says how many were left off");
}

#[test]
fn rules_keep_within_the_limits_of_services() {
    let log = sarif(&rich());
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let mut longest = 0;
    for rule in rules {
        let name = rule["name"].as_str().unwrap();
        assert!(name != rule["id"] && name.chars().count() <= 255);
        for text in ["shortDescription", "fullDescription"] {
            longest = longest.max(rule[text]["text"].as_str().unwrap().chars().count());
        }
        assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
        let tags: BTreeSet<&str> =
            rule["properties"]["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
        assert!(tags.contains("security") && tags.iter().any(|tag| tag.starts_with("hipaa/")));
        assert_eq!(tags.len(), rule["properties"]["tags"].as_array().unwrap().len());
        assert!(tags.len() <= 10);
        let score: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
        assert!(score > 0.0 && score <= 10.0 && score != 9.0);
    }
    assert_eq!(longest, 1_024, "the long text of the fixture was cut, not left out");
}

#[test]
fn every_index_points_at_what_it_names() {
    let log = sarif(&rich());
    let run = &log["runs"][0];
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let driver = &run["tool"]["driver"];
    for result in run["results"].as_array().unwrap() {
        assert_eq!(driver["rules"][number(&result["ruleIndex"])]["id"], result["ruleId"]);
    }
    for rule in driver["rules"].as_array().unwrap() {
        let relations = rule["relationships"].as_array().unwrap();
        for relation in relations {
            let target = &relation["target"];
            let taxonomy = &run["taxonomies"][number(&target["toolComponent"]["index"])];
            assert_eq!(taxonomy["guid"], target["toolComponent"]["guid"]);
            assert_eq!(taxonomy["taxa"][number(&target["index"])]["id"], target["id"]);
        }
    }
    for notice in run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap() {
        let index = number(&notice["descriptor"]["index"]);
        assert_eq!(driver["notifications"][index]["id"], notice["descriptor"]["id"]);
    }
    let names: Vec<&Value> = run["taxonomies"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["HIPAA", "NIST SP 800-53", "CWE"], "CWE last");
}

#[test]
fn what_is_not_known_is_left_out() {
    let mut report = rich();
    report.rules.clear();
    report.times = None;
    report.revision = None;
    let none = CitationFile::default();
    let log: Value = serde_json::from_str(&written(Format::Sarif, &Options::new(&none), &report)).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"], Value::Array(Vec::new()));
    for absent in ["taxonomies", "versionControlProvenance"] {
        assert!(run.get(absent).is_none(), "{absent}");
    }
    assert!(run["results"][0].get("ruleIndex").is_none() && run["invocations"][0].get("startTimeUtc").is_none());
    assert_eq!(run["invocations"][0]["executionSuccessful"], false, "a file could not be read");
    assert_eq!(sarif(&empty())["runs"][0]["invocations"][0]["executionSuccessful"], true);
    // Rules that cite what no catalogue has are still described.
    let log: Value = serde_json::from_str(&written(Format::Sarif, &Options::new(&none), &rich())).unwrap();
    assert!(log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len() == 4);
    assert!(written(Format::Terminal, &Options::new(&none), &rich()).contains("= hipaa: 164.312(d)\n"));
}

/// Writes files and a report over each of their lines, for `tests/sarif-validator.sh --line-hashes` to compare
/// with another implementation; checks here that hashes are unique within a file.
#[test]
fn line_hashes_of_generated_files() {
    let root = kept("hashes");
    std::fs::create_dir_all(&root).unwrap();
    let mut report = empty();
    let model = finding("tls-version-old", Severity::Low, Confidence::High, Place::default());
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let pieces = ["a", "key = 1", "\t", "  ", "é", "😀", "患者", "x = \"y\"", "\u{301}", "long line ", "}"];
    let ends = ["\n", "\r\n", "\r", "\n\n", "\r \n", "\n\r"];
    for file in 0..40 {
        let mut text = String::new();
        for _ in 0..random(60) {
            let piece = pieces[random(pieces.len())];
            // Now and then more than fits the window, and now and then the line before again.
            let times = if random(12) == 0 { 100 / piece.len() + random(30) } else { random(4) };
            text.push_str(&piece.repeat(times));
            text.push_str(ends[if file % 4 == 3 { random(ends.len()) } else { file % 4 }]);
        }
        if file % 5 == 0 {
            text.push_str("the end without a line end");
        }
        let name = format!("{file:02}.txt");
        std::fs::write(root.join(&name), &text).unwrap();
        let count = bedrail::text::LineIndex::new(text.as_bytes()).count();
        let lines: Vec<usize> = (1..=count).collect();
        let hashes = line_hashes(text.as_bytes(), &[], &lines);
        assert_eq!(hashes.iter().collect::<BTreeSet<_>>().len(), count, "{name}: each line has a hash of its own");
        for (line, hash) in lines.into_iter().zip(hashes) {
            let mut place = at((line, 1, line, 2), "", excerpt(line, &["x"], 0, 0, 1));
            place.line_hash = Some(hash);
            report.verdicts.push(open(Finding { place, origin: Origin::file(&name), ..model.clone() }));
        }
    }
    let citations = citations();
    std::fs::write(kept("hashes.sarif"), written(Format::Sarif, &Options::new(&citations), &report)).unwrap();
}
