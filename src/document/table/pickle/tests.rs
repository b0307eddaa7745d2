//! Pickles as Python writes them, and as nobody should.

use super::*;
use crate::document::table::Table;

fn tables(bytes: &[u8]) -> (Vec<Table>, Vec<Trouble>) {
    let (mut tables, mut troubles) = (Vec::new(), Vec::new());
    of_bytes(bytes, &mut |table| tables.push(table), &mut troubles);
    (tables, troubles)
}

fn texts(bytes: &[u8]) -> Vec<String> {
    tables(bytes).0.into_iter().map(|table| String::from_utf8_lossy(&table.text).into_owned()).collect()
}

/// `[{'name': 'Ann', 'n': 1}, {'name': 'Bob', 'n': 2}]` in protocols 0, 2 and 4.
const RECORDS: [&[u8]; 3] = [
    b"(lp0\n(dp1\nVname\np2\nVAnn\np3\nsVn\np4\nI1\nsa(dp5\ng2\nVB\\u006fb\np6\nsg4\nI2\nsa.",
    b"\x80\x02]q\0(}q\x01(X\x04\0\0\0nameq\x02X\x03\0\0\0Annq\x03X\x01\0\0\0nq\x04K\x01u}q\x05(h\x02X\x03\0\0\0Bobq\x06h\x04K\x02ue.",
    b"\x80\x04\x95\x2a\0\0\0\0\0\0\0]\x94(}\x94(\x8c\x04name\x94\x8c\x03Ann\x94\x8c\x01n\x94K\x01u}\x94(h\x02\x8c\x03Bob\x94h\x04K\x02ue.",
];

#[test]
fn records_are_rows_in_each_protocol() {
    for pickle in RECORDS {
        assert_eq!(texts(pickle), ["name\tn\nAnn\t1\nBob\t2\n"]);
    }
}

#[test]
fn values_stand_beside_their_names() {
    // pickle, texts
    let cases: &[(&[u8], &[&str])] = &[
        (b"\x80\x02}(X\x03\0\0\0ssnX\x05\0\0\0helloX\x01\0\0\0nK\x07u.", &["values\nssn: hello\nn: 7\n"]),
        (b"\x80\x02}X\x01\0\0\0a](X\x05\0\0\0helloX\x05\0\0\0worldes.", &["values\na: hello\na: world\n"]),
        // Columns of the same length.
        (b"\x80\x02}(X\x01\0\0\0a](K\x01K\x02eX\x01\0\0\0b](K\x03K\x04eu.", &["a\tb\n1\t3\n2\t4\n"]),
        // A day; an object by its attributes; a call that is never made.
        (b"\x80\x04}\x8c\x03dobcdatetime\ndate\nC\x04\x07\xd0\x02\x03\x85Rs.", &["values\ndob: 2000-02-03\n"]),
        (
            b"ccopyreg\n_reconstructor\n(cp\nP\nc__builtin__\nobject\nNtR}(Vname\nVBob\nVn\nI1\nub.",
            &["values\nname: Bob\nn: 1\n"],
        ),
        (b"cos\nsystem\n(Vecho hello\ntR.", &["values\necho hello\n"]),
        // Two, one behind the other.
        (b"\x80\x02X\x05\0\0\0hello.\x80\x02X\x05\0\0\0world.", &["values\nhello\nworld\n"]),
    ];
    for (pickle, wanted) in cases {
        assert_eq!(texts(pickle), *wanted, "{}", String::from_utf8_lossy(pickle));
    }
}

#[test]
fn arrays_of_texts_are_read_and_numbers_are_not() {
    let array = |kind: &str, shape: &str, data: &str| {
        format!(
            "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR(I1\n{shape}cnumpy\ndtype\n(V{kind}\nI00\nI01\ntR\
             (I3\nV<\nNNNI4\nI4\nI0\ntbI00\n{data}tb."
        )
    };
    let encoded = |text: &str| format!("c_codecs\nencode\n(V{text}\nVlatin1\ntR");
    assert_eq!(texts(array("S3", "(I2\nt", &encoded("Annbo\\u0000")).as_bytes()), ["values\nAnn\nbo\n"]);
    assert_eq!(texts(array("S1", "(I2\nI2\nt", &encoded("abcd")).as_bytes()), ["a\tb\nc\td\n"]);
    assert_eq!(texts(array("O8", "(I2\nt", "(VAnn\nVBob\nl").as_bytes()), ["values\nAnn\nBob\n"]);
    assert!(texts(array("f8", "(I1\nt", &encoded("12345678")).as_bytes()).is_empty());
    assert!(texts(array("S1", "(I99999999999\nI99999999999\nt", &encoded("a")).as_bytes()).len() < 3);
}

#[test]
fn no_pickle_is_too_odd() {
    for whole in RECORDS {
        for end in 0..whole.len() {
            let (_, troubles) = tables(&whole[..end]);
            assert_eq!(troubles, [Trouble::Damaged], "cut at {end}");
        }
        for at in 0..whole.len() {
            for byte in 0..=255 {
                let mut bytes = whole.to_vec();
                bytes[at] = byte;
                tables(&bytes);
            }
        }
    }
    // A list in itself; a dictionary in itself; marks and pops without end; a length of 4 GiB.
    let itself = b"\x80\x02]q\0(h\0h\0e.".as_slice();
    let named = b"\x80\x02}q\0X\x01\0\0\0ah\0s.".as_slice();
    assert_eq!((texts(itself), texts(named)), (vec![], vec![]));
    for odd in
        [b"(".repeat(100_000), b"e0a1sb".repeat(100_000), b"N2".repeat(100_000), b"X\xff\xff\xff\xffabc".to_vec()]
    {
        tables(&[b"\x80\x02".as_slice(), &odd].concat());
    }
}

#[test]
fn shared_values_cost_no_more_than_is_followed() {
    // A list of lists of lists … each ten times the one before it.
    let mut laughs = b"\x80\x02X\x05\0\0\0hello".to_vec();
    for at in 0..9 {
        laughs.extend([b'q', at, b'0', b']', b'(']);
        laughs.extend([b'h', at].repeat(10));
        laughs.push(b'e');
    }
    laughs.push(b'.');
    assert!(tables(&laughs).0.len() < 3);
}

#[test]
fn pickles_are_told_by_their_first_bytes_or_their_name() {
    for (head, wanted) in
        [(b"\x80\x04\x95".as_slice(), true), (b"\x80\x02}q", true), (b"\x80\x03\0\0", false), (b"\x80", false)]
    {
        assert_eq!(begins(head), wanted, "{head:?}");
    }
    for (name, wanted) in [("a/b.pkl", true), ("b.PICKLE", true), ("pkl", false), ("a.py", false)] {
        assert_eq!(is_named(name), wanted, "{name}");
    }
}
