//! CCS injection (CVE-2014-0224): a ChangeCipherSpec is taken before there is a key.
//!
//! Sent, in each version before TLS 1.3: a hello, and after the server's flight, where a ClientKeyExchange belongs, a
//! ChangeCipherSpec. A server that knows the order of things answers at once with an alert, mostly unexpected_message,
//! or hangs up. One that takes it says nothing, and makes keys of nothing. So a second ChangeCipherSpec follows: the
//! server that has switched to encryption cannot decrypt it, and says so with bad_record_mac or decryption_failed.
//!
//! Some servers hang up without the alert. They are told by what they make of a warning in the clear, which everybody
//! passes over who can read it: sent behind an early ChangeCipherSpec, and, for comparison, without one.
//!
//! Judged: silence, and then either alert; or silence, and then the end where a warning comes that is passed over
//! without the ChangeCipherSpec: vulnerable. An alert or the end after the first, unexpected_message after the second, or
//! a warning that is still read: not vulnerable. Whatever else happens, could not tell.

use std::time::Duration;

use super::super::conversation::{ALERT, CHANGE_CIPHER_SPEC, Conversation, Heard, Opening, Why};
use super::super::enumerate::Asker;
use super::super::line::Silence;
use super::super::suite::Version;
use super::{Judged, Verdict, could_not_tell, is_alert, is_end, patience, spoken, worst};

/// Alerts.
const UNEXPECTED_MESSAGE: u8 = 10;
const BAD_RECORD_MAC: u8 = 20;
const DECRYPTION_FAILED: u8 = 21;
/// A warning that a user gave up, which means nothing as long as no goodbye follows.
const WARNING: [u8; 2] = [1, 90];

pub(super) fn probe(asker: &mut Asker<'_, '_>) -> Judged {
    let mut verdicts = Vec::new();
    for (version, suites) in spoken(asker, &[Version::Tls12, Version::Tls11, Version::Tls10, Version::Ssl3]) {
        let opening = Opening { version, suites: &suites, session_id: &[], extensions: &[] };
        let judged = in_version(asker, &opening).unwrap_or_else(could_not_tell);
        let done = judged.0 == Verdict::Vulnerable;
        verdicts.push((version, judged));
        if done {
            break;
        }
    }
    worst(verdicts)
}

fn in_version(asker: &mut Asker<'_, '_>, opening: &Opening<'_>) -> Result<Judged, Why> {
    let patience = patience(asker);
    let (first, second) = say(asker, opening, &[(CHANGE_CIPHER_SPEC, &[1]), (CHANGE_CIPHER_SPEC, &[1])], patience)?;
    let Some(second) = second else {
        let told = format!("after an early ChangeCipherSpec, {}", first.words());
        let refused = is_alert(&first) || is_end(&first);
        return Ok(if refused { (Verdict::NotVulnerable, told) } else { could_not_tell(told) });
    };
    let told = format!("an early ChangeCipherSpec was met with silence, and after a second one, {}", second.words());
    match second {
        Heard::Alert(number @ (BAD_RECORD_MAC | DECRYPTION_FAILED)) => {
            let told =
                format!("an early ChangeCipherSpec was taken: alert {number} says that the next record was decrypted");
            Ok((Verdict::Vulnerable, told))
        }
        Heard::Alert(UNEXPECTED_MESSAGE) => Ok((Verdict::NotVulnerable, told)),
        Heard::Silence(Silence::TimedOut) => Ok(could_not_tell(told)),
        _ => compare(asker, opening, patience, told),
    }
}

/// Sends a warning with, and without, a ChangeCipherSpec before it.
fn compare(asker: &mut Asker<'_, '_>, opening: &Opening<'_>, patience: Duration, told: String) -> Result<Judged, Why> {
    let (plain, _) = say(asker, opening, &[(ALERT, &WARNING)], patience)?;
    let (first, behind) = say(asker, opening, &[(CHANGE_CIPHER_SPEC, &[1]), (ALERT, &WARNING)], patience)?;
    let silent = |heard: &Heard| matches!(heard, Heard::Silence(Silence::TimedOut));
    Ok(match behind {
        Some(behind) if silent(&plain) && silent(&first) => match behind {
            Heard::Silence(Silence::TimedOut) => (
                Verdict::NotVulnerable,
                "an early ChangeCipherSpec was passed over: what came behind it was read in the clear".to_owned(),
            ),
            behind if is_end(&behind) || is_alert(&behind) => (
                Verdict::Vulnerable,
                format!(
                    "an early ChangeCipherSpec was taken: a warning that is passed over without one could not be read \
                     behind it, and {}",
                    behind.words()
                ),
            ),
            _ => could_not_tell(told),
        },
        _ => could_not_tell(told),
    })
}

/// Says records after the server's flight, each but the first only if the one before was met with silence; what came
/// after the first, and after the second if it was said.
fn say(
    asker: &mut Asker<'_, '_>,
    opening: &Opening<'_>,
    records: &[(u8, &[u8])],
    patience: Duration,
) -> Result<(Heard, Option<Heard>), Why> {
    let (mut conversation, _) = Conversation::with_flight(asker, opening)?;
    let mut heard = Vec::new();
    for (kind, body) in records {
        heard.push(conversation.ask(*kind, body, patience));
        if heard.last() != Some(&Heard::Silence(Silence::TimedOut)) {
            break;
        }
    }
    conversation.end();
    let mut heard = heard.into_iter();
    Ok((heard.next().unwrap_or(Heard::NotTls), heard.next()))
}
