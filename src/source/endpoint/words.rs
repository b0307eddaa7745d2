//! How answers of plaintext protocols end, and the few numbers in them that matter. Pure.

/// Whether lines have come to their end: `250 ` and not `250-`, `* …` not before the tagged line.
pub(super) fn lines_done(heard: &[u8]) -> bool {
    let Some(heard) = heard.strip_suffix(b"\n") else { return false };
    let last = heard.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let digits = last.len() >= 4 && last[..3].iter().all(u8::is_ascii_digit);
    !(digits && last[3] == b'-')
}

/// The result code of an LDAP answer, in BER.
pub(super) fn ber_result(heard: &[u8]) -> Option<u8> {
    // SEQUENCE, message id, the answer's own tag, ENUMERATED result code.
    let message = ber(heard, 0x30)?.0;
    let (_, rest) = ber(message, 0x02)?;
    let tag = *rest.first()?;
    let (answer, _) = ber(rest, tag)?;
    let (code, _) = ber(answer, 0x0a)?;
    code.last().copied()
}

/// What stands in an element, and what follows it.
fn ber(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// The first packet of a MySQL conversation.
pub(super) fn sql_packet(heard: &[u8]) -> Option<&[u8]> {
    let [a, b, c, _, ..] = heard else { return None };
    let length = u32::from_le_bytes([*a, *b, *c, 0]) as usize;
    heard.get(4..4 + length)
}

/// The status of an HTTP answer.
pub(super) fn http_status(heard: &[u8]) -> Option<u16> {
    let line = heard.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    std::str::from_utf8(line).ok()?.parse().ok()
}

/// A header of an HTTP answer.
pub(super) fn http_header(heard: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(heard);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// `max-age` in seconds and `includeSubDomains` of a Strict-Transport-Security header (RFC 6797, 6.1).
pub(super) fn hsts(value: &str) -> Option<(u64, bool)> {
    let (mut age, mut subdomains) = (None, false);
    for directive in value.split(';') {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        if name.trim().eq_ignore_ascii_case("max-age") {
            age = age.or(value.trim().trim_matches('"').parse().ok());
        } else if name.trim().eq_ignore_ascii_case("includeSubDomains") {
            subdomains = true;
        }
    }
    age.map(|age| (age, subdomains))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_end_where_their_protocol_says_so() {
        assert!(lines_done(b"220 ready\r\n") && lines_done(b"250-a\r\n250 b\r\n") && lines_done(b"+OK\r\n"));
        assert!(!lines_done(b"250-a\r\n") && !lines_done(b"220 rea") && !lines_done(b""));
        assert_eq!(ber_result(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"), Some(0));
        assert_eq!(ber_result(b"\x30\x81\x0c\x02\x01\x01\x61\x07\x0a\x01\x0d\x04\x00\x04\x00"), Some(13));
        for cut in 0..14 {
            assert_eq!(ber_result(&b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"[..cut]), None);
        }
        assert_eq!(ber_result(b"\x30\x84\xff\xff\xff\xff\x02"), None);
        assert_eq!(sql_packet(b"\x02\x00\x00\x00ab"), Some(&b"ab"[..]));
        assert_eq!(sql_packet(b"\x02\x00\x00\x00a"), None);
    }

    #[test]
    fn http_is_read_as_far_as_it_matters() {
        let answer = b"HTTP/1.1 301 Moved\r\nLocation: https://h/\r\nX: y\r\n\r\nLocation: no";
        assert_eq!(http_status(answer), Some(301));
        assert_eq!(http_header(answer, "location").as_deref(), Some("https://h/"));
        assert_eq!(http_header(answer, "y"), None);
        assert_eq!(http_status(b"SSH-2.0"), None);
        let cases = [
            ("max-age=63072000; includeSubDomains; preload", Some((63_072_000, true))),
            ("Max-Age = \"10\"", Some((10, false))),
            ("includeSubDomains", None),
            ("max-age=x", None),
            ("", None),
        ];
        for (value, expected) in cases {
            assert_eq!(hsts(value), expected, "{value}");
        }
    }
}
