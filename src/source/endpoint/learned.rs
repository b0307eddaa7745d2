//! What was learned of a server's TLS, as it comes in. Pure.

use super::answer::Flight;
use super::line::Silence;
use super::suite::{Version, suite};

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

    /// Keeps a group that was named.
    pub(super) fn note_group(&mut self, group: Option<u16>) {
        self.groups.extend(group.filter(|group| !self.groups.contains(group)));
    }

    /// Keeps what a flight tells beside its suite.
    pub(super) fn keep(&mut self, version: Version, flight: &Flight, extensions: bool) {
        let learned = self;
        learned.answered = true;
        let Some(suite) = suite(flight.suite) else { return };
        if version == Version::Tls13 {
            return;
        }
        let or = |fact: &mut Option<bool>, found: bool| *fact = Some(fact.unwrap_or(false) || found);
        or(&mut learned.compression, flight.compression);
        if extensions && version != Version::Ssl3 {
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
}
