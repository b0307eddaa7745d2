//! Kustomizations: which files one lists, and as what; and patches, as parts of the objects that they change.
//!
//! Knows the fields of a `kustomization.yaml`; not where files are, and not what kustomize makes of them.

use super::kubernetes;
use crate::document::{Builder, Document, Entry, NodeId, Value};
use crate::text::Span;

/// The names that a kustomization may have.
pub const KUSTOMIZATION_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// How many files one kustomization may list.
const MOST: usize = 10_000;
/// The largest number of an item that a JSON patch may name; no list of containers has more.
const MOST_ITEMS: usize = 64;

/// What a kustomization lists.
#[derive(Clone, Debug, Default)]
pub struct Kustomization {
    /// Whether it is a part for others to include.
    pub is_component: bool,
    /// Whether it inflates charts.
    pub inflates: bool,
    /// Files with objects, folders with kustomizations, addresses.
    pub resources: Vec<String>,
    /// What it changes.
    pub patches: Vec<Patch>,
}

/// One change of objects.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// The file that holds it.
    pub path: Option<String>,
    /// Where it stands in the kustomization itself.
    pub inline: Option<Span>,
    /// What stands there.
    pub text: Option<String>,
    /// The kind of object that it is for, if that is said.
    pub kind: Option<String>,
    /// Its name, if that is said: a regular expression.
    pub name: Option<String>,
}

impl Kustomization {
    /// Reads one.
    pub fn of(document: &Document) -> Kustomization {
        let root = document.root();
        let strings = |key: &str| {
            let items = document.get(root, key).map_or(&[][..], |list| document.items(list));
            items.iter().take(MOST).filter_map(|item| document.as_str(*item)).map(str::to_owned)
        };
        let mut patches = Vec::new();
        for key in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
            let items = document.get(root, key).map_or(&[][..], |list| document.items(list));
            patches.extend(items.iter().take(MOST).filter_map(|item| patch(document, *item)));
        }
        let lists = |key: &str| document.get(root, key).is_some_and(|list| !document.items(list).is_empty());
        Kustomization {
            is_component: document.get_str(root, "kind") == Some("Component"),
            inflates: lists("helmCharts") || lists("helmChartInflationGenerator"),
            resources: ["resources", "bases", "components"].iter().flat_map(|key| strings(key)).collect(),
            patches,
        }
    }
}

fn patch(document: &Document, item: NodeId) -> Option<Patch> {
    if let Some(text) = document.as_str(item) {
        return Some(if text.contains('\n') {
            Patch { inline: document.node(item).span, text: Some(text.to_owned()), ..Patch::default() }
        } else {
            Patch { path: Some(text.to_owned()), ..Patch::default() }
        });
    }
    let target = document.get(item, "target");
    let of_target = |key: &str| target.and_then(|target| document.get_str(target, key)).map(str::to_owned);
    let inline = document.get(item, "patch").filter(|patch| document.as_str(*patch).is_some());
    let path = document.get_str(item, "path").map(str::to_owned);
    let text = inline.and_then(|patch| document.as_str(patch)).map(str::to_owned);
    let inline = inline.and_then(|patch| document.node(patch).span);
    (path.is_some() || inline.is_some()).then(|| Patch {
        path,
        inline,
        text,
        kind: of_target("kind"),
        name: of_target("name"),
    })
}

/// A patch as a part of the object that it changes. A list of operations becomes what they put in; `kind` is the one
/// that the patch is for, if that is said.
pub fn partial(document: Document, kind: Option<&str>) -> Document {
    if document.items(document.root()).is_empty() { document.into_partial() } else { of_operations(&document, kind) }
}

/// Whether a document says itself that it is a patch: by directives that are none of the API's fields.
pub fn is_patch(document: &Document) -> bool {
    let directive = |entry: &Entry| {
        let name = entry.key.split('/').next().unwrap_or_default();
        matches!(name, "$patch" | "$retainKeys" | "$setElementOrder" | "$deleteFromPrimitiveList")
    };
    document.ids().any(|id| document.entries(id).iter().any(directive))
}

/// A tree that operations make.
enum Made {
    Map(Vec<(String, Span, Made)>),
    List(Vec<Made>),
    Value(NodeId),
}

/// What the operations of a JSON patch put in. The path is shown for each name in it.
fn of_operations(patch: &Document, kind: Option<&str>) -> Document {
    let mut made = Made::Map(Vec::new());
    for operation in patch.items(patch.root()).iter().take(MOST) {
        if !matches!(patch.get_str(*operation, "op"), Some("add" | "replace")) {
            continue;
        }
        let (Some(path), Some(value)) = (patch.get(*operation, "path"), patch.get(*operation, "value")) else {
            continue;
        };
        let Some(span) = patch.node(path).span else { continue };
        let steps: Vec<String> = patch
            .as_str(path)
            .unwrap_or_default()
            .split('/')
            .skip(1)
            .map(|step| step.replace("~1", "/").replace("~0", "~"))
            .collect();
        put(&mut made, &steps, span, value);
    }
    let mut builder = kubernetes::copy(patch, |_| None);
    let guessed = match &made {
        Made::Map(entries) => guess(entries),
        _ => "",
    };
    let root = build(&mut builder, made);
    let mut named = |key: &str, text: &str| {
        let value = builder.add(Value::Str(text.into()), None);
        Entry { key: key.into(), key_span: None, value, used_at: None }
    };
    let own = [named("apiVersion", "v1"), named("kind", kind.unwrap_or(guessed))];
    if let Value::Map(entries) = &mut builder.node_mut(root).value {
        entries.extend(own);
    }
    builder.finish(patch.kind, root).into_partial()
}

