//! Just enough questions for a verdict, for devices and services that are not to be asked much.

use super::enumerate::{Asker, Offer, has_both, has_prime};
use super::hello::MOST_SUITES;
use super::learned::Taken;
use super::line::Silence;
use super::suite::{Version, suite, suites_of};
use crate::target::Wrapping;

impl Asker<'_, '_> {
    /// Asks just enough for a verdict: what is approved apart from what is not.
    pub(super) fn policy(&mut self) {
        let (good, other): (Vec<u16>, Vec<u16>) =
            suites_of(Version::Tls12).into_iter().partition(|code| suite(*code).is_some_and(|suite| suite.nist));
        let (good13, other13): (Vec<u16>, Vec<u16>) =
            suites_of(Version::Tls13).into_iter().partition(|code| suite(*code).is_some_and(|suite| suite.nist));
        let questions = [
            (Version::Tls12, good, false),
            (Version::Tls13, good13, false),
            (Version::Tls12, other, true),
            (Version::Tls13, other13, true),
            (Version::Tls11, suites_of(Version::Tls11), true),
            (Version::Tls10, suites_of(Version::Tls10), true),
            (Version::Ssl3, suites_of(Version::Ssl3), true),
        ];
        for (version, mut suites, bad) in questions {
            suites.truncate(MOST_SUITES);
            let groups = self.groups.clone();
            let mut offer = self.offer(version, &suites, &groups);
            if matches!(offer, Offer::Silent(Silence::Closed)) && !self.apart && has_both(suites.iter()) {
                self.apart = true;
                suites.retain(|code| !has_prime(*code));
                offer = self.offer(version, &suites, &groups);
            }
            match offer {
                Offer::Taken(flight) => {
                    self.learned.taken.push(Taken { version, code: flight.suite, dh_bits: flight.dh_bits });
                    self.learned.note_group(flight.group);
                    self.learned.sampled |= bad;
                }
                Offer::Refused(_) => {}
                Offer::Silent(silence) => {
                    self.learned.silence.get_or_insert(silence);
                    let taken = self.learned.taken.iter().any(|taken| taken.version == version);
                    if !taken && !matches!(silence, Silence::Closed) {
                        self.learned.unknown.push((version, silence));
                    }
                }
                Offer::NotTls => return,
            }
        }
        if self.target.wrapping == Wrapping::Direct {
            self.ssl2();
        }
        let taken = self.learned.versions();
        self.learned.unknown.retain(|(version, _)| !taken.contains(version));
    }
}
