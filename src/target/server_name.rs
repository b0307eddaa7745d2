//! Names of servers as certificates and hellos hold them: A-labels, in small letters, without the dot at the end.
//!
//! Knows Punycode (RFC 3492), and which names of other scripts need no more than it: letters and digits that are
//! composed and have no other form. Whatever else IDNA would map is refused with a word to write the A-label itself.

/// The longest name, and the longest of its labels.
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Writes a name in A-labels.
///
/// # Errors
/// Why it is none.
pub(super) fn ascii(name: &str) -> Result<String, &'static str> {
    const WRONG: &str = "the host is a name or an address";
    let name: String = name.to_lowercase().chars().map(|c| if is_dot(c) { '.' } else { c }).collect();
    let name = name.strip_suffix('.').unwrap_or(&name);
    let mut labels = Vec::new();
    for label in name.split('.') {
        let label = if label.is_ascii() { label.to_owned() } else { encoded(label)? };
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if label.is_empty() || label.len() > LONGEST_LABEL || !label.bytes().all(allowed) {
            return Err(WRONG);
        }
        labels.push(label);
    }
    let name = labels.join(".");
    if name.len() > LONGEST { Err(WRONG) } else { Ok(name) }
}

/// The other full stops of IDNA.
fn is_dot(c: char) -> bool {
    matches!(c, '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

fn encoded(label: &str) -> Result<String, &'static str> {
    let plain = |c: char| match c {
        '-' => true,
        // Signs, and forms that stand for other letters.
        '\u{80}'..='\u{bf}' | '\u{1100}'..='\u{11ff}' | '\u{2000}'..='\u{2bff}' | '\u{f900}'..='\u{faff}' => false,
        '\u{fb00}'..='\u{fdff}' | '\u{fe00}'..='\u{ffef}' | '\u{1d400}'..='\u{1d7ff}' => false,
        c => c.is_alphanumeric(),
    };
    if !label.chars().all(plain) || label.starts_with("xn--") {
        return Err("write the host's A-label (xn--…): it holds characters that are mapped or combined");
    }
    Ok(format!("xn--{}", punycode(label).ok_or("the host is a name or an address")?))
}

/// Punycode of a label (RFC 3492, 6.3).
fn punycode(label: &str) -> Option<String> {
    const BASE: u32 = 36;
    let points: Vec<u32> = label.chars().map(u32::from).collect();
    if points.len() > LONGEST_LABEL {
        return None;
    }
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    if basic > 0 {
        out.push('-');
    }
    let (mut next, mut delta, mut bias, mut done) = (128, 0u32, 72, basic);
    while (done as usize) < points.len() {
        let least = *points.iter().filter(|point| **point >= next).min()?;
        delta = delta.checked_add((least - next).checked_mul(done + 1)?)?;
        next = least;
        for point in &points {
            if *point < next {
                delta = delta.checked_add(1)?;
            } else if *point == next {
                let (mut rest, mut at) = (delta, BASE);
                loop {
                    let threshold = at.saturating_sub(bias).clamp(1, 26);
                    if rest < threshold {
                        break;
                    }
                    out.push(digit(threshold + (rest - threshold) % (BASE - threshold)));
                    rest = (rest - threshold) / (BASE - threshold);
                    at += BASE;
                }
                out.push(digit(rest));
                bias = adapted(delta, done + 1, done == basic);
                (delta, done) = (0, done + 1);
            }
        }
        (delta, next) = (delta.checked_add(1)?, next + 1);
    }
    Some(out)
}

fn digit(value: u32) -> char {
    char::from_digit(if value < 26 { value + 10 } else { value - 26 }, 36).unwrap_or('a')
}

fn adapted(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut bias = 0;
    while delta > 455 {
        (delta, bias) = (delta / 35, bias + 36);
    }
    bias + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_scripts_become_a_labels() {
        let cases = [
            ("Pacs.Example.ORG.", "pacs.example.org"),
            ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
            ("München.example", "xn--mnchen-3ya.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("straße.example", "xn--strae-oqa.example"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"),
            ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
            ("测试", "xn--0zwm56d"),
            ("my_host", "my_host"),
        ];
        for (name, expected) in cases {
            assert_eq!(ascii(name).as_deref(), Ok(expected), "{name}");
        }
    }

    #[test]
    fn what_punycode_alone_cannot_write_is_refused() {
        let long = "ä".repeat(64);
        for name in ["", "a..b", "a b", "u\u{308}.example", "ａ.example", "a½.example", "☃.example", "-\u{200d}", &long]
        {
            assert!(ascii(name).is_err(), "{name}");
        }
    }
}
