//! Template expressions in YAML: Go templates (Helm) and Jinja (Ansible, Salt).
//!
//! Knows where expressions begin and end, and how to hide them from a YAML parser without moving anything else.
//! It renders nothing.

use memchr::memmem;

use crate::text::Span;

/// One expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Template {
    /// Where it stands, braces included.
    pub(super) span: Span,
    /// Whether it only steers (`if`, `end`, a comment) and puts nothing in.
    pub(super) steers: bool,
}

/// The expressions of a text, in order. `${{ … }}` belongs to GitHub workflows and is none.
pub(super) fn find(text: &str) -> Vec<Template> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    // An expression ends within its document. Where no further one of a kind does, none is looked for again, or
    // the time would be quadratic.
    let mut document_end = 0;
    let mut endless_up_to = [0; 3];
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'{', &bytes[at..]).map(|length| at + length) {
        at = open + 1;
        let (kind, close) = match bytes.get(at) {
            Some(b'{') => (0, b"}}"),
            Some(b'%') => (1, b"%}"),
            Some(b'#') => (2, b"#}"),
            _ => continue,
        };
        if at < endless_up_to[kind] {
            continue;
        }
        let inner = (open + 2).min(bytes.len());
        if document_end < inner {
            document_end = memmem::find(&bytes[inner..], b"\n---").map_or(bytes.len(), |length| inner + length);
        }
        let Some(length) = memmem::find(&bytes[inner..document_end], close) else {
            endless_up_to[kind] = document_end;
            continue;
        };
        let mut end = inner + length + 2;
        // A Jinja map may close right before the expression does: `{{ {'a': 1}}}`.
        if bytes[inner..end - 2].contains(&b'{') && bytes.get(end) == Some(&b'}') {
            end += 1;
        }
        let is_github = open > 0 && bytes[open - 1] == b'$' && bytes[at] == b'{';
        if !is_github {
            let steers = bytes[at] != b'{' || steers(&text[inner..end]);
            found.push(Template { span: Span::new(open, end), steers });
        }
        at = end;
    }
    found
}

/// Whether the expression that starts with `inner` puts nothing in.
fn steers(inner: &str) -> bool {
    const WORDS: [&str; 9] = ["if", "else", "end", "range", "with", "define", "block", "break", "continue"];
    let inner = inner.trim_start_matches('-').trim_start();
    let word = inner.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
    let assigns = inner.starts_with('$') && inner.split_once('=').is_some_and(|(name, _)| !name.contains(['"', '(']));
    inner.starts_with("/*") || assigns || WORDS.contains(&word)
}

/// The same text with line breaks in place of lines that only hold expressions, and letters in place of all other
/// expressions; each byte stays where it is. Breaks and not blanks, because a line of many blanks says something
/// about indentation.
pub(super) fn blank(text: &str, templates: &[Template]) -> String {
    let bytes = text.as_bytes();
    let mut blanked = bytes.to_vec();
    let mut rest = templates;
    while !rest.is_empty() {
        let run = run(bytes, rest);
        match own_lines(bytes, Span::new(rest[0].span.start, rest[run - 1].span.end)) {
            Some(lines) => blanked[lines.range()].fill(b'\n'),
            None => rest[..run].iter().for_each(|template| blanked[template.span.range()].fill(b'x')),
        }
        rest = &rest[run..];
    }
    // Expressions begin and end with ASCII and became ASCII, so that what is left is UTF-8.
    String::from_utf8(blanked).unwrap_or_default()
}

