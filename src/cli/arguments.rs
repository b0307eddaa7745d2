//! Every command and flag: the one record that help, completions and the manual page are made from.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::columns::ColumnArguments;
use super::endpoints::EndpointArguments;
use crate::facts::PodSecurityVersion;
use crate::report::Format;
use crate::rule::admission::Action;
use crate::rule::{Confidence, Severity};

/// Finds where patient data is exposed: secrets, PHI, Kubernetes manifests, facts of endpoints and buckets.
#[derive(Debug, Parser)]
#[command(name = "bedrail", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
}

const EXIT_CODES: &str = "Exit codes: 0 clean; 1 findings at or above --fail-on; 2 wrong usage, rule or \
configuration; 3 nothing was scanned; 4 the scan is incomplete or a report could not be written.";

/// The profiles of endpoints. Rules with a tag `tls-profile:NAME` run under that one only.
const TLS_PROFILES: [&str; 6] = [
    "nist-800-52r2",
    "nist-800-52r2-strict",
    "dicom-bcp195",
    "dicom-modified-bcp195",
    "ihe-atna",
    "mozilla-intermediate",
];

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set; always where FORCE_COLOR or CLICOLOR_FORCE is
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Look for exposed patient data and report what is found
    Scan(Box<ScanArguments>),
    /// Print the documents that rules see, as JSON that `scan --facts` judges again
    Facts(Box<FactsArguments>),
    /// List, explain and test rules
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Write rules for other programs to run
    Export {
        #[command(subcommand)]
        command: ExportCommand,
    },
    /// Write a commented bedrail.toml and a key for fingerprints
    Init,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (troff)
    Man,
}

#[derive(Debug, Args)]
pub(super) struct ScanArguments {
    /// Files and folders; `-` for standard input; `tls://HOST:PORT`, `https:`, `dicom:`, `mllp:`, `fhir:`, `ldap:`,
    /// `postgres:` and others for an endpoint; `k8s:` or `k8s:CONTEXT` for a cluster; `git:` for all that commits ever
    /// brought, `git:A..B` for what those of B brought that A does not have, `git:REF` for what leads to REF
    /// [default: .]
    #[arg(value_name = "TARGET")]
    pub(super) targets: Vec<OsString>,
    #[command(flatten)]
    pub(super) cluster: ClusterArguments,
    #[command(flatten)]
    pub(super) endpoint: EndpointArguments,
    /// Look at what is staged in git, not at files
    #[arg(long)]
    pub(super) staged: bool,
    /// Report only what stands in lines that are new since this commit (since where it and HEAD parted)
    #[arg(long, value_name = "REF", conflicts_with = "staged")]
    pub(super) since: Option<String>,
    /// The repository that `git:` looks into [default: the one around the current folder]
    #[arg(long, value_name = "DIR")]
    pub(super) repo: Option<PathBuf>,
    /// Judge a file of facts again (see `bedrail facts`); repeatable
    #[arg(long, value_name = "FILE")]
    pub(super) facts: Vec<PathBuf>,
    /// Tell records of made-up people too, with the reason why they are taken for made up
    #[arg(long)]
    pub(super) include_synthetic: bool,
    /// Which identifiers are too many: all eighteen, or those that a limited data set may not hold
    #[arg(long, value_name = "PROFILE", default_value = "safe-harbor", value_parser = ["safe-harbor", "limited-data-set"])]
    pub(super) phi_profile: String,
    #[command(flatten)]
    pub(super) columns: ColumnArguments,
    /// What endpoints are held against beyond the rules that always run
    #[arg(long, value_name = "PROFILE", default_value = TLS_PROFILES[0], value_parser = TLS_PROFILES)]
    pub(super) tls_profile: String,
    #[command(flatten)]
    pub(super) reporting: ReportArguments,
    #[command(flatten)]
    pub(super) rules: RuleArguments,
    /// Hold workloads against this version of the Pod Security Standards: `v1.31` or `latest` [default: latest]
    #[arg(long, value_name = "VERSION", value_parser = str::parse::<PodSecurityVersion>)]
    pub(super) psa_version: Option<PodSecurityVersion>,
    /// Look at paths that .gitignore files name, too
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Render charts with the `helm` that is on the PATH, and judge what their templates become
    #[arg(long)]
    pub(super) render_helm: bool,
    /// Render overlays with the `kustomize` or `kubectl` that is on the PATH, and judge what they become; nothing is
    /// fetched, and no plugin is run
    #[arg(long)]
    pub(super) render_kustomize: bool,
    /// Do not open archives (zip, jar, docx, tar, gz …)
    #[arg(long)]
    pub(super) no_archives: bool,
    /// How many threads read and search [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) threads: Option<u16>,
}

