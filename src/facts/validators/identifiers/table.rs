//! How the tables of this folder's tests are read: a sign for each verdict.

use crate::facts::validators::Validity;

/// `+` valid, `.` silent, `?` doubtful or published, `x` impossible.
pub(super) fn mark(validity: Validity) -> char {
    match validity {
        Validity::Valid(_) => '+',
        Validity::Silent => '.',
        Validity::Doubtful(_) | Validity::Patterned(_) | Validity::Published(_) => '?',
        Validity::Impossible(_) => 'x',
    }
}

/// Holds a check against a table of values and signs.
pub(super) fn judge(check: fn(&[u8]) -> Validity, table: &[(&str, char)]) {
    for (value, wanted) in table {
        assert_eq!(mark(check(value.as_bytes())), *wanted, "{value}");
    }
}
