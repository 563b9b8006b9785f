//! Words about segments: what they are, and what is wrong with a filter.

use super::Lang;
use crate::domain::people::segment::{Expected, Fault, Noun};

/// The fixed texts of the segments' pages.
#[derive(Debug)]
pub struct SegmentTexts {
    pub segments: &'static str,
    pub claim: &'static str,
    pub contacts: &'static str,
    pub in_a_week: &'static str,
    pub not_yet: &'static str,
    pub broken: &'static str,
    pub try_out: &'static str,
    pub own: &'static str,
    pub filter: &'static str,
    pub id: &'static str,
    pub name: &'static str,
    pub save: &'static str,
    pub help: &'static str,
    pub fit: &'static str,
    pub newest: &'static str,
    pub bad_id: &'static str,
    pub bad_name: &'static str,
    pub built_in: &'static str,
    pub breaks: &'static str,
    pub full: &'static str,
    pub members: &'static str,
    pub since: &'static str,
    pub nobody: &'static str,
    pub earlier: &'static str,
    pub moves: &'static str,
    pub came: &'static str,
    pub went: &'static str,
    pub delete: &'static str,
    pub delete_means: &'static str,
    pub told_at: &'static str,
    pub trend: &'static str,
}

static EN: SegmentTexts = SegmentTexts {
    segments: "Segments",
    claim: "Contacts who fit a filter. Who is in each is told anew every minute or so.",
    contacts: "Contacts",
    in_a_week: "In 7 days",
    not_yet: "being counted",
    broken: "cannot be read",
    try_out: "Count",
    own: "Try a filter, keep a segment",
    filter: "Filter",
    id: "Short name (a–z, 0–9, hyphen)",
    name: "Name",
    save: "Save",
    help: "For instance:",
    fit: "contacts fit",
    newest: "The newest of them",
    bad_id: "The short name has 1 to 64 of a–z, 0–9 and hyphen.",
    bad_name: "The name has 1 to 100 characters.",
    built_in: "It came along with the gateway: its filter may change, and it stays.",
    breaks: "A segment that names this one could not be counted any more:",
    full: "There are as many segments as there may be.",
    members: "Who is in it",
    since: "since",
    nobody: "Nobody",
    earlier: "Earlier",
    moves: "Who came and left",
    came: "came",
    went: "left",
    delete: "Delete",
    delete_means: "The segment goes, with who was in it; the contacts stay.",
    told_at: "Told",
    trend: "Contacts by day",
};

static FR: SegmentTexts = SegmentTexts {
    segments: "Segments",
    claim: "Les contacts qui répondent à un filtre. Qui en fait partie est recalculé chaque minute environ.",
    contacts: "Contacts",
    in_a_week: "En 7 jours",
    not_yet: "calcul en cours",
    broken: "illisible",
    try_out: "Compter",
    own: "Essayer un filtre, garder un segment",
    filter: "Filtre",
    id: "Nom court (a–z, 0–9, tiret)",
    name: "Nom",
    save: "Enregistrer",
    help: "Par exemple\u{a0}:",
    fit: "contacts répondent au filtre",
    newest: "Les plus récents",
    bad_id: "Le nom court a de 1 à 64 caractères parmi a–z, 0–9 et le tiret.",
    bad_name: "Le nom a de 1 à 100 caractères.",
    built_in: "Fourni avec la passerelle\u{a0}: son filtre peut changer, il ne s’efface pas.",
    breaks: "Un segment qui cite celui-ci ne pourrait plus être calculé\u{a0}:",
    full: "Il y a autant de segments qu’il peut y en avoir.",
    members: "Qui en fait partie",
    since: "depuis",
    nobody: "Personne",
    earlier: "Plus anciens",
    moves: "Entrées et sorties",
    came: "entre",
    went: "sort",
    delete: "Supprimer",
    delete_means: "Le segment disparaît, avec la liste de ses membres\u{a0}; les contacts restent.",
    told_at: "Calculé",
    trend: "Contacts par jour",
};

impl Lang {
    pub const fn segment_texts(self) -> &'static SegmentTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// What a segment that came along is called in French; others by the name that somebody gave.
    pub fn segment_name(self, id: &str, built_in: bool, name: &str) -> String {
        let known = match (self, built_in, id) {
            (Lang::Fr, true, "new") => "Nouveaux",
            (Lang::Fr, true, "active") => "Actifs",
            (Lang::Fr, true, "inactive") => "Inactifs",
            (Lang::Fr, true, "lost") => "Perdus",
            (Lang::Fr, true, "customers") => "Clients",
            _ => name,
        };
        known.to_owned()
    }

