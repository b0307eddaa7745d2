//! Rules, kinds of notification and the taxonomies that rules cite, as SARIF descriptors.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::model::{
    ComponentReference, Configuration, Descriptor, Help, Properties, Relationship, TaxonReference, Taxonomy,
};
use super::{level, notice_level, rank, text};
use crate::finding::{NoticeKind, Report, Verdict};
use crate::report::cited::{Cited, cited};
use crate::report::notices::advice;
use crate::report::sentence::{at_most, pascal_case, sentence};
use crate::rule::{Catalogue, CitationFile, Rule, Severity};

/// How long GitHub lets a description be.
const MOST_DESCRIPTION: usize = 1_024;
/// How long GitHub lets a rule's name be.
const MOST_NAME: usize = 255;
/// How many tags of a rule GitHub stores.
const MOST_TAGS: usize = 10;

/// What the chosen verdicts make necessary.
pub(super) struct Described<'a> {
    pub(super) rules: Vec<Descriptor<'a>>,
    /// The place of each rule in `rules`.
    pub(super) index: BTreeMap<&'a str, usize>,
    pub(super) taxonomies: Vec<Taxonomy<'a>>,
    pub(super) supported: Vec<ComponentReference<'a>>,
}

/// Describes the rules of the chosen verdicts and what they cite.
pub(super) fn describe<'a>(report: &'a Report, chosen: &[&'a Verdict], file: &'a CitationFile) -> Described<'a> {
    // A rule has one severity for the service, so it is the worst that its findings have.
    let mut used: BTreeMap<&str, (&Rule, Severity)> = BTreeMap::new();
    for verdict in chosen {
        let finding = &verdict.finding;
        if let Some((id, rule)) = report.rules.get_key_value(&finding.rule) {
            let entry = used.entry(id).or_insert((rule, finding.severity));
            entry.1 = entry.1.max(finding.severity);
        }
    }
    let catalogues = Catalogues::of(used.values().map(|(rule, _)| *rule), file);
    Described {
        rules: used.iter().map(|(id, (rule, severity))| descriptor(id, rule, *severity, file, &catalogues)).collect(),
        index: used.keys().enumerate().map(|(index, id)| (*id, index)).collect(),
        taxonomies: catalogues.taxonomies(),
        supported: catalogues.0.iter().map(|used| used.reference.clone()).collect(),
    }
}

/// A catalogue and the entries of it that are cited, in the order of the citation file.
struct UsedCatalogue<'a> {
    id: &'a str,
    catalogue: &'a Catalogue,
    reference: ComponentReference<'a>,
    taxa: Vec<Cited<'a>>,
}

/// The catalogues that are cited, CWE last: readers that know one taxonomy only take the last for a CWE.
struct Catalogues<'a>(Vec<UsedCatalogue<'a>>);

impl<'a> Catalogues<'a> {
    fn of(rules: impl Iterator<Item = &'a Rule>, file: &'a CitationFile) -> Self {
        let mut taxa: BTreeMap<(bool, &str), BTreeMap<usize, Cited<'a>>> = BTreeMap::new();
        for one in rules.flat_map(|rule| cited(rule, file)).filter(|one| one.entry.is_some()) {
            taxa.entry((one.catalogue == "cwe", one.catalogue)).or_default().insert(one.order, one);
        }
        let named = taxa.into_iter().filter_map(|((_, id), taxa)| {
            let catalogue = file.catalogue.get(id)?;
            Some((id, catalogue, taxa.into_values().collect()))
        });
        let used = |(index, (id, catalogue, taxa)): (usize, (&'a str, &'a Catalogue, _))| UsedCatalogue {
            id,
            catalogue,
            reference: ComponentReference { name: &catalogue.name, index, guid: &catalogue.guid },
            taxa,
        };
        Catalogues(named.enumerate().map(used).collect())
    }

    fn taxonomies(&self) -> Vec<Taxonomy<'a>> {
        let taxonomy = |used: &UsedCatalogue<'a>| Taxonomy {
            name: &used.catalogue.name,
            full_name: &used.catalogue.full_name,
            version: &used.catalogue.version,
            guid: &used.catalogue.guid,
            organization: &used.catalogue.organization,
            information_uri: &used.catalogue.url,
            is_comprehensive: false,
            short_description: text(sentence(&used.catalogue.summary)),
            taxa: used.taxa.iter().map(taxon).collect(),
        };
        self.0.iter().map(taxonomy).collect()
    }

    /// From a rule to what it cites, CWE last.
    fn relationships(&self, cites: &[Cited<'a>]) -> Vec<Relationship<'a>> {
        let of = |used: &UsedCatalogue<'a>| {
            let kind = if used.id == "cwe" { "superset" } else { "relevant" };
            let in_it = cites.iter().filter(|one| one.catalogue == used.id);
            let relation = |one: &Cited<'a>| {
                let index = used.taxa.iter().position(|taxon| taxon.order == one.order)?;
                let tool_component = used.reference.clone();
                Some(Relationship {
                    target: TaxonReference { id: taxon_id(one.number), index, tool_component },
                    kinds: [kind],
                })
            };
            in_it.filter_map(relation).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of).collect()
    }
}

/// `164.312(a)(2)(iv)` as `164.312-a-2-iv`: an id must not need escaping in a link.
fn taxon_id(number: &str) -> String {
    number.replace('(', "-").replace(')', "")
}

