//! Runs rules over texts and documents; no I/O.

pub mod assignment;
