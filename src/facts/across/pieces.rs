//! What of a Kubernetes object is kept until all were seen.

use super::copy::Copier;
use crate::document::{Builder, Document, Kind, NodeId, Value};
use crate::facts::derive::Subject;
use crate::facts::patients::{Beside, Codes};
use crate::facts::select::{Selected, under};

/// How much of a name is told.
const LONGEST_NAME: usize = 120;

/// What kind of object a piece is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Role,
    ClusterRole,
    RoleBinding,
    ClusterRoleBinding,
    NetworkPolicy,
    Workload,
    /// Encrypted records of patients.
    Encrypted,
    /// What opens something that is encrypted.
    Key,
    /// A table that ties pseudonyms to people.
    Ties,
    /// A table that has pseudonyms and no people.
    Coded,
}

/// A node that can be shown.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) node: NodeId,
    /// What it is, for people: `ClusterRole auditor`.
    pub(super) label: String,
}

/// A small copy of one object.
#[derive(Clone, Debug)]
pub struct Piece {
    pub(super) of: Of,
    /// Empty where the object says none; nothing where what it says is not known.
    pub(super) namespace: Option<Box<str>>,
    /// The same.
    pub(super) name: Option<Box<str>>,
    pub(super) document: Document,
    pub(super) marks: Vec<Mark>,
    /// Of the pseudonyms in a table.
    pub(super) hashes: Vec<u64>,
}

impl Piece {
    /// A whole file that matters beside another.
    pub fn of_file(beside: Beside, label: &str) -> Piece {
        let of = match beside {
            Beside::Encrypted => Of::Encrypted,
            Beside::Key => Of::Key,
        };
        Piece::simple(of, label, Vec::new())
    }

    /// A table with pseudonyms.
    pub fn of_codes(codes: &Codes, label: &str) -> Piece {
        Piece::simple(if codes.ties { Of::Ties } else { Of::Coded }, label, codes.hashes.clone())
    }

    fn simple(of: Of, label: &str, hashes: Vec<u64>) -> Piece {
        let mut builder = Builder::default();
        let root = builder.add(Value::Str(label.into()), None);
        let marks = vec![Mark { node: root, label: label.to_owned() }];
        Piece { of, namespace: None, name: None, document: builder.finish(Kind::Yaml, root), marks, hashes }
    }

    /// Whether it says that something runs in a namespace of that name.
    pub fn runs_in(&self, namespace: &str) -> bool {
        self.of == Of::Workload && self.namespace.as_deref() == Some(namespace)
    }

    /// The namespace in which something runs, if that is what it says.
    pub fn namespace_of_workload(&self) -> Option<&str> {
        if self.of == Of::Workload { self.namespace.as_deref() } else { None }
    }

    /// What a mark is, for people.
    pub fn label(&self, mark: usize) -> &str {
        self.marks.get(mark).map_or("", |mark| &mark.label)
    }
}

/// The pieces of a document; each with the nodes of the document that its marks stand for, in their order.
pub fn pieces(document: &Document, subjects: &[Subject]) -> Vec<(Piece, Vec<Selected>)> {
    let mut found: Vec<(Piece, Vec<Selected>)> = Vec::new();
    for subject in subjects {
        let piece = match subject.kind {
            Kind::KubernetesObject => object(document, subject),
            Kind::KubernetesWorkload => workload(document, subject),
            _ => None,
        };
        let Some((piece, shown)) = piece else { continue };
        // One workload says for its file that its namespace runs some.
        let known = |(other, _): &(Piece, _)| other.of == Of::Workload && other.namespace == piece.namespace;
        if piece.of != Of::Workload || !found.iter().any(known) {
            found.push((piece, shown));
        }
    }
    found
}

