//! Endpoints as arguments: `tls://host:443`, `dicom://pacs:11112`, and lines of a file of targets.
//!
//! Parses; touches nothing.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::client::ClientPem;
use super::{TargetError, server_name};

/// What is spoken inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// DICOM upper layer.
    Dicom,
    /// HL7 v2 in MLLP frames.
    Mllp,
    /// FHIR over HTTP.
    Fhir,
    /// HTTP.
    Http,
    /// LDAP.
    Ldap,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// SMTP.
    Smtp,
    /// IMAP.
    Imap,
    /// POP3.
    Pop3,
    /// FTP's control connection.
    Ftp,
    /// XMPP, of clients and between servers.
    Xmpp,
    /// Anything else.
    Other,
}

impl Service {
    /// Its name in facts.
    pub const fn name(self) -> &'static str {
        match self {
            Service::Dicom => "dicom",
            Service::Mllp => "mllp",
            Service::Fhir => "fhir",
            Service::Http => "http",
            Service::Ldap => "ldap",
            Service::Postgres => "postgres",
            Service::Mysql => "mysql",
            Service::Smtp => "smtp",
            Service::Imap => "imap",
            Service::Pop3 => "pop3",
            Service::Ftp => "ftp",
            Service::Xmpp => "xmpp",
            Service::Other => "other",
        }
    }

    /// What a well-known port carries.
    pub const fn of_port(port: u16) -> Service {
        match port {
            104 | 4242 | 11112 | 2761 | 2762 => Service::Dicom,
            2575 | 2576 | 6661 => Service::Mllp,
            80 | 443 | 8000 | 8042 | 8080 | 8443 => Service::Http,
            389 | 636 => Service::Ldap,
            5432 => Service::Postgres,
            3306 => Service::Mysql,
            25 | 465 | 587 => Service::Smtp,
            143 | 993 => Service::Imap,
            110 | 995 => Service::Pop3,
            21 | 990 => Service::Ftp,
            5222 | 5223 | 5269 => Service::Xmpp,
            _ => Service::Other,
        }
    }
}

/// How TLS is expected on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wrapping {
    /// From the first byte.
    Direct,
    /// After a request in the service's own protocol.
    Upgrade,
    /// Not at all, or on another port.
    Plain,
}

/// An endpoint that is to be asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EndpointTarget {
    /// The scheme, in small letters.
    pub scheme: String,
    /// What is spoken inside.
    pub service: Service,
    /// How TLS is expected.
    pub wrapping: Wrapping,
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path of a URL, with its slash; empty without.
    pub path: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whether it is a device that is to be asked little.
    pub device: bool,
    /// A file with the roots of a private authority.
    pub ca: Option<PathBuf>,
    /// The name that the server is asked for and held against, in A-labels, where it is not the host.
    pub sni: Option<String>,
    /// A file with the certificate that a client shows, and one with its key, as a file of targets names them.
    pub client_files: (Option<PathBuf>, Option<PathBuf>),
    /// What a client proves itself with.
    pub client: Option<Arc<ClientPem>>,
    /// Whether it is probed for known vulnerabilities.
    pub intrusive: bool,
}

