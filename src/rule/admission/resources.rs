//! Which resources of the API hold which kinds of object.

/// A resource: groups, versions, plural names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) group: &'static str,
    pub(super) names: &'static [&'static str],
}

const fn resource(group: &'static str, names: &'static [&'static str]) -> Resource {
    Resource { group, names }
}

/// All that hold a pod.
pub(super) const WORKLOADS: &[Resource] = &[
    resource("", &["pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"]),
    resource("apps", &["deployments", "statefulsets", "daemonsets", "replicasets"]),
    resource("batch", &["jobs", "cronjobs"]),
    resource("argoproj.io", &["rollouts"]),
    resource("apps.openshift.io", &["deploymentconfigs"]),
];

/// The resources of a kind; none for kinds that are files of a node.
pub(super) fn of_kind(kind: &str) -> &'static [Resource] {
    const RBAC: &str = "rbac.authorization.k8s.io";
    match kind {
        "Service" => const { &[resource("", &["services"])] },
        "Namespace" => const { &[resource("", &["namespaces"])] },
        "Secret" => const { &[resource("", &["secrets"])] },
        "ConfigMap" => const { &[resource("", &["configmaps"])] },
        "ServiceAccount" => const { &[resource("", &["serviceaccounts"])] },
        "PersistentVolume" => const { &[resource("", &["persistentvolumes"])] },
        "PersistentVolumeClaim" => const { &[resource("", &["persistentvolumeclaims"])] },
        "StorageClass" => const { &[resource("storage.k8s.io", &["storageclasses"])] },
        "Ingress" => const { &[resource("networking.k8s.io", &["ingresses"])] },
        "NetworkPolicy" => const { &[resource("networking.k8s.io", &["networkpolicies"])] },
        "Gateway" => {
            const { &[resource("gateway.networking.k8s.io", &["gateways"]), resource("networking.istio.io", &["gateways"])] }
        }
        "Role" => const { &[resource(RBAC, &["roles"])] },
        "ClusterRole" => const { &[resource(RBAC, &["clusterroles"])] },
        "RoleBinding" => const { &[resource(RBAC, &["rolebindings"])] },
        "ClusterRoleBinding" => const { &[resource(RBAC, &["clusterrolebindings"])] },
        _ => &[],
    }
}
