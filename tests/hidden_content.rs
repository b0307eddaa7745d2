//! Content inside content, through a whole scan: what is found, how its place is told, and what bad archives do.

#![cfg(feature = "archives")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use bedrail::engine::Engine;
use bedrail::finding::{FingerprintKey, NoticeKind, Report};
use bedrail::policy::Date;
use bedrail::rule::{Confidence, Rule, Severity};
use bedrail::scan::{self, Progress, Request};
use flate2::Compression;
use flate2::write::GzEncoder;

const TOKEN: &str = "token = exmp_abcdefghijkl\n";

fn engine() -> Engine {
    let rule: Rule = toml::from_str(
        "id='secret-token'\ntitle='t'\nseverity='high'\nconfidence='high'\nmessage='m'\nwhy='w'\nremedy='r'\n\
         cites=['hipaa:164.312(d)']\nsince='0.1.0'\n[pattern]\nkeywords=['exmp_']\nregex='exmp_[a-z]{12}'\n\
         [examples]\nbad=['x']\ngood=['y']\n",
    )
    .unwrap();
    Engine::new(vec![rule], FingerprintKey::default())
}

fn scan(root: &Path, archives: bool) -> Report {
    let request = Request {
        include_synthetic: false,
        paths: vec![root.to_path_buf()],
        clusters: Vec::new(),
        endpoints: Default::default(),
        history: None,
        since: None,
        stdin: false,
        staged: false,
        facts: Vec::new(),
        root: root.to_path_buf(),
        exclude: globset::GlobSet::empty(),
        respect_ignores: true,
        archives,
        render_helm: false,
        render_kustomize: false,
        respect_silences: true,
        min_severity: Severity::Low,
        min_confidence: Confidence::Low,
        threads: 2,
        today: Date::of_seconds(0),
    };
    scan::run(&engine(), &request, &Progress::default()).unwrap()
}

/// Findings as `origin:line path`, and notices as `kind origin`.
fn told(report: &Report) -> (Vec<String>, Vec<String>) {
    let findings = report.verdicts.iter().map(|verdict| {
        let finding = &verdict.finding;
        format!("{}:{} {}", finding.origin, finding.place.line, finding.place.path).trim().to_owned()
    });
    let notices = report.notices.iter().map(|notice| {
        let origin = notice.origin.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {origin}", notice.kind.id())
    });
    (findings.collect(), notices.collect())
}

fn of(files: &[(&str, Vec<u8>)], archives: bool) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let told = told(&scan(folder.path(), archives));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), files.len(), "nothing is written");
    told
}

fn gz(content: &[u8]) -> Vec<u8> {
    gz_of(&mut &*content)
}

fn gz_of(content: &mut dyn Read) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::copy(content, &mut encoder).unwrap();
    encoder.finish().unwrap()
}

fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, content) in entries {
        let mut block = vec![0; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        block[156] = b'0';
        block[148..156].fill(b' ');
        let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        tar.extend(block);
        tar.extend_from_slice(content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

/// A zip of stored entries.
fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let offset = zip.len() as u32;
        let size = (content.len() as u32).to_le_bytes();
        let length = (name.len() as u16).to_le_bytes();
        zip.extend([b"PK\x03\x04\x14\0\0\0\0\0".as_slice(), &[0; 8], &size, &size, &length, &[0, 0]].concat());
        zip.extend(name.as_bytes());
        zip.extend_from_slice(content);
        directory.extend([b"PK\x01\x02\x14\0\x14\0\0\0\0\0".as_slice(), &[0; 8], &size, &size, &length].concat());
        directory.extend([[0; 12].as_slice(), &offset.to_le_bytes()].concat());
        directory.extend(name.as_bytes());
    }
    let (start, size) = (zip.len() as u32, directory.len() as u32);
    let count = (entries.len().min(0xfffe) as u16).to_le_bytes();
    zip.extend(directory);
    zip.extend(
        [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &size.to_le_bytes(), &start.to_le_bytes(), &[0, 0]].concat(),
    );
    zip
}

#[test]
fn findings_in_archives_name_the_way_to_them() {
    let nested = zip(&[("a/b.tar.gz", &gz(&tar(&[("c.txt", TOKEN.as_bytes()), ("d.gz", &gz(TOKEN.as_bytes()))])))]);
    // file, content, findings
    let cases: &[(&str, Vec<u8>, &[&str])] = &[
        ("a.zip", zip(&[("x.txt", b"\nno"), ("dir/y.env", format!("\n{TOKEN}").as_bytes())]), &["a.zip!dir/y.env:2"]),
        ("named.txt", zip(&[("x", TOKEN.as_bytes())]), &["named.txt!x:1"]), // told by content
        ("a.tar", tar(&[("../../up", TOKEN.as_bytes())]), &["a.tar!up:1"]),
        ("dump.sql.gz", gz(TOKEN.as_bytes()), &["dump.sql.gz!dump.sql:1"]),
        ("n.zip", nested, &["n.zip!a/b.tar.gz!c.txt:1", "n.zip!a/b.tar.gz!d.gz!d:1"]),
        ("twice.zip", zip(&[("x", TOKEN.as_bytes()), ("x", TOKEN.as_bytes())]), &["twice.zip!#2/x:1", "twice.zip!x:1"]),
        // A secret in base64 in a file in an archive, and in strings of a binary in one.
        ("e.zip", zip(&[("x", b"k: dG9rZW4gPSBleG1wX2FiY2RlZmdoaWprbA==")]), &["e.zip!x!base64:1"]),
        ("p.zip", zip(&[("x.pyc", b"\0\x01\x02\x03exmp_abcdefghijkl\0\0\x01")]), &["p.zip!x.pyc:1 offset 0x4"]),
    ];
    for (name, content, expected) in cases {
        let (findings, notices) = of(&[(name, content.clone())], true);
        assert_eq!((findings.as_slice(), notices.len()), (expected.map_to_owned().as_slice(), 0), "{notices:?}");
        let (findings, notices) = of(&[(name, content.clone())], false);
        assert_eq!((findings.len(), notices), (0, vec![format!("excluded-paths {name}")]));
    }
}

trait Owned {
    fn map_to_owned(&self) -> Vec<String>;
}

impl Owned for &[&str] {
    fn map_to_owned(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

#[test]
fn what_was_not_opened_is_told() {
    let mut deep = TOKEN.as_bytes().to_vec();
    for _ in 0..5 {
        deep = zip(&[("n.zip", &deep)]);
    }
    let gz_in_gz = gz(&gz(&gz(&gz(&gz(TOKEN.as_bytes())))));
    let zeros = || Read::take(std::io::repeat(0), 80 << 20);
    let bomb = gz_of(&mut zeros());
    let many: Vec<(&str, &[u8])> = vec![("e", b""); 60_000];
    // content, notices
    let cases: &[(&str, Vec<u8>, &[&str])] = &[
        ("deep", deep, &["limit-reached deep"]),
        ("gz.gz", gz_in_gz, &["limit-reached gz.gz"]),
        ("bomb", bomb.clone(), &["limit-reached bomb"]),
        ("bomb.zip", zip(&[("a", &bomb), ("b", &bomb)]), &["limit-reached bomb.zip!a", "limit-reached bomb.zip!b"]),
        ("many.zip", zip(&many), &["limit-reached many.zip"]),
        ("many.tar", tar(&many[..20_500]), &["limit-reached many.tar"]),
        ("cut.gz", gz(TOKEN.repeat(9).as_bytes())[..30].to_vec(), &["archive-not-read cut.gz"]),
        ("cut.zip", zip(&[("a", b"b")])[..40].to_vec(), &["archive-not-read cut.zip"]),
    ];
    for (name, content, expected) in cases {
        let (_, notices) = of(&[(name, content.clone())], true);
        // Zeros are binary content: no concern here.
        let notices: Vec<String> = notices.into_iter().filter(|notice| !notice.starts_with("binary")).collect();
        assert_eq!(notices, expected.map_to_owned(), "{name}");
    }
}

#[test]
fn a_large_archive_is_read_from_its_file() {
    let filler: Vec<u8> = (0..20 << 20).map(|n: u32| n.wrapping_mul(2_654_435_761).to_be_bytes()[0] | 0x80).collect();
    for (name, content) in [
        ("l.tar", tar(&[("filler", &filler), ("x", TOKEN.as_bytes())])),
        ("l.zip", zip(&[("filler", &filler), ("x", TOKEN.as_bytes())])),
    ] {
        let (findings, _) = of(&[(name, content)], true);
        assert_eq!(findings, [format!("{name}!x:1")]);
    }
}

#[test]
fn a_binary_that_was_searched_is_not_said_to_be_unsearched() {
    let large = [vec![0; 5 << 20], TOKEN.as_bytes().to_vec()].concat();
    let (findings, notices) = of(&[("small", b"\0\0\x01\x02exmp_abcdefghijkl\0".to_vec()), ("large", large)], true);
    assert_eq!(findings, ["small:1 offset 0x4"]);
    assert_eq!(notices, [format!("{} large", NoticeKind::Binary.id())]);
}

#[test]
fn utf_16_texts_are_searched_whatever_their_size() {
    let wide = |text: &str| -> Vec<u8> {
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let mut large = "filler line\n".repeat(1 << 20);
    large.push_str(TOKEN);
    let (findings, notices) = of(&[("large.txt", wide(&large)), ("small.ps1", wide(TOKEN))], true);
    assert_eq!(findings, [format!("large.txt:{}", (1 << 20) + 1), "small.ps1:1".to_owned()]);
    assert!(notices.is_empty(), "{notices:?}");
}

#[test]
fn reports_are_equal_whatever_the_order() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..20 {
        let mut file = fs::File::create(folder.path().join(format!("{at}.zip"))).unwrap();
        file.write_all(&zip(&[("x", TOKEN.as_bytes()), ("y.gz", &gz(TOKEN.as_bytes()))])).unwrap();
    }
    assert_eq!(told(&scan(folder.path(), true)), told(&scan(folder.path(), true)));
}
