//! Values that stand for a value: templates, references, masks, encrypted texts.
//!
//! Knows how others write "the real one is elsewhere"; says so in a few words.

use super::random::{is_hex, is_monotonous, longest_run};

/// How templates of some engine open, and close where the opening alone says too little.
#[rustfmt::skip]
const TEMPLATES: &[(&[u8], &[u8])] = &[
    (b"${", b"}"), (b"{{", b"}}"), (b"<%", b""), (b"$(", b")"), (b"%(", b")s"), (b"%(", b")d"), (b"#{", b"}"),
    (b"{%", b""), (b"%{", b"}"), (b"\\(", b")"), (b"@{", b"}"), (b"$[[", b""), (b"[[", b"]]"), (b"{0}", b""),
    (b"{1}", b""), (b"<?", b""), (b"\\u0024{", b""),
];

/// Whether `open`, a name, and `close` stand in a value.
fn is_filled(value: &[u8], open: &[u8], close: &[u8]) -> bool {
    memchr::memmem::find_iter(value, open).any(|at| {
        let inner = &value[at + open.len()..];
        if close.is_empty() {
            return true;
        }
        let Some(end) = memchr::memmem::find(inner, close) else { return inner.is_empty() };
        end == 0
            || inner[0].is_ascii_alphabetic()
            || matches!(inner[0], b'_' | b' ' | b'.' | b'$' | b'{' | b'(' | b'"' | b'\'' | b'-' | b'#' | b'[' | b'=')
    })
}

/// Beginnings of values that point to where the secret lies.
#[rustfmt::skip]
const REFERENCES: &[&[u8]] = &[
    b"vault:", b"secret://", b"secrets/", b"op://", b"ref+", b"ssm:", b"arn:", b"@microsoft.keyvault", b"env:",
    b"env.", b"env(", b"file:", b"file(", b"var.", b"local.", b"module.", b"data.", b"process.env",
    b"os.environ", b"os.getenv", b"getenv", b"system.getenv", b"secrets.", b"keyring:", b"keychain:", b"kms:",
    b"aws:secretsmanager", b"gcpsm:", b"sm://", b"akv:", b"azurekeyvault", b"self.", b"this.", b"config.",
    b"settings.", b"props.", b"params.", b"args.", b"options.", b"opts.", b"request.", b"req.", b"ctx.",
    b"context.", b"app.", b"user.", b"import.meta", b"credentials(", b"{{", b"valuefrom", b"projects/",
    b"/run/secrets/", b"awssecret", b"keyvault", b"$env:", b"@env:", b"@file:", b"!ref", b"!sub", b"inputs.",
];

/// Beginnings of values that are encrypted or hashed.
#[rustfmt::skip]
const SEALED: &[(&[u8], &str)] = &[
    (b"enc[", "encrypted"), (b"enc(", "encrypted"), (b"{cipher}", "encrypted"), (b"{aes", "encrypted"),
    (b"{xor}", "encrypted"), (b"$ansible_vault", "encrypted"), (b"!vault", "encrypted"),
    (b"vault:v", "encrypted"), (b"aqicah", "encrypted"), (b"-----begin age", "encrypted"),
    (b"-----begin pgp message", "encrypted"), (b"-----begin", "a PEM block, which has rules of its own"),
    (b"ssh-", "a public key"), (b"ecdsa-sha2", "a public key"), (b"aaaab3nzac1", "a public key"),
    (b"aaaac3nzac1", "a public key"), (b"pk_live_", "a key meant to be public"),
    (b"pk_test_", "a key meant to be public"), (b"age1", "a public key"), (b"sha1-", "a digest"),
    (b"sha1=", "a digest"), (b"sha256=", "a digest"), (b"sha384=", "a digest"), (b"sha512=", "a digest"),
    (b"sha256-", "a digest"), (b"sha384-", "a digest"), (b"sha512-", "a digest"), (b"sha1:", "a digest"),
    (b"sha256:", "a digest"), (b"sha512:", "a digest"), (b"md5:", "a digest"), (b"{ssha", "a password's hash"),
    (b"{sha", "a password's hash"), (b"{crypt}", "a password's hash"), (b"{md5}", "a password's hash"),
    (b"{bcrypt}", "a password's hash"), (b"{pbkdf2", "a password's hash"), (b"{scram", "a password's hash"),
    (b"pbkdf2", "a password's hash"), (b"$argon2", "a password's hash"), (b"$2a$", "a password's hash"),
    (b"$2b$", "a password's hash"), (b"$2y$", "a password's hash"), (b"$apr1$", "a password's hash"),
    (b"$1$", "a password's hash"), (b"$5$", "a password's hash"), (b"$6$", "a password's hash"),
    (b"$y$", "a password's hash"), (b"scram-sha", "a password's hash"),
];

