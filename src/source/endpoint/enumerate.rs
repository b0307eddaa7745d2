//! What a server takes: versions, suites, groups, and what its hellos tell beside.
//!
//! Offers and listens, one connection for each offer; a suite that was taken is not offered again. Finishes no
//! handshake. What is found is put into words elsewhere.

use super::answer::{Answer, Depth, Flight, Keys, Reader, State};
use super::hello::{FALLBACK_SCSV, Hello, MOST_SUITES, no_certificate, ssl2};
use super::line::{Line, Silence, Wire};
use super::suite::{GROUPS, Version, suite, suites_of};
use super::upgrade::upgrade;
use crate::target::{EndpointTarget, Wrapping};

/// How long a second, small question may take that most servers leave unanswered.
const SHORT: std::time::Duration = std::time::Duration::from_secs(2);
/// Sizes of hellos for servers that refuse large ones.
const SMALLER: [usize; 2] = [60, 20];

/// A suite that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) version: Version,
    pub(super) code: u16,
    pub(super) dh_bits: Option<u32>,
}

/// What was learned.
#[derive(Clone, Debug, Default)]
pub(super) struct Learned {
    /// Whether any hello was answered with a hello.
    pub(super) answered: bool,
    /// In the order in which the server chose.
    pub(super) taken: Vec<Taken>,
    pub(super) ssl2: Vec<u32>,
    /// Versions of which it is not known, and why.
    pub(super) unknown: Vec<(Version, Silence)>,
    /// Why there may be more suites.
    pub(super) cut: Option<Silence>,
    /// Whether only enough was asked for a verdict, and some of it was taken.
    pub(super) sampled: bool,
    pub(super) groups: Vec<u16>,
    pub(super) server_order: Option<bool>,
    pub(super) compression: Option<bool>,
    pub(super) secure_renegotiation: Option<bool>,
    pub(super) extended_master_secret: Option<bool>,
    pub(super) encrypt_then_mac: Option<bool>,
    pub(super) fallback_scsv: Option<bool>,
    /// Chains by the kind of suite that they were shown for.
    pub(super) chains: Vec<(String, Vec<Vec<u8>>)>,
    /// Whether a certificate was asked of the client, before TLS 1.3.
    pub(super) client_certificate: Option<bool>,
    /// The answer that was no TLS.
    pub(super) not_tls: Option<Vec<u8>>,
    /// How the first hellos went unanswered.
    pub(super) silence: Option<Silence>,
}

impl Learned {
    /// The versions that were taken, oldest first.
    pub(super) fn versions(&self) -> Vec<Version> {
        let mut versions: Vec<Version> = self.taken.iter().map(|taken| taken.version).collect();
        if !self.ssl2.is_empty() {
            versions.push(Version::Ssl2);
        }
        versions.sort();
        versions.dedup();
        versions
    }

    /// The suites of a version, in the server's order.
    pub(super) fn suites(&self, version: Version) -> Vec<u16> {
        self.taken.iter().filter(|taken| taken.version == version).map(|taken| taken.code).collect()
    }
}

/// What became of an offer.
enum Offer {
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
    name: Option<String>,
    groups: Vec<u16>,
    most: usize,
    extensions: bool,
    share: bool,
    patience: std::time::Duration,
    pub(super) learned: Learned,
}

