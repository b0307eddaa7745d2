//! An API server of a few kinds, on loopback: HTTP/1.1 by hand, a thread for each connection.
//!
//! It says what a real one says, and misbehaves where a test tells it to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// What one path does instead of answering.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// Answers a `Status` of this code, always.
    Status(u16),
    /// So many times answers this code, with this `Retry-After`; then all is well.
    Busy(usize, u16, Option<u64>),
    /// So many times closes the connection in the middle of the answer; then all is well.
    Cut(usize),
    /// Sends a byte a second, for ever.
    Slow,
    /// Says that the continue token is expired, so many times.
    Expired(usize),
    /// Answers this, whatever is asked.
    Says(&'static str),
    /// Makes pages of more objects than this larger than anybody reads.
    Huge(usize),
    /// Gives the same continue token on every page.
    Circle,
}

/// A kind: the API it is in, its name in paths, its kind, whether it is namespaced.
type Kind = (&'static str, &'static str, &'static str, bool);

const KINDS: &[Kind] = &[
    ("/api/v1", "configmaps", "ConfigMap", true),
    ("/api/v1", "namespaces", "Namespace", false),
    ("/api/v1", "pods", "Pod", true),
    ("/api/v1", "secrets", "Secret", true),
    ("/apis/apps/v1", "deployments", "Deployment", true),
    ("/apis/apps/v1", "replicasets", "ReplicaSet", true),
    ("/apis/batch/v1", "cronjobs", "CronJob", true),
    ("/apis/batch/v1", "jobs", "Job", true),
    ("/apis/networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", true),
    ("/apis/rbac.authorization.k8s.io/v1", "clusterrolebindings", "ClusterRoleBinding", false),
    ("/apis/example.org/v1", "widgets", "Widget", true),
    ("/apis/example.org/v1beta1", "widgets", "Widget", true),
];

/// What the server holds and how it behaves.
#[derive(Default)]
pub(crate) struct World {
    objects: BTreeMap<String, Vec<Value>>,
    troubles: Mutex<BTreeMap<String, Trouble>>,
    /// The credentials that are asked for.
    token: Option<String>,
    /// The paths that were asked for, with their queries.
    asked: Mutex<Vec<String>>,
    uids: AtomicUsize,
}

impl World {
    /// Adds an object; gives its uid. `kind` as in its own `kind` field, which lists then leave out.
    pub(crate) fn add(&mut self, kind: &str, mut object: Value) -> String {
        let (base, name, ..) = KINDS.iter().find(|known| known.2 == kind).expect("a known kind");
        let uid = format!("uid-{}", self.uids.fetch_add(1, Ordering::Relaxed));
        object["metadata"]["uid"] = uid.as_str().into();
        object["metadata"]["managedFields"] = json!([{ "manager": "kubectl", "fieldsV1": { "f:metadata": {} } }]);
        self.objects.entry(format!("{base}/{name}")).or_default().push(object);
        uid
    }

    pub(crate) fn wants(&mut self, token: &str) {
        self.token = Some(format!("Bearer {token}"));
    }

    fn discovery(path: &str) -> Option<Value> {
        let group = |path: &str| path.trim_start_matches("/apis/").split('/').next().unwrap_or("").to_owned();
        match path {
            "/api" => Some(json!({ "kind": "APIVersions", "versions": ["v1"] })),
            "/apis" => {
                let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
                for (base, ..) in KINDS.iter().filter(|kind| kind.0.starts_with("/apis/")) {
                    let version = base.trim_start_matches("/apis/");
                    let one = json!({ "groupVersion": version, "version": version.split('/').next_back() });
                    let versions = groups.entry(group(base)).or_default();
                    if !versions.contains(&one) {
                        versions.push(one);
                    }
                }
                let groups = groups.into_iter().map(
                    |(name, versions)| json!({ "name": name, "preferredVersion": versions[0], "versions": versions }),
                );
                Some(json!({ "kind": "APIGroupList", "groups": groups.collect::<Vec<_>>() }))
            }
            _ => {
                let of: Vec<Value> = KINDS
                    .iter()
                    .filter(|kind| kind.0 == path)
                    .flat_map(|(_, name, kind, namespaced)| {
                        let verbs = json!(["get", "list", "watch"]);
                        let one = json!({ "name": name, "kind": kind, "namespaced": namespaced, "verbs": verbs });
                        let part = json!({ "name": format!("{name}/status"), "kind": kind, "verbs": ["get"] });
                        [one, part]
                    })
                    .collect();
                (!of.is_empty()).then(|| json!({ "kind": "APIResourceList", "resources": of }))
            }
        }
    }

    fn list(&self, path: &str, query: &BTreeMap<String, String>) -> Option<Value> {
        let (all, namespace) = match path.split_once("/namespaces/") {
            Some((base, rest)) => match rest.split_once('/') {
                Some((namespace, name)) => (format!("{base}/{name}"), Some(namespace)),
                None => {
                    let spaces = self.objects.get(&format!("{base}/namespaces"))?;
                    return spaces.iter().find(|space| space["metadata"]["name"] == rest).cloned();
                }
            },
            None => (path.to_owned(), None),
        };
        let (base, _, kind, _) = KINDS.iter().find(|(base, name, ..)| format!("{base}/{name}") == all)?;
        let none = Vec::new();
        let items = self.objects.get(&all).unwrap_or(&none);
        let items: Vec<&Value> =
            items.iter().filter(|item| namespace.is_none_or(|name| item["metadata"]["namespace"] == name)).collect();
        let number = |key: &str| query.get(key).and_then(|text| text.trim_start_matches("t-").parse().ok());
        let (limit, from) = (number("limit").unwrap_or(usize::MAX), number("continue").unwrap_or(0));
        let page: Vec<&&Value> = items.iter().skip(from).take(limit).collect();
        let next = from + page.len();
        let mut metadata = json!({ "resourceVersion": "7" });
        if next < items.len() {
            metadata["continue"] = format!("t-{next}").into();
        }
        let version = base.trim_start_matches("/apis/").trim_start_matches("/api/");
        let items = if page.is_empty() { Value::Null } else { json!(page) };
        Some(json!({ "kind": format!("{kind}List"), "apiVersion": version, "metadata": metadata, "items": items }))
    }
}

/// A server that runs until the test ends.
pub(crate) struct Server {
    pub(crate) port: u16,
    world: Arc<World>,
}

impl Server {
    pub(crate) fn start(world: World) -> Server {
        Server::run(world, None)
    }

    /// The same over TLS.
    pub(crate) fn start_tls(world: World, config: ServerConfig) -> Server {
        Server::run(world, Some(Arc::new(config)))
    }

    fn run(world: World, tls: Option<Arc<ServerConfig>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let world = Arc::new(world);
        let server = Server { port, world: Arc::clone(&world) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (world, tls) = (Arc::clone(&world), tls.clone());
                // A client that goes away is no failure of the server.
                std::thread::spawn(move || match tls {
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).expect("a connection");
                        drop(serve(StreamOwned::new(connection, stream), &world));
                    }
                    None => drop(serve(stream, &world)),
                });
            }
        });
        server
    }

    /// Lets a path misbehave.
    pub(crate) fn trouble(&self, path: &str, trouble: Trouble) {
        self.world.troubles.lock().expect("not poisoned").insert(path.to_owned(), trouble);
    }

    /// The paths that were asked for so far that begin like this.
    pub(crate) fn asked(&self, beginning: &str) -> Vec<String> {
        let asked = self.world.asked.lock().expect("not poisoned");
        asked.iter().filter(|path| path.starts_with(beginning)).cloned().collect()
    }

    /// A kubeconfig that leads here, its user as given.
    pub(crate) fn kubeconfig(&self, user: &Value) -> String {
        kubeconfig(&format!("http://127.0.0.1:{}", self.port), &json!({}), user)
    }
}

