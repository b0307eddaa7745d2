//! The shape of a rule as its author writes it.
//!
//! Knows names and types only: what the values mean is checked in [`super::check_rule`] and done in the engine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::severity::{Confidence, Severity};
use crate::facts::PodSecurityVersion;

/// A rule file: `[[rule]]` tables.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// The rules, in order.
    #[serde(default)]
    pub rule: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `family-what-is-wrong`, lower case with hyphens; reads well after "allow".
    pub id: String,
    /// A few words for a heading.
    pub title: String,
    /// What it would cost.
    pub severity: Severity,
    /// How sure a match is before anything raises or lowers it.
    pub confidence: Confidence,
    /// What is wrong, as half a sentence.
    pub message: String,
    /// Why it matters, in a sentence or two.
    #[serde(default)]
    pub why: String,
    /// What to do.
    pub remedy: String,
    /// Ids of `citations.toml`.
    pub cites: Vec<String>,
    /// Free words to select by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The version that brought the rule.
    pub since: String,
    /// What the author is unsure of: known false alarms and gaps.
    #[serde(default)]
    pub doubts: String,
    /// Where the facts come from: a standard, a vendor's page.
    #[serde(default)]
    pub references: Vec<String>,
    /// Text that looks like this.
    #[serde(default)]
    pub pattern: Option<Pattern>,
    /// A name with a value of this kind.
    #[serde(default)]
    pub assignment: Option<Assignment>,
    /// A document that says this.
    #[serde(default)]
    pub check: Option<Check>,
    /// Texts that must, and must not, be found.
    #[serde(default)]
    pub examples: Examples,
}

/// Examples: with a text, the file name it is to be read as.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Must be found.
    #[serde(default)]
    pub bad: Vec<Example>,
    /// Must not be found.
    #[serde(default)]
    pub good: Vec<Example>,
}

/// One example: its text, or its text with more said about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Example {
    /// The text alone.
    Text(String),
    /// The text, the name of its file, and where the finding stands.
    Placed(PlacedExample),
}

/// An example with the name of its file and the place of the finding.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacedExample {
    /// The text.
    pub text: String,
    /// The file name it is read as.
    #[serde(default)]
    pub file: Option<String>,
    /// `line:column` of the finding, both from 1.
    #[serde(default)]
    pub at: Option<String>,
    /// The version of the Pod Security Standards that it is held against; `latest` if left out.
    #[serde(default)]
    pub psa: Option<PodSecurityVersion>,
}

impl Example {
    /// The text, placeholders unexpanded.
    pub fn text(&self) -> &str {
        match self {
            Example::Text(text) => text,
            Example::Placed(example) => &example.text,
        }
    }

    /// The file name it is read as.
    pub fn file(&self) -> Option<&str> {
        match self {
            Example::Text(_) => None,
            Example::Placed(example) => example.file.as_deref(),
        }
    }

    /// The version of the Pod Security Standards that it is held against.
    pub fn psa(&self) -> PodSecurityVersion {
        match self {
            Example::Text(_) => PodSecurityVersion::LATEST,
            Example::Placed(example) => example.psa.unwrap_or_default(),
        }
    }

    /// Where the finding stands, as `line:column`.
    pub fn at(&self) -> Option<&str> {
        match self {
            Example::Text(_) => None,
            Example::Placed(example) => example.at.as_deref(),
        }
    }
}

/// Text that looks like this.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// One of these stands in every match; what makes a rule cheap. Case counts in one with a capital letter.
    pub keywords: Vec<String>,
    /// The pattern: ASCII classes, linear time. A group `value` marks the secret part; else it is the whole.
    pub regex: String,
    /// The least Shannon entropy of the value, in bits per character.
    #[serde(default)]
    pub entropy: Option<f64>,
    /// Values that match one of these are none.
    #[serde(default)]
    pub unless: Vec<String>,
    /// The name of a check of the value; see `bedrail rules explain`.
    #[serde(default)]
    pub validator: Option<String>,
    /// Words that stand near.
    #[serde(default)]
    pub near: Option<Near>,
    /// Globs of file names in which the rule looks; all when empty.
    #[serde(default)]
    pub files: Vec<String>,
    /// Whether the match is a name in a program, which stands for a value and is none: only what runs counts (a match in a
    /// line of comment, or in an example of documentation, is none), and the line is shown, its literals hidden.
    #[serde(default)]
    pub code: bool,
}

