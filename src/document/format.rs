//! Which format a text is in, and the parser for it.
//!
//! Knows file names and the first lines of texts; the parsers know the rest.

use super::{Parsed, env, ini, json, properties, toml, yaml};

/// Formats that can be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// YAML, one document or several.
    Yaml,
    /// JSON, with comments and trailing commas or without; one value or several.
    Json,
    /// TOML.
    Toml,
    /// `NAME=value` lines, as shells and dotenv read them.
    Env,
    /// Sections of `name = value` lines.
    Ini,
    /// Java properties.
    Properties,
}

/// What a file name says of its format.
enum Named {
    /// This format.
    Is(Format),
    /// This format, if the content looks like it: the name is also used for others.
    Perhaps(Format),
    /// Something that is not parsed here.
    Other,
    /// Nothing.
    Silent,
}

/// The format of a text, by its file name (or path) first, and by its content where the name says nothing.
pub fn format_of(name: &str, text: &[u8]) -> Option<Format> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    match named(&file) {
        Named::Is(format) => Some(format),
        Named::Perhaps(format) => Some(format).filter(|format| fits(*format, text)),
        Named::Other => None,
        Named::Silent => sniffed(text),
    }
}

/// Parses a text; spans are byte offsets into it.
pub fn parse(format: Format, text: &[u8]) -> Parsed {
    match format {
        Format::Yaml => yaml::parse(text),
        Format::Json => json::parse(text),
        Format::Toml => toml::parse(text),
        Format::Env => env::parse(text),
        Format::Ini => ini::parse(text),
        Format::Properties => properties::parse(text),
    }
}

/// Takes the values of a JSON text one after the other, which need not fit into memory together; whether all of it is
/// JSON.
pub fn each_json(text: &[u8], take: impl FnMut(super::Document)) -> bool {
    let (broken, _) = json::each(text, 4_000, take);
    broken.iter().all(|broken| broken.why == super::Trouble::DuplicateKey)
}

/// Endings that say "a copy, a sample, a template of what stands before".
const COPIES: [&str; 12] =
    [".example", ".sample", ".dist", ".template", ".tmpl", ".tpl", ".gotmpl", ".j2", ".jinja", ".bak", ".orig", ".old"];

/// Names without a format in them that everybody knows to be in none of these.
const OTHERS: [&str; 16] = [
    "dockerfile",
    "containerfile",
    "makefile",
    "jenkinsfile",
    "vagrantfile",
    "gemfile",
    "rakefile",
    "procfile",
    "codeowners",
    "license",
    "licence",
    "notice",
    "readme",
    "changelog",
    "authors",
    "copying",
];

/// Takes a lower-case file name.
fn named(file: &str) -> Named {
    if OTHERS.contains(&file) {
        return Named::Other;
    }
    if let Some(format) = whole_name(file) {
        return format;
    }
    let dotenv = file.starts_with(".env.") || file == ".env";
    if let Some(stem) = COPIES.iter().find_map(|ending| file.strip_suffix(ending)).filter(|stem| stem.contains('.')) {
        return match named(stem) {
            Named::Silent if dotenv => Named::Is(Format::Env),
            Named::Silent => Named::Other,
            known => known,
        };
    }
    match file.rsplit_once('.').map(|(_, ending)| ending) {
        Some("yaml" | "yml") => Named::Is(Format::Yaml),
        Some("json" | "jsonc" | "jsonl" | "ndjson" | "geojson" | "har" | "webmanifest" | "tfstate" | "ipynb") => {
            Named::Is(Format::Json)
        }
        Some("avsc" | "code-workspace") => Named::Is(Format::Json),
        Some("toml") => Named::Is(Format::Toml),
        Some("properties") => Named::Is(Format::Properties),
        Some("env") => Named::Is(Format::Env),
        Some("ini") => Named::Is(Format::Ini),
        Some("cfg" | "conf" | "cnf" | "config" | "service" | "timer" | "socket") => Named::Perhaps(Format::Ini),
        Some(_) if dotenv => Named::Is(Format::Env),
        Some(_) => Named::Other,
        None => Named::Silent,
    }
}

/// Files whose whole name says it.
fn whole_name(file: &str) -> Option<Named> {
    Some(match file {
        "cargo.lock" | "poetry.lock" | "uv.lock" | "pipfile" => Named::Is(Format::Toml),
        "composer.lock"
        | "pipfile.lock"
        | "flake.lock"
        | "deno.lock"
        | ".dockerconfigjson"
        | ".babelrc"
        | ".jshintrc"
        | "terraform.tfstate.backup" => Named::Is(Format::Json),
        ".clang-format" | ".clang-tidy" | ".yamllint" => Named::Is(Format::Yaml),
        ".npmrc" | ".pypirc" | ".gitconfig" | ".editorconfig" | ".s3cfg" | ".boto" | ".hgrc" | ".my.cnf" => {
            Named::Is(Format::Ini)
        }
        ".envrc" | ".flaskenv" => Named::Is(Format::Env),
        ".eslintrc" | ".prettierrc" | ".stylelintrc" | ".dockercfg" => Named::Silent,
        _ => return None,
    })
}

/// How much of a text is looked at.
const HEAD: usize = 4096;

/// The first lines of a text that hold something, no byte-order mark, comments left out.
fn head(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let lines = text[..text.len().min(HEAD)].split(|byte| *byte == b'\n');
    lines.map(<[u8]>::trim_ascii_end).filter(|line| {
        let line = line.trim_ascii_start();
        !line.is_empty() && !line.starts_with(b"#") && !line.starts_with(b";")
    })
}

