//! Words about links to reports.

use super::Lang;
use crate::domain::reporting::share::SharedReport;

/// The fixed texts of the pages.
#[derive(Debug)]
pub struct ShareTexts {
    pub title: &'static str,
    pub claim: &'static str,
    pub none: &'static str,
    pub none_advice: &'static str,
    pub made: &'static str,
    pub made_how: &'static str,
    pub shows: &'static str,
    pub maker: &'static str,
    pub program: &'static str,
    pub ends: &'static str,
    pub has_ended: &'static str,
    pub opened: &'static str,
    pub never: &'static str,
    pub delete: &'static str,
    pub add: &'static str,
    pub days: &'static str,
    pub save: &'static str,
    pub how: &'static str,
    pub share_this: &'static str,
    pub shared: &'static str,
}

static EN: ShareTexts = ShareTexts {
    title: "Shared links",
    claim: "Whoever has such a link sees one report, without an account, until it ends or is taken back.",
    none: "Nothing is shared",
    none_advice: "Open a report, choose what is to be seen, and follow “Share this by a link”.",
    made: "Here is the link",
    made_how: "It is shown this once: copy it now. It ends",
    shows: "Shows",
    maker: "Made by",
    program: "a program",
    ends: "Ends",
    has_ended: "has ended",
    opened: "Opened last",
    never: "never",
    delete: "Take it back",
    add: "Make a link",
    days: "It ends after so many days",
    save: "Make it",
    how: "It shows the report with its filters locked, and of the network what you may see when it is opened. There are no callers, pages or search terms on it; costs stand on the report of money alone, as long as you may see them. Search engines are told to leave it alone.",
    share_this: "Share this by a link",
    shared: "Somebody has shared this report with you. It can be seen until",
};

static FR: ShareTexts = ShareTexts {
    title: "Liens partagés",
    claim: "Qui a un tel lien voit un rapport, sans compte, jusqu’à ce qu’il expire ou soit repris.",
    none: "Rien n’est partagé",
    none_advice: "Ouvrez un rapport, choisissez ce qui doit être vu, puis suivez «\u{a0}Partager par un lien\u{a0}».",
    made: "Voici le lien",
    made_how: "Il n’est montré que cette fois\u{a0}: copiez-le maintenant. Il expire le",
    shows: "Montre",
    maker: "Fait par",
    program: "un programme",
    ends: "Expire",
    has_ended: "expiré",
    opened: "Ouvert en dernier",
    never: "jamais",
    delete: "Reprendre",
    add: "Faire un lien",
    days: "Il expire après tant de jours",
    save: "Le faire",
    how: "Il montre le rapport, filtres verrouillés, et du réseau ce que vous pouvez voir au moment où il est ouvert. On n’y trouve ni appelants, ni pages, ni mots cherchés\u{a0}; les coûts ne sont que sur le rapport de l’argent, tant que vous pouvez les voir. Les moteurs de recherche sont priés de l’ignorer.",
    share_this: "Partager par un lien",
    shared: "Quelqu’un a partagé ce rapport avec vous. Il peut être vu jusqu’au",
};

impl Lang {
    pub const fn share_texts(self) -> &'static ShareTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// What a report that is shared is called.
    pub const fn shared_report(self, report: SharedReport) -> &'static str {
        match report {
            SharedReport::Overview => self.overview_texts().title,
            SharedReport::Network => self.network_texts().title,
            SharedReport::Attribution => self.texts().attribution,
            SharedReport::Journeys => self.journey_texts().title,
            SharedReport::Money => self.money_texts().title,
        }
    }

    /// How often a link was opened.
    pub fn opened(self, times: u64) -> String {
        match (self, times) {
            (Lang::En, 1) => "once".into(),
            (Lang::Fr, 1) => "une fois".into(),
            (Lang::En, _) => format!("{times} times"),
            (Lang::Fr, _) => format!("{times} fois"),
        }
    }
}
