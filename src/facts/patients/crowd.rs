//! People who share their quasi-identifiers: how many at least (k), and how many different sensitive values (l).
//!
//! Knows hashes of values and counts, nothing of columns. What is held is bounded however many rows come: when there are
//! too many groups, half of them are forgotten, by a bit of their hash, and no more of that half are taken; what is left
//! is counted over all rows, so that each number for a group stays exact, and a share of groups stays one.

use super::hashing::{FastMap, hash};

/// How many groups are held; with their numbers some 20 MB.
const MAX_GROUPS: usize = 450_000;
/// How many sensitive values of groups that have several are held.
const MAX_VALUES: usize = 2_000_000;
/// How many different sensitive values of one group and column are told apart.
pub(super) const MAX_DIFFERENT: usize = 64;
/// How many columns of sensitive values there may be: a value is held with its column in the lowest bits.
pub(super) const MAX_SENSITIVE: usize = 16;

/// People who share their quasi-identifiers.
#[derive(Debug, Default)]
struct Alike {
    count: u64,
    /// Their different sensitive values, by hash and column: the first one, 0 for none, and others.
    first: u64,
    #[allow(clippy::box_collection, reason = "most groups have none, and there are many groups")]
    others: Option<Box<Vec<u64>>>,
}

impl Alike {
    fn values(&self) -> impl Iterator<Item = u64> {
        let first = Some(self.first).filter(|first| *first != 0);
        first.into_iter().chain(self.others.iter().flat_map(|others| others.iter().copied()))
    }

    /// How many different values a column has; nothing where it has none.
    fn different(&self, column: u64) -> Option<usize> {
        let count = self.values().filter(|value| value % MAX_SENSITIVE as u64 == column).count();
        (count > 0).then_some(count)
    }

    /// Takes a value; whether it was new and stands among the others.
    fn learn(&mut self, value: u64) -> bool {
        if self.first == 0 {
            self.first = value;
            return false;
        }
        let column = value % MAX_SENSITIVE as u64;
        if self.values().any(|known| known == value) || self.different(column).unwrap_or(0) >= MAX_DIFFERENT {
            return false;
        }
        self.others.get_or_insert_default().push(value);
        true
    }
}

/// All people of a table, by their quasi-identifiers.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    groups: FastMap<u64, Alike>,
    /// Values of groups that have several.
    values: usize,
    /// How many times half of the groups were forgotten.
    halved: u32,
    /// How many people were counted, with those of groups that were forgotten.
    people: u64,
}

/// What the groups are measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Demand {
    pub(super) k: u64,
    pub(super) l: Option<u64>,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Measured {
    /// All people.
    pub(super) people: u64,
    /// How many groups there are, of those that are held.
    pub(super) groups: u64,
    /// One group of so many was held.
    pub(super) one_of: u64,
    /// How many people the smallest group has, and how many people are in groups of that size.
    pub(super) k: Option<u64>,
    pub(super) at_k: u64,
    /// Groups of fewer people than are demanded, and how many people are in them.
    pub(super) small: u64,
    pub(super) exposed: u64,
    /// How many different sensitive values a group has at least.
    pub(super) l: Option<u64>,
    /// Groups of two people or more that have one value only.
    pub(super) uniform: u64,
    /// Groups with fewer different values than are demanded.
    pub(super) unvaried: u64,
}

