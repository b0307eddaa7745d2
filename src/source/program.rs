//! Runs programs of the user's that render something: within a time, with a bound on what they print, and without
//! showing what they complain about, which may hold content.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long one run may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much one run may print.
const MOST: u64 = 64 << 20;

/// What a program prints; `name` is what to call it in the reason why there is nothing, `again` what to run to learn
/// more.
pub(super) fn printed(command: &mut Command, name: &str, again: &str) -> Result<String, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{name} could not be run: {}", crate::text::failure(&error)))?;
    let out = child.stdout.take();
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        let read = out.map(|out| out.take(MOST + 1).read_to_end(&mut text));
        (text, matches!(read, Some(Ok(_))))
    });
    let started = Instant::now();
    // Who closes its output and stays is waited for as well.
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if started.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
        }
    };
    let Some(status) = status else { return Err(format!("{name} did not end in a minute")) };
    // Who left something behind that holds the output open is waited for no longer than that.
    while !reader.is_finished() && started.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
    if !reader.is_finished() {
        return Err(format!("{name} did not end in a minute"));
    }
    let (text, read) = reader.join().unwrap_or_default();
    if text.len() as u64 > MOST {
        return Err("it becomes more than 64 MiB".to_owned());
    }
    if !status.success() || !read {
        return Err(format!("{name} could not render it; `{again}` says why"));
    }
    String::from_utf8(text).map_err(|_| format!("{name} printed something that is no text"))
}
