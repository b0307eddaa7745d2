//! Credential plugins: a program that the kubeconfig names prints an `ExecCredential`. Run only when the user said
//! so, without input, and not for longer than a request may take.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use serde::Deserialize;
use serde_json::json;

use crate::text::failure;

/// The most that a plugin may print, in bytes.
const LARGEST: u64 = 1 << 20;
/// How often the plugin is looked after.
const POLL: Duration = Duration::from_millis(10);

/// What a plugin gave.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Credentials {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

#[derive(Deserialize)]
struct ExecCredential {
    status: Option<Credentials>,
}

impl Credentials {
    pub(super) fn put_into(self, user: &mut AuthInfo) {
        if let Some(token) = self.token {
            user.token = Some(token.into());
        }
        if let (Some(certificate), Some(key)) = (self.client_certificate_data, self.client_key_data) {
            user.client_certificate_data = Some(encoded(certificate.as_bytes()));
            user.client_key_data = Some(encoded(key.as_bytes()).into());
        }
    }
}

/// Runs a plugin.
///
/// # Errors
/// What it did instead, as the end of a sentence; nothing of what it printed.
pub(super) fn run(exec: &ExecConfig, limit: Duration) -> Result<Credentials, String> {
    let program = exec.command.as_deref().filter(|command| !command.is_empty()).ok_or("has no name")?;
    if exec.interactive_mode == Some(ExecInteractiveMode::Always) {
        return Err("wants to talk to a person; log in first, with kubectl".to_owned());
    }
    let mut command = Command::new(program);
    command.args(exec.args.iter().flatten()).stdin(Stdio::null()).stdout(Stdio::piped());
    let named = exec.env.iter().flatten().filter_map(|one| Some((one.get("name")?, one.get("value")?)));
    command.envs(named).env("KUBERNETES_EXEC_INFO", question(exec));
    let mut child = command.spawn().map_err(|error| format!("cannot be run: {}", failure(&error)))?;
    let (sender, receiver) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        // Not waited for: whoever holds the other end may never close it.
        thread::spawn(move || {
            let mut text = Vec::new();
            let read = out.take(LARGEST).read_to_end(&mut text);
            let _ = sender.send(read.map(|_| text));
        });
    }
    let until = Instant::now() + limit;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => thread::sleep(POLL),
            _ => {
                // It may have ended meanwhile.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("did not end within {} s (--request-timeout)", limit.as_secs_f32()));
            }
        }
    };
    if !status.success() {
        return Err(match status.code() {
            Some(code) => format!("failed with exit code {code}"),
            None => "was ended by a signal".to_owned(),
        });
    }
    let rest = until.saturating_duration_since(Instant::now()).max(POLL * 10);
    let text = receiver.recv_timeout(rest).ok().and_then(Result::ok).ok_or("gave nothing that can be read")?;
    let answer: ExecCredential = serde_json::from_slice(&text).map_err(|_| "printed no ExecCredential")?;
    let usable = |given: &Credentials| {
        given.token.is_some() || (given.client_certificate_data.is_some() && given.client_key_data.is_some())
    };
    answer.status.filter(usable).ok_or_else(|| "gave no credentials".to_owned())
}

/// What the plugin is told.
fn question(exec: &ExecConfig) -> String {
    let version = exec.api_version.as_deref().unwrap_or("client.authentication.k8s.io/v1");
    let mut spec = json!({ "interactive": false });
    if let Some(cluster) = exec.cluster.as_ref().and_then(|cluster| serde_json::to_value(cluster).ok()) {
        spec["cluster"] = cluster;
    }
    json!({ "apiVersion": version, "kind": "ExecCredential", "spec": spec }).to_string()
}

/// In base64, as kubeconfigs hold certificates.
fn encoded(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let shown = digit <= chunk.len();
            let value = (group >> (18 - 6 * digit) & 63) as usize;
            text.push(if shown { char::from(DIGITS[value]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        for (plain, text) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("abcd", "YWJjZA==")] {
            assert_eq!(encoded(plain.as_bytes()), text, "{plain}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_plugin_gives_credentials_or_a_reason() {
        let run = |script: &str, milliseconds| {
            let exec = ExecConfig {
                command: Some("sh".to_owned()),
                args: Some(vec!["-c".to_owned(), script.to_owned()]),
                ..serde_json::from_str("{}").expect("all of it is optional")
            };
            run(&exec, Duration::from_millis(milliseconds)).map(|given| given.token)
        };
        let given = r#"echo '{"status": {"token": "'$(echo "$KUBERNETES_EXEC_INFO" | grep -c interactive)'"}}'"#;
        assert_eq!(run(given, 10_000), Ok(Some("1".to_owned())));
        let reasons = [
            ("exit 3", "failed with exit code 3"),
            ("kill -9 $$", "was ended by a signal"),
            ("echo hush", "printed no ExecCredential"),
            ("echo '{\"status\": {}}'", "gave no credentials"),
            ("exec sleep 60", "did not end within 0.3 s (--request-timeout)"),
            // Something that it started holds its output open.
            ("sleep 60 & exit 0", "gave nothing that can be read"),
        ];
        for (script, reason) in reasons {
            assert_eq!(run(script, 300), Err(reason.to_owned()), "{script}");
        }
    }
}
