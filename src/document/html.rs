//! Tables in HTML: rows of cells, with spans.
//!
//! Knows `tr`, `th` and `td`; what stands between other tags inside a cell belongs to it up to the first of them.

use super::xml::{Elements, elements};
use crate::text::Span;

/// The rows of every table, tables parted by an empty row.
pub fn rows(text: &[u8]) -> Vec<Vec<Span>> {
    let found = elements(text);
    let mut rows: Vec<Vec<Span>> = Vec::new();
    for (index, element) in found.list.iter().enumerate() {
        let name = &text[element.name.range()];
        if name.eq_ignore_ascii_case(b"td") || name.eq_ignore_ascii_case(b"th") {
            let span = element.text.or_else(|| first_text(&found, index)).unwrap_or_default();
            if let Some(row) = rows.last_mut() {
                row.push(span);
            }
        } else if name.eq_ignore_ascii_case(b"tr")
            || name.eq_ignore_ascii_case(b"table") && rows.last().is_some_and(|row| !row.is_empty())
        {
            rows.push(Vec::new());
        }
    }
    rows
}

/// The text of the first element inside of another one that has some.
fn first_text(found: &Elements, index: usize) -> Option<Span> {
    let inside = found.list.iter().skip(index + 1).take(4);
    inside.take_while(|element| element.parent.is_some_and(|parent| parent >= index)).find_map(|element| element.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_row_by_row() {
        let text = "<table><thead><tr><th>a</th><th><b>b</b></th></tr></thead><tr><td>1</td><td></td></tr></table>\
                    <TABLE><TR><TD>x</TD></TR></TABLE>";
        let shown: Vec<Vec<&str>> =
            rows(text.as_bytes()).iter().map(|row| row.iter().map(|cell| &text[cell.range()]).collect()).collect();
        let wanted: Vec<Vec<&str>> = vec![vec!["a", "b"], vec!["1", ""], vec![], vec!["x"]];
        assert_eq!(shown, wanted);
    }
}
