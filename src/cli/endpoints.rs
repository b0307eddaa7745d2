//! How endpoints are asked: the flags for it, and the files that they name.
//!
//! Reads files of targets, certificates and keys; opens no connection. A key is held, checked against its certificate,
//! and never shown.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::complaint::Complaint;
use crate::rule::{Mistakes, Problem, ProblemPlace};
use crate::target::{ClientPem, EndpointTarget, Endpoints};
use crate::text::{Decoded, Span, decode, failure, visible};

/// The most bytes of a list of endpoints.
const LONGEST_LIST: u64 = 64 << 20;

/// How endpoints are asked.
#[derive(Debug, Args)]
pub(super) struct EndpointArguments {
    /// A file with endpoints, one a line, `-` for standard input; `owner=NAME`, `profile=device`, `ca=FILE`, `sni=NAME`,
    /// `cert=FILE` and `key=FILE` may follow each; repeatable
    #[arg(long = "targets", value_name = "FILE")]
    pub(super) target_files: Vec<PathBuf>,
    /// Of endpoints, take chains to the certificates in this PEM file for valid, too; repeatable
    #[arg(long, value_name = "FILE")]
    pub(super) ca: Vec<PathBuf>,
    /// Ask endpoints for this name, and hold their certificates against it, whatever host they are reached by
    #[arg(long, value_name = "NAME", value_parser = EndpointTarget::parse_server_name)]
    pub(super) sni: Option<String>,
    /// Show endpoints this certificate if they ask for one (PEM, leaf first)
    #[arg(long, value_name = "FILE")]
    pub(super) client_cert: Option<PathBuf>,
    /// The private key of that certificate (PEM, not encrypted) [default: the file of --client-cert]
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub(super) client_key: Option<PathBuf>,
    /// Probe endpoints for Heartbleed, CCS injection, ROBOT and Ticketbleed: sends broken messages in up to some forty
    /// connections, which may disturb old servers and wakes intrusion detection; ask whoever owns the endpoint first
    #[arg(long, conflicts_with = "device")]
    pub(super) intrusive: bool,
    /// Ask every endpoint as a device: ten connections at most, and none after two signs of distress
    #[arg(long)]
    pub(super) device: bool,
    /// How long an endpoint may take to answer [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(super) timeout: Option<u16>,
    /// The pause between two connections to one host [default: a quarter of its last answer's time, 20 at most]
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u16).range(0..=60_000))]
    pub(super) gap: Option<u16>,
    /// How many connections may begin in a second, of all hosts together
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_rate: Option<u32>,
    /// How many hosts are asked at a time [default: 32]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) hosts: Option<u16>,
    /// Remember in this file which endpoints were asked, and go on from there if it is there already
    #[arg(long, value_name = "FILE")]
    pub(super) resume: Option<PathBuf>,
    /// Endpoints that do not answer leave the scan complete
    #[arg(long)]
    pub(super) allow_unreachable: bool,
}

/// The endpoints of the command line and of files.
pub(super) fn endpoint_targets(
    mut targets: Vec<EndpointTarget>,
    arguments: &EndpointArguments,
) -> Result<Endpoints, Complaint> {
    for file in &arguments.target_files {
        targets.extend(listed(file)?);
    }
    let shown = client_of_flags(arguments)?;
    for target in &mut targets {
        target.device |= arguments.device;
        target.intrusive = arguments.intrusive;
        target.sni = target.sni.take().or_else(|| arguments.sni.clone());
        target.client = target.client.take().or_else(|| shown.clone());
    }
    let said = about_endpoints(arguments);
    if targets.is_empty() && arguments.target_files.is_empty() && !said.is_empty() {
        let are = if said.len() == 1 { "is" } else { "are" };
        let text = format!("{} {are} about endpoints, and no target is one", said.join(", "));
        return Err(Complaint::usage(text, "`tls://HOST:PORT` is an endpoint".to_owned()));
    }
    Ok(Endpoints {
        targets,
        timeout: Duration::from_secs(arguments.timeout.unwrap_or(5).into()),
        gap: arguments.gap.map(|gap| Duration::from_millis(gap.into())),
        max_rate: arguments.max_rate,
        hosts: arguments.hosts.unwrap_or(32).into(),
        ca: arguments.ca.clone(),
        journal: arguments.resume.clone(),
        allow_unreachable: arguments.allow_unreachable,
        now: super::scan::epoch().unwrap_or_else(super::scan::seconds),
    })
}

/// The flags that were given, without that which names targets.
fn about_endpoints(arguments: &EndpointArguments) -> Vec<&'static str> {
    let given = [
        ("--ca", !arguments.ca.is_empty()),
        ("--sni", arguments.sni.is_some()),
        ("--client-cert", arguments.client_cert.is_some()),
        ("--intrusive", arguments.intrusive),
        ("--device", arguments.device),
        ("--timeout", arguments.timeout.is_some()),
        ("--gap", arguments.gap.is_some()),
        ("--max-rate", arguments.max_rate.is_some()),
        ("--hosts", arguments.hosts.is_some()),
        ("--resume", arguments.resume.is_some()),
        ("--allow-unreachable", arguments.allow_unreachable),
    ];
    given.into_iter().filter_map(|(name, given)| given.then_some(name)).collect()
}

