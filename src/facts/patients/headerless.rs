//! What the columns of a table hold that has no header, judged by the shapes of their values.
//!
//! Knows that one shape says nothing: nine digits, dates and five digits stand in any table. Only several strong ones
//! beside each other, names and dates of birth and a number or an address that is a person's own, make it a table of
//! people. Answers with the names that a header would have had.

use std::collections::HashSet;

use super::super::validators::{self, Validity};
use super::gazetteer::{is_given, is_surname};
use crate::document::delimited::{Rows, Separator, line_end};
use crate::text::Span;

/// How many rows are looked at, how many there must be, and how many columns.
const SAMPLE: usize = 300;
const FEWEST: usize = 4;
const COLUMNS: std::ops::RangeInclusive<usize> = 3..=200;
/// How long a line may be that is looked at to see whether there is a table at all.
const LINE: usize = 4_000;

/// What the values of a column look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Surnames,
    GivenNames,
    FullNames,
    Births,
    Ssn,
    Phone,
    Email,
    Street,
    Zip,
    Sex,
    Diagnosis,
    /// Numbers that no two rows share.
    Unique,
}

impl Look {
    /// The name that a header would give.
    fn header(self) -> &'static [u8] {
        match self {
            Look::Surnames => b"last name",
            Look::GivenNames => b"first name",
            Look::FullNames => b"full name",
            Look::Births => b"date of birth",
            Look::Ssn => b"ssn",
            Look::Phone => b"phone",
            Look::Email => b"email",
            Look::Street => b"street address",
            Look::Zip => b"zip",
            Look::Sex => b"sex",
            Look::Diagnosis => b"diagnosis",
            Look::Unique => b"identifier",
        }
    }
}

/// How the cells of a table without a header are parted, and what a header would say; nothing if it is no table of
/// people, or has a header.
pub(super) fn header(text: &[u8]) -> Option<(Separator, Vec<&'static [u8]>)> {
    let sign = sign(text)?;
    let mut rows = Rows::new(text, 0, Separator::Sign(sign));
    let (mut cells, mut all) = (Vec::new(), Vec::<Vec<Span>>::new());
    let mut odd = 0;
    while all.len() < SAMPLE && odd < FEWEST && rows.next_row(&mut cells) {
        let width = all.first().map_or(cells.len(), Vec::len);
        if cells.len() == width && COLUMNS.contains(&width) {
            all.push(cells.clone());
        } else {
            odd += 1;
        }
    }
    let width = all.first().map_or(0, Vec::len);
    let has_digit = |row: &[Span]| row.iter().any(|cell| text[cell.range()].iter().any(u8::is_ascii_digit));
    if all.len() < FEWEST || !has_digit(&all[0]) {
        return None;
    }
    let column = |at: usize| -> Vec<&[u8]> { all.iter().map(|row| text[row[at].range()].trim_ascii()).collect() };
    let looks: Vec<Option<Look>> = (0..width).map(|at| look(&column(at))).collect();
    if !are_people(&looks) {
        return None;
    }
    Some((Separator::Sign(sign), looks.iter().map(|look| look.map_or(&b""[..], Look::header)).collect()))
}

/// What parts the cells of the first lines, if all of them have the same number and hold digits.
fn sign(text: &[u8]) -> Option<u8> {
    let mut lines: [&[u8]; 3] = [b""; 3];
    let mut at = 0;
    for line in &mut lines {
        let end = line_end(&text[..text.len().min(at + LINE)], at.min(text.len()));
        *line = text.get(at..end)?;
        at = end + 1 + usize::from(text.get(end..end + 2) == Some(b"\r\n"));
        if line.len() < 12 || line.len() >= LINE || !line.iter().any(u8::is_ascii_digit) {
            return None;
        }
    }
    let count = |line: &[u8], sign: u8| memchr::memchr_iter(sign, line).count();
    // A comma inside of quotation marks makes lines differ.
    let parts = |sign: &u8| {
        let counts = lines.map(|line| count(line, *sign));
        let quoted = lines.iter().any(|line| line.contains(&b'"'));
        counts.iter().all(|count| *count >= 2) && (quoted || counts.iter().all(|count| *count == counts[0]))
    };
    [b'\t', b'|', b';', b','].into_iter().find(parts)
}

