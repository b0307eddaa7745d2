//! Connections to one endpoint: one at a time, with a pause between them, each bounded in time and bytes.
//!
//! Knows sockets; what is said on them is others' business.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Why nothing, or no more, came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// No connection came about.
    Unreachable(&'static str),
    /// The server ended the connection.
    Closed,
    /// The server broke the connection off.
    Reset,
    /// Nothing came in time.
    TimedOut,
    /// The upgrade to TLS was refused.
    NoUpgrade,
    /// No more connections are allowed.
    Spent,
}

impl Silence {
    /// In words, behind "because".
    pub(super) const fn words(self) -> &'static str {
        match self {
            Silence::Unreachable(why) => why,
            Silence::Closed => "the connection was closed",
            Silence::Reset => "the connection was reset",
            Silence::TimedOut => "no answer came in time",
            Silence::NoUpgrade => "the upgrade to TLS was refused",
            Silence::Spent => "no more connections were to be made",
        }
    }

    /// Whether a device that behaves so had better be left alone.
    const fn is_distress(self) -> bool {
        matches!(self, Silence::Reset | Silence::TimedOut | Silence::Unreachable(_))
    }

    fn of(error: &std::io::Error) -> Silence {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Silence::TimedOut,
            ErrorKind::UnexpectedEof | ErrorKind::WriteZero => Silence::Closed,
            _ => Silence::Reset,
        }
    }
}

/// How many connections may begin in a second, of all endpoints together.
#[derive(Debug)]
pub(super) struct Rate {
    every: Duration,
    next: Mutex<Option<Instant>>,
}

impl Rate {
    pub(super) fn new(a_second: Option<u32>) -> Self {
        let every = a_second.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.max(1));
        Rate { every, next: Mutex::new(None) }
    }

    fn wait(&self, stop: &AtomicBool) {
        if self.every.is_zero() {
            return;
        }
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = next.map_or(now, |next| next.max(now));
        *next = Some(begin + self.every);
        drop(next);
        // A slow rate may let wait long.
        rest(begin.saturating_duration_since(now), stop);
    }
}

/// The longest pause that adapts, as long as a host shows no distress; the shortest for a device and after distress.
const PAUSE: Duration = Duration::from_millis(20);
/// The longest pause after signs of distress.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// A host rests for a quarter of the time that it took for the last answer.
const SHARE: u32 = 4;
/// How long it is waited when this machine has no more sockets to give.
const SHORTAGE: Duration = Duration::from_millis(50);

/// How connections are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manners<'r> {
    /// How long a connection, and an answer, may take.
    pub(super) timeout: Duration,
    /// The pause between two connections to one host; without one it adapts.
    pub(super) gap: Option<Duration>,
    /// Whether it is a device, which always gets a pause.
    pub(super) device: bool,
    /// The most connections.
    pub(super) most: u32,
    /// After so many signs of distress in a row the host is left alone.
    pub(super) distress: u32,
    /// The limit that all share.
    pub(super) rate: &'r Rate,
    /// Whether no more connections are to be begun at all.
    pub(super) stop: &'r AtomicBool,
}

impl Manners<'_> {
    /// The pause after a connection that took so long, with so many signs of distress in a row: a server that is quick
    /// is not asked slowly, one that labours gets time, and one that stumbles gets more.
    fn pause(&self, took: Duration, troubles: u32) -> Duration {
        match (self.gap, troubles) {
            (Some(gap), _) => gap,
            (None, 0) if self.device => PAUSE,
            (None, 0) => (took / SHARE).min(PAUSE),
            (None, _) => (PAUSE * (1 << troubles.min(6))).min(LONGEST_PAUSE),
        }
    }
}

/// When the last connection to a host began, and when it was over.
pub(super) type Times = (Option<Instant>, Option<Instant>);

/// The way to one endpoint.
pub(super) struct Line<'r> {
    addresses: Vec<SocketAddr>,
    manners: Manners<'r>,
    /// How many connections were begun.
    pub(super) connections: u32,
    troubles: u32,
    /// When the last connection began, and when it was over.
    begun: Option<Instant>,
    last: Option<Instant>,
}

