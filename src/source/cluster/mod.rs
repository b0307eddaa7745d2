//! The objects of a live cluster, over the Kubernetes API: what there is, listed kind by kind, read and never
//! written.
//!
//! Knows the protocol: discovery, pages, rights, retries. What an object means is not known here. The API is
//! asynchronous and the rest of the program is not, so that the runtime lives and ends here, in one thread; other
//! threads judge meanwhile what was read.

mod api;
mod copy;
mod discovery;
mod exec_plugin;
mod kubeconfig;
mod list;
mod object;
mod owner;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::artifact::{Artifact, Origin, Sink, SkipReason, Skipped};
use api::{Api, Refusal};
use discovery::Resource;
use list::{Listed, Listing};
use owner::Seen;

pub use kubeconfig::ClusterError;

/// How many objects wait to be judged, at most.
const WAITING: usize = 64;
/// After so many kinds in a row that got no answer, the cluster is taken to be gone.
const GONE_AFTER: u32 = 3;

/// A cluster that is to be read.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The context of the kubeconfig; the current one without.
    pub context: Option<String>,
    /// Only what stands in these namespaces; everything without.
    pub namespaces: Vec<String>,
    /// Whether programs that the kubeconfig names may be run to get credentials.
    pub allow_exec_plugins: bool,
    /// How long one request, and one such program, may take.
    pub timeout: Duration,
    /// How many threads judge what was read.
    pub threads: usize,
}

impl Cluster {
    /// Pushes every object into a sink, each as JSON, and every kind that could not be listed as skipped.
    ///
    /// # Errors
    /// When the kubeconfig does not say how to reach the cluster. A cluster that does not answer is skipped.
    pub fn run(&self, sink: &dyn Sink) -> Result<(), ClusterError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ClusterError::Unusable(crate::text::failure(&error)))?;
        let (name, config) = kubeconfig::read(self, &runtime)?;
        let (sender, receiver) = sync_channel(WAITING);
        let receiver = Mutex::new(receiver);
        let read = std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                scope.spawn(|| hand_on(&receiver, sink));
            }
            runtime.block_on(async {
                let api = Api::new(config, self.timeout)?;
                let mut reading = Reading {
                    api,
                    name: &name,
                    namespaces: &self.namespaces,
                    sink,
                    sender,
                    seen: Seen::default(),
                    silent: 0,
                };
                reading.all().await;
                Ok(())
            })
        });
        // What is still under way on a connection is of no interest to anybody.
        runtime.shutdown_background();
        read
    }
}

/// Hands objects on until there are no more.
fn hand_on(receiver: &Mutex<Receiver<Artifact>>, sink: &dyn Sink) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(artifact) = next else { return };
        sink.artifact(artifact);
    }
}

/// One reading of a cluster.
struct Reading<'c> {
    api: Api,
    name: &'c str,
    namespaces: &'c [String],
    sink: &'c dyn Sink,
    sender: SyncSender<Artifact>,
    seen: Seen,
    /// How many kinds in a row got no answer at all.
    silent: u32,
}

impl Reading<'_> {
    async fn all(&mut self) {
        let found = match discovery::resources(&self.api).await {
            Ok(found) => found,
            Err(refusal) => return self.skip("", SkipReason::Unreadable, refusal.of_the_cluster()),
        };
        for (group, refusal) in &found.failed {
            let message = format!("the kinds of the API {group} are not known, and not looked at: {}", refusal.words());
            self.skip("", refusal.reason(), message);
        }
        let mut readable = 0;
        let mut places = self.places(&found.resources).await;
        // Owners come before what they own.
        places.sort_by_key(|(resource, _)| owner::rank(&resource.kind));
        for (at, (resource, namespace)) in places.iter().enumerate() {
            if self.silent >= GONE_AFTER {
                let rest: Vec<&str> = places[at..].iter().map(|(resource, _)| resource.name.as_str()).collect();
                let message = format!("it does not answer any more; not looked at: {}", rest.join(", "));
                return self.skip("", SkipReason::Unreadable, message);
            }
            readable += usize::from(self.kind(resource, namespace.as_deref()).await);
        }
        if readable == 0 {
            let hint = if self.namespaces.is_empty() { "; --namespace asks for less" } else { "" };
            self.skip("", SkipReason::Unreadable, format!("nothing in it could be listed{hint}"));
        }
    }

    /// What is listed where: every kind in the whole cluster, or those of the wanted namespaces.
    async fn places(&mut self, resources: &[Resource]) -> Vec<(Resource, Option<String>)> {
        if self.namespaces.is_empty() {
            return resources.iter().map(|resource| (resource.clone(), None)).collect();
        }
        self.skip("", SkipReason::Excluded, "only the wanted namespaces were looked at".to_owned());
        let mut places = Vec::new();
        for namespace in self.namespaces {
            match self.api.get(&format!("/api/v1/namespaces/{}", api::encoded(namespace))).await {
                Ok(text) => match object::read(&text, "v1", "Namespace", self.name) {
                    Ok(object) => self.push(object.artifact),
                    Err(message) => self.skip(&format!("Namespace/{namespace}"), SkipReason::Unreadable, message),
                },
                Err(Refusal::NotFound) => {
                    let message = "there is no such namespace".to_owned();
                    self.skip(&format!("Namespace/{namespace}"), SkipReason::Unreadable, message);
                    continue;
                }
                Err(refusal) => {
                    let message = format!("whether there is such a namespace is not known: {}", refusal.words());
                    self.skip(&format!("Namespace/{namespace}"), refusal.reason(), message);
                }
            }
            let inside = resources.iter().filter(|resource| resource.namespaced);
            places.extend(inside.map(|resource| (resource.clone(), Some(namespace.clone()))));
        }
        places
    }

    /// Lists one kind; whether any answer came.
    async fn kind(&mut self, resource: &Resource, namespace: Option<&str>) -> bool {
        let place = match namespace {
            Some(namespace) => format!("{namespace}/{}", resource.shown_kind()),
            None => resource.shown_kind(),
        };
        let mut listing = Listing::new(&self.api, resource, namespace);
        let mut odd = None;
        let (name, seen, sender) = (self.name, &mut self.seen, &self.sender);
        let listed = listing
            .each(|text| match object::read(text.as_bytes(), &resource.version(), &resource.kind, name) {
                Ok(object) => {
                    if seen.is_to_be_judged(&object) {
                        // The receivers live as long as the sender.
                        let _ = sender.send(object.artifact);
                    }
                }
                Err(message) => odd = Some(message),
            })
            .await;
        if let Some(message) = odd {
            self.skip(&place, SkipReason::Unreadable, format!("an object was not looked at: {message}"));
        }
        self.silent = if matches!(&listed, Err(refusal) if refusal.is_silence()) { self.silent + 1 } else { 0 };
        match listed {
            Ok(Listed::All) => true,
            Ok(Listed::Part(message)) => {
                self.skip(&place, SkipReason::Unreadable, message);
                true
            }
            Err(refusal) => {
                let what = format!("{} not looked at: {}", resource.name, refusal.words());
                self.skip(&place, refusal.reason(), what);
                false
            }
        }
    }

    fn push(&self, artifact: Artifact) {
        let _ = self.sender.send(artifact);
    }

    /// `place` is what stands behind the cluster's name; nothing for the cluster itself.
    fn skip(&self, place: &str, reason: SkipReason, message: String) {
        let slash = if place.is_empty() { "" } else { "/" };
        let origin = Origin::resource(format!("k8s://{}{slash}{place}", self.name));
        self.sink.skipped(Skipped { origin: Some(origin), reason, message });
    }
}
