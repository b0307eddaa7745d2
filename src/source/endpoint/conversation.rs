//! A handshake before TLS 1.3 that is spoken by hand: what our own hello may hold beside suites and groups, the server's
//! flight in full, and single records after it.
//!
//! Knows messages; what is asked with them, and what an answer means, is others' business. Decrypts nothing.

use std::time::Duration;

use super::enumerate::Asker;
use super::hello::Hello;
use super::line::{Silence, Wire};
use super::suite::Version;

/// The longest record, with what encryption may add.
const LONGEST_RECORD: usize = (1 << 14) + 2048;
/// The most bytes that a flight may take.
const LONGEST_FLIGHT: usize = 256 << 10;

/// Kinds of records.
pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(super) const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const HEARTBEAT: u8 = 24;

/// A ServerHello, and the rest of its flight as far as it was heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ServerFlight {
    pub(super) version: u16,
    pub(super) suite: u16,
    pub(super) random: Vec<u8>,
    pub(super) session_id: Vec<u8>,
    /// Number and content.
    pub(super) extensions: Vec<(u16, Vec<u8>)>,
    /// The first certificate, in DER.
    pub(super) certificate: Option<Vec<u8>>,
    /// Whether a certificate of the client was asked for.
    pub(super) asks_certificate: bool,
}

impl ServerFlight {
    /// What an extension holds.
    pub(super) fn extension(&self, number: u16) -> Option<&[u8]> {
        self.extensions.iter().find(|(known, _)| *known == number).map(|(_, inside)| inside.as_slice())
    }
}

/// What came next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A fatal alert, or the word that nothing follows.
    Alert(u8),
    /// Any other record.
    Record(u8, Vec<u8>),
    /// Nothing, and why.
    Silence(Silence),
    /// Bytes that are no TLS.
    NotTls,
}

/// Why a flight did not come, in words behind "because".
pub(super) type Why = String;

/// A conversation.
pub(super) struct Conversation {
    wire: Wire,
    heard: Vec<u8>,
    version: Version,
    /// The messages of the handshake so far, of both sides.
    pub(super) transcript: Vec<u8>,
}

/// A hello for an older version than TLS 1.3, with more in it than others send.
pub(super) struct Opening<'o> {
    pub(super) version: Version,
    pub(super) suites: &'o [u16],
    pub(super) session_id: &'o [u8],
    /// Number and content, beside the usual ones.
    pub(super) extensions: &'o [(u16, Vec<u8>)],
}

impl Opening<'_> {
    fn write(&self, asker: &Asker<'_, '_>) -> Vec<u8> {
        let hello = Hello {
            version: self.version,
            suites: self.suites,
            groups: &asker.groups,
            server_name: asker.name.as_deref(),
            extensions: asker.extensions,
            share: false,
        };
        extended(&hello.write(), self.session_id, self.extensions)
    }
}

/// A hello with a session id, and with more extensions. The hello is one of ours: a record with one message, and no
/// session id in it.
fn extended(hello: &[u8], session_id: &[u8], more: &[(u16, Vec<u8>)]) -> Vec<u8> {
    // Record header, message header, version and random stand before the empty session id.
    const ID: usize = 5 + 4 + 2 + 32;
    let two = |at: usize| usize::from(u16::from_be_bytes([hello[at], hello[at + 1]]));
    let suites = ID + 1;
    let methods = suites + 2 + two(suites);
    let end = methods + 1 + usize::from(hello[methods]);
    let mut body = hello[9..ID].to_vec();
    body.push(session_id.len() as u8);
    body.extend(session_id);
    body.extend(&hello[suites..end]);
    let mut list = hello.get(end + 2..).unwrap_or_default().to_vec();
    for (number, inside) in more {
        list.extend(number.to_be_bytes());
        list.extend((inside.len() as u16).to_be_bytes());
        list.extend(inside);
    }
    if !list.is_empty() {
        body.extend((list.len() as u16).to_be_bytes());
        body.extend(list);
    }
    let mut out = hello[..3].to_vec();
    out.extend((body.len() as u16 + 4).to_be_bytes());
    out.extend(message(1, &body));
    out
}

/// A handshake message.
pub(super) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32).to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

impl Conversation {
    /// Opens a connection and says hello.
    pub(super) fn begin(asker: &mut Asker<'_, '_>, opening: &Opening<'_>) -> Result<Conversation, Silence> {
        let said = opening.write(asker);
        let mut wire = asker.begin()?;
        let told = wire.say(&said);
        // That a hello could be written says nothing yet of how the host fares.
        if let Err(silence) = told {
            asker.line.note(Some(silence));
            return Err(silence);
        }
        let transcript = said[5..].to_vec();
        Ok(Conversation { wire, heard: Vec::new(), version: opening.version, transcript })
    }

