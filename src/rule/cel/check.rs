//! Judging an expression when its rule is loaded, not when a document happens to reach the mistake.
//!
//! Knows the names that a rule may use and as much of types as literals, operators and functions tell. What a
//! document holds is open, so that most values are of any kind; a mistake that is one for every document is
//! said, everything else passes.
//!
//! `Checker::kind` is long because it is one `match` over every kind of node.

use super::CelError;
use super::ast::{BinaryOp, Comprehension, Expr, ExprId, Expression};
use super::function::{Function, Kind, SIGNATURES, TYPE_NAMES};
use super::macros::MACROS;
use crate::rule::nearest;
use crate::text::Span;

/// A variable that rules may use.
#[derive(Clone, Copy, Debug)]
pub struct Variable<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its fields, if they are a closed list.
    pub fields: Option<&'a [&'a str]>,
}

/// What an expression may speak of.
#[derive(Clone, Debug, Default)]
pub struct Environment<'a> {
    variables: Vec<Variable<'a>>,
}

impl<'a> Environment<'a> {
    /// With these variables, their fields open.
    pub fn new(variables: &[&'a str]) -> Self {
        Environment { variables: variables.iter().map(|name| Variable { name, fields: None }).collect() }
    }

    /// The same, with a closed list of fields for one variable.
    #[must_use]
    pub fn with_fields(mut self, variable: &'a str, fields: &'a [&'a str]) -> Self {
        self.variables.retain(|known| known.name != variable);
        self.variables.push(Variable { name: variable, fields: Some(fields) });
        self
    }
}

/// Judges an expression that is to give true or false; every mistake, in the order of the text.
pub fn check(expression: &Expression, environment: &Environment<'_>) -> Result<(), Vec<CelError>> {
    let mut checker = Checker { expression, environment, errors: Vec::new() };
    let root = expression.root();
    let kind = checker.kind(root);
    checker.want_bool(root, kind, "the expression");
    for pattern in expression.patterns() {
        if let Err(why) = pattern.check() {
            let error = CelError::new(expression.span(pattern.literal), format!("the pattern is not valid: {why}"));
            checker.errors.push(error.help("patterns are regular expressions without look-around and back-references"));
        }
    }
    if checker.errors.is_empty() {
        return Ok(());
    }
    checker.errors.sort_by_key(|error| error.span);
    Err(checker.errors)
}

struct Checker<'c> {
    expression: &'c Expression,
    environment: &'c Environment<'c>,
    errors: Vec<CelError>,
}

impl Checker<'_> {
    fn error(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        self.errors.push(CelError { span, message: message.into(), help });
    }

    /// Judges a node and says what it will give. The parser bounds the recursion.
    fn kind(&mut self, id: ExprId) -> Kind {
        match self.expression.expr(id) {
            Expr::Null => Kind::Null,
            Expr::Bool(_) => Kind::Bool,
            Expr::Int(_) => Kind::Int,
            Expr::Uint(_) => Kind::Uint,
            Expr::Double(_) => Kind::Double,
            Expr::Text(_) => Kind::Text,
            Expr::List(items) => {
                items.iter().for_each(|item| _ = self.kind(item.value));
                Kind::List
            }
            Expr::Map(items) => {
                for item in items {
                    self.map_key(item.key);
                    self.kind(item.value);
                }
                Kind::Map
            }
            Expr::Variable(name) => self.variable(id, name),
            Expr::Local(_) => Kind::Any,
            Expr::Select { operand, field, field_span, optional } => {
                let of = self.select(*operand, field, *field_span);
                if *optional || of == Kind::Optional { Kind::Optional } else { Kind::Any }
            }
            Expr::Has { operand, field, field_span } => {
                self.select(*operand, field, *field_span);
                Kind::Bool
            }
            Expr::Index { operand, index, optional } => {
                let of = self.kind(*operand);
                let index_kind = self.kind(*index);
                self.index(*operand, of, *index, index_kind);
                if *optional || of == Kind::Optional { Kind::Optional } else { Kind::Any }
            }
            Expr::Not(operand) => {
                let kind = self.kind(*operand);
                self.want_bool(*operand, kind, "what `!` stands before");
                Kind::Bool
            }
            Expr::Negate(operand) => match self.kind(*operand) {
                kind @ (Kind::Any | Kind::Int | Kind::Double) => kind,
                kind => {
                    let span = self.expression.span(*operand);
                    self.error(span, format!("`-` wants a number, and this is {}", kind.name()), None);
                    Kind::Any
                }
            },
            Expr::And(parts) | Expr::Or(parts) => {
                for part in parts {
                    let kind = self.kind(*part);
                    self.want_bool(*part, kind, "what stands beside `&&` and `||`");
                }
                Kind::Bool
            }
            Expr::Binary { op, left, right } => self.binary(id, *op, *left, *right),
            Expr::Conditional { test, then, otherwise } => {
                let kind = self.kind(*test);
                self.want_bool(*test, kind, "what stands before `?`");
                let (then, otherwise) = (self.kind(*then), self.kind(*otherwise));
                if then == otherwise { then } else { Kind::Any }
            }
            Expr::Call { .. } => self.call(id),
            Expr::Comprehension { kind, range, keep, body } => self.comprehension(*kind, *range, *keep, *body),
            Expr::OptionalMap { target, body, .. } => {
                let kind = self.kind(*target);
                if !matches!(kind, Kind::Any | Kind::Optional) {
                    self.not_optional(*target, kind);
                }
                self.kind(*body);
                Kind::Optional
            }
        }
    }

