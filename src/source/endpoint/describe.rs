//! Facts as they are written: the fields of `tls.endpoint` from what was learned.
//!
//! Pure. What is not known says why; what is left out, nobody looked at.

use serde_json::{Map, Value, json};

use super::certificate;
use super::further::Client;
use super::handshake::Handshake;
use super::intrusive::{Probe, Verdict};
use super::learned::{Learned, Taken};
use super::line::Silence;
use super::plain::Plain;
use super::roots::Roots;
use super::suite::{SSL2_SPECS, Version, group_name, suite};
use crate::target::{EndpointTarget, Service, Wrapping};

/// All that was learned of one endpoint.
#[derive(Default)]
pub(super) struct Told {
    pub(super) service: Option<Service>,
    pub(super) plain: Plain,
    /// Why the service was not heard without TLS.
    pub(super) plain_silence: Option<Silence>,
    pub(super) learned: Learned,
    pub(super) handshake: Option<Result<Handshake, String>>,
    /// Whether a server goes on without a client certificate, as asked before TLS 1.3.
    pub(super) goes_on: Option<bool>,
    /// Whether HTTP on port 80 leads to https; null where nothing answers there.
    pub(super) redirect: Value,
    /// What became of the client's certificate, if there is one.
    pub(super) client: Option<Client>,
    /// The protocols that the server chooses inside; nothing where it was not asked.
    pub(super) alpn: Option<Result<Vec<String>, String>>,
    /// What probes found; nothing where none were wanted.
    pub(super) probes: Option<Vec<Probe>>,
    pub(super) connections: u32,
}

/// A fact file with one document.
pub(super) fn fact_file(origin: &str, root: Value) -> String {
    let document = json!({ "kind": "tls.endpoint", "origin": origin, "root": root });
    json!({ "format": crate::facts::file::FORMAT, "documents": [document] }).to_string()
}

fn unknown(why: &str) -> Value {
    json!({ "$unknown": why })
}

fn or_null(fact: Option<bool>) -> Value {
    fact.map_or(Value::Null, Value::Bool)
}

/// The fields.
pub(super) fn root(target: &EndpointTarget, told: &Told, roots: &Roots, now: u64) -> Value {
    let learned = &told.learned;
    let tls = learned.answered;
    let mut root = Map::new();
    let mut put = |name: &str, value: Value| {
        root.insert(name.to_owned(), value);
    };
    put("host", json!(target.host));
    put("port", json!(target.port));
    if let Some(owner) = &target.owner {
        put("owner", json!(owner));
    }
    put("server_name", json!(target.server_name()));
    let service = told.service.unwrap_or(target.service);
    put("service", json!(service.name()));
    put("tls", json!(tls));
    put("plaintext", plaintext(target, told));
    put("starttls", starttls(target, told));
    put("https_redirect", if told.redirect.is_null() { or_null(told.plain.redirected) } else { told.redirect.clone() });
    put("versions", versions(learned));
    put("suites", suites(learned));
    put("groups", json!(learned.groups.iter().map(|group| group_name(*group)).collect::<Vec<_>>()));
    put("server_order", or_null(learned.server_order));
    put("compression", or_null(learned.compression));
    put("secure_renegotiation", or_null(learned.secure_renegotiation));
    put("extended_master_secret", or_null(learned.extended_master_secret));
    put("encrypt_then_mac", or_null(learned.encrypt_then_mac));
    put("fallback_scsv", or_null(learned.fallback_scsv));
    put("client_auth", client_auth(told));
    put("client_certificate", client_certificate(told));
    if let Some(alpn) = &told.alpn {
        put("alpn", alpn.as_ref().map_or_else(|why| unknown(why), |names| json!(names)));
    }
    put("probes", told.probes.as_ref().map_or(Value::Null, |probes| probes.iter().map(probe).collect()));
    let (certificate, others) = certificates(target, told, roots, now);
    put("certificate", certificate);
    put("other_certificates", others);
    let http = matches!(service, Service::Http | Service::Fhir);
    put("hsts", hsts(told, http && tls));
    let title = told.plain.any_title.or(told.handshake.as_ref().and_then(|done| done.as_ref().ok()?.any_title));
    let title = match (service, title) {
        (_, Some(title)) => json!(title),
        (Service::Dicom, None) => unknown("no association could be asked for, or it was refused for another reason"),
        (_, None) => Value::Null,
    };
    put("any_called_title", title);
    put("connections", json!(told.connections));
    Value::Object(root)
}

