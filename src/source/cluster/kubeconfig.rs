//! How to reach a cluster and as whom: what the kubeconfig says, or the account of the pod that this runs in.
//!
//! A kubeconfig can name a program that is run to get credentials. It is the user's own file, but files are copied
//! and mailed, and a scan must not run what it was not told to run: `--allow-exec-plugins` says so.

use std::io::ErrorKind;
use std::path::Path;

use kube::config::{AuthInfo, ExecAuthCluster, KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Config, config};
use tokio::runtime::Runtime;

use super::{Cluster, exec_plugin};
use crate::text::failure;

/// The environment variable that names kubeconfigs.
const VARIABLE: &str = "KUBECONFIG";
/// The name of the cluster that this runs in.
const HERE: &str = "in-cluster";

/// Why it is not known how to reach a cluster.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// There is no kubeconfig, and this does not run in a cluster.
    #[error("there is no kubeconfig: KUBECONFIG is not set, and there is no ~/.kube/config")]
    Missing,
    /// A kubeconfig cannot be read.
    #[error("cannot read the kubeconfig {file}: {why}")]
    Unreadable {
        /// Its path.
        file: String,
        /// Why.
        why: String,
    },
    /// A kubeconfig is wrong. What stands in it is not told, for it holds credentials.
    #[error("the kubeconfig is not valid: {0}")]
    Invalid(String),
    /// There is no such context.
    #[error("the kubeconfig has no context {name}; it has {known}")]
    UnknownContext {
        /// The wanted one.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A program is to be run for credentials, and may not.
    #[error("the kubeconfig gets its credentials from a program, {command}; say --allow-exec-plugins if it may be run")]
    ExecPlugin {
        /// The program.
        command: String,
    },
    /// The program gave no credentials.
    #[error("the credential plugin {command} {why}")]
    PluginFailed {
        /// The program.
        command: String,
        /// What it did, as the end of a sentence.
        why: String,
    },
    /// Credentials of a kind that is not supported.
    #[error("the kubeconfig names the auth provider {0}, which Kubernetes has dropped; use a token or an exec plugin")]
    AuthProvider(String),
    /// What is said makes no client.
    #[error("no connection can be made from the kubeconfig: {0}")]
    Unusable(String),
}

impl ClusterError {
    /// Whether the command was right, and what it needs did not work.
    pub fn is_failure(&self) -> bool {
        matches!(self, ClusterError::PluginFailed { .. })
    }
}

/// The name of the context, and how to reach its cluster.
pub(super) fn read(cluster: &Cluster, runtime: &Runtime) -> Result<(String, Config), ClusterError> {
    let mut kubeconfig = match Kubeconfig::read() {
        Ok(kubeconfig) => kubeconfig,
        Err(KubeconfigError::ReadConfig(error, _))
            if error.kind() == ErrorKind::NotFound && std::env::var_os(VARIABLE).is_none() =>
        {
            return in_cluster(cluster);
        }
        Err(KubeconfigError::FindPath) => return in_cluster(cluster),
        Err(error) => return Err(told(error)),
    };
    let name = cluster.context.clone().or_else(|| kubeconfig.current_context.clone()).filter(|name| !name.is_empty());
    let known: Vec<String> = kubeconfig.contexts.iter().map(|context| context.name.clone()).collect();
    let Some(name) = name else {
        let help = format!("it names no current context; say k8s:CONTEXT, it has {}", listed(&known));
        return Err(ClusterError::Invalid(help));
    };
    let Some(context) = kubeconfig.contexts.iter().find(|context| context.name == name) else {
        return Err(ClusterError::UnknownContext { name, known: listed(&known) });
    };
    if let Some(context) = context.context.clone() {
        let reached = kubeconfig.clusters.iter().find(|reached| reached.name == context.cluster);
        let reached = reached.and_then(|reached| reached.cluster.clone());
        let user = kubeconfig.auth_infos.iter_mut().find(|user| Some(&user.name) == context.user.as_ref());
        if let Some(user) = user.and_then(|user| user.auth_info.as_mut()) {
            authenticate(cluster, user, reached.as_ref())?;
        }
    }
    let options = KubeConfigOptions { context: Some(name.clone()), cluster: None, user: None };
    let config = runtime.block_on(Config::from_custom_kubeconfig(kubeconfig, &options)).map_err(told)?;
    Ok((name, config))
}