/// Pieces that say a value is made up, in lower case.
#[rustfmt::skip]
const MADE_UP: &[&[u8]] = &[
    b"example", b"placeholder", b"your", b"changeme", b"change_me", b"change-me", b"changethis",
    b"change_this", b"change-this", b"replace", b"redacted", b"dummy", b"insert", b"todo", b"fixme", b"xxxx",
    b"<your", b"enter", b"specify", b"fill_", b"fill-", b"_here", b"-here", b"goes here", b"sample",
    b"not-a-real", b"notareal", b"not_a_real", b"fake", b"foobar", b"lorem", b"undefined", b"must_be",
    b"must-be", b"mustbe", b"some-", b"some_", b"any_", b"my-super", b"mysuper", b"super-secret", b"supersecret",
    b"super_secret", b"topsecret", b"verylongsecret", b"notset", b"not-set", b"not_set", b"to_be_", b"censored",
    b"masked", b"obfuscated", b"mock", b"setme", b"set_me", b"deadbeef",
    b"bogus", b"unused", b"this-is", b"this_is",
];

/// Pieces that say a short value is a test's; a long random one may be the key of a test account.
const SAY_TEST: &[&[u8]] = &[b"test-", b"test_", b"-test", b"_test", b"testtest"];

/// Whole values that are made up, in lower case.
#[rustfmt::skip]
const MADE_UP_WHOLE: &[&[u8]] = &[
    b"my-secret", b"my_secret", b"mysecret", b"mypassword", b"my_password", b"my-password", b"mytoken", b"my_token",
    b"my-token", b"myapikey", b"my-api-key", b"my_api_key", b"hidden", b"invalid", b"mypass", b"somepassword",
    b"somesecret", b"newpassword", b"oldpassword", b"wrongpassword", b"anotherpassword", b"testpassword", b"testpass",
    b"password1234", b"value1", b"value2", b"-anonymous@", b"latin1", b"utf-8", b"utf8", b"ascii", b"base64",
    // What RFC 5849, 6749 and 6750 show.
    b"2yotnfzfejr1zcsicmwpaa", b"tgzv3jokf0xg5qx2tlkwia", b"mf_9.b5f-4.1jqm", b"h480djs93hd8", b"0685bd9184jfhq22",
    b"ad180jjd733klru7", b"czzcagrsa3f0mzpnwdfmqmf0m2jw", b"nnch734d00sl2jdk", b"kkk9d7dh3k39sjv7", b"pfkkdhi9sl3r4s00",
    // What the OAuth Core 1.0 specification and RFC 6455 show.
    b"dpf43f3p2l4k3l03", b"hh5s93j4hdidpola", b"hdhd0244k9j7ao03", b"kd94hf93k423kf44",
    b"258eafa5-e914-47da-95ca-c5ab0dc85b11",
];

