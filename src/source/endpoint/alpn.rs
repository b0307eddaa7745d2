//! Which protocols a server chooses of those that a client may offer inside TLS (ALPN, RFC 7301).
//!
//! Knows their registered names. Offers all at once, and without the first choice once more: two connections at most,
//! for what comes behind the second choice is nobody's news.

use super::conversation::{Conversation, Heard, Opening, vector};
use super::enumerate::Asker;
use super::handshake::{Manner, begin};
use super::suite::Version;
use crate::target::EndpointTarget;

const EXTENSION: u16 = 16;
const NO_APPLICATION_PROTOCOL: u8 = 120;
/// How often the server is asked.
const MOST: usize = 2;

/// Registered names of what runs over TCP and is likely to be met, in the order in which they are offered.
const PROTOCOLS: &[&str] = &[
    "h2",
    "http/1.1",
    "http/1.0",
    "dicom",
    "postgresql",
    "tds/8.0",
    "imap",
    "pop3",
    "managesieve",
    "ftp",
    "xmpp-client",
    "xmpp-server",
    "mqtt",
    "sip/2",
    "dot",
    "ntske/1",
    "radius/1.1",
    "smb",
    "sunrpc",
    "irc",
    "nntp",
    "stun.turn",
    "acme-tls/1",
];

/// The server's choices, first one first; why they are not known.
pub(super) fn ask(asker: &mut Asker<'_, '_>, target: &EndpointTarget) -> Result<Vec<String>, String> {
    let mut chosen: Vec<String> = Vec::new();
    let versions = asker.learned.versions();
    let older = versions.iter().rev().copied().find(|version| (Version::Tls10..=Version::Tls12).contains(version));
    if older.is_none() && !versions.contains(&Version::Tls13) {
        // Older versions have no such thing.
        return Ok(chosen);
    }
    while chosen.len() < MOST {
        let left: Vec<&str> =
            PROTOCOLS.iter().copied().filter(|name| chosen.iter().all(|known| known != name)).collect();
        let found = match older {
            Some(version) => in_clear(asker, version, &left),
            None => inside(asker, target, &left),
        };
        match found {
            Ok(Some(name)) if left.contains(&name.as_str()) => chosen.push(name),
            Ok(_) => break,
            // That it has a first choice is known.
            Err(_) if !chosen.is_empty() => break,
            Err(why) => return Err(why),
        }
    }
    Ok(chosen)
}

/// Before TLS 1.3 the choice stands in the ServerHello.
fn in_clear(asker: &mut Asker<'_, '_>, version: Version, protocols: &[&str]) -> Result<Option<String>, String> {
    let suites = asker.learned.suites(version);
    let extensions = [(EXTENSION, list(protocols))];
    let opening = Opening { version, suites: &suites, session_id: &[], extensions: &extensions };
    let mut conversation = Conversation::begin(asker, &opening).map_err(|silence| silence.words().to_owned())?;
    let hello = conversation.hello();
    conversation.end();
    match hello {
        Ok(hello) => Ok(hello.extension(EXTENSION).and_then(choice)),
        Err(Heard::Alert(NO_APPLICATION_PROTOCOL)) => Ok(None),
        Err(heard) => Err(heard.words()),
    }
}

/// In TLS 1.3 it is encrypted.
fn inside(asker: &mut Asker<'_, '_>, target: &EndpointTarget, protocols: &[&str]) -> Result<Option<String>, String> {
    let wire = asker.begin().map_err(|silence| silence.words().to_owned())?;
    let mut session = begin(wire, target, &Manner { protocols, ..Manner::default() })?;
    asker.line.note(None);
    session.stream.conn.send_close_notify();
    let _ = session.stream.conn.write_tls(&mut session.stream.sock);
    let chosen = session.stream.conn.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
    session.stream.sock.end();
    match session.failure {
        None => Ok(chosen),
        Some(rustls::Error::AlertReceived(rustls::AlertDescription::NoApplicationProtocol)) => Ok(None),
        Some(error) => Err(error.to_string()),
    }
}

fn list(protocols: &[&str]) -> Vec<u8> {
    let names: Vec<u8> = protocols.iter().flat_map(|name| [&[name.len() as u8], name.as_bytes()].concat()).collect();
    [&(names.len() as u16).to_be_bytes()[..], &names].concat()
}

fn choice(inside: &[u8]) -> Option<String> {
    let (names, _) = vector(inside, 2)?;
    let (name, _) = vector(names, 1)?;
    Some(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_is_written() {
        assert_eq!(list(&["h2", "ftp"]), b"\0\x07\x02h2\x03ftp");
        assert_eq!(choice(b"\0\x03\x02h2").as_deref(), Some("h2"));
        assert_eq!((choice(b""), choice(b"\0\x09\x08h2")), (None, None));
    }
}
