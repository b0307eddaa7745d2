//! The text of PDF files (ISO 32000-1): pages, fields of forms, notes, what the file says of itself, files in it.
//!
//! Knows text that is text; pictures of text, and fonts that do not say what their signs stand for, are told and not
//! read. Nothing in a file is run. Every number in it is an attacker's word: all that is read is bounded.

mod content;
mod file;
mod filters;
mod font;
mod object;

use std::collections::BTreeSet;
use std::rc::Rc;

use content::Canvas;
use file::{Closed, File};
use object::{Dict, Object};

/// How many pages are read, and how much text all of them may have.
const MOST_PAGES: usize = 5_000;
const MOST_TEXT: usize = 64 << 20;
/// How many files in a file are told.
const MOST_FILES: usize = 200;
/// How deep pages may stand in a tree.
const DEEPEST: usize = 64;
/// Where a file may say at the latest what it is.
const HEAD: usize = 1024;

/// What a file holds.
#[derive(Debug, Default)]
pub struct Pdf {
    /// The text of each page that has some, with its number from 1.
    pub pages: Vec<(usize, String)>,
    /// Other text, with the name of a file that it would be: `form.txt`, `notes.txt`, `about.txt`, `metadata.xml`.
    pub texts: Vec<(&'static str, String)>,
    /// Files in it, by name.
    pub files: Vec<(String, Vec<u8>)>,
    /// What could not be looked at, in words without a full stop.
    pub troubles: Vec<String>,
}

/// Whether content is a PDF file.
pub fn is_pdf(head: &[u8]) -> bool {
    memchr::memmem::find(&head[..head.len().min(HEAD)], b"%PDF-").is_some()
}

/// Reads a file.
pub fn read(bytes: &[u8]) -> Pdf {
    let file = File::new(bytes);
    let mut pdf = Pdf::default();
    if file.encrypted {
        pdf.troubles.push("it is encrypted: its text was not looked into".to_owned());
        return pdf;
    }
    let found = Found::of(&file);
    let found_no_page = !pages(&file, &found, &mut pdf);
    if found.drawn > 0 {
        let (notes, were) = if found.drawn == 1 { ("note is", "was") } else { ("notes are", "were") };
        let drawn = found.drawn;
        pdf.troubles.push(format!("{drawn} {notes} drawn without saying what text, and {were} not looked into"));
    }
    let texts = [
        ("form.txt", found.form),
        ("notes.txt", found.notes),
        ("about.txt", found.about),
        ("metadata.xml", found.metadata),
    ];
    pdf.texts.extend(texts.into_iter().filter(|(_, text)| !text.trim().is_empty()));
    for (name, number) in found.files.into_iter().take(MOST_FILES) {
        if let Some(bytes) = file.stream(number).and_then(|stream| file.unpack(&stream)) {
            pdf.files.push((name, bytes));
        }
    }
    if memchr::memmem::rfind(bytes, b"%%EOF").is_none() {
        file.close(Closed::Damaged);
    }
    let mut closed = file.closed.take();
    closed.sort();
    pdf.troubles.extend(closed.into_iter().map(|why| match why {
        Closed::Limit => "it unpacks to more than is read: what comes behind was not looked into".to_owned(),
        Closed::Filter => "it is packed in a way that is not read here".to_owned(),
        Closed::Damaged => "it is damaged or ends too early; what could be read was searched".to_owned(),
        Closed::Unbuilt => "it is packed, and this bedrail was built without the feature `archives`".to_owned(),
    }));
    if found_no_page && pdf.troubles.is_empty() {
        pdf.troubles.push("no page was found in it".to_owned());
    }
    pdf
}

/// What stands in the objects of a file, wherever they belong.
#[derive(Default)]
struct Found {
    catalog: Option<Dict>,
    pages: Vec<Dict>,
    form: String,
    notes: String,
    about: String,
    metadata: String,
    files: Vec<(String, u32)>,
    /// Notes that are drawn, without the text that they show.
    drawn: usize,
}

impl Found {
    fn of(file: &File<'_>) -> Found {
        let mut found = Found::default();
        for number in file.numbers() {
            let Object::Dict(dict) = file.object(number) else { continue };
            match dict.get(&b"Type"[..]).and_then(Object::name) {
                Some(b"Catalog") => found.catalog = Some(dict.clone()),
                Some(b"Page") => found.pages.push(dict.clone()),
                Some(b"Metadata") => {
                    let bytes = file.stream(number).and_then(|stream| file.unpack(&stream));
                    add(&mut found.metadata, &String::from_utf8_lossy(&bytes.unwrap_or_default()));
                }
                _ => {}
            }
            found.said(file, &dict);
        }
        found
    }