fn plaintext(target: &EndpointTarget, told: &Told) -> Value {
    match (told.plain.answered, told.learned.answered, target.wrapping) {
        (Some(answered), ..) => json!(answered),
        // A port that answers a hello of TLS at once is not the one for plaintext.
        (None, true, Wrapping::Direct | Wrapping::Plain) => json!(false),
        _ => unknown(told.plain_silence.map_or("what was answered is not understood", Silence::words)),
    }
}

fn starttls(target: &EndpointTarget, told: &Told) -> Value {
    if target.wrapping != Wrapping::Upgrade {
        return Value::Null;
    }
    match (told.plain.starttls, told.learned.answered) {
        // It was promised, and then not given.
        (Some("offered"), false) if told.learned.silence == Some(Silence::NoUpgrade) => json!("none"),
        (Some(word), _) => json!(word),
        (None, true) => unknown("whether the service works without TLS could not be told"),
        (None, false) => unknown("the service was not understood"),
    }
}

fn versions(learned: &Learned) -> Value {
    let mut versions: Vec<Value> = learned.versions().iter().map(|version| json!(version.name())).collect();
    if learned.answered {
        for (version, why) in &learned.unknown {
            versions.push(unknown(&format!("{}: {}", version.name(), why.words())));
        }
    }
    Value::Array(versions)
}

fn suites(learned: &Learned) -> Value {
    let mut rows: Vec<Value> = learned.ssl2.iter().filter_map(|code| ssl2_row(*code)).collect();
    let mut taken: Vec<(usize, &Taken)> = learned.taken.iter().enumerate().collect();
    taken.sort_by_key(|(order, taken)| (taken.version, *order));
    rows.extend(taken.iter().filter_map(|(_, taken)| row(taken)));
    if let Some(why) = learned.cut {
        rows.push(unknown(&format!("there may be more: {}", why.words())));
    } else if learned.sampled {
        rows.push(unknown("there may be more: a device is not asked for all of them"));
    }
    Value::Array(rows)
}

fn row(taken: &Taken) -> Option<Value> {
    let suite = suite(taken.code)?;
    let prime = match (taken.dh_bits, suite.key_exchange.as_str()) {
        (Some(bits), _) => json!(bits),
        (None, "DHE" | "DHE_PSK") => unknown("the prime was not shown"),
        (None, _) => Value::Null,
    };
    Some(json!({
        "name": suite.name,
        "id": suite.code,
        "version": taken.version.name(),
        "key_exchange": suite.key_exchange,
        "authentication": suite.authentication,
        "cipher": suite.cipher,
        "bits": suite.bits,
        "mode": suite.mode,
        "mac": suite.mac,
        "forward_secret": suite.forward_secret(),
        "nist": suite.nist,
        "dh_bits": prime,
    }))
}

fn ssl2_row(code: u32) -> Option<Value> {
    let (_, name, cipher, bits) = SSL2_SPECS.iter().find(|(known, ..)| *known == code)?;
    Some(json!({
        "name": name,
        "id": code,
        "version": Version::Ssl2.name(),
        "key_exchange": "RSA",
        "authentication": "RSA",
        "cipher": cipher,
        "bits": bits,
        "mode": if *cipher == "RC4" { "stream" } else { "CBC" },
        "mac": "MD5",
        "forward_secret": false,
        "nist": false,
        "dh_bits": null,
    }))
}

fn client_certificate(told: &Told) -> Value {
    match &told.client {
        None => Value::Null,
        Some(Client::NotAskedFor) => json!("not asked for"),
        Some(Client::Accepted) => json!("accepted"),
        Some(Client::Refused) => json!("refused"),
        Some(Client::Unknown(why)) => unknown(why),
    }
}

