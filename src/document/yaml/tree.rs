//! One YAML document in the making: events in, nodes out.
//!
//! Knows anchors, aliases and how deep they make a tree. No path through a finished tree is longer than
//! [`MAX_DEPTH`], aliases included.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, StructureStyle, Tag};

use super::super::{Broken, Builder, Entry, MAX_DEPTH, NodeId, Trouble, Value, repeated};
use super::merge::{MAX_MERGED, merged};
use super::reader::Source;
use super::scalar;
use super::template::{is_whole, within};
use crate::text::Span;

/// Why a value is unknown that only a template engine can tell.
const TEMPLATE: &str = "template";
/// How many characters of a name are kept that is no scalar.
const LONG_NAME: usize = 100;

/// How many nodes room is made for before they are there.
const MOST_EXPECTED: usize = 256;

/// A list or map that is not closed yet.
struct Frame {
    start: usize,
    /// Past its last child so far.
    end: usize,
    anchor: usize,
    /// The longest way down from here so far.
    height: usize,
    body: Body,
}

enum Body {
    List { items: Vec<NodeId>, uses: Vec<(usize, Span)> },
    Map { entries: Vec<Entry>, name: Option<Name>, merges: Vec<usize> },
}

struct Name {
    text: Box<str>,
    span: Span,
    merges: bool,
}

/// A node that has a name, and the longest way down from it.
#[derive(Clone, Copy)]
struct Anchored {
    node: NodeId,
    height: usize,
}

/// An empty value or block scalar: a template on the next lines may be what fills it.
struct Gap {
    node: NodeId,
    from: usize,
}

pub(super) struct Tree<'s> {
    source: &'s Source<'s>,
    builder: Builder,
    frames: Vec<Frame>,
    root: Option<NodeId>,
    anchors: HashMap<usize, Anchored>,
    /// Past the last token that was written.
    end: usize,
    gap: Option<Gap>,
    merge_budget: usize,
    complaints: Vec<Broken>,
    /// Whether a template expression was met that YAML takes for a map in a map.
    pub(super) holds_bare_template: bool,
}

impl<'s> Tree<'s> {
    /// An empty tree for what stands at `start` or later.
    pub(super) fn new(source: &'s Source<'s>, start: usize) -> Self {
        Tree {
            source,
            builder: Builder::default(),
            frames: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            end: start,
            gap: None,
            merge_budget: MAX_MERGED,
            complaints: Vec::new(),
            holds_bare_template: false,
        }
    }

    /// Makes room for so many nodes, within reason.
    pub(super) fn expect(&mut self, nodes: usize) {
        self.builder.nodes.reserve(nodes.min(MOST_EXPECTED));
    }

    /// Notes that the document's content begins at `start` or later.
    pub(super) fn begin(&mut self, start: usize) {
        self.end = start;
    }

    /// The nodes, the top one, what is wrong, and whether there are bare templates.
    pub(super) fn finish(self) -> (Builder, Option<NodeId>, Vec<Broken>, bool) {
        (self.builder, self.root, self.complaints, self.holds_bare_template)
    }

    pub(super) fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Broken> {
        self.fill(span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref(), span)?,
            Event::SequenceStart(_, anchor, _) => {
                self.enter(span, anchor, Body::List { items: Vec::new(), uses: Vec::new() })?;
            }
            Event::MappingStart(style, anchor, _) => {
                self.look_for_bare_template(style, span);
                self.enter(span, anchor, Body::Map { entries: Vec::new(), name: None, merges: Vec::new() })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(span)?,
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::UnresolvedAlias(_) => {
                self.complaints.push(Broken::syntax("an alias names no anchor that stands before it", span));
                self.unknown("alias without an anchor", span)?;
            }
            _ => {}
        }
        self.end = self.end.max(span.end);
        Ok(())
    }

