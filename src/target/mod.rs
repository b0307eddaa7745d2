//! What the user asked to be looked at.
//!
//! Parses one argument; touches nothing.

mod client;
mod endpoint;
mod server_name;

use std::path::PathBuf;

pub use client::ClientPem;
pub use endpoint::{EndpointTarget, Endpoints, Service, Wrapping};

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file or a folder.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// A live cluster, by the name of its context in the kubeconfig; its current context without.
    Cluster(Option<String>),
    /// Everything that commits ever brought: `git:` all of them, `git:A..B` those of `B` that `A` does not have,
    /// `git:REF` those that lead to `REF`.
    History(Option<String>),
    /// An endpoint: `tls://host:443`, `dicom://pacs:11112`.
    Endpoint(EndpointTarget),
}

/// Why an argument is no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// A scheme that no source serves.
    #[error(
        "{scheme}: targets of this kind are not supported; give a path, k8s: for a cluster, tls://host:port for an endpoint, or - for standard input"
    )]
    Scheme {
        /// What stands before the colon.
        scheme: String,
    },
    /// An endpoint that cannot be read.
    #[error("{text}: {why}")]
    Endpoint {
        /// What may be shown of it.
        text: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A range that cannot be read.
    #[error("{range}: a range is a commit, or two with two dots between them (main..HEAD)")]
    Range {
        /// The range.
        range: String,
    },
}

impl Target {
    /// Takes an argument for a target. What looks like a URL but is none of ours is refused rather than taken
    /// for a file name; put `./` before a path that looks like one.
    pub fn parse(argument: &std::ffi::OsStr) -> Result<Target, TargetError> {
        if argument == "-" {
            return Ok(Target::Stdin);
        }
        if let Some(context) = argument.to_str().and_then(|text| text.strip_prefix("k8s:")) {
            // As origins are written.
            let context = context.strip_prefix("//").unwrap_or(context);
            return Ok(Target::Cluster((!context.is_empty()).then(|| context.to_owned())));
        }
        if let Some(range) = argument.to_str().and_then(|text| text.strip_prefix("git:"))
            && !range.starts_with("//")
        {
            if range.contains("...") || range.starts_with('-') {
                return Err(TargetError::Range { range: range.to_owned() });
            }
            return Ok(Target::History((!range.is_empty()).then(|| range.to_owned())));
        }
        if let Some(text) = argument.to_str()
            && let Some((scheme, _)) = text.split_once("://")
            && !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        {
            if EndpointTarget::knows(scheme) {
                return EndpointTarget::parse(text).map(Target::Endpoint);
            }
            return Err(TargetError::Scheme { scheme: scheme.to_owned() });
        }
        Ok(Target::Path(PathBuf::from(argument)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_a_path_unless_it_is_a_scheme() {
        assert_eq!(Target::parse("-".as_ref()), Ok(Target::Stdin));
        assert_eq!(Target::parse("a/b".as_ref()), Ok(Target::Path("a/b".into())));
        assert_eq!(Target::parse("./s3://x".as_ref()), Ok(Target::Path("./s3://x".into())));
        assert_eq!(Target::parse("k8s:".as_ref()), Ok(Target::Cluster(None)));
        assert_eq!(Target::parse("k8s://".as_ref()), Ok(Target::Cluster(None)));
        assert_eq!(Target::parse("k8s:a/b:c".as_ref()), Ok(Target::Cluster(Some("a/b:c".into()))));
        assert_eq!(Target::parse("k8s".as_ref()), Ok(Target::Path("k8s".into())));
        assert_eq!(Target::parse("./k8s:".as_ref()), Ok(Target::Path("./k8s:".into())));
        assert_eq!(Target::parse("git:".as_ref()), Ok(Target::History(None)));
        assert_eq!(Target::parse("git:a..b".as_ref()), Ok(Target::History(Some("a..b".into()))));
        assert_eq!(Target::parse("./git:x".as_ref()), Ok(Target::Path("./git:x".into())));
        assert_eq!(Target::parse("git:a...b".as_ref()), Err(TargetError::Range { range: "a...b".into() }));
        assert_eq!(Target::parse("git://x".as_ref()), Err(TargetError::Scheme { scheme: "git".into() }));
        assert_eq!(Target::parse("gopher://x".as_ref()), Err(TargetError::Scheme { scheme: "gopher".into() }));
    }
}
