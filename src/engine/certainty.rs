//! How sure a match is, and what made it so.

use super::assignment::shows_forms;
use crate::facts::validators::Validity;
use crate::rule::Confidence;

/// A confidence with the reasons that raised or lowered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certainty {
    /// How sure.
    pub confidence: Confidence,
    /// Why, for the reader; holds no part of the value.
    pub because: Vec<String>,
    /// Whether the value counts or repeats, as typed ones do, and only its name says what it is.
    patterned: bool,
}

impl Certainty {
    /// As sure as the rule says.
    pub(super) fn new(confidence: Confidence) -> Self {
        Certainty { confidence, because: Vec::new(), patterned: false }
    }

    /// Takes in what a validator says; `false` when there is no finding at all.
    pub(super) fn weigh(&mut self, validity: Validity) -> bool {
        match validity {
            Validity::Valid(reason) => {
                self.confidence = Confidence::High;
                self.because.push(reason.to_owned());
            }
            Validity::Doubtful(reason) => {
                self.confidence = self.confidence.lowered();
                self.because.push(reason.to_owned());
            }
            Validity::Patterned(reason) => {
                // A form that is sure by itself is one wherever it stands.
                self.patterned = self.confidence < Confidence::High;
                self.confidence = self.confidence.min(Confidence::Medium);
                self.because.push(reason.to_owned());
            }
            Validity::Published(reason) => {
                self.confidence = Confidence::Low;
                self.because.push(reason.to_owned());
            }
            Validity::Impossible(_) => return false,
            Validity::Silent => {}
        }
        true
    }

    /// Lowers what counts or repeats in a file that shows forms: there it stands for the reader's own value.
    pub(super) fn stand_in(&mut self, file: &str) {
        if self.patterned && shows_forms(file) {
            self.confidence = Confidence::Low;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterned_values_are_medium_where_values_stand_and_low_where_forms_are_shown() {
        // file, rule's confidence, wanted
        let cases: &[(&str, Confidence, Confidence)] = &[
            ("app/.env", Confidence::High, Confidence::Medium),
            ("app/settings.yaml", Confidence::Medium, Confidence::Medium),
            ("notes.txt", Confidence::Low, Confidence::Low),
            ("README.md", Confidence::High, Confidence::Medium), // a form of its own
            ("README.md", Confidence::Medium, Confidence::Low),
            ("src/client.py", Confidence::Medium, Confidence::Low),
            ("tests/data/app.yaml", Confidence::Medium, Confidence::Low),
            (".env.example", Confidence::Medium, Confidence::Low),
        ];
        for (file, rule, wanted) in cases {
            let mut certainty = Certainty::new(*rule);
            assert!(certainty.weigh(Validity::Patterned("it counts")));
            certainty.stand_in(file);
            assert_eq!(certainty.confidence, *wanted, "{file}");
        }
        let mut plain = Certainty::new(Confidence::High);
        plain.stand_in("README.md");
        assert_eq!(plain.confidence, Confidence::High);
    }
}
