//! One finding: where it stands, the masked lines around it, and what speaks for it.

use std::io::{self, Write};

use super::Escaped;
use crate::finding::{Excerpt, Finding, Related};
use crate::report::sentence::sentence;
use crate::report::spot::spot;

/// Writes it, to be linked to as `#finding-N`.
pub(super) fn write(number: usize, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let severity = finding.severity.name();
    let place = spot(&finding.origin, &finding.place);
    writeln!(out, "<article class=\"finding\" id=\"finding-{number}\">")?;
    write!(out, "<p><span class=\"badge {severity}\">{severity}</span><code>{}</code></p>", Escaped(&place))?;
    writeln!(out, "<p>{}</p>", Escaped(&sentence(&finding.message)))?;
    if let Some(excerpt) = &finding.place.excerpt {
        lines(excerpt, out)?;
    }
    let mut rows = Vec::new();
    if !finding.place.path.is_empty() {
        rows.push(("at", finding.place.path.clone()));
    }
    rows.extend(finding.detail.iter().map(|(label, text)| (*label, text.clone())));
    let related = |one: &Related| format!("{} at {}", one.message, spot(&one.origin, &one.place));
    rows.extend(finding.related.iter().map(|one| ("with", related(one))));
    let because = match finding.because.as_slice() {
        [] => String::new(),
        reasons => format!(", because {}", reasons.join(" and ")),
    };
    rows.push(("confidence", format!("{}{because}", finding.confidence.name())));
    rows.push(("fingerprint", finding.fingerprints.place.clone()));
    writeln!(out, "<dl>")?;
    for (label, text) in rows {
        writeln!(out, "<dt>{label}</dt><dd>{}</dd>", Escaped(&text))?;
    }
    writeln!(out, "</dl>\n</article>")
}

/// The masked lines, with what the finding is about marked.
fn lines(excerpt: &Excerpt, out: &mut dyn Write) -> io::Result<()> {
    let width = (excerpt.first_line + excerpt.lines.len()).to_string().len();
    write!(out, "<pre>")?;
    for (index, line) in excerpt.lines.iter().enumerate() {
        write!(out, "<i>{:>width$}  </i>", excerpt.first_line + index)?;
        if index == excerpt.focus {
            let at = |count: usize| line.char_indices().nth(count).map_or(line.len(), |(at, _)| at);
            let (start, end) = (at(excerpt.start), at(excerpt.end.max(excerpt.start)));
            let (before, marked, behind) = (&line[..start], &line[start..end], &line[end..]);
            writeln!(out, "{}<mark>{}</mark>{}", Escaped(before), Escaped(marked), Escaped(behind))?;
        } else {
            writeln!(out, "{}", Escaped(line))?;
        }
    }
    writeln!(out, "</pre>")
}
