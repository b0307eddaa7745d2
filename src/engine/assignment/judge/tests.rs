//! The judge's tables: values under names, and what they are taken for.

use super::*;

fn context(language: Language, quoted: bool, file: &str) -> Context<'_> {
    Context { language, syntax: Syntax::Assigned, quoted, followed: false, commented: false, file }
}

#[test]
fn passwords_are_judged() {
    // language, quoted, value, the least it must be (None: no secret)
    let cases: &[(Language, bool, &str, Option<Confidence>)] = &[
        (Language::Env, false, "hunter2", Some(Confidence::Medium)),
        (Language::Env, false, "goodspec", Some(Confidence::Low)),
        (Language::Env, false, "Tr0ub4dor&3", Some(Confidence::High)),
        (Language::Python, true, "Tr0ub4dor&3", Some(Confidence::High)),
        (Language::Python, true, "secret", None),
        (Language::Python, true, "Enter your password", None),
        (Language::Yaml, false, "${DB_PASSWORD}", None),
        (Language::Yaml, false, "changeme", None), // a default, which has a rule of its own
        (Language::Yaml, false, "/run/secrets/db", None),
        (Language::JavaScript, true, "Passwort vergessen", None),
        (Language::JavaScript, true, "user_password", None),
        (Language::Json, true, "password", None),
        (Language::Env, false, "Password1$", Some(Confidence::Low)), // its own name, as policies ask for
        (Language::Env, false, "Password1", None),
        (Language::Unknown, false, "getpass()", None),
        (Language::Unknown, false, "user.password", None),
    ];
    for (language, quoted, value, wanted) in cases {
        let judged = judge(value.as_bytes(), b"db_password", Shape::Password, &context(*language, *quoted, "a"));
        let got = match judged {
            Judged::Secret { confidence, .. } => Some(confidence),
            Judged::No(_) => None,
        };
        assert_eq!(got, *wanted, "{language:?} {value}: {judged:?}");
    }
}

#[test]
fn tests_lower_the_confidence_and_hide_nothing_strong() {
    let value = b"Tr0ub4dor&3";
    let judged = judge(value, b"password", Shape::Password, &context(Language::Python, true, "tests/test_login.py"));
    assert!(matches!(judged, Judged::Secret { confidence: Confidence::Medium, .. }), "{judged:?}");
}

#[test]
fn any_takes_defaults() {
    for (value, wanted) in [("changeit", true), ("admin", true), ("${X}", false), ("null", false), ("", false)] {
        let judged = judge(value.as_bytes(), b"password", Shape::Any, &context(Language::Env, false, "a"));
        assert_eq!(matches!(judged, Judged::Secret { .. }), wanted, "{value}");
    }
}

#[test]
fn a_name_that_says_whose_it_is_speaks_for_its_value() {
    // name, value, language, how sure (None: no secret)
    let cases: &[(&str, &str, Language, Option<Confidence>)] = &[
        ("acme_key", "x9y8b7c6d5", Language::Env, Some(Confidence::Low)), // short, but letters and digits in turn
        ("cache_key", "x9y8b7c6d5", Language::Env, None),
        ("acme_key", "x9y8b7c6d5", Language::Python, None),
        ("acme_token", "8195513847023883", Language::Env, Some(Confidence::Low)), // a long number
        ("acme_token", "4096", Language::Env, None),
        ("acme_key", "abcdefabcdefabcdefabcdefabcdefab", Language::Env, Some(Confidence::Low)), // counts along
        ("acme_key", "abcdef1234567890abcdef1234567890", Language::Env, Some(Confidence::Medium)), // … in a key's form
        ("acme_key", "abcdef1234567890abcdef1234567890", Language::Python, None),               // code shows forms
        ("api_key", "abcdef1234567890abcdef1234567890", Language::Env, Some(Confidence::Low)), // whose, it does not say
        ("acme_key", "12345678901234567890123456789012", Language::Env, Some(Confidence::Low)),
        ("acme_token", "0d9c8e2a-4b1f-4f7e-9a61-3f5b0c7d2e84", Language::Env, Some(Confidence::Medium)),
        ("token", "0d9c8e2a-4b1f-4f7e-9a61-3f5b0c7d2e84", Language::Env, Some(Confidence::Low)),
        ("acme_key", "acme_sandbox_abcdef1234567890ab", Language::Env, Some(Confidence::Low)), // it says so, too
        ("acme_key", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", Language::Env, None),
        ("acme_key", "user-settings-page", Language::Env, None),
    ];
    for (name, value, language, wanted) in cases {
        let judged = judge(value.as_bytes(), name.as_bytes(), Shape::Token, &context(*language, false, "a"));
        let got = match judged {
            Judged::Secret { confidence, .. } => Some(confidence),
            Judged::No(_) => None,
        };
        assert_eq!(got, *wanted, "{name} {value}: {judged:?}");
    }
}

#[test]
fn tokens_are_judged() {
    // language, quoted, value, how sure (None: no secret)
    let cases: &[(Language, bool, &str, Option<Confidence>)] = &[
        (Language::Env, false, "q7Zx0vK3jW9pB2mLq7Zr0vK3tW9p", Some(Confidence::High)),
        (Language::JavaScript, true, "3f9a0c77be5d41028e6b94a1d07c52ff", Some(Confidence::High)),
        (Language::Json, true, "0d9c8e2a-4b1f-4f7e-9a61-3f5b0c7d2e84", Some(Confidence::Medium)), // a UUID
        (Language::Env, false, "Bearer q7Zx0vK3jW9pB2mLq7Zr0vK3tW9p", Some(Confidence::High)),
        (Language::Env, false, "live-48213377-q7Zx0vK3jW9pB2mL", Some(Confidence::High)), // by its longest part
        (Language::Env, false, "abcdef1234567890abcdef1234567890", Some(Confidence::Low)), // counts along
        (Language::Python, true, "abcdef1234567890abcdef1234567890", None),               // in code it shows a form
        (Language::Env, false, "your-api-key-here-12345", None),
        (Language::Env, false, "xxxxxxxxxxxxxxxxxxxxxxxx", None),
        (Language::JavaScript, true, "settings.auth.accessToken", None), // a name of code
        (Language::Env, false, "sha256-q7Zx0vK3jW9pB2mLq7Zr0vK3tW9p", None), // a digest
        (Language::Env, false, "ENC[AES256_GCM,data:q7Zx0vK3]", None),
        (Language::Env, false, "4096", None),
    ];
    for (language, quoted, value, wanted) in cases {
        let judged = judge(value.as_bytes(), b"access_token", Shape::Token, &context(*language, *quoted, "a"));
        let got = match judged {
            Judged::Secret { confidence, .. } => Some(confidence),
            Judged::No(_) => None,
        };
        assert_eq!(got, *wanted, "{language:?} {value}: {judged:?}");
    }
}
