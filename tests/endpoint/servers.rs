//! Servers on loopback for tests: scripted ones, and honest ones by rustls.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// A server; it goes with the test's process.
pub(crate) struct Server {
    address: String,
    pub(crate) port: u16,
    /// When connections began.
    pub(crate) begun: Arc<Mutex<Vec<Instant>>>,
    /// The most connections at a time.
    pub(crate) most: Arc<AtomicUsize>,
}

impl Server {
    /// Serves each connection in a thread.
    pub(crate) fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Server {
        Server::start_at("127.0.0.1", serve)
    }

    /// The same at another address of this machine.
    pub(crate) fn start_at(address: &str, serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind((address, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (begun, most, now) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
        let address = address.to_owned();
        let (server, now) = (Server { address, port, begun: begun.clone(), most: most.clone() }, Arc::new(now));
        let serve = Arc::new(serve);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { continue };
                begun.lock().expect("no panic").push(Instant::now());
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
                let (serve, now) = (serve.clone(), now.clone());
                std::thread::spawn(move || {
                    serve(stream);
                    now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    pub(crate) fn connections(&self) -> usize {
        self.begun.lock().expect("no panic").len()
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}:{}", self.address, self.port)
    }
}

/// A port on which nobody listens.
pub(crate) fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// Waits for the client to go.
pub(crate) fn drain(mut stream: TcpStream) {
    let mut room = [0; 4096];
    while stream.read(&mut room).is_ok_and(|length| length > 0) {}
}

/// Reads until something stands in what came.
pub(crate) fn read_to(stream: &mut impl Read, end: &[u8]) -> Vec<u8> {
    let (mut heard, mut byte) = (Vec::new(), [0; 1]);
    while !heard.ends_with(end) && stream.read(&mut byte).is_ok_and(|length| length > 0) {
        heard.push(byte[0]);
    }
    heard
}

/// A client's hello.
pub(crate) struct ClientHello {
    pub(crate) version: u16,
    pub(crate) suites: Vec<u16>,
    pub(crate) session_id: Vec<u8>,
    /// Number and content.
    pub(crate) extensions: Vec<(u16, Vec<u8>)>,
}

impl ClientHello {
    pub(crate) fn extension(&self, number: u16) -> Option<&[u8]> {
        self.extensions.iter().find(|(known, _)| *known == number).map(|(_, inside)| inside.as_slice())
    }
}

/// Reads a hello; none where something else came.
pub(crate) fn client_hello(stream: &mut TcpStream) -> Option<ClientHello> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).ok()?;
    if head[0] != 22 {
        return None;
    }
    let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut body).ok()?;
    Some(read_hello(&body))
}

/// A hello that stays unread, for another to read it again.
pub(crate) fn peeked_hello(stream: &TcpStream) -> Option<ClientHello> {
    let mut room = vec![0; 1 << 14];
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(5) {
        let length = stream.peek(&mut room).ok()?;
        if length == 0 || room[0] != 22 {
            return None;
        }
        let wanted = 5 + usize::from(u16::from_be_bytes([room[3], room[4]]));
        if length >= 5 && length >= wanted {
            return Some(read_hello(&room[5..wanted]));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    None
}

fn read_hello(body: &[u8]) -> ClientHello {
    let number = |at: usize| u16::from_be_bytes([body[at], body[at + 1]]);
    let id = usize::from(body[38]);
    let session_id = body[39..39 + id].to_vec();
    let length = usize::from(number(39 + id));
    let suites = (0..length / 2).map(|at| number(41 + id + 2 * at)).collect();
    let mut at = 41 + id + length;
    at += 1 + usize::from(body[at]) + 2;
    let mut extensions = Vec::new();
    while at + 4 <= body.len() {
        let inside = usize::from(number(at + 2));
        extensions.push((number(at), body[at + 4..at + 4 + inside].to_vec()));
        at += 4 + inside;
    }
    // The version that is really meant stands in an extension of TLS 1.3.
    let newest = body.windows(7).any(|window| window == [0, 43, 0, 3, 2, 3, 4]);
    ClientHello { version: if newest { 0x0304 } else { number(4) }, suites, session_id, extensions }
}

/// A record of a client's; none at its end.
pub(crate) fn next_record(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).ok()?;
    let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut body).ok()?;
    Some((head[0], body))
}

/// A record.
pub(crate) fn record(kind: u8, version: u16, body: &[u8]) -> Vec<u8> {
    [&[kind], &version.to_be_bytes()[..], &(body.len() as u16).to_be_bytes(), body].concat()
}

/// A handshake message.
pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &(body.len() as u32).to_be_bytes()[1..], body].concat()
}

