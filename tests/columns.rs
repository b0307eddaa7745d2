//! k-anonymity and l-diversity over columns that the user chose, through the whole program: numbers counted by hand, in
//! every format that holds tables; what is said where a column is missing.

mod program;

use program::{Ran, bedrail, folder, scan, write};

/// Four groups by year, three digits of the ZIP code and race: of three, two, one and one. The group of two shares its
/// diagnosis.
const ROWS: [[&str; 4]; 7] = [
    ["1957", "021", "White", "E11.9"],
    ["1957", "021", "White", "I10"],
    ["1957", "021", "White", "J45"],
    ["1961", "021", "Asian", "E11.9"],
    ["1961", "021", "Asian", "E11.9"],
    ["1961", "100", "Asian", "I10"],
    ["1957", "100", "", "I10"],
];
const K: &str = "1 in 2 of 7 records; smallest group over (year, zip3, race); 4 in 3 groups of fewer than 3, of 4";
const L: &str = "1 different value of (outcome) in the group with the fewest; 3 of 4 groups with fewer than 2; 1 group of two people or more with only one";
const FLAGS: [&str; 8] = ["--quasi-identifiers", "year,zip3,race", "--sensitive", "outcome", "--k", "3", "--l", "2"];

fn csv() -> String {
    let rows = ROWS.iter().map(|row| row.join(",") + "\n");
    format!("year,zip3,race,outcome\n{}", rows.collect::<String>())
}

/// The detail of that label of the finding of that rule.
fn detail(ran: &Ran, rule: &str, label: &str) -> String {
    let json = ran.json();
    let all = json["findings"].as_array().expect("a list");
    let found = all.iter().find(|finding| finding["rule"] == rule);
    let detail = found.and_then(|finding| finding["detail"].as_array().cloned()).unwrap_or_default();
    let text =
        detail.iter().find(|one| one["label"] == label).map(|one| one["text"].as_str().unwrap_or("?").to_owned());
    text.unwrap_or_default()
}

fn said(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let all = json["notices"].as_array().expect("a list").iter().filter(|notice| notice["kind"] == "not-judged");
    all.map(|notice| {
        format!("{}: {}", notice["origin"]["name"].as_str().unwrap_or("-"), notice["message"].as_str().unwrap_or("?"))
    })
    .collect()
}

#[test]
fn numbers_are_those_counted_by_hand_in_every_format() {
    let insert = ROWS.map(|row| format!("({})", row.map(|cell| format!("'{cell}'")).join(", "))).join(",\n");
    let lines = ROWS.map(|[year, zip, race, outcome]| {
        format!("{{\"Year\": {year}, \"zip_3\": \"{zip}\", \"race\": \"{race}\", \"outcome\": \"{outcome}\"}}")
    });
    let html = ROWS.map(|row| format!("<tr><td>{}</td></tr>", row.join("</td><td>"))).concat();
    // file, content, line of the finding
    let cases: Vec<(&str, String, u64)> = vec![
        ("a.csv", csv(), 2),
        ("a.tsv", csv().replace(',', "\t"), 2),
        ("b.csv", format!("Cohort of 2020\n\n{}", csv()), 4),
        ("a.md", csv().replace("outcome\n", "outcome\n---,---,---,---\n").replace(',', " | "), 3),
        ("a.html", format!("<table><tr><th>year</th><th>zip3</th><th>race</th><th>outcome</th></tr>{html}</table>"), 1),
        ("a.sql", format!("INSERT INTO t (year, zip3, race, outcome) VALUES\n{insert};\n"), 2),
        (
            "copy.sql",
            format!(
                "COPY t (year, zip3, race, outcome) FROM stdin;\n{}\\.\n",
                ROWS.map(|row| row.join("\t") + "\n").concat()
            ),
            2,
        ),
        ("a.ndjson", lines.join("\n"), 1),
        ("a.json", format!("[\n  {}\n]\n", lines.join(",\n  ")), 2),
    ];
    for (name, content, line) in cases {
        let root = folder();
        write(root.path(), name, &content);
        let ran = scan(root.path(), &FLAGS);
        assert_eq!(detail(&ran, "phi-k-anonymity", "k"), K, "{name}: {ran:?}");
        assert_eq!(detail(&ran, "phi-l-diversity", "l"), L, "{name}");
        assert!(said(&ran).is_empty(), "{name}: {:?}", said(&ran));
        let json = ran.json();
        assert_eq!(json["findings"][0]["line"], line, "{name}");
        // Nothing else is found in it, and nothing at all without the flags.
        assert_eq!(ran.findings().len(), 2, "{name}: {:?}", ran.findings());
        assert!(scan(root.path(), &[]).findings().is_empty(), "{name}");
        for shown in ["White", "Asian", "1961", "E11.9"] {
            assert!(!ran.out.contains(shown), "{name} shows {shown}");
        }
    }
}

