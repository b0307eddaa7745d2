//! A cluster as a target, against an API server that a test makes up.

#![cfg(feature = "cluster")]

#[path = "../program/mod.rs"]
mod program;

mod fake;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use fake::{Server, Trouble, World, kubeconfig};
use program::{Ran, TOKEN_RULE, command, folder, run, token, write};

/// Runs the program with a kubeconfig.
#[track_caller]
fn with_kubeconfig(config: &str, arguments: &[&str]) -> Ran {
    let folder = folder();
    write(folder.path(), "kubeconfig", config);
    run_in(folder.path(), arguments)
}

#[track_caller]
fn run_in(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = command(folder, arguments);
    command.env("KUBECONFIG", folder.join("kubeconfig"));
    run(command)
}

/// `scan k8s: --format json` with more arguments.
#[track_caller]
fn scan(server: &Server, arguments: &[&str]) -> Ran {
    let all = [&["scan", "k8s:", "--format", "json"], arguments].concat();
    with_kubeconfig(&server.kubeconfig(&json!({})), &all)
}

/// `rule origin path` of each finding.
#[track_caller]
fn found(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let all = json["findings"].as_array().expect("findings are a list");
    let told = |finding: &Value| {
        assert!(finding["line"].is_null() && finding["excerpt"].is_null(), "objects have no lines: {finding}");
        format!("{} {} {}", text(&finding["rule"]), text(&finding["origin"]["name"]), text(&finding["path"]))
    };
    all.iter().map(told).collect()
}

/// `kind origin: message` of each notice.
#[track_caller]
fn notices(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = json["notices"].as_array().expect("notices are a list");
    let told = |notice: &Value| {
        let (kind, origin) = (text(&notice["kind"]), text(&notice["origin"]["name"]));
        format!("{kind} {origin}: {}", text(&notice["message"]))
    };
    all.iter().map(told).collect()
}

fn config_map(name: &str, data: Value) -> Value {
    json!({ "metadata": { "name": name, "namespace": "n" }, "data": data })
}

fn base64(text: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let value = (group >> (18 - 6 * digit) & 63) as usize;
            encoded.push(if digit <= chunk.len() { char::from(DIGITS[value]) } else { '=' });
        }
    }
    encoded
}

#[test]
fn a_cluster_without_faults_is_clean() {
    let mut world = World::default();
    world.add("ConfigMap", config_map("a", json!({ "key": "value" })));
    world.add("Widget", json!({ "metadata": { "name": "w", "namespace": "n" }, "spec": {} }));
    let server = Server::start(world);
    let ran = scan(&server, &[]);
    assert_eq!((found(&ran), notices(&ran), ran.code), (vec![], vec![], Some(0)), "{ran:?}");
    // In the preferred version, once; parts of objects not at all.
    assert_eq!(server.asked("/apis/example.org/v1/widgets").len(), 1);
    assert_eq!(server.asked("/apis/example.org/v1beta1/widgets").len(), 0);
    let json = ran.json();
    assert_eq!((&json["tally"]["documents"], &json["tally"]["objects"]), (&json!(2), &json!(2)), "{json}");
    let ran = with_kubeconfig(&server.kubeconfig(&json!({})), &["scan", "k8s:"]);
    assert!(ran.out.contains("no findings in 2 objects ("), "{}", ran.out);
}

#[test]
fn text_rules_search_every_string() {
    let mut world = World::default();
    let (plain, lines, deep) = (token("plain"), token("lines"), token("deep"));
    world.add("ConfigMap", config_map("a.yaml", json!({ "key": plain })));
    let file = format!("# a file\n\"token\": {lines}\n");
    world.add("ConfigMap", config_map("b", json!({ "app.yaml": file })));
    let spec = json!({ "a": [{ "b": deep }] });
    world.add("Widget", json!({ "metadata": { "name": "w", "namespace": "n" }, "spec": spec }));
    let server = Server::start(world);
    let ran = scan(&server, &[]);
    let expected = [
        "k8s://test/n/ConfigMap/a.yaml data.key",
        "k8s://test/n/ConfigMap/b data[\"app.yaml\"]",
        "k8s://test/n/Widget.example.org/w spec.a[0].b",
    ];
    assert_eq!(found(&ran), expected.map(|place| format!("{TOKEN_RULE} {place}")));
    assert_eq!(ran.code, Some(1));
    for format in ["terminal", "sarif", "json"] {
        let ran = with_kubeconfig(&server.kubeconfig(&json!({})), &["scan", "k8s:", "-v", "--format", format]);
        for value in [&plain, &lines, &deep] {
            assert!(!ran.out.contains(value) && !ran.err.contains(value), "{format}");
        }
        assert!(ran.out.contains("k8s://test/n/ConfigMap/b"), "{}", ran.out);
    }
}

