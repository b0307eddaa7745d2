//! What a server takes: versions, suites, groups, and what its hellos tell beside.
//!
//! Offers and listens, one connection for each offer; a suite that was taken is not offered again. Finishes no
//! handshake. What is found is put into words elsewhere.

use super::answer::{Answer, Depth, Flight, Keys, Reader, State};
use super::hello::{Hello, MOST_SUITES, ssl2};
use super::learned::{Learned, Taken};
use super::line::{Line, Silence, Wire};
use super::suite::{GROUPS, Version, suite, suites_of};
use super::upgrade::upgrade;
use crate::target::{EndpointTarget, Wrapping};

/// How long a second, small question may take that most servers leave unanswered.
pub(super) const SHORT: std::time::Duration = std::time::Duration::from_secs(2);
/// Sizes of hellos for servers that refuse large ones.
const SMALLER: [usize; 2] = [60, 20];

/// What became of an offer.
pub(super) enum Offer {
    Taken(Flight),
    /// Refused, with the alert if there was one.
    Refused(Option<u8>),
    Silent(Silence),
    NotTls,
}

/// Asks one server.
pub(super) struct Asker<'a, 'r> {
    pub(super) line: &'a mut Line<'r>,
    pub(super) target: &'a EndpointTarget,
    pub(super) name: Option<String>,
    pub(super) groups: Vec<u16>,
    most: usize,
    pub(super) extensions: bool,
    share: bool,
    /// Whether groups are still told beside the suites of TLS 1.3.
    both: bool,
    /// Whether all groups of TLS 1.3 were told so.
    pub(super) all_told: bool,
    /// Whether suites with a prime are offered apart: some servers take them, have no prime at hand and hang up.
    pub(super) apart: bool,
    patience: std::time::Duration,
    /// The longest that an answer took.
    slowest: Option<std::time::Duration>,
    pub(super) learned: Learned,
}

pub(super) fn keys(code: u16) -> Option<Keys> {
    Some(match suite(code)?.key_exchange.as_str() {
        "DHE" => Keys::Prime,
        "ECDHE" => Keys::Group,
        "DHE_PSK" => Keys::HintedPrime,
        "ECDHE_PSK" => Keys::HintedGroup,
        _ => return None,
    })
}

pub(super) fn has_prime(code: u16) -> bool {
    matches!(keys(code), Some(Keys::Prime | Keys::HintedPrime))
}

pub(super) fn has_both<'c>(mut codes: impl Iterator<Item = &'c u16>) -> bool {
    let first = codes.next().map(|code| has_prime(*code));
    codes.any(|code| Some(has_prime(*code)) != first)
}

impl<'a, 'r> Asker<'a, 'r> {
    pub(super) fn new(line: &'a mut Line<'r>, target: &'a EndpointTarget) -> Self {
        let name = target.server_name().map(str::to_owned);
        let groups = GROUPS.iter().map(|(code, _)| *code).collect();
        let (most, patience) = (MOST_SUITES, line.timeout());
        let learned = Learned::default();
        let (extensions, share, both, all_told, apart, slowest) = (true, false, true, false, false, None);
        Asker { line, target, name, groups, most, extensions, share, both, all_told, apart, patience, slowest, learned }
    }

    /// A connection on which TLS begins.
    pub(super) fn begin(&mut self) -> Result<Wire, Silence> {
        let mut wire = self.line.open()?;
        if self.target.wrapping == Wrapping::Upgrade
            && let Err(silence) = upgrade(&mut wire, self.target)
        {
            self.line.note(Some(silence));
            return Err(silence);
        }
        Ok(wire)
    }

    /// How long a question is waited for that most servers leave unanswered: those that have answered others fast need not
    /// be waited for as long.
    pub(super) fn short(&self) -> std::time::Duration {
        self.slowest.map_or(SHORT, |slowest| (slowest * 20).clamp(SHORT / 4, SHORT)).min(self.patience)
    }

    /// Sends a first message and reads the answer as deep as `depth` says.
    fn exchange(&mut self, bytes: &[u8], old: bool, depth: impl FnMut(&Flight) -> Depth) -> Result<Answer, Silence> {
        let mut wire = self.begin()?;
        // Many servers wait for the rest of what they take for a long record.
        wire.within(if old { self.short() } else { self.patience });
        let began = std::time::Instant::now();
        let heard = listen(&mut wire, bytes, old, depth);
        wire.end();
        if heard.is_ok() && !old {
            self.slowest = self.slowest.max(Some(began.elapsed()));
        }
        // Silence after SSLv2 is how most servers refuse it.
        self.line.note(heard.as_ref().err().copied().filter(|_| !old));
        heard
    }

