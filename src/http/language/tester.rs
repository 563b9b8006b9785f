//! Words about what a page of a site has, and what the snippet would make of it.

use super::Lang;
use crate::http::page_test::fetch::FetchError;
use crate::http::page_test::{Place, TagState, Zone};

texts! {
    /// The fixed texts of the page that tests pages.
    TesterTexts, tester_texts {
        title: "Test a page" | "Tester une page",
        claim: "The gateway fetches a page of the site and says which numbers it would swap there, and why not the others." | "La passerelle va chercher une page du site et dit quels numéros elle y remplacerait, et pourquoi pas les autres.",
        page: "Page" | "Page",
        page_how: "An address of the site’s own origins, or a path." | "Une adresse des origines du site, ou un chemin.",
        test: "Test" | "Tester",
        back: "The site" | "Le site",
        snippet: "Snippet" | "Snippet",
        policy: "Content-Security-Policy" | "Content-Security-Policy",
        policy_fine: "lets it load and ask" | "le laisse se charger et demander",
        found: "What was found" | "Ce qui a été trouvé",
        nothing: "None of the numbers that the site swaps stands on this page." | "Aucun des numéros que le site remplace n’est sur cette page.",
        number: "Number" | "Numéro",
        written: "As it is written" | "Comme c’est écrit",
        place: "Where" | "Où",
        swapped: "swapped" | "remplacé",
        stays: "stays" | "reste",
        absent: "Not on this page" | "Pas sur cette page",
        frames: "Pages within the page" | "Pages dans la page",
        frames_how: "The snippet does not look into them; put it on them, too, or data-whence on the frame of a page of your own." | "Le snippet n’y regarde pas\u{a0}; mettez-le aussi dans ces pages, ou data-whence sur le cadre d’une page à vous.",
        script_made: "What scripts of the page draw later is not seen here; the snippet swaps it as it comes." | "Ce que les scripts de la page dessinent plus tard n’est pas vu ici\u{a0}; le snippet le remplace à mesure.",
    }
}

impl Lang {
    /// Why a page could not be had.
    pub fn page_refused(self, why: &FetchError) -> String {
        match (self, why) {
            (Lang::En, _) => {
                let text = why.to_string();
                format!("{}{}.", text[..1].to_uppercase(), &text[1..])
            }
            (Lang::Fr, FetchError::NotItsPage) => "L’adresse n’est pas une page des origines du site.".into(),
            (Lang::Fr, FetchError::LeadsAway(to)) => {
                format!("La page mène à {to}, qui n’est pas une origine du site.")
            }
            (Lang::Fr, FetchError::LeadsOn) => "La page renvoie sans fin.".into(),
            (Lang::Fr, FetchError::Status(status)) => format!("La page répond {status}."),
            (Lang::Fr, FetchError::NotHtml) => "La page n’est pas du HTML.".into(),
            (Lang::Fr, FetchError::TooLarge) => "La page dépasse 2 Mio.".into(),
            (Lang::Fr, FetchError::Unreached) => "La page n’est pas joignable.".into(),
            (Lang::Fr, FetchError::Slow) => "La page met plus de 10 secondes.".into(),
        }
    }

    /// What of the snippet is on the page, and whether that is well.
    pub fn tag_state(self, state: &TagState) -> (bool, String) {
        match (self, state) {
            (Lang::En, TagState::Fine) => (true, "is on the page, for this site".into()),
            (Lang::Fr, TagState::Fine) => (true, "est sur la page, pour ce site".into()),
            (Lang::En, TagState::Missing) => (false, "is not on the page: nothing is swapped".into()),
            (Lang::Fr, TagState::Missing) => {
                (false, "n’est pas sur la page\u{a0}: rien n’est remplacé".into())
            }
            (Lang::En, TagState::OtherSite(Some(site))) => (false, format!("is that of the site {site:?}")),
            (Lang::Fr, TagState::OtherSite(Some(site))) => (false, format!("est celui du site {site:?}")),
            (Lang::En, TagState::OtherSite(None)) => (false, "names no site: data-site is missing".into()),
            (Lang::Fr, TagState::OtherSite(None)) => {
                (false, "ne nomme aucun site\u{a0}: data-site manque".into())
            }
            (Lang::En, TagState::From(origin)) => {
                (true, format!("comes from {origin}, which must answer for this gateway"))
            }
            (Lang::Fr, TagState::From(origin)) => {
                (true, format!("vient de {origin}, qui doit répondre pour cette passerelle"))
            }
        }
    }

    /// Where a number stands, with the reason where it stays.
    pub fn place(self, place: &Place) -> String {
        match (self, place) {
            (Lang::En, Place::Text) => "text".into(),
            (Lang::Fr, Place::Text) => "texte".into(),
            (Lang::En, Place::SpreadText) => "text, spread over elements of one line".into(),
            (Lang::Fr, Place::SpreadText) => "texte, réparti sur des éléments d’une ligne".into(),
            (Lang::En, Place::Link) => "a link to call".into(),
            (Lang::Fr, Place::Link) => "un lien d’appel".into(),
            (Lang::En, Place::Attribute(name)) => format!("the attribute {name}"),
            (Lang::Fr, Place::Attribute(name)) => format!("l’attribut {name}"),
            (Lang::En, Place::OddSpelling) => "text, in no spelling of this number".into(),
            (Lang::Fr, Place::OddSpelling) => "texte, dans aucune écriture de ce numéro".into(),
            (Lang::En, Place::Broken) => "text that elements break into several lines".into(),
            (Lang::Fr, Place::Broken) => "texte que des éléments coupent en plusieurs lignes".into(),
            (Lang::En, Place::OtherAttribute(name)) => format!("the attribute {name}, which is not swapped"),
            (Lang::Fr, Place::OtherAttribute(name)) => format!("l’attribut {name}, qui n’est pas remplacé"),
            (Lang::En, Place::Picture) => "a picture: it needs data-whence-src".into(),
            (Lang::Fr, Place::Picture) => "une image\u{a0}: il lui faut data-whence-src".into(),
            (Lang::En, Place::Zone(zone)) => match zone {
                Zone::Head => "the head of the page, which nobody sees",
                Zone::Script => "a script",
                Zone::Style => "a style",
                Zone::Field => "a field that visitors fill in",
                Zone::Ignored => "within data-whence-ignore",
                Zone::Editable => "text that visitors may edit",
                Zone::Noscript => "for browsers without scripts, which swap nothing",
                Zone::Frame => "in a frame",
            }
            .into(),
            (Lang::Fr, Place::Zone(zone)) => match zone {
                Zone::Head => "l’en-tête de la page, que personne ne voit",
                Zone::Script => "un script",
                Zone::Style => "un style",
                Zone::Field => "un champ que les visiteurs remplissent",
                Zone::Ignored => "dans data-whence-ignore",
                Zone::Editable => "un texte que les visiteurs peuvent modifier",
                Zone::Noscript => "pour les navigateurs sans scripts, qui ne remplacent rien",
                Zone::Frame => "dans un cadre",
            }
            .into(),
        }
    }
}