/// An object may leave out what it does not know, wherever it stands.
#[test]
fn the_order_of_objects_does_not_matter() {
    let same = "{\"year\": 1957, \"zip3\": \"021\", \"race\": \"White\", \"outcome\": \"I10\"}\n".repeat(12);
    let alone = "{\"year\": 1930, \"zip3\": \"999\", \"outcome\": \"B20\"}\n";
    let mut told = Vec::new();
    for text in [format!("{alone}{same}"), format!("{same}{alone}")] {
        let root = folder();
        write(root.path(), "a.ndjson", text);
        let ran = scan(root.path(), &FLAGS);
        assert!(said(&ran).is_empty(), "{:?}", said(&ran));
        told.push(detail(&ran, "phi-k-anonymity", "k"));
    }
    assert!(told[0].starts_with("1 in 1 of 13 records") && told[0] == told[1], "{told:?}");
}

/// What a column holds that nobody may learn is hidden, also where nothing tells whose it is.
#[test]
fn a_sensitive_cell_is_hidden_beside_a_secret() {
    let root = folder();
    let secret = program::token("columns");
    write(root.path(), "a.csv", format!("{}\n,,,Psychosis\n{secret},,,\n", csv().trim_end()));
    let ran = bedrail(root.path(), &[&["scan", "-v"][..], &FLAGS[..]].concat());
    assert!(ran.out.contains(program::TOKEN_RULE) && !ran.out.contains("Psychosis"), "{}", ran.out);
}

#[test]
fn thresholds_decide() {
    let root = folder();
    write(
        root.path(),
        "a.csv",
        format!("{}{}", csv(), csv().lines().skip(1).map(|l| l.to_owned() + "\n").collect::<String>()),
    );
    // Every group twice as large: 6, 4, 2, 2. flags, rules
    let cases: &[(&[&str], &[&str])] = &[
        (&["--quasi-identifiers", "year,zip3,race"], &["phi-k-anonymity"]), // 11
        (&["--quasi-identifiers", "year,zip3,race", "--k", "2"], &[]),
        (&["--quasi-identifiers", "year,zip3,race", "--k", "3"], &["phi-k-anonymity"]),
        (&["--quasi-identifiers", "year,race", "--k", "2", "--sensitive", "outcome"], &["phi-l-diversity"]),
        (&["--quasi-identifiers", "year", "--k", "2", "--sensitive", "outcome"], &[]), // {E11, I10, J45}, {E11, I10}
        (&["--quasi-identifiers", "year", "--k", "2", "--sensitive", "outcome", "--l", "3"], &["phi-l-diversity"]),
        (&["--quasi-identifiers", "year", "--k", "2", "--sensitive", "race", "--l", "2"], &["phi-l-diversity"]),
    ];
    for (flags, wanted) in cases {
        let found: Vec<String> = scan(root.path(), flags).findings();
        let rules: Vec<&str> = found.iter().filter_map(|found| found.split(' ').next()).collect();
        assert_eq!(rules, *wanted, "{flags:?}");
    }
    // A rule of one's own with another number.
    write(
        root.path(),
        "rules/k.toml",
        "[[rule]]\nid = 'phi-own-k'\ntitle = 'Own'\nseverity = 'high'\nconfidence = 'high'\nmessage = 'small'\nwhy = 'x.'\nremedy = 'y.'\n\
         cites = ['hipaa:164.514(b)(1)']\nsince = '1.0.0'\n[rule.check]\non = 'phi.records'\nwhen = 'self.k != null'\n\
         deny = 'self.k < 3 && self.small > 1'\n[rule.examples]\nbad = [\"\"\"birth_date,zip,sex,dx\n1957-03-14,02139,F,I10\n1961-03-14,02139,M,I10\n\"\"\"]\ngood = ['x']\n",
    );
    let flags = ["--quasi-identifiers", "year,zip3,race", "--k", "3", "--rules", "rules"];
    let found = scan(root.path(), &flags).findings();
    assert!(found.iter().any(|found| found.starts_with("phi-own-k a.csv:2:")), "{found:?}");
}

