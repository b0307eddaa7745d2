//! One endpoint from beginning to end: what it answers without TLS, what with, and what that means together.

use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::describe::{Told, root};
use super::enumerate::Asker;
use super::handshake::shake;
use super::journal::Outcome;
use super::line::{Line, Manners, Rate, Silence};
use super::queue::Host;
use super::roots::AllRoots;
use super::suite::Version;
use super::{Endpoints, further, plain};
use crate::target::{EndpointTarget, Service, Wrapping};

/// The most connections to one endpoint: the suites of the oldest servers fit four times.
const MOST: u32 = 600;
/// The most connections to a device.
const MOST_DEVICE: u32 = 10;
/// After so many signs of distress in a row an endpoint, or a device, is left alone.
const DISTRESS: u32 = 12;
const DISTRESS_DEVICE: u32 = 2;

/// What all endpoints are asked with.
#[derive(Clone, Copy)]
pub(super) struct Shared<'s> {
    pub(super) roots: &'s AllRoots,
    pub(super) rate: &'s Rate,
    /// Whether no more connections are to be begun.
    pub(super) stop: &'s AtomicBool,
}

/// Asks one endpoint of a host that was looked up.
pub(super) fn ask(all: &Endpoints, target: &EndpointTarget, host: &Host<'_>, shared: &Shared<'_>) -> Outcome {
    let device = target.device;
    let Shared { roots, rate, stop } = *shared;
    let manners = Manners {
        timeout: all.timeout,
        gap: all.gap,
        device,
        most: if device { MOST_DEVICE } else { MOST },
        distress: if device { DISTRESS_DEVICE } else { DISTRESS },
        rate,
        stop,
    };
    let mut line = match &host.addresses {
        Ok(addresses) => Line::to(addresses, target.port, manners).behind(host.times.get()),
        Err(silence) => return skipped(*silence),
    };
    let mut told = Told::default();
    if target.wrapping != Wrapping::Direct {
        match plain::ask(&mut line, target, target.service) {
            Ok(plain) => told.plain = plain,
            Err(silence @ Silence::Unreachable(_)) => return skipped(silence),
            Err(silence) => told.plain_silence = Some(silence),
        }
    }
    if told.plain.starttls != Some("none") {
        tls(&mut line, target, &mut told);
    }
    if let Some(silence @ Silence::Unreachable(_)) = told.learned.silence
        && told.plain.answered.is_none()
    {
        return skipped(silence);
    }
    if target.wrapping == Wrapping::Direct && !told.learned.answered {
        without_tls(&mut line, target, &mut told);
    }
    if told.learned.answered && target.wrapping == Wrapping::Direct && target.port == 443 && !device {
        redirect(&line, target, &mut told);
    }
    host.times.set(line.times());
    let distressed = line.distressed();
    told.connections += line.connections;
    if !told.learned.answered && told.plain.answered.is_none() && told.plain.redirected.is_none() {
        let why = told.learned.silence.or(told.plain_silence).unwrap_or(Silence::Closed).words();
        return Outcome::Skipped(format!("neither TLS nor what was expected without it was answered: {why}"));
    }
    let trouble = distressed.then(|| "it was left alone: it showed signs of distress".to_owned());
    Outcome::Facts(root(target, &told, &roots.for_file(target.ca.as_ref()), all.now), trouble)
}

fn skipped(silence: Silence) -> Outcome {
    Outcome::Skipped(format!("it could not be asked: {}", silence.words()))
}

/// Asks for all that TLS tells.
fn tls(line: &mut Line<'_>, target: &EndpointTarget, told: &mut Told) {
    // It is what the first question took.
    let took = line.took();
    let mut asker = Asker::new(line, target);
    if target.wrapping == Wrapping::Plain && told.plain.answered.is_some() && !asker.answers(took) {
        // What answers in plaintext need not be asked for more than whether it is the same port for TLS.
        asker.line.note(None);
        return;
    }
    // MySQL counts connections that end early, and shuts its door after a hundred.
    if target.device || target.service == Service::Mysql {
        asker.policy();
    } else {
        asker.all();
    }
    let versions = asker.learned.versions();
    let newer = versions.iter().any(|version| *version >= Version::Tls12);
    if newer {
        let shaken = match asker.begin() {
            Ok(wire) => {
                let shaken = shake(wire, target, target.service, None);
                // How it ended says nothing of distress.
                asker.line.note(None);
                shaken
            }
            Err(silence) => Err(silence.words().to_owned()),
        };
        if let Ok(shaken) = &shaken
            && shaken.fhir
        {
            told.service = Some(Service::Fhir);
        }
        told.handshake = Some(shaken);
    }
    let undecided = match &told.handshake {
        Some(Ok(shaken)) => shaken.asked && shaken.required.is_none(),
        _ => asker.learned.client_certificate == Some(true),
    };
    if undecided {
        told.goes_on = asker.goes_on_without_certificate();
    }
    further::ask(&mut asker, target, told);
    told.learned = std::mem::take(&mut asker.learned);
}

/// What stands behind a port that was thought to speak TLS.
fn without_tls(line: &mut Line<'_>, target: &EndpointTarget, told: &mut Told) {
    let text = told.learned.not_tls.as_deref().unwrap_or_default();
    let service = match (target.service, text) {
        (_, [b'H', b'T', b'T', b'P', b'/', ..]) if target.service != Service::Fhir => Service::Http,
        (Service::Other, [b'2', b'2', b'0', ..]) => Service::Smtp,
        (Service::Other, [b'+', b'O', b'K', ..]) => Service::Pop3,
        (Service::Other, [b'*', b' ', b'O', b'K', ..]) => Service::Imap,
        // What waits in silence is most likely to wait for a request.
        (Service::Other, []) => Service::Http,
        (service, _) => service,
    };
    if told.learned.not_tls.is_some() {
        told.service = Some(service);
    }
    if service != Service::Other {
        match plain::ask(line, target, service) {
            Ok(plain) => {
                told.plain = plain;
                told.service = plain.answered.map(|_| service).or(told.service);
            }
            Err(silence) => told.plain_silence = Some(silence),
        }
        if told.plain.fhir {
            told.service = Some(Service::Fhir);
        }
    }
    if told.plain.answered.is_none() && told.learned.not_tls.is_some() {
        // Whatever it is, it is no TLS.
        told.plain.answered = Some(true);
    }
}

/// Whether HTTP beside https leads there.
fn redirect(line: &Line<'_>, target: &EndpointTarget, told: &mut Told) {
    if !matches!(target.service, Service::Http | Service::Fhir) {
        return;
    }
    let mut beside = line.beside(80);
    let plain = EndpointTarget { port: 80, ..target.clone() };
    told.redirect = match plain::ask(&mut beside, &plain, target.service) {
        Ok(plain) => {
            plain.redirected.map_or(Value::Null, |redirected| json!(redirected || plain.answered == Some(false)))
        }
        Err(_) => Value::Null,
    };
    told.connections += beside.connections;
}
