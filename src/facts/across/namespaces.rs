//! Namespaces: which run something, and which policies guard their network.

use std::collections::BTreeMap;

use super::Joining;
use super::pieces::Of;
use crate::document::{Kind, NodeId};

/// A subject for each namespace that is named and runs a workload. Those of Kubernetes itself are left out.
pub(super) fn subjects(joining: &mut Joining<'_>) -> Vec<(Kind, NodeId)> {
    let mut namespaces: BTreeMap<Box<str>, (Vec<NodeId>, Vec<NodeId>)> = BTreeMap::new();
    for (named, (_, top)) in joining.pieces.iter().zip(&joining.nodes) {
        let Some(namespace) = named.piece.namespace.clone() else { continue };
        if namespace.is_empty() || namespace.starts_with("kube-") {
            continue;
        }
        match named.piece.of {
            Of::Workload => namespaces.entry(namespace).or_default().0.push(*top),
            Of::NetworkPolicy => namespaces.entry(namespace).or_default().1.push(*top),
            _ => {}
        }
    }
    let mut subjects = Vec::new();
    for (name, (workloads, policies)) in namespaces {
        if workloads.is_empty() {
            continue;
        }
        let (name, workloads, policies) = (joining.text(&name), joining.list(workloads), joining.list(policies));
        let root = joining.map(vec![("name", name), ("workloads", workloads), ("networkPolicies", policies)]);
        subjects.push((Kind::KubernetesNamespace, root));
    }
    subjects
}
