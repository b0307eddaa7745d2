//! What a server says first: records, alerts, and the messages of its first flight, read as far as they are wanted.
//!
//! Pure: takes bytes as they come, in any pieces, and never trusts a length. Decrypts nothing.

use super::suite::{SSL2_SPECS, Version};

/// The most bytes of an answer that are read: a flight with a long chain takes some ten thousand.
const MOST_BYTES: usize = 256 << 10;
/// The most certificates of a chain that are kept.
const MOST_CERTIFICATES: usize = 16;
/// The longest record, with what encryption may add.
const LONGEST_RECORD: usize = (1 << 14) + 2048;
/// The random of a ServerHello that is a HelloRetryRequest (RFC 8446, 4.1.3): how its hash begins.
const RETRY: [u8; 8] = [0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11];

/// How much of a flight is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// The ServerHello.
    Hello,
    /// The group or prime too, if the suite has one.
    KeyExchange,
    /// All of it.
    Flight,
}

/// What a server's first flight says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Flight {
    pub(super) version: u16,
    pub(super) suite: u16,
    /// Whether DEFLATE was chosen.
    pub(super) compression: bool,
    /// The numbers of the extensions in the ServerHello.
    pub(super) extensions: Vec<u16>,
    /// The group that was chosen, of an elliptic curve or of TLS 1.3.
    pub(super) group: Option<u16>,
    /// The size of the Diffie-Hellman prime.
    pub(super) dh_bits: Option<u32>,
    /// The chain, leaf first, in DER.
    pub(super) certificates: Vec<Vec<u8>>,
    /// Whether a certificate of the client was asked for.
    pub(super) client_certificate: bool,
    /// Whether the flight came to its end.
    pub(super) done: bool,
}

/// The answer of an SSLv2 server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ssl2Answer {
    pub(super) specs: Vec<u32>,
    pub(super) certificate: Vec<u8>,
}

/// What became of a hello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Hello(Flight),
    Ssl2(Ssl2Answer),
    /// A fatal alert, by its number.
    Alert(u8),
    /// Bytes that are no TLS.
    NotTls(Vec<u8>),
    /// TLS that breaks its own rules.
    Garbled(&'static str),
}

/// Where reading stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// More bytes are needed.
    More,
    /// Enough was read.
    Ready(Answer),
}

/// Reads an answer in the pieces in which it comes.
pub(super) struct Reader<D> {
    depth: D,
    wanted: Depth,
    ephemeral: fn(u16) -> Option<Keys>,
    ssl2: bool,
    read: usize,
    records: Vec<u8>,
    messages: Vec<u8>,
    hello: Option<Flight>,
}

/// What a ServerKeyExchange of a suite begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// A prime.
    Prime,
    /// A named group.
    Group,
    /// A hint, then a prime or a group.
    HintedPrime,
    HintedGroup,
}

impl<D: FnMut(&Flight) -> Depth> Reader<D> {
    /// `depth` says, of a ServerHello, how much more is wanted; `ephemeral` what key exchange a suite has.
    pub(super) fn new(ssl2: bool, depth: D, ephemeral: fn(u16) -> Option<Keys>) -> Self {
        let (records, messages) = (Vec::new(), Vec::new());
        Reader { depth, wanted: Depth::Hello, ephemeral, ssl2, read: 0, records, messages, hello: None }
    }

    /// Takes bytes that came.
    pub(super) fn take(&mut self, bytes: &[u8]) -> State {
        self.read += bytes.len();
        self.records.extend(bytes);
        let state = if self.ssl2 { self.ssl2_record() } else { self.all_records() };
        match state {
            Some(answer) => State::Ready(answer),
            None if self.read > MOST_BYTES => State::Ready(self.part("the answer does not end")),
            None => State::More,
        }
    }

    /// What is known when no more bytes come: a flight that was cut off still shows its ServerHello.
    pub(super) fn end(self) -> Option<Answer> {
        match self.hello {
            Some(flight) => Some(Answer::Hello(flight)),
            None if self.records.is_empty() => None,
            None if self.ssl2 || matches!(self.records[0], 20..=23 | 0x80..) => {
                Some(Answer::Garbled("the answer was cut off"))
            }
            None => Some(Answer::NotTls(self.records)),
        }
    }

    fn part(&mut self, why: &'static str) -> Answer {
        self.hello.take().map_or(Answer::Garbled(why), Answer::Hello)
    }

    fn all_records(&mut self) -> Option<Answer> {
        loop {
            if self.records.first().is_some_and(|kind| !(20..=23).contains(kind)) {
                return Some(match self.hello.take() {
                    Some(flight) => Answer::Hello(flight),
                    None => Answer::NotTls(std::mem::take(&mut self.records)),
                });
            }
            let [kind, major, _, high, low, ..] = self.records[..] else { return None };
            if major != 3 && self.hello.is_none() {
                return Some(Answer::NotTls(std::mem::take(&mut self.records)));
            }
            let length = usize::from(u16::from_be_bytes([high, low]));
            if length > LONGEST_RECORD {
                return Some(self.part("a record is too long"));
            }
            let body = self.records.get(5..5 + length)?.to_vec();
            self.records.drain(..5 + length);
            match kind {
                21 => match body[..] {
                    // A warning, such as that the name is not known, is followed by the hello.
                    [1, number] if number != 0 && self.hello.is_none() => {}
                    [_, number, ..] => return Some(self.hello.take().map_or(Answer::Alert(number), Answer::Hello)),
                    _ => return Some(self.part("an alert is too short")),
                },
                22 => {
                    self.messages.extend(body);
                    if let Some(answer) = self.all_messages() {
                        return Some(answer);
                    }
                }
                _ => return Some(self.part("a record came that does not belong there")),
            }
        }
    }