/// A list of endpoints as text, whatever editor wrote it.
fn read_list(file: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().take(LONGEST_LIST + 1).read_to_end(&mut bytes)?
    } else {
        fs::File::open(file)?.take(LONGEST_LIST + 1).read_to_end(&mut bytes)?
    };
    if read as u64 > LONGEST_LIST {
        return Err(std::io::Error::other("it is larger than 64 MiB"));
    }
    let Decoded::Text { text, .. } = decode(bytes) else { return Err(std::io::ErrorKind::InvalidData.into()) };
    let text = String::from_utf8(text).map_err(|_| std::io::Error::from(std::io::ErrorKind::InvalidData))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// The targets of a file.
fn listed(file: &Path) -> Result<Vec<EndpointTarget>, Complaint> {
    let text = read_list(file).map_err(|error| Complaint::unreadable(file, &error))?;
    let name = file.display().to_string();
    let listed = EndpointTarget::parse_lines(&text).map_err(|(line, error)| {
        // The line itself is not shown: it may hold a password.
        Complaint::usage(format!("{}:{line}: {}", visible(&name), visible(&error.to_string())), None)
    })?;
    // Files that it names stand beside it.
    let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
    listed.into_iter().map(|(line, target)| beside(target, &folder, (&name, &text, line))).collect()
}

fn beside(
    target: EndpointTarget,
    folder: &Path,
    (name, text, line): (&str, &str, usize),
) -> Result<EndpointTarget, Complaint> {
    let ca = target.ca.as_ref().map(|ca| folder.join(ca));
    let (Some(certificate), key) = &target.client_files else { return Ok(EndpointTarget { ca, ..target }) };
    let written = |word: &str, file: &Path| format!("{word}={}", file.display());
    let words = (written("cert", certificate), key.as_ref().map(|key| written("key", key)));
    // Of the file no more is shown than the line that is wrong.
    let whole = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let whole = whole.split_once('#').map_or(whole, |(target, _)| target);
    let shown = format!("{}{whole}", "\n".repeat(line.saturating_sub(1)));
    let place = Place { name, text: &shown, words: (&words.0, words.1.as_deref()) };
    let key = key.as_ref().map(|key| folder.join(key));
    let client = Some(client_pem(&folder.join(certificate), key.as_deref(), &place)?);
    Ok(EndpointTarget { ca, client, ..target })
}

fn client_of_flags(arguments: &EndpointArguments) -> Result<Option<Arc<ClientPem>>, Complaint> {
    let Some(certificate) = &arguments.client_cert else { return Ok(None) };
    let mut text = format!("--client-cert {}", certificate.display());
    if let Some(key) = &arguments.client_key {
        text.push_str(&format!(" --client-key {}", key.display()));
    }
    let words = ("--client-cert", arguments.client_key.as_ref().map(|_| "--client-key"));
    let place = Place { name: "the command line", text: &text, words };
    client_pem(certificate, arguments.client_key.as_deref(), &place).map(Some)
}

/// Where a certificate and a key are named: a text, and the words in it that name them.
struct Place<'p> {
    name: &'p str,
    text: &'p str,
    words: (&'p str, Option<&'p str>),
}

impl Place<'_> {
    fn complaint(&self, of_key: bool, message: String, help: Option<String>) -> Complaint {
        let word = self.words.1.filter(|_| of_key).unwrap_or(self.words.0);
        let start = self.text.rfind(word).unwrap_or(0);
        let span = Span::new(start, start + word.len());
        let problems = vec![Problem { place: ProblemPlace::At(span), message, help }];
        Complaint::Mistakes(vec![Mistakes { name: self.name.to_owned(), text: self.text.to_owned(), problems }])
    }
}

/// Reads a certificate and its key, and holds them against each other.
fn client_pem(certificate: &Path, key: Option<&Path>, place: &Place<'_>) -> Result<Arc<ClientPem>, Complaint> {
    let read = |file: &Path, of_key: bool| {
        let name = file.display().to_string();
        let cannot = |error: std::io::Error| format!("cannot read {}: {}", visible(&name), failure(&error));
        fs::read(file).map_err(|error| place.complaint(of_key, cannot(error), None))
    };
    let certificate = read(certificate, false)?;
    let key = match key {
        Some(key) => read(key, true)?,
        None => certificate.clone(),
    };
    let pem = ClientPem { certificate, key };
    checked(&pem, place)?;
    Ok(Arc::new(pem))
}

#[cfg(feature = "endpoint")]
fn checked(pem: &ClientPem, place: &Place<'_>) -> Result<(), Complaint> {
    use crate::source::ClientPemError;
    crate::source::check_client_pem(pem).map_err(|error| {
        let help = match error {
            ClientPemError::NoKey if place.words.1.is_none() => {
                Some("--client-key or `key=` names its file".to_owned())
            }
            ClientPemError::EncryptedKey => Some("`openssl pkey -in KEY -out PLAIN` writes it in the clear".to_owned()),
            _ => None,
        };
        place.complaint(error.is_about_key(), error.to_string(), help)
    })
}

/// Without what asks endpoints nothing is asked; that is told elsewhere.
#[cfg(not(feature = "endpoint"))]
fn checked(_: &ClientPem, _: &Place<'_>) -> Result<(), Complaint> {
    Ok(())
}