/// Whether columns of these looks are a table of people.
fn are_people(looks: &[Option<Look>]) -> bool {
    let has = |look: Look| looks.contains(&Some(look));
    let named = has(Look::FullNames) || has(Look::Surnames) && has(Look::GivenNames);
    let own = [Look::Phone, Look::Email, Look::Street, Look::Unique].into_iter().filter(|look| has(*look)).count();
    let (births, ssn, diagnosis) = (has(Look::Births), has(Look::Ssn), has(Look::Diagnosis));
    let singled_out = births && has(Look::Zip) && has(Look::Sex) && diagnosis;
    ssn && (named || births || has(Look::Surnames)) || births && named && (own >= 1 || diagnosis) || singled_out
}

/// What a column holds, if nine in ten of its values look alike.
fn look(values: &[&[u8]]) -> Option<Look> {
    let filled: Vec<&[u8]> = values.iter().copied().filter(|value| !is_nothing(value)).collect();
    if filled.len() < FEWEST || filled.len() * 2 < values.len() {
        return None;
    }
    let most =
        |fits: &dyn Fn(&[u8]) -> bool| filled.iter().filter(|value| fits(value)).count() * 10 >= filled.len() * 9;
    let different = filled.iter().collect::<HashSet<_>>().len();
    let varied = different * 2 > filled.len();
    let unique = different * 20 >= filled.len() * 19;
    if most(&is_ssn) && unique {
        Some(Look::Ssn)
    } else if most(&is_date) {
        are_births(&filled).then_some(Look::Births)
    } else if most(&is_phone) && varied {
        Some(Look::Phone)
    } else if most(&is_email) && varied {
        Some(Look::Email)
    } else if most(&is_zip) {
        Some(Look::Zip)
    } else if most(&is_sex) && different >= 2 {
        Some(Look::Sex)
    } else if most(&is_diagnosis) && filled.iter().any(|value| value.contains(&b'.')) {
        Some(Look::Diagnosis)
    } else if most(&is_street) && varied {
        Some(Look::Street)
    } else if most(&is_number) && unique && !is_in_order(&filled) {
        Some(Look::Unique)
    } else if most(&is_name) {
        names(&filled)
    } else {
        None
    }
}

fn is_nothing(value: &[u8]) -> bool {
    value.is_empty() || matches!(value, b"\\N" | b"NULL" | b"null" | b"NA" | b"N/A" | b"NaN" | b"None")
}

fn check(name: &str, value: &[u8]) -> bool {
    !matches!(validators::named(name).map(|one| (one.check)(value)), None | Some(Validity::Impossible(_)))
}

/// The digits of a value as nines: what its form is.
fn form(value: &[u8]) -> Vec<u8> {
    value.iter().map(|byte| if byte.is_ascii_digit() { b'9' } else { *byte }).collect()
}

fn is_ssn(value: &[u8]) -> bool {
    value.len() == 11 && form(value) == b"999-99-9999"
}

fn is_phone(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let parted = value.iter().filter(|byte| matches!(byte, b'(' | b')' | b'-' | b'.' | b' ')).count();
    let fits = |byte: &u8| byte.is_ascii_digit() || b"+()-. x".contains(byte);
    (10..=14).contains(&digits) && parted >= 2 && value.iter().all(fits) && form(value) != b"9999-99-99 99"
}

fn is_email(value: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'@', value) else { return false };
    at > 0 && !value.contains(&b' ') && value[at + 1..].contains(&b'.')
}

fn is_zip(value: &[u8]) -> bool {
    matches!(form(value).as_slice(), b"99999" | b"99999-9999")
}

