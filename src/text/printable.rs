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

/// Strings whose length is stated before them, as compiled Python and Java keep them: what stands behind such a
/// string is often printable, too, and no border tells the two apart.
pub fn stated(content: &[u8]) -> (Vec<u8>, Vec<Stretch>) {
    let (mut lines, mut starts) = (Vec::new(), Vec::new());
    let python = content.get(2..4) == Some(b"\r\n") && content.len() > 16;
    let java = content.starts_with(&[0xca, 0xfe, 0xba, 0xbe]);
    if !python && !java {
        return (lines, starts);
    }
    for at in 0..content.len() {
        let found = if python { python_string(content, at) } else { java_string(content, at) };
        let Some((offset, length)) = found.filter(|(_, length)| (LEAST..=LONGEST_STATED).contains(length)) else {
            continue;
        };
        let Some(string) = content.get(offset..offset + length) else { continue };
        if string.iter().all(|byte| is_printable(*byte)) {
            starts.push(Stretch { line: lines.len(), offset, width: 1 });
            lines.extend_from_slice(string);
            lines.push(b'\n');
        }
    }
    (lines, starts)
}

/// The longest string with a stated length that is looked at; bounds the work at each byte.
const LONGEST_STATED: usize = 1024;

/// Where the marshalled string at `at` begins, and its length.
fn python_string(content: &[u8], at: usize) -> Option<(usize, usize)> {
    // The highest bit says that the value may be referred to.
    match content[at] & 0x7f {
        b'z' | b'Z' => Some((at + 2, usize::from(*content.get(at + 1)?))),
        b'a' | b'A' | b's' | b't' | b'u' => {
            let length = content.get(at + 1..at + 5)?;
            (length[2..] == [0, 0]).then(|| (at + 5, usize::from(u16::from_le_bytes([length[0], length[1]]))))
        }
        _ => None,
    }
}

/// Where the constant string at `at` begins, and its length.
fn java_string(content: &[u8], at: usize) -> Option<(usize, usize)> {
    let length = content.get(at + 1..at + 3)?;
    (content[at] == 1).then(|| (at + 3, usize::from(u16::from_be_bytes([length[0], length[1]]))))
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x20..=0x7e)
}

#[cfg(test)]
mod tests {
    use super::{printable, stated};

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

    #[test]
    fn stated_lengths_part_what_stands_together() {
        let python = b"\xa7\r\r\n0000000000000000\xe3\xfa\x0ahello worldN)\x02z\x0ahello wideN\xf5\x09\0\0\0nine char";
        let java = b"\xca\xfe\xba\xbe\0\0\0\x41\0\x10\x01\0\x0ahello wide\x01\0\x0ahello thinC";
        let lines = |content: &[u8]| String::from_utf8_lossy(&stated(content).0).into_owned();
        assert_eq!(lines(python), "hello worl\nhello wide\nnine char\n");
        assert_eq!(lines(java), "hello wide\nhello thin\n");
        assert_eq!(stated(java).1[0].offset, 13);
        assert_eq!(lines(b"z\x0ahello wide"), "", "neither Python nor Java");
    }
}
