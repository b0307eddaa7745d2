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
    target: &'a EndpointTarget,
    pub(super) name: Option<String>,
    pub(super) groups: Vec<u16>,
    most: usize,
    pub(super) extensions: bool,
    share: bool,
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

impl<'a, 'r> Asker<'a, 'r> {
    pub(super) fn new(line: &'a mut Line<'r>, target: &'a EndpointTarget) -> Self {
        let name = target.server_name().map(str::to_owned);
        let groups = GROUPS.iter().map(|(code, _)| *code).collect();
        let (most, patience) = (MOST_SUITES, line.timeout());
        let learned = Learned::default();
        Asker { line, target, name, groups, most, extensions: true, share: false, patience, slowest: None, learned }
    }

    /// A connection on which TLS begins.
    pub(super) fn begin(&mut self) -> Result<Wire, Silence> {
        let mut wire = self.line.open()?;
        if self.target.wrapping == Wrapping::Upgrade
            && let Err(silence) = upgrade(&mut wire, self.target.service, self.target.expected_name())
        {
            self.line.note(Some(silence));
            return Err(silence);
        }
        Ok(wire)
    }

    /// Sends a first message and reads the answer as deep as `depth` says.
    fn exchange(&mut self, bytes: &[u8], old: bool, depth: impl FnMut(&Flight) -> Depth) -> Result<Answer, Silence> {
        let mut wire = self.begin()?;
        // Many servers wait for the rest of what they take for a long record: those that have answered faster before need
        // not be waited for as long.
        let short = self.slowest.map_or(SHORT, |slowest| (slowest * 20).clamp(SHORT / 4, SHORT)).min(self.patience);
        wire.within(if old { short } else { self.patience });
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

    /// Whether a hello is answered with a hello at all, asked once and not for long.
    pub(super) fn answers(&mut self) -> bool {
        let suites: Vec<u16> = suites_of(Version::Tls12).into_iter().take(SMALLER[0]).collect();
        let groups = self.groups.clone();
        self.patience = SHORT.min(self.line.timeout());
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
        if !self.learned.answered && self.learned.unknown.iter().all(|(_, why)| *why == Silence::TimedOut) {
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
            match self.offer(version, &suites, &groups) {
                Offer::Taken(flight) => {
                    self.learned.taken.push(Taken { version, code: flight.suite, dh_bits: flight.dh_bits });
                    self.learned.groups.extend(flight.group.filter(|group| !self.learned.groups.contains(group)));
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
        let candidates = self.candidates(version);
        let groups = self.groups.clone();
        let (mut at, mut any, mut again) = (0, false, true);
        while at < candidates.len() {
            let mut chunk = candidates[at..].iter().copied().take(self.most).collect::<Vec<u16>>();
            let mut end = at + chunk.len();
            while !chunk.is_empty() {
                let smaller = match self.offer(version, &chunk, &groups) {
                    Offer::Taken(flight) => {
                        any = true;
                        chunk.retain(|code| *code != flight.suite);
                        self.learned.taken.push(Taken { version, code: flight.suite, dh_bits: flight.dh_bits });
                        continue;
                    }
                    Offer::NotTls => return,
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
                        break;
                    }
                    Offer::Silent(silence @ (Silence::Closed | Silence::Reset | Silence::TimedOut)) => {
                        if self.learned.answered && std::mem::take(&mut again) {
                            continue;
                        }
                        if self.learned.answered && silence != Silence::TimedOut {
                            break;
                        }
                        if self.learned.answered || !self.smaller(silence == Silence::TimedOut) {
                            return self.gave_up(version, any, silence);
                        }
                        true
                    }
                    Offer::Silent(silence) => return self.gave_up(version, any, silence),
                };
                if smaller {
                    chunk = candidates[at..].iter().copied().take(self.most).collect();
                    end = at + chunk.len();
                }
            }
            at = end;
        }
        self.large_again();
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
            (self.most, self.extensions) = (MOST_SUITES, true);
        }
    }

    fn ssl2(&mut self) {
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
