//! Who may do what: roles × bindings × subjects, aggregated roles included.
//!
//! What Kubernetes binds for itself (bindings, roles, users and groups named `system:…`) is left out, but for the
//! groups that stand for everybody.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::builtin;
use super::pieces::{Of, Piece, said};
use super::{Joining, Loose, MAX_RIGHTS, Source};
use crate::document::{Document, Kind, NodeId, Value};

/// How deep aggregated roles may be made of aggregated roles.
const DEEPEST: usize = 4;
/// Subjects whose names begin with `system:` and who are none of the system's own.
const EVERYBODY: &[&str] =
    &["system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts"];

/// What one role gives.
struct Granted {
    rules: Rc<Vec<Rule>>,
    kind: &'static str,
    name: Box<str>,
}

/// A rule of a role: where it stands, or one that every cluster has.
#[derive(Clone, Copy)]
enum Rule {
    Written { piece: usize, mark: usize },
    Builtin(builtin::BuiltinRule),
}

/// The roles of all pieces, and what was worked out about them: bindings that share a role share the answer.
struct Roles {
    /// By namespace (nothing for cluster roles) and name.
    named: BTreeMap<(Option<Box<str>>, Box<str>), Vec<usize>>,
    cluster: Vec<usize>,
    written: BTreeMap<usize, Rc<Vec<Rule>>>,
    builtin: BTreeMap<Box<str>, Rc<Vec<Rule>>>,
}

impl Roles {
    fn of(joining: &Joining<'_>) -> Roles {
        let mut roles =
            Roles { named: BTreeMap::new(), cluster: Vec::new(), written: BTreeMap::new(), builtin: BTreeMap::new() };
        for (number, named) in joining.pieces.iter().enumerate() {
            let piece = named.piece;
            let Some(name) = piece.name.clone() else { continue };
            let namespace = match piece.of {
                Of::ClusterRole => None,
                Of::Role if piece.namespace.is_some() => piece.namespace.clone(),
                _ => continue,
            };
            if piece.of == Of::ClusterRole {
                roles.cluster.push(number);
            }
            roles.named.entry((namespace, name)).or_default().push(number);
        }
        roles
    }
}

type Found = (Vec<(Kind, NodeId)>, Vec<Loose>, bool);

/// A subject for everybody who has rights, in the order of their names.
pub(super) fn subjects(joining: &mut Joining<'_>) -> Found {
    let mut all: BTreeMap<(Box<str>, Box<str>, Box<str>), Vec<NodeId>> = BTreeMap::new();
    let mut roles = Roles::of(joining);
    let (mut loose, mut count, mut cut) = (Vec::new(), 0, false);
    for number in 0..joining.pieces.len() {
        let piece = joining.pieces[number].piece;
        let in_namespace = match piece.of {
            Of::RoleBinding => true,
            Of::ClusterRoleBinding => false,
            _ => continue,
        };
        if piece.name.as_deref().is_some_and(|name| name.starts_with("system:")) {
            continue;
        }
        let granted = match granted(joining, &mut roles, number, piece) {
            Ok(Some(granted)) => granted,
            Ok(None) => continue,
            Err(why) => {
                loose.push(Loose { source: Source { piece: number, mark: 0 }, why });
                continue;
            }
        };
        for mark in 1..piece.marks.len() {
            let Some(who) = who(piece, piece.marks[mark].node) else { continue };
            let rights = all.entry(who).or_default();
            for rule in granted.rules.iter() {
                count += 1;
                if count > MAX_RIGHTS {
                    cut = true;
                    break;
                }
                rights.push(right(joining, (number, mark), piece, in_namespace, &granted, *rule));
            }
        }
    }
    let mut subjects = Vec::new();
    for ((kind, namespace, name), rights) in all.into_iter().filter(|(_, rights)| !rights.is_empty()) {
        let (kind, name) = (joining.text(&kind), joining.text(&name));
        let namespace = joining.text(&namespace);
        let rights = joining.list(rights);
        let root = joining.map(vec![("kind", kind), ("namespace", namespace), ("name", name), ("rights", rights)]);
        subjects.push((Kind::KubernetesRights, root));
    }
    (subjects, loose, cut)
}

