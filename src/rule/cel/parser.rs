//! From tokens to a tree, by precedence climbing.
//!
//! Knows the grammar; macros are in [`super::macros`]. Both the parser's own recursion and the height of what
//! it builds are bounded, so that nobody who walks the tree later has to think of the stack.

use std::sync::Arc;

use super::ast::{BinaryOp, Expr, ExprId, Expression, ListItem, MapItem, Tree};
use super::function::Function;
use super::lexer::{Token, tokens};
use super::pattern::Pattern;
use super::{CelError, MAX_NESTING, MAX_NODES, MAX_SOURCE, literal};
use crate::text::Span;

/// Words that CEL keeps for later; fields may be called so, variables may not.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Reads an expression. Names are judged by [`super::check`].
pub fn parse(source: &str) -> Result<Expression, CelError> {
    if source.len() > MAX_SOURCE {
        let message = format!("the expression is longer than {MAX_SOURCE} bytes");
        return Err(CelError::new(Span::new(0, 0), message));
    }
    let mut parser = Parser {
        source,
        tokens: tokens(source)?,
        at: 0,
        depth: 0,
        nodes: Vec::new(),
        heights: Vec::new(),
        patterns: Vec::new(),
        scope: Vec::new(),
    };
    if parser.peek() == Token::End {
        return Err(CelError::new(Span::new(0, source.len()), "there is no expression"));
    }
    let root = parser.expression()?;
    if parser.peek() != Token::End {
        return Err(parser.unexpected("the end or an operator"));
    }
    let Parser { nodes, patterns, .. } = parser;
    Ok(Expression { tree: Arc::new(Tree { source: source.into(), nodes, patterns, root }) })
}

pub(super) struct Parser<'s> {
    pub(super) source: &'s str,
    tokens: Vec<(Token, Span)>,
    at: usize,
    depth: usize,
    nodes: Vec<(Expr, Span)>,
    heights: Vec<usize>,
    patterns: Vec<Pattern>,
    /// Names that macros around this place bind, outermost first.
    pub(super) scope: Vec<&'s str>,
}

impl<'s> Parser<'s> {
    pub(super) fn peek(&self) -> Token {
        self.tokens[self.at].0
    }

    pub(super) fn span(&self) -> Span {
        self.tokens[self.at].1
    }

