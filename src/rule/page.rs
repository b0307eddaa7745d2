//! A rule's page: what `bedrail rules explain` prints, and what docs/rules holds.

use std::fmt::Write;

use super::schema::{CitationFile, Rule};

/// The page of a rule, in Markdown.
pub fn page(rule: &Rule, citations: &CitationFile) -> String {
    let mut page = format!(
        "## {}\n\n`{}` · severity {} · confidence {} · since {}\n",
        rule.title,
        rule.id,
        rule.severity.name(),
        rule.confidence.name(),
        rule.since
    );
    let mut paragraph = |heading: &str, text: &str| {
        if !text.trim().is_empty() {
            let _ = write!(
                page,
                "\n{}{}\n",
                if heading.is_empty() { String::new() } else { format!("**{heading}** ") },
                text.trim()
            );
        }
    };
    let mut what = rule.message.clone();
    what.get_mut(..1).map(str::make_ascii_uppercase);
    paragraph("", &format!("{what}."));
    paragraph("Why it matters.", &rule.why);
    paragraph("What to do.", &rule.remedy);
    paragraph("Doubts.", &rule.doubts);
    page.push_str("\n**Cites**\n\n");
    for id in &rule.cites {
        let entry = citations.citation.iter().find(|citation| citation.id == *id);
        let title = entry.map_or("", |entry| entry.title.as_str());
        let kind = entry.and_then(|entry| entry.kind.as_deref()).map_or(String::new(), |kind| format!(" ({kind})"));
        let _ = writeln!(page, "- `{id}` {title}{kind}");
    }
    if !rule.references.is_empty() {
        page.push_str("\n**References**\n\n");
        for reference in &rule.references {
            let _ = writeln!(page, "- {reference}");
        }
    }
    let _ = write!(page, "\n**Silence one finding** with a comment: `bedrail: allow {} -- reason`\n", rule.id);
    page
}
