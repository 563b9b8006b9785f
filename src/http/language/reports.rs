//! What reports count by, and what each model of credit says: in words.

use super::Lang;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::tracking::credit::Model;

impl Lang {
    pub const fn dimension(self, dimension: Dimension) -> &'static str {
        let t = self.texts();
        match dimension {
            Dimension::Channel => t.channel,
            Dimension::Source => t.source,
            Dimension::Medium => t.medium,
            Dimension::Campaign => t.campaign,
            Dimension::Term => t.term,
            Dimension::LandingPage => t.landing_page,
            Dimension::Site => t.site,
            Dimension::Destination => t.destination,
            Dimension::Number => t.number,
            Dimension::Outcome => t.outcome,
            Dimension::Device => self.overview_texts().device,
            Dimension::Outlet => self.overview_texts().outlet,
            Dimension::Region => self.overview_texts().region,
        }
    }

    /// A filter in words: `Channel: E-mail`.
    pub fn only(self, dimension: Dimension, text: &str) -> String {
        format!("{}{} {text}", self.dimension(dimension), self.colon())
    }

    /// Calls that were added up of probabilities, to a tenth.
    pub fn calls(self, calls: f64) -> String {
        // A hair less than nothing is nothing.
        let text = format!("{:.1}", if calls.abs() < 0.05 { 0.0 } else { calls });
        let text = text.strip_suffix(".0").unwrap_or(&text).replace('-', "\u{2212}");
        if self == Lang::Fr { text.replace('.', ",") } else { text }
    }

    /// A model's name, and what it says to somebody who has never heard of it.
    pub const fn model(self, model: Model) -> (&'static str, &'static str) {
        match (self, model) {
            (Lang::En, Model::First) => {
                ("First", "What made callers known to you: all credit goes to the first visit.")
            }
            (Lang::Fr, Model::First) => (
                "Premier",
                "Ce qui vous a fait connaître\u{a0}: tout le mérite revient à la première visite.",
            ),
            (Lang::En, Model::Last) => {
                ("Last", "What they came by just before they called: all credit goes to the last visit.")
            }
            (Lang::Fr, Model::Last) => (
                "Dernier",
                "Par où ils sont venus juste avant d’appeler\u{a0}: tout revient à la dernière visite.",
            ),
            (Lang::En, Model::LastNonDirect) => {
                ("Last non-direct", "The same, passing over visits that say nothing of what brought them.")
            }
            (Lang::Fr, Model::LastNonDirect) => {
                ("Dernier non direct", "De même, sans les visites qui ne disent rien de leur origine.")
            }
            (Lang::En, Model::Linear) => ("Linear", "Every visit on the way to the call has the same part."),
            (Lang::Fr, Model::Linear) => ("Linéaire", "Chaque visite avant l’appel a la même part."),
            (Lang::En, Model::PositionBased) => (
                "Position-based",
                "40\u{a0}% for the first visit, 40\u{a0}% for the last, the rest for those between.",
            ),
            (Lang::Fr, Model::PositionBased) => (
                "Selon la place",
                "40\u{a0}% pour la première visite, 40\u{a0}% pour la dernière, le reste pour celles du milieu.",
            ),
            (Lang::En, Model::TimeDecay { .. }) => (
                "Time decay",
                "The closer to the call, the more: a visit a week before another has half its part.",
            ),
            (Lang::Fr, Model::TimeDecay { .. }) => (
                "Décroissance",
                "Plus c’est proche de l’appel, plus cela compte\u{a0}: une semaine plus tôt, moitié moins.",
            ),
            (Lang::En, Model::Markov { .. }) => (
                "Markov",
                "What would be lost without the channel: visits are read as steps that lead on, to a call or to nothing.",
            ),
            (Lang::Fr, Model::Markov { .. }) => (
                "Markov",
                "Ce qui serait perdu sans le canal\u{a0}: les visites sont lues comme des pas menant à l’appel ou à rien.",
            ),
            (Lang::En, Model::Shapley { .. }) => (
                "Shapley",
                "What the channel adds to any company of others. It is below zero for one that brings many who never call.",
            ),
            (Lang::Fr, Model::Shapley { .. }) => (
                "Shapley",
                "Ce que le canal ajoute aux autres. Il est négatif s’il amène beaucoup de gens qui n’appellent jamais.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_to_a_tenth_as_the_reader_writes() {
        assert_eq!(Lang::En.calls(12.34), "12.3");
        assert_eq!((Lang::Fr.calls(12.34), Lang::Fr.calls(-1.26)), ("12,3".into(), "−1,3".into()));
        assert_eq!((Lang::En.calls(3.0), Lang::En.calls(-0.01)), ("3".into(), "0".into()));
    }
}
