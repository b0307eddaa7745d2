//! STUB
use super::{Prepared, TextMatch};
use crate::rule::Assignment;
use crate::text::Span;
#[derive(Debug)]
pub(super) struct AssignmentMatcher;
impl AssignmentMatcher { pub(super) fn new(_: &Assignment) -> Self { Self } pub(super) fn keywords(&self) -> Vec<String> { vec![] } }
pub(super) struct Names;
impl Names { pub(super) fn new(_: &str) -> Self { Names } pub(super) fn hit(&mut self, _: &[u8], _: Span, _: &[u32]) {}
 pub(super) fn judge<'r>(&self, _: &[u8], _: &str, _: impl Fn(u32) -> &'r Prepared, _: &mut Vec<TextMatch>) {} }
