//! What stands at the name under which a product documents that it keeps a secret.
//!
//! There the name is the proof, and the value needs no strength of its own: a plain word is a password too. Only what
//! shows that no value is given (templates, references, masks, paths, sentences) speaks against it. Knows no rules.

use super::judge::{Context, Judged, not_a_literal};
use super::place::is_place;
use super::placeholder::{is_constant, is_made_up};
use super::plain::{is_address, repeats_name};
use super::random::Classes;
use super::strength::{Strength, password};
use super::{Language, Syntax, words};
use crate::rule::Confidence;

/// The shortest value that somebody may have set.
const SHORTEST: usize = 3;

/// The longest that somebody sets by hand.
const LONGEST: usize = 256;

/// Judges the value of a documented setting. Code and prose talk about settings more than they make them, so that only
/// configuration and shells count; elsewhere [`super::judge`] has the say.
pub fn judge_setting(value: &[u8], name: &[u8], context: &Context) -> Judged {
    let value = value.trim_ascii();
    if !context.language.is_config() && context.language != Language::Shell {
        return Judged::No("not in configuration");
    }
    if !(SHORTEST..=LONGEST).contains(&value.len()) {
        return Judged::No("too short or long for a setting");
    }
    if matches!(context.syntax, Syntax::Compared | Syntax::Beside | Syntax::Note | Syntax::Glued) {
        return Judged::No("not set here");
    }
    if context.commented || context.is_translation() {
        return Judged::No("in a comment or translation");
    }
    if let Some(why) = not_a_literal(value, context) {
        return Judged::No(why);
    }
    if is_constant(value) || is_made_up(value) || repeats_name(value, name) {
        return Judged::No("made up");
    }
    if is_place(value) || is_address(value) {
        return Judged::No("a place");
    }
    let spaced = Classes::of(value).space > 0;
    if spaced && (!context.quoted || words::covered(value).0 * 2 >= value.len()) {
        return Judged::No("a sentence");
    }
    let confidence = match password(value).0 {
        Strength::None | Strength::Weak => Confidence::Medium,
        Strength::Fair | Strength::Strong => Confidence::High,
    };
    let because = vec!["the name is that of a documented setting"];
    // A weak word in an example shows the form of the setting.
    let confidence = if context.is_test() { confidence.lowered() } else { confidence };
    Judged::Secret { confidence, because }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_password_where_the_name_is_proof() {
        let context = |file, language, quoted| Context {
            language,
            syntax: Syntax::Assigned,
            quoted,
            followed: false,
            commented: false,
            file,
        };
        let properties = context("mirth.properties", Language::Properties, false);
        let json = context("orthanc.json", Language::Json, true);
        let example = context("mirth.properties.example", Language::Properties, false);
        let code = context("a.py", Language::Python, true);
        // value, context, confidence if it is a secret
        let cases: &[(&str, &Context, Option<Confidence>)] = &[
            ("sunflower", &properties, Some(Confidence::Medium)),
            ("DwTehlnVHF", &properties, Some(Confidence::High)), // no word has such capitals
            ("kx7!pQ2m", &json, Some(Confidence::High)),
            ("wjow osen ozlh stns", &json, Some(Confidence::Medium)), // groups of letters
            ("sunflower", &example, Some(Confidence::Low)),
            ("sunflower", &code, None),
            ("${DB_PASSWORD}", &properties, None),
            ("changeme", &properties, None),
            ("password", &properties, None),
            ("the password of the database", &json, None),
            ("/run/secrets/db", &properties, None),
            ("ab", &json, None),
            ("", &json, None),
        ];
        for (value, context, wanted) in cases {
            let confidence = match judge_setting(value.as_bytes(), b"database.password", context) {
                Judged::Secret { confidence, .. } => Some(confidence),
                Judged::No(_) => None,
            };
            assert_eq!(confidence, *wanted, "{value}");
        }
    }
}
