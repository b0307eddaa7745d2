//! Honest handshakes, by rustls: the certificate of TLS 1.3, whether clients must show one, what is made of the one that
//! is shown, and what is spoken inside.
//!
//! Takes any certificate, for it is judged elsewhere; nothing is sent inside that would not be sent to a stranger.

use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::ClientConnection;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme, StreamOwned, SupportedProtocolVersion,
};

use super::client::Shown;
use super::line::{Silence, Wire};
use super::plain::{self, Talk};
use super::upgrade::MOST;
use super::words::{hsts, http_header, http_status};
use crate::target::{ClientPem, EndpointTarget, Service};

/// How long a server that wants no client certificate is waited for, where nothing is spoken inside: at most, and at
/// least, and how many times as long as it took to shake hands.
const LINGER: Duration = Duration::from_millis(400);
const LEAST_LINGER: Duration = Duration::from_millis(100);
const LINGER_OF_PACE: u32 = 20;

/// What a handshake taught.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    /// The chain, leaf first.
    pub(super) chain: Vec<Vec<u8>>,
    /// Whether a certificate was asked for.
    pub(super) asked: bool,
    /// Whether the server goes no further without one; `None` when that could not be told.
    pub(super) required: Option<bool>,
    /// Whether the certificate that was shown was taken; `None` when none was, or when that could not be told.
    pub(super) accepted: Option<bool>,
    /// Whether HTTP was answered.
    pub(super) http: bool,
    /// `max-age` and `includeSubDomains`.
    pub(super) hsts: Option<(u64, bool)>,
    pub(super) fhir: bool,
    pub(super) any_title: Option<bool>,
}

impl Handshake {
    /// Takes over what was only told behind a certificate.
    pub(super) fn opened_by(&mut self, other: Handshake) {
        self.http |= other.http;
        self.hsts = other.hsts.or(self.hsts);
        self.fhir |= other.fhir;
        self.any_title = other.any_title.or(self.any_title);
    }
}

/// Notes the chain, and takes it.
#[derive(Debug)]
struct Noted(std::sync::Mutex<Vec<Vec<u8>>>, Vec<SignatureScheme>);

impl ServerCertVerifier for Noted {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(leaf).chain(rest).map(|der| der.to_vec()).collect();
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = chain;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.1.clone()
    }
}

/// How hands are shaken.
#[derive(Default)]
pub(super) struct Manner<'m> {
    /// What the client proves itself with.
    pub(super) client: Option<&'m ClientPem>,
    /// The protocols that are offered inside.
    pub(super) protocols: &'m [&'m str],
    /// The versions; those of rustls where there are none.
    pub(super) versions: &'m [&'static SupportedProtocolVersion],
}

/// A connection on which TLS has begun, or failed to.
pub(super) struct Session<W: Read + Write> {
    pub(super) stream: StreamOwned<ClientConnection, W>,
    /// Why no handshake came about.
    pub(super) failure: Option<Error>,
    /// Whether a certificate was asked for, and one was shown.
    asked: bool,
    shown: bool,
    chain: Vec<Vec<u8>>,
    /// How long shaking hands took.
    pace: Duration,
}

/// Shakes hands on a connection on which TLS begins.
pub(super) fn begin<W: Read + Write>(
    wire: W,
    target: &EndpointTarget,
    manner: &Manner<'_>,
) -> Result<Session<W>, String> {
    let name = target.expected_name().to_owned();
    let name = ServerName::try_from(name).map_err(|_| "the host is no name of a server".to_owned())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let schemes = provider.signature_verification_algorithms.supported_schemes();
    let (noted, shown) = (Arc::new(Noted(Default::default(), schemes)), Arc::new(Shown::of(manner.client)));
    let versions = if manner.versions.is_empty() { rustls::DEFAULT_VERSIONS } else { manner.versions };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(noted.clone())
        .with_client_cert_resolver(shown.clone());
    config.alpn_protocols = manner.protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let client = ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())?;
    let mut stream = StreamOwned::new(client, wire);
    let began = Instant::now();
    let failure = finish(&mut stream).err();
    let pace = began.elapsed();
    let chain = std::mem::take(&mut *noted.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    Ok(Session { stream, failure, asked: shown.asked(), shown: shown.shown(), chain, pace })
}

/// Shakes hands on a connection on which TLS begins, and asks the service its small question.
pub(super) fn shake(
    wire: Wire,
    target: &EndpointTarget,
    service: Service,
    client: Option<&ClientPem>,
) -> Result<Handshake, String> {
    let http = matches!(service, Service::Http | Service::Fhir);
    let protocols = if http { &["http/1.1"][..] } else { &[] };
    let mut session = begin(wire, target, &Manner { client, protocols, ..Manner::default() })?;
    let chain = std::mem::take(&mut session.chain);
    let mut found = Handshake { asked: session.asked, chain, ..Handshake::default() };
    if let Some(error) = session.failure {
        if found.asked {
            // It came so far, and no further without a certificate, or with this one.
            found.required = (!session.shown).then_some(true);
            let refused = session.shown && matches!(error, Error::AlertReceived(_));
            found.accepted = refused.then_some(false);
            return Ok(found);
        }
        return Err(error.to_string());
    }
    inside(&mut session, target, service, &mut found);
    let mut stream = session.stream;
    stream.conn.send_close_notify();
    let _ = stream.conn.write_tls(&mut stream.sock);
    stream.sock.end();
    Ok(found)
}

