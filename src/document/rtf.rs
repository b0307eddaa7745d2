//! The text of an RTF document (Rich Text Format Specification 1.9.1), without its looks.
//!
//! Knows line and cell ends, characters that are written as escapes, and groups that hold no text. Reads each byte
//! once, whatever is open.

/// Groups whose content is no text of the document.
const SILENT: &[&[u8]] =
    &[b"fonttbl", b"colortbl", b"stylesheet", b"listtable", b"listoverridetable", b"rsidtbl", b"pict", b"themedata"];

/// Whether content is RTF.
pub fn is_rtf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{\\rtf")
}

/// The text of a document, as UTF-8.
pub fn text(rtf: &[u8]) -> Vec<u8> {
    let mut plain = String::new();
    let (mut at, mut depth, mut silent) = (0, 0_usize, None);
    while let Some(byte) = rtf.get(at) {
        at += 1;
        let mut shown = None;
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                silent = silent.filter(|from| depth >= *from);
            }
            b'\r' | b'\n' => {}
            b'\\' => {
                let Some(next) = rtf.get(at).copied() else { break };
                let word = rtf[at..].iter().take(40).take_while(|byte| byte.is_ascii_alphabetic()).count();
                if word == 0 {
                    at += 1;
                    match next {
                        b'\'' => {
                            let hex = rtf.get(at..at + 2).and_then(|hex| std::str::from_utf8(hex).ok());
                            shown = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).map(char::from);
                            at = (at + 2).min(rtf.len());
                        }
                        // What older readers may pass over is no text of the document.
                        b'*' => silent = silent.or(Some(depth)),
                        b'~' => shown = Some(' '),
                        b'\r' | b'\n' => shown = Some('\n'),
                        b'\\' | b'{' | b'}' => shown = Some(char::from(next)),
                        _ => {}
                    }
                } else {
                    let name = &rtf[at..at + word];
                    at += word;
                    let digits =
                        rtf[at..].iter().take(12).take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count();
                    let number =
                        std::str::from_utf8(&rtf[at..at + digits]).ok().and_then(|text| text.parse::<i32>().ok());
                    at += digits;
                    at += usize::from(rtf.get(at) == Some(&b' '));
                    match name {
                        b"par" | b"line" | b"row" | b"sect" | b"page" => shown = Some('\n'),
                        b"tab" | b"cell" => shown = Some('\t'),
                        b"u" => {
                            shown = number.and_then(|code| char::from_u32(code.rem_euclid(0x1_0000) as u32));
                            // The sign for readers that know no Unicode.
                            at += usize::from(rtf.get(at) == Some(&b'?'));
                        }
                        _ if SILENT.contains(&name) => silent = silent.or(Some(depth)),
                        _ => {}
                    }
                }
            }
            // The text is ASCII, or what a code page makes of it.
            _ => shown = Some(char::from(*byte)),
        }
        if silent.is_none() {
            plain.extend(shown);
        }
    }
    plain.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_stays_and_the_looks_go() {
        // document, text
        let cases: &[(&str, &str)] = &[
            (r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0\fs24 Name:\tab Ann\par Born: 2001}", "Name:\tAnn\nBorn: 2001"),
            (r"{\rtf1 M\'fcller \u233? \{x\}{\*\generator Word;} end}", "Müller é {x} end"),
            (r"{\rtf1 a\cell b\row}", "a\tb\n"),
            (r"{\rtf1 cut \'f", "cut "),
            (r"}}}\", ""),
        ];
        for (rtf, wanted) in cases {
            assert_eq!(String::from_utf8_lossy(&text(rtf.as_bytes())), *wanted, "{rtf}");
        }
        text(&b"{\\pict ".repeat(100_000));
    }
}
