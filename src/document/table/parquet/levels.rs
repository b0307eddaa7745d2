//! Numbers in few bits: Parquet's hybrid of runs and packed groups, and its deltas (parquet-format, Encodings.md).

/// How many numbers are unpacked from deltas at once.
const MOST_DELTAS: usize = 4 << 20;

/// Numbers written as runs of one value or as groups of eight; told one by one, for a run can be endless.
#[derive(Debug, Default)]
pub(super) struct Hybrid {
    at: usize,
    width: usize,
    /// How many are left of what was begun; a run's value, or where in the packed bits the next one stands.
    left: u64,
    run: Option<u32>,
    bit: usize,
}

impl Hybrid {
    /// Numbers of so many bits, which begin at `at`.
    pub(super) fn new(at: usize, width: usize) -> Self {
        Hybrid { at, width: width.min(32), ..Hybrid::default() }
    }

    /// The next number; `bytes` are always the same.
    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<u32> {
        while self.left == 0 {
            let head = unsigned(bytes, &mut self.at)?;
            if head & 1 == 1 {
                self.left = (head >> 1).checked_mul(8)?;
                self.run = None;
                self.bit = self.at * 8;
                let length = usize::try_from(head >> 1).ok()?.checked_mul(self.width)?;
                self.at = self.at.checked_add(length)?;
            } else {
                self.left = head >> 1;
                let length = self.width.div_ceil(8);
                let value = bytes.get(self.at..self.at + length)?;
                self.at += length;
                self.run = Some(value.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)));
            }
        }
        self.left -= 1;
        if let Some(value) = self.run {
            return Some(value);
        }
        let value = bits(bytes, self.bit, self.width)?;
        self.bit += self.width;
        Some(value as u32)
    }
}

/// A number of `width` bits that begins at a bit, the lowest first.
pub(super) fn bits(bytes: &[u8], bit: usize, width: usize) -> Option<u64> {
    if width == 0 {
        return Some(0);
    }
    let (first, last) = (bit / 8, (bit + width - 1) / 8);
    let held = bytes.get(first..=last)?;
    let number = held.iter().rev().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    Some((number >> (bit % 8)) as u64 & (u64::MAX >> (64 - width.min(64))))
}

pub(super) fn unsigned(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn signed(bytes: &[u8], at: &mut usize) -> Option<i64> {
    let number = unsigned(bytes, at)?;
    Some((number >> 1) as i64 ^ -((number & 1) as i64))
}

/// `DELTA_BINARY_PACKED`: a first number and what each later one is more, in blocks.
pub(super) fn deltas(bytes: &[u8], at: &mut usize) -> Option<Vec<i64>> {
    let block = usize::try_from(unsigned(bytes, at)?).ok()?;
    let minis = usize::try_from(unsigned(bytes, at)?).ok()?;
    let total = usize::try_from(unsigned(bytes, at)?).ok()?;
    let mut last = signed(bytes, at)?;
    if minis == 0 || minis > 1024 || block % minis != 0 || block > 1 << 20 || total > MOST_DELTAS {
        return None;
    }
    let each = block / minis;
    let mut numbers = Vec::new();
    if total > 0 {
        numbers.push(last);
    }
    while numbers.len() < total {
        let least = signed(bytes, at)?;
        let widths = bytes.get(*at..*at + minis)?;
        *at += minis;
        for width in widths {
            if numbers.len() >= total {
                break;
            }
            let width = usize::from(*width).min(64);
            for index in 0..each.min(total - numbers.len()) {
                let more = bits(bytes, *at * 8 + index * width, width)?;
                last = last.wrapping_add(least).wrapping_add(more as i64);
                numbers.push(last);
            }
            *at += each * width / 8;
        }
        if each == 0 {
            return None;
        }
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_groups_are_told_one_by_one() {
        // bytes, width, numbers
        let cases: &[(&[u8], usize, &[u32])] = &[
            (&[8, 3], 2, &[3, 3, 3, 3]),
            (&[3, 0x88, 0xc6, 0xfa], 3, &[0, 1, 2, 3, 4, 5, 6, 7]),
            (&[4, 1, 3, 0b1010_1010], 1, &[1, 1, 0, 1, 0, 1, 0, 1, 0, 1]),
            (&[2, 0x34, 0x12], 16, &[0x1234]),
            (&[4], 0, &[0, 0]),
            (&[8], 2, &[]),
            (&[0, 0, 0], 8, &[]),
            (&[], 1, &[]),
        ];
        for (bytes, width, numbers) in cases {
            let mut hybrid = Hybrid::new(0, *width);
            assert_eq!(std::iter::from_fn(|| hybrid.next(bytes)).collect::<Vec<_>>(), *numbers, "{bytes:?}");
        }
    }

    #[test]
    fn deltas_are_added_up() {
        // Blocks of 128 in 4; 7, 5, 3, 1: each two less.
        let bytes = [0x80, 1, 4, 4, 14, 3, 0, 0, 0, 0];
        assert_eq!(deltas(&bytes, &mut 0), Some(vec![7, 5, 3, 1]));
        // The specification's example: 7, 5, 3, 1, 2, 3, 4, 5.
        let bytes = [0x80, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111, 0, 0, 0, 0, 0, 0];
        assert_eq!(deltas(&bytes, &mut 0), Some(vec![7, 5, 3, 1, 2, 3, 4, 5]));
        for end in 0..12 {
            assert_eq!(deltas(&bytes[..end], &mut 0), None, "cut at {end}");
        }
        assert_eq!(deltas(&[0x80, 1, 0, 8, 14], &mut 0), None);
        assert_eq!(deltas(&[0x80, 1, 4, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0], &mut 0), None);
    }
}