#[test]
fn a_configuration_chooses_for_its_files() {
    let root = folder();
    write(root.path(), "data/a.csv", csv());
    write(root.path(), "other/a.csv", csv());
    let table = "[[phi.table]]\nfiles = ['data/**/*.csv']\nquasi-identifiers = ['year', 'zip3', 'race']\nsensitive = ['outcome']\nk = 3\n";
    write(root.path(), "bedrail.toml", table);
    let ran = scan(root.path(), &[]);
    assert_eq!(ran.findings(), ["phi-k-anonymity data/a.csv:2:1", "phi-l-diversity data/a.csv:2:1"]);
    assert_eq!(detail(&ran, "phi-k-anonymity", "k"), K);
    assert!(scan(root.path(), &["--isolated"]).findings().is_empty());
    // Flags come before it.
    let ran = scan(root.path(), &["--quasi-identifiers", "year", "--k", "3"]);
    assert!(ran.findings().is_empty(), "{:?}", ran.findings());
    // The first that fits counts.
    write(
        root.path(),
        "bedrail.toml",
        format!("[[phi.table]]\nfiles = ['a.csv']\nquasi-identifiers = ['year']\nk = 3\n{table}"),
    );
    assert!(scan(root.path(), &[]).findings().is_empty());
    // What is wrong is shown where it stands.
    write(root.path(), "bedrail.toml", table.replace("k = 3", "k = 1"));
    let ran = bedrail(root.path(), &["scan"]);
    assert!(ran.code == Some(2) && ran.err.contains("k is 2 or more") && ran.err.contains("bedrail.toml:5"), "{ran:?}");
}

#[test]
fn a_column_that_is_not_there_is_said() {
    let root = folder();
    write(root.path(), "a.csv", csv());
    write(root.path(), "b.csv", "height,weight\n180,80\n170,70\n");
    write(root.path(), "c.txt", "no table at all\n");
    let flags = |columns| scan(root.path(), &["--quasi-identifiers", columns, "--k", "2"]);
    assert_eq!(
        said(&flags("year,county,sex")),
        ["a.csv: k and l were not computed for the table: it has no column `county` or `sex`"]
    );
    assert_eq!(said(&flags("eyes,county")), ["-: k and l were not computed: no table has the columns eyes and county"]);
    write(
        root.path(),
        "bedrail.toml",
        "[[phi.table]]\nfiles = ['*.csv']\nquasi-identifiers = ['year', 'race']\nk = 2\n",
    );
    let ran = scan(root.path(), &[]);
    assert_eq!(said(&ran), ["b.csv: k and l were not computed: it has no table with the columns year and race"]);
    // Without a choice of columns, the three that are known.
    let three = "dob,zip,sex\n".to_owned() + &"1957-03-14,02139,F\n".repeat(6);
    write(root.path(), "a.csv", &three);
    std::fs::remove_file(root.path().join("bedrail.toml")).expect("it is there");
    assert!(
        scan(root.path(), &[]).findings().iter().all(|found| !found.contains("quasi") && !found.contains("anonymity"))
    );
    let ran = scan(root.path(), &["--k", "7"]);
    let k =
        "6 in 6 of 6 records; smallest group over (date of birth, ZIP code, sex); 6 in 1 group of fewer than 7, of 1";
    assert_eq!(detail(&ran, "phi-k-anonymity", "k"), k);
}