/// Whether a text could be in the format that its name shares with others.
fn fits(format: Format, text: &[u8]) -> bool {
    if format != Format::Ini {
        return true;
    }
    let mut lines = head(text).peekable();
    let starts_well = lines.peek().is_some_and(|line| is_section(line) || line.contains(&b'='));
    // nginx, HAProxy, HOCON and the like end lines in ways that no ini file does.
    starts_well && !lines.any(|line| matches!(line.last(), Some(b'{' | b'}' | b';')) || line.starts_with(b"<"))
}

fn is_section(line: &[u8]) -> bool {
    let inner = line.strip_prefix(b"[").and_then(|line| line.strip_suffix(b"]"));
    inner.is_some_and(|name| name.first().is_some_and(u8::is_ascii_alphabetic) && !name.contains(&b','))
}

fn sniffed(text: &[u8]) -> Option<Format> {
    let mut lines = head(text);
    let first = lines.next()?;
    let trimmed = first.trim_ascii_start();
    if looks_like_json(trimmed, lines.next()) {
        return Some(Format::Json);
    }
    if is_section(first) && head(text).nth(1).is_some_and(|line| line.contains(&b'=')) {
        return Some(Format::Ini);
    }
    let is_marker = |line: &[u8]| line == b"---" || line.starts_with(b"--- ") || line.starts_with(b"%YAML ");
    // A line of dashes also opens prose; a diff opens with `--- a/name`.
    let opens = is_marker(first)
        && !first.starts_with(b"--- a/")
        && head(text).find(|line| !is_marker(line)).is_some_and(|line| {
            line.starts_with(b"- ") || line.ends_with(b":") || memchr::memmem::find(line, b": ").is_some()
        });
    let has_api_version = head(text).any(|line| line.starts_with(b"apiVersion:"));
    (opens || has_api_version).then_some(Format::Yaml)
}

fn looks_like_json(first: &[u8], second: Option<&[u8]>) -> bool {
    let Some((bracket, rest)) = first.split_first() else { return false };
    let rest = rest.trim_ascii_start();
    let next = rest.first().or_else(|| second.and_then(|line| line.trim_ascii_start().first()));
    match bracket {
        b'{' => matches!(next, None | Some(b'"' | b'}' | b'/')),
        b'[' if is_section(first) => false,
        b'[' => matches!(next, None | Some(b'"' | b'{' | b'[' | b']' | b'-' | b'/' | b't' | b'f' | b'n' | b'0'..=b'9')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_first() {
        use Format::{Env, Ini, Json, Properties, Toml, Yaml};
        let cases: &[(&str, &str, Option<Format>)] = &[
            ("deploy/app.yaml", "", Some(Yaml)),
            ("C:\\work\\app.YML", "", Some(Yaml)),
            ("templates/app.yaml.j2", "", Some(Yaml)),
            ("values.yaml.example", "", Some(Yaml)),
            ("tsconfig.json", "", Some(Json)),
            ("events.ndjson", "", Some(Json)),
            ("Cargo.lock", "", Some(Toml)),
            ("pyproject.toml", "", Some(Toml)),
            (".env", "", Some(Env)),
            (".env.local", "", Some(Env)),
            (".env.production.local", "", Some(Env)),
            (".env.example", "", Some(Env)),
            (".env.yaml", "", Some(Yaml)), // what it ends with says more
            ("prod.env", "", Some(Env)),
            (".envrc", "", Some(Env)),
            ("setup.ini", "", Some(Ini)),
            (".npmrc", "", Some(Ini)),
            ("app.conf", "[main]\nkey = value\n", Some(Ini)),
            ("nginx.conf", "user www;\nhttp {\n}\n", None),
            ("app.conf", "# only\n", None),
            ("httpd.conf", "<VirtualHost *>\n", None),
            ("log4j.properties", "", Some(Properties)),
            ("Dockerfile", "{\"a\": 1}", None), // a known name of something else
            ("notes.md", "---\nkey: value\n", None),
            ("main.py", "{}", None),
            ("_helpers.tpl", "{{- define \"x\" -}}", None),
            ("index.html.j2", "", None),
        ];
        for (name, text, format) in cases {
            assert_eq!(format_of(name, text.as_bytes()), *format, "{name}");
        }
    }

    #[test]
    fn content_counts_where_the_name_is_silent() {
        use Format::{Ini, Json, Yaml};
        let cases: &[(&str, Option<Format>)] = &[
            ("{\"a\": 1}", Some(Json)),
            ("\u{feff}  [\n  1\n]", Some(Json)),
            ("{\n", Some(Json)),
            ("[]", Some(Json)),
            ("{{ template }}", None), // no JSON opens with two braces
            ("{ echo x; }", None),
            ("---\napiVersion: v1\n", Some(Yaml)),
            ("# head\n---\nkey: value\n", Some(Yaml)),
            ("--- a/x\n+++ b/x\n", None), // a diff
            ("---\nprose\n", None),
            ("kind: Pod\napiVersion: v1\n", Some(Yaml)),
            ("key: value\n", None), // a mail header reads the same
            ("[default]\nregion = eu\n", Some(Ini)),
            ("", None),
            ("\u{0}\u{1}", None),
        ];
        for (text, format) in cases {
            assert_eq!(format_of("-", text.as_bytes()), *format, "{text:?}");
            assert_eq!(format_of("config", text.as_bytes()), *format, "{text:?}");
        }
    }
}