impl<'r> Line<'r> {
    /// The way to a port of a host that was looked up.
    pub(super) fn to(addresses: &[SocketAddr], port: u16, manners: Manners<'r>) -> Line<'r> {
        let addresses = addresses.iter().map(|address| at(*address, port)).collect();
        Line { addresses, manners, connections: 0, troubles: 0, begun: None, last: None }
    }

    /// The same, behind what was asked of the host at another port.
    pub(super) fn behind(mut self, times: Times) -> Line<'r> {
        (self.begun, self.last) = times;
        self
    }

    /// When the last connection began, and when it was over.
    pub(super) fn times(&self) -> Times {
        (self.begun, self.last)
    }

    /// The same host at another port, with the same pause.
    pub(super) fn beside(&self, port: u16) -> Line<'r> {
        let addresses = self.addresses.iter().map(|address| at(*address, port)).collect();
        Line { addresses, manners: self.manners, connections: 0, troubles: 0, begun: self.begun, last: self.last }
    }

    /// Whether no more connections are to be made.
    pub(super) fn spent(&self) -> bool {
        let stopped = self.manners.stop.load(Ordering::Relaxed);
        stopped || self.connections >= self.manners.most || self.troubles >= self.manners.distress
    }

    /// Whether the host is left alone because it shows distress.
    pub(super) fn distressed(&self) -> bool {
        self.troubles >= self.manners.distress
    }

    pub(super) fn timeout(&self) -> Duration {
        self.manners.timeout
    }

    /// How long the last connection took, from its beginning to its end.
    pub(super) fn took(&self) -> Duration {
        self.begun.zip(self.last).map_or(Duration::ZERO, |(begun, last)| last.saturating_duration_since(begun))
    }

    /// Begins a connection; the first address that takes one stays the only one.
    pub(super) fn open(&mut self) -> Result<Wire, Silence> {
        let mut failure = Silence::Spent;
        for address in self.addresses.clone() {
            if self.spent() {
                return Err(failure);
            }
            if let Some(last) = self.last {
                let pause = self.manners.pause(self.took(), self.troubles);
                rest(pause.saturating_sub(last.elapsed()), self.manners.stop);
            }
            self.manners.rate.wait(self.manners.stop);
            if self.spent() {
                return Err(failure);
            }
            self.connections += 1;
            self.begun = Some(Instant::now());
            let opened = connect(&address, self.manners.timeout);
            self.last = Some(Instant::now());
            match opened {
                Ok(stream) => {
                    self.addresses = vec![address];
                    let _ = stream.set_nodelay(true);
                    return Ok(Wire { stream, until: Instant::now() + self.manners.timeout });
                }
                Err(error) => {
                    failure = match error.kind() {
                        // It came about, and was broken off at once.
                        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Silence::Reset,
                        kind => Silence::Unreachable(match kind {
                            ErrorKind::ConnectionRefused => "the connection was refused",
                            ErrorKind::TimedOut | ErrorKind::WouldBlock => "no connection came about in time",
                            _ if is_shortage(&address, &error) => {
                                "this machine has no more files or ports to connect with"
                            }
                            _ => "the host cannot be reached",
                        }),
                    };
                }
            }
        }
        self.note(Some(failure));
        Err(failure)
    }

    /// Takes note of how a connection went: signs of distress count when they follow each other.
    pub(super) fn note(&mut self, silence: Option<Silence>) {
        self.last = Some(Instant::now());
        self.troubles = if silence.is_some_and(Silence::is_distress) { self.troubles + 1 } else { 0 };
    }
}

/// Sleeps in pieces, until somebody wants to end.
fn rest(pause: Duration, stop: &AtomicBool) {
    let until = Instant::now() + pause;
    while !stop.load(Ordering::Relaxed) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left.min(Duration::from_millis(100)));
    }
}

/// The same address with another port.
fn at(mut address: SocketAddr, port: u16) -> SocketAddr {
    address.set_port(port);
    address
}

