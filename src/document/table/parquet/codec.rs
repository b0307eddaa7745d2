//! What pages are packed with: Snappy (google/snappy, format_description.txt), LZ4 blocks (lz4_Block_format.md),
//! gzip and Zstandard. Never more comes out than was asked for.

use super::super::Trouble;

/// Unpacks into at most `most` bytes; what is larger than it says is damaged.
pub(super) fn unpacked(codec: i64, packed: &[u8], most: usize) -> Result<Vec<u8>, Trouble> {
    match codec {
        0 => Ok(packed.to_vec()),
        1 => snappy(packed, most).ok_or(Trouble::Damaged),
        2 => gzip(packed, most),
        6 => zstd(packed, most),
        7 => lz4(packed, most).ok_or(Trouble::Damaged),
        3 => Err(unknown("LZO")),
        4 => Err(unknown("Brotli")),
        5 => Err(unknown("the old LZ4")),
        _ => Err(unknown("an unknown codec")),
    }
}

fn unknown(codec: &str) -> Trouble {
    Trouble::Unknown(format!("columns of it are compressed with {codec}, which is not read here"))
}

#[cfg(feature = "archives")]
fn gzip(packed: &[u8], most: usize) -> Result<Vec<u8>, Trouble> {
    use std::io::Read;

    let mut plain = Vec::new();
    let read = flate2::read::MultiGzDecoder::new(packed).take(most as u64).read_to_end(&mut plain);
    read.map(|_| plain).map_err(|_| Trouble::Damaged)
}

#[cfg(not(feature = "archives"))]
fn gzip(_: &[u8], _: usize) -> Result<Vec<u8>, Trouble> {
    Err(unknown("gzip"))
}

#[cfg(feature = "zstd")]
fn zstd(packed: &[u8], most: usize) -> Result<Vec<u8>, Trouble> {
    use std::io::Read;

    /// What a frame may ask to be held of what came before.
    const LARGEST_WINDOW: u64 = 64 << 20;
    let mut source = packed;
    let mut frame = ruzstd::decoding::FrameDecoder::new();
    frame.set_max_window_size(LARGEST_WINDOW);
    let decoder = ruzstd::decoding::StreamingDecoder::new_with_decoder(&mut source, frame);
    let mut plain = Vec::new();
    let read = decoder.map_err(|_| Trouble::Damaged)?.take(most as u64).read_to_end(&mut plain);
    read.map(|_| plain).map_err(|_| Trouble::Damaged)
}

#[cfg(not(feature = "zstd"))]
fn zstd(_: &[u8], _: usize) -> Result<Vec<u8>, Trouble> {
    Err(unknown("Zstandard"))
}

/// Appends `length` bytes that stand `offset` back; they may reach into themselves.
fn copy(plain: &mut Vec<u8>, offset: usize, length: usize, most: usize) -> Option<()> {
    let from = plain.len().checked_sub(offset).filter(|_| offset > 0)?;
    if plain.len() + length > most {
        return None;
    }
    if offset >= length {
        plain.extend_from_within(from..from + length);
    } else {
        for at in from..from + length {
            plain.push(plain[at]);
        }
    }
    Some(())
}

fn snappy(packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut at = 0;
    let mut stated = 0_usize;
    for shift in (0..35).step_by(7) {
        let byte = *packed.get(at)?;
        at += 1;
        stated |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let most = most.min(stated);
    let mut plain = Vec::new();
    while let Some(tag) = packed.get(at) {
        at += 1;
        let upper = usize::from(tag >> 2);
        let number = |at: usize, bytes: usize| {
            let bytes = packed.get(at..at + bytes)?;
            Some(bytes.iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte)))
        };
        match tag & 3 {
            0 => {
                let wide = upper.saturating_sub(59);
                let length = if wide > 0 { number(at, wide)? } else { upper }.checked_add(1)?;
                at += wide;
                let literal = packed.get(at..at.checked_add(length)?)?;
                at += length;
                if plain.len() + length > most {
                    return None;
                }
                plain.extend_from_slice(literal);
            }
            1 => {
                let offset = usize::from(tag >> 5) << 8 | number(at, 1)?;
                at += 1;
                copy(&mut plain, offset, (upper & 7) + 4, most)?;
            }
            kind => {
                let wide = if kind == 2 { 2 } else { 4 };
                let offset = number(at, wide)?;
                at += wide;
                copy(&mut plain, offset, upper + 1, most)?;
            }
        }
    }
    (plain.len() == stated).then_some(plain)
}

fn lz4(packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut at = 0;
    let mut plain = Vec::new();
    // A length of fifteen goes on in the next bytes.
    let longer = |at: &mut usize, length: usize| {
        let mut length = length;
        if length == 15 {
            loop {
                let more = *packed.get(*at)?;
                *at += 1;
                length += usize::from(more);
                if more != 255 {
                    break;
                }
            }
        }
        Some(length)
    };
    while at < packed.len() {
        let token = packed[at];
        at += 1;
        let length = longer(&mut at, usize::from(token >> 4))?;
        let literal = packed.get(at..at.checked_add(length)?)?;
        at += length;
        if plain.len() + length > most {
            return None;
        }
        plain.extend_from_slice(literal);
        if at == packed.len() {
            break;
        }
        let offset = usize::from(*packed.get(at)?) | usize::from(*packed.get(at + 1)?) << 8;
        at += 2;
        let length = longer(&mut at, usize::from(token & 15))? + 4;
        copy(&mut plain, offset, length, most)?;
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_unpacked_and_no_further_than_asked() {
        // codec, packed, plain
        let cases: &[(i64, &[u8], Option<&str>)] = &[
            (1, b"\x05\x10hello", Some("hello")),
            (1, b"\x0a\x08abc\x0d\x03", Some("abcabcabca")), // reaches into itself
            (1, b"\x09\x08abc\x16\x03\x00", Some("abcabcabc")),
            (1, b"\x05\x10hell", None),
            (1, b"\x06\x10hello", None),                         // less than it says
            (1, b"\xff\xff\xff\xff\x0f\x08abc\xfe\x03\0", None), // much less than it says
            (1, b"\x08\x08abc\x05\x09", None),                   // from before its beginning
            (1, b"\x08\x08abc\x05\x00", None),
            (7, b"\x50hello", Some("hello")),
            (7, b"\x33abc\x03\0", Some("abcabcabca")),
            (7, b"\x3fabc\x03\0\xff\xff", None),
            (7, b"\x33abc\x04\0", None),
            (7, b"\x33abc\x04", None),
            (3, b"", None),
            (99, b"", None),
        ];
        for (codec, packed, plain) in cases {
            let found = unpacked(*codec, packed, 100).ok();
            assert_eq!(found.as_deref(), plain.map(str::as_bytes), "{packed:?}");
        }
        // 255 bytes of length each: a bomb of lz4.
        let bomb = [&b"\x1fa\x01\0"[..], &[255; 100_000]].concat();
        assert_eq!(unpacked(7, &bomb, 1 << 20), Err(Trouble::Damaged));
    }
}
