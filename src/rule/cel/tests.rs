//! Tests of reading and judging.