/// A Pod's template that rules find fault with.
fn template() -> Value {
    json!({ "spec": { "containers": [{ "name": "c", "image": "i", "securityContext": { "privileged": true } }] } })
}

#[test]
fn a_controller_is_told_once() {
    let mut world = World::default();
    let named = |name: &str, owner: Option<(&str, &str)>| {
        let owners: Vec<Value> = owner
            .iter()
            .map(|(kind, uid)| json!({ "apiVersion": "a", "kind": kind, "name": "o", "uid": uid, "controller": true }))
            .collect();
        json!({ "name": name, "namespace": "n", "ownerReferences": owners })
    };
    let with_template = |metadata: Value| json!({ "metadata": metadata, "spec": { "template": template() } });
    let pod = |metadata: Value| json!({ "metadata": metadata, "spec": template()["spec"] });
    let deployment = world.add("Deployment", with_template(named("d", None)));
    let replicas = world.add("ReplicaSet", with_template(named("d-1", Some(("Deployment", &deployment)))));
    world.add("Pod", pod(named("d-1-1", Some(("ReplicaSet", &replicas)))));
    world.add("Pod", pod(named("d-1-2", Some(("ReplicaSet", &replicas)))));
    let job = json!({ "spec": { "template": template() } });
    let cron = world.add("CronJob", json!({ "metadata": named("c", None), "spec": { "jobTemplate": job } }));
    let job = world.add("Job", with_template(named("c-1", Some(("CronJob", &cron)))));
    world.add("Pod", pod(named("c-1-1", Some(("Job", &job)))));
    world.add("Pod", pod(named("alone", None)));
    world.add("Pod", pod(named("lost", Some(("ReplicaSet", "gone")))));
    world.add("Pod", pod(named("static", Some(("Node", "node")))));
    let server = Server::start(world);
    let objects = |ran: &Ran| {
        let privileged = found(ran).into_iter().filter(|one| one.ends_with("securityContext.privileged"));
        privileged.map(|one| one.split(' ').nth(1).expect("an origin").replace("k8s://test/n/", "")).collect::<Vec<_>>()
    };
    let all = ["CronJob/c", "Deployment/d", "Pod/alone", "Pod/lost", "Pod/static"];
    assert_eq!(objects(&scan(&server, &[])), all);
    // What may not be listed is not judged, and what it owns is.
    server.trouble("/apis/apps/v1/replicasets", Trouble::Status(403));
    let all = ["CronJob/c", "Deployment/d", "Pod/alone", "Pod/d-1-1", "Pod/d-1-2", "Pod/lost", "Pod/static"];
    assert_eq!(objects(&scan(&server, &[])), all);
}

