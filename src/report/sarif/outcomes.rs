//! Findings as SARIF results: where they stand, what is shown of them, and their names.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::model::{
    ArtifactLocation, Location, LogicalLocation, Outcome, PhysicalLocation, Properties, Region, Snippet, Suppression,
};
use super::uri::{SOURCE_ROOT, relative_uri};
use super::{level, rank, text};
use crate::artifact::{Origin, Step};
use crate::finding::{Excerpt, Finding, Place, REDACTED, Related, Report, Status, Verdict};
use crate::report::sentence::sentence;

/// A verdict as a result. With `mark` its suppressions are written, none if it is open.
pub(super) fn outcome<'a>(
    verdict: &'a Verdict,
    report: &'a Report,
    rules: &BTreeMap<&str, usize>,
    mark: bool,
) -> Outcome<'a> {
    let finding = &verdict.finding;
    let place = &finding.place;
    let mut region = region(place);
    let context = context_region(place, &region);
    region.snippet = snippet(finding, report);
    let mut properties = Properties::from([
        ("confidence", finding.confidence.name().into()),
        ("severity", finding.severity.name().into()),
    ]);
    if !finding.because.is_empty() {
        properties.insert("because", finding.because.clone().into());
    }
    if let Some(commit) = finding.origin.commit() {
        properties.insert("commit", commit.id.as_str().into());
        properties.insert("commitDate", commit.day().into());
    }
    Outcome {
        rule_id: &finding.rule,
        rule_index: rules.get(finding.rule.as_str()).copied(),
        kind: "fail",
        level: level(finding.severity),
        rank: rank(finding.severity, finding.confidence),
        message: text(told(finding)),
        locations: [location(&finding.origin, Some(region), context, &place.path)],
        related_locations: finding.related.iter().map(related).collect(),
        partial_fingerprints: fingerprints(finding),
        suppressions: mark.then(|| match &verdict.status {
            Status::Open => Vec::new(),
            Status::Silenced { reason } => vec![Suppression { kind: "inSource", justification: reason }],
        }),
        properties,
    }
}

/// A place that belongs to a finding.
fn related(one: &Related) -> Location<'_> {
    let place = location(&one.origin, Some(region(&one.place)), None, &one.place.path);
    Location { message: Some(text(sentence(&one.message))), ..place }
}

/// The message, and what was found beyond it.
fn told(finding: &Finding) -> String {
    let mut told = sentence(&finding.message);
    for (label, text) in &finding.detail {
        told.push(' ');
        told.push_str(&sentence(&format!("{label}: {text}")));
    }
    told
}

fn fingerprints(finding: &Finding) -> BTreeMap<&'static str, &str> {
    let names = [
        ("bedrail/v1", Some(finding.fingerprints.place.as_str())),
        ("bedrailValue/v1", finding.fingerprints.value.as_deref()),
        ("primaryLocationLineHash", finding.place.line_hash.as_deref()),
    ];
    names.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?))).collect()
}

/// A place in a file, in whatever it is wrapped in, and in its tree.
pub(super) fn location<'a>(
    origin: &Origin,
    region: Option<Region<'a>>,
    context_region: Option<Region<'a>>,
    path: &'a str,
) -> Location<'a> {
    let mut logical_locations = Vec::new();
    let named = origin.steps().iter().rev().find_map(|step| match step {
        Step::Resource(name) => Some(name.clone()),
        Step::Entry(_) | Step::Sheet(_) | Step::Table(_) | Step::Page(_) | Step::Decoded(_) => Some(origin.to_string()),
        _ => None,
    });
    if let Some(name) = &named {
        logical_locations.push(LogicalLocation { fully_qualified_name: name.clone().into(), kind: "resource" });
    }
    if origin.commit().is_some() && named.is_none() {
        logical_locations.push(LogicalLocation { fully_qualified_name: origin.to_string().into(), kind: "resource" });
    }
    if !path.is_empty() {
        logical_locations.push(LogicalLocation { fully_qualified_name: path.into(), kind: "property" });
    }
    Location {
        message: None,
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: relative_uri(origin), uri_base_id: SOURCE_ROOT },
            region,
            context_region,
        },
        logical_locations,
    }
}

/// The place as a region that is never empty. What has no text stands in line 1, for services want a line.
fn region<'a>(place: &Place) -> Region<'a> {
    if place.line == 0 {
        return Region { start_line: 1, ..Region::default() };
    }
    let start_column = place.column.max(1);
    let end_line = place.end_line.max(place.line);
    let least = if end_line == place.line { start_column + 1 } else { 1 };
    Region {
        start_line: place.line,
        start_column: Some(start_column),
        end_line: Some(end_line),
        end_column: Some(place.end_column.max(least)),
        snippet: None,
    }
}

/// The masked lines around, if they are more than the region itself.
fn context_region<'a>(place: &'a Place, region: &Region<'_>) -> Option<Region<'a>> {
    let excerpt = place.excerpt.as_ref().filter(|excerpt| !excerpt.lines.is_empty())?;
    let end_line = region.end_line?;
    let (first, last) = (excerpt.first_line, excerpt.first_line + excerpt.lines.len() - 1);
    let holds = first >= 1 && first <= region.start_line && last >= end_line;
    let more_lines = first < region.start_line || last > end_line;
    let more_columns = first == last
        && excerpt.lines.first().is_some_and(|line| excerpt.start > 0 || excerpt.end < line.chars().count());
    (holds && (more_lines || more_columns)).then(|| Region {
        start_line: first,
        end_line: Some(last),
        snippet: Some(Snippet { text: excerpt.lines.join("\n").into() }),
        ..Region::default()
    })
}

/// The token for a matched text; for a finding in a document the masked text of its place.
fn snippet<'a>(finding: &'a Finding, report: &Report) -> Option<Snippet<'a>> {
    let place = &finding.place;
    if place.line == 0 {
        return None;
    }
    let in_document = match report.rules.get(&finding.rule) {
        Some(rule) => rule.check.is_some(),
        None => !place.path.is_empty(),
    };
    if !in_document {
        return Some(Snippet { text: Cow::Borrowed(REDACTED) });
    }
    // How a place of several lines ends in the masked lines is not known.
    let excerpt = place.excerpt.as_ref().filter(|_| place.end_line <= place.line)?;
    let part = focused(excerpt)?;
    (!part.is_empty()).then(|| Snippet { text: part.into() })
}

/// The part of the focus line in which the finding stands.
fn focused(excerpt: &Excerpt) -> Option<String> {
    let line = excerpt.lines.get(excerpt.focus)?;
    Some(line.chars().skip(excerpt.start).take(excerpt.end.saturating_sub(excerpt.start)).collect())
}
