//! Words about who is like a segment, and why.

use super::Lang;
use crate::domain::money::{Currency, Money};
use crate::domain::people::lookalikes::{Feature, Trait, Typical};

/// The fixed texts of the page.
#[derive(Debug)]
pub struct LookalikeTexts {
    pub title: &'static str,
    pub claim: &'static str,
    pub profiled: &'static str,
    pub members: &'static str,
    pub few: &'static str,
    pub alike: &'static str,
    pub not_yet: &'static str,
    pub nobody: &'static str,
    pub none: &'static str,
    pub channel: &'static str,
    pub purpose: &'static str,
    pub whoever: &'static str,
    pub contact: &'static str,
    pub likeness: &'static str,
    pub near: &'static str,
    pub misfits: &'static str,
    pub link: &'static str,
}

static EN: LookalikeTexts = LookalikeTexts {
    title: "Look-alikes",
    claim: "Contacts outside the segment, the nearest to its profile first. Whoever has objected to prospecting or to be profiled is neither profiled nor shown.",
    profiled: "Profiled",
    members: "Of the segment:",
    few: "The profile of fewer than 20 tells little.",
    alike: "Nothing tells the segment from all contacts.",
    not_yet: "Contacts have not been profiled yet; that is done within minutes.",
    nobody: "Nobody who may be profiled is in the segment.",
    none: "Nobody is found",
    channel: "May be reached by",
    purpose: "For",
    whoever: "whoever it is",
    contact: "Contact",
    likeness: "Alike",
    near: "What brings them near",
    misfits: "What does not fit",
    link: "Look-alikes",
};

static FR: LookalikeTexts = LookalikeTexts {
    title: "Semblables",
    claim: "Des contacts hors du segment, les plus proches de son profil d’abord. Qui s’est opposé à la prospection ou au profilage n’est ni profilé ni montré.",
    profiled: "Profils établis",
    members: "Dans le segment\u{a0}:",
    few: "Le profil de moins de 20 personnes ne dit pas grand-chose.",
    alike: "Rien ne distingue le segment de l’ensemble des contacts.",
    not_yet: "Les contacts n’ont pas encore de profil\u{a0}; ce sera fait sous peu.",
    nobody: "Personne qui puisse être profilé n’est dans le segment.",
    none: "Personne n’est trouvé",
    channel: "Peut être joint par",
    purpose: "Pour",
    whoever: "peu importe",
    contact: "Contact",
    likeness: "Semblable",
    near: "Ce qui rapproche",
    misfits: "Ce qui ne va pas",
    link: "Semblables",
};

impl Lang {
    pub const fn lookalike_texts(self) -> &'static LookalikeTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// A feature of somebody, beside what is usual in the segment and among all contacts.
    pub fn trait_words(self, it: &Trait, currency: Currency) -> String {
        let name = self.feature(it.feature);
        match &it.typical {
            Typical::Number { own, segment, base } => {
                let told = |number: f64| self.measured(it.feature, number, currency);
                match self {
                    Lang::En => format!(
                        "{name}: {} (the segment about {}, all contacts {})",
                        told(*own),
                        told(*segment),
                        told(*base)
                    ),
                    Lang::Fr => format!(
                        "{name}\u{a0}: {} (le segment environ {}, tous les contacts {})",
                        told(*own),
                        told(*segment),
                        told(*base)
                    ),
                }
            }
            Typical::Named { own: Some(own), segment, base } => {
                let (segment, base) = (self.percent(*segment), self.percent(*base));
                match self {
                    Lang::En => format!("{name}: {own} ({segment} of the segment, {base} of all contacts)"),
                    Lang::Fr => {
                        format!("{name}\u{a0}: {own} ({segment} du segment, {base} de tous les contacts)")
                    }
                }
            }
            Typical::Named { own: None, .. } => match self {
                Lang::En => format!("{name}: not known"),
                Lang::Fr => format!("{name}\u{a0}: inconnu"),
            },
        }
    }

    fn measured(self, feature: Feature, number: f64, currency: Currency) -> String {
        match feature {
            Feature::Recency | Feature::Tenure => match self {
                Lang::En => format!("{number:.0}\u{a0}days"),
                Lang::Fr => format!("{number:.0}\u{a0}jours"),
            },
            Feature::Spent => self.money(Money { minor: number.max(0.0).round() as u64, currency }),
            _ if number.fract().abs() < 0.05 => format!("{number:.0}"),
            _ => {
                let text = format!("{number:.1}");
                if self == Lang::Fr { text.replace('.', ",") } else { text }
            }
        }
    }

    const fn feature(self, feature: Feature) -> &'static str {
        let (en, fr) = match feature {
            Feature::Calls => ("calls in a year", "appels en un an"),
            Feature::Visits => ("visits in a year", "visites en un an"),
            Feature::Forms => ("forms in a year", "formulaires en un an"),
            Feature::EmailsOpened => ("e-mails opened in a year", "e-mails ouverts en un an"),
            Feature::EmailsClicked => ("e-mails clicked in a year", "e-mails cliqués en un an"),
            Feature::SmsReceived => ("SMS from them in a year", "SMS de leur part en un an"),
            Feature::Purchases => ("purchases in a year", "achats en un an"),
            Feature::Recency => ("last own act, ago", "dernière action, il y a"),
            Feature::Tenure => ("known for", "connu depuis"),
            Feature::Spent => ("spent in a year", "dépensé en un an"),
            Feature::Channel => ("first came by", "première venue par"),
            Feature::Region => ("region", "région"),
            Feature::Language => ("language", "langue"),
        };
        match self {
            Lang::En => en,
            Lang::Fr => fr,
        }
    }
}
