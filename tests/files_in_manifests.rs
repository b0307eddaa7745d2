//! Files that manifests hold under `data`: patients in them are told at their own lines, each file for itself.

mod program;

use program::{folder, scan, write};

const TABLE: &str = "mrn,birth_date,admission_date,diagnosis\n4821377,1957-08-12,2024-03-01,I10\n4821378,1983-02-11,2024-03-02,E11.9\n4821379,1990-12-30,2024-03-04,I10\n";

/// Findings of patients as `rule origin:line:column`.
fn patients(name: &str, text: &str) -> Vec<String> {
    let root = folder();
    write(root.path(), name, text);
    let ran = scan(root.path(), &["--include-synthetic"]);
    ran.findings().into_iter().filter(|told| told.starts_with("phi-")).collect()
}

#[test]
fn a_table_in_a_config_map_is_told_where_it_stands() {
    let alone = patients("a.csv", TABLE);
    let [told] = alone.as_slice() else { panic!("{alone:?}") };
    let (rule, at) = told.split_once(" a.csv:").expect("a place");
    let (line, column) = at.split_once(':').expect("a line and a column");
    let (line, column): (usize, usize) = (line.parse().expect("a line"), column.parse().expect("a column"));

    // In a block scalar, under a name that would be a person's were it in the table.
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: patients}\ndata:\n  seed.csv: |\n";
    let block: String = TABLE.lines().map(|line| format!("    {line}\n")).collect();
    let expected = format!("{rule} a.yaml:{}:{}", line + 5, column + 4);
    assert_eq!(patients("a.yaml", &format!("{head}{block}")), [expected.as_str()]);
    assert_eq!(patients("a.yaml", &format!("{head}{block}").replace('\n', "\r\n")), [expected.as_str()]);

    // In quotes, with escapes: all on one line, and so in JSON.
    let escaped = TABLE.replace('\n', "\\n");
    let before: usize = TABLE.lines().take(line - 1).map(|line| line.len() + 2).sum();
    let quoted = format!("{}\"{escaped}\"\n", head.replace("|\n", ""));
    let expected = format!("{rule} a.yaml:5:{}", "  seed.csv: \"".len() + before + column);
    assert_eq!(patients("a.yaml", &quoted), [expected.as_str()]);
    let json =
        format!("{{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"data\": {{\n\"seed.csv\": \"{escaped}\"}}}}\n");
    let expected = format!("{rule} a.json:2:{}", "\"seed.csv\": \"".len() + before + column);
    assert_eq!(patients("a.json", &json), [expected.as_str()]);

    // Two files of one map are two groups of records.
    let two = patients("a.yaml", &format!("{head}{block}  other.csv: |\n{block}"));
    assert_eq!(two.len(), 2, "{two:?}");
}
