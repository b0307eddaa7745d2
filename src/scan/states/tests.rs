//! A history told state by state says what one says whose states are each judged whole.

use std::path::PathBuf;

use globset::GlobSet;

use super::super::baseline::Baseline;
use super::super::collector::Collector;
use super::super::{Progress, Request, report};
use crate::artifact::{Artifact, Commit, Origin, Part, Sink, Step};
use crate::engine::Engine;
use crate::finding::FingerprintKey;
use crate::policy::Date;
use crate::rule::{self, Confidence, Severity};

fn request(min_confidence: Confidence) -> Request {
    Request {
        paths: Vec::new(),
        stdin: false,
        clusters: Vec::new(),
        endpoints: Default::default(),
        staged: false,
        history: Some(None),
        since: None,
        facts: Vec::new(),
        root: PathBuf::new(),
        exclude: GlobSet::empty(),
        respect_ignores: true,
        respect_silences: true,
        render_helm: false,
        render_kustomize: false,
        archives: true,
        min_severity: Severity::Low,
        min_confidence,
        include_synthetic: true,
        threads: 1,
        today: Date::of_seconds(0),
    }
}

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }

    fn one_of<'t>(&mut self, of: &'t [String]) -> &'t str {
        of.get(self.below(of.len())).map_or("", String::as_str)
    }
}

/// The rules' own examples, and what may stand between them: whole, and line by line.
fn material() -> (Vec<String>, Vec<String>) {
    let (files, _) = rule::embedded_files();
    let mut texts = Vec::new();
    for rule in files.iter().flat_map(|file| &file.rules) {
        for (name, examples) in [("bad", &rule.examples.bad), ("good", &rule.examples.good)] {
            for (index, example) in examples.iter().enumerate() {
                texts.extend(rule::expand_example(rule, example, name, index).ok().map(|(text, _)| text));
            }
        }
    }
    texts.retain(|text| text.len() < 3000);
    let mut lines: Vec<String> = texts.iter().flat_map(|text| text.lines()).map(str::to_owned).collect();
    lines.sort();
    lines.dedup();
    (texts, lines)
}

/// What ordinary files hold, and what makes matches depend on lines far from them.
fn filler(random: &mut Random) -> String {
    /// What makes most rules of one product look far; seldom, for such a text is always judged whole.
    const WORDS: &[&str] = &["mirth", "keycloak", "epic", "insert into t values (1)", "-----BEGIN PRIVATE KEY-----"];
    if random.below(400) == 0 {
        return WORDS[random.below(WORDS.len())].to_owned();
    }
    const LINES: &[&str] = &[
        "",
        "",
        "",
        "    ",
        "}",
        "{",
        "(",
        ")",
        "```",
        "\"\"\"",
        "'''",
        "`",
        "\"",
        "password =",
        "\"token\",",
        "  value: |",
        "<string>",
        "</string>",
        "name: DB_PASSWORD",
        "api_key = \\",
        "aws",
        "const secret = `",
        "def handler(request, token):",
        "    return response.body",
        "patient",
        "dob",
    ];
    match random.below(30) {
        // Written so that it does not speak of this file.
        29 => ["# bed", "rail: allow secret-generic-password -- a test"].concat(),
        0..=6 => format!("    value_{} = call({})", random.below(50), random.below(1000)),
        7..=13 => format!("the quick brown fox {} jumps over it", random.below(100)),
        _ => LINES[random.below(LINES.len())].to_owned(),
    }
}

fn some_lines(random: &mut Random, texts: &[String], lines: &[String]) -> Vec<String> {
    match random.below(24) {
        0 => random.one_of(texts).lines().map(str::to_owned).collect(),
        1..=3 => vec![random.one_of(lines).to_owned()],
        _ => (0..=random.below(3)).map(|_| filler(random)).collect(),
    }
}