/// Kind, namespace and name of a binding's subject; nothing for the system's own.
fn who(piece: &Piece, node: NodeId) -> Option<(Box<str>, Box<str>, Box<str>)> {
    let text = |key| said(&piece.document, Some(node), key);
    let (kind, name) = (text("kind")?, text("name").unwrap_or_else(|| "?".into()));
    let everybody = EVERYBODY.contains(&&*name) || name.starts_with("system:serviceaccounts:");
    if &*kind != "ServiceAccount" && name.starts_with("system:") && !everybody {
        return None;
    }
    let namespace = if &*kind == "ServiceAccount" {
        // A RoleBinding's account without namespace is one of its own.
        match text("namespace") {
            Some(said) if said.is_empty() => piece.namespace.clone().unwrap_or_else(|| "?".into()),
            Some(said) => said,
            None => "?".into(),
        }
    } else {
        "".into()
    };
    Some((kind, namespace, name))
}

/// What a binding's role gives. Nothing for roles of the system; an error where the role is not known.
fn granted(
    joining: &Joining<'_>,
    roles: &mut Roles,
    number: usize,
    binding: &Piece,
) -> Result<Option<Granted>, String> {
    let reference = binding.document.get(binding.document.root(), "roleRef");
    let kind = said(&binding.document, reference, "kind");
    let name = said(&binding.document, reference, "name").filter(|name| !name.is_empty());
    let (Some(kind), Some(name)) = (kind, name) else {
        return Err("its role's name is not known".to_owned());
    };
    let of = match &*kind {
        "Role" => Of::Role,
        "ClusterRole" => Of::ClusterRole,
        _ => return Err("its role is of an unknown kind".to_owned()),
    };
    let word = if of == Of::Role { "Role" } else { "ClusterRole" };
    if of == Of::Role && binding.namespace.is_none() {
        return Err("its namespace is not known".to_owned());
    }
    let namespace = if of == Of::Role { binding.namespace.clone() } else { None };
    let candidates = roles.named.get(&(namespace, name.clone())).map_or(&[][..], Vec::as_slice);
    match nearest(joining, number, candidates).as_slice() {
        [] => {}
        [one] => {
            let found = roles.written.entry(*one).or_insert_with(|| {
                let mut rules = Vec::new();
                written(joining, &roles.cluster, (*one, DEEPEST), &mut Vec::new(), &mut rules);
                Rc::new(rules)
            });
            return Ok(Some(Granted { rules: Rc::clone(found), kind: word, name }));
        }
        several => {
            let mut rules = Vec::new();
            for role in several {
                written(joining, &roles.cluster, (*role, DEEPEST), &mut Vec::new(), &mut rules);
            }
            return Ok(Some(Granted { rules: Rc::new(rules), kind: word, name }));
        }
    }
    if of == Of::ClusterRole {
        if name.starts_with("system:") {
            return Ok(None);
        }
        if let Some((builtin, labels)) = builtin::role(&name) {
            let found = roles.builtin.entry(name.clone()).or_insert_with(|| {
                let mut rules: Vec<Rule> = builtin.iter().map(|rule| Rule::Builtin(*rule)).collect();
                let added = |role: &&usize| {
                    let piece = joining.pieces[**role].piece;
                    labels.iter().any(|key| label(piece, key).as_deref() == Some("true"))
                };
                for role in roles.cluster.iter().filter(added) {
                    written(joining, &roles.cluster, (*role, DEEPEST), &mut Vec::new(), &mut rules);
                }
                Rc::new(rules)
            });
            return Ok(Some(Granted { rules: Rc::clone(found), kind: word, name }));
        }
    }
    // Kubernetes puts these into kube-system.
    if &*name == "extension-apiserver-authentication-reader" || name.starts_with("system:") {
        return Ok(None);
    }
    Err(format!("its {word} is not among what was scanned"))
}

/// The rules of a role, or of all roles that it is made of.
fn written(
    joining: &Joining<'_>,
    cluster: &[usize],
    (role, depth): (usize, usize),
    seen: &mut Vec<usize>,
    rules: &mut Vec<Rule>,
) {
    if seen.contains(&role) || rules.len() > MAX_RIGHTS {
        return;
    }
    seen.push(role);
    let piece = joining.pieces[role].piece;
    let document = &piece.document;
    let aggregation = document.get(document.root(), "aggregationRule");
    let Some(selectors) = aggregation.and_then(|rule| document.get(rule, "clusterRoleSelectors")) else {
        rules.extend((0..piece.marks.len()).map(|mark| Rule::Written { piece: role, mark }));
        return;
    };
    if depth == 0 {
        return;
    }
    for number in cluster {
        let chosen = |selector: &NodeId| selects(document, *selector, joining.pieces[*number].piece);
        if document.items(selectors).iter().any(chosen) {
            written(joining, cluster, (*number, depth - 1), seen, rules);
        }
    }
}

