//! Fact files: what was learned of a target, judged again without touching it.

use std::fs;
use std::path::Path;

use super::collector::Collector;
use super::{ScanError, source};
use crate::artifact::{Origin, Part};
use crate::document::{self, Format};
use crate::engine::Subject;
use crate::facts;
use crate::text::{LineIndex, failure};

/// The largest fact file that is read, in bytes.
const LARGEST: u64 = 256 << 20;

impl Collector<'_> {
    /// Judges a fact file.
    pub(super) fn fact_file(&self, root: &Path, path: &Path) -> Result<(), ScanError> {
        let name = source::relative_to(root, path);
        let wrong = |message: String| ScanError::Facts { name: name.clone(), message };
        let size = fs::metadata(path).map_err(|error| wrong(failure(&error)))?.len();
        if size > LARGEST {
            return Err(wrong("it is larger than 256 MiB".to_owned()));
        }
        let text = fs::read(path).map_err(|error| wrong(failure(&error)))?;
        let parsed = document::parse(Format::Json, &text);
        let index = LineIndex::new(&text);
        if let Some(broken) = parsed.broken.first() {
            return Err(wrong(format!("line {}: {}", index.line(broken.span.start), broken.message)));
        }
        if !parsed.documents.iter().any(facts::file::is_one) {
            return Err(wrong(format!("it is no fact file: `format` must be {}", facts::file::FORMAT)));
        }
        for document in &parsed.documents {
            if let Some(problem) = facts::derive(document).problems.first() {
                let line = problem.span.map_or(1, |span| index.line(span.start));
                return Err(wrong(format!("line {line}, {}: {}", problem.pointer, problem.message)));
            }
        }
        let origin = Origin::file(name.clone());
        self.count(1, text.len());
        self.judge(Subject { origin: &origin, text: &text, part: Part::WHOLE }, &parsed, Vec::new());
        if !parsed.documents.iter().all(facts::file::is_whole) {
            self.partial_facts();
        }
        Ok(())
    }
}
