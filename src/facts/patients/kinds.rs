//! How a field is read, and what its value must look like to count: the words that the field maps use.

use serde::Deserialize;

/// What a value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Shape {
    Name,
    Address,
    Place,
    Zip,
    Number,
    Birth,
    Date,
    Age,
    Phone,
    Email,
    Ssn,
    Url,
    Ip,
    Any,
}

/// How a structured field is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FieldKind {
    Name,
    Address,
    City,
    Zip,
    Birth,
    Date,
    Phone,
    Telecom,
    Ssn,
    Number,
    Identifier,
    Text,
}

impl FieldKind {
    /// What the value of a field of one part looks like, and whether it may stay in a limited data set.
    pub(super) fn shape(self) -> (Shape, bool) {
        match self {
            FieldKind::Name => (Shape::Name, false),
            FieldKind::Address => (Shape::Address, false),
            FieldKind::City => (Shape::Place, true),
            FieldKind::Zip => (Shape::Zip, true),
            FieldKind::Birth => (Shape::Birth, true),
            FieldKind::Date => (Shape::Date, true),
            FieldKind::Number => (Shape::Number, false),
            _ => (Shape::Any, false),
        }
    }
}