#[test]
fn no_value_of_a_secret_is_told() {
    let mut world = World::default();
    let (stored, release, copied) = (token("stored"), token("release"), token("copied"));
    let metadata = |name: &str| json!({ "name": name, "namespace": "n" });
    let neighbour = "correct-horse-battery-staple";
    let data = json!({ "key": base64(stored.as_bytes()), "word": base64(neighbour.as_bytes()) });
    world.add("Secret", json!({ "metadata": metadata("s"), "type": "Opaque", "data": data }));
    let mut annotated = metadata("copy");
    let copy = json!({ "apiVersion": "v1", "kind": "Secret", "stringData": { "key": copied } }).to_string();
    annotated["annotations"] = json!({ "kubectl.kubernetes.io/last-applied-configuration": copy });
    let data = json!({ "key": base64(copied.as_bytes()) });
    world.add("Secret", json!({ "metadata": annotated, "type": "Opaque", "data": data }));
    let manifest = format!("kind: ConfigMap\ndata:\n  key: {release}\n");
    let text = json!({ "name": "r", "config": {}, "manifest": manifest }).to_string();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, text.as_bytes()).expect("memory");
    let packed = base64(base64(&packed.finish().expect("memory")).as_bytes());
    let kind = "helm.sh/release.v1";
    world.add("Secret", json!({ "metadata": metadata("r"), "type": kind, "data": { "release": packed } }));
    let server = Server::start(world);

    let ran = scan(&server, &["--min-confidence", "low"]);
    let expected = [
        format!("{TOKEN_RULE} k8s://test/n/Secret/copy!base64 data.key"),
        format!("{TOKEN_RULE} k8s://test/n/Secret/r!base64 data.release"),
        format!("{TOKEN_RULE} k8s://test/n/Secret/s!base64 data.key"),
    ];
    let of_token: Vec<String> = found(&ran).into_iter().filter(|one| one.starts_with(TOKEN_RULE)).collect();
    assert_eq!(of_token, expected);
    // A Secret is where secrets belong: what is sure is that its copy in an annotation does not.
    let ran = scan(&server, &[]);
    let annotation = "metadata.annotations[\"kubectl.kubernetes.io/last-applied-configuration\"]";
    let copy = format!("kubernetes-secret-copied-to-annotation k8s://test/n/Secret/copy {annotation}");
    assert_eq!(found(&ran), [copy]);

    let config = server.kubeconfig(&json!({}));
    let plain = [stored.as_str(), &release, &copied, neighbour];
    let hidden: Vec<String> = plain.iter().flat_map(|text| [text.to_string(), base64(text.as_bytes())]).collect();
    let runs: [&[&str]; 4] = [
        &["scan", "k8s:", "-v", "--min-confidence", "low"],
        &["scan", "k8s:", "--min-confidence", "low", "--format", "sarif"],
        &["scan", "k8s:", "--min-confidence", "low", "--format", "json"],
        &["facts", "k8s:"],
    ];
    for arguments in runs {
        let ran = with_kubeconfig(&config, arguments);
        for text in hidden.iter().chain([&packed]) {
            assert!(!ran.out.contains(text.as_str()) && !ran.err.contains(text.as_str()), "{arguments:?}: {text}");
        }
    }
}

#[test]
fn facts_are_judged_like_the_cluster() {
    let mut world = World::default();
    world.add(
        "Deployment",
        json!({ "metadata": { "name": "d", "namespace": "n" }, "spec": { "template": template() } }),
    );
    let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit" });
    let subject = json!({ "kind": "ServiceAccount", "name": "viewer", "namespace": "n" });
    let binding = json!({ "metadata": { "name": "b" }, "roleRef": role, "subjects": [subject] });
    world.add("ClusterRoleBinding", binding);
    let server = Server::start(world);
    let folder = folder();
    write(folder.path(), "kubeconfig", server.kubeconfig(&json!({})));
    let facts = run_in(folder.path(), &["facts", "k8s:"]);
    assert_eq!(facts.code, Some(0), "{}", facts.err);
    write(folder.path(), "facts.json", &facts.out);
    let again = run_in(folder.path(), &["scan", "--facts", "facts.json", "--format", "json"]);
    // All but the place in the text, which only the file has.
    let told = |ran: &Ran| {
        let json = ran.json();
        let text = |value: &Value| value.as_str().unwrap_or("?").replace("facts.json!", "");
        let all = json["findings"].as_array().expect("a list").iter();
        let mut all: Vec<String> = all
            .map(|one| format!("{} {} {}", text(&one["rule"]), text(&one["origin"]["name"]), text(&one["path"])))
            .collect();
        all.sort();
        all
    };
    let direct = told(&scan(&server, &[]));
    // What all objects say together: a way to a right, and what a cluster that was read whole does not have.
    for rule in ["kubernetes-namespace-without-network-policy", "kubernetes-subject-edits-everywhere"] {
        assert!(direct.iter().any(|one| one.starts_with(rule)), "{rule}: {direct:#?}");
    }
    assert_eq!(told(&again), direct);
    // Of a part nothing is missing.
    server.trouble("/apis/networking.k8s.io/v1/networkpolicies", Trouble::Status(403));
    let part = run_in(folder.path(), &["facts", "k8s:"]);
    assert!(facts.out.contains("\"whole\": true") && !part.out.contains("\"whole\""), "{}", part.err);
    server.trouble("/api", Trouble::Status(503));
    let facts = run_in(folder.path(), &["facts", "k8s:"]);
    assert!(facts.code == Some(4) && facts.err.contains("the cluster cannot be read"), "{facts:?}");
}

#[test]
fn thousands_of_objects_come_in_pages() {
    let mut world = World::default();
    for number in 0..5_000 {
        world.add("ConfigMap", config_map(&format!("m-{number}"), json!({ "key": "value" })));
    }
    world.add("ConfigMap", config_map("last", json!({ "key": token("last") })));
    let server = Server::start(world);
    let ran = scan(&server, &[]);
    assert_eq!(found(&ran), [format!("{TOKEN_RULE} k8s://test/n/ConfigMap/last data.key")]);
    assert_eq!(server.asked("/api/v1/configmaps?limit=500").len(), 11);
    assert_eq!(ran.json()["tally"]["documents"], 5_001);
}

