//! Named views: the parts of a document that many rules judge, written once.
//!
//! A view is a starting point and paths from there; a rule may go on from a view with a path of its own
//! (`pod.containers.env[]`). Also here: which variables an expression has for each kind of document, and
//! which fields the closed kinds have, for checks when rules are loaded.

use super::{bucket, endpoint, patients};
use crate::document::Kind;

/// Where a view's paths begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The top of the document or object.
    Top,
    /// The node that holds a pod's `metadata` and `spec`.
    Template,
    /// A pod's `spec`.
    Pod,
}

/// One view.
#[derive(Debug)]
pub struct ViewDef {
    /// The name that rules use.
    pub name: &'static str,
    /// The kinds of document that have it.
    pub kinds: &'static [Kind],
    /// What it gives, for the manual.
    pub about: &'static str,
    pub(super) base: Base,
    pub(super) paths: &'static [&'static str],
}

const WORKLOAD: &[Kind] = &[Kind::KubernetesWorkload];

const fn pod(name: &'static str, about: &'static str, paths: &'static [&'static str]) -> ViewDef {
    ViewDef { name, kinds: WORKLOAD, about, base: Base::Pod, paths }
}

static VIEWS: &[ViewDef] = &[
    ViewDef {
        name: "pod.template",
        kinds: WORKLOAD,
        about: "the node that holds a pod's metadata and spec: the Pod itself, or the template of a workload",
        base: Base::Template,
        paths: &[""],
    },
    pod("pod", "a pod's spec, of a Pod or inside a workload", &[""]),
    pod("pod.volumes", "every volume of a pod", &["volumes[]"]),
    pod(
        "pod.containers",
        "every container of a pod: init, ordinary and ephemeral ones",
        &["{initContainers,containers,ephemeralContainers}[]"],
    ),
    pod(
        "pod.containers.env",
        "every environment variable of every container",
        &["{initContainers,containers,ephemeralContainers}[].env[]"],
    ),
    pod(
        "pod.containers.ports",
        "every port of every container",
        &["{initContainers,containers,ephemeralContainers}[].ports[]"],
    ),
    pod(
        "pod.containers.mounts",
        "every volume mount of every container",
        &["{initContainers,containers,ephemeralContainers}[].volumeMounts[]"],
    ),
    pod(
        "pod.security",
        "every securityContext: the pod's and each container's",
        &["securityContext", "{initContainers,containers,ephemeralContainers}[].securityContext"],
    ),
    pod(
        "pod.handlers",
        "every HTTP and TCP action of probes and lifecycle hooks of every container",
        &[
            "{initContainers,containers,ephemeralContainers}[].{livenessProbe,readinessProbe,startupProbe}.{httpGet,tcpSocket}",
            "{initContainers,containers,ephemeralContainers}[].lifecycle.{postStart,preStop}.{httpGet,tcpSocket}",
        ],
    ),
];

/// Every view.
pub fn views() -> &'static [ViewDef] {
    VIEWS
}

/// The view of that name.
pub fn view(name: &str) -> Option<&'static ViewDef> {
    VIEWS.iter().find(|view| view.name == name)
}

/// The variables that an expression has for documents of `kind`.
pub fn variables(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::KubernetesWorkload => &["self", "object", "pod", "psa"],
        _ => &["self", "object"],
    }
}

/// The fields at the top of a closed kind; nothing for kinds that may hold anything.
pub fn fields(kind: Kind) -> Option<&'static [&'static str]> {
    match kind {
        Kind::TlsEndpoint => Some(endpoint::NAMES),
        Kind::S3Bucket => Some(bucket::NAMES),
        Kind::KubernetesRights => Some(&["kind", "namespace", "name", "rights"]),
        Kind::KubernetesNamespace => Some(&["name", "workloads", "networkPolicies"]),
        Kind::PatientsBeside => Some(&["kind", "folder", "first", "second"]),
        Kind::PatientRecords => Some(patients::NAMES),
        _ => None,
    }
}

/// What may stand at the top of a pod's spec.
const POD_SPEC: &[&str] = &[
    "activeDeadlineSeconds",
    "affinity",
    "automountServiceAccountToken",
    "containers",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "ephemeralContainers",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostUsers",
    "hostname",
    "hostnameOverride",
    "imagePullSecrets",
    "initContainers",
    "nodeName",
    "nodeSelector",
    "os",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "resourceClaims",
    "resources",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "schedulingGates",
    "schedulingGroup",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
    "volumes",
    "workloadRef",
];
/// What may stand at the top of an object that runs pods.
const WORKLOAD_TOP: &[&str] = &["apiVersion", "kind", "metadata", "spec", "status", "template"];

/// The names that a path may begin with in documents of `kind`, below the view `pod.` or at the top; nothing where
/// any may.
pub fn beginnings(kind: Kind, below: &str) -> Option<&'static [&'static str]> {
    match (kind, below) {
        (Kind::KubernetesWorkload, "pod.") => Some(POD_SPEC),
        (Kind::KubernetesWorkload, _) => Some(WORKLOAD_TOP),
        _ => fields(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::path::Path;

    #[test]
    fn every_view_has_readable_paths_and_its_own_name() {
        for (index, view) in VIEWS.iter().enumerate() {
            assert!(VIEWS[..index].iter().all(|other| other.name != view.name), "{} stands twice", view.name);
            for path in view.paths {
                Path::parse(path).expect(path);
            }
        }
    }
}