/// A kubeconfig with one context, `test`.
pub(crate) fn kubeconfig(server: &str, more: &Value, user: &Value) -> String {
    let mut cluster = json!({ "server": server });
    for (key, value) in more.as_object().expect("a map") {
        cluster[key] = value.clone();
    }
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "contexts": [{ "name": "test", "context": { "cluster": "c", "user": "u" } }],
        "clusters": [{ "name": "c", "cluster": cluster }],
        "users": [{ "name": "u", "user": user }],
    });
    config.to_string()
}

fn serve(stream: impl Read + Write, world: &World) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let target = line.split(' ').nth(1).unwrap_or("/").to_owned();
        let mut authorization = None;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            match header.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                    authorization = Some(value.to_owned());
                }
                Some(_) => {}
                None => break,
            }
        }
        let stream = reader.get_mut();
        world.asked.lock().expect("not poisoned").push(target.clone());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let query: BTreeMap<String, String> =
            query.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
        if world.token.is_some() && world.token != authorization {
            status(stream, 401, None)?;
            continue;
        }
        let trouble = {
            let mut troubles = world.troubles.lock().expect("not poisoned");
            let trouble = troubles.get(path).cloned();
            match troubles.get_mut(path) {
                Some(Trouble::Busy(0, ..) | Trouble::Cut(0) | Trouble::Expired(0)) => None,
                Some(Trouble::Busy(left, ..) | Trouble::Cut(left)) => {
                    *left -= 1;
                    trouble
                }
                Some(Trouble::Expired(left)) if query.contains_key("continue") => {
                    *left -= 1;
                    trouble
                }
                Some(Trouble::Expired(_)) => None,
                _ => trouble,
            }
        };
        let found = || World::discovery(path).or_else(|| world.list(path, &query));
        match trouble {
            Some(Trouble::Status(code)) => status(stream, code, None)?,
            Some(Trouble::Busy(_, code, wait)) => status(stream, code, wait)?,
            Some(Trouble::Expired(_)) => status(stream, 410, None)?,
            Some(Trouble::Says(text)) => answer(stream, 200, None, text)?,
            Some(Trouble::Cut(_)) => {
                let text = found().expect("there is something to cut").to_string();
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", text.len())?;
                stream.write_all(&text.as_bytes()[..text.len() / 2])?;
                // The connection ends with this.
                return Ok(());
            }
            Some(Trouble::Slow) => {
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")?;
                loop {
                    stream.write_all(b" ")?;
                    std::thread::sleep(Duration::from_secs(1));
                }
            }
            Some(Trouble::Huge(most)) => {
                let limit = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX);
                let blanks = if limit > most { " ".repeat(33 << 20) } else { String::new() };
                answer(stream, 200, None, &format!("{blanks}{}", found().expect("there is a list")))?;
            }
            Some(Trouble::Circle) => {
                let mut list = found().expect("there is a list");
                list["metadata"]["continue"] = "t-0".into();
                answer(stream, 200, None, &list.to_string())?;
            }
            None => match found() {
                Some(found) => answer(stream, 200, None, &found.to_string())?,
                None => status(stream, 404, None)?,
            },
        }
    }
}

/// A refusal, as the API words it; the message must not be told on.
fn status(stream: &mut impl Write, code: u16, wait: Option<u64>) -> std::io::Result<()> {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "metadata": {},
        "message": "words of the server",
    });
    answer(stream, code, wait, &status.to_string())
}

fn answer(stream: &mut impl Write, code: u16, wait: Option<u64>, text: &str) -> std::io::Result<()> {
    let wait = wait.map_or(String::new(), |wait| format!("retry-after: {wait}\r\n"));
    let head = format!("HTTP/1.1 {code} Said\r\ncontent-type: application/json\r\n{wait}");
    write!(stream, "{head}content-length: {}\r\n\r\n{text}", text.len())
}