    pub(super) fn offer(&mut self, version: Version, suites: &[u16], groups: &[u16]) -> Offer {
        let hello = Hello {
            version,
            suites,
            groups,
            server_name: self.name.as_deref(),
            extensions: self.extensions,
            share: self.share,
        };
        let seen: Vec<String> = self.learned.chains.iter().map(|(kind, _)| kind.clone()).collect();
        let depth = move |flight: &Flight| match suite(flight.suite) {
            Some(suite) if flight.version < Version::Tls13.code() && !seen.contains(&suite.authentication) => {
                Depth::Flight
            }
            Some(suite) if suite.ephemeral() => Depth::KeyExchange,
            _ => Depth::Hello,
        };
        match self.exchange(&hello.write(), false, depth) {
            Ok(Answer::Hello(flight)) if flight.version == version.code() && suites.contains(&flight.suite) => {
                self.learned.keep(version, &flight, self.extensions);
                Offer::Taken(flight)
            }
            Ok(Answer::Hello(_) | Answer::Ssl2(_)) => Offer::Refused(None),
            Ok(Answer::Alert(number)) => Offer::Refused(Some(number)),
            Ok(Answer::NotTls(bytes)) => {
                self.learned.not_tls.get_or_insert(bytes);
                Offer::NotTls
            }
            Ok(Answer::Garbled(_)) => Offer::Silent(Silence::Closed),
            Err(silence) => Offer::Silent(silence),
        }
    }

    /// Whether a hello is answered with a hello at all, asked once and not for long; `plain` is how long the answer
    /// without TLS took.
    pub(super) fn answers(&mut self, plain: std::time::Duration) -> bool {
        let suites: Vec<u16> = suites_of(Version::Tls12).into_iter().take(SMALLER[0]).collect();
        let groups = self.groups.clone();
        self.slowest = Some(plain);
        self.patience = self.short();
        let offer = self.offer(Version::Tls12, &suites, &groups);
        self.patience = self.line.timeout();
        // An alert is an answer too.
        matches!(offer, Offer::Taken(_) | Offer::Refused(_))
    }

    /// Lists everything.
    pub(super) fn all(&mut self) {
        for version in [Version::Tls12, Version::Tls13] {
            self.version(version);
            if self.learned.not_tls.is_some() {
                return;
            }
        }
        // Two that nobody takes, or answers, are enough.
        let nobody = |why: Silence| matches!(why, Silence::TimedOut | Silence::Unreachable(_));
        if !self.learned.answered && self.learned.unknown.iter().all(|(_, why)| nobody(*why)) {
            self.learned.silence = self.learned.unknown.first().map(|(_, why)| *why);
            if self.learned.silence.is_some() {
                return;
            }
        }
        for version in [Version::Tls11, Version::Tls10, Version::Ssl3] {
            self.version(version);
        }
        if self.target.wrapping == Wrapping::Direct {
            self.ssl2();
        }
        if self.learned.answered {
            // A server that answers other versions, and hangs up on these, refuses them; asked again, it must say so.
            for (version, why) in std::mem::take(&mut self.learned.unknown) {
                match why {
                    Silence::Closed | Silence::Reset => self.version(version),
                    _ => self.learned.unknown.push((version, why)),
                }
            }
            self.all_groups();
            self.order();
            self.fallback();
        } else {
            self.learned.silence = self.learned.unknown.first().map(|(_, why)| *why);
        }
    }

    fn candidates(&self, version: Version) -> Vec<u16> {
        let mut list = suites_of(version);
        if version < Version::Tls12 {
            // What newer versions take comes first.
            list.sort_by_key(|code| !self.learned.taken.iter().any(|taken| taken.code == *code));
        }
        list
    }

