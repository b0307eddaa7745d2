//! One honest handshake, by rustls: the certificate of TLS 1.3, whether clients must show one, and what is spoken
//! inside.
//!
//! Takes any certificate, for it is judged elsewhere; nothing is sent inside that would not be sent to a stranger.

use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientConnection, ResolvesClientCert};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme, StreamOwned};

use super::line::{Silence, Wire};
use super::plain::{self, Talk};
use super::upgrade::MOST;
use super::words::{hsts, http_header, http_status};
use crate::target::{EndpointTarget, Service};

/// How long a server that wants no client certificate is waited for, where nothing is spoken inside.
const LINGER: Duration = Duration::from_millis(400);

/// What a handshake taught.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    /// The chain, leaf first.
    pub(super) chain: Vec<Vec<u8>>,
    /// Whether a certificate was asked for.
    pub(super) asked: bool,
    /// Whether the server goes no further without one; `None` when that could not be told.
    pub(super) required: Option<bool>,
    /// The protocol that was agreed on.
    pub(super) alpn: Option<String>,
    /// Whether HTTP was answered.
    pub(super) http: bool,
    /// `max-age` and `includeSubDomains`.
    pub(super) hsts: Option<(u64, bool)>,
    pub(super) fhir: bool,
    pub(super) any_title: Option<bool>,
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

/// Notes that a certificate was asked for, and has none.
#[derive(Debug, Default)]
struct NoCertificate(AtomicBool);

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Shakes hands on a connection on which TLS begins, and asks the service its small question.
pub(super) fn shake(wire: Wire, target: &EndpointTarget, service: Service) -> Result<Handshake, String> {
    let name = ServerName::try_from(target.host.clone()).map_err(|_| "the host is no name of a server".to_owned())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let schemes = provider.signature_verification_algorithms.supported_schemes();
    let (noted, none) = (Arc::new(Noted(Default::default(), schemes)), Arc::new(NoCertificate::default()));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(noted.clone())
        .with_client_cert_resolver(none.clone());
    if matches!(service, Service::Http | Service::Fhir) {
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
    }
    let client = ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())?;
    let mut stream = StreamOwned::new(client, wire);
    let finished = finish(&mut stream);
    let mut found = Handshake { asked: none.0.load(Ordering::Relaxed), ..Handshake::default() };
    found.chain = std::mem::take(&mut *noted.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    if let Err(error) = finished {
        if found.asked {
            // It came so far, and no further without a certificate.
            found.required = Some(true);
            return Ok(found);
        }
        return Err(error);
    }
    found.alpn = stream.conn.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
    inside(&mut stream, target, service, &mut found);
    stream.conn.send_close_notify();
    let _ = stream.conn.write_tls(&mut stream.sock);
    stream.sock.end();
    Ok(found)
}

fn finish(stream: &mut StreamOwned<ClientConnection, Wire>) -> Result<(), String> {
    while stream.conn.is_handshaking() {
        if let Err(error) = stream.conn.complete_io(&mut stream.sock) {
            return Err(error.to_string());
        }
    }
    Ok(())
}

/// Asks what the service answers to anybody, and whether it goes on without a client certificate.
fn inside(
    stream: &mut StreamOwned<ClientConnection, Wire>,
    target: &EndpointTarget,
    service: Service,
    found: &mut Handshake,
) {
    let heard = match service {
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
            stream.sock.within(LINGER);
            stream.listen(1, &|_| false)
        }
        _ => return,
    };
    let (heard, silence) = heard;
    if let Some(status) = http_status(&heard) {
        found.http = true;
        found.hsts = http_header(&heard, "strict-transport-security").and_then(|value| hsts(&value));
        found.fhir = plain::is_fhir(&heard);
        let text = String::from_utf8_lossy(&heard).to_ascii_lowercase();
        // The server let the handshake pass, and refuses in its own words.
        if found.asked && (matches!(status, 495 | 496) || (matches!(status, 400 | 403) && text.contains("certificate")))
        {
            found.required = Some(true);
        }
    }
    if found.asked && found.required.is_none() {
        found.required = match (heard.is_empty(), silence) {
            (false, _) | (true, Some(Silence::TimedOut)) => Some(false),
            // An alert after the handshake, or a broken connection.
            (true, Some(Silence::Reset)) => Some(true),
            _ => None,
        };
    }
}

impl Talk for StreamOwned<ClientConnection, Wire> {
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