/// Why a value only points elsewhere or shows nothing; none if it could be the thing itself.
pub(super) fn stands_for_another(value: &[u8]) -> Option<&'static str> {
    if TEMPLATES.iter().any(|(open, close)| is_filled(value, open, close)) {
        return Some("a template");
    }
    for (start, why) in SEALED {
        if begins(value, start) {
            return Some(why);
        }
    }
    if REFERENCES.iter().any(|start| begins(value, start)) {
        return Some("a reference");
    }
    if is_sealed_secret(value) {
        return Some("encrypted");
    }
    let (first, last) = (value.first().copied()?, value.last().copied()?);
    if (first == b'`' && last == b'`') || is_formatted(value) {
        return Some("a template");
    }
    let second = value.get(1).copied().unwrap_or_default();
    if first == b'$' && (second.is_ascii_alphabetic() || second == b'_') && value[1..].iter().all(|byte| is_word(*byte))
    {
        return Some("a variable");
    }
    let wrapped = [
        (b'<', b'>'),
        (b'[', b']'),
        (b'{', b'}'),
        (b'%', b'%'),
        (b'(', b')'),
        (b'@', b'@'),
        (b'#', b'#'),
        (b':', b':'),
    ];
    if value.len() > 2 && wrapped.contains(&(first, last))
        || (value.len() > 4 && value.starts_with(b"__") && value.ends_with(b"__"))
    {
        return Some("a placeholder");
    }
    if [&b"&lt"[..], b"&#x3c", b"&#60"].iter().any(|mark| begins(value, mark)) {
        return Some("a placeholder");
    }
    if contains(value, b"...") || contains(value, "…".as_bytes()) || contains(value, "•".as_bytes()) {
        return Some("cut short");
    }
    if value.len() > 1
        && value.iter().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'-' | b'_' | b'#' | b'?' | b'0' | b' '))
    {
        return Some("a mask");
    }
    if contains(value, b"***") || (value.len() >= 12 && longest_run(value) * 2 > value.len()) {
        return Some("a mask");
    }
    let no_digits = !value.iter().any(u8::is_ascii_digit);
    if no_digits && [b"%s", b"%d", b"%v"].iter().any(|piece| contains(value, *piece)) {
        return Some("a format");
    }
    None
}

/// Whether a value is what Bitnami's SealedSecret holds in `encryptedData`: in base64, two bytes that say how long the
/// encrypted session key is (512 bytes), the key, and more.
fn is_sealed_secret(value: &[u8]) -> bool {
    const ENOUGH: usize = 250;
    value.len() >= ENOUGH
        && value.starts_with(b"Ag")
        && matches!(value[2], b'A'..=b'D')
        && value[..ENOUGH].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// Whether a value is made up: it says so, or is one piece again and again.
pub(super) fn is_made_up(value: &[u8]) -> bool {
    says_made_up(value) || is_monotonous(&value.to_ascii_lowercase())
}

/// Whether a value was typed by letting the fingers fall: letters that lie beside each other, or in the row where the
/// fingers rest. One random value in a thousand looks so.
pub(super) fn is_mashed(value: &[u8]) -> bool {
    const ROWS: [&[u8]; 3] = [b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];
    let place = |byte: u8| {
        ROWS.iter().enumerate().find_map(|(row, keys)| keys.iter().position(|key| *key == byte).map(|at| (row, at)))
    };
    let letters = value.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    // Longer ones were made to pass for a key of some service.
    if letters < 8
        || value.len() > 20
        || !value.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        || is_hex(value)
    {
        return false;
    }
    let home = value.iter().filter(|byte| ROWS[1].contains(byte)).count();
    let beside = |a: u8, b: u8| match (place(a), place(b)) {
        (Some((row, at)), Some((next, to))) => row == next && at.abs_diff(to) == 1,
        _ => false,
    };
    let runs = value.windows(3).filter(|keys| beside(keys[0], keys[1]) && beside(keys[1], keys[2])).count();
    (letters >= 9 && home * 4 >= letters * 3) || runs >= 3
}

/// Whether hardly more than signs in percent escapes stands in a value.
pub(super) fn is_escaped_signs(value: &[u8]) -> bool {
    let (mut at, mut escapes, mut plain) = (0, 0, 0);
    while at < value.len() {
        let digits = value.get(at + 1..at + 3).unwrap_or_default();
        if value[at] == b'%' && digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit) {
            escapes += 1;
            at += 3;
        } else {
            plain += usize::from(value[at].is_ascii_alphanumeric());
            at += 1;
        }
    }
    (escapes >= 1 && plain < 5) || (escapes >= 4 && plain <= 8)
}

/// Whether a value says of itself that it is made up.
pub(super) fn says_made_up(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let says = |piece: &&[u8]| contains(&lower, piece);
    (lower.len() < 24 && SAY_TEST.iter().any(&says)) || MADE_UP.iter().any(says) || MADE_UP_WHOLE.contains(&&*lower)
}

/// Whether a value holds a stretch that counts or spells: typed by hand, most likely to show the form.
pub(super) fn counts_along(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    [
        &b"123456789"[..],
        b"012345678",
        b"abcdefgh",
        b"987654321",
        b"zyxwvuts",
        b"qwertyui",
        b"abcdef0",
        b"a1b2c3d4",
        b"abc123",
        b"12345678",
    ]
    .iter()
    .any(|piece| contains(&lower, piece))
}