fn keys(code: u16) -> Option<Keys> {
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
        let name = target.host.parse::<std::net::IpAddr>().is_err().then(|| target.host.clone());
        let groups = GROUPS.iter().map(|(code, _)| *code).collect();
        let (most, patience) = (MOST_SUITES, line.timeout());
        let learned = Learned::default();
        Asker { line, target, name, groups, most, extensions: true, share: false, patience, learned }
    }

    /// A connection on which TLS begins.
    pub(super) fn begin(&mut self) -> Result<Wire, Silence> {
        let mut wire = self.line.open()?;
        if self.target.wrapping == Wrapping::Upgrade
            && let Err(silence) = upgrade(&mut wire, self.target.service, &self.target.host)
        {
            self.line.note(Some(silence));
            return Err(silence);
        }
        Ok(wire)
    }

    /// Sends a first message and reads the answer as deep as `depth` says.
    fn exchange(&mut self, bytes: &[u8], old: bool, depth: impl FnMut(&Flight) -> Depth) -> Result<Answer, Silence> {
        let mut wire = self.begin()?;
        wire.within(if old { SHORT.min(self.patience) } else { self.patience });
        let heard = listen(&mut wire, bytes, old, depth);
        wire.end();
        // Silence after SSLv2 is how most servers refuse it.
        self.line.note(heard.as_ref().err().copied().filter(|_| !old));
        heard
    }

    fn offer(&mut self, version: Version, suites: &[u16], groups: &[u16]) -> Offer {
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
                self.keep(version, &flight);
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

    /// Keeps what a flight tells beside its suite.
    fn keep(&mut self, version: Version, flight: &Flight) {
        let learned = &mut self.learned;
        learned.answered = true;
        let Some(suite) = suite(flight.suite) else { return };
        if version == Version::Tls13 {
            return;
        }
        let or = |fact: &mut Option<bool>, found: bool| *fact = Some(fact.unwrap_or(false) || found);
        or(&mut learned.compression, flight.compression);
        if self.extensions && version != Version::Ssl3 {
            let has = |kind| flight.extensions.contains(&kind);
            or(&mut learned.secure_renegotiation, has(0xff01));
            or(&mut learned.extended_master_secret, has(23));
            if suite.mode == "CBC" {
                or(&mut learned.encrypt_then_mac, has(22));
            }
        }
        if flight.done || !flight.certificates.is_empty() {
            or(&mut learned.client_certificate, flight.client_certificate);
            if !learned.chains.iter().any(|(kind, _)| *kind == suite.authentication) {
                learned.chains.push((suite.authentication.clone(), flight.certificates.clone()));
            }
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

    fn all_groups(&mut self) {
        let newest = self.learned.suites(Version::Tls13);
        if !newest.is_empty() {
            self.groups_with(Version::Tls13, &newest);
        }
        let curves = |version| -> Vec<u16> {
            let curve = |code: &u16| matches!(keys(*code), Some(Keys::Group | Keys::HintedGroup));
            self.learned.suites(version).into_iter().filter(curve).collect()
        };
        let older = [Version::Tls12, Version::Tls11, Version::Tls10].into_iter();
        let older = older.map(|version| (version, curves(version))).find(|(_, suites)| !suites.is_empty());
        if let Some((version, suites)) = older {
            self.groups_with(version, &suites);
        }
    }

    fn groups_with(&mut self, version: Version, suites: &[u16]) {
        let mut behind = false;
        loop {
            let (known, mut groups): (Vec<u16>, Vec<u16>) =
                self.groups.iter().partition(|group| self.learned.groups.contains(group));
            if version < Version::Tls13 {
                groups.retain(|group| *group < 256);
            }
            if groups.is_empty() {
                return;
            }
            if behind {
                // A server whose certificate has one of the known curves refuses unless that is offered too.
                groups.extend(known);
            }
            let found = match self.offer(version, suites, &groups) {
                Offer::Taken(flight) => flight.group,
                _ => None,
            };
            match found {
                Some(group) if !self.learned.groups.contains(&group) => self.learned.groups.push(group),
                _ if !behind && version < Version::Tls13 && !self.learned.groups.is_empty() => behind = true,
                _ => return,
            }
        }
    }

    /// Whether the server's order counts: it does unless the reversed list changes the choice to its first.
    fn order(&mut self) {
        let versions = self.learned.versions();
        let most = versions.into_iter().rev().find(|version| self.learned.suites(*version).len() > 1);
        let Some(version) = most else { return };
        let mut reversed = self.learned.suites(version);
        reversed.reverse();
        reversed.truncate(MOST_SUITES);
        let groups = self.groups.clone();
        if let Offer::Taken(flight) = self.offer(version, &reversed, &groups) {
            self.learned.server_order = Some(flight.suite != reversed[0]);
        }
    }

    /// Whether a client that comes back with less is told so (RFC 7507).
    fn fallback(&mut self) {
        let versions = self.learned.versions();
        let older = versions.iter().rev().skip(1).find(|version| **version > Version::Ssl2);
        let Some(version) = older.copied().filter(|version| *version < Version::Tls13) else { return };
        let mut suites = self.learned.suites(version);
        suites.truncate(MOST_SUITES - 1);
        suites.push(FALLBACK_SCSV);
        let groups = self.groups.clone();
        self.learned.fallback_scsv = match self.offer(version, &suites, &groups) {
            Offer::Refused(Some(86)) => Some(true),
            Offer::Taken(_) => Some(false),
            _ => None,
        };
    }

    /// Whether a server that asked for a certificate goes on without one: `None` when that cannot be told.
    pub(super) fn goes_on_without_certificate(&mut self) -> Option<bool> {
        let older = self.learned.versions().into_iter().rev();
        let version = older.into_iter().find(|version| (Version::Tls10..Version::Tls13).contains(version))?;
        let suites = self.learned.suites(version);
        let groups = self.groups.clone();
        let server_name = self.name.clone();
        let hello = Hello {
            version,
            suites: &suites,
            groups: &groups,
            server_name: server_name.as_deref(),
            extensions: self.extensions,
            share: false,
        };
        let mut wire = self.begin().ok()?;
        let answer = listen(&mut wire, &hello.write(), false, |_| Depth::Flight);
        let Ok(Answer::Hello(Flight { done: true, client_certificate: true, .. })) = answer else { return None };
        wire.within(SHORT.min(self.line.timeout()));
        let answer = listen(&mut wire, &no_certificate(version), false, |_| Depth::Hello);
        wire.end();
        match answer {
            Ok(Answer::Alert(_)) | Err(Silence::Closed | Silence::Reset) => Some(false),
            Err(Silence::TimedOut) => Some(true),
            _ => None,
        }
    }
}

/// Says something and reads the answer.
fn listen(wire: &mut Wire, said: &[u8], old: bool, depth: impl FnMut(&Flight) -> Depth) -> Result<Answer, Silence> {
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