/// Scheme, service, wrapping, default port.
const SCHEMES: &[(&str, Service, Wrapping, Option<u16>)] = &[
    ("tls", Service::Other, Wrapping::Direct, Some(443)),
    ("https", Service::Http, Wrapping::Direct, Some(443)),
    ("http", Service::Http, Wrapping::Plain, Some(80)),
    ("fhirs", Service::Fhir, Wrapping::Direct, Some(443)),
    ("fhir", Service::Fhir, Wrapping::Plain, Some(80)),
    ("dicoms", Service::Dicom, Wrapping::Direct, Some(2762)),
    ("dicom", Service::Dicom, Wrapping::Plain, Some(104)),
    ("mllps", Service::Mllp, Wrapping::Direct, None),
    ("mllp", Service::Mllp, Wrapping::Plain, Some(2575)),
    ("ldaps", Service::Ldap, Wrapping::Direct, Some(636)),
    ("ldap", Service::Ldap, Wrapping::Upgrade, Some(389)),
    ("postgres", Service::Postgres, Wrapping::Upgrade, Some(5432)),
    ("postgresql", Service::Postgres, Wrapping::Upgrade, Some(5432)),
    ("mysql", Service::Mysql, Wrapping::Upgrade, Some(3306)),
    ("smtps", Service::Smtp, Wrapping::Direct, Some(465)),
    ("smtp", Service::Smtp, Wrapping::Upgrade, Some(25)),
    ("imaps", Service::Imap, Wrapping::Direct, Some(993)),
    ("imap", Service::Imap, Wrapping::Upgrade, Some(143)),
    ("pop3s", Service::Pop3, Wrapping::Direct, Some(995)),
    ("pop3", Service::Pop3, Wrapping::Upgrade, Some(110)),
    ("ftps", Service::Ftp, Wrapping::Direct, Some(990)),
    ("ftp", Service::Ftp, Wrapping::Upgrade, Some(21)),
    ("xmpps", Service::Xmpp, Wrapping::Direct, Some(5223)),
    ("xmpp", Service::Xmpp, Wrapping::Upgrade, Some(5222)),
    ("xmpp-server", Service::Xmpp, Wrapping::Upgrade, Some(5269)),
];

/// The most endpoints of a list: more than a scan at ordinary manners comes through in a day.
const MOST: usize = 100_000;

/// Endpoints that are to be asked, and how.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// The endpoints.
    pub targets: Vec<EndpointTarget>,
    /// How long a connection, and an answer, may take.
    pub timeout: Duration,
    /// The pause between two connections to one host; without one it follows how quickly the host answers.
    pub gap: Option<Duration>,
    /// How many connections may begin in a second.
    pub max_rate: Option<u32>,
    /// How many hosts are asked at a time.
    pub hosts: usize,
    /// Files with roots, beside those of the system.
    pub ca: Vec<PathBuf>,
    /// The file that remembers what was learned, so that a scan that was interrupted can go on.
    pub journal: Option<PathBuf>,
    /// Whether endpoints that do not answer leave the scan complete.
    pub allow_unreachable: bool,
    /// The time to hold certificates against, in seconds since 1970.
    pub now: u64,
}

impl EndpointTarget {
    /// Whether a scheme is one of an endpoint.
    pub(super) fn knows(scheme: &str) -> bool {
        SCHEMES.iter().any(|(name, ..)| name.eq_ignore_ascii_case(scheme))
    }

