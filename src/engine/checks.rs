//! STUB
use crate::artifact::Origin;
use crate::document::{Document, Kind};
use crate::finding::{Notice, Place};
use crate::rule::Check;
use crate::text::Span;

#[derive(Debug)]
pub(super) struct CheckMatcher { pub(super) on: Kind }
impl CheckMatcher { pub(super) fn new(check: &Check) -> Option<Self> { Some(CheckMatcher { on: Kind::named(&check.on)? }) } }
#[derive(Debug)]
pub(super) struct CheckMatch { pub(super) rule: u32, pub(super) span: Option<Span>, pub(super) place: Option<Place>, pub(super) path: String, pub(super) subject: String }
impl super::Engine {
    pub(super) fn check_document(&self, _: &Document, _: &Origin, _: &mut Vec<CheckMatch>, _: &mut Vec<Notice>) {}
}
