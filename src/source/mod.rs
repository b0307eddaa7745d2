//! Where content comes from: the only code that touches disks, repositories and clusters. Knows no rule.

#[cfg(feature = "cluster")]
mod cluster;
#[cfg(feature = "endpoint")]
mod endpoint;
mod files;
mod helm;
#[cfg(feature = "git")]
mod history;
#[cfg(feature = "git")]
mod index;
mod kustomize;
mod parts;
mod program;
#[cfg(feature = "git")]
mod repository;
mod root;
#[cfg(feature = "git")]
mod since;

#[cfg(feature = "cluster")]
pub use cluster::{Cluster, ClusterError};
#[cfg(feature = "endpoint")]
pub use endpoint::{ClientPemError, EndpointError, check_client_pem};
pub use files::{Walk, stdin};
pub use helm::{RELEASE_NAMESPACE, Rendered, render};
#[cfg(feature = "git")]
pub use history::History;
#[cfg(feature = "git")]
pub use index::{IndexError, revision, staged};
pub use kustomize::{KustomizationFile, Kustomizations, Overlay, listed, overlays, plain};
pub use parts::hand_on;
#[cfg(feature = "git")]
pub use repository::{HistoryError, history_root};
pub use root::{common_root, relative_to, repository_root};
#[cfg(feature = "git")]
pub use since::Since;