fn is_sex(value: &[u8]) -> bool {
    [&b"m"[..], b"f", b"u", b"male", b"female", b"unknown", b"other"].iter().any(|sex| value.eq_ignore_ascii_case(sex))
}

/// ICD-10-CM: a letter, a digit, a digit or A or B, and up to four signs behind a dot.
fn is_diagnosis(value: &[u8]) -> bool {
    let [letter, one, two, rest @ ..] = value else { return false };
    let detail = rest.is_empty() || rest[0] == b'.' && (2..=5).contains(&rest.len());
    letter.is_ascii_uppercase()
        && one.is_ascii_digit()
        && (two.is_ascii_digit() || matches!(two, b'A' | b'B'))
        && detail
        && rest.iter().skip(1).all(u8::is_ascii_alphanumeric)
}

/// `12 Elm St`: a number, then words.
fn is_street(value: &[u8]) -> bool {
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let word = value[digits..].iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let words = value[digits..].split(|byte| *byte == b' ').filter(|word| word.len() > 1);
    (1..=6).contains(&digits)
        && word <= 1
        && value.get(digits + word) == Some(&b' ')
        && words.clone().count() >= 2
        && words.clone().next().is_some_and(|word| word[0].is_ascii_uppercase() || word[0].is_ascii_digit())
}