    fn said(&mut self, file: &File<'_>, dict: &Dict) {
        let text = |name: &str| file.entry(dict, name).text().map(shown).filter(|text| !text.trim().is_empty());
        if let (Some(name), Some(value)) = (text("T"), text("V")) {
            add(&mut self.form, &format!("{name}: {value}"));
        } else if dict.contains_key(&b"Subtype"[..])
            && let Some(note) = text("Contents")
        {
            add(&mut self.notes, &note);
        } else if dict.contains_key(&b"AP"[..]) && dict.get(&b"Subtype"[..]).and_then(Object::name) != Some(b"Widget") {
            self.drawn += 1;
        }
        if ["Producer", "Creator", "CreationDate"].iter().any(|name| dict.contains_key(name.as_bytes())) {
            for name in ["Title", "Author", "Subject", "Keywords"] {
                if let Some(value) = text(name) {
                    add(&mut self.about, &format!("{name}: {value}"));
                }
            }
        }
        if let Object::Dict(held) = file.entry(dict, "EF")
            && let Some(Object::Ref(number)) = held.get(&b"F"[..]).or_else(|| held.get(&b"UF"[..]))
            && self.files.iter().all(|(_, known)| known != number)
        {
            self.files.push((text("UF").or_else(|| text("F")).unwrap_or_else(|| "attachment".to_owned()), *number));
        }
    }
}

fn add(text: &mut String, line: &str) {
    if text.len() + line.len() < MOST_TEXT {
        text.push_str(line);
        text.push('\n');
    }
}

/// A string that people read (7.9.2.2): UTF-16, UTF-8, or nearly Latin-1.
fn shown(bytes: &[u8]) -> String {
    let text = match bytes {
        [0xfe, 0xff, rest @ ..] => font::utf16(rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| font::windows(*byte)).collect(),
    };
    text.replace('\r', "\n")
}

/// Reads all pages, in their order; whether there are some.
fn pages(file: &File<'_>, found: &Found, pdf: &mut Pdf) -> bool {
    let mut list = Vec::new();
    if let Some(catalog) = &found.catalog {
        let root = catalog.get(&b"Pages"[..]).cloned().unwrap_or(Object::Null);
        tree(file, &root, &Rc::default(), 0, &mut BTreeSet::new(), &mut list);
    }
    if list.is_empty() {
        // Pages that no tree leads to.
        list.extend(found.pages.iter().take(MOST_PAGES + 1).map(|page| (page.clone(), Rc::default())));
    }
    if list.len() < found.pages.len() && list.len() <= MOST_PAGES {
        let lost = found.pages.len() - list.len();
        pdf.troubles.push(format!("its table of pages leaves out {lost}: what stands there was not looked into"));
    }
    if list.len() > MOST_PAGES {
        list.truncate(MOST_PAGES);
        pdf.troubles.push(format!("it has more than {MOST_PAGES} pages: the others were not looked into"));
    }
    let (mut pictures, mut unknown, mut size) = (Vec::new(), Vec::new(), 0);
    let mut canvas = Canvas::new(file);
    for (at, (page, inherited)) in list.iter().enumerate() {
        let resources = match file.entry(page, "Resources") {
            Object::Dict(own) => Rc::new(own),
            _ => inherited.clone(),
        };
        let text = canvas.page(&content(file, page), &resources);
        let readable = text.chars().filter(|c| c.is_alphanumeric()).count();
        if canvas.unknown * 2 > canvas.codes {
            unknown.push(at + 1);
        } else if readable == 0 && canvas.pictures > 0 {
            pictures.push(at + 1);
        }
        size += text.len();
        if size > MOST_TEXT {
            file.close(Closed::Limit);
            break;
        }
        if readable > 0 {
            pdf.pages.push((at + 1, text));
        }
    }
    if canvas.cut {
        file.close(Closed::Limit);
    }
    let count = list.len();
    let trouble = |pages: &[usize], one: &str, many: &str| match pages {
        [] => None,
        [page] => Some(format!("page {page} of {count} is {one}, and was not looked into")),
        [first, .., last] => {
            let pages = pages.len();
            Some(format!("{pages} of {count} pages ({first} to {last}) are {many}, and were not looked into"))
        }
    };
    let told = [
        trouble(&pictures, "a picture without text", "pictures without text"),
        trouble(
            &unknown,
            "written in a font that does not say what its signs stand for",
            "written in fonts that do not say what their signs stand for",
        ),
    ];
    pdf.troubles.extend(told.into_iter().flatten());
    count > 0
}

/// The content of a page, all streams of it together.
fn content(file: &File<'_>, page: &Dict) -> Vec<u8> {
    let streams = match page.get(&b"Contents"[..]) {
        Some(Object::Ref(number)) => match file.object(*number) {
            Object::List(list) => list,
            _ => vec![Object::Ref(*number)],
        },
        Some(Object::List(list)) => list.clone(),
        _ => Vec::new(),
    };
    let mut content = Vec::new();
    for stream in streams {
        let Object::Ref(number) = stream else { continue };
        let Some(stream) = file.stream(number) else {
            file.close(Closed::Damaged);
            continue;
        };
        content.extend(file.unpack(&stream).unwrap_or_default());
        content.push(b'\n');
    }
    content
}

/// Gathers the pages below a node, with the resources that they inherit.
fn tree(
    file: &File<'_>,
    node: &Object,
    inherited: &Rc<Dict>,
    depth: usize,
    seen: &mut BTreeSet<u32>,
    list: &mut Vec<(Dict, Rc<Dict>)>,
) {
    if let Object::Ref(number) = node
        && !seen.insert(*number)
    {
        return;
    }
    let Object::Dict(dict) = file.resolved(node) else { return };
    if depth > DEEPEST || list.len() > MOST_PAGES {
        file.close(Closed::Limit);
        return;
    }
    match file.entry(&dict, "Kids") {
        Object::List(kids) => {
            let inherited = match file.entry(&dict, "Resources") {
                Object::Dict(own) => Rc::new(own),
                _ => inherited.clone(),
            };
            kids.iter().for_each(|kid| tree(file, kid, &inherited, depth + 1, seen, list));
        }
        _ => list.push((dict, inherited.clone())),
    }
}

#[cfg(test)]
mod tests;
