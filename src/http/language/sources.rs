//! Why a visit is taken for what it is: in sentences.

use super::Lang;
use crate::domain::tracking::source::{Basis, Exclusion, Explained, Referrer};

impl Lang {
    /// What the source was read from, what the referrer said, and who chose the channel.
    pub fn source_explained(self, explained: &Explained) -> Vec<String> {
        let mut sentences = vec![self.basis(explained.basis).to_owned()];
        if let Referrer::Excluded(why, host) = &explained.referrer {
            sentences.push(self.excluded(*why, host));
        }
        sentences.push(match (self, &explained.rule) {
            (Lang::En, Some((place, name))) => format!("Own rule {place}, “{name}”, applies."),
            (Lang::Fr, Some((place, name))) => {
                format!("La règle propre {place}, «\u{a0}{name}\u{a0}», s’applique.")
            }
            (Lang::En, None) => "No own rule fits: GA4’s rules choose the channel.".into(),
            (Lang::Fr, None) => {
                "Aucune règle propre ne convient\u{a0}: les règles de GA4 choisissent le canal.".into()
            }
        });
        sentences
    }

    const fn basis(self, basis: Basis) -> &'static str {
        match (self, basis) {
            (Lang::En, Basis::Tagged) => "The address names the source itself.",
            (Lang::Fr, Basis::Tagged) => "L’adresse nomme elle-même la source.",
            (Lang::En, Basis::PaidClick) => "The click id of an ad platform stands in the address.",
            (Lang::Fr, Basis::PaidClick) => {
                "L’adresse porte l’identifiant de clic d’une plateforme publicitaire."
            }
            (Lang::En, Basis::Referrer) => "The referrer is another website.",
            (Lang::Fr, Basis::Referrer) => "La provenance est un autre site.",
            (Lang::En, Basis::SharedLink) => "The address carries the id of a shared link.",
            (Lang::Fr, Basis::SharedLink) => "L’adresse porte l’identifiant d’un lien partagé.",
            (Lang::En, Basis::Incomplete) => "The address names a medium or a campaign, and no source.",
            (Lang::Fr, Basis::Incomplete) => {
                "L’adresse nomme un support ou une campagne, mais pas de source."
            }
            (Lang::En, Basis::Nothing) => "Nothing tells where the visit came from.",
            (Lang::Fr, Basis::Nothing) => "Rien n’indique d’où vient la visite.",
        }
    }

    fn excluded(self, why: Exclusion, host: &str) -> String {
        let because = match (self, why) {
            (Lang::En, Exclusion::Own) => "it is the site itself",
            (Lang::Fr, Exclusion::Own) => "c’est le site lui-même",
            (Lang::En, Exclusion::Ignored) => "the plan says so",
            (Lang::Fr, Exclusion::Ignored) => "le plan le veut ainsi",
            (Lang::En, Exclusion::Payment) => "visitors only pay there",
            (Lang::Fr, Exclusion::Payment) => "les visiteurs n’y font que payer",
            (Lang::En, Exclusion::SignIn) => "visitors only sign in there",
            (Lang::Fr, Exclusion::SignIn) => "les visiteurs ne font que s’y identifier",
            (Lang::En, Exclusion::Spam) => "robots write it",
            (Lang::Fr, Exclusion::Spam) => "des robots l’écrivent",
        };
        match self {
            Lang::En => format!("The referrer {host} says nothing: {because}."),
            Lang::Fr => format!("La provenance {host} ne dit rien\u{a0}: {because}."),
        }
    }
}
