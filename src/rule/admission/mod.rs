//! Rules as ValidatingAdmissionPolicies: the same verdicts, given by a cluster when an object is written.
//!
//! Knows which rules can be said so, and the manifests. Kubernetes evaluates CEL too, so that an expression is kept as
//! it is written; what `each` selects becomes macros around it.

mod expression;
mod manifest;
mod resources;

use std::fmt;

use super::cel::{self, Expr, Expression};
use super::schema::{Check, Rule};
use crate::document::Kind;
use crate::facts::{Each, PodSecurityVersion};

pub use manifest::manifest;

/// What a cluster does with an object that a policy refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Refuses it.
    Deny,
    /// Warns the client.
    Warn,
    /// Writes it into the audit log.
    Audit,
}

impl Action {
    /// As Kubernetes writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Action::Deny => "Deny",
            Action::Warn => "Warn",
            Action::Audit => "Audit",
        }
    }
}

/// A rule as a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The resources that it is asked about.
    resources: Vec<resources::Resource>,
    /// Names for parts of the object, as expressions.
    pub variables: Vec<(&'static str, &'static str)>,
    /// True where nothing is wrong.
    pub expression: String,
}

/// Why a rule is no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inexpressible {
    /// It looks for text.
    Text,
    /// It judges documents that no cluster is given.
    NotOfTheApi(String),
    /// It judges many objects together.
    ManyObjects,
    /// It does not say which kinds of object it judges.
    AnyKind,
    /// The rule is not valid.
    Invalid(String),
}

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Inexpressible::Text => f.write_str("it looks for text, wherever it stands"),
            Inexpressible::NotOfTheApi(kind) => write!(f, "it judges {kind}, which no cluster is asked about"),
            Inexpressible::ManyObjects => f.write_str("it judges many objects together; a policy sees one"),
            Inexpressible::AnyKind => f.write_str("it does not begin with the kinds of object that it judges"),
            Inexpressible::Invalid(message) => write!(f, "the rule is not valid: {message}"),
        }
    }
}

/// Says a rule as a policy.
///
/// # Errors
/// Why it cannot be said so.
pub fn policy(rule: &Rule, version: PodSecurityVersion) -> Result<Policy, Inexpressible> {
    let check = rule.check.as_ref().ok_or(Inexpressible::Text)?;
    let invalid = |message: String| Inexpressible::Invalid(message);
    let kind = Kind::named(&check.on).ok_or_else(|| invalid(format!("no kind `{}`", check.on)))?;
    let (resources, variables) = match kind {
        Kind::KubernetesWorkload => (resources::WORKLOADS.to_vec(), expression::POD_VARIABLES.to_vec()),
        Kind::KubernetesObject => (objects(check)?, Vec::new()),
        kind if kind.is_across() => return Err(Inexpressible::ManyObjects),
        other => return Err(Inexpressible::NotOfTheApi(format!("documents of kind {other}"))),
    };
    let each = match &check.each {
        Some(each) => Each::parse(each, kind).map_err(|error| invalid(error.message))?,
        None => Each::top(),
    };
    let parse = |source: &str| cel::parse(source).map_err(|error| invalid(error.to_string()));
    let when = check.when.as_deref().map(parse).transpose()?;
    let deny = parse(&check.deny)?;
    let expression = expression::sound(&each, when.as_ref(), &deny, version);
    Ok(Policy { resources, variables, expression })
}

/// The resources of a rule on objects: its `when` begins with `object.kind == …` or `object.kind in […]`.
fn objects(check: &Check) -> Result<Vec<resources::Resource>, Inexpressible> {
    let source = check.when.as_deref().ok_or(Inexpressible::AnyKind)?;
    let when = cel::parse(source).map_err(|error| Inexpressible::Invalid(error.to_string()))?;
    let first = match when.expr(when.root()) {
        Expr::And(parts) => parts.first().copied().unwrap_or(when.root()),
        _ => when.root(),
    };
    let kinds = kinds(&when, first).ok_or(Inexpressible::AnyKind)?;
    let mut found = Vec::new();
    for kind in &kinds {
        match resources::of_kind(kind) {
            [] => return Err(Inexpressible::NotOfTheApi(format!("{kind} files"))),
            some => found.extend_from_slice(some),
        }
    }
    Ok(found)
}

/// The kinds that a comparison of `object.kind` names.
fn kinds(when: &Expression, at: cel::ExprId) -> Option<Vec<String>> {
    let Expr::Binary { op, left, right } = when.expr(at) else { return None };
    let Expr::Select { operand, field, .. } = when.expr(*left) else { return None };
    if !matches!(when.expr(*operand), Expr::Variable(name) if &**name == "object") || &**field != "kind" {
        return None;
    }
    let text = |id: cel::ExprId| match when.expr(id) {
        Expr::Text(text) => Some(text.to_string()),
        _ => None,
    };
    match (op, when.expr(*right)) {
        (cel::BinaryOp::Equal, _) => Some(vec![text(*right)?]),
        (cel::BinaryOp::In, Expr::List(items)) => items.iter().map(|item| text(item.value)).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
