//! How much a text looks made by a machine: Shannon entropy, and surprise by letter pairs.
//!
//! Knows characters only, no names and no syntax.

/// Bits of surprise of a second character after a first, times four, as a printable byte from `0` up.
/// Rows and columns: `a` to `z` with case folded, any digit, anything else. Counted over the distinct words of
/// identifiers and comments of Python's standard library, weighted by the logarithm of how often they occur.
const PAIRS: [&[u8; 28]; 28] = [
    br"SC@ARNDUDXJ<@>XCX<?;HJKKHV^B",
    br"<HEI?MOP?DR;JL?HTBAI>UPTCNW<",
    br"=TGM=OR>D]@AKN:MSBH=COUYJZ\>",
    br"ALLE9LMS<SSDOMAOVFDIDQRTMZX6",
    br"COA?HFJTNZRCE>OGK;=@QIKCMYa9",
    br"@OGG@>OT9XWANM<LT@FDAUPWIZX;",
    br"DPLN9QGCAZXDICFN[@BIDOPWTP^6",
    br":QMJ9PTP=YMHIK;QYCIAFUTWKU_;",
    br"DF@CDFC\S\R?B8>EVD?>WF\HaFfG",
    br">MEJ:IMLDMGJLL=EMHAK;MLMIMS:",
    br"CLIH8FFO>TQCOEHJOI?JIQEVMS\7",
    br">NLD9MST;ZR?QM=K\PDCEOTZBUc<",
    br":EPI8PTT?ZOGDN>=\QCIEUVZJ\a>",
    br"?Q@>>E<QBXIJOHAKUP?;GHSZOZb;",
    br"IGA@PIGUJXHAA:DA_;CBAGCJUTcB",
    br";QKK;KQIA]O>OO>BW<E@ENOZE]_=",
    br"JKJJLLNMMNOFNGJIFHDL3MMOOOV;",
    br">PFG9KHT>]JJEG>K_BAAHKPYF^e:",
    br"FSDN;OMD@ZKHMNDCQO@;BQOVH[c7",
    br"?PHK:MW@;]SHLOAIY?BDERNUDSb9",
    br"DBEIAHHXC\U?@;I@\>?=QZYSZWR=",
    br"9LHR5MOQ<VTOKLDMUJJNRSQRSSY>",
    br";MJG>KPA;TRGM@?LR>@KPQKNUT\;",
    br"EJAI@FQKAWUIGQK?WMI<NOQGFPM5",
    br"MKHLELNQEXUFFBH=VI@@OMJRMQ\4",
    br"@MIL5IOK<PPJFKAIPKJJKPLPJLV<",
    br"SUUQUU__^__^^^\^`_]^_`_N__;5",
    br"AC?AABFFBPLCCDFAOB>BBJGFQQDg",
];

fn class(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'A'..=b'Z' => usize::from(byte - b'A'),
        b'0'..=b'9' => 26,
        _ => 27,
    }
}

/// How seldom these characters follow each other in words and code, in quarters of a bit.
pub(in crate::engine) fn pair_surprise(text: &[u8]) -> u32 {
    text.windows(2).map(|pair| u32::from(PAIRS[class(pair[0])][class(pair[1])] - b'0')).sum()
}

/// Mean bits per character under the letter pairs of words. Words lie near 4, random letters near 6.4, random
/// letters and digits near 7.5; 99 in 100 code identifiers lie under 5.3.
pub(super) fn surprise(text: &[u8]) -> f64 {
    if text.is_empty() {
        return 0.0;
    }
    let mut before = 27;
    let mut quarters = 0u64;
    for &byte in text {
        let now = class(byte);
        quarters += u64::from(PAIRS[before][now] - b'0');
        before = now;
    }
    quarters as f64 / 4.0 / text.len() as f64
}

/// Shannon entropy in bits per byte.
pub(super) fn shannon(text: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for &byte in text {
        counts[usize::from(byte)] += 1;
    }
    let total = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}

