//! Words about how long data is kept.

use super::Lang;
use crate::domain::people::retention::Kind;

/// The fixed texts of the page.
#[derive(Debug)]
pub struct RetentionTexts {
    pub retention: &'static str,
    pub claim: &'static str,
    pub what: &'static str,
    pub kept: &'static str,
    pub due: &'static str,
    pub oldest: &'static str,
    pub next: &'static str,
    pub for_ever: &'static str,
    pub runs: &'static str,
    pub when: &'static str,
    pub taken: &'static str,
    pub no_runs: &'static str,
    pub unfinished: &'static str,
}

static EN: RetentionTexts = RetentionTexts {
    retention: "Retention",
    claim: "How long data is kept, as the plan says ([[retention]]). What it says nothing of is kept.",
    what: "What",
    kept: "Kept",
    due: "Has had its time",
    oldest: "The oldest",
    next: "Next run",
    for_ever: "kept: the plan says nothing of it",
    runs: "Past runs",
    when: "When",
    taken: "Taken",
    no_runs: "Nothing has been taken yet",
    unfinished: "goes on, or broke off",
};

static FR: RetentionTexts = RetentionTexts {
    retention: "Durées de conservation",
    claim: "Combien de temps les données sont gardées, selon le plan ([[retention]]). Ce dont il ne dit rien est gardé.",
    what: "Quoi",
    kept: "Gardé",
    due: "Échu",
    oldest: "Le plus ancien",
    next: "Prochain passage",
    for_ever: "gardé\u{a0}: le plan n’en dit rien",
    runs: "Passages",
    when: "Quand",
    taken: "Repris",
    no_runs: "Rien n’a encore été repris",
    unfinished: "en cours, ou interrompu",
};

impl Lang {
    pub const fn retention_texts(self) -> &'static RetentionTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub fn months(self, months: u32) -> String {
        match self {
            Lang::En if months == 1 => "1\u{a0}month".to_owned(),
            Lang::En => format!("{months}\u{a0}months"),
            Lang::Fr => format!("{months}\u{a0}mois"),
        }
    }

    /// What is kept, from when its time counts, and what becomes of it.
    pub const fn retained(self, kind: Kind) -> (&'static str, &'static str) {
        match (self, kind) {
            (Lang::En, Kind::Prospects) => {
                ("Prospects", "from the last thing they did of their own accord; then erased")
            }
            (Lang::Fr, Kind::Prospects) => ("Prospects", "depuis leur dernière démarche\u{a0}; puis effacés"),
            (Lang::En, Kind::Customers) => (
                "Customers",
                "from the last purchase, the end of a contract or the last thing they did; then erased",
            ),
            (Lang::Fr, Kind::Customers) => (
                "Clients",
                "depuis le dernier achat, la fin d’un contrat ou leur dernière démarche\u{a0}; puis effacés",
            ),
            (Lang::En, Kind::Visits) => {
                ("Visits and pages", "from when they were last seen; then a visit of nobody")
            }
            (Lang::Fr, Kind::Visits) => {
                ("Visites et pages", "depuis la dernière page vue\u{a0}; puis une visite de personne")
            }
            (Lang::En, Kind::Calls) => ("Who called", "from the call on; then a call of nobody"),
            (Lang::Fr, Kind::Calls) => ("Qui a appelé", "depuis l’appel\u{a0}; puis un appel de personne"),
            (Lang::En, Kind::Engagements) => ("Engagements", "what contacts did and received; then deleted"),
            (Lang::Fr, Kind::Engagements) => {
                ("Interactions", "ce que les contacts ont fait et reçu\u{a0}; puis supprimées")
            }
            (Lang::En, Kind::Mails) => {
                ("Mails and links", "mails that are over, links that have run out; then deleted")
            }
            (Lang::Fr, Kind::Mails) => {
                ("E-mails et liens", "e-mails partis, liens échus\u{a0}; puis supprimés")
            }
            (Lang::En, Kind::Imports) => ("Imports", "reports of imports that are done; then deleted"),
            (Lang::Fr, Kind::Imports) => ("Imports", "rapports d’imports terminés\u{a0}; puis supprimés"),
        }
    }
}
