//! YAML, one document or several, with templates that were not rendered.
//!
//! Spans: a plain or quoted scalar's covers it as written, quotes included; a block scalar's (`|`, `>`) covers
//! its content, without the header and without trailing blank lines; a list's or map's goes from its first
//! bracket, dash or name to its last value or bracket; an empty value's is empty, right after its name. Anchors
//! and tags stand before all of these.
//!
//! Values are typed as Kubernetes types them, which is YAML 1.1 where it matters: a plain `yes` is true, `0644`
//! is octal. Names are text as written. What an application's own tag (`!Ref`) makes of a scalar is unknown.

mod merge;
mod reader;
mod scalar;
mod template;
mod tree;

use super::{Broken, MAX_NODES, Parsed, Trouble, stray};
use crate::text::Span;
use reader::{Source, read};

/// Parses all documents of a text.
pub(super) fn parse(text: &[u8]) -> Parsed {
    let (mended, stray) = stray::utf8(text);
    let mut parsed = parse_str(&mended, MAX_NODES);
    parsed.broken.extend(stray.map(stray::complaint));
    parsed.broken.sort_by_key(|broken| broken.span.start);
    parsed
}

/// A text is taken for a template when what makes it no YAML are template expressions: then it is read again
/// with these blanked out, at the same offsets.
fn parse_str(text: &str, most_nodes: usize) -> Parsed {
    let templates = template::find(text);
    let source = Source { text, original: text, templates: &templates, blanked: false, most_nodes };
    let plain = read(&source);
    if templates.is_empty() || !plain.is_template {
        return plain.parsed;
    }
    let blanked = template::blank(text, &templates);
    let mut parsed = read(&Source { text: &blanked, blanked: true, ..source }).parsed;
    let first = templates[0].span;
    parsed
        .broken
        .insert(0, of_template("a template that was not rendered; values that it fills in are unknown", first));
    parsed
}

fn of_template(message: &str, span: Span) -> Broken {
    Broken::new(Trouble::Template, message, span)
}

#[cfg(test)]
mod tests;