    fn want_bool(&mut self, id: ExprId, kind: Kind, what: &str) {
        let help = match kind {
            Kind::Any | Kind::Bool => return,
            Kind::Optional => format!("add `.orValue(false)`: `{}.orValue(false)`", self.expression.text(id)),
            _ => "compare it with something, with `==` or `!=`".to_owned(),
        };
        let span = self.expression.span(id);
        self.error(span, format!("{what} must be true or false, and this is {}", kind.name()), Some(help));
    }

    fn variable(&mut self, id: ExprId, name: &str) -> Kind {
        if self.environment.variables.iter().any(|known| known.name == name) {
            return Kind::Any;
        }
        if TYPE_NAMES.contains(&name) {
            return Kind::Type;
        }
        let names: Vec<&str> = self.environment.variables.iter().map(|known| known.name).collect();
        let known = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let help = match nearest(name, &names) {
            Some(near) => format!("did you mean `{near}`? Known here: {known}"),
            None => format!("known here: {known}; text stands in quotes"),
        };
        self.error(self.expression.span(id), format!("there is no variable `{name}`"), Some(help));
        Kind::Any
    }

    fn select(&mut self, operand: ExprId, field: &str, field_span: Span) -> Kind {
        let kind = self.kind(operand);
        if !matches!(kind, Kind::Any | Kind::Map | Kind::Optional) {
            self.error(field_span, format!("{} has no fields", kind.name()), None);
        }
        if let Expr::Variable(name) = self.expression.expr(operand)
            && let Some(fields) =
                self.environment.variables.iter().find(|known| known.name == &**name).and_then(|known| known.fields)
            && !fields.contains(&field)
        {
            let help = match nearest(field, fields) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its fields are {}", fields.join(", ")),
            };
            self.error(field_span, format!("`{name}` has no field `{field}`"), Some(help));
        }
        kind
    }

    fn index(&mut self, operand: ExprId, of: Kind, index: ExprId, kind: Kind) {
        if !matches!(of, Kind::Any | Kind::List | Kind::Map | Kind::Optional) {
            let help = (of == Kind::Text).then(|| "use `charAt()` or `substring()`".to_owned());
            self.error(self.expression.span(operand), format!("{} cannot be indexed", of.name()), help);
        }
        let fits = match of {
            Kind::List => matches!(kind, Kind::Any | Kind::Int | Kind::Uint | Kind::Double),
            _ => !matches!(kind, Kind::Null | Kind::List | Kind::Map | Kind::Optional | Kind::Type),
        };
        if !fits {
            self.error(self.expression.span(index), format!("{} cannot be an index here", kind.name()), None);
        }
    }

    fn map_key(&mut self, key: ExprId) {
        let kind = self.kind(key);
        if !matches!(kind, Kind::Any | Kind::Bool | Kind::Int | Kind::Uint | Kind::Text) {
            let message = format!("a key is a string, a whole number or a bool, and this is {}", kind.name());
            self.error(self.expression.span(key), message, None);
        }
    }

    fn binary(&mut self, id: ExprId, op: BinaryOp, left: ExprId, right: ExprId) -> Kind {
        let (a, b) = (self.kind(left), self.kind(right));
        let span = self.expression.span(id);
        let symbol = op.symbol();
        for (kind, other, part) in [(a, b, left), (b, a, right)] {
            if kind == Kind::Optional
                && !(other == Kind::Optional && matches!(op, BinaryOp::Equal | BinaryOp::NotEqual))
            {
                let text = self.expression.text(part);
                let help = format!("say what it is when absent: `{text}.orValue(…) {symbol} …`");
                self.error(self.expression.span(part), format!("`{symbol}` cannot look into an optional"), Some(help));
                return if op.gives_bool() { Kind::Bool } else { Kind::Any };
            }
        }
        if op == BinaryOp::In {
            if !matches!(b, Kind::Any | Kind::List | Kind::Map) {
                let help = (b == Kind::Text).then(|| "use `contains()` to look into a string".to_owned());
                self.error(span, format!("`in` looks into lists and maps, and this is {}", b.name()), help);
            }
            return Kind::Bool;
        }
        if matches!(op, BinaryOp::Equal | BinaryOp::NotEqual) {
            if !may_be_equal(a, b) {
                let message = format!("{} never equals {}", a.name(), b.name());
                self.error(span, message, Some("both sides must be of one kind".to_owned()));
            }
            return Kind::Bool;
        }
        let known = if a == Kind::Any { b } else { a };
        let fits = match op {
            BinaryOp::Add => {
                matches!(known, Kind::Any | Kind::Int | Kind::Uint | Kind::Double | Kind::Text | Kind::List)
            }
            BinaryOp::Remainder => matches!(known, Kind::Any | Kind::Int | Kind::Uint),
            BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide => {
                matches!(known, Kind::Any | Kind::Int | Kind::Uint | Kind::Double)
            }
            _ => matches!(known, Kind::Any | Kind::Bool | Kind::Int | Kind::Uint | Kind::Double | Kind::Text),
        };
        let same = a == b || a == Kind::Any || b == Kind::Any || (op.gives_bool() && may_be_equal(a, b));
        if !fits || !same {
            let help = (is_number(a) && is_number(b)).then(|| "convert one of them: `double(x)`, `int(x)`".to_owned());
            self.error(span, format!("`{symbol}` does not work between {} and {}", a.name(), b.name()), help);
        }
        if op.gives_bool() { Kind::Bool } else { known }
    }

    fn call(&mut self, id: ExprId) -> Kind {
        let expression = self.expression;
        let Expr::Call { function, name, name_span, target, args, .. } = expression.expr(id) else { return Kind::Any };
        let Some(function) = *function else {
            // Its arguments are not judged: a misspelt macro's variable is no mistake of its own.
            if let Some(target) = target {
                self.kind(*target);
            }
            self.unknown_function(name, *name_span, target.is_some());
            return Kind::Any;
        };
        let signature = function.signature();
        let counts = if target.is_some() { signature.method } else { signature.global };
        let (least, most) = counts.unwrap_or((0, 0));
        if args.len() < least || args.len() > most {
            let wants = match (least, most) {
                (0, 0) => "no arguments".to_owned(),
                (1, 1) => "1 argument".to_owned(),
                (least, most) if least == most => format!("{least} arguments"),
                (least, most) => format!("{least} to {most} arguments"),
            };
            let message = format!("`{name}()` takes {wants}, not {}", args.len());
            self.error(expression.span(id), message, Some(format!("write `{}`", signature.usage)));
        }
        let kinds: Vec<Kind> = args.iter().map(|arg| self.kind(*arg)).collect();
        let on = match target {
            Some(target) => Some((*target, self.kind(*target))),
            None => args.first().copied().zip(kinds.first().copied()),
        };
        if let Some((target, kind)) = on {
            self.receiver(function, target, kind);
        }
        for (arg, kind) in args.iter().zip(&kinds) {
            if *kind == Kind::Optional && !matches!(function, Function::Or | Function::Dyn | Function::Type) {
                let help = format!("add `.orValue(…)`: `{}.orValue(…)`", expression.text(*arg));
                self.error(expression.span(*arg), format!("`{name}()` cannot take an optional"), Some(help));
            }
        }
        match (function, kinds.first()) {
            // `a.?b.orValue(false)` is most often what its default is, but may be what the document says.
            (Function::Dyn, Some(_)) => Kind::Any,
            _ => signature.gives,
        }
    }

    fn receiver(&mut self, function: Function, target: ExprId, kind: Kind) {
        let signature = function.signature();
        if kind == Kind::Any || signature.on.is_empty() || signature.on.contains(&kind) {
            return;
        }
        if signature.on == [Kind::Optional] {
            return self.not_optional(target, kind);
        }
        let span = self.expression.span(target);
        let name = signature.name;
        let help = match kind {
            Kind::Optional => format!("say what it is when absent: `{}.orValue(…)`", self.expression.text(target)),
            _ => format!("write `{}`", signature.usage),
        };
        self.error(span, format!("`{name}()` does not work on {}", kind.name()), Some(help));
    }

    fn not_optional(&mut self, id: ExprId, kind: Kind) {
        let help = "an optional comes from `a.?b`, `a[?i]` or `optional.of(x)`".to_owned();
        let message = format!("this method is for optionals, and this is {}", kind.name());
        self.error(self.expression.span(id), message, Some(help));
    }

    fn unknown_function(&mut self, name: &str, span: Span, method: bool) {
        let rows =
            || SIGNATURES.iter().filter(move |row| if method { row.method.is_some() } else { row.global.is_some() });
        let macros = MACROS.iter().filter(|_| method).map(|(name, _)| *name);
        let others = if method { &[][..] } else { &["has"][..] };
        let candidates: Vec<&str> = rows().map(|row| row.name).chain(macros).chain(others.iter().copied()).collect();
        let elsewhere = SIGNATURES.iter().find(|row| row.name == name);
        let help = match (elsewhere, nearest(name, &candidates)) {
            (Some(row), _) => Some(format!("write `{}`", row.usage)),
            (None, Some(near)) => Some(format!("did you mean `{near}`?")),
            (None, None) => match name {
                "timestamp" | "duration" | "getFullYear" => {
                    Some("times are no part of the rule language; facts give ages in days".to_owned())
                }
                _ => MACROS.iter().find(|(known, _)| *known == name).map(|(_, usage)| format!("write `{usage}`")),
            },
        };
        let what = if method { "method" } else { "function" };
        self.error(span, format!("there is no {what} `{name}`"), help);
    }

    fn comprehension(&mut self, which: Comprehension, range: ExprId, keep: Option<ExprId>, body: ExprId) -> Kind {
        let kind = self.kind(range);
        if !matches!(kind, Kind::Any | Kind::List | Kind::Map) {
            let help = match kind {
                Kind::Optional => {
                    Some(format!("say what it is when absent: `{}.orValue([])`", self.expression.text(range)))
                }
                _ => None,
            };
            let message = format!("only lists and maps can be gone through, and this is {}", kind.name());
            self.error(self.expression.span(range), message, help);
        }
        if let Some(keep) = keep {
            let kind = self.kind(keep);
            self.want_bool(keep, kind, "the condition");
        }
        let kind = self.kind(body);
        match which {
            Comprehension::Map => return Kind::List,
            _ => self.want_bool(body, kind, "the condition"),
        }
        if which == Comprehension::Filter { Kind::List } else { Kind::Bool }
    }
}

fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Int | Kind::Uint | Kind::Double)
}

/// Whether values of the two kinds can ever be equal. `null` may be compared with anything.
fn may_be_equal(a: Kind, b: Kind) -> bool {
    a == b || (is_number(a) && is_number(b)) || [a, b].iter().any(|kind| matches!(kind, Kind::Any | Kind::Null))
}
