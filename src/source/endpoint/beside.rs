//! What a server tells beside its suites: groups, whose order counts, fallback, and what it makes of clients without a
//! certificate.
//!
//! Asks with suites that are known to be taken.

use super::answer::{Answer, Depth, Flight, Keys};
use super::enumerate::{Asker, Offer, keys, listen};
use super::hello::{FALLBACK_SCSV, Hello, MOST_SUITES, no_certificate};
use super::line::Silence;
use super::suite::Version;

impl Asker<'_, '_> {
    /// Lists the groups, with the newest version first.
    pub(super) fn all_groups(&mut self) {
        let newest = self.learned.suites(Version::Tls13);
        if !newest.is_empty() && !self.all_told {
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
    pub(super) fn order(&mut self) {
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
    pub(super) fn fallback(&mut self) {
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
        wire.within(self.short());
        let answer = listen(&mut wire, &no_certificate(version), false, |_| Depth::Hello);
        wire.end();
        match answer {
            Ok(Answer::Alert(_)) | Err(Silence::Closed | Silence::Reset) => Some(false),
            Err(Silence::TimedOut) => Some(true),
            _ => None,
        }
    }
}