    /// Reads `scheme://host:port/path`.
    ///
    /// # Errors
    /// When it is none, or names a user or a query: neither is needed, and both may be secret.
    pub fn parse(text: &str) -> Result<EndpointTarget, TargetError> {
        let wrong = |why: &'static str| TargetError::Endpoint { text: shown(text), why };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("it is written scheme://host:port"))?;
        let known = SCHEMES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(scheme));
        let (scheme, service, wrapping, default) = *known.ok_or_else(|| wrong("the scheme is not known"))?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(wrong("a user name or password is not wanted"));
        }
        if rest.contains(['?', '#']) {
            return Err(wrong("a query or fragment is not wanted"));
        }
        let path = path.trim_end_matches('/');
        if !path.is_empty() && !matches!(service, Service::Http | Service::Fhir) {
            return Err(wrong("only http and fhir have paths"));
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or_else(|| wrong("the bracket is not closed"))?;
                if host.contains('%') {
                    return Err(wrong("an address with a zone is no endpoint of a network"));
                }
                if host.parse::<std::net::Ipv6Addr>().is_err() {
                    return Err(wrong("an IPv6 address stands in brackets"));
                }
                (host, port)
            }
            None if authority.matches(':').count() > 1 => return Err(wrong("an IPv6 address stands in brackets")),
            None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
        };
        if host.is_empty() {
            return Err(wrong("the host is a name or an address"));
        }
        let host = if host.parse::<IpAddr>().is_ok() {
            host.to_ascii_lowercase()
        } else {
            server_name::ascii(host).map_err(wrong)?
        };
        let printable = |byte: u8| byte.is_ascii_graphic();
        if !path.bytes().all(printable) {
            return Err(wrong("the path holds characters that must be percent-encoded"));
        }
        let port = match port.strip_prefix(':') {
            Some(port) => port.parse().ok().filter(|port| *port != 0),
            None if port.is_empty() => default,
            None => None,
        };
        let port = port.ok_or_else(|| wrong("a port from 1 to 65535 is wanted"))?;
        let service = if scheme == "tls" { Service::of_port(port) } else { service };
        let (scheme, path) = (scheme.to_owned(), path.to_owned());
        Ok(EndpointTarget {
            scheme,
            service,
            wrapping,
            host,
            port,
            path,
            owner: None,
            device: false,
            ca: None,
            sni: None,
            client_files: (None, None),
            client: None,
            intrusive: false,
        })
    }

    /// Reads a name that a server is to be asked for.
    ///
    /// # Errors
    /// When it is an address, or no name.
    pub fn parse_server_name(text: &str) -> Result<String, &'static str> {
        if text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            return Err("a server is asked for a name, not for an address");
        }
        server_name::ascii(text)
    }

    /// Reads a file of targets: one a line, `#` begins a comment, and options such as `owner=` may follow. Each comes
    /// with the number of its line.
    ///
    /// # Errors
    /// The first line that cannot be read, and why.
    pub fn parse_lines(text: &str) -> Result<Vec<(usize, EndpointTarget)>, (usize, TargetError)> {
        let mut targets = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
            let Some(first) = words.next() else { continue };
            let mut target = EndpointTarget::parse(first).map_err(|error| (number, error))?;
            for word in words {
                target.option(word).map_err(|why| (number, TargetError::Endpoint { text: shown(word), why }))?;
            }
            if target.client_files.0.is_none() && target.client_files.1.is_some() {
                let why = "a `key=` needs the `cert=` that it belongs to";
                return Err((number, TargetError::Endpoint { text: shown(first), why }));
            }
            if targets.len() == MOST {
                let why = "a list holds 100,000 endpoints at most";
                return Err((number, TargetError::Endpoint { text: shown(first), why }));
            }
            targets.push((number, target));
        }
        Ok(targets)
    }

    fn option(&mut self, word: &str) -> Result<(), &'static str> {
        match word.split_once('=') {
            Some(("owner", owner)) if !owner.is_empty() => self.owner = Some(owner.to_owned()),
            Some(("ca", file)) if !file.is_empty() => self.ca = Some(PathBuf::from(file)),
            Some(("cert", file)) if !file.is_empty() => self.client_files.0 = Some(PathBuf::from(file)),
            Some(("key", file)) if !file.is_empty() => self.client_files.1 = Some(PathBuf::from(file)),
            Some(("sni", name)) => self.sni = Some(EndpointTarget::parse_server_name(name)?),
            Some(("profile", "device")) => self.device = true,
            Some(("profile", "server")) => self.device = false,
            Some(("profile", _)) => return Err("there are the profiles `device` and `server`"),
            _ => return Err("`owner=`, `profile=`, `ca=`, `sni=`, `cert=` and `key=` may follow a target"),
        }
        Ok(())
    }

    /// The name to ask a server for; none for an address.
    pub fn server_name(&self) -> Option<&str> {
        self.sni.as_deref().or_else(|| self.host.parse::<IpAddr>().is_err().then_some(&self.host))
    }

    /// The name, or address, that the server's certificate must be made out to.
    pub fn expected_name(&self) -> &str {
        self.sni.as_deref().unwrap_or(&self.host)
    }

    /// `scheme://host:port/path`.
    pub fn name(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{}://{host}:{}{}", self.scheme, self.port, self.path)
    }
}

/// What may be repeated of a wrong target: nothing that could be a password.
fn shown(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => text.split(['?', '#']).next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