    fn all_messages(&mut self) -> Option<Answer> {
        loop {
            let [kind, a, b, c, ..] = self.messages[..] else { return None };
            let length = u32::from_be_bytes([0, a, b, c]) as usize;
            if length > MOST_BYTES {
                return Some(self.part("a message is too long"));
            }
            let body = self.messages.get(4..4 + length)?.to_vec();
            self.messages.drain(..4 + length);
            if kind == 2 && self.hello.is_none() {
                let Some(flight) = server_hello(&body) else {
                    return Some(Answer::Garbled("the ServerHello cannot be read"));
                };
                self.wanted = (self.depth)(&flight);
                // What follows is encrypted in TLS 1.3.
                let enough = self.wanted == Depth::Hello || flight.version == Version::Tls13.code();
                let keyless = self.wanted == Depth::KeyExchange && (self.ephemeral)(flight.suite).is_none();
                self.hello = Some(flight);
                if enough || keyless {
                    return self.hello.take().map(Answer::Hello);
                }
                continue;
            }
            let ephemeral = self.ephemeral;
            let Some(flight) = &mut self.hello else {
                return Some(Answer::Garbled("another message came before the ServerHello"));
            };
            match kind {
                11 => flight.certificates = certificates(&body),
                12 => {
                    let keys = ephemeral(flight.suite).and_then(|keys| key_exchange(keys, &body));
                    match keys {
                        Some(Exchange::Group(group)) => flight.group = Some(group),
                        Some(Exchange::Prime(bits)) => flight.dh_bits = Some(bits),
                        None => {}
                    }
                    if self.wanted == Depth::KeyExchange {
                        return self.hello.take().map(Answer::Hello);
                    }
                }
                13 => flight.client_certificate = true,
                14 => {
                    flight.done = true;
                    return self.hello.take().map(Answer::Hello);
                }
                _ => {}
            }
        }
    }

    fn ssl2_record(&mut self) -> Option<Answer> {
        let [first, second, ..] = self.records[..] else { return None };
        if first == 21 || first == 22 {
            // TLS answers in its own way.
            self.ssl2 = false;
            return self.all_records();
        }
        if first & 0x80 == 0 {
            return Some(Answer::NotTls(std::mem::take(&mut self.records)));
        }
        let length = usize::from(u16::from_be_bytes([first & 0x7f, second]));
        let body = self.records.get(2..2 + length)?;
        Some(ssl2_hello(body).map_or(Answer::Garbled("the SSLv2 answer cannot be read"), Answer::Ssl2))
    }
}

/// Bytes that are read from the front, as long as there are enough.
struct Cursor<'b>(&'b [u8]);

impl<'b> Cursor<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, size: usize) -> Option<usize> {
        Some(self.take(size)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    fn u16(&mut self) -> Option<u16> {
        self.number(2).map(|number| number as u16)
    }

    /// What stands behind its own length, which takes `size` bytes.
    fn vector(&mut self, size: usize) -> Option<&'b [u8]> {
        let length = self.number(size)?;
        self.take(length)
    }
}

fn server_hello(body: &[u8]) -> Option<Flight> {
    let mut body = Cursor(body);
    let version = body.u16()?;
    let retry = body.take(32)?.starts_with(&RETRY);
    body.vector(1)?;
    let suite = body.u16()?;
    let compression = body.number(1)? != 0;
    let mut flight = Flight { version, suite, compression, ..Flight::default() };
    let Some(list) = body.vector(2) else { return Some(flight) };
    let mut list = Cursor(list);
    while let (Some(kind), Some(inside)) = (list.u16(), list.vector(2)) {
        flight.extensions.push(kind);
        let mut inside = Cursor(inside);
        match kind {
            43 => flight.version = inside.u16()?,
            51 => flight.group = inside.u16(),
            _ => {}
        }
    }
    if retry && flight.version != Version::Tls13.code() {
        return None;
    }
    Some(flight)
}

fn certificates(body: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let Some(list) = Cursor(body).vector(3) else { return found };
    let mut list = Cursor(list);
    while found.len() < MOST_CERTIFICATES
        && let Some(certificate) = list.vector(3)
    {
        found.push(certificate.to_vec());
    }
    found
}

enum Exchange {
    Group(u16),
    Prime(u32),
}

fn key_exchange(keys: Keys, body: &[u8]) -> Option<Exchange> {
    let mut body = Cursor(body);
    if matches!(keys, Keys::HintedPrime | Keys::HintedGroup) {
        body.vector(2)?;
    }
    match keys {
        Keys::Group | Keys::HintedGroup => match body.number(1)? {
            3 => body.u16().map(Exchange::Group),
            _ => None,
        },
        Keys::Prime | Keys::HintedPrime => {
            let prime = body.vector(2)?;
            let start = prime.iter().position(|byte| *byte != 0)?;
            let prime = &prime[start..];
            Some(Exchange::Prime(prime.len() as u32 * 8 - prime[0].leading_zeros()))
        }
    }
}

fn ssl2_hello(body: &[u8]) -> Option<Ssl2Answer> {
    let mut body = Cursor(body);
    if body.number(1)? != 4 {
        return None;
    }
    body.take(2)?;
    if body.u16()? != Version::Ssl2.code() {
        return None;
    }
    let (certificate, specs) = (body.number(2)?, body.number(2)?);
    body.number(2)?;
    let certificate = body.take(certificate)?.to_vec();
    let specs = body.take(specs)?.chunks_exact(3);
    let specs = specs.map(|spec| u32::from_be_bytes([0, spec[0], spec[1], spec[2]]));
    Some(Ssl2Answer {
        specs: specs.filter(|code| SSL2_SPECS.iter().any(|known| known.0 == *code)).collect(),
        certificate,
    })
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
