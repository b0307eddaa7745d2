//! One question to the API server and its answer: time limits, sizes, retries, and what a refusal means.

use std::error::Error;
use std::time::Duration;

use http::header::{ACCEPT, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::client::{Body, Client};
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use super::ClusterError;
use crate::artifact::SkipReason;

/// The largest answer that is read, in bytes. What is longer is asked for in smaller pages.
const LARGEST: usize = 32 << 20;
/// The largest answer of an error that is read.
const LARGEST_ERROR: usize = 64 << 10;
/// How often a question is asked.
const ATTEMPTS: u32 = 4;
/// The longest time that a server may have us wait before we ask again.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The first pause before a question is asked again; each one is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The user is not known (401).
    Unauthorized,
    /// The user may not (403).
    Forbidden,
    /// There is no such thing (404, 405).
    NotFound,
    /// A list is older than the server remembers (410).
    Expired,
    /// The answer is larger than is read.
    TooLarge,
    /// The server did not answer in time.
    TimedOut(Duration),
    /// The server could not be talked to: why.
    Broken(String),
    /// The server answers that it cannot answer, whatever is asked.
    Status(u16),
    /// The server wants to be asked again, but much later.
    Busy(Duration),
    /// The answer is not what the API promises.
    Odd,
}

impl Refusal {
    /// In words, without a full stop. Nothing of what the server said: it may quote what it holds.
    pub(super) fn words(&self) -> String {
        match self {
            Refusal::Unauthorized => {
                "the server does not accept the credentials (401); are they expired or revoked?".to_owned()
            }
            Refusal::Forbidden => "the user has no right to read it (403)".to_owned(),
            Refusal::NotFound => "the server says that it does not list them (404)".to_owned(),
            Refusal::Expired => "the list expired while it was read (410)".to_owned(),
            Refusal::TooLarge => format!("one answer is larger than {} MiB", LARGEST >> 20),
            Refusal::TimedOut(limit) => {
                format!("no answer within {} s (--request-timeout)", limit.as_secs_f32())
            }
            Refusal::Broken(why) => why.clone(),
            Refusal::Status(status) => format!("the server answers {status}"),
            Refusal::Busy(wait) => {
                format!("the server is busy (429) and wants to be asked again in {} s", wait.as_secs())
            }
            Refusal::Odd => "the answer is not what the Kubernetes API promises".to_owned(),
        }
    }

    /// The same, when the first question got no answer.
    pub(super) fn of_the_cluster(&self) -> String {
        match self {
            Refusal::Unauthorized => self.words(),
            Refusal::Forbidden => "the user has no right to ask which kinds there are (403)".to_owned(),
            Refusal::NotFound => "what answers is no Kubernetes API server (404)".to_owned(),
            other => format!("the cluster cannot be read: {}", other.words()),
        }
    }

    pub(super) fn reason(&self) -> SkipReason {
        if matches!(self, Refusal::Forbidden) { SkipReason::Forbidden } else { SkipReason::Unreadable }
    }

    /// Whether no answer came at all.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Refusal::TimedOut(_) | Refusal::Broken(_))
    }
}

/// Asks one API server.
pub(super) struct Api {
    client: Client,
    limit: Duration,
}

/// What an answer says to do.
enum Answer {
    Text(Vec<u8>),
    No(Refusal),
    /// Ask again, after this time if the server names one.
    Again(Option<Duration>, Refusal),
}

impl Api {
    /// Needs to be called inside of a runtime.
    pub(super) fn new(mut config: kube::Config, limit: Duration) -> Result<Api, ClusterError> {
        // Ours says what it does, and honours Retry-After.
        config.default_retry = false;
        config.connect_timeout = Some(limit);
        let client = Client::try_from(config).map_err(|error| ClusterError::Unusable(cause(&error)))?;
        Ok(Api { client, limit })
    }

