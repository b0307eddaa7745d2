//! The part of SARIF 2.1.0 that we write, in the order in which we write it.
//!
//! Knows names and shapes only; texts are borrowed where they can be.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

/// A text, borrowed from the report where it stands there as it is needed.
pub(super) type Text<'a> = Cow<'a, str>;
/// A property bag.
pub(super) type Properties = BTreeMap<&'static str, serde_json::Value>;

/// The whole file.
#[derive(Serialize)]
pub(super) struct Log<'a> {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) version: &'static str,
    pub(super) runs: [Run<'a>; 1],
}

/// One run of the tool.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run<'a> {
    pub(super) tool: Tool<'a>,
    pub(super) automation_details: AutomationDetails,
    pub(super) invocations: [Invocation<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version_control_provenance: Option<[VersionControl<'a>; 1]>,
    pub(super) original_uri_base_ids: BTreeMap<&'static str, UriBase>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) taxonomies: Vec<Taxonomy<'a>>,
    pub(super) redaction_tokens: [&'static str; 1],
    pub(super) column_kind: &'static str,
    pub(super) results: Vec<Outcome<'a>>,
    pub(super) properties: Properties,
}

/// What wrote the file.
#[derive(Serialize)]
pub(super) struct Tool<'a> {
    pub(super) driver: Driver<'a>,
}

/// The tool and what it can say.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver<'a> {
    pub(super) name: &'static str,
    pub(super) full_name: &'static str,
    pub(super) version: &'static str,
    pub(super) semantic_version: &'static str,
    pub(super) information_uri: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) supported_taxonomies: Vec<ComponentReference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notifications: Vec<Descriptor<'a>>,
    /// Written even when empty: GitHub wants it.
    pub(super) rules: Vec<Descriptor<'a>>,
}

/// A body of law or a catalogue, with what is cited of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Taxonomy<'a> {
    pub(super) name: &'a str,
    pub(super) full_name: &'a str,
    pub(super) version: &'a str,
    pub(super) guid: &'a str,
    pub(super) organization: &'a str,
    pub(super) information_uri: &'a str,
    pub(super) is_comprehensive: bool,
    pub(super) short_description: Message<'a>,
    pub(super) taxa: Vec<Descriptor<'a>>,
}

/// Points at a taxonomy.
#[derive(Clone, Serialize)]
pub(super) struct ComponentReference<'a> {
    pub(super) name: &'a str,
    pub(super) index: usize,
    pub(super) guid: &'a str,
}

/// A rule, a kind of notification, or a taxon.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor<'a> {
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) short_description: Message<'a>,
    pub(super) full_description: Message<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<Help>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default_configuration: Option<Configuration>,
    #[serde(skip_serializing_if = "Properties::is_empty")]
    pub(super) properties: Properties,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) relationships: Vec<Relationship<'a>>,
}

/// A text for people.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) text: Text<'a>,
}

/// A text for people, with and without mark-up.
#[derive(Serialize)]
pub(super) struct Help {
    pub(super) text: String,
    pub(super) markdown: String,
}

/// How much a rule or a notification weighs.
#[derive(Serialize)]
pub(super) struct Configuration {
    pub(super) level: Level,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rank: Option<f64>,
}

/// How much something weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Note,
    Warning,
    Error,
}

/// From a rule to a taxon.
#[derive(Serialize)]
pub(super) struct Relationship<'a> {
    pub(super) target: TaxonReference<'a>,
    pub(super) kinds: [&'static str; 1],
}

/// Points at a taxon.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TaxonReference<'a> {
    pub(super) id: String,
    pub(super) index: usize,
    pub(super) tool_component: ComponentReference<'a>,
}

/// What kind of run it was.
#[derive(Serialize)]
pub(super) struct AutomationDetails {
    pub(super) id: String,
}

/// How the run went.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation<'a> {
    pub(super) execution_successful: bool,
    pub(super) exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_time_utc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_time_utc: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tool_execution_notifications: Vec<Notification<'a>>,
}

/// What could not be looked at.
#[derive(Serialize)]
pub(super) struct Notification<'a> {
    pub(super) descriptor: NotificationReference,
    pub(super) level: Level,
    pub(super) message: Message<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) locations: Vec<Location<'a>>,
}

/// Points at a kind of notification.
#[derive(Serialize)]
pub(super) struct NotificationReference {
    pub(super) id: &'static str,
    pub(super) index: usize,
}

/// The state of the repository.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VersionControl<'a> {
    pub(super) repository_uri: String,
    pub(super) revision_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) branch: Option<&'a str>,
    pub(super) mapped_to: MappedTo,
}

/// Where the repository stands in the report's URIs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MappedTo {
    pub(super) uri_base_id: &'static str,
}

/// What URIs are relative to. Its own URI stays out: it would tell the user's folders.
#[derive(Serialize)]
pub(super) struct UriBase {
    pub(super) description: Message<'static>,
}

/// One finding (SARIF calls it a result).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome<'a> {
    pub(super) rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_index: Option<usize>,
    pub(super) kind: &'static str,
    pub(super) level: Level,
    pub(super) rank: f64,
    pub(super) message: Message<'a>,
    pub(super) locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_locations: Vec<Location<'a>>,
    pub(super) partial_fingerprints: BTreeMap<&'static str, &'a str>,
    /// When it is written at all it is written everywhere: an empty list says "not suppressed".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suppressions: Option<Vec<Suppression<'a>>>,
    pub(super) properties: Properties,
}

/// Why a finding counts no more.
#[derive(Serialize)]
pub(super) struct Suppression<'a> {
    pub(super) kind: &'static str,
    pub(super) justification: &'a str,
}

/// Where something stands, in files and in trees.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location<'a> {
    /// What stands there, for places that belong to others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Message<'a>>,
    pub(super) physical_location: PhysicalLocation<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) logical_locations: Vec<LogicalLocation<'a>>,
}

/// Where something stands in a file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation<'a> {
    pub(super) artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<Region<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_region: Option<Region<'a>>,
}

/// A file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    pub(super) uri: String,
    pub(super) uri_base_id: &'static str,
}

/// A stretch of a file.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region<'a> {
    pub(super) start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) snippet: Option<Snippet<'a>>,
}

/// The text of a region, every match in it masked.
#[derive(Clone, Serialize)]
pub(super) struct Snippet<'a> {
    pub(super) text: Text<'a>,
}

/// Where something stands in a tree, an archive or the world.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogicalLocation<'a> {
    pub(super) fully_qualified_name: Text<'a>,
    pub(super) kind: &'static str,
}