fn is_number(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    (5..=20).contains(&value.len())
        && digits >= 4
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// Whether values only count up or down: row numbers, not numbers that were given to people.
fn is_in_order(values: &[&[u8]]) -> bool {
    let order = |a: &[u8], b: &[u8]| (a.len(), a) <= (b.len(), b);
    values.windows(2).all(|pair| order(pair[0], pair[1])) || values.windows(2).all(|pair| order(pair[1], pair[0]))
}

fn is_date(value: &[u8]) -> bool {
    // Without signs between: a day, or a day with its time.
    let whole = matches!(value.len(), 8 | 12 | 14) && value.iter().all(u8::is_ascii_digit);
    let parted = value.len() <= 11 && value.iter().filter(|byte| matches!(byte, b'-' | b'/' | b'.')).count() == 2;
    (whole || parted) && year(value).is_some() && check("birth-date", value)
}

/// The year of a date with four digits for it.
fn year(value: &[u8]) -> Option<u32> {
    let at = if value.get(..4).is_some_and(|head| head.iter().all(u8::is_ascii_digit)) {
        0
    } else {
        value.len().checked_sub(4)?
    };
    std::str::from_utf8(value.get(at..at + 4)?).ok()?.parse().ok()
}

/// Whether dates are of births: days of many years, in no order, a good part of them long ago. Dates of orders, of
/// measurements and of employment are recent, or come in order.
fn are_births(values: &[&[u8]]) -> bool {
    let years: Vec<u32> = values.iter().filter_map(|value| year(value)).collect();
    let (Some(first), Some(last)) = (years.iter().min(), years.iter().max()) else { return false };
    let in_order = years.windows(2).all(|pair| pair[0] <= pair[1]) || years.windows(2).all(|pair| pair[0] >= pair[1]);
    let old = years.iter().filter(|year| (1900..1990).contains(*year)).count();
    let different = values.iter().collect::<HashSet<_>>().len();
    last - first >= 15 && !in_order && old * 4 >= years.len() && different * 2 > values.len()
}

/// One to four words of letters that begin like a name.
fn is_name(value: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0x80 || b" ,.'-^".contains(byte);
    let words = value.split(|byte| matches!(byte, b' ' | b',' | b'^')).filter(|word| !word.is_empty());
    let begins = |word: &[u8]| word[0].is_ascii_uppercase() || word[0] >= 0x80;
    (2..=60).contains(&value.len())
        && value.iter().all(fits)
        && (1..=4).contains(&words.clone().count())
        && words.clone().next().is_some_and(begins)
}

/// Which names a column of words holds, by how many of them people have.
fn names(values: &[&[u8]]) -> Option<Look> {
    let words = |value: &'_ [u8]| -> Vec<Vec<u8>> {
        let parts = value.split(|byte| matches!(byte, b' ' | b',' | b'^')).filter(|word| word.len() > 1);
        parts.map(<[u8]>::to_vec).collect()
    };
    let of = |fits: &dyn Fn(&[Vec<u8>]) -> bool| values.iter().filter(|value| fits(&words(value))).count();
    let several = of(&|words| words.len() >= 2);
    if several * 10 >= values.len() * 8 {
        let known = |words: &[Vec<u8>]| words.len() >= 2 && words.iter().any(|word| is_given(word));
        return (of(&known) * 10 >= values.len() * 6).then_some(Look::FullNames);
    }
    let given = of(&|words| words.first().is_some_and(|word| is_given(word)));
    let surnames = of(&|words| words.last().is_some_and(|word| is_surname(word)));
    let different = values.iter().collect::<HashSet<_>>().len();
    if different < FEWEST {
        None
    } else if given * 10 >= values.len() * 6 && given >= surnames {
        Some(Look::GivenNames)
    } else if surnames * 10 >= values.len() * 3 {
        Some(Look::Surnames)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        let names = header(text.as_bytes())?.1;
        Some(names.iter().map(|name| String::from_utf8_lossy(name)).collect::<Vec<_>>().join("|"))
    }

    #[test]
    fn columns_are_known_by_their_values() {
        let names =
            "Smith,James,1957-03-14,M\nGarcia,Maria,1984-11-02,F\nKestin,Linda,1949-07-21,F\nBrown,Tavi,1961-05-30,M\n";
        let rows =
            |more: [&str; 4]| names.lines().zip(more).map(|(row, more)| format!("{row},{more}\n")).collect::<String>();
        let ssn = ["531-48-2197", "412-55-8831", "289-31-7720", "655-12-9043"];
        // text, what a header would say
        let cases: &[(String, Option<&str>)] = &[
            (rows(ssn), Some("last name|first name|date of birth|sex|ssn")),
            (rows(ssn).replace(',', "\t"), Some("last name|first name|date of birth|sex|ssn")),
            (rows(["A77319", "C20417", "B99182", "A10038"]), Some("last name|first name|date of birth|sex|identifier")),
            (rows(["E11.9", "I10", "J45.909", "M54.5"]), Some("last name|first name|date of birth|sex|diagnosis")),
            // with a header, it is the header that speaks
            (format!("a,b,c,d,e\n{}", rows(ssn)), None),
            // names and dates alone; nothing that is a person's own
            (names.to_owned(), None),
            // row numbers
            (rows(["100001", "100002", "100003", "100004"]), None),
            // too few rows
            (rows(ssn).lines().take(3).collect::<Vec<_>>().join("\n"), None),
        ];
        for (text, wanted) in cases {
            assert_eq!(told(text).as_deref(), *wanted, "{text}");
        }
    }

    #[test]
    fn weak_shapes_are_nobody() {
        let cases = [
            // orders: numbers, dates in order, ZIP codes, amounts
            "884120031,2021-03-04,02139,17\n773190482,2021-03-05,94110,3\n912004417,2021-03-09,60601,88\n100388142,2021-04-01,73301,5\n",
            // measurements over many years
            "Boston,1957-03-14,12.5\nChicago,1961-07-08,11.0\nAustin,1949-01-21,30.1\nDenver,1984-05-06,8.8\n",
            // products with dates and unique numbers
            "Oak table,2019-03-14,A77319,red\nBlue lamp,1984-05-06,C20417,blue\nKettle,1977-08-09,B99182,red\nChair,2001-02-03,A10038,green\n",
            // employment
            "James Smith,2004-03-14,617-284-9931\nMaria Garcia,1999-05-06,617-284-9932\nLinda Brown,2011-08-09,617-284-9933\nTavi Kest,2020-02-03,617-284-9934\n",
            // code
            "x = [1, 2, 3, 4]\ny = [5, 6, 7, 8]\nz = [9, 8, 7, 6]\nw = [1, 1, 1, 1]\n",
        ];
        for text in cases {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
