//! What a command needs before it can begin: the root, the configuration, the rules, the key.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::arguments::{ClusterArguments, EndpointArguments, RuleArguments};
use super::complaint::Complaint;
use crate::finding::FingerprintKey;
use crate::policy::Config;
use crate::rule::{self, Checker, Mistakes, Rule};
use crate::scan::ClusterTarget;
use crate::source;
use crate::target::{EndpointTarget, Endpoints, Target};
use crate::text::{Decoded, decode, failure, visible};

/// The name of the configuration file at a root.
pub(super) const CONFIG: &str = "bedrail.toml";
/// How long one request to a cluster may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The most bytes of a list of endpoints.
const LONGEST_LIST: u64 = 64 << 20;
/// The environment variable that holds the key for fingerprints.
const KEY_VARIABLE: &str = "BEDRAIL_FINGERPRINT_KEY";

/// The targets of a command, made absolute.
#[derive(Debug)]
pub(super) struct Targets {
    /// Files and folders that exist.
    pub(super) paths: Vec<PathBuf>,
    /// Clusters to read.
    pub(super) clusters: Vec<ClusterTarget>,
    /// Endpoints to ask.
    pub(super) endpoints: Endpoints,
    /// Whether standard input is one.
    pub(super) stdin: bool,
    /// Whether the history of the repository at the root is the target; with a range, what it names.
    pub(super) history: Option<Option<String>>,
    /// The folder that paths are shown relative to.
    pub(super) root: PathBuf,
}

impl Targets {
    /// Takes the command's arguments; the current folder when there are none and `or_here` says so.
    ///
    /// A history stands alone: its paths are those of one repository, `repository` or the one around the current folder.
    pub(super) fn of(
        arguments: &[std::ffi::OsString],
        (cluster, endpoint): (&ClusterArguments, &EndpointArguments),
        or_here: bool,
        repository: Option<&Path>,
    ) -> Result<Targets, Complaint> {
        let here = [std::ffi::OsString::from(".")];
        let arguments =
            if arguments.is_empty() && or_here && endpoint.target_files.is_empty() { &here[..] } else { arguments };
        let (mut paths, mut clusters, mut stdin, mut history) = (Vec::new(), Vec::new(), false, None);
        let mut asked = Vec::new();
        for argument in arguments {
            match Target::parse(argument).map_err(|error| Complaint::usage(error.to_string(), None))? {
                Target::Stdin => stdin = true,
                Target::Endpoint(target) => asked.push(target),
                Target::Cluster(context) => clusters.push(cluster_target(context, cluster)),
                Target::History(range) if arguments.len() == 1 => history = Some(range),
                Target::History(_) => {
                    return Err(Complaint::usage(
                        "a `git:` target stands alone",
                        "scan other targets on their own".to_owned(),
                    ));
                }
                Target::Path(path) => {
                    let found = fs::canonicalize(&path).map_err(|error| {
                        let name = path.display().to_string();
                        Complaint::usage(format!("cannot look at {}: {}", visible(&name), failure(&error)), None)
                    })?;
                    paths.push(found);
                }
            }
        }
        let endpoints = endpoint_targets(asked, endpoint)?;
        let said = cluster.allow_exec_plugins || cluster.request_timeout.is_some() || !cluster.namespace.is_empty();
        if said && clusters.is_empty() {
            let text =
                "--namespace, --allow-exec-plugins and --request-timeout are about clusters, and no target is one";
            return Err(Complaint::usage(text, "`k8s:` is the current context of the kubeconfig".to_owned()));
        }
        let current = std::env::current_dir().and_then(fs::canonicalize);
        let current = current.map_err(|error| Complaint::unreadable(Path::new("."), &error))?;
        if history.is_some() {
            let place = match repository {
                Some(folder) => fs::canonicalize(folder).map_err(|error| Complaint::unreadable(folder, &error))?,
                None => current,
            };
            return Ok(Targets { paths, clusters, endpoints, stdin, history, root: history_root(&place)? });
        }
        if repository.is_some() {
            return Err(Complaint::usage("--repo says where `git:` looks, and there is no such target", None));
        }
        let root = source::common_root(&paths).or_else(|| source::repository_root(&current)).unwrap_or(current);
        Ok(Targets { paths, clusters, endpoints, stdin, history, root })
    }
}

