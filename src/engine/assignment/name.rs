//! Names as words: `apiKey`, `MY_API_KEY`, `my.api-key` and `apikey` all end with "api key".
//!
//! Knows no syntax and no values.

use std::ops::ControlFlow;

/// A name pattern of a rule, compiled: "api key", "^password".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern {
    exact: bool,
    /// The letters of the words, lower case, in one piece.
    joined: Vec<u8>,
    /// The word to search for.
    keyword: String,
    /// Whether that is the last one, with which every name ends that matches.
    ends: bool,
}

/// Last words of patterns that ordinary text is full of: another word tells more.
const COMMON: &[&str] =
    &["access", "base", "code", "id", "material", "no", "number", "post", "sec", "security", "text", "value"];

/// How long a name may be; longer ones match nothing.
const LONGEST_NAME: usize = 256;

/// Words at the end of a name that say which one, not what: `PASSWORD_PROD`, `api_key_2`, `secret_base64`.
#[rustfmt::skip]
const AFTERWORDS: &[&[u8]] = &[
    b"prod", b"production", b"dev", b"devel", b"development", b"test", b"testing", b"stage", b"staging", b"qa",
    b"uat", b"live", b"sandbox", b"default", b"old", b"new", b"current", b"backup", b"primary", b"secondary",
    b"base", b"b", b"value", b"val", b"str", b"string", b"text", b"txt", b"plain", b"plaintext", b"raw",
    b"local", b"master", b"main", b"decoded", b"unencrypted", b"clear", b"cleartext", b"a", b"c", b"x", b"v",
    b"one", b"two", b"const", b"literal", b"data", b"hex", b"read", b"write", b"admin", b"override",
    b"decrypted",
];

/// Least letters of a pattern that may stand at the end of a longer word: `mysqlpassword`, but not `monkey`.
const LEAST_FUSED: usize = 5;

impl NamePattern {
    /// Reads a pattern as rules write it; none if it has no letters.
    pub fn new(pattern: &str) -> Option<Self> {
        let (exact, words) = match pattern.strip_prefix('^') {
            Some(words) => (true, words),
            None => (false, pattern),
        };
        let words: Vec<String> = words
            .split(|c: char| !c.is_ascii_alphabetic())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let last = words.last()?;
        let ends = words.len() == 1 || (last.len() >= 3 && !COMMON.contains(&last.as_str()));
        let telling = |word: &&String| (!COMMON.contains(&word.as_str()), word.len());
        let keyword = if ends { last } else { words.iter().rev().max_by_key(telling)? }.clone();
        Some(NamePattern { exact, joined: words.concat().into_bytes(), keyword, ends })
    }

    /// The word to search for: every name that matches holds it in some case. With `true` what a name says ends with
    /// it.
    pub fn keyword(&self) -> (&str, bool) {
        (&self.keyword, self.ends)
    }

    /// How many letters it asks for: of two patterns that match, the longer one is the more telling.
    pub fn weight(&self) -> usize {
        self.joined.len() + usize::from(self.exact)
    }
}

/// A name taken apart once, to be held against many patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameWords {
    /// The letters of its words, lower case, in one piece.
    letters: Vec<u8>,
    /// Where words begin in it.
    starts: Vec<usize>,
    /// Where what it says may end: at its end, and before each word that only says which one.
    ends: Vec<usize>,
}

impl NameWords {
    /// Takes a name apart as it is written; none if it is too long to be one.
    pub fn new(name: &[u8]) -> Option<Self> {
        if name.len() > LONGEST_NAME {
            return None;
        }
        let (mut letters, mut starts) = (Vec::with_capacity(name.len()), Vec::new());
        each_word(name, |word| {
            starts.push(letters.len());
            letters.extend(word.iter().map(u8::to_ascii_lowercase));
            ControlFlow::Continue(())
        });
        let mut ends = Vec::new();
        let mut end = letters.len();
        for start in starts.iter().rev() {
            ends.push(end);
            if !AFTERWORDS.contains(&&letters[*start..end]) {
                break;
            }
            end = *start;
        }
        Some(NameWords { letters, starts, ends })
    }

    /// Whether it is one of the names meant by `wanted`.
    pub fn fit(&self, wanted: &NamePattern) -> bool {
        let joined = wanted.joined.as_slice();
        if wanted.exact {
            return self.letters == joined;
        }
        self.ends.iter().any(|end| {
            self.letters[..*end].ends_with(joined)
                && (joined.len() >= LEAST_FUSED || self.starts.contains(&(end - joined.len())))
        })
    }
}

