//! Words about the audit log.

use super::Lang;
use crate::domain::people::audit::Action;

#[derive(Debug)]
pub struct AuditTexts {
    pub title: &'static str,
    pub claim: &'static str,
    pub at: &'static str,
    pub who: &'static str,
    pub what: &'static str,
    pub of: &'static str,
    pub place: &'static str,
    pub take_away: &'static str,
    pub older: &'static str,
    pub none: &'static str,
}

static EN: AuditTexts = AuditTexts {
    title: "Audit log",
    claim: "Who has asked to read or to change what is known of people, and of users. Each entry is sealed with the one before it.",
    at: "When",
    who: "Who",
    what: "What",
    of: "Of what",
    place: "Place in the chain",
    take_away: "Take this filter away:",
    older: "Older entries",
    none: "Nothing fits.",
};

static FR: AuditTexts = AuditTexts {
    title: "Journal d’audit",
    claim: "Qui a demandé à lire ou à changer ce qui est su des personnes, et des utilisateurs. Chaque entrée est scellée avec la précédente.",
    at: "Quand",
    who: "Qui",
    what: "Quoi",
    of: "De quoi",
    place: "Rang dans la chaîne",
    take_away: "Retirer ce filtre\u{a0}:",
    older: "Entrées plus anciennes",
    none: "Rien ne correspond.",
};

impl Lang {
    pub const fn audit_texts(self) -> &'static AuditTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn audit_action(self, action: Action) -> &'static str {
        match (self, action) {
            (Lang::En, Action::Read) => "read",
            (Lang::Fr, Action::Read) => "lire",
            (Lang::En, Action::List) => "list",
            (Lang::Fr, Action::List) => "lister",
            (Lang::En, Action::Write) => "change",
            (Lang::Fr, Action::Write) => "changer",
            (Lang::En, Action::Delete) => "delete",
            (Lang::Fr, Action::Delete) => "supprimer",
        }
    }

    /// What kind of thing was asked for; a word that is none of these is told as it is.
    pub fn audit_kind(self, kind: &str) -> String {
        let known = match (self, kind) {
            (Lang::En, _) => kind,
            (Lang::Fr, "call") => "appel",
            (Lang::Fr, "visit") => "visite",
            (Lang::Fr, "recording") => "enregistrement",
            (Lang::Fr, "block") => "blocage",
            (Lang::Fr, "merge") => "fusion",
            (Lang::Fr, "consent") => "consentement",
            (Lang::Fr, "import") => "import",
            (Lang::Fr, "task") => "tâche",
            (Lang::Fr, "reservation") => "réservation",
            (Lang::Fr, "request") => "demande de droits",
            (Lang::Fr, "erasure") => "effacement",
            (Lang::Fr, "user") => "utilisateur",
            (Lang::Fr, "schedule") => "rapport par courriel",
            (Lang::Fr, "alert") => "alerte",
            (Lang::Fr, "audit") => "journal d’audit",
            (Lang::Fr, other) => other,
        };
        known.to_owned()
    }
}
