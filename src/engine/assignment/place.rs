//! Values that say where something is: paths, hosts with ports, file names.
//!
//! Knows no templates and no made-up values.

use super::placeholder::{begins, contains};
use super::words;

/// A path, a URL, a host with a port, an e-mail address, a MIME type, a date.
pub(super) fn is_place(value: &[u8]) -> bool {
    if contains(value, b"://") {
        return true;
    }
    if begins(value, b"/") || begins(value, b"./") || begins(value, b"../") || begins(value, b"~/") {
        let letters = value.iter().filter(|byte| byte.is_ascii_digit() || **byte == b'+' || **byte == b'=').count();
        return letters * 6 < value.len() || begins(value, b".") || begins(value, b"~");
    }
    if value.len() > 2 && value[1] == b':' && value[2] == b'\\' {
        return true;
    }
    #[rustfmt::skip]
    const ENDINGS: &[&[u8]] = &[
        b".pem", b".key", b".txt", b".json", b".crt", b".cer", b".jks", b".p12", b".pfx", b".yaml", b".yml",
        b".xml", b".conf", b".py", b".js", b".ts", b".go", b".rs", b".java", b".php", b".html", b".css", b".png",
        b".svg", b".com", b".org", b".net", b".io", b".local", b".log", b".md", b".sh", b".env", b".properties",
        b".keystore", b".pub", b".dev", b".cfg", b".ini", b".csv", b".gz", b".zip", b".exe", b".dll", b".rb",
        b".tsx", b".jsx", b".mjs", b".vue", b".jpg", b".gif", b".asc",
    ];
    let lower = value.to_ascii_lowercase();
    if ENDINGS.iter().any(|ending| lower.ends_with(ending)) && !contains(value, b"~") {
        return true;
    }
    if is_host_and_port(&lower) || has_short_ending(&lower) || is_row(&lower) {
        return true;
    }
    let segments = value.split(|byte| *byte == b'/');
    memchr::memchr(b'/', value).is_some() && segments.clone().count() >= 2 && segments.into_iter().all(words::is_plain)
}

/// Fields between colons, as in `/etc/passwd` and tables of suites; two hex digits each are bytes of a key.
fn is_row(lower: &[u8]) -> bool {
    let fields = || lower.split(|byte| *byte == b':');
    let byte = |field: &[u8]| field.len() == 2 && field.iter().all(u8::is_ascii_hexdigit);
    memchr::memchr_iter(b':', lower).take(4).count() == 4
        && fields().all(|field| field.len() <= 24)
        && !fields().all(byte)
}

/// `host.example:8080`.
fn is_host_and_port(lower: &[u8]) -> bool {
    let Some(colon) = memchr::memrchr(b':', lower) else { return false };
    let (host, port) = (&lower[..colon], &lower[colon + 1..]);
    (2..=5).contains(&port.len())
        && port.iter().all(u8::is_ascii_digit)
        && memchr::memchr(b'.', host).is_some()
        && host.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// A file's name with an ending of two to four letters, and no other dot.
fn has_short_ending(lower: &[u8]) -> bool {
    let Some(dot) = memchr::memrchr(b'.', lower) else { return false };
    let ending = &lower[dot + 1..];
    (2..=4).contains(&ending.len())
        && ending.iter().all(u8::is_ascii_lowercase)
        && lower.len() < 64
        && memchr::memchr(b'.', &lower[..dot]).is_none()
        && lower[..dot].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_no_secrets() {
        // value, whether it is a place
        let cases: &[(&str, bool)] = &[
            ("3DES:CBC:168:HMAC-SHA1:160:DEFAULT", true),
            ("9f:3a:77:c1:04:be", false), // bytes of a key
            ("/etc/ssl/private/server.key", true),
            ("./token", true),
            ("https://example.org/a", true),
            ("application/json", true),
            ("C:\\keys\\a.pfx", true),
            ("q7Zx/0vK3jW9pB2mL+rT", false),
        ];
        for (value, wanted) in cases {
            assert_eq!(is_place(value.as_bytes()), *wanted, "{value}");
        }
    }
}