/// How clusters are read.
#[derive(Debug, Args)]
pub(super) struct ClusterArguments {
    /// Of a cluster, look at this namespace only; repeatable
    #[arg(long, value_name = "NS")]
    pub(super) namespace: Vec<String>,
    /// Let the kubeconfig run programs to get credentials
    #[arg(long)]
    pub(super) allow_exec_plugins: bool,
    /// How long one request to a cluster may take [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub(super) request_timeout: Option<u16>,
}

/// Which rules run, and what the scanned tree may say about it.
#[derive(Debug, Args)]
pub(super) struct RuleArguments {
    /// A folder with more rules; repeatable
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Vec<PathBuf>,
    /// Read this configuration instead of bedrail.toml at the root
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(super) config: Option<PathBuf>,
    /// Let the scanned tree decide nothing: no bedrail.toml, no silencing comments
    #[arg(long)]
    pub(super) isolated: bool,
}

/// What is reported, where, and what fails.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// How to report, and where: terminal, sarif, json or html, with `:FILE` to write a file; repeatable
    #[arg(long, value_name = "FORMAT[:FILE]", value_parser = parse_format)]
    pub(super) format: Vec<(Format, Option<PathBuf>)>,
    /// Exit with 1 for findings of this severity or worse [default: medium]
    #[arg(long, value_name = "SEVERITY", value_parser = parse_severity)]
    pub(super) fail_on: Option<Severity>,
    /// Leave out findings below this severity
    #[arg(long, value_name = "SEVERITY", value_parser = parse_severity)]
    pub(super) min_severity: Option<Severity>,
    /// Leave out findings below this confidence [default: medium]
    #[arg(long, value_name = "CONFIDENCE", value_parser = parse_confidence)]
    pub(super) min_confidence: Option<Confidence>,
    /// Exit with 0 whatever is found
    #[arg(long)]
    pub(super) exit_zero: bool,
    /// Keep silenced findings in SARIF, with their reasons
    #[arg(long)]
    pub(super) show_silenced: bool,
    /// Count findings by rule at the end
    #[arg(long)]
    pub(super) statistics: bool,
    /// Write start and end times into SARIF and JSON (reports of equal scans then differ)
    #[arg(long)]
    pub(super) timestamps: bool,
    /// Say nothing but findings and what could not be looked at
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say everything about each finding, and name everything that was not looked at
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Show no progress bar
    #[arg(long)]
    pub(super) no_progress: bool,
}

#[derive(Debug, Args)]
pub(super) struct FactsArguments {
    /// Files and folders, `-` for standard input, `tls://HOST:PORT` and others for an endpoint, `k8s:` or `k8s:CONTEXT`
    /// for a cluster [default: .]
    #[arg(value_name = "TARGET")]
    pub(super) targets: Vec<OsString>,
    #[command(flatten)]
    pub(super) cluster: ClusterArguments,
    #[command(flatten)]
    pub(super) endpoint: EndpointArguments,
    #[command(flatten)]
    pub(super) columns: ColumnArguments,
    /// Only documents of this kind (`kubernetes.workload`, `yaml` …); repeatable
    #[arg(long, value_name = "KIND")]
    pub(super) kind: Vec<String>,
    /// Look at paths that .gitignore files name, too
    #[arg(long)]
    pub(super) no_ignore: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List all rules, a line each
    List(ListArguments),
    /// Print a rule's page
    Explain(ExplainArguments),
    /// Run the examples of bedrail's rules, or of a folder of rules, and check everything about them
    Test(TestArguments),
}

