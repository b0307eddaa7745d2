//! ROBOT: an oracle of Bleichenbacher's kind, as Böck, Somorovsky and Young found many in 2018.
//!
//! Sent, in the newest version before TLS 1.3 in which the server takes a suite whose key travels under RSA: five
//! ClientKeyExchanges, each in a connection of its own. All are encrypted with the server's key; what is inside has the
//! form that PKCS#1 v1.5 and TLS want, or one of four faults: a wrong beginning, a zero where none belongs, no zero at
//! all, another version. A ChangeCipherSpec and a Finished that cannot be right follow; if all five are met alike, the
//! same again without those two.
//!
//! Judged: a server that meets them all alike tells nothing. If it does not, all is asked twice more; only a difference
//! that stays is one. Where faults are told from the right form only, the oracle is weak: an attack needs very many
//! questions. Where faults are told from each other, it is strong: recorded sessions can be opened, and signatures forged.
//! What differs from round to round could not be told, and neither could what breaks off, or says nothing of a wrong
//! Finished.

use std::time::Duration;

use super::super::conversation::{CHANGE_CIPHER_SPEC, Conversation, HANDSHAKE, Heard, Opening, message};
use super::super::enumerate::Asker;
use super::super::line::Silence;
use super::super::suite::{Version, suite};
use super::rsa::PublicRsa;
use super::{Judged, Verdict, could_not_tell, patience, spoken};

/// How often all must be met alike before a difference counts.
const ROUNDS: usize = 3;
/// The most records of an answer that are told apart.
const MOST: usize = 8;
/// Alerts with which a server turns away who shows no certificate: bad, unsupported, unknown, required, or no reason.
const NO_CERTIFICATE: [u8; 6] = [40, 41, 42, 43, 46, 116];

/// What is inside a ClientKeyExchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Right,
    WrongBeginning,
    ZeroMisplaced,
    NoZero,
    OtherVersion,
}

const FORMS: [Form; 5] = [Form::Right, Form::WrongBeginning, Form::ZeroMisplaced, Form::NoZero, Form::OtherVersion];

impl Form {
    /// A block as long as the modulus: 00 02, padding without a zero, a zero, and 48 bytes that begin with the version.
    fn block(self, size: usize, version: Version) -> Vec<u8> {
        const SECRET: usize = 48;
        // Any bytes but zero will do; they say nothing.
        let filling = |length: usize| (0..length).map(|at| 0x11 + (at % 0xcd) as u8).collect::<Vec<u8>>();
        let mut block = [&[0, 2][..], &filling(size - 3 - SECRET), &[0], &filling(SECRET)].concat();
        let secret = size - SECRET;
        block[secret..secret + 2].copy_from_slice(&version.code().to_be_bytes());
        match self {
            Form::Right => {}
            Form::WrongBeginning => block[..2].copy_from_slice(&[0x41, 0x17]),
            Form::ZeroMisplaced => {
                // Close to the end: what is left behind it is too short for a secret.
                block[secret - 1] = 0x11;
                block[size - 2] = 0;
            }
            Form::NoZero => block[secret - 1] = 0x11,
            Form::OtherVersion => block[secret..secret + 2].copy_from_slice(&[2, 2]),
        }
        block
    }
}

/// The block that a server expects.
pub(super) fn block(size: usize, version: Version) -> Vec<u8> {
    Form::Right.block(size, version)
}

/// How a server met a ClientKeyExchange: what it said, and how it ended.
type Met = Vec<String>;

/// What five forms in one flow came to.
enum Flow {
    /// All were met so.
    Alike(Met),
    Judged(Judged, Option<&'static str>),
}

/// The question: a version, its suites with RSA, the key that they were shown for.
struct Question<'q> {
    version: Version,
    suites: &'q [u16],
    key: PublicRsa,
    asks_certificate: bool,
    patience: Duration,
}