/// Words that say what a value is, not whose.
#[rustfmt::skip]
const GENERIC: &[&[u8]] = &[
    b"api", b"access", b"key", b"keys", b"token", b"tokens", b"secret", b"secrets", b"auth", b"authentication",
    b"authorization", b"app", b"application", b"client", b"user", b"the", b"your", b"private", b"public", b"service",
    b"server", b"admin", b"master", b"main", b"default", b"test", b"dev", b"prod", b"production", b"staging", b"live",
    b"session", b"bearer", b"password", b"pass", b"pwd", b"jwt", b"oauth", b"http", b"header", b"env", b"config",
    b"settings", b"data", b"value", b"new", b"old", b"this", b"self", b"account", b"root", b"database", b"cache",
    b"refresh", b"consumer", b"shared", b"signing", b"encryption", b"personal", b"secretkey", b"apikey", b"authkey",
    b"accesstoken", b"accesskey", b"authtoken", b"apitoken", b"string", b"str", b"get", b"set", b"hash", b"sort",
    b"primary", b"foreign", b"unique", b"partition", b"row", b"object", b"item", b"index", b"map", b"dict", b"next",
    b"page", b"last", b"first", b"some", b"any", b"other", b"license", b"credential", b"credentials", b"appkey",
    b"privatekey", b"clientsecret", b"product", b"project", b"build", b"version", b"message", b"event", b"group",
];

/// Whether a name says whose the value is: a word beside those that only say what it is, as in `ACME_API_KEY`.
pub(super) fn is_bound(name: &[u8]) -> bool {
    let mut bound = false;
    each_word(name, |word| {
        bound = word.len() >= 3 && !GENERIC.iter().any(|known| known.eq_ignore_ascii_case(word));
        if bound { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bound
}

/// The words of a name: split at anything that is no letter, before an upper-case letter that follows a
/// lower-case one, and before the last of several upper-case letters that a lower-case one follows.
pub(super) fn each_word<'n>(name: &'n [u8], mut visit: impl FnMut(&'n [u8]) -> ControlFlow<()>) {
    let mut start = 0;
    for at in 0..=name.len() {
        let here = name.get(at).copied().unwrap_or(b' ');
        let letter = here.is_ascii_alphabetic();
        let before = at.checked_sub(1).map_or(b' ', |before| name[before]);
        let splits = letter
            && here.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || (before.is_ascii_uppercase() && name.get(at + 1).is_some_and(u8::is_ascii_lowercase)));
        if !letter || splits {
            if at > start && visit(&name[start..at]).is_break() {
                return;
            }
            start = if letter { at } else { at + 1 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_with_the_words() {
        // name, pattern, whether it is meant
        let cases: &[(&str, &str, bool)] = &[
            ("apiKey", "api key", true),
            ("MY_API_KEY", "api key", true),
            ("my.api-key", "api key", true),
            ("APIKey", "api key", true),
            ("apikey", "api key", true),
            ("x-apikey", "api key", true),
            ("API_KEY_PROD", "api key", true), // which one, not what
            ("password1", "password", true),
            ("PASSWORD_2", "password", true),
            ("mysqlpassword", "password", true), // written in one piece
            ("moosendSECRET", "secret", true),
            ("monkey", "key", false), // too short to stand inside a word
            ("keyboard", "key", false),
            ("passwordField", "password", false),
            ("passwordLength", "password", false),
            ("max_tokens", "token", false),
            ("api_key_id", "api key", false),
            ("secret_name", "secret", false),
            ("password", "^password", true),
            ("db_password", "^password", false),
            ("oauth2Token", "oauth token", true), // digits do not count
            ("", "password", false),
        ];
        for (name, pattern, meant) in cases {
            let pattern = NamePattern::new(pattern).expect("has letters");
            let words = NameWords::new(name.as_bytes()).expect("short enough");
            assert_eq!(words.fit(&pattern), *meant, "{name} / {pattern:?}");
        }
        assert_eq!(NamePattern::new("^ 1"), None);
        let long = vec![b'a'; 10_000];
        assert_eq!(NameWords::new(&long), None);
    }

    #[test]
    fn names_say_whose_the_value_is() {
        // name, whether it says so
        let cases: &[(&str, bool)] = &[
            ("ACME_API_KEY", true),
            ("acmeSecret", true),
            ("acme token", true),
            ("API_KEY", false),
            ("client_secret", false),
            ("cacheKey", false),
            ("", false),
        ];
        for (name, wanted) in cases {
            assert_eq!(is_bound(name.as_bytes()), *wanted, "{name}");
        }
    }

    #[test]
    fn the_keyword_is_the_last_word_that_tells_something() {
        let cases = [
            ("client secret", ("secret", true)),
            ("^password", ("password", true)),
            ("write key", ("key", true)), // ordinary text is full of `write`
            ("ssn number", ("ssn", false)),
            ("secret id", ("secret", false)),
            ("bind pw", ("bind", false)), // too short to be searched for
        ];
        for (pattern, keyword) in cases {
            assert_eq!(NamePattern::new(pattern).expect("has letters").keyword(), keyword, "{pattern}");
        }
    }
}