/// Which kinds of characters occur, and how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Classes {
    pub(super) lower: usize,
    pub(super) upper: usize,
    pub(super) digit: usize,
    pub(super) space: usize,
    /// Anything else, bytes past ASCII included.
    pub(super) symbol: usize,
}

impl Classes {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut classes = Classes::default();
        for byte in text {
            match byte {
                b'a'..=b'z' => classes.lower += 1,
                b'A'..=b'Z' => classes.upper += 1,
                b'0'..=b'9' => classes.digit += 1,
                b' ' | b'\t' => classes.space += 1,
                _ => classes.symbol += 1,
            }
        }
        classes
    }

    pub(super) fn letters(self) -> usize {
        self.lower + self.upper
    }

    /// How many of lower, upper, digit, symbol occur.
    pub(super) fn kinds(self) -> usize {
        [self.lower, self.upper, self.digit, self.symbol].iter().filter(|count| **count > 0).count()
    }
}

/// Only hexadecimal digits, in one case of letters.
pub(super) fn is_hex(text: &[u8]) -> bool {
    let lower = text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    lower || text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
}

/// The shape 8-4-4-4-12 of hexadecimal digits.
pub(super) fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// One character again and again, a short piece repeated, or a run along the keyboard's or alphabet's order.
pub(super) fn is_monotonous(text: &[u8]) -> bool {
    if text.len() < 4 {
        return text.windows(2).all(|pair| pair[0] == pair[1]);
    }
    if Classes::distinct(text) <= 2 {
        return true;
    }
    for period in 1..=4 {
        if text.len() >= period * 3 && (period..text.len()).all(|at| text[at] == text[at - period]) {
            return true;
        }
    }
    is_sequence(text) && Classes::distinct(text) < 16
}

/// Nearly all characters follow their neighbour in the alphabet or in the digits (`abcdef0123456789`).
pub(super) fn is_sequence(text: &[u8]) -> bool {
    if text.len() < 6 {
        return false;
    }
    let steps = text
        .windows(2)
        .filter(|pair| {
            let (a, b) = (pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase());
            b == a.wrapping_add(1) || a == b.wrapping_add(1) || (a, b) == (b'9', b'0')
        })
        .count();
    steps * 5 >= (text.len() - 1) * 4
}

/// The longest run of one character.
pub(super) fn longest_run(text: &[u8]) -> usize {
    text.chunk_by(|a, b| a == b).map(<[u8]>::len).max().unwrap_or(0)
}

impl Classes {
    /// How many different bytes occur.
    pub(super) fn distinct(text: &[u8]) -> usize {
        let mut seen = [false; 256];
        for &byte in text {
            seen[usize::from(byte)] = true;
        }
        seen.iter().filter(|seen| **seen).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surprise_tells_words_from_random_letters() {
        // text, whether it is under the bound of words
        let cases: &[(&str, bool)] = &[
            ("passwordResetToken", true),
            ("my-secret-key-2020", true),
            ("TLS_RSA_WITH_AES_128_CBC_SHA", true),
            ("correcthorsebattery", true),
            ("tQxvRzWkjYbqPfGh", false), // no vowels, no usual pairs
            ("q7Zx0vK3jW9pB2mL", false), // letters and digits in turn
        ];
        for (text, wordy) in cases {
            assert_eq!(surprise(text.as_bytes()) < 5.3, *wordy, "{text}: {}", surprise(text.as_bytes()));
        }
    }

    #[test]
    fn monotonous_texts_are_seen() {
        // text, whether it is monotonous
        let cases: &[(&str, bool)] = &[
            ("xxxxxxxx", true),
            ("abababab", true),
            ("1234567890", true),
            ("abcdefghijkl", true),
            ("deadbeefdeadbeefdeadbeef", false), // eight is too long a period to call it so
            ("hunter2", false),
        ];
        for (text, wanted) in cases {
            assert_eq!(is_monotonous(text.as_bytes()), *wanted, "{text}");
        }
    }
}
