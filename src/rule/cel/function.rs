//! The closed list of functions: names, forms, argument counts and kinds.
//!
//! Knows signatures; what a function does is the engine's part.

/// A function or method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Function {
    Size,
    Int,
    Uint,
    Double,
    String,
    Bool,
    Type,
    Dyn,
    Matches,
    StartsWith,
    EndsWith,
    Contains,
    LowerAscii,
    UpperAscii,
    Trim,
    Split,
    Join,
    Replace,
    Substring,
    CharAt,
    IndexOf,
    LastIndexOf,
    IsSorted,
    Sum,
    Min,
    Max,
    OrValue,
    Or,
    HasValue,
    Value,
    OptionalOf,
    OptionalOfNonZeroValue,
    OptionalNone,
}

/// What is known of a value before it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing is known.
    Any,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    List,
    Map,
    Optional,
    Type,
}

impl Kind {
    /// As words.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Kind::Any => "a value",
            Kind::Null => "null",
            Kind::Bool => "a bool",
            Kind::Int => "an int",
            Kind::Uint => "a uint",
            Kind::Double => "a double",
            Kind::Text => "a string",
            Kind::List => "a list",
            Kind::Map => "a map",
            Kind::Optional => "an optional",
            Kind::Type => "a type",
        }
    }
}

/// How a function is written.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) function: Function,
    /// As `f(x)`: the least and the largest count of arguments.
    pub(super) global: Option<(usize, usize)>,
    /// As `x.f()`: the same.
    pub(super) method: Option<(usize, usize)>,
    /// The kinds of `x`; empty for any.
    pub(super) on: &'static [Kind],
    pub(super) gives: Kind,
    pub(super) usage: &'static str,
}

use Function as F;
use Kind as K;

