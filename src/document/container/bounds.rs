//! How much may be unpacked of one outermost container, all that is nested in it included.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::Trouble;

/// Limits of one outermost container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many entries, nested ones included.
    pub entries: u64,
    /// How many bytes of content, nested ones included.
    pub bytes: u64,
    /// How many bytes of one entry.
    pub entry: u64,
    /// How many bytes one compressed byte may become; looked at once an entry has become large.
    pub ratio: u64,
    /// From which size on the ratio counts: small files of one letter are harmless.
    pub ratio_from: u64,
    /// How deep containers may nest.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { entries: 20_000, bytes: 512 << 20, entry: 64 << 20, ratio: 200, ratio_from: 16 << 20, depth: 4 }
    }
}

/// What is left of the limits.
#[derive(Clone, Debug)]
pub struct Bounds {
    limits: Limits,
    entries: Rc<Cell<u64>>,
    bytes: Rc<Cell<u64>>,
}

impl Bounds {
    /// Nothing used yet.
    pub fn new(limits: Limits) -> Self {
        Bounds { limits, entries: Rc::new(Cell::new(limits.entries)), bytes: Rc::new(Cell::new(limits.bytes)) }
    }

    /// What they began with.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether nothing more may be unpacked.
    pub fn is_spent(&self) -> bool {
        self.entries.get() == 0 || self.bytes.get() == 0
    }

    /// Takes one entry.
    pub(super) fn entry(&self) -> io::Result<()> {
        match self.entries.get() {
            0 => Err(stop(Trouble::Entries)),
            left => {
                self.entries.set(left - 1);
                Ok(())
            }
        }
    }

    /// `content` as far as the limits allow; `packed` counts the compressed bytes that were read for it.
    pub(super) fn bound<R: Read>(&self, content: R, packed: Option<Rc<Cell<u64>>>) -> Bounded<R> {
        let before = packed.as_ref().map_or(0, |packed| packed.get());
        Bounded { content, bounds: self.clone(), packed, before, unpacked: 0 }
    }
}

/// The error of a reader that met a limit; it passes through decoders that read from it.
#[derive(Clone, Copy, Debug)]
struct LimitMet(Trouble);

impl std::fmt::Display for LimitMet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a limit was reached")
    }
}

impl std::error::Error for LimitMet {}

fn stop(trouble: Trouble) -> io::Error {
    io::Error::other(LimitMet(trouble))
}

/// What ended the reading: a limit, or damage.
pub(super) fn trouble(error: &io::Error) -> Trouble {
    error.get_ref().and_then(|inner| inner.downcast_ref::<LimitMet>()).map_or(Trouble::Corrupt, |met| met.0)
}

/// Remembers the error that whoever reads may swallow, and gives it again.
pub(super) struct Watched<'r> {
    content: &'r mut dyn Read,
    failed: Option<io::Error>,
}

impl<'r> Watched<'r> {
    pub(super) fn new(content: &'r mut dyn Read) -> Self {
        Watched { content, failed: None }
    }

    /// How the reading went.
    pub(super) fn end(self) -> io::Result<()> {
        self.failed.map_or(Ok(()), Err)
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let again = |error: &io::Error| match trouble(error) {
            Trouble::Corrupt => io::Error::from(error.kind()),
            limit => stop(limit),
        };
        if let Some(error) = &self.failed {
            return Err(again(error));
        }
        match self.content.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                let told = again(&error);
                self.failed = Some(error);
                Err(told)
            }
            read => read,
        }
    }
}

/// Content that ends with an error where a limit is reached.
pub(super) struct Bounded<R> {
    content: R,
    bounds: Bounds,
    packed: Option<Rc<Cell<u64>>>,
    before: u64,
    unpacked: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.bounds.bytes.get();
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 && !buffer.is_empty() {
            // The limit is reached only if there is more.
            return match self.content.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(stop(Trouble::Bytes)),
            };
        }
        let read = self.content.read(&mut buffer[..most])?;
        self.bounds.bytes.set(left - read as u64);
        self.unpacked += read as u64;
        if let Some(packed) = &self.packed
            && self.unpacked > self.bounds.limits.ratio_from
            && self.unpacked / self.bounds.limits.ratio > packed.get() - self.before
        {
            return Err(stop(Trouble::Ratio));
        }
        Ok(read)
    }
}

/// Counts what is read through it.
pub(super) struct Counted<R> {
    content: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Counted<R> {
    pub(super) fn new(content: R) -> (Self, Rc<Cell<u64>>) {
        let count = Rc::new(Cell::new(0));
        (Counted { content, count: count.clone() }, count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}
