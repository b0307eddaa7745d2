//! What the user decided: the configuration file, and comments that silence a finding. Pure; reads no file.

mod config;
mod date;
mod silence;

pub use config::Config;
pub use date::Date;
pub use silence::{Silence, apply, silences, split};
