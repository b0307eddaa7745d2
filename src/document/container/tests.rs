//! Containers as they are, and as nobody should write them.

use std::io::{Cursor, Read, Write};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use super::*;

/// A tar header block with its checksum.
fn header(name: &[u8], kind: u8, size: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    block[124..124 + size.len()].copy_from_slice(size);
    block[156] = kind;
    block[257..263].copy_from_slice(b"ustar\0");
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

fn tar_entry(name: &[u8], kind: u8, content: &[u8]) -> Vec<u8> {
    let mut entry = header(name, kind, format!("{:011o}", content.len()).as_bytes());
    entry.extend_from_slice(content);
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

fn gz(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).expect("memory");
    encoder.finish().expect("memory")
}

/// One entry of a zip under making.
struct Made<'m> {
    name: &'m [u8],
    content: &'m [u8],
    deflated: bool,
    flags: u16,
    mode: u32,
}

const PLAIN: Made<'static> = Made { name: b"", content: b"", deflated: false, flags: 0, mode: 0o100_644 };

fn made_zip(entries: &[Made<'_>]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let packed = if entry.deflated {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(entry.content).expect("memory");
            encoder.finish().expect("memory")
        } else {
            entry.content.to_vec()
        };
        let offset = zip.len() as u32;
        let method: u16 = if entry.deflated { 8 } else { 0 };
        let mut sizes = Vec::new();
        sizes.extend((packed.len() as u32).to_le_bytes());
        sizes.extend((entry.content.len() as u32).to_le_bytes());
        let name_length = (entry.name.len() as u16).to_le_bytes();
        let flags = entry.flags.to_le_bytes();
        zip.extend(
            [b"PK\x03\x04\x14\0".as_slice(), &flags, &method.to_le_bytes(), &[0; 8], &sizes, &name_length, &[0, 0]]
                .concat(),
        );
        zip.extend(entry.name);
        zip.extend(&packed);
        directory
            .extend([b"PK\x01\x02\x14\x03\x14\0".as_slice(), &flags, &method.to_le_bytes(), &[0; 8], &sizes].concat());
        directory.extend(
            [name_length.as_slice(), &[0; 8], &(entry.mode << 16).to_le_bytes(), &offset.to_le_bytes()].concat(),
        );
        directory.extend(entry.name);
    }
    let (start, count) = (zip.len() as u32, (entries.len() as u16).to_le_bytes());
    let size = directory.len() as u32;
    zip.extend(directory);
    zip.extend(
        [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &size.to_le_bytes(), &start.to_le_bytes(), &[0, 0]].concat(),
    );
    zip
}

type Told = (Vec<(String, EntryKind, Vec<u8>)>, Result<(), Trouble>);

/// Every entry with its first megabyte, and how it ended.
fn read(content: &[u8], limits: Limits) -> Told {
    let mut entries = Vec::new();
    let mut visit = |entry: Entry, content: &mut dyn Read| {
        let mut bytes = Vec::new();
        let _ = content.take(1 << 20).read_to_end(&mut bytes);
        // What was read before an error is kept by whoever reads in small steps; here only whole entries count.
        entries.push((entry.name, entry.kind, bytes));
    };
    let bounds = Bounds::new(limits);
    let ended = match container_of(&content[..content.len().min(HEAD)]) {
        Some(Container::Zip) => zip(&mut Cursor::new(content), &bounds, &mut visit),
        Some(Container::Tar) => tar(&mut &*content, false, &bounds, &mut visit),
        Some(Container::Gzip) => gzip(&mut &*content, "dir/a.sql.gz", &bounds, &mut visit),
        None => Err(Trouble::Corrupt),
    };
    (entries, ended)
}

fn names(told: &Told) -> Vec<&str> {
    told.0.iter().map(|(name, ..)| name.as_str()).collect()
}

