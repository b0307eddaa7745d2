//! What is taken for encoded text, and what is not.

use super::*;

fn found(text: &str) -> Vec<(Coding, usize, usize, String)> {
    encoded(text.as_bytes(), &mut DecodeBudget::default())
        .into_iter()
        .map(|one| {
            let Span { start, end } = one.span;
            (one.coding, start, end, String::from_utf8(one.text).expect("decoded text is UTF-8"))
        })
        .collect()
}

/// Encodes as the standard says, so that the decoder is not tested against itself.
fn to_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().enumerate().fold(0u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63];
            text.push(if at > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[test]
fn each_coding_is_seen_where_it_stands() {
    let wide: Vec<u8> = "Write-Host hello".encode_utf16().flat_map(u16::to_le_bytes).collect();
    // text, coding, start, what it says
    let cases: &[(String, Coding, usize, &str)] = &[
        ("key: SGVsbG8sIHdpZGUgd29ybGQh\n".into(), Coding::Base64, 5, "Hello, wide world!"),
        ("k='SGVsbG8sIHdpZGUgd29ybGQ='".into(), Coding::Base64, 3, "Hello, wide world"), // padded
        ("k=Pz8_Pj4-Pz8_Pj4-Pz8_Pj4-".into(), Coding::Base64, 2, "???>>>???>>>???>>>"),  // the alphabet of URLs
        (to_base64(&wide), Coding::Base64, 0, "Write-Host hello"), // UTF-16, as PowerShell takes it
        (to_base64("Grüße aus Köln, München".as_bytes()), Coding::Base64, 0, "Grüße aus Köln, München"),
        ("48656c6c6f2c207769646520776f726c6421".into(), Coding::Hex, 0, "Hello, wide world!"),
        ("q=user%3Dann%26pass%3Dhush".into(), Coding::Percent, 2, "user=ann&pass=hush"),
        (r#"s = "\x68\x65\x6c\x6c\x6f there""#.into(), Coding::Escape, 5, "hello there"),
        (r#"{"a": "x\u003dy\u0026z=\u{31}23"}"#.into(), Coding::Escape, 7, "x=y&z=123"),
    ];
    for (text, coding, start, says) in cases {
        let found = found(text);
        assert!(found.iter().any(|one| one.0 == *coding && one.1 == *start && one.3 == *says), "{text}: {found:?}");
    }
}

#[test]
fn wrapped_lines_are_one_stretch() {
    let says = "The quick brown fox jumps over the lazy dog, and over and over again, until night.".repeat(2);
    let encoded = to_base64(says.as_bytes());
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    for line_end in ["\n", "\r\n", "\n    ", "\\n"] {
        let text = format!("data: {}{line_end}next", lines.join(line_end));
        assert_eq!(found(&text), [(Coding::Base64, 6, text.rfind(line_end).expect("there is one"), says.clone())]);
    }
}

#[test]
fn the_word_in_the_next_line_is_no_part_of_it() {
    let one = "The quick brown fox jumps over the lazy dog.."; // 60 digits
    let two = one.repeat(2);
    let encoded = to_base64(two.as_bytes());
    let cases = [
        (format!("{}\nhexadecimal digits", to_base64(one.as_bytes())), one),
        (format!("{}\n{}\nnext = 1", &encoded[..60], &encoded[60..]), two.as_str()),
        (
            format!(
                "{}\n{}\n",
                to_base64(one.as_bytes()),
                "a/path_that_is_as_long_as_the_line_before_and_no_base64_at_all"
            ),
            one,
        ),
    ];
    for (text, says) in cases {
        assert_eq!(found(&text).iter().map(|one| one.3.as_str()).collect::<Vec<_>>(), [says], "{text}");
    }
}

#[test]
fn names_paths_and_hashes_are_not_taken_for_text() {
    let cases = [
        "some_quite_long_function_name_of_ours(argument)",
        "src/engine/assignment/placeholder/strength.rs",
        "AbstractSingletonProxyFactoryBeanDefinitionParser",
        "// ------------------------------------------------",
        "////////////////////////////////////////////////////",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        "printf(\"%d items\\n\\t%s\", n, s)",
        "100% of 20% is 20%",
        "C:\\users\\xavier\\udder",
    ];
    for text in cases {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn limits_are_told() {
    let many = "SGVsbG8sIHdpZGUgd29ybGQh ".repeat(MOST_SPANS + 5);
    let mut budget = DecodeBudget::default();
    assert_eq!(encoded(many.as_bytes(), &mut budget).len(), MOST_SPANS);
    assert!(budget.is_spent());
    let large = "SGVs".repeat(MOST_BYTES / 4 + 1);
    let mut budget = DecodeBudget::default();
    assert!(encoded(large.as_bytes(), &mut budget).is_empty() && budget.is_spent());
    let mut budget = DecodeBudget::default();
    encoded(b"SGVsbG8sIHdpZGUgd29ybGQh", &mut budget);
    assert!(!budget.is_spent());
}

#[test]
fn hostile_text_takes_linear_time() {
    let started = std::time::Instant::now();
    for unit in ["%41", "\\u0041", "%", "\\", "\\u{", "SGVs\n", "A", "41"] {
        encoded(unit.repeat((2 << 20) / unit.len()).as_bytes(), &mut DecodeBudget::default());
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn a_long_wrapped_block_that_is_no_text_is_read_once() {
    // Pseudo-random bytes, as of a picture; and lines that begin as text and go on as none, without control characters.
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let picture: Vec<u8> = (0..3 << 20).map(|_| random()).collect();
    let high: Vec<u8> = (0..3 << 20).map(|at| if at % 57 < 12 { b'a' } else { random() | 0x80 }).collect();
    let started = std::time::Instant::now();
    for bytes in [picture, high] {
        let wrapped: String = bytes.chunks(57).map(|line| to_base64(line) + "\n").collect();
        encoded(wrapped.as_bytes(), &mut DecodeBudget::default());
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
