//! Words about what goes on just now.

use super::Lang;
use crate::switchboard::Fault;

/// The fixed texts of the page.
#[derive(Debug)]
pub struct LiveTexts {
    pub title: &'static str,
    pub claim: &'static str,
    pub this_node: &'static str,
    pub is_snapshot: &'static str,
    pub is_live: &'static str,
    pub is_lost: &'static str,
    pub is_full: &'static str,
    pub refresh: &'static str,
    pub state: &'static str,
    pub who: &'static str,
    pub likely_from: &'static str,
    pub looks_at: &'static str,
    pub at: &'static str,
    pub for_so_long: &'static str,
    pub not_known: &'static str,
    pub dialling: &'static str,
    pub ringing: &'static str,
    pub talking: &'static str,
    pub recorded: &'static str,
    pub paused: &'static str,
    pub pools: &'static str,
    pub pool: &'static str,
    pub no_pools: &'static str,
    pub lent: &'static str,
    pub resting: &'static str,
    pub free: &'static str,
    pub ageing: &'static str,
    pub exhausted: &'static str,
    pub trunks: &'static str,
    pub trunk: &'static str,
    pub no_trunks: &'static str,
    pub up: &'static str,
    pub partly: &'static str,
    pub down: &'static str,
    pub since: &'static str,
    pub calls_now: &'static str,
    pub calls_today: &'static str,
}

static EN: LiveTexts = LiveTexts {
    title: "Live",
    claim: "What goes on just now.",
    this_node: "Nodes that share a database do not know each other’s calls: these are those of",
    is_snapshot: "As it was when this page was opened.",
    is_live: "Live",
    is_lost: "The connection to the gateway was lost. Trying again…",
    is_full: "As many watch as may. This page shows how it was, and tries again in half a minute.",
    refresh: "Refresh",
    state: "State",
    who: "Caller",
    likely_from: "Likely from",
    looks_at: "Looked at last",
    at: "Destination",
    for_so_long: "For",
    not_known: "not known yet",
    dialling: "Arriving",
    ringing: "Ringing",
    talking: "Talking",
    recorded: "recorded",
    paused: "recording paused",
    pools: "Numbers lent to visitors",
    pool: "Pool",
    no_pools: "The plan has no pool.",
    lent: "Lent",
    resting: "Resting",
    free: "Free",
    ageing: "too new to lend",
    exhausted: "none left",
    trunks: "Trunks that calls leave over",
    trunk: "Trunk",
    no_trunks: "Calls leave over no trunk of this node.",
    up: "Up",
    partly: "Partly",
    down: "Down",
    since: "since",
    calls_now: "Calls now",
    calls_today: "Out today",
};

static FR: LiveTexts = LiveTexts {
    title: "En direct",
    claim: "Ce qui se passe en ce moment.",
    this_node: "Les nœuds qui partagent une base ne connaissent pas les appels des autres\u{a0}: voici ceux de",
    is_snapshot: "Tel que c’était à l’ouverture de cette page.",
    is_live: "En direct",
    is_lost: "La connexion à la passerelle est perdue. Nouvel essai…",
    is_full: "Autant de personnes regardent qu’il est possible. Cette page montre ce qui était, et réessaie dans une demi-minute.",
    refresh: "Actualiser",
    state: "État",
    who: "Appelant",
    likely_from: "Provenance probable",
    looks_at: "Dernière page vue",
    at: "Destination",
    for_so_long: "Depuis",
    not_known: "pas encore connue",
    dialling: "Arrive",
    ringing: "Sonne",
    talking: "En ligne",
    recorded: "enregistré",
    paused: "enregistrement en pause",
    pools: "Numéros prêtés aux visiteurs",
    pool: "Pool",
    no_pools: "Le plan n’a pas de pool.",
    lent: "Prêtés",
    resting: "Au repos",
    free: "Libres",
    ageing: "trop récents pour être prêtés",
    exhausted: "il n’en reste plus",
    trunks: "Trunks par où sortent les appels",
    trunk: "Trunk",
    no_trunks: "Aucun appel ne sort par un trunk de ce nœud.",
    up: "En service",
    partly: "En partie",
    down: "Hors service",
    since: "depuis",
    calls_now: "Appels en cours",
    calls_today: "Sortis aujourd’hui",
};