/// Every function, each once; a name never stands twice in one form.
#[rustfmt::skip]
pub(super) static SIGNATURES: &[Signature] = &[
    Signature { name: "size", function: F::Size, global: Some((1, 1)), method: Some((0, 0)), on: &[K::Text, K::List, K::Map], gives: K::Int, usage: "size(x) or x.size()" },
    Signature { name: "int", function: F::Int, global: Some((1, 1)), method: None, on: &[], gives: K::Int, usage: "int(x)" },
    Signature { name: "uint", function: F::Uint, global: Some((1, 1)), method: None, on: &[], gives: K::Uint, usage: "uint(x)" },
    Signature { name: "double", function: F::Double, global: Some((1, 1)), method: None, on: &[], gives: K::Double, usage: "double(x)" },
    Signature { name: "string", function: F::String, global: Some((1, 1)), method: None, on: &[], gives: K::Text, usage: "string(x)" },
    Signature { name: "bool", function: F::Bool, global: Some((1, 1)), method: None, on: &[], gives: K::Bool, usage: "bool(x)" },
    Signature { name: "type", function: F::Type, global: Some((1, 1)), method: None, on: &[], gives: K::Type, usage: "type(x)" },
    Signature { name: "dyn", function: F::Dyn, global: Some((1, 1)), method: None, on: &[], gives: K::Any, usage: "dyn(x)" },
    Signature { name: "matches", function: F::Matches, global: Some((2, 2)), method: Some((1, 1)), on: &[K::Text], gives: K::Bool, usage: "text.matches('pattern')" },
    Signature { name: "startsWith", function: F::StartsWith, global: None, method: Some((1, 1)), on: &[K::Text], gives: K::Bool, usage: "text.startsWith(text)" },
    Signature { name: "endsWith", function: F::EndsWith, global: None, method: Some((1, 1)), on: &[K::Text], gives: K::Bool, usage: "text.endsWith(text)" },
    Signature { name: "contains", function: F::Contains, global: None, method: Some((1, 1)), on: &[K::Text], gives: K::Bool, usage: "text.contains(text)" },
    Signature { name: "lowerAscii", function: F::LowerAscii, global: None, method: Some((0, 0)), on: &[K::Text], gives: K::Text, usage: "text.lowerAscii()" },
    Signature { name: "upperAscii", function: F::UpperAscii, global: None, method: Some((0, 0)), on: &[K::Text], gives: K::Text, usage: "text.upperAscii()" },
    Signature { name: "trim", function: F::Trim, global: None, method: Some((0, 0)), on: &[K::Text], gives: K::Text, usage: "text.trim()" },
    Signature { name: "split", function: F::Split, global: None, method: Some((1, 2)), on: &[K::Text], gives: K::List, usage: "text.split(separator) or text.split(separator, limit)" },
    Signature { name: "join", function: F::Join, global: None, method: Some((0, 1)), on: &[K::List], gives: K::Text, usage: "list.join() or list.join(separator)" },
    Signature { name: "replace", function: F::Replace, global: None, method: Some((2, 3)), on: &[K::Text], gives: K::Text, usage: "text.replace(old, new) or text.replace(old, new, limit)" },
    Signature { name: "substring", function: F::Substring, global: None, method: Some((1, 2)), on: &[K::Text], gives: K::Text, usage: "text.substring(start) or text.substring(start, end)" },
    Signature { name: "charAt", function: F::CharAt, global: None, method: Some((1, 1)), on: &[K::Text], gives: K::Text, usage: "text.charAt(index)" },
    Signature { name: "indexOf", function: F::IndexOf, global: None, method: Some((1, 2)), on: &[K::Text, K::List], gives: K::Int, usage: "text.indexOf(text) or text.indexOf(text, start)" },
    Signature { name: "lastIndexOf", function: F::LastIndexOf, global: None, method: Some((1, 2)), on: &[K::Text, K::List], gives: K::Int, usage: "text.lastIndexOf(text) or text.lastIndexOf(text, start)" },
    Signature { name: "isSorted", function: F::IsSorted, global: None, method: Some((0, 0)), on: &[K::List], gives: K::Bool, usage: "list.isSorted()" },
    Signature { name: "sum", function: F::Sum, global: None, method: Some((0, 0)), on: &[K::List], gives: K::Any, usage: "list.sum()" },
    Signature { name: "min", function: F::Min, global: None, method: Some((0, 0)), on: &[K::List], gives: K::Any, usage: "list.min()" },
    Signature { name: "max", function: F::Max, global: None, method: Some((0, 0)), on: &[K::List], gives: K::Any, usage: "list.max()" },
    Signature { name: "orValue", function: F::OrValue, global: None, method: Some((1, 1)), on: &[K::Optional], gives: K::Any, usage: "optional.orValue(default)" },
    Signature { name: "or", function: F::Or, global: None, method: Some((1, 1)), on: &[K::Optional], gives: K::Optional, usage: "optional.or(optional)" },
    Signature { name: "hasValue", function: F::HasValue, global: None, method: Some((0, 0)), on: &[K::Optional], gives: K::Bool, usage: "optional.hasValue()" },
    Signature { name: "value", function: F::Value, global: None, method: Some((0, 0)), on: &[K::Optional], gives: K::Any, usage: "optional.value()" },
    Signature { name: "optional.of", function: F::OptionalOf, global: Some((1, 1)), method: None, on: &[], gives: K::Optional, usage: "optional.of(x)" },
    Signature { name: "optional.ofNonZeroValue", function: F::OptionalOfNonZeroValue, global: Some((1, 1)), method: None, on: &[], gives: K::Optional, usage: "optional.ofNonZeroValue(x)" },
    Signature { name: "optional.none", function: F::OptionalNone, global: Some((0, 0)), method: None, on: &[], gives: K::Optional, usage: "optional.none()" },
];

impl Function {
    /// The function that is written so, as a method or not.
    pub(super) fn named(name: &str, method: bool) -> Option<Function> {
        SIGNATURES
            .iter()
            .find(|row| row.name == name && if method { row.method.is_some() } else { row.global.is_some() })
            .map(|row| row.function)
    }

    /// The name it is called by.
    pub fn name(self) -> &'static str {
        self.signature().name
    }

    /// Whether it can be called with so many arguments, as a method (the value before the dot not counted) or not.
    pub fn takes(self, count: usize, method: bool) -> bool {
        let signature = self.signature();
        let range = if method { signature.method } else { signature.global };
        range.is_some_and(|(least, most)| (least..=most).contains(&count))
    }

    /// How it is written.
    pub(super) fn signature(self) -> &'static Signature {
        // The table has a row for each; a test goes through it. The first stands in for the compiler's sake.
        SIGNATURES.iter().find(|row| row.function == self).unwrap_or(&SIGNATURES[0])
    }
}

/// Names of types, as in `type(x) == int`.
pub(super) const TYPE_NAMES: [&str; 10] =
    ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"];
