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
    /// The longest word.
    keyword: String,
}

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
        let keyword = words.iter().max_by_key(|word| word.len())?.clone();
        Some(NamePattern { exact, joined: words.concat().into_bytes(), keyword })
    }

    /// The word to search for: every name that matches holds it in some case.
    pub fn keyword(&self) -> &str {
        &self.keyword
    }

    /// How many letters it asks for: of two patterns that match, the longer one is the more telling.
    pub fn weight(&self) -> usize {
        self.joined.len() + usize::from(self.exact)
    }
}

/// Whether a name, as written, is one of those meant by `wanted`.
pub fn name_matches(name: &[u8], wanted: &NamePattern) -> bool {
    if name.len() > LONGEST_NAME {
        return false;
    }
    let mut letters = [0u8; LONGEST_NAME];
    let mut length = 0;
    let mut starts = [0usize; LONGEST_NAME];
    let mut words = 0;
    each_word(name, |word| {
        starts[words] = length;
        words += 1;
        for byte in word {
            letters[length] = byte.to_ascii_lowercase();
            length += 1;
        }
        ControlFlow::Continue(())
    });
    let letters = &letters[..length];
    let starts = &starts[..words];
    if wanted.exact {
        return letters == wanted.joined.as_slice();
    }
    // Ends where a word ends; words that only say which one may follow.
    let mut end = length;
    for start in starts.iter().rev() {
        if let Some(at) = end.checked_sub(wanted.joined.len())
            && &letters[at..end] == wanted.joined.as_slice()
            && (starts.contains(&at) || wanted.joined.len() >= LEAST_FUSED)
        {
            return true;
        }
        if !AFTERWORDS.contains(&&letters[*start..end]) {
            return false;
        }
        end = *start;
    }
    false
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
            assert_eq!(name_matches(name.as_bytes(), &pattern), *meant, "{name} / {pattern:?}");
        }
        assert_eq!(NamePattern::new("^ 1"), None);
        let long = vec![b'a'; 10_000];
        assert!(!name_matches(&long, &NamePattern::new("a").expect("has letters")));
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
    fn the_keyword_is_the_longest_word() {
        assert_eq!(NamePattern::new("client secret").expect("has letters").keyword(), "secret");
        assert_eq!(NamePattern::new("^password").expect("has letters").keyword(), "password");
    }
}
