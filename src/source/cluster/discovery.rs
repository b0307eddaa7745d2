//! Which kinds of objects there are, in the versions that the server prefers.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::api::{Api, Refusal};

/// How many kinds are listed, at most; no cluster has as many.
const MOST: usize = 5_000;
/// The same objects as the core API's, under another name.
const TWICE: &[(&str, &str)] = &[("events.k8s.io", "events")];

/// One kind that can be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    /// The API's group; empty for the core.
    pub(super) group: String,
    /// Its version.
    version: String,
    /// The name in paths: `pods`.
    pub(super) name: String,
    /// `Pod`.
    pub(super) kind: String,
    pub(super) namespaced: bool,
}

impl Resource {
    /// What `apiVersion` says.
    pub(super) fn version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// Where its API stands.
    pub(super) fn base(&self) -> String {
        if self.group.is_empty() { format!("/api/{}", self.version) } else { format!("/apis/{}", self.version()) }
    }

    /// The kind as it stands in origins; see [`shown_kind`].
    pub(super) fn shown_kind(&self) -> String {
        shown_kind(&self.kind, &self.version())
    }
}

/// The kind alone for those that every cluster knows, with its group for others: two groups may have kinds of
/// one name.
pub(super) fn shown_kind(kind: &str, api_version: &str) -> String {
    match api_version.split_once('/') {
        Some((group, _)) if group.contains('.') && !group.ends_with(".k8s.io") => format!("{kind}.{group}"),
        _ => kind.to_owned(),
    }
}

/// What discovery gave.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) resources: Vec<Resource>,
    /// The APIs that did not say which kinds they have.
    pub(super) failed: Vec<(String, Refusal)>,
}

#[derive(Deserialize)]
struct Versions {
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct Groups {
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    name: String,
    #[serde(default)]
    versions: Vec<GroupVersion>,
    preferred_version: Option<GroupVersion>,
}

#[derive(Clone, Deserialize)]
struct GroupVersion {
    version: String,
}

#[derive(Deserialize)]
struct Resources {
    #[serde(default)]
    resources: Vec<Described>,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    kind: String,
    #[serde(default)]
    namespaced: bool,
    #[serde(default)]
    verbs: Vec<String>,
}

/// Asks for all kinds. A kind that several versions of a group have is listed in the preferred one.
///
/// # Errors
/// When nothing at all could be learned. Single APIs that fail are told apart.
pub(super) async fn resources(api: &Api) -> Result<Found, Refusal> {
    let core: Versions = parsed(&api.get("/api").await?)?;
    let mut found = Found::default();
    let mut groups = vec![(String::new(), core.versions)];
    match api.get("/apis").await.and_then(|text| parsed::<Groups>(&text)) {
        Ok(all) => groups.extend(all.groups.into_iter().map(|group| {
            let preferred = group.preferred_version.clone().into_iter();
            let versions = preferred.chain(group.versions).map(|version| version.version);
            let mut seen = BTreeSet::new();
            (group.name, versions.filter(|version| seen.insert(version.clone())).collect())
        })),
        Err(refusal) => found.failed.push(("/apis".to_owned(), refusal)),
    }
    for (group, versions) in groups {
        let mut known = BTreeSet::new();
        for version in versions {
            let base = if group.is_empty() {
                format!("/api/{}", super::api::encoded(&version))
            } else {
                format!("/apis/{}/{}", super::api::encoded(&group), super::api::encoded(&version))
            };
            match api.get(&base).await.and_then(|text| parsed::<Resources>(&text)) {
                Ok(all) => {
                    let listable = all.resources.into_iter().filter(|one| is_listable(&group, one));
                    for one in listable {
                        if known.insert(one.name.clone()) && found.resources.len() < MOST {
                            let (group, version) = (group.clone(), version.clone());
                            let (name, kind) = (one.name, one.kind);
                            let namespaced = one.namespaced;
                            found.resources.push(Resource { group, version, name, kind, namespaced });
                        }
                    }
                }
                // A version that went since the server told of it.
                Err(Refusal::NotFound) => {}
                Err(refusal) => found.failed.push((base.trim_start_matches("/apis/").to_owned(), refusal)),
            }
        }
    }
    Ok(found)
}

/// Subresources such as `pods/log` are parts of objects.
fn is_listable(group: &str, one: &Described) -> bool {
    one.verbs.iter().any(|verb| verb == "list")
        && !one.name.contains('/')
        && !TWICE.contains(&(group, one.name.as_str()))
}

fn parsed<'t, T: Deserialize<'t>>(text: &'t [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(text).map_err(|_| Refusal::Odd)
}

#[cfg(test)]
mod tests {
    use super::shown_kind;

    #[test]
    fn kinds_of_others_name_their_group() {
        let cases = [
            ("v1", "Pod"),
            ("apps/v1", "Pod"),
            ("rbac.authorization.k8s.io/v1", "Pod"),
            ("serving.knative.dev/v1", "Pod.serving.knative.dev"),
        ];
        for (version, shown) in cases {
            assert_eq!(shown_kind("Pod", version), shown, "{version}");
        }
    }
}
