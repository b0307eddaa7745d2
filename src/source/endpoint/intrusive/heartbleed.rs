//! Heartbleed (CVE-2014-0160): a heartbeat request is answered with more than it held.
//!
//! Sent, in each of TLS 1.0 to 1.2: a hello that offers heartbeats (RFC 6520), and after the server's flight, in the
//! clear, a request of 16 bytes that says that it holds 17 and has no padding. RFC 6520 wants it dropped. OpenSSL 1.0.1
//! to 1.0.1f answers it with 17: one byte of its memory, which is counted and let go. Who stays silent is then sent a
//! request as it should be, and shows by its answer that it dropped the first one on purpose.
//!
//! Judged: more bytes than were sent, vulnerable. No heartbeats on offer, an alert, or an answer to the second request
//! only: not vulnerable. A server that offers heartbeats and answers neither, or hangs up, could be hidden by something
//! in between: could not tell.

use super::super::conversation::{Conversation, HEARTBEAT, Heard, Opening};
use super::super::enumerate::Asker;
use super::super::suite::Version;
use super::{Judged, Verdict, could_not_tell, is_alert, patience, spoken, worst};

/// The extension, and the word that requests may be sent.
const EXTENSION: u16 = 15;
const PEER_MAY_SEND: u8 = 1;
/// A request and its answer.
const REQUEST: u8 = 1;
const ANSWER: u8 = 2;
/// What a request holds.
const SENT: usize = 16;
/// How many bytes more are asked for; one is enough to show it.
const OVER: usize = 1;

pub(super) fn probe(asker: &mut Asker<'_, '_>) -> Judged {
    let mut verdicts = Vec::new();
    for (version, suites) in spoken(asker, &[Version::Tls12, Version::Tls11, Version::Tls10]) {
        let judged = in_version(asker, version, &suites);
        let done = judged.0 == Verdict::Vulnerable;
        verdicts.push((version, judged));
        if done {
            break;
        }
    }
    worst(verdicts)
}

fn in_version(asker: &mut Asker<'_, '_>, version: Version, suites: &[u16]) -> Judged {
    let extensions = [(EXTENSION, vec![PEER_MAY_SEND])];
    let opening = Opening { version, suites, session_id: &[], extensions: &extensions };
    let (mut conversation, flight) = match Conversation::with_flight(asker, &opening) {
        Ok(begun) => begun,
        Err(why) => return could_not_tell(why),
    };
    let judged = match flight.extension(EXTENSION) {
        None => (Verdict::NotVulnerable, "the server has no heartbeats".to_owned()),
        Some([PEER_MAY_SEND]) => beat(&mut conversation, patience(asker)),
        Some(_) => (Verdict::NotVulnerable, "the server takes no heartbeat requests".to_owned()),
    };
    conversation.end();
    judged
}

/// A request that says that it holds `said` bytes.
fn request(payload: &[u8], said: usize, padding: usize) -> Vec<u8> {
    [&[REQUEST], &(said as u16).to_be_bytes()[..], payload, &vec![0; padding]].concat()
}

fn beat(conversation: &mut Conversation, patience: std::time::Duration) -> Judged {
    let (first, second) = ([0x42; SENT], [0x24; SENT]);
    match conversation.ask(HEARTBEAT, &request(&first, SENT + OVER, 0), patience) {
        Heard::Record(HEARTBEAT, body) => return answered(&body, &first),
        heard if is_alert(&heard) => return (Verdict::NotVulnerable, heard.words()),
        Heard::Silence(super::super::line::Silence::TimedOut) => {}
        heard => return could_not_tell(format!("after a heartbeat that says too much, {}", heard.words())),
    }
    match conversation.ask(HEARTBEAT, &request(&second, SENT, 16), patience) {
        // The answer to the first one may come late.
        Heard::Record(HEARTBEAT, body) if is_answer(&body, &first) => answered(&body, &first),
        Heard::Record(HEARTBEAT, body) if is_answer(&body, &second) => {
            (Verdict::NotVulnerable, "a heartbeat that says too much is dropped, a proper one answered".to_owned())
        }
        heard if is_alert(&heard) => (Verdict::NotVulnerable, heard.words()),
        _ => could_not_tell("heartbeats are on offer, and none was answered"),
    }
}

fn is_answer(body: &[u8], sent: &[u8]) -> bool {
    body.first() == Some(&ANSWER) && body.get(3..).is_some_and(|payload| payload.starts_with(sent))
}

/// Judges an answer to the request that says too much.
fn answered(body: &[u8], sent: &[u8]) -> Judged {
    if !is_answer(body, sent) {
        return could_not_tell("a heartbeat came that answers no request");
    }
    let said = usize::from(u16::from_be_bytes([body[1], body[2]]));
    // What is there, whatever is said; padding is no payload, and at least 16 bytes of it are there.
    let given = said.min(body.len() - 3);
    match given.checked_sub(sent.len()) {
        Some(over @ 1..) => {
            (Verdict::Vulnerable, format!("a heartbeat of {} bytes was answered with {over} more", sent.len()))
        }
        _ => (Verdict::NotVulnerable, "a heartbeat was answered with no more than it held".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_more_than_was_sent_is_too_much() {
        let sent = [0x42; SENT];
        let answer = |said: u16, given: &[u8]| [&[ANSWER], &said.to_be_bytes()[..], given].concat();
        let long = [&sent[..], &[9; 17]].concat();
        for (body, expected) in [
            (answer(17, &long), Verdict::Vulnerable),
            (answer(16, &long), Verdict::NotVulnerable),
            // It says more than it gives.
            (answer(17, &sent), Verdict::NotVulnerable),
            (answer(17, &[9; 33]), Verdict::CouldNotTell),
            (vec![ANSWER], Verdict::CouldNotTell),
            (request(&sent, 17, 0), Verdict::CouldNotTell),
        ] {
            let (verdict, evidence) = answered(&body, &sent);
            assert_eq!(verdict, expected, "{evidence}");
        }
    }
}
