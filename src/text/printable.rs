//! Stretches of printable text in binary content, as `strings` shows them.

/// The shortest stretch that is kept, in characters.
const LEAST: usize = 8;

/// Where a printable stretch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its offset in the lines.
    pub line: usize,
    /// Its offset in the content.
    pub offset: usize,
    /// How many bytes of the content make one of the lines.
    pub width: usize,
}

/// The printable stretches of binary content, a line each, and where each stands. Finds ASCII with UTF-8 in it, and
/// ASCII written as little-endian UTF-16.
pub fn printable(content: &[u8]) -> (Vec<u8>, Vec<Stretch>) {
    let (mut lines, mut starts) = (Vec::new(), Vec::new());
    let mut keep = |offset: usize, width: usize, stretch: &mut dyn Iterator<Item = u8>| {
        starts.push(Stretch { line: lines.len(), offset, width });
        lines.extend(stretch);
        lines.push(b'\n');
    };
    let mut at = 0;
    while at < content.len() {
        let narrow = content[at..].iter().take_while(|byte| is_printable(**byte) || !byte.is_ascii()).count();
        if narrow >= LEAST {
            keep(at, 1, &mut content[at..at + narrow].iter().copied());
            at += narrow;
            continue;
        }
        let wide = content[at..].chunks_exact(2).take_while(|pair| is_printable(pair[0]) && pair[1] == 0).count();
        if wide >= LEAST {
            keep(at, 2, &mut content[at..at + wide * 2].iter().copied().step_by(2));
            at += wide * 2;
        } else {
            // Wide text may begin with the last byte of a narrow stretch.
            at += narrow.saturating_sub(1).max(1);
        }
    }
    (lines, starts)
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x20..=0x7e)
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn narrow_and_wide_text_is_found_with_its_offset() {
        let wide: Vec<u8> = "wide text".encode_utf16().flat_map(u16::to_le_bytes).collect();
        // content, lines, offsets of the lines in the content
        let cases: &[(Vec<u8>, &str, &[usize])] = &[
            (b"\0\x01hello world\0short\0\x02".to_vec(), "hello world\n", &[2]),
            ([b"\0\x03".as_slice(), &wide, b"\x01\x01"].concat(), "wide text\n", &[2]),
            ([b"\x03".as_slice(), &wide, b"\x01"].concat(), "wide text\n", &[1]), // at an odd offset
            ([b"12345678\0".as_slice(), &wide].concat(), "12345678\nwide text\n", &[0, 9]),
            (Vec::new(), "", &[]),
            (vec![0; 64], "", &[]),
        ];
        for (content, lines, offsets) in cases {
            let (found, starts) = printable(content);
            assert_eq!(String::from_utf8_lossy(&found), *lines);
            assert_eq!(starts.iter().map(|start| start.offset).collect::<Vec<_>>(), *offsets);
        }
    }
}
