//! Words about clients: what three scores are called, and how large somebody is.

use super::Lang;
use crate::domain::people::rfm::{Class, Rfm, Size};

impl Lang {
    /// Before what a client is called.
    pub const fn client(self) -> &'static str {
        match self {
            Lang::En => "As a client",
            Lang::Fr => "En tant que client",
        }
    }

    /// What three scores are called.
    pub const fn rfm_class(self, class: Class) -> &'static str {
        match (self, class) {
            (Lang::En, Class::Champions) => "Champion",
            (Lang::Fr, Class::Champions) => "Champion",
            (Lang::En, Class::Loyal) => "Loyal",
            (Lang::Fr, Class::Loyal) => "Fidèle",
            (Lang::En, Class::PotentialLoyal) => "May become loyal",
            (Lang::Fr, Class::PotentialLoyal) => "Fidèle en puissance",
            (Lang::En, Class::New) => "New client",
            (Lang::Fr, Class::New) => "Nouveau client",
            (Lang::En, Class::Promising) => "Promising",
            (Lang::Fr, Class::Promising) => "Prometteur",
            (Lang::En, Class::NeedAttention) => "Needs attention",
            (Lang::Fr, Class::NeedAttention) => "À suivre",
            (Lang::En, Class::AboutToSleep) => "About to sleep",
            (Lang::Fr, Class::AboutToSleep) => "En train de s’éloigner",
            (Lang::En, Class::AtRisk) => "At risk",
            (Lang::Fr, Class::AtRisk) => "À risque",
            (Lang::En, Class::CannotLose) => "Not to be lost",
            (Lang::Fr, Class::CannotLose) => "À ne pas perdre",
            (Lang::En, Class::Hibernating) => "Hibernating",
            (Lang::Fr, Class::Hibernating) => "En sommeil",
            (Lang::En, Class::Lost) => "Lost",
            (Lang::Fr, Class::Lost) => "Perdu",
        }
    }

    /// The scores, and how large a client is.
    pub fn rfm_scores(self, rfm: &Rfm) -> String {
        let size = match (self, rfm.size) {
            (_, None) => "",
            (Lang::En, Some(Size::Large)) => " · large in the last 12 months",
            (Lang::Fr, Some(Size::Large)) => " · grand compte sur 12 mois",
            (Lang::En, Some(Size::Medium)) => " · medium in the last 12 months",
            (Lang::Fr, Some(Size::Medium)) => " · compte moyen sur 12 mois",
            (Lang::En, Some(Size::Small)) => " · small in the last 12 months",
            (Lang::Fr, Some(Size::Small)) => " · petit compte sur 12 mois",
        };
        let [recency, frequency, monetary] = match self {
            Lang::En => ["recency", "frequency", "money"],
            Lang::Fr => ["récence", "fréquence", "montant"],
        };
        format!(
            "{recency}\u{a0}{}/5 · {frequency}\u{a0}{}/5 · {monetary}\u{a0}{}/5{size}",
            rfm.recency, rfm.frequency, rfm.monetary
        )
    }
}