impl Crowd {
    /// Takes in a person.
    pub(super) fn person<'v>(&mut self, quasi: &[&[u8]], sensitive: impl Iterator<Item = &'v [u8]>) {
        self.people += 1;
        let key = hash(quasi);
        if self.is_forgotten(key) {
            return;
        }
        let alike = self.groups.entry(key).or_default();
        alike.count += 1;
        for (column, value) in (0..MAX_SENSITIVE as u64).zip(sensitive) {
            if !value.is_empty() {
                let tagged = (hash(&[value]) & !(MAX_SENSITIVE as u64 - 1) | column).max(MAX_SENSITIVE as u64);
                self.values += usize::from(alike.learn(tagged));
            }
        }
        self.stay_small();
    }

    /// Takes in the people of another part of the same table.
    pub(super) fn absorb(&mut self, other: Crowd) {
        self.people += other.people;
        self.halved = self.halved.max(other.halved);
        let halved = self.halved;
        self.forget(halved);
        for (key, theirs) in other.groups {
            if self.is_forgotten(key) {
                continue;
            }
            let alike = self.groups.entry(key).or_default();
            alike.count += theirs.count;
            self.values += theirs.values().map(|value| usize::from(alike.learn(value))).sum::<usize>();
            self.stay_small();
        }
    }

    fn is_forgotten(&self, key: u64) -> bool {
        key.leading_zeros() < self.halved
    }

    fn stay_small(&mut self) {
        while (self.groups.len() > MAX_GROUPS || self.values > MAX_VALUES) && self.halved < 60 {
            self.forget(self.halved + 1);
        }
    }

    /// Leaves one group of two to the power of `halved`.
    fn forget(&mut self, halved: u32) {
        self.halved = halved;
        self.groups.retain(|key, _| key.leading_zeros() >= halved);
        self.values = self.groups.values().map(|alike| alike.others.as_ref().map_or(0, |others| others.len())).sum();
    }

    /// What the groups come to; `sensitive` is how many columns of sensitive values there are.
    pub(super) fn measure(&self, sensitive: usize, demand: Demand) -> Measured {
        let mut measured = Measured {
            people: self.people,
            groups: self.groups.len() as u64,
            one_of: 1 << self.halved,
            ..Measured::default()
        };
        // Of one person nobody can be singled out.
        if self.people < 2 || self.groups.is_empty() {
            return measured;
        }
        for alike in self.groups.values() {
            let count = alike.count;
            match measured.k {
                Some(k) if count > k => {}
                Some(k) if count == k => measured.at_k += count,
                _ => (measured.k, measured.at_k) = (Some(count), count),
            }
            if count < demand.k {
                measured.small += 1;
                measured.exposed += count;
            }
            // Of several columns the one counts that gives most away.
            let different = (0..sensitive as u64).filter_map(|column| alike.different(column)).min();
            let Some(different) = different.map(|different| different as u64) else { continue };
            measured.l = Some(measured.l.map_or(different, |l| l.min(different)));
            measured.uniform += u64::from(count >= 2 && different == 1);
            measured.unvaried += u64::from(demand.l.is_some_and(|l| different < l));
        }
        measured
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quasi-identifiers, sensitive values.
    type Row<'r> = (&'r [&'r str], &'r [&'r str]);

    fn crowd(rows: &[Row<'_>]) -> Crowd {
        let mut crowd = Crowd::default();
        for (quasi, sensitive) in rows {
            let quasi: Vec<&[u8]> = quasi.iter().map(|value| value.as_bytes()).collect();
            crowd.person(&quasi, sensitive.iter().map(|value| value.as_bytes()));
        }
        crowd
    }

    #[test]
    fn k_and_l_are_those_counted_by_hand() {
        let one: &[&str] = &["a", "x"];
        let two: &[&str] = &["a", "y"];
        // rows; k, people at k, small for 3, exposed, l, uniform, unvaried for 2
        type Wanted = (Option<u64>, u64, u64, u64, Option<u64>, u64, u64);
        let cases: &[(&[Row<'_>], Wanted)] = &[
            (&[], (None, 0, 0, 0, None, 0, 0)),
            (&[(one, &["d"])], (None, 0, 0, 0, None, 0, 0)), // one person
            (&[(one, &["d"]), (one, &["d"])], (Some(2), 2, 1, 2, Some(1), 1, 1)),
            (&[(one, &["d"]), (one, &["e"])], (Some(2), 2, 1, 2, Some(2), 0, 0)),
            // three share, one stands alone
            (&[(one, &["d"]), (one, &["d"]), (one, &["e"]), (two, &["d"])], (Some(1), 1, 1, 1, Some(1), 0, 1)),
            // two groups of the smallest size
            (&[(one, &["d"]), (two, &["d"])], (Some(1), 2, 2, 2, Some(1), 0, 2)),
            // parts are not run together: `ab`, `c` is not `a`, `bc`
            (&[(&["ab", "c"], &[]), (&["a", "bc"], &[])], (Some(1), 2, 2, 2, None, 0, 0)),
            // of two columns the one counts that has fewer values; an empty cell says nothing
            (&[(one, &["d", "p"]), (one, &["e", "p"]), (one, &["", "p"])], (Some(3), 3, 0, 0, Some(1), 1, 1)),
            (&[(one, &["d", ""]), (one, &["e", ""])], (Some(2), 2, 1, 2, Some(2), 0, 0)),
        ];
        for (rows, wanted) in cases {
            let demand = Demand { k: 3, l: Some(2) };
            let m = crowd(rows).measure(2, demand);
            assert_eq!((m.k, m.at_k, m.small, m.exposed, m.l, m.uniform, m.unvaried), *wanted, "{rows:?}");
            // The same in two parts.
            for cut in 0..rows.len() {
                let mut parts = crowd(&rows[..cut]);
                parts.absorb(crowd(&rows[cut..]));
                assert_eq!(parts.measure(2, demand), m, "{rows:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn millions_of_groups_are_held_in_bounded_memory_and_numbers_of_a_group_stay_exact() {
        // Every number twice, so that k is 2, in two runs: all groups are met again after some were forgotten.
        let mut crowd = Crowd::default();
        for number in (0..2_000_000_u32).chain(0..2_000_000) {
            crowd.person(&[&number.to_le_bytes()], [&b"d"[..]].into_iter());
        }
        let measured = crowd.measure(1, Demand { k: 3, l: Some(2) });
        assert!(crowd.groups.len() <= MAX_GROUPS && measured.groups > MAX_GROUPS as u64 / 4, "{measured:?}");
        assert_eq!((measured.people, measured.k, measured.l), (4_000_000, Some(2), Some(1)));
        assert_eq!((measured.small, measured.uniform), (measured.groups, measured.groups));
        assert!(measured.one_of.is_power_of_two() && measured.one_of > 1);
        let estimate = measured.groups * measured.one_of;
        assert!((1_960_000..2_040_000).contains(&estimate), "{estimate}");
    }

    #[test]
    fn different_values_are_told_apart_up_to_a_limit() {
        let mut crowd = Crowd::default();
        for number in 0..1_000_u32 {
            crowd.person(&[b"same"], [&number.to_le_bytes()[..]].into_iter());
        }
        assert_eq!(crowd.measure(1, Demand { k: 1, l: None }).l, Some(MAX_DIFFERENT as u64));
    }
}