    /// The text of the next token.
    pub(super) fn word(&self) -> &'s str {
        &self.source[self.span().range()]
    }

    fn last_end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |at| self.tokens[at].1.end)
    }

    pub(super) fn advance(&mut self) {
        // The last token is the end, and stays.
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    pub(super) fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if found == sign)
    }

    pub(super) fn accept(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), CelError> {
        if self.accept(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    pub(super) fn unexpected(&self, wanted: &str) -> CelError {
        let found = match self.peek() {
            Token::End => "the end".to_owned(),
            Token::Text => "a string".to_owned(),
            Token::Number => "a number".to_owned(),
            _ => format!("`{}`", self.word()),
        };
        let error = CelError::new(self.span(), format!("expected {wanted}, found {found}"));
        match (self.peek(), self.word()) {
            (Token::Sign("="), _) => error.help("\"equals\" is written `==`"),
            (Token::Word, "and") => error.help("\"and\" is written `&&`"),
            (Token::Word, "or") => error.help("\"or\" is written `||`"),
            (Token::Word, "not") => error.help("\"not\" is written `!`"),
            (Token::Word, "matches" | "contains" | "startsWith" | "endsWith") => {
                error.help(format!("methods are called: `a.{}(b)`", self.word()))
            }
            _ => error,
        }
    }

    fn too_deep(span: Span) -> CelError {
        CelError::new(span, format!("the expression nests deeper than {MAX_NESTING} levels"))
            .help("use a list and `in`, `exists()` or `all()` instead of a long chain")
    }

    pub(super) fn add(&mut self, expr: Expr, span: Span) -> Result<ExprId, CelError> {
        let mut height = 0;
        for_each_child(&expr, |child| height = height.max(self.heights[usize::from(child.0)]));
        if height >= MAX_NESTING {
            return Err(Self::too_deep(span));
        }
        if self.nodes.len() >= MAX_NODES {
            return Err(CelError::new(span, format!("the expression has more than {MAX_NODES} parts")));
        }
        let id = ExprId(self.nodes.len() as u16); // MAX_NODES fits
        self.nodes.push((expr, span));
        self.heights.push(height + 1);
        Ok(id)
    }

    pub(super) fn node(&self, id: ExprId) -> &Expr {
        &self.nodes[usize::from(id.0)].0
    }

    pub(super) fn span_of(&self, id: ExprId) -> Span {
        self.nodes[usize::from(id.0)].1
    }

    /// From the start of `first` to the end of what was read last.
    pub(super) fn since(&self, first: usize) -> Span {
        Span::new(first, self.last_end())
    }

    /// `a ? b : c` and whatever binds tighter.
    pub(super) fn expression(&mut self) -> Result<ExprId, CelError> {
        self.nested(|parser| {
            let first = parser.span().start;
            let test = parser.binary(1)?;
            if !parser.accept("?") {
                return Ok(test);
            }
            let then = parser.binary(1)?;
            parser.expect(":")?;
            let otherwise = parser.expression()?;
            parser.add(Expr::Conditional { test, then, otherwise }, parser.since(first))
        })
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, CelError>) -> Result<T, CelError> {
        if self.depth >= MAX_NESTING {
            return Err(Self::too_deep(self.span()));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// An operand and the operators after it that bind at least as tightly as `least`.
    fn binary(&mut self, least: u8) -> Result<ExprId, CelError> {
        let first = self.span().start;
        let mut left = self.unary()?;
        while let Some((binds, op)) = self.operator().filter(|(binds, _)| *binds >= least) {
            self.advance();
            let right = self.binary(binds + 1)?;
            let span = self.since(first);
            left = match op {
                Some(op) => self.add(Expr::Binary { op, left, right }, span)?,
                None => self.junction(binds == 2, left, right, span)?,
            };
        }
        Ok(left)
    }

    /// The next operator, if it is one: how tightly it binds, and which it is unless `&&` or `||`.
    fn operator(&self) -> Option<(u8, Option<BinaryOp>)> {
        Some(match self.peek() {
            Token::Sign("||") => (1, None),
            Token::Sign("&&") => (2, None),
            Token::Sign("==") => (3, Some(BinaryOp::Equal)),
            Token::Sign("!=") => (3, Some(BinaryOp::NotEqual)),
            Token::Sign("<") => (3, Some(BinaryOp::Less)),
            Token::Sign("<=") => (3, Some(BinaryOp::LessOrEqual)),
            Token::Sign(">") => (3, Some(BinaryOp::Greater)),
            Token::Sign(">=") => (3, Some(BinaryOp::GreaterOrEqual)),
            Token::Word if self.word() == "in" => (3, Some(BinaryOp::In)),
            Token::Sign("+") => (4, Some(BinaryOp::Add)),
            Token::Sign("-") => (4, Some(BinaryOp::Subtract)),
            Token::Sign("*") => (5, Some(BinaryOp::Multiply)),
            Token::Sign("/") => (5, Some(BinaryOp::Divide)),
            Token::Sign("%") => (5, Some(BinaryOp::Remainder)),
            _ => return None,
        })
    }

    /// Keeps `a && b && c` one node of three: such chains are long in real rules, and should not nest.
    fn junction(&mut self, and: bool, left: ExprId, right: ExprId, span: Span) -> Result<ExprId, CelError> {
        let height = self.heights[usize::from(right.0)];
        let index = usize::from(left.0);
        if let (Expr::And(parts), true) | (Expr::Or(parts), false) = (&mut self.nodes[index].0, and) {
            if height >= MAX_NESTING {
                return Err(Self::too_deep(span));
            }
            parts.push(right);
            self.nodes[index].1 = span;
            self.heights[index] = self.heights[index].max(height + 1);
            return Ok(left);
        }
        let parts = vec![left, right];
        self.add(if and { Expr::And(parts) } else { Expr::Or(parts) }, span)
    }

    fn unary(&mut self) -> Result<ExprId, CelError> {
        let first = self.span().start;
        if self.accept("!") {
            let operand = self.nested(Self::unary)?;
            return self.add(Expr::Not(operand), self.since(first));
        }
        if self.accept("-") {
            if self.peek() == Token::Number {
                let number = self.number(true, first)?;
                return self.postfix(number, first);
            }
            let operand = self.nested(Self::unary)?;
            return self.add(Expr::Negate(operand), self.since(first));
        }
        let primary = self.primary()?;
        self.postfix(primary, first)
    }

    fn number(&mut self, minus: bool, first: usize) -> Result<ExprId, CelError> {
        let span = Span::new(first, self.span().end);
        let number = literal::number(self.word(), minus, span)?;
        self.advance();
        self.add(number, span)
    }

    /// Selects, calls and indexes after a value.
    fn postfix(&mut self, mut value: ExprId, first: usize) -> Result<ExprId, CelError> {
        loop {
            if self.accept(".") {
                let optional = self.accept("?");
                let (field, field_span) = self.field()?;
                if !optional && self.is("(") {
                    value = self.method(value, field, field_span, first)?;
                } else {
                    let select = Expr::Select { operand: value, field: field.into(), field_span, optional };
                    value = self.add(select, self.since(first))?;
                }
            } else if self.accept("[") {
                let optional = self.accept("?");
                let index = self.expression()?;
                self.expect("]")?;
                value = self.add(Expr::Index { operand: value, index, optional }, self.since(first))?;
            } else {
                return Ok(value);
            }
        }
    }

    fn field(&mut self) -> Result<(&'s str, Span), CelError> {
        let (word, span) = (self.word(), self.span());
        match self.peek() {
            Token::Word if ["in", "true", "false", "null"].contains(&word) => {
                Err(self.unexpected("a field name").help(format!("write `[\"{word}\"]` for a key of that name")))
            }
            Token::Word => {
                self.advance();
                Ok((word, span))
            }
            Token::Quoted => {
                self.advance();
                Ok((word.trim_matches('`'), span))
            }
            _ => Err(self.unexpected("a field name")),
        }
    }

    fn primary(&mut self) -> Result<ExprId, CelError> {
        let (word, span) = (self.word(), self.span());
        match self.peek() {
            Token::Number => self.number(false, span.start),
            Token::Text => {
                let text = literal::string(word, span)?;
                self.advance();
                self.add(Expr::Text(text), span)
            }
            Token::Word => self.named(word, span),
            Token::Sign("(") => {
                self.advance();
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("[") => self.list(),
            Token::Sign("{") => self.map(),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn named(&mut self, word: &'s str, span: Span) -> Result<ExprId, CelError> {
        let expr = match word {
            "true" => Expr::Bool(true),
            "false" => Expr::Bool(false),
            "null" => Expr::Null,
            "in" => return Err(self.unexpected("a value")),
            _ if RESERVED.contains(&word) => {
                return Err(CelError::new(span, format!("`{word}` is a reserved word")));
            }
            _ => {
                self.advance();
                if self.is("(") {
                    return if word == "has" { self.has(span) } else { self.call(word, span, None, span.start) };
                }
                return match self.scope.iter().rposition(|name| *name == word) {
                    Some(slot) => self.add(Expr::Local(slot), span),
                    None => self.add(Expr::Variable(word.into()), span),
                };
            }
        };
        self.advance();
        self.add(expr, span)
    }

    /// The arguments between parentheses, which the next token opens, and the call as a node.
    pub(super) fn call(
        &mut self,
        name: &str,
        name_span: Span,
        target: Option<ExprId>,
        first: usize,
    ) -> Result<ExprId, CelError> {
        let function = Function::named(name, target.is_some());
        let args = self.arguments()?;
        let mut pattern = None;
        if function == Some(Function::Matches)
            && let Some(literal) = args.last().copied()
            && let Expr::Text(text) = self.node(literal)
        {
            pattern = Some(self.patterns.len());
            let made = Pattern::new(literal, text);
            self.patterns.push(made);
        }
        let span = self.since(first);
        self.add(Expr::Call { function, name: name.into(), name_span, target, args, pattern }, span)
    }

    fn arguments(&mut self) -> Result<Vec<ExprId>, CelError> {
        self.expect("(")?;
        let mut args = Vec::new();
        while !self.accept(")") {
            args.push(self.expression()?);
            if !self.is(")") && !self.accept(",") {
                return Err(self.unexpected("`,` or `)`"));
            }
        }
        Ok(args)
    }

    fn list(&mut self) -> Result<ExprId, CelError> {
        let first = self.span().start;
        self.expect("[")?;
        let mut items = Vec::new();
        while !self.accept("]") {
            let optional = self.accept("?");
            items.push(ListItem { value: self.expression()?, optional });
            if !self.is("]") && !self.accept(",") {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
        self.add(Expr::List(items), self.since(first))
    }

    fn map(&mut self) -> Result<ExprId, CelError> {
        let first = self.span().start;
        self.expect("{")?;
        let mut items = Vec::new();
        while !self.accept("}") {
            let optional = self.accept("?");
            let key = self.expression()?;
            self.expect(":")?;
            items.push(MapItem { key, value: self.expression()?, optional });
            if !self.is("}") && !self.accept(",") {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
        self.add(Expr::Map(items), self.since(first))
    }
}

/// Calls `each` with the nodes directly under `expr`.
pub(super) fn for_each_child(expr: &Expr, mut each: impl FnMut(ExprId)) {
    match expr {
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
