//! Ticketbleed (CVE-2016-9244): a session that is resumed by its ticket has a longer id than the client gave it.
//!
//! Sent: one whole handshake of TLS 1.2, for a ticket, which the server sends before it encrypts; then a hello with that
//! ticket, its suite and a session id of 31 bytes. F5 BIG-IP takes every id for one of 32 bytes and answers with what stands behind
//! it in its memory: one byte, with this id; more would show no more.
//!
//! The handshake is rustls's, with its suites of ECDHE; a server that takes none of them is spoken to by hand, see `by_rsa`.
//!
//! Judged: an id that begins with ours and is longer, vulnerable; ours as it was, not vulnerable. No tickets: does not
//! apply. Another id, or none: the ticket was not taken, and it could not be told; the same where no handshake comes
//! about.

use std::io::{Read, Write};

use super::super::conversation::{CHANGE_CIPHER_SPEC, Conversation, HANDSHAKE, Opening, first_message, vector};
use super::super::enumerate::Asker;
use super::super::handshake::{Manner, begin};
use super::super::line::Wire;
use super::super::suite::Version;
use super::{Judged, Verdict, by_rsa, could_not_tell, patience};
use crate::target::EndpointTarget;

/// The extension of tickets, and the message that brings one.
const EXTENSION: u16 = 35;
const NEW_SESSION_TICKET: u8 = 4;
/// The suites with which a handshake of TLS 1.2 can be finished here.
const OF_TODAY: [u16; 6] = [0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9];
/// One byte less than the longest that there can be.
const SESSION_ID: [u8; 31] = [0x42; 31];
/// The most bytes that are looked through for a ticket.
const MOST: usize = 256 << 10;

pub(super) fn probe(asker: &mut Asker<'_, '_>, target: &EndpointTarget) -> Judged {
    let suites = asker.learned.suites(Version::Tls12);
    if suites.is_empty() {
        let mut older = asker.learned.versions().into_iter();
        let older = older.any(|version| matches!(version, Version::Tls10 | Version::Tls11));
        return if older {
            could_not_tell("a ticket is asked for in TLS 1.2, and the server speaks older versions only")
        } else {
            (Verdict::DoesNotApply, "no version before TLS 1.3 is spoken in which the flaw can be".to_owned())
        };
    }
    let of_today = suites.iter().any(|code| OF_TODAY.contains(code));
    let found = if of_today {
        ticket(asker, target)
    } else if suites.contains(&by_rsa::SUITE) {
        // An empty ticket says that one would be welcome.
        by_rsa::ticket(asker, &[(EXTENSION, Vec::new())], NEW_SESSION_TICKET)
            .map(|body| body.and_then(|body| ticket_of(&body)).map(|ticket| (ticket, by_rsa::SUITE)))
    } else {
        Err("that takes AES-GCM, or ChaCha20 with ECDHE".to_owned())
    };
    let (ticket, suite) = match found {
        Ok(Some(found)) => found,
        Ok(None) => return (Verdict::DoesNotApply, "the server gives no session tickets".to_owned()),
        Err(why) => return could_not_tell(format!("no ticket could be had: {why}")),
    };
    let extensions = [(EXTENSION, ticket)];
    let opening =
        Opening { version: Version::Tls12, suites: &[suite], session_id: &SESSION_ID, extensions: &extensions };
    let patience = patience(asker);
    let mut conversation = match Conversation::begin(asker, &opening) {
        Ok(conversation) => conversation,
        Err(silence) => return could_not_tell(silence.words()),
    };
    conversation.within(patience);
    let hello = conversation.hello();
    conversation.end();
    match hello {
        Ok(hello) => judge(&hello.session_id),
        Err(heard) => could_not_tell(format!("after a hello with a ticket, {}", heard.words())),
    }
}

fn judge(session_id: &[u8]) -> Judged {
    match session_id.strip_prefix(&SESSION_ID) {
        Some([]) => (Verdict::NotVulnerable, "a session was resumed under the id that it was given".to_owned()),
        Some(more) => {
            let (given, over) = (SESSION_ID.len(), more.len());
            (Verdict::Vulnerable, format!("a session id of {given} bytes was answered with {over} more"))
        }
        None => could_not_tell("the server did not resume a session by the ticket that it gave"),
    }
}

