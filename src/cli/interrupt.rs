//! Ctrl-C while endpoints are asked: no more are begun, and what was learned is told. A second one ends the program at
//! once, and so does the first when nothing is asked any more.

use crate::scan::Asked;

/// From now on the first signal ends asking, and not the program.
#[cfg(feature = "endpoint")]
pub(super) fn ends_asking(asked: &Asked) {
    use std::sync::Arc;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;

    for signal in [SIGINT, SIGTERM] {
        // In this order: what is over when the signal comes decides, not what is over because of it. Where signals cannot
        // be caught, they end the program as ever.
        let _ = flag::register_conditional_default(signal, Arc::clone(&asked.over))
            .and_then(|_| flag::register(signal, Arc::clone(&asked.stop)))
            .and_then(|_| flag::register(signal, Arc::clone(&asked.over)));
    }
}

/// Without endpoints every signal ends the program.
#[cfg(not(feature = "endpoint"))]
pub(super) fn ends_asking(_: &Asked) {}
