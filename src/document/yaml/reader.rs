//! From YAML events to documents.
//!
//! Knows where documents begin and end, and what follows when one is broken. What stands in a document is the
//! tree's affair.

use granit_parser::{ErrorKind, Event, Parser, ScanError, options};

use super::super::{Broken, Builder, Kind, MAX_DEPTH, Parsed, Value};
use super::of_template;
use super::template::{Template, within};
use super::tree::Tree;
use crate::text::Span;

/// What is to be read.
#[derive(Clone, Copy)]
pub(super) struct Source<'t> {
    /// What the parser sees.
    pub(super) text: &'t str,
    /// What was written, of the same length.
    pub(super) original: &'t str,
    /// The template expressions in it.
    pub(super) templates: &'t [Template],
    /// Whether `text` has these blanked out.
    pub(super) blanked: bool,
    /// How many nodes a document may have.
    pub(super) most_nodes: usize,
}

/// What became of it.
pub(super) struct Outcome {
    /// The documents and complaints.
    pub(super) parsed: Parsed,
    /// Whether template expressions are what makes the text no YAML, or YAML that means something else.
    pub(super) is_template: bool,
}

/// Reads all documents.
pub(super) fn read(source: &Source<'_>) -> Outcome {
    let options = options! {
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        // Licence texts and commented-out blocks are longer than the default allows.
        max_buffered_comment_events: usize::MAX,
    };
    let mut parser = Parser::new_from_str_with_options(source.text, options);
    let mut reader = Reader::new(source);
    loop {
        let failed = match parser.next_event() {
            None => break,
            Some(Ok((event, span))) => reader.event(event, bytes(&span)).err(),
            Some(Err(error)) => Some(complaint(source.text, &error)),
        };
        if let Some(broken) = failed {
            reader.abandon(broken);
            // The rest of a broken document cannot be trusted; the next document can.
            if !matches!(parser.proceed_next_document(), Ok(true)) {
                break;
            }
        }
        if reader.is_template() && !source.blanked {
            break;
        }
    }
    reader.finish()
}

struct Reader<'s> {
    source: &'s Source<'s>,
    tree: Tree<'s>,
    parsed: Parsed,
    /// Comments whose document is not complete yet.
    comments: Vec<Span>,
    /// Where the document before ended.
    start: usize,
    /// What broke the document at hand. Whether templates are to blame is known where the next one begins.
    abandoned: Option<Broken>,
    broken_by_template: bool,
}

impl<'s> Reader<'s> {
    fn new(source: &'s Source<'s>) -> Self {
        Reader {
            source,
            tree: Tree::new(source, 0),
            parsed: Parsed::default(),
            comments: Vec::new(),
            start: 0,
            abandoned: None,
            broken_by_template: false,
        }
    }

    fn is_template(&self) -> bool {
        self.broken_by_template || self.tree.holds_bare_template
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Broken> {
        match event {
            Event::Comment(..) => self.comments.push(span),
            Event::DocumentStart(..) => {
                self.settle(span.start);
                self.tree.begin(span.end);
            }
            Event::DocumentEnd => {
                self.tree.fill(span.start);
                self.complete(span.end);
            }
            Event::StreamStart | Event::StreamEnd => {}
            event => self.tree.event(event, span)?,
        }
        Ok(())
    }

    fn holds_template(&self, span: Span) -> bool {
        !within(self.source.templates, span).is_empty()
    }

    /// Makes a document of the tree; `end` is where it ends.
    fn complete(&mut self, end: usize) {
        let tree = std::mem::replace(&mut self.tree, Tree::new(self.source, end));
        let (mut builder, root, complaints, bare) = tree.finish();
        self.tree.holds_bare_template = bare;
        // Documents of one file tend to be of one size.
        self.tree.expect(builder.len());
        self.parsed.broken.extend(complaints);
        let start = std::mem::replace(&mut self.start, end);
        // Nothing between two markers is no document to anybody who applies the file.
        let Some(root) = root.filter(|root| !is_nothing(&builder, *root)) else { return };
        builder.comments = std::mem::take(&mut self.comments);
        builder.comments.sort();
        if self.source.blanked && self.holds_template(Span::new(start, end)) {
            builder.templated();
        }
        self.parsed.documents.push(builder.finish(Kind::Yaml, root));
    }

    /// Drops the document at hand.
    fn abandon(&mut self, broken: Broken) {
        let bare = self.tree.holds_bare_template;
        self.tree = Tree::new(self.source, broken.span.start);
        self.tree.holds_bare_template = bare;
        self.settle(broken.span.start);
        self.abandoned = Some(broken);
    }

    /// Says what broke the document before, now that it is known to end at `end`.
    fn settle(&mut self, end: usize) {
        let Some(broken) = self.abandoned.take() else { return };
        let whole = Span::new(self.start, end.max(self.start));
        self.start = whole.end;
        if broken.why != super::Trouble::Syntax || !self.holds_template(whole) {
            self.parsed.broken.push(broken);
        } else {
            self.broken_by_template = true;
            let message = "a template that cannot be read before it is rendered";
            self.parsed.broken.push(of_template(message, broken.span));
        }
    }

    fn finish(mut self) -> Outcome {
        self.settle(self.source.text.len());
        if let Some(last) = self.parsed.documents.last_mut() {
            last.comments.append(&mut self.comments);
            last.comments.sort();
        }
        let is_template = self.is_template();
        Outcome { parsed: self.parsed, is_template }
    }
}

/// An empty value that was never written.
fn is_nothing(builder: &Builder, root: super::super::NodeId) -> bool {
    let node = builder.node(root);
    node.value == Value::Null && node.span.is_some_and(Span::is_empty)
}

fn bytes(span: &granit_parser::Span) -> Span {
    // Absent only for input that is no string.
    span.byte_range().map_or_else(Span::default, |range| Span::new(range.start, range.end.max(range.start)))
}

fn complaint(text: &str, error: &ScanError) -> Broken {
    let start = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let width = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let span = Span::new(start, start + width);
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => Broken::depth(span),
        // These two would quote the text.
        ErrorKind::UnexpectedCharacter { .. } => Broken::syntax("unexpected character", span),
        ErrorKind::Custom(_) => Broken::syntax("no valid YAML", span),
        kind => Broken::syntax(kind.to_string(), span),
    }
}