/// Words that make a match surer, or possible at all.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// Any of these, in any case.
    pub any: Vec<String>,
    /// Within so many lines before or after.
    pub lines: usize,
    /// Without one there is no match; otherwise one raises the confidence a step.
    #[serde(default)]
    pub required: bool,
}

/// A name with a value of this kind, in any syntax that has names and values.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Names as words: `api key` is found in `ApiKey`, `MY_API_KEY`, `my.api-key`. The name must end with
    /// them; with `^` before, it must be no more than them.
    pub names: Vec<String>,
    /// Names that are not meant although they end so.
    #[serde(default)]
    pub unless_names: Vec<String>,
    /// What kind of value it takes.
    pub shape: Shape,
    /// Whether the name is proof, because a product documents that it keeps its secret there: in configuration
    /// any literal counts then, a plain word too.
    #[serde(default)]
    pub certain: bool,
    /// A pattern that the whole value must match.
    #[serde(default)]
    pub value: Option<String>,
    /// Values that match one of these are none.
    #[serde(default)]
    pub unless: Vec<String>,
    /// The name of a check of the value.
    #[serde(default)]
    pub validator: Option<String>,
    /// Words that stand near.
    #[serde(default)]
    pub near: Option<Near>,
    /// Globs of file names in which the rule looks; all when empty.
    #[serde(default)]
    pub files: Vec<String>,
}

/// Kinds of value that an assignment may want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Any literal value that is no placeholder, template or reference.
    Any,
    /// What a person would choose as a password.
    Password,
    /// What a machine makes: long and random.
    Token,
}

/// A document that says this.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The kind of document.
    pub on: String,
    /// A named view or a path (`spec.tls[]`): the rule judges each node it gives. Absent: the top node.
    #[serde(default)]
    pub each: Option<String>,
    /// Only where this is true (CEL).
    #[serde(default)]
    pub when: Option<String>,
    /// Wrong where this is true (CEL). `self` is the node, `object` the whole, `pod` the pod's `spec`, `psa` the
    /// minor version of the Pod Security Standards that workloads are held against. Where `each` ends in `.*` or
    /// `.{a,b}`, `key` is the name under which the node stands.
    pub deny: String,
    /// The path from the node to the place; the nearest part that exists is shown.
    #[serde(default)]
    pub at: Option<String>,
    /// Rules whose findings are left out at the other places that a finding of this one tells of: they say the
    /// same and know less.
    #[serde(default)]
    pub covers: Vec<String>,
}

/// `citations.toml`: the closed list that `cites` is checked against.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitationFile {
    /// The catalogues: `hipaa`, `cwe`, `nist-800-53`.
    pub catalogue: BTreeMap<String, Catalogue>,
    /// The entries, in their order.
    pub citation: Vec<Citation>,
}

/// A body of law or a catalogue that rules cite.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Its name.
    pub name: String,
    /// Its full name.
    pub full_name: String,
    /// Who publishes it.
    pub organization: String,
    /// Which edition.
    pub version: String,
    /// Where it can be read.
    pub url: String,
    /// A fixed UUID for SARIF.
    pub guid: String,
    /// What it is.
    pub summary: String,
}

/// One paragraph, weakness or control.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// `catalogue:number`, as printed.
    pub id: String,
    /// Its official title.
    pub title: String,
    /// HIPAA only: `standard`, `required`, `addressable`, `rule`, `definition` or `privacy`.
    #[serde(default)]
    pub kind: Option<String>,
    /// What it asks for, in our words.
    #[serde(default)]
    pub summary: String,
}

impl Rule {
    /// The first word of the id: `secret`, `phi`, `kubernetes`, `tls`, `storage`.
    pub fn family(&self) -> &str {
        self.id.split_once('-').map_or(self.id.as_str(), |(family, _)| family)
    }

    /// Whether it is about no product in particular: one that is knows more about the same text.
    pub fn is_generic(&self) -> bool {
        self.tags.iter().any(|tag| tag == "generic")
    }
}
