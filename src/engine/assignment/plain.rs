//! Values that people or programs read: texts, prompts, addresses, names of code.
//!
//! Knows where a value stands, because a word in code means less than the same word in configuration.

use super::judge::Context;
use super::random::Classes;
use super::{Language, name, words};

/// Whether a value says no more than its name: `password = "password"`, `apiKey: my-api-key`.
pub(super) fn repeats_name(value: &[u8], name: &[u8]) -> bool {
    let letters = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect()
    };
    let (value, name) = (letters(value), letters(name));
    value.len() >= 3
        && (name.ends_with(&value) || (name.len() >= 3 && value.len() <= name.len() + 3 && value.ends_with(&name)))
}

/// Why a value is text for people.
pub(super) fn is_text(value: &[u8], context: &Context) -> Option<&'static str> {
    let classes = Classes::of(value);
    if matches!(value.last(), Some(b':' | b'?')) && classes.digit == 0 {
        return Some("a prompt");
    }
    if !value.is_ascii() && classes.digit == 0 {
        return Some("text of a language");
    }
    if context.is_translation() && (classes.digit == 0 || classes.space > 0) {
        return Some("a translation");
    }
    if context.language.is_code() && value.windows(2).any(|pair| pair[0] == b'\\' && pair[1].is_ascii_lowercase()) {
        return Some("text with escapes");
    }
    let (letters, count) = words::covered(value);
    if classes.digit == 0 && classes.symbol > 0 && count >= 3 && letters * 2 > value.len() {
        return Some("words");
    }
    if classes.space > 0 && (classes.space >= 3 || classes.digit == 0 || context.is_loose() || !context.quoted) {
        return Some("a sentence");
    }
    None
}

/// Whether a value is an e-mail address.
pub(super) fn is_address(value: &[u8]) -> bool {
    let at = value.iter().position(|byte| *byte == b'@');
    at.is_some_and(|at| {
        at > 0
            && memchr::memchr(b'.', &value[at..]).is_some()
            && value[at + 1..].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    })
}

/// Whether a value reads like a name of code: `user_password`, `auth.password`, `PasswordInput`.
pub(super) fn is_code_name(value: &[u8], context: &Context) -> bool {
    let classes = Classes::of(value);
    let joins = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/' | b'$');
    if !value.iter().all(joins) || classes.digit * 3 > value.len() {
        return false;
    }
    let mut count = 0;
    name::each_word(value, |_| {
        count += 1;
        std::ops::ControlFlow::Continue(())
    });
    let joined = count >= 2 && (classes.symbol > 0 || classes.digit == 0);
    if joined && words::is_plain(value) && classes.digit == 0 {
        let mut known = 0;
        name::each_word(value, |word| {
            known += usize::from(words::is_word(word));
            std::ops::ControlFlow::Continue(())
        });
        return known * 2 > count || context.language.is_code() || !context.quoted && !context.language.is_config();
    }
    // Unquoted in unknown text: a lone word could as well be a variable.
    !context.quoted
        && context.language == Language::Unknown
        && classes.digit == 0
        && words::covered(value).0 == value.len()
}
