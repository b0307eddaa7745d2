//! Where content comes from: the only code that touches disks, repositories and clusters. Knows no rule.

#[cfg(feature = "cluster")]
mod cluster;
mod files;
#[cfg(feature = "git")]
mod index;
mod parts;
mod root;

#[cfg(feature = "cluster")]
pub use cluster::{Cluster, ClusterError};
pub use files::{Walk, stdin};
#[cfg(feature = "git")]
pub use index::{IndexError, revision, staged};
pub use parts::hand_on;
pub use root::{common_root, relative_to, repository_root};