    /// Says hello, and hears the flight to its end.
    pub(super) fn with_flight(
        asker: &mut Asker<'_, '_>,
        opening: &Opening<'_>,
    ) -> Result<(Conversation, ServerFlight), Why> {
        let mut conversation = Conversation::begin(asker, opening).map_err(|silence| silence.words().to_owned())?;
        let flight = conversation.flight(false);
        asker.line.note(match &flight {
            Err(Heard::Silence(silence)) => Some(*silence),
            _ => None,
        });
        match flight {
            Ok(flight) if flight.version == opening.version.code() => Ok((conversation, flight)),
            Ok(_) => Err("the server answered with another version than before".to_owned()),
            Err(heard) => Err(heard.words()),
        }
    }

    /// Gives the conversation this long from now.
    pub(super) fn within(&mut self, time: Duration) {
        self.wire.within(time);
    }

    /// A record, as it is sent.
    pub(super) fn record(&self, kind: u8, body: &[u8]) -> Vec<u8> {
        [&[kind], &self.version.code().to_be_bytes()[..], &(body.len() as u16).to_be_bytes(), body].concat()
    }

    /// Says bytes.
    pub(super) fn say(&mut self, bytes: &[u8]) -> Result<(), Silence> {
        self.wire.say(bytes)
    }

    /// Says a record, and hears what comes next.
    pub(super) fn ask(&mut self, kind: u8, body: &[u8], patience: Duration) -> Heard {
        let said = self.record(kind, body);
        self.within(patience);
        match self.say(&said) {
            // What was said before may have been answered all the same.
            Err(Silence::TimedOut) => Heard::Silence(Silence::TimedOut),
            _ => self.next(),
        }
    }

    /// The next record; warnings are passed over, but for the one that says goodbye.
    pub(super) fn next(&mut self) -> Heard {
        let mut room = [0; 8192];
        loop {
            if let Some(record) = first_record(&mut self.heard) {
                match record {
                    Heard::Record(ALERT, body) => match body[..] {
                        [1, number] if number != 0 => {}
                        [_, number] => return Heard::Alert(number),
                        // An alert that is encrypted tells no number.
                        _ => return Heard::Record(ALERT, body),
                    },
                    other => return other,
                }
                continue;
            }
            match self.wire.hear(&mut room) {
                Ok(bytes) => self.heard.extend(bytes),
                Err(silence) => return Heard::Silence(silence),
            }
        }
    }

    /// The ServerHello alone.
    pub(super) fn hello(&mut self) -> Result<ServerFlight, Heard> {
        self.flight(true)
    }

    fn flight(&mut self, hello_only: bool) -> Result<ServerFlight, Heard> {
        let (mut messages, mut found, mut read) = (Vec::new(), None, 0);
        loop {
            let body = match self.next() {
                Heard::Record(HANDSHAKE, body) => body,
                other => return Err(other),
            };
            read += body.len();
            messages.extend(body);
            if read > LONGEST_FLIGHT {
                return Err(Heard::NotTls);
            }
            while let Some((kind, body)) = first_message(&mut messages) {
                self.transcript.extend(message(kind, &body));
                match (kind, &mut found) {
                    (2, None) => found = Some(server_hello(&body).ok_or(Heard::NotTls)?),
                    (_, None) => return Err(Heard::NotTls),
                    (11, Some(flight)) => flight.certificate = first_certificate(&body),
                    (13, Some(flight)) => flight.asks_certificate = true,
                    (14, Some(flight)) => return Ok(std::mem::take(flight)),
                    _ => {}
                }
                if let (true, Some(flight)) = (hello_only, &mut found) {
                    return Ok(std::mem::take(flight));
                }
            }
        }
    }

    /// Ends the connection in good order.
    pub(super) fn end(self) {
        self.wire.end();
    }
}

impl Heard {
    /// In words, behind "because".
    pub(super) fn words(&self) -> String {
        match self {
            Heard::Alert(number) => format!("the server answered with alert {number}"),
            Heard::Record(kind, _) => format!("the server answered with a record of kind {kind}"),
            Heard::Silence(silence) => silence.words().to_owned(),
            Heard::NotTls => "what the server answered is no TLS".to_owned(),
        }
    }
}

/// Takes the first record off, if it is whole.
fn first_record(heard: &mut Vec<u8>) -> Option<Heard> {
    let [kind, ..] = heard[..] else { return None };
    if !(20..=24).contains(&kind) {
        return Some(Heard::NotTls);
    }
    let [_, major, _, high, low, ..] = heard[..] else { return None };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if major != 3 || length > LONGEST_RECORD {
        return Some(Heard::NotTls);
    }
    let body = heard.get(5..5 + length)?.to_vec();
    heard.drain(..5 + length);
    Some(Heard::Record(kind, body))
}

/// Takes the first message off, if it is whole.
pub(super) fn first_message(messages: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let [kind, a, b, c, ..] = messages[..] else { return None };
    let length = u32::from_be_bytes([0, a, b, c]) as usize;
    let body = messages.get(4..4 + length)?.to_vec();
    messages.drain(..4 + length);
    Some((kind, body))
}

