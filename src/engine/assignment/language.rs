//! Which family of syntax a file has, by its name: enough to know whether a bare right side is a value.
//!
//! Knows names only; nothing is read.

/// A family of syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// `.env` files.
    Env,
    /// INI, `.conf`, `.cfg` and their kin.
    Ini,
    /// Java properties.
    Properties,
    /// YAML.
    Yaml,
    /// JSON and its relaxed forms.
    Json,
    /// TOML.
    Toml,
    /// XML, plist, HTML.
    Xml,
    /// Terraform and other HCL.
    Hcl,
    /// Dockerfile, Containerfile.
    Dockerfile,
    /// POSIX shells.
    Shell,
    /// Windows batch files.
    Batch,
    /// PowerShell.
    PowerShell,
    /// SQL.
    Sql,
    /// LDIF: `name: value`, `name:: base64`.
    Ldif,
    /// Markdown, reStructuredText and other prose.
    Prose,
    /// C, C++, Objective-C, Swift.
    C,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Python.
    Python,
    /// Ruby.
    Ruby,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// PHP.
    Php,
    /// Perl.
    Perl,
    /// C# and Visual Basic.
    CSharp,
    /// Java, Kotlin, Scala, Groovy.
    Java,
    /// Any other programming language.
    OtherCode,
    /// Not known by name.
    Unknown,
}

/// Endings and whole names, lower case, with their language.
#[rustfmt::skip]
const NAMES: &[(&str, Language)] = &[
    ("env", Language::Env), ("envrc", Language::Env), ("ini", Language::Ini), ("cfg", Language::Ini),
    ("cnf", Language::Ini), ("conf", Language::Ini), ("config", Language::Xml), ("cf", Language::Ini),
    ("npmrc", Language::Ini), ("pypirc", Language::Ini), ("netrc", Language::Ini), ("service", Language::Ini),
    ("toml", Language::Toml), ("credentials", Language::Ini), ("properties", Language::Properties),
    ("props", Language::Xml), ("yaml", Language::Yaml), ("yml", Language::Yaml), ("json", Language::Json),
    ("json5", Language::Json), ("jsonc", Language::Json), ("jsonl", Language::Json),
    ("ndjson", Language::Json), ("ipynb", Language::Json), ("tfstate", Language::Json),
    ("har", Language::Json), ("map", Language::Json), ("xml", Language::Xml), ("plist", Language::Xml),
    ("html", Language::Xml), ("htm", Language::Xml), ("xhtml", Language::Xml), ("xsd", Language::Xml),
    ("xsl", Language::Xml), ("csproj", Language::Xml), ("jmx", Language::Xml), ("dtsx", Language::Xml),
    ("ktr", Language::Xml), ("kjb", Language::Xml), ("xaml", Language::Xml), ("jrxml", Language::Xml),
    ("ldif", Language::Ldif), ("tf", Language::Hcl),
    ("tfvars", Language::Hcl), ("hcl", Language::Hcl), ("nomad", Language::Hcl),
    ("dockerfile", Language::Dockerfile), ("containerfile", Language::Dockerfile), ("sh", Language::Shell),
    ("bash", Language::Shell), ("zsh", Language::Shell), ("ksh", Language::Shell), ("fish", Language::Shell),
    ("bashrc", Language::Shell), ("profile", Language::Shell), ("mk", Language::Shell),
    ("makefile", Language::Shell), ("bat", Language::Batch), ("cmd", Language::Batch),
    ("ps1", Language::PowerShell), ("psm1", Language::PowerShell), ("psd1", Language::PowerShell),
    ("sql", Language::Sql), ("md", Language::Prose), ("markdown", Language::Prose), ("rst", Language::Prose),
    ("adoc", Language::Prose), ("tex", Language::Prose), ("readme", Language::Prose),
    ("license", Language::Prose), ("changelog", Language::Prose), ("c", Language::C), ("h", Language::C),
    ("cc", Language::C), ("cpp", Language::C), ("cxx", Language::C), ("hpp", Language::C), ("m", Language::C),
    ("mm", Language::C), ("swift", Language::C), ("js", Language::JavaScript), ("mjs", Language::JavaScript),
    ("cjs", Language::JavaScript), ("jsx", Language::JavaScript), ("ts", Language::JavaScript),
    ("mts", Language::JavaScript), ("cts", Language::JavaScript), ("tsx", Language::JavaScript),
    ("vue", Language::JavaScript), ("svelte", Language::JavaScript), ("py", Language::Python),
    ("pyi", Language::Python), ("pyx", Language::Python), ("rb", Language::Ruby), ("erb", Language::Ruby),
    ("gemspec", Language::Ruby), ("rake", Language::Ruby), ("go", Language::Go), ("rs", Language::Rust),
    ("php", Language::Php), ("phtml", Language::Php), ("inc", Language::Php), ("pl", Language::Perl),
    ("pm", Language::Perl), ("t", Language::Perl), ("cs", Language::CSharp), ("vb", Language::CSharp),
    ("java", Language::Java), ("kt", Language::Java), ("kts", Language::Java), ("scala", Language::Java),
    ("groovy", Language::Java), ("gradle", Language::Java), ("jsp", Language::Java),
    ("dart", Language::OtherCode), ("r", Language::OtherCode), ("lua", Language::OtherCode),
    ("jl", Language::OtherCode), ("ex", Language::OtherCode), ("exs", Language::OtherCode),
    ("erl", Language::OtherCode), ("hs", Language::OtherCode), ("clj", Language::OtherCode),
    ("el", Language::OtherCode), ("ml", Language::OtherCode), ("proto", Language::OtherCode),
    ("css", Language::OtherCode), ("scss", Language::OtherCode), ("zig", Language::OtherCode),
    ("pas", Language::OtherCode), ("asm", Language::OtherCode), ("s", Language::OtherCode),
    ("g4", Language::OtherCode),
];