    /// Fills the gap, if a template stands between it and the next token at `next`.
    pub(super) fn fill(&mut self, next: usize) {
        let Some(gap) = self.gap.take() else { return };
        let between = within(self.source.templates, Span::new(gap.from, next.max(gap.from)));
        if between.iter().any(|template| !template.steers) {
            self.builder.node_mut(gap.node).value = Value::Unknown(TEMPLATE.into());
        }
    }

    /// `{{ .Values.x }}` is YAML: a map with a map for its only name. Nobody means that.
    fn look_for_bare_template(&mut self, style: StructureStyle, span: Span) {
        if style == StructureStyle::Flow && !self.source.templates.is_empty() {
            let start = Span::new(span.start, span.start + 1);
            let here = within(self.source.templates, start);
            self.holds_bare_template |= here.first().is_some_and(|template| template.span.start == span.start);
        }
    }

    fn add(&mut self, value: Value, span: Span) -> Result<NodeId, Broken> {
        if self.builder.len() >= self.source.most_nodes {
            return Err(Broken::size(Span::new(span.start, span.start)));
        }
        Ok(self.builder.add(value, Some(span)))
    }

    fn unknown(&mut self, why: &str, span: Span) -> Result<(), Broken> {
        let node = self.add(Value::Unknown(why.into()), span)?;
        self.place(Anchored { node, height: 0 }, span, None);
        Ok(())
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Broken> {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let span = if is_block { self.without_blank_end(span) } else { span };
        let is_filled_in = self.source.blanked && !within(self.source.templates, span).is_empty();
        if anchor == 0
            && let Some(Body::Map { name: name @ None, .. }) = self.frames.last_mut().map(|f| &mut f.body)
        {
            let merges = style == ScalarStyle::Plain && tag.is_none() && text == "<<";
            // An empty name comes as `~`, which it was not.
            let text = if span.is_empty() {
                ""
            } else if is_filled_in {
                &self.source.original[span.range()]
            } else {
                &*text
            };
            *name = Some(Name { text: text.into(), span, merges });
            return Ok(());
        }
        let value = if is_filled_in {
            Value::Unknown(TEMPLATE.into())
        } else {
            value(text, style, tag, span, !self.source.templates.is_empty())
        };
        let may_be_filled = self.source.blanked && (is_block || span.is_empty());
        let node = self.add(value, span)?;
        if may_be_filled {
            self.gap = Some(Gap { node, from: self.end });
        }
        self.name_node(anchor, Anchored { node, height: 0 });
        self.place(Anchored { node, height: 0 }, span, None);
        Ok(())
    }

    fn without_blank_end(&self, span: Span) -> Span {
        let written = self.source.text.get(span.range()).unwrap_or_default();
        Span::new(span.start, span.start + written.trim_end().len())
    }

    fn name_node(&mut self, anchor: usize, anchored: Anchored) {
        if anchor != 0 {
            self.anchors.insert(anchor, anchored);
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Broken> {
        match self.anchors.get(&anchor).copied() {
            Some(anchored) if self.frames.len() + anchored.height <= MAX_DEPTH => {
                self.place(anchored, span, Some(span));
                Ok(())
            }
            Some(_) => {
                self.complaints.push(Broken::depth(span));
                self.unknown("nested too deep", span)
            }
            None => {
                self.complaints.push(Broken::syntax("an alias stands within what it names", span));
                self.unknown("alias within its own anchor", span)
            }
        }
    }

    /// Puts a node where it belongs: a name, a value, an item, or the top.
    fn place(&mut self, child: Anchored, span: Span, used_at: Option<Span>) {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(child.node);
            return;
        };
        frame.end = frame.end.max(span.end);
        let mut height = child.height + 1;
        match &mut frame.body {
            Body::List { items, uses } => {
                uses.extend(used_at.map(|used_at| (items.len(), used_at)));
                items.push(child.node);
            }
            Body::Map { entries, name, merges } => match name.take() {
                Some(Name { text, span, merges: is_merge }) => {
                    if is_merge {
                        merges.push(entries.len());
                        // What is merged ends up one step higher, or two if it came in a list.
                        height = match self.builder.node(child.node).value {
                            Value::Map(_) => child.height,
                            Value::List(_) => child.height.max(1),
                            _ => height,
                        };
                    }
                    entries.push(Entry { key: text, key_span: Some(span), value: child.node, used_at });
                }
                None => {
                    let text = name_of(self.source.original, &self.builder, child.node, span);
                    *name = Some(Name { text, span, merges: false });
                }
            },
        }
        frame.height = frame.height.max(height);
    }

    fn enter(&mut self, span: Span, anchor: usize, body: Body) -> Result<(), Broken> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(Broken::depth(span));
        }
        self.frames.push(Frame { start: span.start, end: span.start, anchor, height: 0, body });
        Ok(())
    }

