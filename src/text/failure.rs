//! What the system says went wrong, in plain words and without the paths of this machine.

use std::io::{Error, ErrorKind};

/// The words for an error of the system.
pub fn failure(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::StorageFull => "no space left on the device".to_owned(),
        ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        kind => match (kind.to_string(), error.raw_os_error()) {
            // Only the system's own errors: others may carry a path.
            (words, Some(_)) if words == "uncategorized error" => without_number(&error.to_string()),
            (words, _) => words,
        },
    }
}

/// `Input/output error (os error 5)` without its number.
fn without_number(text: &str) -> String {
    let words = text.split(" (os error ").next().unwrap_or(text);
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_words() {
        assert_eq!(failure(&Error::from(ErrorKind::NotFound)), "there is no such file or folder");
        assert_eq!(failure(&Error::from(ErrorKind::IsADirectory)), "is a directory");
        assert_eq!(failure(&Error::other("/home/a/b")), "other error", "no path");
        assert_eq!(without_number("Input/output error (os error 5)"), "input/output error");
    }
}
