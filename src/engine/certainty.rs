//! How sure a match is, and what made it so.

use crate::facts::validators::Validity;
use crate::rule::Confidence;

/// A confidence with the reasons that raised or lowered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certainty {
    /// How sure.
    pub confidence: Confidence,
    /// Why, for the reader; holds no part of the value.
    pub because: Vec<String>,
}

impl Certainty {
    /// As sure as the rule says.
    pub(super) fn new(confidence: Confidence) -> Self {
        Certainty { confidence, because: Vec::new() }
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
            Validity::Published(reason) => {
                self.confidence = Confidence::Low;
                self.because.push(reason.to_owned());
            }
            Validity::Impossible(_) => return false,
            Validity::Silent => {}
        }
        true
    }
}
