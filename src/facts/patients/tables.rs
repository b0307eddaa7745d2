//! Tables of patients, however they are written: delimited text, Markdown, HTML, statements of SQL, rows without a header.
//!
//! Finds headers and reads rows; what a table amounts to is for [`super::sheet`] to say.

use std::collections::BTreeMap;

use super::beside::Codes;
use super::columns::{self, Chosen, Columns};
use super::group::Group;
use super::map::{Map, map};
use super::meaning::Told;
use super::sheet::Sheet;
use super::{Scope, headerless};
use crate::document::delimited::{Rows, Separator, is_rule, line_end, line_start};
use crate::document::{html, sql};
use crate::text::Span;

/// How many rows below a line that was no header may be looked at again.
const FEW_ROWS: u64 = 20;
/// How many tables of one text are told.
const MAX_TABLES: usize = 200;

/// What is known of a table before its rows are read.
#[derive(Clone, Debug)]
pub(super) struct Heading {
    format: &'static str,
    table: String,
    separator: Separator,
    names: Vec<Vec<u8>>,
    /// Of tuples in SQL, where one begins at which to go on, counted from the end of the part's own stretch.
    tuple: Option<i64>,
    /// Of rows in SQL, where the statement begins, counted in the same way.
    begin: Option<i64>,
}

/// What the next part of a text has to know.
#[derive(Clone, Debug, Default)]
pub(super) struct Ahead {
    /// A table that goes on.
    pub(super) heading: Option<Heading>,
    /// Tables of SQL that were created.
    pub(super) created: sql::Created,
}

/// A table at the beginning of a text, whose header is elsewhere or nowhere.
#[derive(Debug, Default)]
pub(super) struct Start {
    pub(super) group: Option<Group>,
    /// Where it ends.
    pub(super) past: usize,
    /// Where tuples of SQL end that went on.
    pub(super) past_tuples: usize,
    /// Of a table that goes on behind the end.
    pub(super) heading: Option<Heading>,
}

/// The groups of all tables in SQL statements, and one whose rows go on behind the end.
pub(super) fn of_sql(
    text: &[u8],
    from: usize,
    created: &mut sql::Created,
    chosen: &mut Chosen<'_>,
    scope: Scope,
    codes: &mut Vec<Codes>,
) -> (Vec<Group>, Option<Heading>) {
    let mut sheets: BTreeMap<(usize, String), Option<Sheet>> = BTreeMap::new();
    let open = sql::rows(text, from, scope.end(), created, |row| {
        // The columns' place tells statements apart that write to the same table in different ways.
        let key = (row.columns.count(), row.table.to_owned());
        if sheets.len() >= MAX_TABLES && !sheets.contains_key(&key) {
            return;
        }
        let sheet =
            sheets.entry(key).or_insert_with(|| Sheet::new("SQL", row.table, &row.columns.names(text), chosen.columns));
        if let Some(sheet) = sheet {
            sheet.row(row.cells, 0);
        }
    });
    let open = open.map(|open| Heading {
        format: "SQL",
        table: open.table,
        separator: Separator::Sign(b'\t'),
        names: open.columns,
        tuple: open.tuple.map(|tuple| tuple as i64 - scope.end() as i64),
        begin: Some(open.begin as i64 - scope.end() as i64),
    });
    codes.extend(sheets.values().flatten().filter_map(|sheet| sheet.codes(text)));
    (sheets.into_values().flatten().filter_map(|sheet| sheet.told(text, chosen, scope)).collect(), open)
}

/// The groups of all tables in HTML.
pub(super) fn of_html(text: &[u8], chosen: &mut Chosen<'_>, scope: Scope) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut sheet: Option<Sheet> = None;
    for row in html::rows(text) {
        match &mut sheet {
            Some(open) if !row.is_empty() => open.row(&row, 0),
            _ if row.is_empty() => groups.extend(sheet.take().and_then(|sheet| sheet.told(text, chosen, scope))),
            _ => {
                let names: Vec<&[u8]> = row.iter().map(|span| &text[span.range()]).collect();
                sheet = Sheet::new("an HTML table", "", &names, chosen.columns);
            }
        }
    }
    groups.extend(sheet.and_then(|sheet| sheet.told(text, chosen, scope)));
    groups.truncate(MAX_TABLES);
    groups
}

