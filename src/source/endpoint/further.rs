//! What is asked of a server beyond what it takes: what it makes of a client's certificate, which protocols it chooses
//! inside, and, where the user says so, what probes for vulnerabilities find.
//!
//! Comes after the suites are known; nothing here is asked of a device but what a certificate opens.

use super::alpn;
use super::describe::Told;
use super::enumerate::Asker;
use super::handshake::{Handshake, shake};
use super::intrusive;
use crate::target::{EndpointTarget, Service};

/// What became of the certificate that there is to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Client {
    NotAskedFor,
    Accepted,
    Refused,
    Unknown(String),
}

/// Asks for it all.
pub(super) fn ask(asker: &mut Asker<'_, '_>, target: &EndpointTarget, told: &mut Told) {
    with_certificate(asker, target, told);
    if !asker.learned.answered {
        return;
    }
    // MySQL counts connections that end early.
    if !target.device && target.service != Service::Mysql {
        told.alpn = Some(alpn::ask(asker, target));
    }
    if target.intrusive {
        told.probes = Some(intrusive::probe(asker, target));
    }
}

/// Shows the certificate to a server that asks for one, and learns what only its clients are told.
fn with_certificate(asker: &mut Asker<'_, '_>, target: &EndpointTarget, told: &mut Told) {
    let Some(client) = target.client.as_deref() else { return };
    let first = told.handshake.as_mut().and_then(|first| first.as_mut().ok());
    let asked = first.as_ref().map_or(asker.learned.client_certificate == Some(true), |first| first.asked);
    if !asked {
        told.client = Some(Client::NotAskedFor);
        return;
    }
    let shaken = match asker.begin() {
        Ok(wire) => {
            let shaken = shake(wire, target, target.service, Some(client));
            asker.line.note(None);
            shaken
        }
        Err(silence) => Err(silence.words().to_owned()),
    };
    told.client = Some(match &shaken {
        Ok(Handshake { accepted: Some(true), .. }) => Client::Accepted,
        Ok(Handshake { accepted: Some(false), .. }) => Client::Refused,
        Ok(_) => Client::Unknown("what the server made of the certificate could not be told".to_owned()),
        Err(why) => Client::Unknown(why.clone()),
    });
    if let Ok(shaken) = shaken
        && shaken.accepted == Some(true)
    {
        if shaken.fhir {
            told.service = Some(Service::Fhir);
        }
        match first {
            Some(first) => first.opened_by(shaken),
            None => told.handshake = Some(Ok(shaken)),
        }
    }
}