/// How many of the first expressions follow one another with nothing but blanks between them.
fn run(bytes: &[u8], templates: &[Template]) -> usize {
    let gap = |pair: &[Template]| &bytes[pair[0].span.end..pair[1].span.start];
    1 + templates.windows(2).take_while(|pair| gap(pair).iter().all(|byte| is_blank(*byte))).count()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The lines of `span`, if they hold nothing else.
fn own_lines(bytes: &[u8], span: Span) -> Option<Span> {
    let is_break = |byte: Option<&u8>| matches!(byte, None | Some(b'\n' | b'\r'));
    let before = bytes[..span.start].iter().rev().take_while(|byte| is_blank(**byte)).count();
    let after = bytes[span.end..].iter().take_while(|byte| is_blank(**byte)).count();
    let lines = Span::new(span.start - before, span.end + after);
    let alone = is_break(lines.start.checked_sub(1).map(|at| &bytes[at])) && is_break(bytes.get(lines.end));
    alone.then_some(lines)
}

/// Whether expressions are all that a text consists of.
pub(super) fn is_whole(text: &str) -> bool {
    let text = text.trim();
    if !text.starts_with("{{") || !text.ends_with("}}") {
        return false;
    }
    let mut at = 0;
    for template in find(text) {
        if !text[at..template.span.start].trim().is_empty() {
            return false;
        }
        at = template.span.end;
    }
    at == text.len()
}

/// The expressions that share a byte with `span`.
pub(super) fn within(templates: &[Template], span: Span) -> &[Template] {
    let first = templates.partition_point(|template| template.span.end <= span.start);
    let count = templates[first..].partition_point(|template| template.span.start < span.end);
    &templates[first..first + count]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_found_and_blanked_in_place() {
        // text, what is left for the YAML parser; a dot stands for a line break that was put in
        let cases = [
            ("a: {{ .V }}", "a: xxxxxxxx"),
            ("a: \"{{ .V }}:{{ .W }}\"", "a: \"xxxxxxxx:xxxxxxxx\""),
            ("{{- if .V }}\na: 1\n{{- end }}", "............\na: 1\n.........."),
            ("  {{ .A }} {{ .B }}  \nb: 1", ".....................\nb: 1"),
            ("{{- /* two\nlines */ -}}\na: 1", ".......................\na: 1"),
            ("a: {{ x\n y }}", "a: xxxxxxxxxx"),
            ("a: ${{ github }}", "a: ${{ github }}"),
            ("a: {% if x %}1{% endif %}", "a: xxxxxxxxxx1xxxxxxxxxxx"),
            ("{# note #}\na: 1", "..........\na: 1"),
            ("a: {{ {'b': 1}}}", "a: xxxxxxxxxxxxx"),
            ("a: {b: {c: 1}}", "a: {b: {c: 1}}"),
            ("a: {{ é }}", "a: xxxxxxxx"), // two bytes, two letters
            ("a: {{ open", "a: {{ open"),
            ("a: {# b\nc: {{ .V }}", "a: {# b\nc: xxxxxxxx"),
            ("a: {{ x\n---\nb: y }}", "a: {{ x\n---\nb: y }}"), // not across documents
        ];
        for (text, expected) in cases {
            assert_eq!(blank(text, &find(text)), expected.replace('.', "\n"), "{text}");
        }
    }

    #[test]
    fn some_expressions_only_steer() {
        let cases = [
            ("{{- if .a }}", true),
            ("{{ end }}", true),
            ("{{- /* note */ -}}", true),
            ("{{- $x := .a }}", true),
            ("{{ $x }}", false),
            ("{{ .endpoint }}", false),
            ("{{ include \"x\" . }}", false),
            ("{{- toYaml .Values.x | nindent 2 }}", false),
            ("{% for x in y %}", true),
        ];
        for (text, steers) in cases {
            assert_eq!(find(text)[0].steers, steers, "{text}");
        }
    }

    #[test]
    fn a_text_may_be_nothing_but_expressions() {
        let cases = [
            ("{{ a }}", true),
            (" {{ a }}{{ b }}\n", true),
            ("{{ a }}-b", false),
            ("x{{ a }}", false),
            ("{{ a }} and {{ b }}", false),
            ("${{ a }}", false),
            ("{}", false),
        ];
        for (text, whole) in cases {
            assert_eq!(is_whole(text), whole, "{text}");
        }
    }
}