/// Replaces a program that gives credentials by what it gives.
fn authenticate(cluster: &Cluster, user: &mut AuthInfo, reached: Option<&config::Cluster>) -> Result<(), ClusterError> {
    if let Some(provider) = &user.auth_provider {
        // One of them names a program, too.
        return Err(ClusterError::AuthProvider(provider.name.clone()));
    }
    let Some(mut exec) = user.exec.take() else { return Ok(()) };
    let command = exec.command.clone().unwrap_or_default();
    if !cluster.allow_exec_plugins {
        let file = Path::new(&command).file_name().map(|name| name.to_string_lossy().into_owned());
        return Err(ClusterError::ExecPlugin { command: file.unwrap_or(command) });
    }
    if exec.provide_cluster_info {
        exec.cluster = reached.map(ExecAuthCluster::try_from).transpose().map_err(told)?;
    }
    exec_plugin::run(&exec, cluster.timeout)
        .map(|credentials| credentials.put_into(user))
        .map_err(|why| ClusterError::PluginFailed { command, why })
}

/// The cluster that this runs in, if it runs in a pod.
fn in_cluster(cluster: &Cluster) -> Result<(String, Config), ClusterError> {
    match (&cluster.context, Config::incluster()) {
        (Some(name), _) if name != HERE => {
            Err(ClusterError::UnknownContext { name: name.clone(), known: "no kubeconfig at all".to_owned() })
        }
        (_, Ok(config)) => Ok((HERE.to_owned(), config)),
        _ => Err(ClusterError::Missing),
    }
}

/// Errors without a word of what stands in the file.
fn told(error: KubeconfigError) -> ClusterError {
    match error {
        KubeconfigError::ReadConfig(error, path) => {
            ClusterError::Unreadable { file: path.display().to_string(), why: failure(&error) }
        }
        KubeconfigError::Parse(error) => {
            let place = error.location().map(|at| format!(" (line {}, column {})", at.line(), at.column()));
            ClusterError::Invalid(format!("it is no YAML of a kubeconfig{}", place.unwrap_or_default()))
        }
        KubeconfigError::LoadContext(_) | KubeconfigError::CurrentContextNotSet => {
            ClusterError::Invalid("the context says nothing".to_owned())
        }
        KubeconfigError::LoadClusterOfContext(_) => {
            ClusterError::Invalid("the context names a cluster that is not there".to_owned())
        }
        KubeconfigError::MissingClusterUrl => ClusterError::Invalid("the cluster has no server".to_owned()),
        KubeconfigError::ParseClusterUrl(_) => ClusterError::Invalid("the cluster's server is no URL".to_owned()),
        KubeconfigError::ParseProxyUrl(_) => ClusterError::Invalid("the proxy is no URL".to_owned()),
        KubeconfigError::LoadCertificateAuthority(_) | KubeconfigError::ParseCertificates(_) => {
            ClusterError::Invalid("the certificate authority cannot be read".to_owned())
        }
        KubeconfigError::LoadClientCertificate(_) => {
            ClusterError::Invalid("the client's certificate cannot be read".to_owned())
        }
        KubeconfigError::LoadClientKey(_) => ClusterError::Invalid("the client's key cannot be read".to_owned()),
        KubeconfigError::KindMismatch | KubeconfigError::ApiVersionMismatch => {
            ClusterError::Invalid("the files that KUBECONFIG names do not go together".to_owned())
        }
        _ => ClusterError::Invalid("something in it cannot be used".to_owned()),
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