/// The language of a file of this name (a path is fine).
pub fn language_of(file_name: &str) -> Language {
    let base = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name).to_ascii_lowercase();
    if base.starts_with(".env") || base.ends_with(".env.example") || base.ends_with(".env.sample") {
        return Language::Env;
    }
    if base.starts_with("dockerfile") || base.starts_with("containerfile") {
        return Language::Dockerfile;
    }
    // A template has the syntax of what it makes: `app.yaml.tpl`, `my.cnf.j2`.
    let mut stem = base.as_str();
    for ending in [".example", ".sample", ".template", ".tpl", ".tmpl", ".j2", ".dist", ".bak", ".orig", ".old", ".in"]
    {
        stem = stem.strip_suffix(ending).unwrap_or(stem);
    }
    let ending = stem.rsplit('.').next().unwrap_or(stem);
    NAMES.iter().find(|(name, _)| *name == ending).map_or(Language::Unknown, |(_, language)| *language)
}

impl Language {
    /// Whether an unquoted right side is a value, not an expression.
    pub(super) fn has_bare_values(self) -> bool {
        matches!(
            self,
            Language::Env
                | Language::Ini
                | Language::Properties
                | Language::Yaml
                | Language::Dockerfile
                | Language::Shell
                | Language::Batch
                | Language::Ldif
                | Language::Prose
                | Language::Unknown
        )
    }

    /// Whether a bare value ends with its line rather than at a blank.
    pub(super) fn values_end_with_line(self) -> bool {
        matches!(self, Language::Env | Language::Ini | Language::Properties | Language::Yaml | Language::Ldif)
    }

    /// Whether files of this language are there to configure something.
    pub(super) fn is_config(self) -> bool {
        matches!(
            self,
            Language::Env
                | Language::Ini
                | Language::Properties
                | Language::Yaml
                | Language::Json
                | Language::Toml
                | Language::Xml
                | Language::Hcl
                | Language::Dockerfile
                | Language::Ldif
        )
    }

    /// Whether it is a programming language.
    pub(super) fn is_code(self) -> bool {
        !self.is_config() && !matches!(self, Language::Prose | Language::Unknown | Language::Shell | Language::Batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_language() {
        // file name, language
        let cases: &[(&str, Language)] = &[
            ("a/b/.env.production", Language::Env),
            ("conf/mirth.properties", Language::Properties),
            ("Dockerfile.dev", Language::Dockerfile),
            ("values.yaml.tpl", Language::Yaml), // a template of YAML
            ("C:\\x\\Web.config", Language::Xml),
            ("Makefile", Language::Shell),
            ("src/main.rs", Language::Rust),
            ("notes.txt", Language::Unknown),
            ("", Language::Unknown),
        ];
        for (name, language) in cases {
            assert_eq!(language_of(name), *language, "{name}");
        }
    }
}