fn cluster_target(context: Option<String>, arguments: &ClusterArguments) -> ClusterTarget {
    let mut namespaces = arguments.namespace.clone();
    namespaces.sort();
    namespaces.dedup();
    ClusterTarget {
        context,
        namespaces,
        allow_exec_plugins: arguments.allow_exec_plugins,
        timeout: arguments.request_timeout.map_or(REQUEST_TIMEOUT, |seconds| Duration::from_secs(seconds.into())),
    }
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

/// The endpoints of the command line and of files.
fn endpoint_targets(mut targets: Vec<EndpointTarget>, arguments: &EndpointArguments) -> Result<Endpoints, Complaint> {
    for file in &arguments.target_files {
        let text = read_list(file).map_err(|error| Complaint::unreadable(file, &error))?;
        let listed = EndpointTarget::parse_lines(&text).map_err(|(line, error)| {
            let place = format!("{}:{line}", visible(&file.display().to_string()));
            Complaint::usage(format!("{place}: {}", visible(&error.to_string())), None)
        })?;
        // Files that it names stand beside it.
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        targets.extend(listed.into_iter().map(|target| {
            let ca = target.ca.as_ref().map(|ca| folder.join(ca));
            EndpointTarget { ca, ..target }
        }));
    }
    for target in &mut targets {
        target.device |= arguments.device;
    }
    let EndpointArguments { target_files, ca, device, timeout, gap, max_rate, hosts, resume, allow_unreachable } =
        arguments;
    let said = !ca.is_empty() || *device || timeout.is_some() || gap.is_some() || max_rate.is_some();
    let said = said || hosts.is_some() || resume.is_some() || *allow_unreachable;
    if said && targets.is_empty() && target_files.is_empty() {
        let text = "--ca, --device, --timeout, --gap, --max-rate, --hosts, --resume and --allow-unreachable are about \
                    endpoints, and no target is one";
        return Err(Complaint::usage(text, "`tls://HOST:PORT` is an endpoint".to_owned()));
    }
    Ok(Endpoints {
        targets,
        timeout: Duration::from_secs(timeout.unwrap_or(5).into()),
        gap: gap.map(|gap| Duration::from_millis(gap.into())),
        max_rate: *max_rate,
        hosts: hosts.unwrap_or(32).into(),
        ca: ca.clone(),
        journal: resume.clone(),
        allow_unreachable: *allow_unreachable,
        now: super::scan::epoch().unwrap_or_else(super::scan::seconds),
    })
}

/// The folder of the repository around `place`.
#[cfg(feature = "git")]
fn history_root(place: &Path) -> Result<PathBuf, Complaint> {
    let none =
        || Complaint::usage(source::HistoryError::NoRepository.to_string(), "--repo names another folder".to_owned());
    source::history_root(place).ok_or_else(none)
}

#[cfg(not(feature = "git"))]
fn history_root(_: &Path) -> Result<PathBuf, Complaint> {
    Err(Complaint::usage(crate::scan::ScanError::NoGit.to_string(), None))
}

/// The configuration and the rules that are to be run.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) config: Config,
    pub(super) rules: Vec<Rule>,
    pub(super) key: FingerprintKey,
}

impl Setup {
    /// Reads what the root and the arguments say.
    pub(super) fn read(root: &Path, arguments: &RuleArguments) -> Result<Setup, Complaint> {
        let file = config_file(root, arguments)?;
        let config = match &file {
            Some((_, name, text)) => Config::read(name, text).map_err(|error| Complaint::Mistakes(vec![error]))?,
            None => Config::default(),
        };
        let folder = file.as_ref().and_then(|(path, _, _)| path.parent()).unwrap_or(root);
        let mut folders: Vec<(PathBuf, String)> =
            config.rules.iter().map(|rules| (folder.join(rules), rules.clone())).collect();
        folders.extend(arguments.rules.iter().map(|rules| (rules.clone(), rules.display().to_string())));
        let rules = all_rules(&folders)?;
        if let Some((_, name, text)) = &file {
            config.check_rules(name, text, rules.iter()).map_err(|error| Complaint::Mistakes(vec![error]))?;
        }
        let key = key(folder, config.fingerprint_key_file.as_deref())?;
        let rules = config.choose(rules);
        Ok(Setup { config, rules, key })
    }
}

/// The configuration file's path, its name for messages, and its text.
fn config_file(root: &Path, arguments: &RuleArguments) -> Result<Option<(PathBuf, String, String)>, Complaint> {
    let (path, wanted) = match &arguments.config {
        Some(path) => (path.clone(), true),
        None if arguments.isolated => return Ok(None),
        None => (root.join(CONFIG), false),
    };
    match fs::read_to_string(&path) {
        Ok(text) => {
            let name = if wanted { path.display().to_string() } else { CONFIG.to_owned() };
            Ok(Some((path, name, text)))
        }
        Err(error) if !wanted && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Complaint::unreadable(if wanted { &path } else { Path::new(CONFIG) }, &error)),
    }
}

/// Bedrail's own rules and those of the folders, each with the name it has in messages.
pub(super) fn all_rules(folders: &[(PathBuf, String)]) -> Result<Vec<Rule>, Complaint> {
    let mut rules = rule::embedded::rules();
    if folders.is_empty() {
        return Ok(rules);
    }
    let checker = Checker::new(compiles);
    let mut wrong: Vec<Mistakes> = Vec::new();
    for (folder, name) in folders {
        let taken: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        let (files, mistakes) = rule::read_folder(folder, name).map_err(|error| {
            Complaint::usage(
                visible(&error.to_string()),
                "`--rules` and `rules` name folders with .toml files".to_owned(),
            )
        })?;
        wrong.extend(mistakes);
        wrong.extend(rule::check_files(&files, &checker, &taken));
        rules.extend(files.into_iter().flat_map(|file| file.rules));
    }
    if wrong.is_empty() { Ok(rules) } else { Err(Complaint::Mistakes(wrong)) }
}

/// Whether the engine takes a regex.
pub(super) fn compiles(regex: &str) -> Result<(), String> {
    crate::engine::compile_regex(regex).map(drop)
}

/// The project's key: from the environment, else from the file that the configuration names.
fn key(folder: &Path, file: Option<&str>) -> Result<FingerprintKey, Complaint> {
    if let Some(key) = std::env::var_os(KEY_VARIABLE) {
        return Ok(FingerprintKey::new(Some(key.into_encoded_bytes())));
    }
    let Some(file) = file else { return Ok(FingerprintKey::default()) };
    let path = folder.join(file);
    let key = fs::read(&path).map_err(|error| Complaint::unreadable(Path::new(file), &error))?;
    let key = key.trim_ascii().to_vec();
    if key.len() < 16 {
        let help = "`bedrail init` writes one".to_owned();
        return Err(Complaint::usage(
            format!("the fingerprint key in {} is shorter than 16 bytes", visible(file)),
            help,
        ));
    }
    Ok(FingerprintKey::new(Some(key)))
}