#[derive(Debug, Subcommand)]
pub(super) enum ExportCommand {
    /// Print rules as ValidatingAdmissionPolicies with their bindings
    Admission(AdmissionArguments),
}

/// What a cluster does with an object that a policy refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ActionArgument {
    /// Refuse it
    Deny,
    /// Warn whoever writes it
    Warn,
    /// Note it in the audit log
    Audit,
}

impl From<ActionArgument> for Action {
    fn from(action: ActionArgument) -> Action {
        match action {
            ActionArgument::Deny => Action::Deny,
            ActionArgument::Warn => Action::Warn,
            ActionArgument::Audit => Action::Audit,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct AdmissionArguments {
    /// Ids of rules [default: all checks of Kubernetes objects]
    #[arg(value_name = "RULE")]
    pub(super) ids: Vec<String>,
    /// What a cluster does with what a policy refuses; `audit` may stand beside another [default: audit]
    #[arg(long, value_name = "ACTION", value_enum, value_delimiter = ',')]
    pub(super) action: Vec<ActionArgument>,
    /// Hold workloads against this version of the Pod Security Standards: `v1.31` or `latest` [default: latest]
    #[arg(long, value_name = "VERSION", value_parser = str::parse::<PodSecurityVersion>)]
    pub(super) psa_version: Option<PodSecurityVersion>,
    /// A folder with more rules; repeatable
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Only rules whose id, title or tags hold this word
    #[arg(value_name = "WORD")]
    pub(super) words: Vec<String>,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
    /// A folder with more rules; repeatable
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The rule's id
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// A folder with more rules; repeatable
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct TestArguments {
    /// Folders of rules; bedrail's own rules when there is none
    #[arg(value_name = "DIR")]
    pub(super) folders: Vec<PathBuf>,
    /// Only rules whose id holds this word
    #[arg(long, value_name = "WORD")]
    pub(super) only: Option<String>,
}

fn parse_severity(text: &str) -> Result<Severity, String> {
    let names = Severity::ALL.map(Severity::name);
    Severity::ALL.into_iter().find(|severity| severity.name() == text).ok_or(format!("one of {}", names.join(", ")))
}

fn parse_confidence(text: &str) -> Result<Confidence, String> {
    let names = Confidence::ALL.map(Confidence::name);
    Confidence::ALL
        .into_iter()
        .find(|confidence| confidence.name() == text)
        .ok_or(format!("one of {}", names.join(", ")))
}

fn parse_format(text: &str) -> Result<(Format, Option<PathBuf>), String> {
    let (name, file) = match text.split_once(':') {
        Some((_, "")) => return Err("a file name follows the colon: `sarif:out.sarif`".to_owned()),
        Some((name, file)) => (name, (file != "-").then(|| PathBuf::from(file))),
        None => (text, None),
    };
    let names = Format::ALL.map(Format::name).join(", ");
    Format::named(name).map(|format| (format, file)).ok_or(format!("there are {names}; with a file, `sarif:out.sarif`"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_format_may_name_its_file() {
        assert_eq!(parse_format("sarif:a/b.sarif"), Ok((Format::Sarif, Some("a/b.sarif".into()))));
        assert_eq!(parse_format("json"), Ok((Format::Json, None)));
        assert_eq!(parse_format("json:-"), Ok((Format::Json, None)));
        assert!(parse_format("sarif:").is_err());
        assert!(parse_format("yaml").is_err());
    }
}