/// A ServerHello without extensions, compressed or not, and the end of the flight.
pub(crate) fn flight(version: u16, suite: u16, compression: u8, between: &[u8]) -> Vec<u8> {
    let hello = [&version.to_be_bytes()[..], &[7; 32], &[0], &suite.to_be_bytes(), &[compression]].concat();
    record(22, version, &[message(2, &hello), between.to_vec(), message(14, &[])].concat())
}

/// Answers hellos of these versions with one of these suites, and refuses all else as `refuse` does.
pub(crate) fn choosy(versions: &'static [u16], suites: &'static [u16], refuse: fn(&mut TcpStream, u8)) -> Server {
    Server::start(choose(versions, suites, refuse))
}

/// What [`choosy`] does with a connection.
pub(crate) fn choose(
    versions: &'static [u16],
    suites: &'static [u16],
    refuse: fn(&mut TcpStream, u8),
) -> impl Fn(TcpStream) + Send + Sync + 'static {
    move |mut stream| {
        let Some(hello) = client_hello(&mut stream) else { return };
        if !versions.contains(&hello.version) {
            return refuse(&mut stream, 70);
        }
        match suites.iter().find(|suite| hello.suites.contains(suite)) {
            Some(suite) => {
                let _ = stream.write_all(&flight(hello.version, *suite, 0, &[]));
                drain(stream);
            }
            None => refuse(&mut stream, 40),
        }
    }
}

/// Refuses with an alert.
pub(crate) fn alert(stream: &mut TcpStream, number: u8) {
    let _ = stream.write_all(&[21, 3, 1, 0, 2, 2, number]);
}

/// Refuses without a word.
pub(crate) fn hang_up(_: &mut TcpStream, _: u8) {}

/// An authority, a leaf for 127.0.0.1 and its key.
pub(crate) struct Pki {
    pub(crate) root_pem: String,
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    leaf: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Pki {
    pub(crate) fn new() -> Pki {
        Pki::of("127.0.0.1")
    }

    /// With a leaf for that name.
    pub(crate) fn of(name: &str) -> Pki {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.distinguished_name.push(rcgen::DnType::CommonName, "Hospital Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).expect("a root");
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("names");
        // Long since valid, and for two years from an hour ago.
        let today = std::time::SystemTime::now();
        params.not_before = (today - Duration::from_secs(3600)).into();
        params.not_after = (today + Duration::from_secs(300 * 86_400)).into();
        let leaf = params.signed_by(&key, &issuer).expect("a leaf");
        let (root_pem, key) = (root.pem(), key.serialize_der());
        Pki { root_pem, root: root.der().clone(), issuer, leaf: leaf.der().clone(), key }
    }

    /// A certificate for a client and its key, both PEM.
    pub(crate) fn client(&self) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["modality.example".to_owned()]).expect("names");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    /// A configuration; `client` asks for certificates of clients, and `required` demands them.
    pub(crate) fn config(
        &self,
        versions: &[&'static rustls::SupportedProtocolVersion],
        client: Option<bool>,
    ) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone());
        let builder = builder.with_protocol_versions(versions).expect("versions");
        let builder = match client {
            None => builder.with_no_client_auth(),
            Some(required) => {
                let mut roots = RootCertStore::empty();
                roots.add(self.root.clone()).expect("a root");
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                let verifier = if required { verifier } else { verifier.allow_unauthenticated() };
                builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
        };
        let key = PrivateKeyDer::try_from(self.key.clone()).expect("a key");
        builder.with_single_cert(vec![self.leaf.clone()], key).expect("a certificate")
    }
}

/// Speaks TLS, and inside it whatever `inside` does.
pub(crate) fn tls(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    inside: impl Fn(&mut StreamOwned<ServerConnection, TcpStream>),
) {
    let Ok(connection) = ServerConnection::new(config.clone()) else { return };
    let mut stream = StreamOwned::new(connection, stream);
    while stream.conn.is_handshaking() {
        if stream.conn.complete_io(&mut stream.sock).is_err() {
            // The alert goes out.
            let _ = stream.conn.write_tls(&mut stream.sock);
            return;
        }
    }
    inside(&mut stream);
    stream.conn.send_close_notify();
    let _ = stream.flush();
}
