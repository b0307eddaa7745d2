//! Names of content as URIs: relative, percent-encoded, without the user's folders.

use std::fmt::Write;

use crate::artifact::{Origin, Step};

/// What relative URIs of files are relative to.
pub(super) const SOURCE_ROOT: &str = "SRCROOT";

/// The URI of the outermost file of `origin`, relative to [`SOURCE_ROOT`]. What is no file gets a stable
/// relative name made from its own: `tls://host:443` is `tls/host_443`, for services want a file everywhere.
pub(super) fn relative_uri(origin: &Origin) -> String {
    if let Some(path) = origin.file_path() {
        return encoded(path.trim_start_matches('/'));
    }
    let resource = origin.steps().iter().find_map(|step| match step {
        Step::Resource(name) | Step::Message(name) => Some(name.as_str()),
        _ => None,
    });
    match resource {
        Some(name) => encoded(&name.replace("://", "/").replace(':', "_").replace(' ', "-")),
        None => "stdin".to_owned(),
    }
}

/// `path` with all but unreserved characters and `/` percent-encoded. A colon is encoded too, so that no first
/// part is taken for a scheme; `.` and `..` parts, which readers would resolve, lose that meaning.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for (index, part) in path.split('/').filter(|part| !part.is_empty() && *part != ".").enumerate() {
        if index > 0 {
            uri.push('/');
        }
        if part == ".." {
            uri.push_str("__");
            continue;
        }
        for byte in part.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                uri.push(char::from(byte));
            } else {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    if uri.is_empty() { "_".to_owned() } else { uri }
}

/// Where a repository can be fetched, as an absolute URI; `host:path` becomes `ssh://host/path`. Nothing for
/// what is a folder on this machine.
pub(super) fn repository_uri(repository: &str) -> Option<String> {
    let (scheme, rest) = match repository.split_once("://") {
        Some((scheme, rest)) => (scheme, rest.to_owned()),
        None => {
            let (host, path) = repository.split_once(':')?;
            ("ssh", format!("{host}/{}", path.trim_start_matches('/')))
        }
    };
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !plain(scheme) || scheme == "file" || rest.is_empty() {
        return None;
    }
    let (host, path) = rest.split_once('/').unwrap_or((&rest, ""));
    // Whatever stands before the host may be a credential.
    let host = host.rsplit('@').next().unwrap_or(host);
    let host_is_plain = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'_'));
    // One letter before a colon is a drive.
    (host_is_plain && host.len() > 1).then(|| {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        if path.is_empty() { format!("{scheme}://{host}") } else { format!("{scheme}://{host}/{}", encoded(path)) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_relative_uris() {
        let cases = [
            (Origin::file("src/a.py"), "src/a.py"),
            (Origin::file("a b/100%#?.txt"), "a%20b/100%25%23%3F.txt"),
            (Origin::file("é😀.txt"), "%C3%A9%F0%9F%98%80.txt"),
            (Origin::file("a\nb\u{1b}"), "a%0Ab%1B"),
            (Origin::file("c:d\\e"), "c%3Ad%5Ce"), // neither a scheme nor a path of its own
            (Origin::file("./a//b/../c"), "a/b/__/c"), // nothing that a reader resolves
            (Origin::file("/etc/passwd"), "etc/passwd"), // still relative
            (Origin::file("a.zip").then(Step::Entry("b".into())), "a.zip"),
            (Origin::resource("tls://host:443"), "tls/host_443"),
            (Origin::file("facts.json").then(Step::Resource("s3://x".into())), "facts.json"),
            (Origin::stdin(), "stdin"),
            (Origin::message("commit message"), "commit-message"),
        ];
        for (origin, uri) in cases {
            assert_eq!(relative_uri(&origin), uri);
        }
    }

    #[test]
    fn repositories_are_absolute_and_hold_no_credential() {
        let cases = [
            ("https://example.com/a/b.git", Some("https://example.com/a/b.git")),
            // bedrail: allow secret-http-url-password -- made up for a test
            ("https://user:word@example.com/a", Some("https://example.com/a")),
            ("git@example.com:a/b.git", Some("ssh://example.com/a/b.git")),
            ("https://example.com/a b?token=x", Some("https://example.com/a%20b")),
            ("/srv/git/a", None),
            ("C:\\git\\a", None),
            ("file:///srv/git/a", None),
            ("../a", None),
        ];
        for (repository, uri) in cases {
            assert_eq!(repository_uri(repository).as_deref(), uri, "{repository}");
        }
    }
}