/// What stands behind its own length, which takes `size` bytes, and what follows.
pub(super) fn vector(bytes: &[u8], size: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_at_checked(size)?;
    let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    rest.split_at_checked(length)
}

fn server_hello(body: &[u8]) -> Option<ServerFlight> {
    let version = u16::from_be_bytes([*body.first()?, *body.get(1)?]);
    let (session_id, rest) = vector(body.get(34..)?, 1)?;
    let [high, low, _, rest @ ..] = rest else { return None };
    let mut flight = ServerFlight {
        version,
        suite: u16::from_be_bytes([*high, *low]),
        random: body.get(2..34)?.to_vec(),
        session_id: session_id.to_vec(),
        ..ServerFlight::default()
    };
    let mut list = vector(rest, 2).map_or(&[][..], |(list, _)| list);
    while let [high, low, rest @ ..] = list {
        let (inside, after) = vector(rest, 2)?;
        flight.extensions.push((u16::from_be_bytes([*high, *low]), inside.to_vec()));
        list = after;
    }
    Some(flight)
}

fn first_certificate(body: &[u8]) -> Option<Vec<u8>> {
    let (list, _) = vector(body, 3)?;
    vector(list, 3).map(|(certificate, _)| certificate.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_can_hold_more() {
        for (extensions, version) in [(true, Version::Tls12), (true, Version::Tls10), (false, Version::Tls10)] {
            let groups = [29, 23];
            let hello = Hello {
                version,
                suites: &[0x2f, 0xc02f],
                groups: &groups,
                server_name: None,
                extensions,
                share: false,
            };
            let plain = hello.write();
            assert_eq!(extended(&plain, &[], &[]), plain, "nothing more is nothing else");
            let more = extended(&plain, &[7; 31], &[(15, vec![1]), (35, vec![9; 300])]);
            assert_eq!(usize::from(u16::from_be_bytes([more[3], more[4]])), more.len() - 5);
            assert_eq!(u32::from_be_bytes([0, more[6], more[7], more[8]]) as usize, more.len() - 9);
            assert_eq!(more[43], 31);
            assert!(more.ends_with(&[9; 300]));
            // Version and random, then the id, and behind the methods the extensions with their length.
            let (id, rest) = vector(&more[43..], 1).expect("an id");
            let (suites, rest) = vector(rest, 2).expect("suites");
            let (_, rest) = vector(rest, 1).expect("methods");
            let (list, rest) = vector(rest, 2).expect("extensions");
            assert_eq!((id, suites, rest.len()), (&[7; 31][..], &[0, 0x2f, 0xc0, 0x2f][..], 0));
            assert!(list.windows(5).any(|window| window == [0, 15, 0, 1, 1]));
        }
    }

    #[test]
    fn a_server_hello_is_read_whole_or_not_at_all() {
        let hello = [&[3, 3][..], &[5; 32], &[2, 8, 9], &[0, 0x2f, 0], &[0, 9, 0, 15, 0, 1, 1, 0, 35, 0, 0]].concat();
        let flight = server_hello(&hello).expect("a hello");
        assert_eq!((flight.version, flight.suite, &flight.session_id[..]), (0x0303, 0x2f, &[8, 9][..]));
        assert_eq!(
            (flight.extension(15), flight.extension(35), flight.extension(16)),
            (Some(&[1][..]), Some(&[][..]), None)
        );
        for cut in 0..hello.len() {
            let _ = server_hello(&hello[..cut]);
        }
        assert!(server_hello(&hello[..40]).is_some_and(|flight| flight.extensions.is_empty()));
    }
    #[test]
    fn any_bytes_are_records_or_none() {
        let mut state = 1u32;
        let mut random = |most: usize| {
            // A generator of Lehmer's kind, good enough for noise.
            state = (u64::from(state) * 48271 % 0x7fff_ffff) as u32;
            state as usize % most
        };
        let mut whole = 0;
        for _ in 0..20_000 {
            let length = random(64);
            let mut bytes: Vec<u8> = (0..length).map(|_| random(256) as u8).collect();
            if let [kind, major, _, high, low, ..] = &mut bytes[..] {
                // Mostly what looks like a record, and is as long as it says or not.
                (*kind, *major, *high, *low) = (19 + random(7) as u8, 3, 0, random(64) as u8);
            }
            let before = bytes.len();
            match first_record(&mut bytes) {
                Some(Heard::Record(_, mut body)) => {
                    assert_eq!(bytes.len() + body.len() + 5, before);
                    let _ = (server_hello(&body), first_certificate(&body), first_message(&mut body));
                    whole += 1;
                }
                _ => assert_eq!(bytes.len(), before),
            }
        }
        assert!(whole > 1000, "{whole} of them were records");
    }
}