/// Connects; where this machine lacks files or ports for it, later, for that is not the host's fault.
fn connect(address: &SocketAddr, timeout: Duration) -> std::io::Result<TcpStream> {
    let began = Instant::now();
    loop {
        match TcpStream::connect_timeout(address, timeout) {
            Err(error) if is_shortage(address, &error) && began.elapsed() < timeout => std::thread::sleep(SHORTAGE),
            done => return done,
        }
    }
}

/// Whether an error says that files (EMFILE, ENFILE) or ports have run out. A machine without IPv6 has no address to
/// connect from either, and never will.
fn is_shortage(address: &SocketAddr, error: &std::io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
        || address.is_ipv4() && error.kind() == ErrorKind::AddrNotAvailable
}

/// One connection, with the moment at which it must be over.
pub(super) struct Wire {
    stream: TcpStream,
    until: Instant,
}

impl Wire {
    /// Gives the connection more, or less, time from now.
    pub(super) fn within(&mut self, time: Duration) {
        self.until = Instant::now() + time;
    }

    /// How much time there is left.
    pub(super) fn remaining(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Sends bytes.
    pub(super) fn say(&mut self, bytes: &[u8]) -> Result<(), Silence> {
        let _ = self.stream.set_write_timeout(Some(self.left()?));
        self.stream.write_all(bytes).map_err(|error| Silence::of(&error))
    }

    /// Some bytes that came; never none.
    pub(super) fn hear<'b>(&mut self, room: &'b mut [u8]) -> Result<&'b [u8], Silence> {
        loop {
            let _ = self.stream.set_read_timeout(Some(self.left()?));
            match self.stream.read(room) {
                Ok(0) => return Err(Silence::Closed),
                Ok(length) => return Ok(&room[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Silence::of(&error)),
            }
        }
    }

    /// Hears until `enough`, or until the most bytes came.
    pub(super) fn hear_until(&mut self, most: usize, enough: impl Fn(&[u8]) -> bool) -> (Vec<u8>, Option<Silence>) {
        let (mut heard, mut room) = (Vec::new(), [0; 4096]);
        while heard.len() < most {
            match self.hear(&mut room) {
                Ok(bytes) => heard.extend(bytes),
                Err(silence) => return (heard, Some(silence)),
            }
            if enough(&heard) {
                break;
            }
        }
        (heard, None)
    }

    /// Ends the connection in good order.
    pub(super) fn end(self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    fn left(&self) -> Result<Duration, Silence> {
        let left = self.remaining();
        if left.is_zero() { Err(Silence::TimedOut) } else { Ok(left) }
    }
}

impl Read for Wire {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match self.hear(room).map(<[u8]>::len) {
            Ok(length) => Ok(length),
            Err(Silence::Closed) => Ok(0),
            Err(Silence::TimedOut) => Err(ErrorKind::TimedOut.into()),
            Err(_) => Err(ErrorKind::ConnectionReset.into()),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.say(bytes).map(|()| bytes.len()).map_err(|silence| match silence {
            Silence::TimedOut => ErrorKind::TimedOut.into(),
            _ => ErrorKind::ConnectionReset.into(),
        })
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_follows_what_the_host_can_take() {
        let (rate, stop) = (Rate::new(None), AtomicBool::new(false));
        let timeout = Duration::from_secs(5);
        let server = Manners { timeout, gap: None, device: false, most: 600, distress: 12, rate: &rate, stop: &stop };
        let device = Manners { device: true, ..server };
        let fixed = Manners { gap: Some(Duration::from_millis(7)), ..device };
        let cases = [
            // manners, milliseconds of the last connection, distress in a row, pause
            (server, 2, 0, 500),
            (server, 40, 0, 10_000),
            (server, 5_000, 0, 20_000),
            (server, 2, 1, 40_000),
            (server, 2, 3, 160_000),
            (server, 2, 11, 1_000_000),
            (device, 2, 0, 20_000),
            (device, 2, 1, 40_000),
            (fixed, 2, 0, 7_000),
            (fixed, 5_000, 1, 7_000),
        ];
        for (manners, took, troubles, micros) in cases {
            let pause = manners.pause(Duration::from_millis(took), troubles);
            assert_eq!(pause, Duration::from_micros(micros), "{took} ms, {troubles} troubles");
        }
    }
}
