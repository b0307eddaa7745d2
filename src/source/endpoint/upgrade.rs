//! From plaintext to TLS: how each service is asked for the upgrade.
//!
//! Knows the few words of each protocol that lead to TLS; logs in nowhere.

use super::line::{Silence, Wire};
use super::words::{ber_result, lines_done, sql_packet};
use crate::target::{EndpointTarget, Service};

/// The most bytes of an answer in a plaintext protocol.
pub(super) const MOST: usize = 16 << 10;
/// LDAP's StartTLS (RFC 4511, 4.14).
const LDAP_START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// PostgreSQL's SSLRequest.
const POSTGRES_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// The capability flag of MySQL that says that a server takes TLS.
pub(super) const MYSQL_SSL: u32 = 0x800;

/// Brings a fresh connection to the point where TLS begins.
pub(super) fn upgrade(wire: &mut Wire, target: &EndpointTarget) -> Result<(), Silence> {
    match target.service {
        Service::Smtp => {
            expect(wire, b"", "220")?;
            expect(wire, b"EHLO bedrail.invalid\r\n", "250")?;
            expect(wire, b"STARTTLS\r\n", "220")
        }
        Service::Imap => {
            expect(wire, b"", "* OK")?;
            expect(wire, b"a1 STARTTLS\r\n", "a1 OK")
        }
        Service::Pop3 => {
            expect(wire, b"", "+OK")?;
            expect(wire, b"STLS\r\n", "+OK")
        }
        Service::Ftp => {
            expect(wire, b"", "220")?;
            expect(wire, b"AUTH TLS\r\n", "234")
        }
        Service::Xmpp => xmpp(wire, target),
        Service::Ldap => {
            wire.say(LDAP_START_TLS)?;
            let (heard, silence) = wire.hear_until(MOST, |heard| ber_result(heard).is_some());
            match ber_result(&heard) {
                Some(0) => Ok(()),
                Some(_) => Err(Silence::NoUpgrade),
                None => Err(silence.unwrap_or(Silence::NoUpgrade)),
            }
        }
        Service::Postgres => {
            wire.say(&POSTGRES_REQUEST)?;
            let mut room = [0; 1];
            match wire.hear(&mut room)? {
                b"S" => Ok(()),
                _ => Err(Silence::NoUpgrade),
            }
        }
        Service::Mysql => mysql(wire),
        Service::Dicom | Service::Mllp | Service::Fhir | Service::Http | Service::Other => Ok(()),
    }
}

/// Says something, and hears an answer that begins so, in its last line too.
fn expect(wire: &mut Wire, said: &[u8], wanted: &str) -> Result<(), Silence> {
    if !said.is_empty() {
        wire.say(said)?;
    }
    let (heard, silence) = wire.hear_until(MOST, lines_done);
    let text = String::from_utf8_lossy(&heard);
    let answered = text.lines().last().is_some_and(|line| line.get(..wanted.len()) == Some(wanted));
    match (answered, silence) {
        (true, _) => Ok(()),
        (false, Some(silence)) if heard.is_empty() => Err(silence),
        _ => Err(Silence::NoUpgrade),
    }
}

fn xmpp(wire: &mut Wire, target: &EndpointTarget) -> Result<(), Silence> {
    wire.say(xmpp_stream(target).as_bytes())?;
    let has = |heard: &[u8], word: &str| String::from_utf8_lossy(heard).contains(word);
    let (heard, silence) = wire.hear_until(MOST, |heard| has(heard, "</stream:features>") || has(heard, "/stream"));
    if !has(&heard, "urn:ietf:params:xml:ns:xmpp-tls") {
        return Err(silence.filter(|_| heard.is_empty()).unwrap_or(Silence::NoUpgrade));
    }
    wire.say(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")?;
    let (heard, _) = wire.hear_until(MOST, |heard| has(heard, ">"));
    if has(&heard, "<proceed") { Ok(()) } else { Err(Silence::NoUpgrade) }
}

/// The beginning of an XMPP stream.
pub(super) fn xmpp_stream(target: &EndpointTarget) -> String {
    let kind = if target.scheme == "xmpp-server" { "server" } else { "client" };
    format!(
        "<?xml version='1.0'?><stream:stream to='{}' version='1.0' xmlns='jabber:{kind}' \
         xmlns:stream='http://etherx.jabber.org/streams'>",
        target.host
    )
}

fn mysql(wire: &mut Wire) -> Result<(), Silence> {
    let (heard, silence) = wire.hear_until(MOST, |heard| sql_packet(heard).is_some());
    let Some(greeting) = sql_packet(&heard) else { return Err(silence.unwrap_or(Silence::NoUpgrade)) };
    if mysql_capabilities(greeting).is_none_or(|flags| flags & MYSQL_SSL == 0) {
        return Err(Silence::NoUpgrade);
    }
    wire.say(&mysql_login(MYSQL_SSL, b""))
}

/// The capability flags of a greeting (protocol 10).
pub(super) fn mysql_capabilities(greeting: &[u8]) -> Option<u32> {
    let rest = greeting.strip_prefix(&[10])?;
    let version = rest.iter().position(|byte| *byte == 0)?;
    // Behind the version: the connection's number, eight bytes of a challenge and a zero; the upper flags follow
    // character set and status.
    let flags = rest.get(version + 1 + 4 + 8 + 1..)?;
    let low = u32::from(u16::from_le_bytes([*flags.first()?, *flags.get(1)?]));
    let high = flags.get(5..7).map_or(0, |high| u32::from(u16::from_le_bytes([high[0], high[1]])));
    Some(low | high << 16)
}

/// A login packet of MySQL; what stands before the user's name is the request for TLS.
pub(super) fn mysql_login(flags: u32, rest: &[u8]) -> Vec<u8> {
    // Long password, protocol 4.1, secure connection, plugin authentication.
    let flags = flags | 0x1 | 0x200 | 0x8000 | 0x0008_0000;
    let mut body = flags.to_le_bytes().to_vec();
    body.extend((1u32 << 24).to_le_bytes());
    body.push(45);
    body.extend([0; 23]);
    body.extend(rest);
    let mut packet = (body.len() as u32).to_le_bytes()[..3].to_vec();
    packet.push(1);
    packet.extend(body);
    packet
}