    /// Lists the suites of a version.
    fn version(&mut self, version: Version) {
        let mut waiting = self.candidates(version);
        let (mut chunk, mut any, mut again) = (Vec::new(), false, true);
        loop {
            if chunk.is_empty() {
                chunk = self.chunk(&mut waiting);
            }
            if chunk.is_empty() {
                return self.large_again();
            }
            let groups = self.groups_for(version);
            let smaller = match self.offer(version, &chunk, &groups) {
                Offer::Taken(flight) => {
                    any = true;
                    chunk.retain(|code| *code != flight.suite);
                    self.learned.taken.push(Taken { version, code: flight.suite, dh_bits: flight.dh_bits });
                    if version == Version::Tls13 {
                        // Another suite is taken with groups that are known, and none without.
                        self.all_told |= !self.both;
                        self.learned.note_group(flight.group);
                    }
                    false
                }
                Offer::NotTls => return,
                // Whether suites or groups have run out is told by the suites alone.
                Offer::Refused(_) | Offer::Silent(Silence::Closed | Silence::Reset)
                    if groups.len() < self.groups.len() =>
                {
                    self.both = false;
                    false
                }
                // What one server answers to a large hello is how another refuses.
                Offer::Refused(Some(47 | 50)) if !self.learned.answered && self.smaller(false) => true,
                Offer::Refused(alert) => {
                    if version == Version::Tls13 && !any && !self.share && !matches!(alert, None | Some(40 | 70)) {
                        self.share = true;
                        continue;
                    }
                    self.share &= any;
                    if !any && matches!(alert, None | Some(70)) {
                        return self.large_again();
                    }
                    chunk.clear();
                    false
                }
                Offer::Silent(silence @ (Silence::Closed | Silence::Reset | Silence::TimedOut)) => {
                    let hung_up = silence != Silence::TimedOut;
                    if hung_up && !self.apart && has_both(chunk.iter().chain(&waiting)) {
                        self.apart = true;
                        true
                    } else if self.learned.answered && std::mem::take(&mut again) {
                        false
                    } else if self.learned.answered && hung_up {
                        chunk.clear();
                        false
                    } else if self.learned.answered || !self.smaller(!hung_up) {
                        return self.gave_up(version, any, silence);
                    } else {
                        true
                    }
                }
                Offer::Silent(silence) => return self.gave_up(version, any, silence),
            };
            if smaller {
                chunk.append(&mut waiting);
                waiting = std::mem::take(&mut chunk);
            }
        }
    }

    /// The next suites to offer together.
    fn chunk(&self, waiting: &mut Vec<u16>) -> Vec<u16> {
        if self.apart {
            waiting.sort_by_key(|code| has_prime(*code));
        }
        let first = waiting.first().copied().map(has_prime);
        let alike = |code: &u16| !self.apart || Some(has_prime(*code)) == first;
        let length = waiting.iter().take(self.most).take_while(|code| alike(code)).count();
        waiting.drain(..length).collect()
    }

    /// The groups to offer with suites: in TLS 1.3 each answer names one beside the suite, so that those that are known
    /// are left out as long as others are taken.
    fn groups_for(&self, version: Version) -> Vec<u16> {
        let asked = version == Version::Tls13 && self.both && !self.share;
        let left = |group: &u16| !asked || !self.learned.groups.contains(group);
        self.groups.iter().copied().filter(left).collect()
    }

    fn gave_up(&mut self, version: Version, any: bool, silence: Silence) {
        if any {
            self.learned.cut = Some(silence);
        } else {
            self.learned.unknown.push((version, silence));
        }
        self.large_again();
    }

    /// Makes hellos smaller; whether they could be. A server that lets wait is asked with the smallest at once.
    fn smaller(&mut self, at_once: bool) -> bool {
        let next = SMALLER.into_iter().find(|size| *size < self.most && (!at_once || *size == SMALLER[1]));
        match next {
            Some(size) => {
                self.most = size;
                self.extensions &= !at_once;
                true
            }
            None => std::mem::replace(&mut self.extensions, false),
        }
    }

    /// Where smaller hellos did not help either, their size was not the reason.
    fn large_again(&mut self) {
        if !self.learned.answered {
            (self.most, self.extensions, self.apart) = (MOST_SUITES, true, false);
        }
    }

    pub(super) fn ssl2(&mut self) {
        match self.exchange(&ssl2(), true, |_| Depth::Hello) {
            Ok(Answer::Ssl2(answer)) if !answer.specs.is_empty() => {
                self.learned.answered = true;
                self.learned.ssl2 = answer.specs;
                if !answer.certificate.is_empty() && self.learned.chains.iter().all(|(_, chain)| chain.is_empty()) {
                    self.learned.chains.push(("RSA".to_owned(), vec![answer.certificate]));
                }
            }
            Err(silence @ Silence::Unreachable(_)) => self.learned.unknown.push((Version::Ssl2, silence)),
            _ => {}
        }
    }
}

/// Says something and reads the answer.
pub(super) fn listen(
    wire: &mut Wire,
    said: &[u8],
    old: bool,
    depth: impl FnMut(&Flight) -> Depth,
) -> Result<Answer, Silence> {
    wire.say(said)?;
    let mut reader = Reader::new(old, depth, keys);
    let mut room = [0; 8192];
    loop {
        match wire.hear(&mut room) {
            Ok(bytes) => {
                if let State::Ready(answer) = reader.take(bytes) {
                    return Ok(answer);
                }
            }
            Err(silence) => return reader.end().ok_or(silence),
        }
    }
}
