//! What undoes the packing of streams (ISO 32000-1, 7.4): bytes in, bytes out.

use super::object::digit;

/// The one of three neighbours that PNG expects.
pub(super) fn nearest(left: u8, up: u8, corner: u8) -> u8 {
    let expected = i16::from(left) + i16::from(up) - i16::from(corner);
    let far = |neighbour: u8| (expected - i16::from(neighbour)).abs();
    if far(left) <= far(up) && far(left) <= far(corner) {
        left
    } else if far(up) <= far(corner) {
        up
    } else {
        corner
    }
}

/// Unpacks zlib's format as far as it goes, and whether there was more; nothing if nothing can be read.
#[cfg(feature = "archives")]
pub(super) fn inflate(bytes: &[u8], most: usize) -> Option<(Vec<u8>, bool)> {
    use std::io::Read;

    let mut unpacked = Vec::new();
    let result = flate2::bufread::ZlibDecoder::new(bytes).take(most as u64 + 1).read_to_end(&mut unpacked);
    let cut = unpacked.len() > most;
    unpacked.truncate(most);
    // What stands before a mistake is text all the same.
    (result.is_ok() || !unpacked.is_empty()).then_some((unpacked, cut))
}

#[cfg(not(feature = "archives"))]
pub(super) fn inflate(_: &[u8], _: usize) -> Option<(Vec<u8>, bool)> {
    None
}

pub(super) fn of_hex(bytes: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = bytes.iter().take_while(|byte| **byte != b'>').filter_map(|byte| digit(*byte)).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

pub(super) fn of_base85(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut group: Vec<u8> = Vec::with_capacity(5);
    for byte in bytes.iter().take_while(|byte| **byte != b'~') {
        match byte {
            b'z' if group.is_empty() => decoded.extend([0; 4]),
            b'!'..=b'u' => group.push(byte - b'!'),
            _ => {}
        }
        if group.len() == 5 {
            decoded.extend(base85(&group).to_be_bytes());
            group.clear();
        }
    }
    if group.len() > 1 {
        let kept = group.len() - 1;
        group.resize(5, 84);
        decoded.extend(&base85(&group).to_be_bytes()[..kept]);
    }
    decoded
}

fn base85(group: &[u8]) -> u32 {
    group.iter().fold(0, |number: u32, digit| number.wrapping_mul(85).wrapping_add(u32::from(*digit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_of_streams_are_undone() {
        assert_eq!(of_hex(b"48 65 6c6C 6>x"), b"Hell`");
        assert_eq!(of_base85(b"87cURD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(of_base85(b"z~>"), [0; 4]);
    }
}
