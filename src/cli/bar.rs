//! The progress bar: on standard error, only on a terminal, only when a scan takes a while.

use std::sync::Arc;

use crate::scan::Progress;

/// Shows how far a scan is until it is dropped.
pub(super) struct Bar {
    #[cfg(feature = "progress")]
    running: Option<(std::sync::mpsc::Sender<()>, std::thread::JoinHandle<()>)>,
}

#[cfg(feature = "progress")]
impl Bar {
    /// Begins to show, unless `hidden` or nobody sees it.
    pub(super) fn start(progress: &Arc<Progress>, hidden: bool) -> Self {
        use std::io::IsTerminal;
        use std::sync::atomic::Ordering;
        use std::sync::mpsc::RecvTimeoutError;
        use std::time::Duration;

        if hidden || !std::io::stderr().is_terminal() {
            return Bar { running: None };
        }
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let progress = Arc::clone(progress);
        let thread = std::thread::spawn(move || {
            // What is over in a moment needs no bar.
            if stopped.recv_timeout(Duration::from_millis(500)) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = indicatif::ProgressBar::new_spinner();
            while stopped.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
                let bytes = indicatif::DecimalBytes(progress.bytes.load(Ordering::Relaxed));
                let (files, objects) =
                    (progress.files.load(Ordering::Relaxed), progress.objects.load(Ordering::Relaxed));
                let asked = &progress.endpoints;
                let (all, done) = (asked.all.load(Ordering::Relaxed), asked.done.load(Ordering::Relaxed));
                bar.set_message(match objects {
                    _ if all > done => format!("{done} of {all} endpoints"),
                    0 => format!("{files} files, {bytes}"),
                    _ => format!("{objects} objects, {files} files, {bytes}"),
                });
                bar.tick();
            }
            bar.finish_and_clear();
        });
        Bar { running: Some((stop, thread)) }
    }
}

#[cfg(feature = "progress")]
impl Drop for Bar {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

#[cfg(not(feature = "progress"))]
impl Bar {
    pub(super) fn start(_: &Arc<Progress>, _: bool) -> Self {
        Bar {}
    }
}
