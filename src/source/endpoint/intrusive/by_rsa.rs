//! A handshake of TLS 1.2 whose key travels under RSA, spoken by hand just far enough for a session ticket.
//!
//! For servers that take no suite of today. Knows one suite, `TLS_RSA_WITH_AES_256_GCM_SHA384`; hashes and ciphers are
//! those of rustls. Nothing is ever sent under the keys but the Finished, so that they need not be secret.

use rustls::crypto::cipher::{AeadKey, OutboundChunks, OutboundPlainMessage};
use rustls::{ContentType, ProtocolVersion, SupportedCipherSuite, Tls12CipherSuite};

use super::super::conversation::{
    CHANGE_CIPHER_SPEC, Conversation, HANDSHAKE, Heard, Opening, ServerFlight, first_message, message,
};
use super::super::enumerate::Asker;
use super::super::suite::Version;
use super::robot::block;
use super::rsa::PublicRsa;

/// `TLS_RSA_WITH_AES_256_GCM_SHA384`.
pub(super) const SUITE: u16 = 0x009d;

const CLIENT_KEY_EXCHANGE: u8 = 16;
const FINISHED: u8 = 20;
const EXTENDED_MASTER_SECRET: u16 = 23;
/// The most messages that are looked at for a ticket.
const MOST: usize = 8;

/// The body of the server's NewSessionTicket; none where the handshake goes on without.
pub(super) fn ticket(
    asker: &mut Asker<'_, '_>,
    extensions: &[(u16, Vec<u8>)],
    kind: u8,
) -> Result<Option<Vec<u8>>, String> {
    let opening = Opening { version: Version::Tls12, suites: &[SUITE], session_id: &[], extensions };
    let patience = asker.line.timeout();
    let (mut conversation, flight) = Conversation::with_flight(asker, &opening)?;
    let key = flight.certificate.as_deref().and_then(PublicRsa::of);
    let key = key.ok_or_else(|| "the certificate shows no RSA key that can be used".to_owned())?;
    let said = closing(&mut conversation, &flight, &key)?;
    conversation.within(patience);
    conversation.say(&said).map_err(|silence| silence.words().to_owned())?;
    let mut messages = Vec::new();
    let found = 'heard: loop {
        match conversation.next() {
            Heard::Record(HANDSHAKE, body) if messages.len() < MOST << 14 => messages.extend(body),
            // From here on the server encrypts.
            Heard::Record(CHANGE_CIPHER_SPEC, _) => break Ok(None),
            heard => break Err(heard.words()),
        }
        while let Some((found, body)) = first_message(&mut messages) {
            if found == kind {
                break 'heard Ok(Some(body));
            }
        }
    };
    conversation.end();
    found
}

/// All that a client says to a flight: its key, and that it is done.
fn closing(conversation: &mut Conversation, flight: &ServerFlight, key: &PublicRsa) -> Result<Vec<u8>, String> {
    let suite = gcm().ok_or_else(|| "there is no AES-GCM".to_owned())?;
    let mut transcript = std::mem::take(&mut conversation.transcript);
    let mut said = Vec::new();
    let client_random = transcript.get(6..38).unwrap_or_default().to_vec();
    if flight.asks_certificate {
        let none = message(11, &[0, 0, 0]);
        said.extend(conversation.record(HANDSHAKE, &none));
        transcript.extend(none);
    }
    let block = block(key.size, Version::Tls12);
    let secret = key.encrypt(&block);
    let exchange = message(CLIENT_KEY_EXCHANGE, &[&(secret.len() as u16).to_be_bytes()[..], &secret].concat());
    said.extend(conversation.record(HANDSHAKE, &exchange));
    transcript.extend(exchange);
    let session = suite.common.hash_provider.hash(&transcript);
    let mut master = [0; 48];
    let premaster = &block[block.len() - 48..];
    let (label, seed) = match flight.extension(EXTENDED_MASTER_SECRET) {
        Some(_) => (&b"extended master secret"[..], session.as_ref().to_vec()),
        None => (&b"master secret"[..], [&client_random[..], &flight.random].concat()),
    };
    suite.prf_provider.for_secret(&mut master, premaster, label, &seed);
    // Keys of client and server, then what their nonces begin with.
    let mut keys = [0; 2 * 32 + 2 * 4];
    let seed = [&flight.random[..], &client_random].concat();
    suite.prf_provider.for_secret(&mut keys, &master, b"key expansion", &seed);
    let mut client_key = [0; 32];
    client_key.copy_from_slice(&keys[..32]);
    let mut verify = [0; 12];
    suite.prf_provider.for_secret(&mut verify, &master, b"client finished", session.as_ref());
    let finished = message(FINISHED, &verify);
    let plain = OutboundPlainMessage {
        typ: ContentType::Handshake,
        version: ProtocolVersion::TLSv1_2,
        payload: OutboundChunks::Single(&finished),
    };
    let mut cipher = suite.aead_alg.encrypter(AeadKey::from(client_key), &keys[64..68], &[0; 8]);
    let finished = cipher.encrypt(plain, 0).map_err(|error| error.to_string())?;
    said.extend(conversation.record(CHANGE_CIPHER_SPEC, &[1]));
    said.extend(finished.encode());
    Ok(said)
}

/// What AES-256-GCM with SHA-384 is made of, whoever agrees on its keys.
fn gcm() -> Option<&'static Tls12CipherSuite> {
    match rustls::crypto::ring::cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 {
        SupportedCipherSuite::Tls12(suite) => Some(suite),
        SupportedCipherSuite::Tls13(_) => None,
    }
}
