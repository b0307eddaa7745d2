//! Pure derivations: what rules want to ask, computed once. No I/O, no rules.
//!
//! [`derive`] says what a parsed document is beyond its syntax: a Kubernetes object, a workload, a set of
//! facts about an endpoint or a bucket. A derived thing is a [`Subject`]: a kind and a node in the document's
//! own arena; nothing is copied for it. [`select`] gives the nodes of a subject that a rule judges, [`place`]
//! the place that a finding shows.

pub mod across;
mod bucket;
mod derive;
mod endpoint;
pub mod file;
mod kubernetes;
mod kustomization;
mod path;
pub mod patients;
mod pod_security;
mod select;
mod shape;
mod trail;
pub mod validators;
mod views;

pub use derive::{Derived, MAX_SUBJECTS, Problem, Subject, derive};
pub use kustomization::{KUSTOMIZATION_NAMES, Kustomization, Patch, is_patch, partial};
pub use path::{MAX_STEPS, Path, PathError, Step};
pub use pod_security::PodSecurityVersion;
pub use select::{Each, MAX_SELECTED, Placed, Selected, Selection, each_below, place, select};
pub use shape::{Field, Shape};
pub use trail::Trail;
pub use views::{Base, ViewDef, beginnings, fields, variables, view, views};

use crate::document::Kind;

/// What a closed kind holds, for manuals and checks; nothing for kinds that may hold anything.
pub fn closed(kind: Kind) -> Option<&'static [Field]> {
    match kind {
        Kind::TlsEndpoint => Some(endpoint::FIELDS),
        Kind::S3Bucket => Some(bucket::FIELDS),
        Kind::PatientRecords => Some(patients::FIELDS),
        _ => None,
    }
}

#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod tests;