/// A ticket of the server's, and the suite that it is for; none where it gives none.
fn ticket(asker: &mut Asker<'_, '_>, target: &EndpointTarget) -> Result<Option<(Vec<u8>, u16)>, String> {
    let wire = asker.begin().map_err(|silence| silence.words().to_owned())?;
    let manner = Manner { client: target.client.as_deref(), versions: &[&rustls::version::TLS12], ..Manner::default() };
    let mut session = begin(Overheard { wire, heard: Vec::new() }, target, &manner)?;
    asker.line.note(None);
    session.stream.conn.send_close_notify();
    let _ = session.stream.conn.write_tls(&mut session.stream.sock);
    let suite = session.stream.conn.negotiated_cipher_suite().map(|suite| u16::from(suite.suite()));
    let found = ticket_in(&session.stream.sock.heard).zip(suite);
    session.stream.sock.wire.end();
    match (found, session.failure) {
        (Some(found), _) => Ok(Some(found)),
        (None, None) => Ok(None),
        (None, Some(error)) => Err(error.to_string()),
    }
}

/// The ticket in what a server said before it began to encrypt.
fn ticket_in(mut heard: &[u8]) -> Option<Vec<u8>> {
    let mut messages = Vec::new();
    while let [kind, _, _, rest @ ..] = heard {
        let (body, after) = vector(rest, 2)?;
        match *kind {
            HANDSHAKE => messages.extend(body),
            CHANGE_CIPHER_SPEC => break,
            _ => {}
        }
        heard = after;
    }
    while let Some((kind, body)) = first_message(&mut messages) {
        if kind == NEW_SESSION_TICKET {
            return ticket_of(&body);
        }
    }
    None
}

/// The ticket of a NewSessionTicket, behind four bytes that say how long it holds. An empty one is none.
fn ticket_of(body: &[u8]) -> Option<Vec<u8>> {
    let (ticket, _) = vector(body.get(4..)?, 2)?;
    (!ticket.is_empty()).then(|| ticket.to_vec())
}

/// A connection that keeps what the server says.
struct Overheard {
    wire: Wire,
    heard: Vec<u8>,
}

impl Read for Overheard {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let length = self.wire.read(room)?;
        let left = MOST.saturating_sub(self.heard.len());
        self.heard.extend(&room[..length.min(left)]);
        Ok(length)
    }
}

impl Write for Overheard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.wire.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.wire.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::conversation::message;
    use super::*;

    #[test]
    fn an_id_is_ours_or_longer_or_another() {
        assert_eq!(judge(&SESSION_ID).0, Verdict::NotVulnerable);
        assert_eq!(judge(&[&SESSION_ID[..], &[0]].concat()).0, Verdict::Vulnerable);
        assert_eq!(judge(&[7; 32]).0, Verdict::CouldNotTell);
        assert_eq!(judge(&[]).0, Verdict::CouldNotTell);
    }

    #[test]
    fn a_ticket_stands_before_the_switch() {
        let record = |kind: u8, body: &[u8]| [&[kind, 3, 3], &(body.len() as u16).to_be_bytes()[..], body].concat();
        let brought = message(NEW_SESSION_TICKET, &[0, 0, 1, 0, 0, 3, 7, 8, 9]);
        let (one, other) = brought.split_at(6);
        let split = [record(22, &message(2, &[1])), record(22, one), record(22, other), record(20, &[1])].concat();
        assert_eq!(ticket_in(&split), Some(vec![7, 8, 9]));
        assert_eq!(ticket_in(&[record(20, &[1]), record(22, &brought)].concat()), None, "that is encrypted");
        assert_eq!(ticket_in(&record(22, &message(NEW_SESSION_TICKET, &[0, 0, 1, 0, 0, 0]))), None);
        for cut in 0..split.len() {
            let _ = ticket_in(&split[..cut]);
        }
    }
}
