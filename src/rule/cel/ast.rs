//! The tree of an expression: flat, in one arena, every node with its place in the text.
//!
//! Knows shapes only. Nodes refer to each other by index, so that neither use nor drop of a tree can run out
//! of stack, and macros are nodes of their own, so that an error about them speaks of what the author wrote.

use std::sync::Arc;

use super::function::Function;
use super::pattern::Pattern;
use crate::text::Span;

/// A node's place in its expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub(super) u16);

/// A parsed expression; a clone shares it.
#[derive(Clone, Debug)]
pub struct Expression {
    pub(super) tree: Arc<Tree>,
}

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) source: Box<str>,
    pub(super) nodes: Vec<(Expr, Span)>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) root: ExprId,
}

impl Expression {
    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.tree.source
    }

    /// The top node.
    pub fn root(&self) -> ExprId {
        self.tree.root
    }

    /// A node.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.tree.nodes[usize::from(id.0)].0
    }

    /// Every node, in the order in which they were read.
    pub fn ids(&self) -> impl Iterator<Item = ExprId> + use<> {
        (0..u16::try_from(self.tree.nodes.len()).unwrap_or(u16::MAX)).map(ExprId)
    }

    /// Where a node stands in the text.
    pub fn span(&self, id: ExprId) -> Span {
        self.tree.nodes[usize::from(id.0)].1
    }

    /// The text of a node.
    pub fn text(&self, id: ExprId) -> &str {
        self.tree.source.get(self.span(id).range()).unwrap_or_default()
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.tree.nodes.len()
    }

    /// Whether there are none; there always are.
    pub fn is_empty(&self) -> bool {
        self.tree.nodes.is_empty()
    }

    /// The literal patterns of `matches()`.
    pub fn patterns(&self) -> &[Pattern] {
        &self.tree.patterns
    }
}

/// An element of a list that an expression makes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ListItem {
    /// The element.
    pub value: ExprId,
    /// `[?e]`: an optional, left out when it holds nothing.
    pub optional: bool,
}

/// An entry of a map that an expression makes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapItem {
    /// The key.
    pub key: ExprId,
    /// The value.
    pub value: ExprId,
    /// `{?k: v}`: the value is an optional, left out when it holds nothing.
    pub optional: bool,
}

/// Operators between two values, but for `&&` and `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl BinaryOp {
    /// Whether it asks rather than computes.
    pub const fn gives_bool(self) -> bool {
        !matches!(
            self,
            BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder
        )
    }

    /// As it is written.
    pub const fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessOrEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterOrEqual => ">=",
            BinaryOp::In => "in",
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Remainder => "%",
        }
    }
}

/// Macros that go through a list or a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Comprehension {
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// `-3`.
    Int(i64),
    /// `3u`.
    Uint(u64),
    /// `1.5`.
    Double(f64),
    /// `"text"`, escapes resolved.
    Text(Box<str>),
    /// `[a, ?b]`.
    List(Vec<ListItem>),
    /// `{a: b}`.
    Map(Vec<MapItem>),
    /// A name that no macro around it binds.
    Variable(Box<str>),
    /// A name that a macro binds: the how-manieth macro from the outside.
    Local(usize),
    /// `a.b`, `a.?b`.
    Select {
        /// The `a`.
        operand: ExprId,
        /// The `b`.
        field: Box<str>,
        /// Where the `b` stands.
        field_span: Span,
        /// Whether it is `.?`.
        optional: bool,
    },
    /// `has(a.b)`.
    Has {
        /// The `a`.
        operand: ExprId,
        /// The `b`.
        field: Box<str>,
        /// Where the `b` stands.
        field_span: Span,
    },
    /// `a[i]`, `a[?i]`.
    Index {
        /// The `a`.
        operand: ExprId,
        /// The `i`.
        index: ExprId,
        /// Whether it is `[?`.
        optional: bool,
    },
    /// `!a`.
    Not(ExprId),
    /// `-a`.
    Negate(ExprId),
    /// `a && b && c`.
    And(Vec<ExprId>),
    /// `a || b || c`.
    Or(Vec<ExprId>),
    /// Any other operator between two.
    Binary {
        /// Which.
        op: BinaryOp,
        /// What stands before it.
        left: ExprId,
        /// What stands after it.
        right: ExprId,
    },
    /// `a ? b : c`.
    Conditional {
        /// The `a`.
        test: ExprId,
        /// The `b`.
        then: ExprId,
        /// The `c`.
        otherwise: ExprId,
    },
    /// `f(a)`, `a.f(b)`.
    Call {
        /// Which; `None` if nothing is called so.
        function: Option<Function>,
        /// The name as written.
        name: Box<str>,
        /// Where the name stands.
        name_span: Span,
        /// What it is called on.
        target: Option<ExprId>,
        /// What stands between the parentheses.
        args: Vec<ExprId>,
        /// The literal pattern of `matches()`, as an index into [`Expression::patterns`].
        pattern: Option<usize>,
    },
    /// `a.all(x, b)` and its like.
    Comprehension {
        /// Which.
        kind: Comprehension,
        /// What it goes through.
        range: ExprId,
        /// The condition before the last argument of `map(x, keep, body)`.
        keep: Option<ExprId>,
        /// The last argument.
        body: ExprId,
    },
    /// `a.optMap(x, b)`; `flat` for `optFlatMap`.
    OptionalMap {
        /// The `a`.
        target: ExprId,
        /// The `b`.
        body: ExprId,
        /// Whether `b` is an optional already.
        flat: bool,
    },
}

impl Expr {
    /// Calls `each` with the nodes directly under this one.
    pub(super) fn for_each_child(&self, mut each: impl FnMut(ExprId)) {
        match self {
            Expr::Null | Expr::Bool(_) | Expr::Int(_) | Expr::Uint(_) | Expr::Double(_) | Expr::Text(_) => {}
            Expr::Variable(_) | Expr::Local(_) => {}
            Expr::List(items) => items.iter().for_each(|item| each(item.value)),
            Expr::Map(items) => items.iter().flat_map(|item| [item.key, item.value]).for_each(each),
            Expr::Select { operand, .. } | Expr::Has { operand, .. } => each(*operand),
            Expr::Index { operand, index, .. } => [*operand, *index].into_iter().for_each(each),
            Expr::Not(operand) | Expr::Negate(operand) => each(*operand),
            Expr::And(parts) | Expr::Or(parts) => parts.iter().copied().for_each(each),
            Expr::Binary { left, right, .. } => [*left, *right].into_iter().for_each(each),
            Expr::Conditional { test, then, otherwise } => [*test, *then, *otherwise].into_iter().for_each(each),
            Expr::Call { target, args, .. } => target.iter().chain(args).copied().for_each(each),
            Expr::Comprehension { range, keep, body, .. } => {
                [Some(*range), *keep, Some(*body)].into_iter().flatten().for_each(each);
            }
            Expr::OptionalMap { target, body, .. } => [*target, *body].into_iter().for_each(each),
        }
    }
}