fn finish<W: Read + Write>(stream: &mut StreamOwned<ClientConnection, W>) -> Result<(), Error> {
    while stream.conn.is_handshaking() {
        if let Err(error) = stream.conn.complete_io(&mut stream.sock) {
            let words = error.to_string();
            let alert = last_words(stream);
            return Err(alert.or(error.downcast::<Error>().ok()).unwrap_or(Error::General(words)));
        }
    }
    Ok(())
}

/// Asks what the service answers to anybody, and what it makes of a client with, or without, a certificate.
fn inside(session: &mut Session<Wire>, target: &EndpointTarget, service: Service, found: &mut Handshake) {
    let linger = (session.pace * LINGER_OF_PACE).clamp(LEAST_LINGER, LINGER);
    let stream = &mut session.stream;
    if session.shown {
        // A server that refuses a certificate in TLS 1.3 says so only now, and had better not be talked over.
        let timeout = stream.sock.remaining();
        stream.sock.within(linger.min(timeout));
        if let (_, Some(Silence::Reset)) = stream.listen(1, &|_| false)
            && last_words(stream).is_some()
        {
            found.accepted = Some(false);
            return;
        }
        stream.sock.within(timeout);
    }
    let (heard, silence) = match service {
        Service::Http | Service::Fhir => {
            let _ = stream.tell(&plain::get(target, service));
            stream.listen(MOST, &|_| false)
        }
        Service::Dicom => match plain::dicom(stream) {
            Ok(plain) => {
                found.any_title = plain.any_title;
                (vec![0], None)
            }
            Err(silence) => (Vec::new(), Some(silence)),
        },
        _ if found.asked => {
            stream.sock.within(linger);
            stream.listen(1, &|_| false)
        }
        _ => return,
    };
    let mut sent_away = false;
    if let Some(status) = http_status(&heard) {
        found.http = true;
        found.hsts = http_header(&heard, "strict-transport-security").and_then(|value| hsts(&value));
        found.fhir = plain::is_fhir(&heard);
        let text = String::from_utf8_lossy(&heard).to_ascii_lowercase();
        // The server let the handshake pass, and refuses in its own words.
        sent_away = matches!(status, 495 | 496) || (matches!(status, 400 | 403) && text.contains("certificate"));
    }
    if !found.asked {
        return;
    }
    let taken = match (heard.is_empty(), silence) {
        _ if sent_away => Some(false),
        (false, _) | (true, Some(Silence::TimedOut)) => Some(true),
        // An alert after the handshake. Without a certificate a broken connection says the same; with one it may have
        // other reasons.
        (true, Some(Silence::Reset)) if !session.shown || last_words(&mut session.stream).is_some() => Some(false),
        // Before TLS 1.3 a server has judged the certificate when the handshake is over.
        _ if session.shown && session.stream.conn.protocol_version() == Some(ProtocolVersion::TLSv1_2) => Some(true),
        _ => None,
    };
    if session.shown {
        found.accepted = taken;
    } else {
        found.required = taken.map(|taken| !taken);
    }
}

/// The alert that ended a connection: it may have come while we were still talking, and stand there unread.
fn last_words<W: Read + Write>(stream: &mut StreamOwned<ClientConnection, W>) -> Option<Error> {
    let mut result = stream.conn.process_new_packets().map(drop);
    while result.is_ok() && stream.conn.read_tls(&mut stream.sock).is_ok_and(|length| length > 0) {
        result = stream.conn.process_new_packets().map(drop);
    }
    result.err().filter(|error| matches!(error, Error::AlertReceived(_)))
}

impl<W: Read + Write> Talk for StreamOwned<ClientConnection, W> {
    fn tell(&mut self, bytes: &[u8]) -> Result<(), Silence> {
        self.write_all(bytes).and_then(|()| self.flush()).map_err(|error| silence_of(&error))
    }

    fn listen(&mut self, most: usize, enough: &dyn Fn(&[u8]) -> bool) -> (Vec<u8>, Option<Silence>) {
        let (mut heard, mut room) = (Vec::new(), [0; 4096]);
        while heard.len() < most && !enough(&heard) {
            match self.read(&mut room) {
                Ok(0) => return (heard, Some(Silence::Closed)),
                Ok(length) => heard.extend(&room[..length]),
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return (heard, Some(Silence::Closed)),
                Err(error) => return (heard, Some(silence_of(&error))),
            }
        }
        (heard, None)
    }
}

fn silence_of(error: &std::io::Error) -> Silence {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Silence::TimedOut,
        _ => Silence::Reset,
    }
}