/// The table that a text begins with: one that goes on from the part before, or one without a header.
pub(super) fn at_start(
    text: &[u8],
    open: Option<Heading>,
    chosen: &mut Chosen<'_>,
    scope: Scope,
    codes: &mut Vec<Codes>,
) -> Start {
    let guessed = || {
        let (separator, names) = headerless::header(text)?;
        let names = names.iter().map(|name| name.to_vec()).collect();
        let format = if chosen.table.is_some() { A_TABLE } else { "delimited text without a header" };
        Some(Heading { format, table: named(chosen), separator, names, tuple: None, begin: None })
    };
    let carried = open.is_some();
    let Some(mut heading) = open.or_else(guessed) else { return Start::default() };
    let Some(mut sheet) = Sheet::new(heading.format, &heading.table, &heading.names, chosen.columns) else {
        return Start::default();
    };
    let is_tuples = heading.tuple.is_some();
    if !is_tuples && heading.begin.is_some_and(|begin| scope.start() as i64 + begin >= 0) {
        // All of it stands in this part.
        return Start::default();
    }
    let (past, goes_on) = match heading.tuple {
        Some(behind) => {
            // A tuple that begins before this part does is too long to be met again.
            let begin = scope.start() as i64 + behind;
            let Some(from) = usize::try_from(begin).ok().filter(|from| text.get(*from) == Some(&b'(')) else {
                return Start::default();
            };
            let (past, open) = sql::tuples(text, from, scope.end(), |cells| sheet.row(cells, 0));
            heading.tuple = open.map(|tuple| tuple as i64 - scope.end() as i64);
            (past, open.is_some())
        }
        None => {
            let rows = Rows::new(text, 0, heading.separator);
            let past = read_rows(text, rows, heading.separator, heading.names.len(), 20, &mut sheet);
            (past, past >= text.len())
        }
    };
    let any = sheet.rows > 0;
    codes.extend(sheet.codes(text));
    let group = sheet.told(text, chosen, scope);
    // What began as a table of people goes on as one, whatever a part of it holds.
    let is_table = group.is_some() || carried && any;
    let heading = Some(heading).filter(|_| is_table && goes_on);
    let past = if is_table { past } else { 0 };
    Start { past, past_tuples: if is_tuples { past } else { 0 }, group, heading }
}

/// The groups of tables whose header stands in a line with one of `hits` behind `from`, the stretches that they cover,
/// and the header of one that goes on behind the end.
pub(super) fn of_text(
    text: &[u8],
    hits: &[usize],
    from: usize,
    chosen: &mut Chosen<'_>,
    scope: Scope,
    codes: &mut Vec<Codes>,
) -> (Vec<Group>, Vec<Span>, Option<Heading>) {
    let (mut groups, mut covered) = (Vec::new(), Vec::new());
    let table = named(chosen);
    if from > 0 {
        covered.push(Span::new(0, from));
    }
    let mut open = None;
    let mut done = from;
    for hit in hits {
        if *hit < done || groups.len() >= MAX_TABLES {
            continue;
        }
        let start = line_start(text, *hit).max(done);
        let end = line_end(text, *hit);
        // A line that was looked at once is not looked at again for its next word.
        done = end;
        let Some((separator, names)) = header(text, start, chosen.columns) else { continue };
        let named: Vec<&[u8]> = names.iter().map(|span| &text[span.range()]).collect();
        let Some(mut sheet) = Sheet::new(format_of(separator, chosen), &table, &named, chosen.columns) else {
            continue;
        };
        let mut rows = Rows::new(text, start, separator);
        rows.next_row(&mut Vec::new());
        let patience = if start == 0 { 20 } else { 1 };
        let past = read_rows(text, rows, separator, names.len(), patience, &mut sheet);
        // Rows that were no table are read again as headers only where they are few: else each line would be read
        // once for every line before it.
        if sheet.rows > FEW_ROWS {
            done = past;
        }
        codes.extend(sheet.codes(text));
        if let Some(group) = sheet.told(text, chosen, scope) {
            groups.push(group);
            covered.push(Span::new(start, past));
            done = past;
            open = (past >= text.len()).then(|| Heading {
                format: format_of(separator, chosen),
                table: table.clone(),
                separator,
                names: named.iter().map(|name| name.to_vec()).collect(),
                tuple: None,
                begin: None,
            });
        }
    }
    (groups, covered, open)
}

