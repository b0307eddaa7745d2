//! CCS injection (CVE-2014-0224): a ChangeCipherSpec is taken before there is a key.
//!
//! Sent, in each version before TLS 1.3: a hello, and after the server's flight, where a ClientKeyExchange belongs, a
//! ChangeCipherSpec. A server that knows the order of things answers at once with an alert, mostly unexpected_message,
//! or hangs up. One that takes it says nothing, and makes keys of nothing. So a second ChangeCipherSpec follows: the
//! server that has switched to encryption cannot decrypt it and says so.
//!
//! Judged: silence, and then bad_record_mac or decryption_failed: vulnerable. An alert or the end after the first, or
//! unexpected_message after the second: not vulnerable. Silence after both, a reset, or any other alert after the second:
//! could not tell.

use std::time::Duration;

use super::super::conversation::{CHANGE_CIPHER_SPEC, Conversation, Heard, Opening};
use super::super::enumerate::Asker;
use super::super::line::Silence;
use super::super::suite::Version;
use super::{Judged, Verdict, could_not_tell, is_alert, is_end, patience, spoken, worst};

/// Alerts.
const UNEXPECTED_MESSAGE: u8 = 10;
const BAD_RECORD_MAC: u8 = 20;
const DECRYPTION_FAILED: u8 = 21;

pub(super) fn probe(asker: &mut Asker<'_, '_>) -> Judged {
    let mut verdicts = Vec::new();
    for (version, suites) in spoken(asker, &[Version::Tls12, Version::Tls11, Version::Tls10, Version::Ssl3]) {
        let opening = Opening { version, suites: &suites, session_id: &[], extensions: &[] };
        let judged = match Conversation::with_flight(asker, &opening) {
            Ok((mut conversation, _)) => {
                let judged = change(&mut conversation, patience(asker));
                conversation.end();
                judged
            }
            Err(why) => could_not_tell(why),
        };
        let done = judged.0 == Verdict::Vulnerable;
        verdicts.push((version, judged));
        if done {
            break;
        }
    }
    worst(verdicts)
}

fn change(conversation: &mut Conversation, patience: Duration) -> Judged {
    match conversation.ask(CHANGE_CIPHER_SPEC, &[1], patience) {
        Heard::Silence(Silence::TimedOut) => {}
        heard if is_alert(&heard) || is_end(&heard) => {
            return (Verdict::NotVulnerable, format!("after an early ChangeCipherSpec, {}", heard.words()));
        }
        heard => return could_not_tell(format!("after an early ChangeCipherSpec, {}", heard.words())),
    }
    match conversation.ask(CHANGE_CIPHER_SPEC, &[1], patience) {
        Heard::Alert(number @ (BAD_RECORD_MAC | DECRYPTION_FAILED)) => (
            Verdict::Vulnerable,
            format!("an early ChangeCipherSpec was taken: alert {number} says that the next record was decrypted"),
        ),
        heard @ Heard::Alert(UNEXPECTED_MESSAGE) => {
            (Verdict::NotVulnerable, format!("after a second early ChangeCipherSpec, {}", heard.words()))
        }
        heard => could_not_tell(format!(
            "an early ChangeCipherSpec was met with silence, and after a second one, {}",
            heard.words()
        )),
    }
}
