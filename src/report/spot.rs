//! Where a finding or a notice stands, as one text that a person can follow.
//!
//! Knows origins and places; how a format frames the text is its own affair.

use crate::artifact::{Origin, Step};
use crate::finding::Place;
use crate::text::visible;

/// `path:line:column`, or the name alone for what has no text. A resource that a file tells of stands behind it,
/// so that terminals still find the path.
pub(super) fn spot(origin: &Origin, place: &Place) -> String {
    let name = name(origin);
    match (origin.file_path(), origin.steps().last()) {
        _ if place.line == 0 => name,
        // The place stands right behind the path, so that terminals still find it.
        (_, _) if origin.commit().is_some() => {
            let stable = origin.stable_name();
            let behind = name.strip_prefix(&*visible(&stable)).unwrap_or_default();
            format!("{}:{}:{}{behind}", visible(&stable), place.line, place.column)
        }
        (Some(file), Some(Step::Resource(resource))) => {
            format!("{}:{}:{} ({})", visible(file), place.line, place.column, visible(resource))
        }
        _ => format!("{name}:{}:{}", place.line, place.column),
    }
}

/// The origin's name with nothing in it that a terminal or a browser would obey.
pub(super) fn name(origin: &Origin) -> String {
    visible(&origin.to_string()).into_owned()
}