#[test]
fn pages_that_are_too_large_are_split() {
    // up to how many objects a page is small enough, whether all is read
    for (most, complete) in [(20, true), (0, false)] {
        let mut world = World::default();
        for number in 0..50 {
            world.add("ConfigMap", config_map(&format!("m-{number}"), json!({ "key": "value" })));
        }
        let server = Server::start(world);
        server.trouble("/api/v1/configmaps", Trouble::Huge(most));
        let ran = scan(&server, &[]);
        if complete {
            assert_eq!((notices(&ran), &ran.json()["tally"]["objects"]), (vec![], &json!(50)));
        } else {
            assert!(notices(&ran)[0].contains("one answer is larger than 32 MiB"), "{:?}", notices(&ran));
        }
    }
}

#[test]
fn what_could_not_be_listed_is_told_and_the_rest_is_judged() {
    // what happens to the Secrets, whether the scan is incomplete, the notice
    let cases: [(Trouble, bool, &str); 6] = [
        (Trouble::Status(403), false, "forbidden k8s://test/Secret: secrets not looked at: the user has no right"),
        (Trouble::Status(401), true, "unreadable k8s://test/Secret: secrets not looked at: the server does not accept"),
        (Trouble::Status(500), true, "unreadable k8s://test/Secret: secrets not looked at: the server answers 500"),
        (Trouble::Busy(9, 429, Some(3600)), true, "unreadable k8s://test/Secret: secrets not looked at: the server is"),
        (Trouble::Cut(9), true, "unreadable k8s://test/Secret: secrets not looked at: "),
        (Trouble::Says("{\"items\": 3}"), true, "unreadable k8s://test/Secret: secrets not looked at: the answer is"),
    ];
    for (trouble, incomplete, notice) in cases {
        let mut world = World::default();
        world.add("ConfigMap", config_map("a", json!({ "key": "value" })));
        let server = Server::start(world);
        server.trouble("/api/v1/secrets", trouble.clone());
        let ran = scan(&server, &[]);
        let notices = notices(&ran);
        assert!(notices.len() == 1 && notices[0].starts_with(notice), "{trouble:?}: {notices:?}");
        assert!(!notices[0].contains("words of the server"));
        assert_eq!(ran.code, Some(if incomplete { 4 } else { 0 }), "{trouble:?}");
        assert_eq!(ran.json()["tally"]["documents"], 1, "{trouble:?}");
    }
}

#[test]
fn passing_troubles_pass() {
    for trouble in [Trouble::Busy(1, 429, Some(1)), Trouble::Busy(2, 503, None), Trouble::Cut(1)] {
        let mut world = World::default();
        world.add("ConfigMap", config_map("a", json!({ "key": token("a") })));
        let server = Server::start(world);
        server.trouble("/api/v1/configmaps", trouble.clone());
        let started = Instant::now();
        let ran = scan(&server, &[]);
        assert_eq!((found(&ran).len(), notices(&ran)), (1, vec![]), "{trouble:?}");
        let waited = started.elapsed() >= Duration::from_secs(1);
        assert!(waited || !matches!(trouble, Trouble::Busy(_, 429, _)), "the server is left alone as long as it asks");
    }
}

#[test]
fn a_list_that_expires_is_read_again_once() {
    for (times, complete) in [(1, true), (2, false)] {
        let mut world = World::default();
        for number in 0..600 {
            world.add("ConfigMap", config_map(&format!("m-{number}"), json!({ "key": token(&number.to_string()) })));
        }
        let server = Server::start(world);
        server.trouble("/api/v1/configmaps", Trouble::Expired(times));
        let ran = scan(&server, &["--exit-zero"]);
        let notices = notices(&ran);
        if complete {
            assert_eq!((found(&ran).len(), notices.len(), ran.code), (600, 0, Some(0)), "each once: {notices:?}");
        } else {
            assert_eq!((found(&ran).len(), ran.code), (500, Some(4)));
            assert!(notices[0].contains("not all were looked at") && notices[0].contains("(410)"), "{notices:?}");
        }
    }
}