#[test]
fn entries_come_with_harmless_names() {
    let long = "deep/".repeat(60) + "name.txt";
    let pax = format!("30 mtime=1700000000.123456789\n{} path={long}\n", long.len() + 10);
    let tarred = [
        tar_entry(b"a/b.txt", b'0', b"hello"),
        tar_entry(b"../../etc/passwd", b'0', b"up"),
        tar_entry(b"/abs\\C:\\x", b'0', b"root"),
        tar_entry(b"a/b.txt", b'0', b"again"),
        tar_entry(b"link", b'2', b""),
        tar_entry(b"folder/", b'5', b""),
        tar_entry(b"././@LongLink", b'L', format!("{long}\0").as_bytes()),
        tar_entry(b"short", b'0', b"gnu"),
        tar_entry(b"pax", b'x', pax.as_bytes()),
        tar_entry(b"short", b'0', b"pax"),
        tar_entry(b"\x1b[31m", b'0', b""),
        vec![0; 1024],
    ]
    .concat();
    let told = read(&tarred, Limits::default());
    let long_twice = format!("#2/{long}");
    let expected = ["a/b.txt", "etc/passwd", "abs/C:/x", "#2/a/b.txt", "link", &long, &long_twice, "\u{1b}[31m"]
        .map(str::to_owned);
    assert_eq!(names(&told), expected.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((told.0[0].2.as_slice(), told.0[4].1, &told.1), (&b"hello"[..], EntryKind::Link, &Ok(())));

    let zipped = made_zip(&[
        Made { name: b"a/b.txt", content: b"hello", ..PLAIN },
        Made { name: b"c.txt", content: &b"hello ".repeat(100), deflated: true, ..PLAIN },
        Made { name: b"..\\..\\x", content: b"up", ..PLAIN },
        Made { name: b"C:\\", content: b"drive", ..PLAIN },
        Made { name: b"folder/", ..PLAIN },
        Made { name: b"secret", content: b"xxxx", flags: 1, ..PLAIN },
        Made { name: b"link", content: b"/etc/passwd", mode: 0o120_777, ..PLAIN },
    ]);
    // A program before the zip does not move its offsets.
    for prefix in [b"".as_slice(), b"PK\x03\x04 a program that unpacks itself"] {
        let told = read(&[prefix, &zipped].concat(), Limits::default());
        assert_eq!(names(&told), ["a/b.txt", "c.txt", "x", "unnamed", "secret", "link"]);
        assert_eq!((told.0[1].2.len(), &told.1), (600, &Ok(())));
        assert_eq!((told.0[4].1, told.0[5].1), (EntryKind::Encrypted, EntryKind::Link));
    }

    let told = read(&[gz(b"select "), gz(b"1")].concat(), Limits::default());
    assert_eq!(told, (vec![("a.sql".into(), EntryKind::File, b"select 1".to_vec())], Ok(())));
}

#[test]
fn limits_end_the_reading_and_are_told() {
    let zeros = vec![0; 1 << 20];
    let small = Limits { entries: 3, bytes: 4000, ratio_from: 100_000, ..Limits::default() };
    let many: Vec<u8> = (0..9).flat_map(|_| tar_entry(b"a", b'0', b"")).collect();
    let many_zipped: Vec<Made<'_>> = (0..9).map(|_| Made { name: b"a", ..PLAIN }).collect();
    let wide = Limits { bytes: 1 << 30, ..small };
    // content, limits, how it ends
    let cases: &[(Vec<u8>, Limits, Trouble)] = &[
        (many.clone(), small, Trouble::Entries),
        (made_zip(&many_zipped), small, Trouble::Entries),
        (tar_entry(b"a", b'0', &[b'x'; 8000]), small, Trouble::Bytes),
        (made_zip(&[Made { name: b"a", content: &[b'x'; 8000], ..PLAIN }]), small, Trouble::Bytes),
        (gz(&zeros), small, Trouble::Bytes),
        (gz(&zeros), wide, Trouble::Ratio),
        (made_zip(&[Made { name: b"a", content: &zeros, deflated: true, ..PLAIN }]), wide, Trouble::Ratio),
    ];
    for (at, (content, limits, trouble)) in cases.iter().enumerate() {
        assert_eq!(read(content, *limits).1, Err(*trouble), "{at}");
    }
    assert_eq!(read(&gz(&zeros), Limits::default()).1, Ok(()), "a file of zeros alone is no bomb");
}

#[test]
fn damage_is_told_and_what_was_whole_is_read() {
    let whole = tar_entry(b"a", b'0', b"hello");
    let zipped = made_zip(&[
        Made { name: b"a", content: b"hello", ..PLAIN },
        Made { name: b"b", content: &b"hello".repeat(9), deflated: true, ..PLAIN },
        Made { name: b"c", content: b"hello", ..PLAIN },
    ]);
    let mut broken_entry = zipped.clone();
    let second = memchr::memmem::find(&zipped[30..], b"PK\x03\x04").expect("a second entry") + 30;
    broken_entry[second] = b'X';
    let packed = gz(&(0..9000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect::<Vec<u8>>());
    let sized = |size: &[u8]| [whole.clone(), header(b"b", b'0', size)].concat();
    // content, entries that are seen
    let cases: &[(Vec<u8>, &[&str])] = &[
        ([whole.clone(), vec![1; 512]].concat(), &["a"]),
        (sized(b"77777777777"), &["a", "b"]), // eight gigabytes that are not there
        (sized(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), &["a"]), // a negative size
        (sized(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"), &["a", "b"]), // 2^64 - 1
        (sized(b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), &["a"]),
        (sized(b"not a number"), &["a"]),
        ([whole.clone(), header(b"n", b'L', b"77777777777")].concat(), &["a"]),
        (whole[..600].to_vec(), &["a"]),
        (packed[..packed.len() / 2].to_vec(), &["a.sql"]),
        (b"\x1f\x8b\x08".to_vec(), &["a.sql"]),
        (broken_entry, &["a", "c"]),
        (zipped[..zipped.len() - 8].to_vec(), &[]),
        (b"PK\x03\x04".to_vec(), &[]),
    ];
    for (at, (content, seen)) in cases.iter().enumerate() {
        let told = read(content, Limits::default());
        assert_eq!((names(&told).as_slice(), &told.1), (*seen, &Err(Trouble::Corrupt)), "{at}");
    }
}

#[test]
fn no_zip_makes_it_panic_or_loop() {
    let zipped = made_zip(&[
        Made { name: b"a", content: b"hello", ..PLAIN },
        Made { name: b"b", content: &b"hello".repeat(9), deflated: true, ..PLAIN },
    ]);
    // Every byte set to the ends of its range, which makes lengths, offsets and counts lie.
    for at in 4..zipped.len() {
        for value in [0, 0x7f, 0xff] {
            let mut lying = zipped.clone();
            lying[at] = value;
            let _ = read(&lying, Limits::default());
        }
    }
    // 64-bit end records that lie.
    for (locator, size, offset) in [(u64::MAX, 0, 0), (0, u64::MAX, u64::MAX), (200, 1, u64::MAX), (0, 0, 0)] {
        let mut wide = zipped[..zipped.len() - 22].to_vec();
        let record_at = wide.len() as u64;
        wide.extend([b"PK\x06\x06".as_slice(), &[0; 36], &u64::to_le_bytes(size), &u64::to_le_bytes(offset)].concat());
        let at = if locator == 0 { record_at } else { locator };
        wide.extend([b"PK\x06\x07\0\0\0\0".as_slice(), &at.to_le_bytes(), &[0; 4]].concat());
        wide.extend([b"PK\x05\x06".as_slice(), &[0xff; 16], &[0, 0]].concat());
        let _ = read(&wide, Limits::default());
    }
}

#[test]
fn containers_are_told_by_content() {
    let old = {
        let mut block = tar_entry(b"a", b'0', b"");
        block[257..263].fill(0);
        block[148..156].fill(b' ');
        let sum: u64 = block[..512].iter().map(|byte| u64::from(*byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        block
    };
    let cases: &[(&[u8], Option<Container>)] = &[
        (&old, Some(Container::Tar)), // without a magic
        (&old[..511], None),
        (&[0; 512], None),
        (&[b'a'; 512], None),
        (b"PK\x05\x06\0\0", Some(Container::Zip)), // an empty one
        (b"PKCS", None),
        (b"\x1f\x8b\x08\0", Some(Container::Gzip)),
        (b"", None),
    ];
    for (content, kind) in cases {
        assert_eq!(container_of(content), *kind);
    }
}