/// How a table is told that does not stand in its file as text.
pub(super) const A_TABLE: &str = "a table";

/// The name that a table has beside its text.
fn named(chosen: &Chosen<'_>) -> String {
    let shown = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.');
    chosen.table.unwrap_or_default().chars().filter(shown).take(64).collect()
}

fn format_of(separator: Separator, chosen: &Chosen<'_>) -> &'static str {
    match separator {
        _ if chosen.table.is_some() => A_TABLE,
        Separator::Sign(b'|') => "a table between bars",
        Separator::Sign(_) => "delimited text",
        Separator::Blanks => "columns of text",
    }
}

/// How a header's cells are parted, and the cells: the way that makes most known names.
fn header(text: &[u8], start: usize, wanted: Option<&Columns>) -> Option<(Separator, Vec<Span>)> {
    let line = &text[start..line_end(text, start)];
    let signs = [b'\t', b',', b'|', b';'].into_iter().filter(|sign| line.contains(sign)).map(Separator::Sign);
    let mut best: Option<(usize, Separator, Vec<Span>)> = None;
    for separator in signs.chain([Separator::Blanks]) {
        let (mut cells, mut below) = (Vec::new(), Vec::new());
        let mut rows = Rows::new(text, start, separator);
        rows.next_row(&mut cells);
        if cells.len() < 2 {
            continue;
        }
        // What has no row below it is prose; a file may begin with lines that are no rows.
        rows.next_row(&mut below);
        if start > 0 && !is_row(separator, cells.len(), below.len()) && !is_rule(text, &below) {
            continue;
        }
        let names: Vec<Told> = cells.iter().map(|cell| map().told(&text[cell.range()])).collect();
        let known = names.iter().filter(|name| name.meaning.is_some()).count();
        let written = || cells.iter().map(|cell| &text[cell.range()]).collect::<Vec<_>>();
        let chosen = wanted.map(|wanted| columns::resolve(wanted, &written())).is_some_and(|found| found.is_known());
        if (known >= 2 || chosen || Map::ties(&names).is_some()) && best.as_ref().is_none_or(|(most, ..)| known > *most)
        {
            best = Some((known, separator, cells));
        }
    }
    best.map(|(_, separator, cells)| (separator, cells))
}

/// Whether a line of so many cells is a row of a table of so many columns: the last one may be left out, and numbers
/// may stand before the first.
fn is_row(separator: Separator, columns: usize, cells: usize) -> bool {
    let blanks = separator == Separator::Blanks;
    cells == columns || blanks && cells == columns + 1 || !blanks && columns > 4 && cells + 1 == columns
}

/// Reads rows until `patience` of them no longer have the header's number of cells; answers where that is.
fn read_rows(
    text: &[u8],
    mut rows: Rows<'_>,
    separator: Separator,
    columns: usize,
    patience: usize,
    sheet: &mut Sheet,
) -> usize {
    let mut cells = Vec::new();
    let mut odd = 0;
    let mut past = rows.position();
    while rows.next_row(&mut cells) {
        let rule = is_rule(text, &cells);
        let shift = cells.len().saturating_sub(columns);
        if is_row(separator, columns, cells.len()) {
            if !rule {
                sheet.row(&cells, shift);
            }
            odd = 0;
        } else if !rule {
            odd += 1;
            if odd >= patience {
                break;
            }
        }
        past = rows.position();
    }
    past
}