#[test]
fn flags_are_checked() {
    let root = folder();
    let cases: &[&[&str]] = &[
        &["--k", "1"],
        &["--l", "1"],
        &["--l", "65"],
        &["--quasi-identifiers", "a,,b"],
        &["--quasi-identifiers", "a,a"],
        &["--quasi-identifiers", "a", "--sensitive", "a"],
        &["--quasi-identifiers", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q"],
    ];
    for flags in cases {
        assert_eq!(bedrail(root.path(), &[&["scan"], *flags].concat()).code, Some(2), "{flags:?}");
    }
}

#[test]
fn a_table_of_many_parts_is_counted_as_one() {
    // Above 16 MiB: read in parts. Each of 120,000 pairs of year and ZIP code four times, far apart; one alone at the end.
    let mut text = "id,year,zip,outcome\n".to_owned();
    for at in 0..480_000_u32 {
        let pair = at % 120_000;
        text += &format!("record-{at:012},{},{:05},{}\n", 1900 + pair / 1_000, pair % 1_000, at % 7);
    }
    text += "last,2020,99999,1\n";
    let root = folder();
    write(root.path(), "large.csv", &text);
    let ran = scan(root.path(), &["--quasi-identifiers", "year,zip", "--k", "4", "--sensitive", "outcome", "--l", "3"]);
    let k = "1 in 1 of 480001 records; smallest group over (year, zip); 1 in 1 group of fewer than 4, of 120001";
    assert_eq!(detail(&ran, "phi-k-anonymity", "k"), k);
}

#[test]
fn facts_say_the_numbers() {
    let root = folder();
    write(root.path(), "a.csv", csv());
    let ran = bedrail(root.path(), &[&["facts", "--kind", "phi.records", "a.csv"], &FLAGS[..]].concat());
    let records = &ran.json()["documents"][0]["root"];
    let wanted = serde_json::json!({
        "chosen": true, "over": ["year", "zip3", "race"], "k": 1, "wanted_k": 3, "people": 7, "at_k": 2, "exposed": 4,
        "alike": 4, "small": 3, "one_of": 1, "sensitive": ["outcome"], "l": 1, "wanted_l": 2, "uniform": 1, "unvaried": 3,
    });
    for (key, value) in wanted.as_object().expect("a map") {
        assert_eq!(&records[key], value, "{key}: {}", ran.out);
    }
    // Judged again, they are found again.
    write(root.path(), "facts.json", &ran.out);
    let found = scan(root.path(), &["--facts", "facts.json"]).findings();
    assert_eq!(found, ["phi-k-anonymity a.csv:2:1", "phi-l-diversity a.csv:2:1"]);
}

#[test]
fn rows_of_sql_keep_their_columns_in_every_part() {
    const ROWS: usize = 260_000;
    let row = |at: usize| {
        let (group, born) = (at % 50, 1950 + at % 50);
        format!("({}, 'Bremol', '{born}-03-14', '021{group:02}', 'F', 'it''s (E11.{}), (')", 7_000_000 + at, at % 9)
    };
    let create = "CREATE TABLE `patients` (\n  `mrn` int NOT NULL,\n  `last_name` varchar(20),\n  `dob` date,\n  `zip` char(5),\n  `sex` char(1),\n  `dx` text\n);\n";
    let all = |between: &str, many: &str, each: usize| {
        let rows = (0..ROWS).map(|at| match at {
            0 => row(0),
            _ if at % each == 0 => many.to_owned() + &row(at),
            _ => between.to_owned() + &row(at),
        });
        rows.collect::<String>()
    };
    let named = "INSERT INTO patients (mrn, last_name, dob, zip, sex, dx) VALUES ";
    let bare = "INSERT INTO `patients` VALUES ";
    // One statement on one line, on many lines, with the columns in `CREATE TABLE`; many statements without columns.
    let cases = [
        format!("{named}{};\n", all(",", "", usize::MAX)),
        format!("{named}\n{};\n", all(",\n", "", usize::MAX)),
        format!("{create}{bare}{};\n", all(",", "", usize::MAX)),
        format!("{create}{bare}{};\n", all(",", &format!(";\n{bare}"), 1_000)),
    ];
    for text in cases {
        assert!(text.len() > 16 << 20);
        let root = folder();
        write(root.path(), "dump.sql", &text);
        let ran = scan(root.path(), &[]);
        let told = |label| detail(&ran, "phi-patient-records", label);
        let head = &text[..text.len().min(90)];
        assert_eq!(told("records"), format!("{ROWS} records in SQL, table patients"), "{head}: {:?}", ran.findings());
        let wanted =
            format!("{ROWS} names (A), {ROWS} addresses (B), {ROWS} dates (C), {ROWS} medical record numbers (H)");
        assert_eq!(told("identifiers"), wanted, "{head}");
        let k = format!("5200 in {ROWS} of {ROWS} records; smallest group over (date of birth, ZIP code, sex)");
        assert_eq!(told("k"), k, "{head}");
    }
}

#[test]
fn comments_silence_what_all_parts_hold_together() {
    let comment = "# bedrail: allow phi-patient-records -- made up for this test\n";
    let row = |at: usize| format!("{},Bremol,1957-03-14,E11.9,{}\n", 7_000_000 + at, "x".repeat(40));
    let rows = |from: usize, to: usize| (from..to).map(row).collect::<String>();
    let head = "mrn,last_name,dob,dx,note\n";
    let body = rows(0, 250_000);
    assert!(body.len() > 16 << 20);
    // text; open, silenced; lines of comments without an effect
    let cases: Vec<(String, (usize, usize), Vec<u64>)> = vec![
        (format!("{head}{body}"), (1, 0), vec![]),
        (format!("{head}{comment}{body}"), (0, 1), vec![]),
        // The finding stands where the first record does, and nowhere else.
        (format!("{head}{body}{comment}{}", rows(0, 9)), (1, 0), vec![250_002]),
        (format!("{head}{comment}{body}{comment}{}", rows(0, 9)), (0, 1), vec![250_003]),
    ];
    for (text, counts, unused) in cases {
        let root = folder();
        write(root.path(), "large.csv", &text);
        let json = scan(root.path(), &["--show-silenced"]).json();
        let of = |status: &str| {
            let all = json["findings"].as_array().expect("a list").iter();
            all.filter(|one| one["rule"] == "phi-patient-records" && one["status"] == status).count()
        };
        let all = json["notices"].as_array().expect("a list").iter();
        let lines = all.filter(|one| one["kind"] == "unused-silence").map(|one| one["line"].as_u64().unwrap_or(0));
        let lines: Vec<u64> = lines.collect();
        assert_eq!(((of("open"), of("silenced")), lines), (counts, unused), "{}", &text[..100]);
    }
}