/// Whether a value holds `{name}`: filled in by a format.
fn is_formatted(value: &[u8]) -> bool {
    memchr::memchr_iter(b'{', value).any(|open| {
        let inner = value[open + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
            .count();
        inner > 1 && value[open + 1].is_ascii_alphabetic() && value.get(open + 1 + inner) == Some(&b'}')
    })
}

/// Whether a value is a constant of languages and schemas: `null`, `true`, `string`.
pub(super) fn is_constant(value: &[u8]) -> bool {
    #[rustfmt::skip]
    const CONSTANTS: &[&[u8]] = &[
        b"null", b"nil", b"none", b"true", b"false", b"yes", b"no", b"on", b"off", b"undefined", b"string", b"str",
        b"text", b"bool", b"boolean", b"int", b"integer", b"number", b"object", b"array", b"bytes", b"password",
        b"optional", b"required", b"default", b"auto", b"empty", b"disabled", b"enabled", b"unset", b"prompt",
        b"ask", b"any", b"void", b"char", b"varchar", b"file", b"env", b"n/a", b"self", b"this", b"nothing",
        b"random", b"generate", b"generated", b"inherit", b"never", b"always", b"unknown", b"nullptr",
        b"defined",
    ];
    let trimmed = value.trim_ascii_end();
    CONSTANTS.iter().any(|known| trimmed.eq_ignore_ascii_case(known))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'>' | b'[' | b']')
}

pub(super) fn contains(value: &[u8], piece: &[u8]) -> bool {
    memchr::memmem::find(value, piece).is_some()
}

pub(super) fn begins(value: &[u8], start: &[u8]) -> bool {
    value.len() >= start.len() && value[..start.len()].eq_ignore_ascii_case(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_another_is_told() {
        // value, whether it stands for another
        let cases: &[(&str, bool)] = &[
            ("${DB_PASSWORD}", true),
            ("{{ vault.password }}", true),
            ("$PASSWORD", true),
            ("$ecret9", true), // a variable, as far as anyone can tell
            ("$ecr3t!x", false),
            ("<password>", true),
            ("ENC[AES256_GCM,data:abc]", true),
            ("vault:v1:abcdef", true),
            ("op://vault/item", true),
            ("********", true),
            ("xxxxxxxx", true),
            ("sk-1234...", true),
            ("%(password)s", true),
            ("hunter2", false),
            ("Tr0ub4dor&3", false),
            ("", false),
        ];
        for (value, wanted) in cases {
            assert_eq!(stands_for_another(value.as_bytes()).is_some(), *wanted, "{value}");
        }
        let sealed = format!("AgB{}", "q7Zx0vK3".repeat(80));
        assert!(stands_for_another(sealed.as_bytes()).is_some());
        assert!(stands_for_another(&sealed.as_bytes()[..200]).is_none(), "too short to hold a session key");
        assert!(stands_for_another(&sealed.as_bytes()[1..]).is_none());
    }

    #[test]
    fn fingers_that_fell_are_told_from_random_letters() {
        // value, whether it was mashed
        let cases = [
            ("lsdkfol23w54jlksdef", true), // the row where the fingers rest
            ("askfjh234as9sd8", true),
            ("qwe089234lkjsdf", true), // keys beside each other
            ("k3v9qm2xw7bt5zr1", false),
            ("dad5a1fa6fadda5f", false), // hexadecimal
            ("Asdkfjh234asdsd8", false), // both cases
            ("asdf", false),
        ];
        for (value, mashed) in cases {
            assert_eq!(is_mashed(value.as_bytes()), mashed, "{value}");
        }
    }

    #[test]
    fn signs_in_percent_escapes_are_told_from_a_password_that_holds_some() {
        // value, whether it is hardly more than escapes
        let cases = [
            ("%60%7B%7D", true),
            ("pass%5B%7F", true),
            ("%20!%22$%&'()*+,-.%3A%3B%3C%3D%3E%40%5B%5C%5D%5E_%60%7B%7C%7D~", true),
            ("Winter%21Rain9", false),
            ("100%sure", false),
            ("%", false),
            ("%4", false),
        ];
        for (value, escaped) in cases {
            assert_eq!(is_escaped_signs(value.as_bytes()), escaped, "{value}");
        }
    }
}
