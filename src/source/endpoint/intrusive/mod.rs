//! Probes for known vulnerabilities, which send what no honest client sends: only where the user says `--intrusive`.
//!
//! Each probe has a file of its own that says what is sent and how the answer is judged. What a server gives away too
//! much is counted, never kept. "Could not tell" is said wherever an answer fits neither verdict: it is no pass.

mod by_rsa;
mod early_ccs;
mod heartbleed;
mod robot;
mod rsa;
mod ticketbleed;

use super::conversation::{ALERT, Heard};
use super::enumerate::{Asker, SHORT};
use super::line::Silence;
use super::suite::Version;
use crate::target::{EndpointTarget, Service};

/// What a probe came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Vulnerable,
    NotVulnerable,
    /// The server speaks nothing that the flaw is in.
    DoesNotApply,
    /// No verdict, and why.
    CouldNotTell,
}

/// A probe and its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) name: &'static str,
    /// The flaw's number; none where each product has its own.
    pub(super) cve: Option<&'static str>,
    pub(super) verdict: Verdict,
    /// What was seen, or why there is no verdict; holds nothing of what a server gave away.
    pub(super) evidence: String,
    /// How much an oracle tells, if there is one.
    pub(super) oracle: Option<&'static str>,
}

/// A verdict with what it rests on.
type Judged = (Verdict, String);

/// A probe's name, and the flaw's number.
type Named = (&'static str, Option<&'static str>);

const HEARTBLEED: Named = ("heartbleed", Some("CVE-2014-0160"));
const EARLY_CCS: Named = ("ccs-injection", Some("CVE-2014-0224"));
const ROBOT: Named = ("robot", None);
const TICKETBLEED: Named = ("ticketbleed", Some("CVE-2016-9244"));

/// Probes one server for all of them.
pub(super) fn probe(asker: &mut Asker<'_, '_>, target: &EndpointTarget) -> Vec<Probe> {
    let why = if target.device {
        Some("a device is not probed")
    } else if target.service == Service::Mysql {
        Some("MySQL counts connections that end early, and shuts its door after a hundred")
    } else {
        None
    };
    if let Some(why) = why {
        let left = |named| probe_of(named, (Verdict::CouldNotTell, why.to_owned()));
        return [HEARTBLEED, EARLY_CCS, ROBOT, TICKETBLEED].map(left).to_vec();
    }
    // What is not known to be spoken may be spoken all the same.
    let unsure = asker.learned.unknown.iter().map(|(version, _)| *version).find(|version| *version < Version::Tls13);
    let probe_of = |named, judged| match (judged, unsure) {
        ((Verdict::DoesNotApply, _), Some(version)) => {
            let why = format!("it is not known whether {} is spoken", version.name());
            probe_of(named, (Verdict::CouldNotTell, why))
        }
        (judged, _) => probe_of(named, judged),
    };
    let heartbleed = probe_of(HEARTBLEED, heartbleed::probe(asker));
    let early_ccs = probe_of(EARLY_CCS, early_ccs::probe(asker));
    let (judged, oracle) = robot::probe(asker);
    let robot = Probe { oracle, ..probe_of(ROBOT, judged) };
    let ticketbleed = probe_of(TICKETBLEED, ticketbleed::probe(asker, target));
    vec![heartbleed, early_ccs, robot, ticketbleed]
}

fn probe_of((name, cve): Named, (verdict, evidence): Judged) -> Probe {
    Probe { name, cve, verdict, evidence, oracle: None }
}

/// The versions of these that the server speaks, with the suites that it takes in each.
fn spoken(asker: &Asker<'_, '_>, versions: &[Version]) -> Vec<(Version, Vec<u16>)> {
    let of = |version: &Version| (*version, asker.learned.suites(*version));
    versions.iter().map(of).filter(|(_, suites)| !suites.is_empty()).collect()
}

/// How long an answer is waited for that mostly does not come.
fn patience(asker: &Asker<'_, '_>) -> std::time::Duration {
    SHORT.min(asker.line.timeout())
}

/// What the verdicts of single versions come to: the worst of them.
fn worst(verdicts: Vec<(Version, Judged)>) -> Judged {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Vulnerable => 0,
        Verdict::CouldNotTell => 1,
        Verdict::NotVulnerable => 2,
        Verdict::DoesNotApply => 3,
    };
    let worst = verdicts.into_iter().min_by_key(|(_, (verdict, _))| rank(verdict));
    match worst {
        Some((version, (verdict, evidence))) => (verdict, format!("{}: {evidence}", version.name())),
        None => (Verdict::DoesNotApply, "no version before TLS 1.3 is spoken in which the flaw can be".to_owned()),
    }
}

fn could_not_tell(why: impl Into<String>) -> Judged {
    (Verdict::CouldNotTell, why.into())
}

/// Whether what came is the plain end of a connection.
fn is_end(heard: &Heard) -> bool {
    matches!(heard, Heard::Silence(Silence::Closed) | Heard::Alert(0))
}

/// Whether what came is an alert, encrypted or not.
fn is_alert(heard: &Heard) -> bool {
    matches!(heard, Heard::Alert(1..) | Heard::Record(ALERT, _))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_that_is_vulnerable_is_enough_and_one_that_is_not_is_not() {
        let of = |verdict| (verdict, String::new());
        let all = |verdicts: &[Verdict]| {
            worst(verdicts.iter().map(|verdict| (Version::Tls12, of(verdict.clone()))).collect()).0
        };
        use Verdict::{CouldNotTell, DoesNotApply, NotVulnerable, Vulnerable};
        assert_eq!(all(&[NotVulnerable, Vulnerable, CouldNotTell]), Vulnerable);
        assert_eq!(all(&[NotVulnerable, CouldNotTell, NotVulnerable]), CouldNotTell);
        assert_eq!(all(&[DoesNotApply, NotVulnerable]), NotVulnerable);
        assert_eq!(all(&[]), DoesNotApply);
    }
}