#[test]
fn a_list_that_goes_in_circles_ends() {
    let mut world = World::default();
    world.add("ConfigMap", config_map("a", json!({ "key": "value" })));
    let server = Server::start(world);
    server.trouble("/api/v1/configmaps", Trouble::Circle);
    let ran = scan(&server, &[]);
    assert_eq!(ran.code, Some(4));
    assert!(notices(&ran)[0].contains("not all were looked at"), "{:?}", notices(&ran));
}

#[test]
fn slow_answers_end_and_a_silent_cluster_is_left() {
    let mut world = World::default();
    world.add("Widget", json!({ "metadata": { "name": "w", "namespace": "n" }, "spec": {} }));
    let server = Server::start(world);
    server.trouble("/api/v1/configmaps", Trouble::Slow);
    let ran = scan(&server, &["--request-timeout", "1"]);
    assert_eq!(ran.code, Some(4));
    assert!(notices(&ran)[0].contains("no answer within 1 s"), "{:?}", notices(&ran));
    for path in ["/api/v1/namespaces", "/api/v1/secrets"] {
        server.trouble(path, Trouble::Slow);
    }
    let ran = scan(&server, &["--request-timeout", "1"]);
    assert!(notices(&ran)[0].contains("does not answer any more; not looked at: deployments"), "{:?}", notices(&ran));
}

#[test]
fn an_api_without_kinds_leaves_the_others() {
    let mut world = World::default();
    world.add("ConfigMap", config_map("a", json!({ "key": token("a") })));
    let server = Server::start(world);
    server.trouble("/apis/batch/v1", Trouble::Status(503));
    let ran = scan(&server, &["--exit-zero"]);
    assert_eq!((found(&ran).len(), ran.code), (1, Some(4)));
    assert!(notices(&ran)[0].contains("the kinds of the API batch/v1 are not known"), "{:?}", notices(&ran));
}

#[test]
fn namespaces_bound_what_is_looked_at() {
    let mut world = World::default();
    for name in ["n", "m"] {
        world.add("Namespace", json!({ "metadata": { "name": name } }));
        let mut map = config_map("a", json!({ "key": token(name) }));
        map["metadata"]["namespace"] = name.into();
        world.add("ConfigMap", map);
    }
    let server = Server::start(world);
    let ran = scan(&server, &["--namespace", "m"]);
    let of_token: Vec<String> = found(&ran).into_iter().filter(|one| one.starts_with(TOKEN_RULE)).collect();
    assert_eq!(of_token, [format!("{TOKEN_RULE} k8s://test/m/ConfigMap/a data.key")]);
    assert_eq!(server.asked("/api/v1/configmaps").len() + server.asked("/api/v1/namespaces/n").len(), 0);
    let ran = scan(&server, &["--namespace", "typo"]);
    assert_eq!(ran.code, Some(4));
    assert!(notices(&ran).iter().any(|one| one.contains("there is no such namespace")), "{:?}", notices(&ran));
    let ran = with_kubeconfig("", &["scan", ".", "--namespace", "m"]);
    assert_eq!(ran.code, Some(2), "there is no cluster to bound");
}

#[test]
fn what_cannot_be_reached_is_said_so() {
    let server = Server::start(World::default());
    // kubeconfig, arguments, exit code, what is said
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let provider = json!({ "auth-provider": { "name": "gcp", "config": { "cmd-path": "touch" } } });
    let cases: Vec<(String, &[&str], i32, &str)> = vec![
        (kubeconfig(&format!("http://127.0.0.1:{closed}"), &json!({}), &json!({})), &["k8s:"], 4, "nothing listens"),
        (kubeconfig(&format!("https://127.0.0.1:{}", server.port), &json!({}), &json!({})), &["k8s:"], 4, "TLS"),
        (kubeconfig("http://name.invalid", &json!({}), &json!({})), &["k8s:"], 4, "DNS"),
        (kubeconfig("no url at all", &json!({}), &json!({})), &["k8s:"], 2, "is no URL"),
        (server.kubeconfig(&json!({})), &["k8s:other"], 2, "no context other; it has test"),
        (server.kubeconfig(&provider), &["k8s:"], 2, "auth provider gcp"),
        ("current-context: test".to_owned(), &["k8s:"], 2, "no context test; it has none"),
        (String::new(), &["k8s:"], 2, "names no current context"),
        ("users: [hush".to_owned(), &["k8s:"], 2, "no YAML of a kubeconfig"),
        ("users: {hush: 1}".to_owned(), &["k8s:"], 2, "no YAML of a kubeconfig"),
    ];
    for (config, targets, code, said) in cases {
        let ran = with_kubeconfig(&config, &[&["scan"], targets].concat());
        let all = format!("{}{}", ran.out, ran.err).replace(['\n', '│', '×'], " ");
        let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(ran.code, Some(code), "{said}: {all}");
        assert!(all.contains(said) && !all.contains("hush"), "{said}: {all}");
    }
    let folder = folder();
    let ran = program::bedrail(folder.path(), &["scan", "k8s:"]);
    assert!(ran.code == Some(2) && ran.err.contains("there is no kubeconfig"), "{ran:?}");
}