fn object(document: &Document, subject: &Subject) -> Option<(Piece, Vec<Selected>)> {
    let top = subject.top();
    let version = document.get_str(top.node, "apiVersion").unwrap_or_default();
    let kind = document.get_str(top.node, "kind")?;
    let of = match kind {
        "NetworkPolicy" | "CiliumNetworkPolicy" => Of::NetworkPolicy,
        _ if !version.starts_with("rbac.authorization.k8s.io/")
            && !version.starts_with("authorization.openshift.io/") =>
        {
            return None;
        }
        "Role" => Of::Role,
        "ClusterRole" => Of::ClusterRole,
        "RoleBinding" => Of::RoleBinding,
        "ClusterRoleBinding" => Of::ClusterRoleBinding,
        _ => return None,
    };
    let metadata = document.get(top.node, "metadata");
    let namespace = said(document, metadata, "namespace");
    let name = said(document, metadata, "name");
    let own = format!("{kind} {}", full_name(namespace.as_deref(), name.as_deref()));
    let mut shown: Vec<(Selected, String)> = Vec::new();
    match of {
        Of::Role | Of::ClusterRole => {
            let rules = under(document, &top, "rules");
            shown.extend(rules.iter().flat_map(|rules| items(document, rules)).map(|rule| (rule, own.clone())));
        }
        Of::RoleBinding | Of::ClusterRoleBinding => {
            shown.push((under(document, &top, "roleRef").unwrap_or_else(|| top.clone()), own));
            for who in under(document, &top, "subjects").iter().flat_map(|subjects| items(document, subjects)) {
                let label = subject_label(document, &who);
                shown.push((who, label));
            }
        }
        _ => shown.push((top.clone(), own)),
    }
    let mut builder = Builder::default();
    let mut copier = Copier::new(document, &mut builder);
    let root = copier.copy(top.node);
    let mark = |(selected, label): &(Selected, String)| Mark { node: copier.copy(selected.node), label: label.clone() };
    let marks = shown.iter().map(mark).collect();
    let (source, document) = (document, builder.finish(Kind::Yaml, root));
    // A subject is shown by its name.
    let by_name = matches!(of, Of::RoleBinding | Of::ClusterRoleBinding);
    let place = |(at, (selected, _)): (usize, (Selected, String))| {
        let name = if by_name && at > 0 { under(source, &selected, "name") } else { None };
        name.unwrap_or(selected)
    };
    Some((
        Piece { of, namespace, name, document, marks, hashes: Vec::new() },
        shown.into_iter().enumerate().map(place).collect(),
    ))
}

/// Of a workload only where it runs.
fn workload(document: &Document, subject: &Subject) -> Option<(Piece, Vec<Selected>)> {
    let top = subject.top();
    let metadata = document.get(top.node, "metadata");
    let namespace = said(document, metadata, "namespace");
    let known = namespace.as_deref().filter(|namespace| !namespace.is_empty())?;
    let shown = under(document, &top, "metadata")
        .and_then(|metadata| under(document, &metadata, "namespace"))
        .unwrap_or_else(|| top.clone());
    let mut builder = Builder::default();
    let root = builder.add(Value::Null, None);
    let marks = vec![Mark { node: root, label: format!("namespace {}", cut(known)) }];
    let name = said(document, metadata, "name");
    let document = builder.finish(Kind::Yaml, root);
    Some((Piece { of: Of::Workload, namespace, name, document, marks, hashes: Vec::new() }, vec![shown]))
}

fn items<'d>(document: &'d Document, list: &'d Selected) -> impl Iterator<Item = Selected> + 'd {
    let item = |(index, node): (usize, &NodeId)| Selected { node: *node, trail: list.trail.item(index) };
    document.items(list.node).iter().enumerate().map(item)
}

/// What stands under a key: empty if nothing does, nothing if it is no text or not known.
pub(super) fn said(document: &Document, map: Option<NodeId>, key: &str) -> Option<Box<str>> {
    match map.and_then(|map| document.get(map, key)).map(|node| document.value(node)) {
        None | Some(Value::Null) => Some("".into()),
        Some(Value::Str(text)) => Some(text.clone()),
        Some(Value::Int(number)) => Some(number.to_string().into()),
        Some(_) => None,
    }
}

fn subject_label(document: &Document, who: &Selected) -> String {
    let said = |key| said(document, Some(who.node), key);
    let kind = said("kind").filter(|kind| !kind.is_empty()).unwrap_or_else(|| "subject".into());
    let namespace = if &*kind == "ServiceAccount" { said("namespace") } else { Some("".into()) };
    format!("{} {}", cut(&kind), full_name(namespace.as_deref(), said("name").as_deref()))
}

fn full_name(namespace: Option<&str>, name: Option<&str>) -> String {
    let name = name.map_or("of unknown name", |name| if name.is_empty() { "without name" } else { cut(name) });
    match namespace {
        Some("") => name.to_owned(),
        Some(namespace) => format!("{}/{name}", cut(namespace)),
        None => format!("?/{name}"),
    }
}

fn cut(name: &str) -> &str {
    name.char_indices().nth(LONGEST_NAME).map_or(name, |(end, _)| &name[..end])
}