/// A kind that has what the operations name.
fn guess(entries: &[(String, Span, Made)]) -> &'static str {
    let spec = entries.iter().find(|(key, ..)| key == "spec");
    match spec {
        Some((_, _, Made::Map(entries))) if entries.iter().any(|(key, ..)| key == "template") => "Deployment",
        Some((_, _, Made::Map(entries))) if entries.iter().any(|(key, ..)| key == "jobTemplate") => "CronJob",
        Some((_, _, Made::Map(entries))) if entries.iter().any(|(key, ..)| key == "containers") => "Pod",
        _ => "",
    }
}

fn put(mut here: &mut Made, steps: &[String], span: Span, value: NodeId) {
    for (at, step) in steps.iter().enumerate().take(super::MAX_STEPS) {
        let last = at + 1 == steps.len();
        let next = steps.get(at + 1).map(String::as_str);
        let fresh = || match next {
            _ if last => Made::Value(value),
            Some(next) if number(next).is_some() => Made::List(Vec::new()),
            _ => Made::Map(Vec::new()),
        };
        here = match here {
            Made::Map(entries) => {
                let known = entries.iter().position(|(key, ..)| key == step);
                let index = known.unwrap_or(entries.len());
                match known {
                    Some(index) if last => entries[index] = (step.clone(), span, Made::Value(value)),
                    Some(_) => {}
                    None => entries.push((step.clone(), span, fresh())),
                }
                &mut entries[index].2
            }
            Made::List(items) => {
                let index = match number(step) {
                    Some(Some(index)) if index < MOST_ITEMS => index,
                    Some(None) if items.len() < MOST_ITEMS => items.len(),
                    _ => return,
                };
                while items.len() < index {
                    items.push(Made::Map(Vec::new()));
                }
                if items.len() == index {
                    items.push(fresh());
                } else if last {
                    items[index] = fresh();
                }
                &mut items[index]
            }
            Made::Value(_) => return,
        };
    }
}

/// The number of an item; nothing inside for the one after the last.
fn number(step: &str) -> Option<Option<usize>> {
    if step == "-" { Some(None) } else { step.parse().ok().map(Some) }
}

fn build(builder: &mut Builder, made: Made) -> NodeId {
    let value = match made {
        Made::Value(node) => return node,
        Made::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, span, made)| Entry {
                    key: key.into(),
                    key_span: Some(span),
                    value: build(builder, made),
                    used_at: None,
                })
                .collect(),
        ),
        Made::List(items) => Value::List(items.into_iter().map(|item| build(builder, item)).collect()),
    };
    builder.add(value, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Format, parse, to_json};

    fn document(text: &str) -> Document {
        parse(Format::Yaml, text.as_bytes()).documents.remove(0)
    }

    #[test]
    fn what_a_kustomization_lists() {
        let text = "bases: [../base]\nresources: [a.yaml]\ncomponents: [c]\npatchesStrategicMerge:\n- p.yaml\n- |\n  kind: Pod\n\
                    patches:\n- path: q.yaml\n  target: {kind: Pod, name: w}\n- patch: |-\n    - op: add\n- 5\n\
                    patchesJson6902:\n- {path: r.json}\n";
        let read = Kustomization::of(&document(text));
        assert_eq!(read.resources, ["a.yaml", "../base", "c"]);
        let told: Vec<String> = read
            .patches
            .iter()
            .map(|patch| {
                let inline = patch.inline.map(|span| text[span.range()].trim().to_owned());
                format!(
                    "{} {}",
                    patch.path.clone().or(inline).unwrap_or_default(),
                    patch.kind.as_deref().unwrap_or("-")
                )
            })
            .collect();
        assert_eq!(told, ["q.yaml Pod", "- op: add -", "p.yaml -", "kind: Pod -", "r.json -"]);
    }

    #[test]
    fn operations_become_what_they_put_in() {
        // operations, the object; `kind` is guessed
        let cases = [
            (
                "- {op: add, path: /spec/template/spec/containers/1/securityContext, value: {privileged: true}}\n",
                r#"{"spec":{"template":{"spec":{"containers":[{},{"securityContext":{"privileged":true}}]}}},"apiVersion":"v1","kind":"Deployment"}"#,
            ),
            (
                "- {op: replace, path: /spec/containers/0/a~1b, value: 1}\n- {op: add, path: /spec/containers/0/c, value: 2}\n\
                 - {op: remove, path: /spec/x}\n- {op: add, path: /spec/containers/-, value: {d: 3}}\n- {op: add, path: /spec/n, value: 1}\n\
                 - {op: add, path: /spec/n/o, value: 1}\n- {op: add, path: /spec/containers/999999999, value: 1}\n",
                r#"{"spec":{"containers":[{"a/b":1,"c":2},{"d":3}],"n":1},"apiVersion":"v1","kind":"Pod"}"#,
            ),
            ("- nothing\n", r#"{"apiVersion":"v1","kind":""}"#),
        ];
        for (text, expected) in cases {
            let made = partial(document(text), None);
            assert!(made.is_partial());
            let json = to_json(&made, made.root(), 1000).expect("it is small");
            assert_eq!(json, serde_json::from_str::<serde_json::Value>(expected).expect("JSON"), "{text}");
        }
    }
}