    /// The answer to GET `path`, if it is one.
    pub(super) async fn get(&self, path: &str) -> Result<Vec<u8>, Refusal> {
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            let answer = match timeout(self.limit, self.once(path)).await {
                Ok(answer) => answer,
                // Asking again would double a wait that the user has bounded.
                Err(_) => Answer::No(Refusal::TimedOut(self.limit)),
            };
            match answer {
                Answer::Text(text) => return Ok(text),
                Answer::No(refusal) => return Err(refusal),
                Answer::Again(_, refusal) if attempt >= ATTEMPTS => return Err(refusal),
                Answer::Again(Some(wait), _) if wait > LONGEST_WAIT => return Err(Refusal::Busy(wait)),
                Answer::Again(wait, _) => sleep(wait.unwrap_or(pause)).await,
            }
            pause *= 2;
        }
        Err(Refusal::Odd)
    }

    async fn once(&self, path: &str) -> Answer {
        let request = Request::get(path).header(ACCEPT, "application/json").body(Body::empty());
        let Ok(request) = request else { return Answer::No(Refusal::Odd) };
        let response = match self.client.send(request).await {
            Ok(response) => response,
            Err(error) => {
                let why = cause(&error);
                // Certificates do not change between two attempts, and nobody begins to listen.
                let passing = !why.contains("certificate") && !why.contains("refused") && !why.contains("DNS");
                let refusal = Refusal::Broken(why);
                return if passing { Answer::Again(None, refusal) } else { Answer::No(refusal) };
            }
        };
        let status = response.status();
        if status.is_success() {
            return match body(response, LARGEST).await {
                Ok(text) => Answer::Text(text),
                Err(Refusal::TooLarge) => Answer::No(Refusal::TooLarge),
                Err(refusal) => Answer::Again(None, refusal),
            };
        }
        refusal(response).await
    }
}

/// What an answer that is none means.
async fn refusal(response: Response<Body>) -> Answer {
    let status = response.status();
    let wait = response.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.trim().parse().ok());
    let wait = wait.map(Duration::from_secs);
    match status {
        StatusCode::UNAUTHORIZED => Answer::No(Refusal::Unauthorized),
        StatusCode::FORBIDDEN => Answer::No(Refusal::Forbidden),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Answer::No(Refusal::NotFound),
        StatusCode::GONE => Answer::No(Refusal::Expired),
        StatusCode::TOO_MANY_REQUESTS => Answer::Again(wait, Refusal::Status(429)),
        _ if status.is_server_error() => {
            // A body that says otherwise counts: aggregated servers wrap the code of the one behind them.
            let code = body(response, LARGEST_ERROR).await.ok().and_then(|text| code_in(&text));
            match code {
                Some(403) => Answer::No(Refusal::Forbidden),
                _ => Answer::Again(wait, Refusal::Status(status.as_u16())),
            }
        }
        _ => Answer::No(Refusal::Status(status.as_u16())),
    }
}

/// The code in a `Status`.
fn code_in(text: &[u8]) -> Option<u16> {
    #[derive(Deserialize)]
    struct Status {
        code: u16,
    }
    serde_json::from_slice::<Status>(text).ok().map(|status| status.code)
}

async fn body(response: Response<Body>, limit: usize) -> Result<Vec<u8>, Refusal> {
    match Limited::new(response.into_body(), limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::TooLarge),
        Err(_) => Err(Refusal::Broken("the answer ends too early".to_owned())),
    }
}

/// What caused an error in the end; all that wraps it says only that something failed.
fn cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    let said = innermost.to_string();
    in_words(&said).map_or_else(|| said.clone(), |words| format!("{words} ({said})"))
}

/// What the commonest errors mean.
fn in_words(error: &str) -> Option<&'static str> {
    let known = [
        ("UnknownIssuer", "the certificate of the server is not from the authority that the kubeconfig names"),
        ("BadSignature", "the certificate of the server is not from the authority that the kubeconfig names"),
        ("certificate: Expired", "the certificate of the server is expired"),
        ("certificate expired", "the certificate of the server is expired"),
        ("NotValidForName", "the certificate of the server is for another name"),
        ("not valid for name", "the certificate of the server is for another name"),
        ("CertificateExpired", "the server says that the client's certificate is expired"),
        ("BadCertificate", "the server does not accept the client's certificate"),
        ("CertificateUnknown", "the server does not accept the client's certificate"),
        ("CertificateRequired", "the server wants a certificate of the client"),
        ("handshake eof", "the server ends the connection before it is encrypted; does it speak TLS?"),
        ("InvalidContentType", "what answers does not speak TLS"),
        ("refused", "nothing listens there"),
        ("lookup address", "its name is not known (DNS)"),
    ];
    known.iter().find(|(part, _)| error.contains(part)).map(|(_, words)| *words)
}

/// A name as one part of a path.
pub(super) fn encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