impl Lang {
    pub const fn live_texts(self) -> &'static LiveTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// How many calls go on, and how many of them are shown.
    pub fn calls_go_on(self, calls: usize, shown: usize) -> String {
        let all = match (self, calls) {
            (Lang::En, 0) => "Nobody calls just now".to_owned(),
            (Lang::Fr, 0) => "Personne n’appelle en ce moment".to_owned(),
            (Lang::En, 1) => "1 call just now".to_owned(),
            (Lang::En, _) => format!("{calls} calls just now"),
            (Lang::Fr, 1) => "1 appel en cours".to_owned(),
            (Lang::Fr, _) => format!("{calls} appels en cours"),
        };
        match self {
            _ if shown == calls => all,
            Lang::En => format!("{all}, the newest {shown} of them"),
            Lang::Fr => format!("{all}, dont les {shown} plus récents"),
        }
    }

    /// How many numbers a pool has.
    pub fn pool_use(self, numbers: u32) -> String {
        match (self, numbers) {
            (Lang::En, 1) => "1 number".to_owned(),
            (Lang::En, _) => format!("{numbers} numbers"),
            (Lang::Fr, 0 | 1) => format!("{numbers} numéro"),
            (Lang::Fr, _) => format!("{numbers} numéros"),
        }
    }

    /// Who watches: people, and programs by the API; of so many that may.
    pub fn watching(self, people: &[String], programs: usize, most: usize) -> String {
        let people = if people.is_empty() { "–".to_owned() } else { people.join(", ") };
        match (self, programs) {
            (Lang::En, 0) => format!("Watching: {people}. At most {most} may."),
            (Lang::En, 1) => format!("Watching: {people}, and a program by the API. At most {most} may."),
            (Lang::En, _) => {
                format!("Watching: {people}, and {programs} programs by the API. At most {most} may.")
            }
            (Lang::Fr, 0) => format!("Regardent\u{a0}: {people}. {most} au plus le peuvent."),
            (Lang::Fr, 1) => {
                format!("Regardent\u{a0}: {people}, et un programme par l’API. {most} au plus le peuvent.")
            }
            (Lang::Fr, _) => {
                format!(
                    "Regardent\u{a0}: {people}, et {programs} programmes par l’API. {most} au plus le peuvent."
                )
            }
        }
    }

    /// What is wrong with an address of a trunk.
    pub fn hop_is_down(self, address: &str, fault: Fault, failures: u32) -> String {
        match (self, fault) {
            (Lang::En, Fault::Silent) => {
                format!("{address} does not answer, or cannot be reached ({failures}×).")
            }
            (Lang::Fr, Fault::Silent) => {
                format!("{address} ne répond pas, ou est injoignable ({failures}×).")
            }
            (Lang::En, Fault::Busy) => format!("{address} says that it takes no calls (503, {failures}×)."),
            (Lang::Fr, Fault::Busy) => format!("{address} dit ne pas prendre d’appels (503, {failures}×)."),
        }
    }

    /// The carrier does not know where we are; what it said, if anything.
    pub fn unregistered(self, refused: Option<u16>) -> String {
        match (self, refused) {
            (Lang::En, None) => "Not registered with the carrier yet.".to_owned(),
            (Lang::Fr, None) => "Pas encore enregistré auprès de l’opérateur.".to_owned(),
            (Lang::En, Some(0)) => "The carrier does not answer the registration.".to_owned(),
            (Lang::Fr, Some(0)) => "L’opérateur ne répond pas à l’enregistrement.".to_owned(),
            (Lang::En, Some(status)) => format!("The carrier refuses the registration ({status})."),
            (Lang::Fr, Some(status)) => format!("L’opérateur refuse l’enregistrement ({status})."),
        }
    }
}