pub(super) fn probe(asker: &mut Asker<'_, '_>) -> (Judged, Option<&'static str>) {
    let transports_key = |code: &u16| {
        // Export suites bring a key of their own.
        suite(*code).is_some_and(|suite| suite.key_exchange == "RSA" && !suite.name.contains("EXPORT"))
    };
    let spoken = spoken(asker, &[Version::Tls12, Version::Tls11, Version::Tls10]).into_iter();
    let mut spoken = spoken.map(|(version, suites)| (version, suites.into_iter().filter(transports_key).collect()));
    let ssl = asker.learned.suites(Version::Ssl3).iter().any(&transports_key) || !asker.learned.ssl2.is_empty();
    let Some((version, suites)) = spoken.find(|(_, suites): &(_, Vec<u16>)| !suites.is_empty()) else {
        if ssl {
            return (could_not_tell("keys travel under RSA in SSL only, where this is not probed"), None);
        }
        return ((Verdict::DoesNotApply, "no suite is taken whose key travels under RSA".to_owned()), None);
    };
    let flight = Conversation::with_flight(asker, &opening(version, &suites)).map(|(conversation, flight)| {
        conversation.end();
        flight
    });
    let flight = match flight {
        Ok(flight) => flight,
        Err(why) => return (could_not_tell(why), None),
    };
    let Some(key) = flight.certificate.as_deref().and_then(PublicRsa::of) else {
        return (could_not_tell("the certificate shows no RSA key that can be used"), None);
    };
    let (asks_certificate, patience) = (flight.asks_certificate, patience(asker));
    let question = Question { version, suites: &suites, key, asks_certificate, patience };
    for whole in [true, false] {
        match flow(asker, &question, whole) {
            // Who passes over a Finished that is wrong, or breaks off, has not shown that it looks at anything.
            Ok(Flow::Alike(met)) if whole && !met.first().is_some_and(|first| is_answer(first)) => {
                let met = met.join(", ");
                return (could_not_tell(format!("ClientKeyExchanges and a wrong Finished are met with {met}")), None);
            }
            Ok(Flow::Alike(_)) => {}
            Ok(Flow::Judged(judged, oracle)) => return (judged, oracle),
            Err(why) => return (could_not_tell(why), None),
        }
    }
    let told = "five ClientKeyExchanges, right and wrong, were all met alike".to_owned();
    ((Verdict::NotVulnerable, format!("{}: {told}", version.name())), None)
}

fn opening(version: Version, suites: &[u16]) -> Opening<'_> {
    Opening { version, suites, session_id: &[], extensions: &[] }
}

/// Asks all forms in one way, and again if they are not met alike.
fn flow(asker: &mut Asker<'_, '_>, question: &Question<'_>, whole: bool) -> Result<Flow, String> {
    let round = |asker: &mut Asker<'_, '_>| -> Result<Vec<Met>, String> {
        FORMS.iter().map(|form| meet(asker, question, *form, whole)).collect()
    };
    let first = round(asker)?;
    if first.windows(2).all(|pair| pair[0] == pair[1]) {
        let alert = |number: &u8| first[0].first() == Some(&alert_words(*number));
        if question.asks_certificate && NO_CERTIFICATE.iter().any(alert) {
            return Err("the server goes no further without a client certificate".to_owned());
        }
        return Ok(Flow::Alike(first.into_iter().next().unwrap_or_default()));
    }
    for _ in 1..ROUNDS {
        if round(asker)? != first {
            let why = "the server meets the same message differently from time to time";
            return Ok(Flow::Judged(could_not_tell(why), None));
        }
    }
    let strength = strength(&first);
    let how = if whole { "" } else { ", where no Finished follows" };
    let told = format!(
        "{}: ClientKeyExchanges are met with {}{how}",
        question.version.name(),
        FORMS
            .iter()
            .zip(&first)
            .map(|(form, met)| format!("{} ({})", met.join(", "), form.words()))
            .collect::<Vec<_>>()
            .join("; "),
    );
    Ok(Flow::Judged((Verdict::Vulnerable, told), Some(strength)))
}

/// How much answers tell apart: weak where all faults of the padding look the same.
fn strength(met: &[Met]) -> &'static str {
    let padding = &met[1..4];
    if padding.windows(2).all(|pair| pair[0] == pair[1]) { "weak" } else { "strong" }
}

