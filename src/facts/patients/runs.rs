//! Segments that stand together, judged as one: a manual shows each segment on its own, a message has all of them.

use super::Scope;
use super::group::Group;

/// How far segments of one message may stand apart, in bytes: the marks of literals, the head of a log's line.
const NEAR: usize = 200;

/// A group that takes in what stands together if it is enough to know somebody by.
#[derive(Debug)]
pub(super) struct Runs {
    format: &'static str,
    scope: Scope,
    total: Group,
    run: Group,
    end: usize,
}

impl Runs {
    pub(super) fn new(format: &'static str, scope: Scope) -> Self {
        let group = || Group::new(format, scope);
        Runs { format, scope, total: group(), run: group(), end: 0 }
    }

    /// The group for a segment that stands there.
    pub(super) fn at(&mut self, start: usize, end: usize) -> &mut Group {
        if start > self.end + NEAR {
            self.close();
        }
        self.end = end;
        &mut self.run
    }

    fn close(&mut self) {
        let run = std::mem::replace(&mut self.run, Group::new(self.format, self.scope));
        if run.is_substantial() {
            self.total.absorb(run);
        }
    }

    /// Everything that was enough.
    pub(super) fn finish(mut self) -> Group {
        self.close();
        self.total
    }
}