    /// What a segment that came along is there for.
    pub fn segment_means(self, id: &str) -> &'static str {
        match (self, id) {
            (Lang::En, "new") => "First did something of their own lately: called, came by, wrote, bought.",
            (Lang::Fr, "new") => "Première action récente : appel, visite, message, achat.",
            (Lang::En, "active") => {
                "Did something of their own within a year. An e-mail that was opened is none."
            }
            (Lang::Fr, "active") => "Une action dans l’année. Un e-mail ouvert n’en est pas une.",
            (Lang::En, "inactive") => "Did something of their own, the last time over a year ago.",
            (Lang::Fr, "inactive") => "Dernière action il y a plus d’un an.",
            (Lang::En, "lost") => "The last time is three years ago: prospects' data is due to go then.",
            (Lang::Fr, "lost") => {
                "Dernière action il y a trois ans : les données des prospects sont alors à supprimer."
            }
            (Lang::En, "customers") => "Bought something at least once.",
            (Lang::Fr, "customers") => "Au moins un achat.",
            _ => "",
        }
    }

    /// What is wrong with a filter.
    pub fn filter_fault(self, fault: &Fault) -> String {
        if self == Lang::En {
            return fault.to_string();
        }
        match fault {
            Fault::Expected { what, found } => {
                let found = found.as_ref().map_or("la fin".to_owned(), |it| format!("«\u{a0}{it}\u{a0}»"));
                format!("attendu\u{a0}: {}\u{a0}; trouvé\u{a0}: {found}", expected(*what))
            }
            Fault::Unknown { noun: what, word, nearest } => {
                let hint =
                    nearest.as_ref().map(|it| format!("\u{a0}; vouliez-vous dire «\u{a0}{it}\u{a0}»\u{a0}?"));
                format!("{} inconnu\u{a0}: «\u{a0}{word}\u{a0}»{}", noun(*what), hint.unwrap_or_default())
            }
            Fault::Stray(it) => format!("«\u{a0}{it}\u{a0}» n’a pas sa place ici"),
            Fault::OpenText => "le texte entre guillemets ne se termine pas".to_owned(),
            Fault::TooLong => "le filtre est trop long".to_owned(),
            Fault::TooDeep => "trop de parenthèses et de «\u{a0}not\u{a0}» imbriqués".to_owned(),
            Fault::TooMany => "trop de conditions, avec celles des segments cités".to_owned(),
            Fault::Circle(way) => format!("le segment ferait partie de lui-même\u{a0}: {way}"),
            Fault::Broken(id) => format!("le filtre du segment «\u{a0}{id}\u{a0}» n’est plus lisible"),
        }
    }
}

const fn expected(what: Expected) -> &'static str {
    match what {
        Expected::Test => "une condition, par exemple language = \"fr\" ou count(call) >= 2",
        Expected::End => "and, or ou la fin",
        Expected::Open => "(",
        Expected::Close => ")",
        Expected::Comma => "une virgule",
        Expected::Comparison => "=, !=, <, <=, > ou >=",
        Expected::TextComparison => "=, !=, ^= (commence par) ou *= (contient)",
        Expected::Order => "<, <=, > ou >=",
        Expected::Equality => "= ou !=",
        Expected::Text => "un texte entre guillemets",
        Expected::Number => "un nombre",
        Expected::Count => "un nombre entier",
        Expected::Amount => "un montant dans sa devise, par exemple 49.90",
        Expected::YesOrNo => "yes ou no",
        Expected::Day => "une date comme 2026-11-28",
        Expected::SpanOrDay => "une durée comme 90d, ou une date comme 2026-11-28",
        Expected::Span => "une durée comme 90d ou 48h, dix ans au plus",
        Expected::Currency => "une devise ISO 4217 comme EUR",
        Expected::Score => "une note de 1 à 5",
        Expected::Being => "verified ou working",
    }
}

/// Each of them masculine, as `inconnu` behind it is.
const fn noun(what: Noun) -> &'static str {
    match what {
        Noun::Test => "critère",
        Noun::Field => "champ",
        Noun::Choice => "choix",
        Noun::Deed => "type d’action",
        Noun::Identity => "type d’identifiant",
        Noun::Channel => "canal de consentement",
        Noun::Purpose => "objet",
        Noun::Controller => "responsable",
        Noun::Standing => "état",
        Noun::SourceChannel => "canal d’acquisition",
        Noun::Class => "type de client",
        Noun::Size => "gabarit de client",
        Noun::Segment => "segment",
    }
}
