//! Objects of several files, and what they say together.

use super::*;
use crate::document::{Format, parse};
use crate::facts::derive;

/// Joins files, given as name and text; for each subject its name and its rights as `verbs resources < role < scope`.
fn rights(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let mut all = Vec::new();
    for (name, text) in files {
        let parsed = parse(Format::Yaml, text.as_bytes());
        assert!(parsed.broken.is_empty(), "{text}");
        for document in &parsed.documents {
            let derived = derive(document);
            all.extend(pieces(&derived.document, &derived.subjects).into_iter().map(|(piece, shown)| {
                assert_eq!(piece.marks.len(), shown.len());
                (*name, piece)
            }));
        }
    }
    let named: Vec<Named<'_>> = all.iter().map(|(name, piece)| Named { name, piece }).collect();
    let joined = join(&named, true);
    let document = &joined.document;
    let words = |node: Option<NodeId>| {
        let items = node.map_or(&[][..], |node| document.items(node));
        items.iter().filter_map(|item| document.as_str(*item)).collect::<Vec<_>>().join(",")
    };
    let mut told = Vec::new();
    for subject in &joined.subjects {
        let name = document.get_str(subject.root, "name").unwrap_or_default();
        for right in document.get(subject.root, "rights").map_or(&[][..], |rights| document.items(rights)) {
            let get = |key| document.get(*right, key);
            let scope = get("namespace").and_then(|node| document.as_str(node)).unwrap_or("*");
            let role = get("role").and_then(|role| document.get_str(role, "name")).unwrap_or_default();
            told.push(format!("{name}: {} {} < {role} < {scope}", words(get("verbs")), words(get("resources"))));
            assert!(get("subject").is_some_and(|node| joined.source(node).is_some()), "a subject can be shown");
        }
        for (key, what) in [("workloads", "runs"), ("networkPolicies", "guarded")] {
            let count = document.get(subject.root, key).map_or(0, |list| document.items(list).len());
            told.extend((count > 0).then(|| format!("{name}: {what} {count}")));
        }
    }
    (told, joined.loose.iter().map(|loose| loose.why.clone()).collect())
}

fn role(kind: &str, meta: &str, rules: &str) -> String {
    format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{{meta}}}\n{rules}\n---\n")
}

fn binding(kind: &str, meta: &str, role: (&str, &str), subject: &str) -> String {
    let (of, name) = role;
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{{meta}}}\n\
         roleRef: {{kind: {of}, name: {name}}}\nsubjects: [{subject}]\n---\n"
    )
}

const GET_PODS: &str = "rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]";
const ANN: &str = "{kind: User, name: ann}";

#[test]
fn rights_are_joined_over_roles_bindings_and_subjects() {
    let reader = role("Role", "name: r, namespace: a", GET_PODS);
    let other = role("Role", "name: r, namespace: b", GET_PODS);
    let wide = role("ClusterRole", "name: r", GET_PODS);
    let in_a = binding("RoleBinding", "name: x, namespace: a", ("Role", "r"), ANN);
    let in_c = binding("RoleBinding", "name: x, namespace: c", ("Role", "r"), ANN);
    let all = binding("ClusterRoleBinding", "name: x", ("ClusterRole", "r"), ANN);
    let wide_in_a = binding("RoleBinding", "name: x, namespace: a", ("ClusterRole", "r"), ANN);
    let account = binding("RoleBinding", "name: x, namespace: a", ("Role", "r"), "{kind: ServiceAccount, name: s}");
    let own = binding("ClusterRoleBinding", "name: 'system:x'", ("ClusterRole", "r"), ANN);
    let masters =
        binding("ClusterRoleBinding", "name: x", ("ClusterRole", "r"), "{kind: Group, name: 'system:masters'}");
    let anybody =
        binding("ClusterRoleBinding", "name: x", ("ClusterRole", "r"), "{kind: Group, name: 'system:authenticated'}");
    let system = binding("ClusterRoleBinding", "name: x", ("ClusterRole", "'system:node'"), ANN);
    let viewer = binding("RoleBinding", "name: x, namespace: a", ("ClusterRole", "view"), ANN);
    // texts, rights, what is loose
    let cases: &[(&[&str], &[&str], usize)] = &[
        (&[&reader, &in_a], &["ann: get pods < r < a"], 0),
        (&[&other, &in_a], &[], 1), // a role of another namespace is another role
        (&[&reader, &other, &in_c], &[], 1),
        (&[&wide, &all], &["ann: get pods < r < *"], 0),
        (&[&wide, &wide_in_a], &["ann: get pods < r < a"], 0),
        (&[&reader, &all], &[], 1), // a Role is no ClusterRole
        (&[&reader, &account], &["s: get pods < r < a"], 0),
        (&[&wide, &own], &[], 0),     // what Kubernetes binds for itself
        (&[&wide, &masters], &[], 0), // and for its own people
        (&[&wide, &anybody], &["system:authenticated: get pods < r < *"], 0),
        (&[&system], &[], 0),
        (&[&viewer], &["ann: get,list,watch configmaps,pods,pods/log,services < view < a"], 0),
        (&[&reader], &[], 0),
    ];
    for (texts, expected, loose) in cases {
        let text = texts.concat();
        let (told, left) = rights(&[("a.yaml", &text)]);
        assert_eq!(told, *expected, "{text}");
        assert_eq!(left.len(), *loose, "{text}");
    }
}