/// A certificate authority, in PEM, and the settings of a server whose certificate it signed, for a name and until
/// the end of a year.
fn authority(name: &str, year: i32) -> (String, rustls::ServerConfig) {
    let mut params = rcgen::CertificateParams::new(Vec::new()).expect("valid");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().expect("a key");
    let authority = params.self_signed(&key).expect("a certificate");
    let issuer = rcgen::Issuer::new(params, key);
    let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
    params.not_after = rcgen::date_time_ymd(year, 12, 31);
    let key = rcgen::KeyPair::generate().expect("a key");
    let signed = params.signed_by(&key, &issuer).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("there are some")
        .with_no_client_auth()
        .with_single_cert(vec![signed.der().clone()], key);
    (authority.pem(), config.expect("they fit"))
}

#[test]
fn certificates_are_checked() {
    // the name in the certificate, its last year, whether the kubeconfig has the right authority, what is said
    let cases = [
        ("127.0.0.1", 3000, true, None),
        ("127.0.0.1", 2020, true, Some("the certificate of the server is expired")),
        ("other.example", 3000, true, Some("the certificate of the server is for another name")),
        ("127.0.0.1", 3000, false, Some("not from the authority that the kubeconfig names")),
    ];
    for (name, year, right, said) in cases {
        let (authority_of, config) = authority(name, year);
        let trusted = if right { authority_of } else { authority(name, year).0 };
        let mut world = World::default();
        world.add("ConfigMap", config_map("a", json!({ "key": "value" })));
        let server = Server::start_tls(world, config);
        let trusted = json!({ "certificate-authority-data": base64(trusted.as_bytes()) });
        let config = kubeconfig(&format!("https://127.0.0.1:{}", server.port), &trusted, &json!({}));
        let ran = with_kubeconfig(&config, &["scan", "k8s:", "--format", "json"]);
        let notices = notices(&ran);
        match said {
            None => assert_eq!((notices.len(), ran.code), (0, Some(0)), "{notices:?}"),
            Some(said) => assert!(notices[0].contains(said) && ran.code == Some(4), "{said}: {notices:?}"),
        }
    }
}

#[cfg(unix)]
#[test]
fn credential_plugins_run_only_when_they_may() {
    let mut world = World::default();
    world.add("ConfigMap", config_map("a", json!({ "key": "value" })));
    world.wants("sesame");
    let server = Server::start(world);
    let plugin = |script: &str| {
        let version = "client.authentication.k8s.io/v1";
        let exec =
            json!({ "apiVersion": version, "command": "sh", "args": ["-c", script], "interactiveMode": "Never" });
        server.kubeconfig(&json!({ "exec": exec }))
    };
    let giving = "touch ran; echo '{\"status\": {\"token\": \"sesame\"}}'";
    let folder = folder();
    write(folder.path(), "kubeconfig", plugin(giving));
    let ran = run_in(folder.path(), &["scan", "k8s:"]);
    assert!(ran.code == Some(2) && ran.err.contains("--allow-exec-plugins"), "{ran:?}");
    assert!(!folder.path().join("ran").exists());
    let ran = run_in(folder.path(), &["scan", "k8s:", "--allow-exec-plugins"]);
    assert!(ran.code == Some(0) && folder.path().join("ran").exists(), "{ran:?}");

    for (script, said) in [("exit 3", "failed with exit code 3"), ("exec sleep 60", "did not end within 1 s")] {
        let arguments = ["scan", "k8s:", "--allow-exec-plugins", "--request-timeout", "1"];
        let ran = with_kubeconfig(&plugin(script), &arguments);
        assert!(ran.code == Some(4) && ran.err.contains(said), "{script}: {ran:?}");
    }
    // A token that is not accepted any more.
    let ran = with_kubeconfig(&server.kubeconfig(&json!({ "token": "old-word" })), &["scan", "k8s:"]);
    assert!(ran.code == Some(4) && ran.out.contains("does not accept the credentials"), "{ran:?}");
    assert!(!ran.out.contains("old-word"));
}