    fn leave(&mut self, span: Span) -> Result<(), Broken> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        // Brackets have a width; the end of a block has none.
        let end = if span.is_empty() { frame.end } else { span.end };
        let span = Span::new(frame.start, end);
        let node = match frame.body {
            Body::List { items, uses } => {
                let node = self.add(Value::List(items), span)?;
                for (index, used_at) in uses {
                    self.builder.item_used_at(node, index, used_at);
                }
                node
            }
            Body::Map { entries, merges, .. } => {
                self.note_repeated(&entries, &merges, span);
                let entries = self.merge(entries, &merges, span)?;
                self.add(Value::Map(entries), span)?
            }
        };
        let anchored = Anchored { node, height: frame.height };
        self.name_node(frame.anchor, anchored);
        self.place(anchored, span, None);
        Ok(())
    }

    fn note_repeated(&mut self, entries: &[Entry], merges: &[usize], span: Span) {
        // In a template, two equal names are mostly the two branches of an `if`.
        if self.source.blanked && !within(self.source.templates, span).is_empty() {
            return;
        }
        let again = repeated(entries).into_iter().filter(|entry| merges.is_empty() || &*entry.key != "<<");
        self.complaints.extend(again.filter_map(|entry| entry.key_span).map(Broken::duplicate));
    }

    fn merge(&mut self, entries: Vec<Entry>, merges: &[usize], span: Span) -> Result<Vec<Entry>, Broken> {
        if merges.is_empty() {
            return Ok(entries);
        }
        merged(&self.builder, entries, merges, &mut self.merge_budget).ok_or_else(|| {
            let message = format!("merge keys take over more than {MAX_MERGED} entries in one document");
            Broken::new(Trouble::Size, message, span)
        })
    }
}

/// What a scalar means.
fn value(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>, span: Span, may_be_template: bool) -> Value {
    let is_plain = style == ScalarStyle::Plain;
    // An empty value comes as `~`.
    let text = if is_plain && span.is_empty() { Cow::Borrowed("") } else { text };
    match tag {
        None if is_plain => return scalar::plain(&text),
        None if may_be_template && is_whole(&text) => return Value::Unknown(TEMPLATE.into()),
        None => {}
        Some(tag) => match tag.core_suffix() {
            Some("int" | "float" | "bool" | "null") => return scalar::plain(&text),
            Some(_) => {}
            // `!` alone says "as written".
            None if matches!((tag.handle(), tag.suffix()), ("!", "") | ("", "!")) => {}
            None => return Value::Unknown("custom tag".into()),
        },
    }
    Value::Str(text.into())
}

/// The name that a node makes which is no ordinary name: the text of an alias, or the beginning of what is
/// written there.
fn name_of(original: &str, builder: &Builder, node: NodeId, span: Span) -> Box<str> {
    let node = builder.node(node);
    if let Value::Str(text) = &node.value {
        return text.clone();
    }
    let is_list_or_map = matches!(node.value, Value::List(_) | Value::Map(_));
    let span = if is_list_or_map { span } else { node.span.unwrap_or(span) };
    original.get(span.range()).unwrap_or_default().chars().take(LONG_NAME).collect()
}