/// Sends one form, and notes how it is met.
fn meet(asker: &mut Asker<'_, '_>, question: &Question<'_>, form: Form, whole: bool) -> Result<Met, String> {
    let (mut conversation, _) = Conversation::with_flight(asker, &opening(question.version, question.suites))?;
    let mut said = Vec::new();
    if question.asks_certificate {
        said.extend(conversation.record(HANDSHAKE, &message(11, &[0, 0, 0])));
    }
    let secret = question.key.encrypt(&form.block(question.key.size, question.version));
    let exchange = [&(secret.len() as u16).to_be_bytes()[..], &secret].concat();
    said.extend(conversation.record(HANDSHAKE, &message(16, &exchange)));
    if whole {
        said.extend(conversation.record(CHANGE_CIPHER_SPEC, &[1]));
        // As long as a Finished under any suite may be; it decrypts to nothing that anybody expects.
        said.extend(conversation.record(HANDSHAKE, &[0x5a; 80]));
    }
    conversation.within(question.patience);
    let mut met = Vec::new();
    if let Err(silence) = conversation.say(&said)
        && silence == Silence::TimedOut
    {
        return Err(silence.words().to_owned());
    }
    while met.len() < MOST {
        match conversation.next() {
            Heard::Alert(number) => met.push(alert_words(number)),
            Heard::Record(kind, _) => met.push(format!("a record of kind {kind}")),
            Heard::NotTls => {
                met.push("bytes that are no TLS".to_owned());
                break;
            }
            Heard::Silence(silence) => {
                met.push(end_words(silence, &met));
                break;
            }
        }
    }
    conversation.end();
    Ok(met)
}

fn alert_words(number: u8) -> String {
    format!("alert {number}")
}

/// Whether a server that did so has looked at what it was sent.
fn is_answer(met: &str) -> bool {
    met.starts_with("alert") || met == "the end"
}

/// How a connection ended. Behind an alert it is left to chance whether that is seen as a reset.
fn end_words(silence: Silence, met: &[String]) -> String {
    match silence {
        Silence::TimedOut => "silence".to_owned(),
        Silence::Reset if met.is_empty() => "a reset".to_owned(),
        _ => "the end".to_owned(),
    }
}

impl Form {
    const fn words(self) -> &'static str {
        match self {
            Form::Right => "the right form",
            Form::WrongBeginning => "a wrong beginning",
            Form::ZeroMisplaced => "a misplaced zero",
            Form::NoZero => "no zero",
            Form::OtherVersion => "another version",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_one_fault_each() {
        let right = Form::Right.block(256, Version::Tls12);
        assert_eq!((&right[..2], right[207], &right[208..210]), (&[0, 2][..], 0, &[3, 3][..]));
        let zeros = |block: &[u8]| block.iter().skip(2).filter(|byte| **byte == 0).count();
        assert_eq!(zeros(&right), 1, "padding and secret hold no zero");
        for form in FORMS {
            let block = form.block(256, Version::Tls12);
            assert_eq!(block.len(), 256);
            let differ = block.iter().zip(&right).filter(|(one, other)| one != other).count();
            let expected = match form {
                Form::Right => 0,
                Form::NoZero => 1,
                _ => 2,
            };
            assert_eq!((differ, zeros(&block)), (expected, usize::from(form != Form::NoZero)), "{form:?}");
        }
        assert_eq!(Form::Right.block(64, Version::Tls10).len(), 64, "the smallest key has room");
    }

    #[test]
    fn an_oracle_that_tells_faults_apart_is_strong() {
        let met = |words: [&str; 5]| words.map(|word| vec![word.to_owned()]);
        assert_eq!(strength(&met(["a", "b", "b", "b", "a"])), "weak");
        assert_eq!(strength(&met(["a", "a", "a", "a", "b"])), "weak");
        assert_eq!(strength(&met(["a", "b", "a", "a", "a"])), "strong");
        assert_eq!(strength(&met(["a", "b", "b", "c", "a"])), "strong");
    }
}
