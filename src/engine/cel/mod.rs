//! Evaluates CEL directly on a document's tree.
//!
//! Knows how values meet operators and macros; not what a rule does with the answer. Nothing of the tree is
//! copied: a value that is a list or a map in the document stays a node number, text stays borrowed. An
//! answer is true, false, unknown or failed, and comes within a fixed number of steps whatever the expression
//! and the document hold.
//!
//! `Run::eval` is long because it is one `match` over every kind of node.

mod access;
mod call;
mod collection;
mod convert;
mod fault;
mod operators;
mod text;
mod value;

use crate::document::Value as Shape;
use crate::document::{Document, NodeId};
use crate::rule::cel::{CelError, Comprehension, Expr, ExprId, Expression};

use fault::{Fault, Halt};
use value::Val;

/// How many steps an evaluation may take unless told otherwise.
pub const DEFAULT_STEPS: u32 = 100_000;
/// How many bytes of text an evaluation may build.
const MAX_BUILT: usize = 8 << 20;

/// What an expression says of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It hangs on a value that cannot be known.
    Unknown(Unknown),
    /// It cannot be answered: a key is missing, kinds do not fit, too many steps.
    Failed(CelError),
}

/// Why an answer is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What the parser said of the value; holds no text of the content.
    pub why: String,
    /// The value that is not known: the first one that was met.
    pub node: NodeId,
}

/// What a variable stands for.
#[derive(Clone, Copy, Debug)]
pub enum Binding<'a> {
    /// A node of the document.
    Node(NodeId),
    /// A text that is no node, such as the key under which a node stands.
    Text(&'a str),
    /// A number that is no node, such as a version.
    Int(i64),
}

/// Judges expressions over one document; made once per document, cheap to bind anew.
#[derive(Clone, Debug)]
pub struct Evaluator<'a> {
    document: &'a Document,
    variables: Vec<(&'a str, Binding<'a>)>,
    steps: u32,
}

impl<'a> Evaluator<'a> {
    /// For `document`, without variables.
    pub fn new(document: &'a Document) -> Self {
        Evaluator { document, variables: Vec::with_capacity(4), steps: DEFAULT_STEPS }
    }

    /// Another bound of steps for each evaluation.
    #[must_use]
    pub fn with_steps(mut self, steps: u32) -> Self {
        self.steps = steps;
        self
    }

    /// Lets `name` stand for `value`, in place of what it stood for before.
    pub fn bind(&mut self, name: &'a str, value: Binding<'a>) {
        match self.variables.iter_mut().find(|(known, _)| *known == name) {
            Some(variable) => variable.1 = value,
            None => self.variables.push((name, value)),
        }
    }

    /// Evaluates an expression.
    pub fn evaluate(&self, expression: &Expression) -> Outcome {
        let mut run = Run {
            document: self.document,
            expression,
            variables: &self.variables,
            locals: Vec::new(),
            steps: self.steps,
            built: 0,
        };
        let root = expression.root();
        match run.eval(root).and_then(|value| run.as_bool(value, root)) {
            Ok(true) => Outcome::True,
            Ok(false) => Outcome::False,
            Err(Halt::Unknown(node)) => {
                let why = match self.document.value(node) {
                    Shape::Unknown(why) => why.to_string(),
                    _ => String::new(),
                };
                Outcome::Unknown(Unknown { why, node })
            }
            Err(Halt::Fault(at, fault)) => Outcome::Failed(fault.render(expression, at)),
            Err(Halt::Limit(message)) => Outcome::Failed(CelError {
                span: expression.span(root),
                message: message.to_owned(),
                help: Some("take a deeper `each` in the rule, or a simpler condition".to_owned()),
            }),
        }
    }
}

/// One evaluation.
struct Run<'a> {
    document: &'a Document,
    expression: &'a Expression,
    variables: &'a [(&'a str, Binding<'a>)],
    /// What the macros around the current node bind, outermost first.
    locals: Vec<Val<'a>>,
    steps: u32,
    built: usize,
}

type Eval<T> = Result<T, Halt>;

