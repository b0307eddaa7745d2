//! What a service answers without TLS. Nothing is logged in, nothing is stored, and nothing of a patient is said: a
//! DICOM association is asked for and aborted, an HL7 frame holds a header that no system can file.
//!
//! Knows the services; nothing of TLS.

use super::line::{Line, Silence, Wire};
use super::upgrade::{MOST, MYSQL_SSL, mysql_capabilities, mysql_login, xmpp_stream};
use super::words::{ber_result, http_header, http_status, lines_done, sql_packet};
use crate::target::{EndpointTarget, Service};

/// The title that is called: hospitals do not name a device so.
const CALLED: &str = "ANY-SCP";
const CALLING: &str = "BEDRAIL";

/// What was learned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plain {
    /// Whether the service answers without TLS.
    pub(super) answered: Option<bool>,
    /// Whether the service offers, and without it refuses to work, TLS.
    pub(super) starttls: Option<&'static str>,
    /// Whether an answer was only the way to https.
    pub(super) redirected: Option<bool>,
    /// Whether an association to any title was accepted.
    pub(super) any_title: Option<bool>,
    /// Whether FHIR is spoken.
    pub(super) fhir: bool,
}

/// Asks a service without TLS.
pub(super) fn ask(line: &mut Line<'_>, target: &EndpointTarget, service: Service) -> Result<Plain, Silence> {
    let mut wire = line.open()?;
    let asked = match service {
        Service::Dicom => dicom(&mut wire),
        Service::Mllp => mllp(&mut wire),
        Service::Http | Service::Fhir => http(&mut wire, target, service),
        Service::Ldap => ldap(&mut wire),
        Service::Postgres => postgres(&mut wire),
        Service::Mysql => mysql(&mut wire),
        Service::Smtp => smtp(&mut wire),
        Service::Imap => imap(&mut wire),
        Service::Pop3 => pop3(&mut wire),
        Service::Ftp => ftp(&mut wire),
        Service::Xmpp => xmpp(&mut wire, target),
        Service::Other => Ok(Plain::default()),
    };
    line.note(asked.err());
    wire.end();
    asked
}

/// An association request for Verification, which does nothing.
fn association() -> Vec<u8> {
    fn item(kind: u8, body: &[u8]) -> Vec<u8> {
        [&[kind, 0], &(body.len() as u16).to_be_bytes()[..], body].concat()
    }
    let context = [&[1, 0, 0, 0][..], &item(0x30, b"1.2.840.10008.1.1"), &item(0x40, b"1.2.840.10008.1.2")].concat();
    // An implementation class of its own needs a root of its own; this one is made from a UUID (PS3.5 B.2).
    let user =
        [item(0x51, &16384u32.to_be_bytes()), item(0x52, b"2.25.193048230291826744917265510398127463051")].concat();
    let title = |name: &str| format!("{name:<16}").into_bytes();
    let mut body = vec![0, 1, 0, 0];
    body.extend(title(CALLED));
    body.extend(title(CALLING));
    body.extend([0; 32]);
    body.extend(item(0x10, b"1.2.840.10008.3.1.1.1"));
    body.extend(item(0x20, &context));
    body.extend(item(0x50, &user));
    [&[1, 0], &(body.len() as u32).to_be_bytes()[..], &body].concat()
}

