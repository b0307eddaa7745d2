//! Where a finding stands: in the text, and in the tree.

/// What stands in place of every matched value, in every output.
pub const REDACTED: &str = "[REDACTED]";

/// A place in a text and, for documents, in the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// First line, from 1; 0 when there is no text (an endpoint, a bucket).
    pub line: usize,
    /// First column in code points, from 1; 0 when there is no text.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
    /// The path in the tree, `spec.containers[0].image`; empty when the finding stands in plain text.
    pub path: String,
    /// The lines around, every match in them masked.
    pub excerpt: Option<Excerpt>,
    /// GitHub's hash of the line, computed over masked text: `hex:ordinal`.
    pub line_hash: Option<String>,
}

/// Lines of the text with every match replaced by [`REDACTED`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the first line.
    pub first_line: usize,
    /// The masked lines, their ends left out; long ones are cut to the part around the finding.
    pub lines: Vec<String>,
    /// Which of them the finding begins in.
    pub focus: usize,
    /// In the focus line, where the finding begins, counted in characters from 0.
    pub start: usize,
    /// In the focus line, where it ends.
    pub end: usize,
    /// Whether lines or parts of lines were cut.
    pub cut: bool,
}
