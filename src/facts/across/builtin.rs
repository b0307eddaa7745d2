//! The cluster roles that every cluster has for people, as far as rules ask about them.
//!
//! Knows what they allow since Kubernetes 1.24, and what is added to them by label. The roles of the system itself
//! (`system:…`) are its own affair.

/// A rule of a built-in role: groups, resources, verbs.
pub(super) type BuiltinRule = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &["create", "delete", "deletecollection", "patch", "update"];

const EDIT: &[BuiltinRule] = &[
    (&[""], &["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"], READ),
    (&[""], &["serviceaccounts"], &["impersonate"]),
    (&[""], &["pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"], WRITE),
    (&[""], &["configmaps", "secrets", "serviceaccounts", "services", "persistentvolumeclaims"], WRITE),
    (&[""], &["serviceaccounts/token"], &["create"]),
];
const ADMIN: &[BuiltinRule] =
    &[EDIT[0], EDIT[1], EDIT[2], EDIT[3], EDIT[4], (&["rbac.authorization.k8s.io"], &["rolebindings", "roles"], WRITE)];
const VIEW: &[BuiltinRule] = &[(&[""], &["configmaps", "pods", "pods/log", "services"], READ)];
const CLUSTER_ADMIN: &[BuiltinRule] = &[(&["*"], &["*"], &["*"])];

const TO_ADMIN: &str = "rbac.authorization.k8s.io/aggregate-to-admin";
const TO_EDIT: &str = "rbac.authorization.k8s.io/aggregate-to-edit";
const TO_VIEW: &str = "rbac.authorization.k8s.io/aggregate-to-view";

/// What a built-in role allows, and the labels (`"true"`) of the roles that are added to it.
pub(super) fn role(name: &str) -> Option<(&'static [BuiltinRule], &'static [&'static str])> {
    Some(match name {
        "cluster-admin" => (CLUSTER_ADMIN, &[]),
        "admin" => (ADMIN, &[TO_ADMIN, TO_EDIT, TO_VIEW]),
        "edit" => (EDIT, &[TO_EDIT, TO_VIEW]),
        "view" => (VIEW, &[TO_VIEW]),
        _ => return None,
    })
}
