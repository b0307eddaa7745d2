//! From tokens to a tree.
//!
//! Knows values and what is written after them; operators are in [`super::precedence`], macros in
//! [`super::macros`]. Both the parser's own recursion and the height of what
//! it builds are bounded, so that nobody who walks the tree later has to think of the stack.

use std::sync::Arc;

use super::ast::{Expr, ExprId, Expression, ListItem, MapItem, Tree};
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
        let too_much = Span::new(source.floor_char_boundary(MAX_SOURCE), source.len());
        return Err(CelError::new(too_much, message));
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
    pub(super) nodes: Vec<(Expr, Span)>,
    /// How high the tree under each node is.
    pub(super) heights: Vec<usize>,
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

    pub(super) fn too_deep(span: Span) -> CelError {
        CelError::new(span, format!("the expression nests deeper than {MAX_NESTING} levels"))
            .help("use a list and `in`, `exists()` or `all()` instead of a long chain")
    }

    pub(super) fn add(&mut self, expr: Expr, span: Span) -> Result<ExprId, CelError> {
        let mut height = 0;
        expr.for_each_child(|child| height = height.max(self.heights[usize::from(child.0)]));
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

    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, CelError>) -> Result<T, CelError> {
        if self.depth >= MAX_NESTING {
            return Err(Self::too_deep(self.span()));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Selects, calls and indexes after a value.
    pub(super) fn postfix(&mut self, mut value: ExprId, first: usize) -> Result<ExprId, CelError> {
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

    pub(super) fn primary(&mut self) -> Result<ExprId, CelError> {
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