fn edit(random: &mut Random, text: &mut Vec<String>, texts: &[String], lines: &[String]) {
    let at = random.below(text.len() + 1);
    match random.below(6) {
        0 => drop(text.drain(at..(at + random.below(6)).min(text.len()))),
        1 if at < text.len() => {
            let end = (at + 1 + random.below(3)).min(text.len());
            text.splice(at..end, some_lines(random, texts, lines));
        }
        2 if at < text.len() => {
            // Within a line.
            let mut line: Vec<char> = text[at].chars().collect();
            let place = random.below(line.len() + 1);
            if random.below(2) == 0 {
                line.truncate(place);
            } else {
                line.splice(place..place, random.one_of(&["x", "=", "\"", " ", "example"].map(String::from)).chars());
            }
            text[at] = line.into_iter().collect();
        }
        3 if !text.is_empty() => {
            let from = random.below(text.len());
            let line = text.remove(from);
            text.insert(random.below(text.len() + 1), line);
        }
        _ => drop(text.splice(at..at, some_lines(random, texts, lines))),
    }
}

fn states(random: &mut Random, file: &str, texts: &[String], lines: &[String]) -> Vec<Artifact> {
    let mut text: Vec<String> = (0..10 + random.below(60)).map(|_| filler(random)).collect();
    for _ in 0..random.below(3) {
        let at = random.below(text.len());
        text.splice(at..at, some_lines(random, texts, lines));
    }
    let line_end = if random.below(5) == 0 { "\r\n" } else { "\n" };
    (0..12)
        .map(|order| {
            for _ in 0..random.below(4) {
                edit(random, &mut text, texts, lines);
            }
            let commit = Commit { order, id: format!("{order:040}"), seconds: i64::from(order) };
            let origin = Origin::file(file).then(Step::Commit(commit));
            Artifact { origin, bytes: text.join(line_end).into_bytes(), part: Part::WHOLE }
        })
        .collect()
}

#[test]
fn states_are_told_as_if_each_were_judged_whole() {
    const FILES: &[&str] =
        &["a.py", "b.js", "c.yaml", "d.json", "e.env", "f.md", "g.tf", "h.xml", "i.properties", "j.txt", "k", "l.sh"];
    let rounds = std::env::var("BEDRAIL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(60);
    let seed = std::env::var("BEDRAIL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let engine = Engine::new(rule::embedded::rules(), FingerprintKey::default());
    let (texts, lines) = material();
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ seed);
    let (mut all, mut passed_over, mut found) = (0, 0, 0);
    for round in 0..rounds {
        let file = FILES[round % FILES.len()];
        let request = request(if round % 3 == 0 { Confidence::Medium } else { Confidence::Low });
        let states = states(&mut random, file, &texts, &lines);
        all += states.len();
        let shown: Vec<String> =
            states.iter().map(|state| String::from_utf8_lossy(&state.bytes).into_owned()).collect();
        let tell = |take: &dyn Fn(&Collector<'_>) -> usize| {
            let progress = Progress::default();
            let collector = Collector::new(&engine, &request, &progress, Baseline::default());
            let passed_over = take(&collector);
            let mut report = report(&engine, &request, collector, &progress);
            for verdict in &mut report.verdicts {
                // How the one kept of several equal ones looks is told by its line.
                verdict.finding.related.clear();
            }
            (report, passed_over)
        };
        let again: Vec<Artifact> = states
            .iter()
            .map(|state| Artifact { origin: state.origin.clone(), bytes: state.bytes.clone(), part: state.part })
            .collect();
        let states = std::cell::Cell::new(states);
        let again = std::cell::Cell::new(again);
        let (whole, _) = tell(&|collector| {
            again.take().into_iter().for_each(|state| {
                let _ = collector.artifact(state);
            });
            0
        });
        let (told, over) = tell(&|collector| collector.take_states(states.take()));
        passed_over += over;
        found += whole.verdicts.len();
        for (one, other) in [(&whole, &told), (&told, &whole)] {
            for verdict in &one.verdicts {
                assert!(
                    other.verdicts.iter().any(|known| format!("{known:?}") == format!("{verdict:?}")),
                    "round {round}, {file}: {verdict:#?}\n{}",
                    shown.join("\n=====\n")
                );
            }
        }
        assert_eq!(format!("{:?}", whole.notices), format!("{:?}", told.notices), "round {round}");
        assert_eq!(
            format!("{:?}", whole.tally),
            format!("{:?}", told.tally),
            "round {round}, {file}\n{}",
            shown.join("\n=====\n")
        );
    }
    assert!(passed_over * 5 > all, "{passed_over} of {all} states were passed over");
    assert!(found * 3 > rounds, "{found} findings");
}