#[test]
fn aggregated_roles_have_the_rules_of_those_that_they_choose() {
    let part = role(
        "ClusterRole",
        "name: part, labels: {team: a, 'rbac.authorization.k8s.io/aggregate-to-view': 'true'}",
        GET_PODS,
    );
    let bound = binding("ClusterRoleBinding", "name: x", ("ClusterRole", "sum"), ANN);
    let sum = |selector: &str| {
        role("ClusterRole", "name: sum", &format!("aggregationRule: {{clusterRoleSelectors: [{selector}]}}\nrules: []"))
    };
    // selector, whether the part is chosen
    let cases = [
        ("{matchLabels: {team: a}}", true),
        ("{matchLabels: {team: b}}", false),
        ("{matchExpressions: [{key: team, operator: In, values: [a, b]}]}", true),
        ("{matchExpressions: [{key: team, operator: NotIn, values: [a]}]}", false),
        ("{matchExpressions: [{key: team, operator: Exists}]}", true),
        ("{matchExpressions: [{key: team, operator: DoesNotExist}]}", false),
        ("{matchLabels: {team: b}}, {matchLabels: {team: a}}", true), // one of several is enough
    ];
    for (selector, chosen) in cases {
        let text = format!("{part}{}{bound}", sum(selector));
        let (told, _) = rights(&[("a.yaml", &text)]);
        assert_eq!(told, if chosen { vec!["ann: get pods < sum < *"] } else { vec![] }, "{selector}");
    }
    // A role that chooses itself ends.
    let (told, _) = rights(&[("a.yaml", &format!("{}{bound}", sum("{}")))]);
    assert!(told.is_empty());
    // What is added to a role that every cluster has.
    let view = binding("RoleBinding", "name: x, namespace: a", ("ClusterRole", "view"), ANN);
    let (told, _) = rights(&[("a.yaml", &format!("{part}{view}"))]);
    assert!(told.contains(&"ann: get pods < view < a".to_owned()), "{told:?}");
}

#[test]
fn of_equal_names_the_nearest_is_meant() {
    let reader = role("Role", "name: r, namespace: a", GET_PODS);
    let writer =
        role("Role", "name: r, namespace: a", "rules: [{apiGroups: [''], resources: [pods], verbs: [update]}]");
    let bound = binding("RoleBinding", "name: x, namespace: a", ("Role", "r"), ANN);
    let (told, _) = rights(&[("test/role.yaml", &reader), ("prod/role.yaml", &writer), ("prod/binding.yaml", &bound)]);
    assert_eq!(told, ["ann: update pods < r < a"]);
    // Two that are as near both count: which one holds is not known.
    let (told, _) = rights(&[("b/role.yaml", &reader), ("c/role.yaml", &writer), ("a/binding.yaml", &bound)]);
    assert_eq!(told.len(), 2);
}

#[test]
fn namespaces_run_things_and_are_guarded_in_any_file() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: a}\nspec: {}\n";
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n, namespace: a}\nspec: {}\n";
    assert_eq!(rights(&[("1.yaml", pod), ("2.yaml", policy)]).0, ["a: runs 1", "a: guarded 1"]);
    assert_eq!(rights(&[("1.yaml", pod)]).0, ["a: runs 1"]);
    assert!(rights(&[("2.yaml", policy)]).0.is_empty());
    // Where it will run is not said.
    assert!(rights(&[("1.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {}\n")]).0.is_empty());
}

#[test]
fn many_bindings_of_one_role_take_linear_time_and_end_at_a_bound() {
    let mut text = role("ClusterRole", "name: r", GET_PODS);
    for number in 0..2_000 {
        text += &binding("ClusterRoleBinding", &format!("name: x{number}"), ("ClusterRole", "r"), ANN);
    }
    assert_eq!(rights(&[("a.yaml", &text)]).0.len(), 2_000);
}