fn taxon<'a>(cited: &Cited<'a>) -> Descriptor<'a> {
    let (title, summary, kind) = match cited.entry {
        Some(entry) => (entry.title.as_str(), entry.summary.as_str(), entry.kind.as_deref()),
        None => (cited.number, "", None),
    };
    let mut properties = Properties::from([("citation", cited.number.into())]);
    if let Some(kind) = kind {
        properties.insert("kind", kind.into());
    }
    let full = if summary.is_empty() { title } else { summary };
    Descriptor {
        id: taxon_id(cited.number).into(),
        name: title.into(),
        short_description: text(sentence(title)),
        full_description: text(described(&sentence(full))),
        help_uri: None,
        help: None,
        default_configuration: None,
        properties,
        relationships: Vec::new(),
    }
}

fn descriptor<'a>(
    id: &'a str,
    rule: &'a Rule,
    severity: Severity,
    file: &'a CitationFile,
    catalogues: &Catalogues<'a>,
) -> Descriptor<'a> {
    let cites = cited(rule, file);
    let absolute = |url: &&str| url.starts_with("https://") || url.starts_with("http://");
    let law = || catalogues.0.iter().map(|used| used.catalogue.url.as_str()).next();
    let full = match rule.why.trim() {
        "" => sentence(&rule.message),
        why => format!("{} {}", sentence(&rule.message), sentence(why)),
    };
    Descriptor {
        id: id.into(),
        name: name(id, "Rule").into(),
        short_description: text(described(&sentence(&rule.title))),
        full_description: text(described(&full)),
        help_uri: rule.references.iter().map(String::as_str).find(absolute).or_else(law),
        help: Some(help(rule, &cites)),
        default_configuration: Some(Configuration {
            level: level(severity),
            rank: Some(rank(severity, rule.confidence)),
        }),
        properties: Properties::from([
            ("precision", rule.confidence.name().into()),
            ("security-severity", severity.score().into()),
            ("tags", tags(rule, &cites).into()),
        ]),
        relationships: catalogues.relationships(&cites),
    }
}

fn described(text: &str) -> String {
    at_most(text, MOST_DESCRIPTION).into_owned()
}

/// What alerts can be filtered by: citations before free words, as many as are stored.
fn tags(rule: &Rule, cites: &[Cited<'_>]) -> Vec<String> {
    let of = |catalogue: &'static str| cites.iter().filter(move |one| one.catalogue == catalogue);
    let others = cites.iter().filter(|one| !matches!(one.catalogue, "hipaa" | "cwe"));
    let mut tags = vec!["security".to_owned()];
    tags.extend(of("hipaa").map(|one| format!("hipaa/{}", one.number)));
    tags.extend(of("cwe").map(|one| format!("external/cwe/cwe-{}", one.number)));
    tags.extend(others.map(|one| format!("{}/{}", one.catalogue, one.number)));
    tags.extend(rule.tags.iter().cloned());
    let mut seen = std::collections::BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags.truncate(MOST_TAGS);
    tags
}

/// What a service shows beside an alert.
fn help(rule: &Rule, cites: &[Cited<'_>]) -> Help {
    let mut plain = sentence(&rule.message);
    let mut markdown = format!("# {}\n\n{}", rule.title, sentence(&rule.message));
    // A body of several lines begins on a line of its own.
    let mut section = |heading: &str, lines: &[String]| {
        let body = lines.join("\n");
        let gap = if body.starts_with("- ") { '\n' } else { ' ' };
        plain.push_str(&format!("\n\n{heading}:{gap}{body}"));
        markdown.push_str(&format!("\n\n## {heading}\n\n{body}"));
    };
    if !rule.why.is_empty() {
        section("Why it matters", &[sentence(&rule.why)]);
    }
    section("What to do", &[sentence(&rule.remedy)]);
    if !rule.doubts.is_empty() {
        section("What the rule does not know", &[sentence(&rule.doubts)]);
    }
    let cites: Vec<String> =
        cites.iter().map(|one| format!("- {}: {}", shown_catalogue(one.catalogue), one.described())).collect();
    if !cites.is_empty() {
        section("Cites", &cites);
    }
    let links: Vec<String> = rule.references.iter().map(|link| format!("- <{link}>")).collect();
    if !links.is_empty() {
        section("References", &links);
    }
    Help { text: plain, markdown }
}

fn shown_catalogue(id: &str) -> Cow<'_, str> {
    match id {
        "hipaa" => "HIPAA, 45 CFR".into(),
        "cwe" => "CWE".into(),
        "nist-800-53" => "NIST SP 800-53".into(),
        other => other.into(),
    }
}

/// A kind of notification.
pub(super) fn notification_kind<'a>(kind: NoticeKind) -> Descriptor<'a> {
    let advice = advice(kind);
    Descriptor {
        id: kind.id().into(),
        name: name(kind.id(), "Notice").into(),
        short_description: text(sentence(kind.title())),
        full_description: text(format!("{} {advice}", sentence(kind.title()))),
        help_uri: None,
        help: Some(Help { text: advice.to_owned(), markdown: advice.to_owned() }),
        default_configuration: Some(Configuration { level: notice_level(kind), rank: None }),
        properties: Properties::new(),
        relationships: Vec::new(),
    }
}

/// A name for programs, which has to differ from the id in more than its case.
fn name(id: &str, what: &str) -> String {
    let name = pascal_case(id);
    let name = if name.eq_ignore_ascii_case(id) { name + what } else { name };
    at_most(&name, MOST_NAME).into_owned()
}