impl<'a> Run<'a> {
    /// Takes steps off the budget.
    fn spend(&mut self, steps: usize) -> Eval<()> {
        match u32::try_from(steps).ok().and_then(|steps| self.steps.checked_sub(steps)) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                self.steps = 0;
                Err(Halt::Limit("the expression takes too many steps on this document"))
            }
        }
    }

    /// Takes the reading of a text off the budget: cheap per byte, but not free.
    fn spend_text(&mut self, bytes: usize) -> Eval<()> {
        self.spend(bytes / 256)
    }

    /// Takes a text to build off the budget.
    fn spend_built(&mut self, bytes: usize) -> Eval<()> {
        self.built = self.built.saturating_add(bytes);
        if self.built > MAX_BUILT {
            return Err(Halt::Limit("the expression builds too much text on this document"));
        }
        self.spend_text(bytes)
    }

    fn fault<T>(&self, at: ExprId, fault: Fault) -> Eval<T> {
        Err(Halt::Fault(at, fault))
    }

    /// A node's value; text and containers are borrowed.
    fn value_of(&self, node: NodeId) -> Eval<Val<'a>> {
        Ok(match self.document.value(node) {
            Shape::Null => Val::Null,
            Shape::Bool(value) => Val::Bool(*value),
            Shape::Int(value) => Val::Int(*value),
            Shape::Float(value) => Val::Double(*value),
            Shape::Str(text) => Val::Text(text),
            Shape::List(_) | Shape::Map(_) => Val::Node(node),
            Shape::Unknown(_) => return Err(Halt::Unknown(node)),
        })
    }

    fn as_bool(&self, value: Val<'a>, at: ExprId) -> Eval<bool> {
        match value {
            Val::Bool(value) => Ok(value),
            other => self.fault(at, Fault::NotBool(self.kind_of(&other))),
        }
    }

    /// Evaluates a node. The parser bounds the recursion.
    fn eval(&mut self, id: ExprId) -> Eval<Val<'a>> {
        self.spend(1)?;
        let expression = self.expression;
        match expression.expr(id) {
            Expr::Null => Ok(Val::Null),
            Expr::Bool(value) => Ok(Val::Bool(*value)),
            Expr::Int(value) => Ok(Val::Int(*value)),
            Expr::Uint(value) => Ok(Val::Uint(*value)),
            Expr::Double(value) => Ok(Val::Double(*value)),
            Expr::Text(text) => Ok(Val::Text(text)),
            Expr::List(items) => self.make_list(items),
            Expr::Map(items) => self.make_map(id, items),
            Expr::Variable(name) => self.variable(id, name),
            Expr::Local(slot) => match self.locals.get(*slot) {
                Some(value) => Ok(value.clone()),
                None => self.fault(id, Fault::NoVariable),
            },
            Expr::Select { operand, field, optional, .. } => {
                let of = self.eval(*operand)?;
                self.select(id, of, field, *optional)
            }
            Expr::Has { operand, field, .. } => {
                let of = self.eval(*operand)?;
                self.has(id, &of, field).map(Val::Bool)
            }
            Expr::Index { operand, index, optional } => {
                let of = self.eval(*operand)?;
                let index = self.eval(*index)?;
                self.index(id, of, &index, *optional)
            }
            Expr::Not(operand) => {
                let value = self.eval(*operand)?;
                self.as_bool(value, *operand).map(|value| Val::Bool(!value))
            }
            Expr::Negate(operand) => {
                let value = self.eval(*operand)?;
                self.negate(id, value)
            }
            Expr::And(parts) => self.junction(parts, false),
            Expr::Or(parts) => self.junction(parts, true),
            Expr::Binary { op, left, right } => {
                let left = self.eval(*left)?;
                let right = self.eval(*right)?;
                self.binary(id, *op, left, right)
            }
            Expr::Conditional { test, then, otherwise } => {
                let value = self.eval(*test)?;
                if self.as_bool(value, *test)? { self.eval(*then) } else { self.eval(*otherwise) }
            }
            Expr::Call { .. } => self.call(id),
            Expr::Comprehension { kind, range, keep, body } => match kind {
                Comprehension::All => self.quantify(*range, *body, false),
                Comprehension::Exists => self.quantify(*range, *body, true),
                Comprehension::ExistsOne => self.exists_one(*range, *body),
                Comprehension::Map => self.map(*range, *keep, *body),
                Comprehension::Filter => self.filter(*range, *body),
            },
            Expr::OptionalMap { target, body, flat } => self.optional_map(*target, *body, *flat),
        }
    }

    fn variable(&self, id: ExprId, name: &str) -> Eval<Val<'a>> {
        match self.variables.iter().find(|(known, _)| *known == name) {
            Some((_, Binding::Node(node))) => self.value_of(*node),
            Some((_, Binding::Text(text))) => Ok(Val::Text(text)),
            Some((_, Binding::Int(number))) => Ok(Val::Int(*number)),
            None => match value::Kind::named(name) {
                Some(kind) => Ok(Val::Type(kind)),
                None => self.fault(id, Fault::NoVariable),
            },
        }
    }

    /// `&&` and `||`: one decisive part decides, whatever the others are; else an unknown part makes the whole
    /// unknown, else a failed part makes it fail.
    fn junction(&mut self, parts: &[ExprId], decisive: bool) -> Eval<Val<'a>> {
        let mut held = None;
        for part in parts {
            match self.eval(*part).and_then(|value| self.as_bool(value, *part)) {
                Ok(value) if value == decisive => return Ok(Val::Bool(decisive)),
                Ok(_) => {}
                Err(halt) => Halt::hold(&mut held, halt)?,
            }
        }
        held.map_or(Ok(Val::Bool(!decisive)), Err)
    }
}

#[cfg(test)]
mod against_the_crate;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
