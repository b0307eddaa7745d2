//! Which host is asked next: each machine by one thread at a time, whatever names it goes by.
//!
//! Knows names and addresses; opens no connection. Names are looked up once, outside any lock.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::line::{Silence, Times};
use crate::target::EndpointTarget;

/// The most addresses of a name that are tried.
const MOST_ADDRESSES: usize = 4;

/// A host with all that is to be asked there.
pub(super) struct Host<'t> {
    pub(super) targets: Vec<&'t EndpointTarget>,
    /// Where it is; the ports mean nothing.
    pub(super) addresses: Result<Vec<SocketAddr>, Silence>,
    /// When it was last connected to: the pause is one between connections to a host, not to a port.
    pub(super) times: Cell<Times>,
}

impl Host<'_> {
    fn places(&self) -> Vec<IpAddr> {
        self.addresses.iter().flatten().map(SocketAddr::ip).collect()
    }
}

/// Hosts that wait.
pub(super) struct Queue<'t> {
    state: Mutex<State<'t>>,
    freed: Condvar,
}

#[derive(Default)]
struct State<'t> {
    /// Those that were not looked up yet.
    new: VecDeque<Vec<&'t EndpointTarget>>,
    /// Those that were looked up while another asked the same machine, and may go now.
    ready: VecDeque<Host<'t>>,
    /// Those that wait for an address to be free.
    blocked: BTreeMap<IpAddr, VecDeque<Host<'t>>>,
    busy: BTreeSet<IpAddr>,
    /// Names that are being looked up, or asked: what they leave behind may set others free.
    going: usize,
}

impl<'t> Queue<'t> {
    pub(super) fn new(hosts: impl IntoIterator<Item = Vec<&'t EndpointTarget>>) -> Self {
        let state = State { new: hosts.into_iter().collect(), ..State::default() };
        Queue { state: Mutex::new(state), freed: Condvar::new() }
    }

    /// The next host that nobody asks; waits for one to be free, and is `None` when all are done or `stop` is set.
    pub(super) fn take(&self, stop: &AtomicBool) -> Option<Host<'t>> {
        let mut state = self.lock();
        loop {
            if stop.load(Ordering::Relaxed) {
                return None;
            } else if let Some(host) = state.ready.pop_front() {
                if let Some(host) = state.begin(host) {
                    return Some(host);
                }
            } else if let Some(targets) = state.new.pop_front() {
                state.going += 1;
                drop(state);
                let addresses = look_up(targets.first().map_or("", |target| &target.host));
                state = self.lock();
                state.going -= 1;
                if let Some(host) = state.begin(Host { targets, addresses, times: Cell::default() }) {
                    return Some(host);
                }
            } else if state.going == 0 {
                self.freed.notify_all();
                return None;
            } else {
                state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Sets a host free that was taken.
    pub(super) fn done(&self, host: &Host<'t>) {
        let mut state = self.lock();
        state.going -= 1;
        for place in host.places() {
            state.busy.remove(&place);
            if let Some(next) = state.blocked.get_mut(&place).and_then(VecDeque::pop_front) {
                state.ready.push_back(next);
            }
        }
        drop(state);
        self.freed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<'t>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'t> State<'t> {
    /// Takes all addresses of a host, or lets it wait for the first that is taken.
    fn begin(&mut self, host: Host<'t>) -> Option<Host<'t>> {
        let places = host.places();
        if let Some(taken) = places.iter().find(|place| self.busy.contains(place)) {
            self.blocked.entry(*taken).or_default().push_back(host);
            // It may have been let go for an address that is free: the next one there takes its turn.
            for place in places.iter().filter(|place| !self.busy.contains(place)) {
                let next = self.blocked.get_mut(place).and_then(VecDeque::pop_front);
                self.ready.extend(next);
            }
            return None;
        }
        self.busy.extend(places);
        self.going += 1;
        Some(host)
    }
}

fn look_up(host: &str) -> Result<Vec<SocketAddr>, Silence> {
    let found = (host, 0).to_socket_addrs().map_err(|_| Silence::Unreachable("the name could not be looked up"))?;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found.take(64) {
        if !addresses.contains(&address) && addresses.len() < MOST_ADDRESSES {
            addresses.push(address);
        }
    }
    if addresses.is_empty() { Err(Silence::Unreachable("the name has no address")) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    static GO_ON: AtomicBool = AtomicBool::new(false);

    #[test]
    fn two_names_of_one_machine_are_asked_one_after_the_other() {
        let target = |text: &str| EndpointTarget::parse(text).expect("a target");
        let (one, other, third) = (target("tls://127.0.0.1:1"), target("tls://pacs:1"), target("tls://127.0.0.2:1"));
        let named = EndpointTarget { host: "127.0.0.1".into(), ..other };
        let queue = Queue::new([vec![&one], vec![&named], vec![&third]]);
        let first = queue.take(&GO_ON).expect("the first");
        // The second is passed over while the first is busy.
        let second = queue.take(&GO_ON).expect("another machine");
        assert_eq!((first.targets[0], second.targets[0]), (&one, &third));
        queue.done(&second);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| queue.take(&GO_ON).map(|host| host.targets[0].clone()));
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!waiting.is_finished());
            queue.done(&first);
            assert_eq!(waiting.join().expect("no panic"), Some(named.clone()));
        });
    }

    #[test]
    fn every_thread_comes_to_an_end() {
        let targets: Vec<EndpointTarget> = (0..200)
            .map(|at| EndpointTarget::parse(&format!("tls://127.0.0.{}:{}", at % 7, at + 1)).expect("a target"))
            .collect();
        let queue = Queue::new(targets.iter().map(|target| vec![target]));
        let (asked, busy) = (Mutex::new(Vec::new()), Mutex::new(BTreeSet::new()));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    while let Some(host) = queue.take(&GO_ON) {
                        let name = host.targets[0].host.clone();
                        assert!(busy.lock().expect("no panic").insert(name.clone()), "{name} is asked twice at a time");
                        std::thread::sleep(std::time::Duration::from_micros(300));
                        busy.lock().expect("no panic").remove(&name);
                        asked.lock().expect("no panic").push(host.targets[0].port);
                        queue.done(&host);
                    }
                });
            }
        });
        assert_eq!(asked.into_inner().expect("no panic").len(), 200);
    }
}