fn label(piece: &Piece, key: &str) -> Option<Box<str>> {
    let document = &piece.document;
    let metadata = document.get(document.root(), "metadata")?;
    let labels = document.get(metadata, "labels")?;
    document.get(labels, key)?;
    said(document, Some(labels), key)
}

/// Whether a label selector chooses an object. An empty one chooses all.
fn selects(document: &Document, selector: NodeId, piece: &Piece) -> bool {
    let wanted = document.get(selector, "matchLabels");
    let labels = wanted.map_or(&[][..], |wanted| document.entries(wanted));
    let equal = labels.iter().all(|entry| label(piece, &entry.key).as_deref() == document.as_str(entry.value));
    let expressions = document.get(selector, "matchExpressions");
    equal
        && expressions.map_or(&[][..], |list| document.items(list)).iter().all(|expression| {
            let found = document.get_str(*expression, "key").and_then(|key| label(piece, key));
            let values = document.get(*expression, "values").map_or(&[][..], |values| document.items(values));
            let among = found.as_deref().is_some_and(|found| values.iter().any(|v| document.as_str(*v) == Some(found)));
            match document.get_str(*expression, "operator") {
                Some("In") => among,
                Some("NotIn") => !among,
                Some("Exists") => found.is_some(),
                Some("DoesNotExist") => found.is_none(),
                _ => false,
            }
        })
}

/// Those of some pieces that stand closest to another by the names of their folders: a repository holds the same names for
/// several clusters.
fn nearest(joining: &Joining<'_>, number: usize, candidates: &[usize]) -> Vec<usize> {
    let here = joining.pieces[number].name;
    let shared = |name: &str| {
        if name == here {
            return usize::MAX;
        }
        here.split('/').zip(name.split('/')).take_while(|(a, b)| a == b).count()
    };
    let found: Vec<(usize, usize)> = candidates.iter().map(|at| (*at, shared(joining.pieces[*at].name))).collect();
    let most = found.iter().map(|(_, shared)| *shared).max();
    found.into_iter().filter(|(_, shared)| Some(*shared) == most).map(|(at, _)| at).collect()
}

/// One rule that one subject has through one binding.
fn right(
    joining: &mut Joining<'_>,
    (number, mark): (usize, usize),
    binding: &Piece,
    in_namespace: bool,
    granted: &Granted,
    rule: Rule,
) -> NodeId {
    let subject = joining.nodes[number].0[mark];
    let kind = joining.text(if in_namespace { "RoleBinding" } else { "ClusterRoleBinding" });
    let name = joining.text(binding.name.as_deref().unwrap_or("?"));
    let through = joining.map(vec![("kind", kind), ("name", name)]);
    joining.sources.insert(through, Source { piece: number, mark: 0 });
    let namespace = match (&binding.namespace, in_namespace) {
        (_, false) => joining.builder.add(Value::Null, None),
        (Some(name), true) => joining.text(name),
        (None, true) => joining.builder.add(Value::Unknown("a template".into()), None),
    };
    let (kind, name) = (joining.text(granted.kind), joining.text(&granted.name));
    let builtin = joining.builder.add(Value::Bool(matches!(rule, Rule::Builtin(_))), None);
    let role = joining.map(vec![("kind", kind), ("name", name), ("builtIn", builtin)]);
    let mut entries = vec![("subject", subject), ("binding", through), ("role", role), ("namespace", namespace)];
    match rule {
        Rule::Written { piece, mark } => {
            joining.sources.insert(role, Source { piece, mark });
            let node = joining.nodes[piece].0[mark];
            let Value::Map(fields) = joining.builder.node(node).value.clone() else { return joining.map(entries) };
            for field in RULE_FIELDS {
                let value = fields.iter().rev().find(|entry| &*entry.key == *field).map(|entry| entry.value);
                entries.extend(value.map(|value| (*field, value)));
            }
        }
        Rule::Builtin((groups, resources, verbs)) => {
            for (field, texts) in [("apiGroups", groups), ("resources", resources), ("verbs", verbs)] {
                let texts = texts.iter().map(|text| joining.text(text)).collect();
                entries.push((field, joining.list(texts)));
            }
        }
    }
    joining.map(entries)
}

/// What a rule of a role may say.
const RULE_FIELDS: &[&str] = &["apiGroups", "resources", "verbs", "resourceNames", "nonResourceURLs"];