fn probe(probe: &Probe) -> Value {
    let verdict = match probe.verdict {
        Verdict::Vulnerable => json!("vulnerable"),
        Verdict::NotVulnerable => json!("not vulnerable"),
        Verdict::DoesNotApply => json!("does not apply"),
        Verdict::CouldNotTell => unknown(&probe.evidence),
    };
    json!({
        "name": probe.name,
        "cve": probe.cve,
        "verdict": verdict,
        "oracle": probe.oracle,
        "evidence": probe.evidence,
    })
}

fn client_auth(told: &Told) -> Value {
    if !told.learned.answered {
        return Value::Null;
    }
    let shaken = told.handshake.as_ref().and_then(|shaken| shaken.as_ref().ok());
    if let Some(shaken) = shaken {
        return match (shaken.asked, shaken.required.or(told.goes_on.map(|goes_on| !goes_on))) {
            (false, _) => json!("none"),
            (true, Some(true)) => json!("required"),
            (true, Some(false)) => json!("requested"),
            (true, None) => unknown("a certificate is asked for; whether it must be shown could not be told"),
        };
    }
    match (told.learned.client_certificate, told.goes_on) {
        (Some(false), _) => json!("none"),
        (Some(true), Some(true)) => json!("requested"),
        (Some(true), Some(false)) => json!("required"),
        (Some(true), None) => unknown("a certificate is asked for; whether it must be shown could not be told"),
        (None, _) => unknown("no handshake came so far"),
    }
}

/// The certificate, and those that are shown for other suites.
fn certificates(target: &EndpointTarget, told: &Told, roots: &Roots, now: u64) -> (Value, Value) {
    if !told.learned.answered {
        return (Value::Null, json!([]));
    }
    let shaken = told.handshake.as_ref().and_then(|shaken| shaken.as_ref().ok()).map(|shaken| &shaken.chain);
    let older = told.learned.chains.iter().map(|(_, chain)| chain);
    let mut chains: Vec<&Vec<Vec<u8>>> = Vec::new();
    for chain in shaken.into_iter().chain(older).filter(|chain| !chain.is_empty()) {
        if chains.iter().all(|known| known[0] != chain[0]) {
            chains.push(chain);
        }
    }
    let described = chains.iter().map(|chain| certificate::describe(chain, target.expected_name(), roots, now));
    let mut described: Vec<Value> = described.collect();
    if !described.is_empty() {
        return (described.remove(0), Value::Array(described));
    }
    // Only suites that show none were taken, or the flight showed none.
    let older = told.learned.versions().iter().any(|version| *version < Version::Tls13);
    let none = if older { Value::Null } else { unknown("it is shown only behind a handshake, and none came about") };
    (none, json!([]))
}

fn hsts(told: &Told, wanted: bool) -> Value {
    let shaken = told.handshake.as_ref().and_then(|shaken| shaken.as_ref().ok());
    match shaken {
        _ if !wanted => Value::Null,
        Some(shaken) if shaken.http => match shaken.hsts {
            Some((age, subdomains)) => {
                json!({ "max_age": i64::try_from(age).unwrap_or(i64::MAX), "include_subdomains": subdomains })
            }
            None => Value::Null,
        },
        _ => unknown("no HTTP was answered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_certificate_is_told_beside_the_first() {
        let target = EndpointTarget::parse("tls://h.example").expect("a target");
        let mut told = Told::default();
        told.learned.answered = true;
        let (one, other) = (vec![vec![1]], vec![vec![2]]);
        told.learned.chains = vec![("RSA".into(), one.clone()), ("ECDSA".into(), other), ("DSS".into(), one)];
        let root = root(&target, &told, &Roots::default(), 0);
        // Neither can be read: what stands there is not known, and there is one of each.
        assert!(root["certificate"]["$unknown"].is_string());
        assert_eq!(root["other_certificates"].as_array().map(Vec::len), Some(1));
    }
}