/// Asks for an association, and aborts it.
pub(super) fn dicom(wire: &mut (impl Talk + ?Sized)) -> Result<Plain, Silence> {
    wire.tell(&association())?;
    let (heard, silence) = wire.listen(MOST, &|heard| heard.len() >= 10);
    let mut found = Plain { answered: Some(true), ..Plain::default() };
    match heard[..] {
        // Accepted: the service takes whatever title it is called by.
        [2, 0, 0, ..] => {
            let _ = wire.tell(&[7, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
            found.any_title = Some(true);
        }
        // Rejected: by the service user (1), because the called title (7) is not its own.
        [3, 0, 0, 0, 0, 4, _, _, 1, 7, ..] => found.any_title = Some(false),
        [3, 0, 0, 0, 0, 4, ..] | [7, 0, 0, 0, 0, 4, ..] => {}
        [] => return Err(silence.unwrap_or(Silence::Closed)),
        _ => found.answered = None,
    }
    Ok(found)
}

/// Sends a frame whose header names no message: it can only be refused.
fn mllp(wire: &mut Wire) -> Result<Plain, Silence> {
    wire.say(b"\x0bMSH|^~\\&|BEDRAIL|||||||PROBE|T|\r\x1c\r")?;
    let (heard, silence) = wire.hear_until(MOST, |heard| heard.ends_with(b"\x1c\r") || heard.len() > 1024);
    let framed = heard.first() == Some(&0x0b) || heard.starts_with(b"MSH|");
    match (framed, heard.is_empty()) {
        (true, _) => Ok(Plain { answered: Some(true), ..Plain::default() }),
        (false, true) => Err(silence.unwrap_or(Silence::Closed)),
        (false, false) => Ok(Plain::default()),
    }
}

/// A GET request that asks for nothing to be kept open.
pub(super) fn get(target: &EndpointTarget, service: Service) -> Vec<u8> {
    let host = target.expected_name();
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let path = match service {
        Service::Fhir => format!("{}/metadata", target.path),
        _ if target.path.is_empty() => "/".to_owned(),
        _ => target.path.clone(),
    };
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}:{}\r\nUser-Agent: bedrail/{version}\r\nAccept: application/fhir+json, \
         */*;q=0.5\r\nConnection: close\r\n\r\n",
        target.port
    )
    .into_bytes()
}

/// Whether an answer is the statement of what a FHIR server can do.
pub(super) fn is_fhir(heard: &[u8]) -> bool {
    let holds = |word: &[u8]| heard.windows(word.len()).any(|window| window == word);
    holds(b"CapabilityStatement") || holds(b"application/fhir+")
}

fn http(wire: &mut Wire, target: &EndpointTarget, service: Service) -> Result<Plain, Silence> {
    wire.say(&get(target, service))?;
    let (heard, silence) = wire.hear_until(MOST, |_| false);
    let Some(status) = http_status(&heard) else {
        return if heard.is_empty() { Err(silence.unwrap_or(Silence::Closed)) } else { Ok(Plain::default()) };
    };
    let to_https = http_header(&heard, "location").is_some_and(|to| to.to_ascii_lowercase().starts_with("https:"));
    let redirected = matches!(status, 301 | 302 | 303 | 307 | 308) && to_https;
    // A server of https tells so in plaintext: that is no service.
    let refused = status == 426 || (status == 400 && String::from_utf8_lossy(&heard).to_lowercase().contains("https"));
    Ok(Plain {
        answered: Some(!redirected && !refused),
        redirected: Some(redirected),
        fhir: is_fhir(&heard),
        ..Plain::default()
    })
}

fn ldap(wire: &mut Wire) -> Result<Plain, Silence> {
    // An anonymous simple bind.
    wire.say(b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00")?;
    let (heard, silence) = wire.hear_until(MOST, |heard| ber_result(heard).is_some());
    match ber_result(&heard) {
        // Confidentiality required.
        Some(13) => Ok(Plain { answered: Some(false), starttls: Some("required"), ..Plain::default() }),
        Some(_) => Ok(Plain { answered: Some(true), starttls: Some("offered"), ..Plain::default() }),
        None => Err(silence.unwrap_or(Silence::Closed)),
    }
}

fn postgres(wire: &mut Wire) -> Result<Plain, Silence> {
    let body = b"\x00\x03\x00\x00user\0bedrail\0database\0postgres\0\0";
    wire.say(&[&(body.len() as u32 + 4).to_be_bytes()[..], body].concat())?;
    let (heard, silence) = wire.hear_until(MOST, |heard| heard.len() >= 5);
    match heard.first() {
        // It asks for a password, or even lets in.
        Some(b'R') => Ok(Plain { answered: Some(true), starttls: Some("offered"), ..Plain::default() }),
        Some(b'E') => {
            let (rest, _) = wire.hear_until(MOST, |_| false);
            let text = [heard, rest].concat();
            // The routine is not translated: only this one has no line of pg_hba.conf that lets the connection in. Any
            // other error comes later, of a connection that was let in.
            let has = |word: &[u8]| text.windows(word.len()).any(|window| window == word);
            let shut = has(b"RClientAuthentication\0");
            let starttls = Some(if shut { "required" } else { "offered" });
            let known = shut || has(b"C28000\0") || has(b"C3D000\0");
            let (answered, starttls) = if known { (Some(!shut), starttls) } else { (None, None) };
            Ok(Plain { answered, starttls, ..Plain::default() })
        }
        Some(_) => Ok(Plain::default()),
        None => Err(silence.unwrap_or(Silence::Closed)),
    }
}

fn mysql(wire: &mut Wire) -> Result<Plain, Silence> {
    let (heard, silence) = wire.hear_until(MOST, |heard| sql_packet(heard).is_some());
    let Some(greeting) = sql_packet(&heard) else { return Err(silence.unwrap_or(Silence::Closed)) };
    let Some(flags) = mysql_capabilities(greeting) else { return Ok(Plain::default()) };
    let offered = flags & MYSQL_SSL != 0;
    // A login that names a user and shows no password: it fails, or is refused for want of TLS (3159).
    wire.say(&mysql_login(0, b"bedrail\0\0mysql_native_password\0"))?;
    let (heard, silence) = wire.hear_until(MOST, |heard| sql_packet(heard).is_some());
    let Some(answer) = sql_packet(&heard) else { return Err(silence.unwrap_or(Silence::Closed)) };
    let required = answer.starts_with(&[0xff, 0x57, 0x0c]);
    let starttls = if required {
        "required"
    } else if offered {
        "offered"
    } else {
        "none"
    };
    Ok(Plain { answered: Some(!required), starttls: Some(starttls), ..Plain::default() })
}

/// Says a line and hears the answer to its end.
fn line(wire: &mut Wire, said: &str, done: impl Fn(&[u8]) -> bool) -> Result<String, Silence> {
    if !said.is_empty() {
        wire.say(said.as_bytes())?;
    }
    let (heard, silence) = wire.hear_until(MOST, done);
    match silence {
        Some(silence) if heard.is_empty() => Err(silence),
        _ => Ok(String::from_utf8_lossy(&heard).to_ascii_uppercase()),
    }
}

/// What follows from whether TLS is offered and whether work goes on without it.
fn mail(offered: bool, works: bool) -> Plain {
    let starttls = match (offered, works) {
        (false, _) => "none",
        (true, true) => "offered",
        (true, false) => "required",
    };
    Plain { answered: Some(works), starttls: Some(starttls), ..Plain::default() }
}

fn smtp(wire: &mut Wire) -> Result<Plain, Silence> {
    if !line(wire, "", lines_done)?.starts_with("220") {
        return Ok(Plain::default());
    }
    let said = line(wire, "EHLO bedrail.invalid\r\n", lines_done)?;
    let has = |word: &str| said.lines().any(|line| line.get(4..).is_some_and(|line| line.trim() == word));
    // A transaction that is never filled: a server that wants TLS says 530.
    let answer = line(wire, "MAIL FROM:<>\r\n", lines_done)?;
    let _ = wire.say(b"QUIT\r\n");
    Ok(mail(has("STARTTLS"), !answer.starts_with("530")))
}

fn imap(wire: &mut Wire) -> Result<Plain, Silence> {
    if !line(wire, "", lines_done)?.starts_with("* OK") {
        return Ok(Plain::default());
    }
    let tagged = |heard: &[u8]| heard.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"a1 "));
    let said = line(wire, "a1 CAPABILITY\r\n", tagged)?;
    let _ = wire.say(b"a2 LOGOUT\r\n");
    let has = |wanted: &str| said.split_whitespace().any(|word| word == wanted);
    Ok(mail(has("STARTTLS"), !has("LOGINDISABLED")))
}

fn pop3(wire: &mut Wire) -> Result<Plain, Silence> {
    if !line(wire, "", lines_done)?.starts_with("+OK") {
        return Ok(Plain::default());
    }
    let said = line(wire, "CAPA\r\n", |heard| heard.ends_with(b"\r\n.\r\n") || heard.starts_with(b"-ERR"))?;
    let _ = wire.say(b"QUIT\r\n");
    let has = |word: &str| said.lines().any(|line| line.split_whitespace().next() == Some(word));
    Ok(mail(has("STLS"), has("USER") || has("SASL") || said.starts_with("-ERR")))
}

fn ftp(wire: &mut Wire) -> Result<Plain, Silence> {
    if !line(wire, "", lines_done)?.starts_with("220") {
        return Ok(Plain::default());
    }
    // A name alone is no login.
    let answer = line(wire, "USER bedrail\r\n", lines_done)?;
    let offered = line(wire, "AUTH TLS\r\n", lines_done)?.starts_with("234");
    Ok(mail(offered, answer.starts_with("331") || answer.starts_with("230")))
}

fn xmpp(wire: &mut Wire, target: &EndpointTarget) -> Result<Plain, Silence> {
    let done = |heard: &[u8]| String::from_utf8_lossy(heard).contains("</stream:");
    let said = line(wire, &xmpp_stream(target), done)?;
    if !said.contains("<STREAM:FEATURES") {
        return Ok(Plain::default());
    }
    let offered = said.contains("XMPP-TLS");
    Ok(mail(offered, !offered || said.contains("<MECHANISM")))
}

/// Something to talk over, with or without TLS.
pub(super) trait Talk {
    fn tell(&mut self, bytes: &[u8]) -> Result<(), Silence>;
    fn listen(&mut self, most: usize, enough: &dyn Fn(&[u8]) -> bool) -> (Vec<u8>, Option<Silence>);
}

impl Talk for Wire {
    fn tell(&mut self, bytes: &[u8]) -> Result<(), Silence> {
        self.say(bytes)
    }

    fn listen(&mut self, most: usize, enough: &dyn Fn(&[u8]) -> bool) -> (Vec<u8>, Option<Silence>) {
        self.hear_until(most, enough)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_association_request_has_the_length_that_it_says() {
        let bytes = association();
        assert_eq!(u32::from_be_bytes([bytes[2], bytes[3], bytes[4], bytes[5]]) as usize, bytes.len() - 6);
        assert_eq!(&bytes[10..26], b"ANY-SCP         ");
        assert_eq!(&bytes[26..42], b"BEDRAIL         ");
        assert_eq!(bytes[74], 0x10);
    }
}
