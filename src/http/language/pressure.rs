//! Words about how much a contact is asked for.

use super::Lang;

/// The fixed texts of the calendar of a contact's load.
#[derive(Debug)]
pub struct PressureTexts {
    pub solicitations: &'static str,
    /// Goes on with the name of a time zone.
    pub claim: &'static str,
    pub limits: &'static str,
    pub limit: &'static str,
    pub used: &'static str,
    pub left: &'static str,
    pub free: &'static str,
    pub free_now: &'static str,
    pub no_limits: &'static str,
    /// What a limit is about where it names nothing.
    pub any_channel: &'static str,
    pub any_purpose: &'static str,
    pub of_segment: &'static str,
    pub own_wish: &'static str,
    pub calendar: &'static str,
    pub day: &'static str,
    pub today: &'static str,
    pub other: &'static str,
    pub planned: &'static str,
    pub no_prospecting: &'static str,
    pub nothing: &'static str,
    pub span: &'static str,
}

static EN: PressureTexts = PressureTexts {
    solicitations: "Solicitations",
    claim: "What they were asked for and will be, and what is left of the caps. Days and times are theirs:",
    limits: "Caps and wishes, today",
    limit: "Cap",
    used: "Used",
    left: "Left",
    free: "Room from",
    free_now: "now",
    no_limits: "The plan has no cap, and they have not said how often.",
    any_channel: "any channel",
    any_purpose: "all prospecting",
    of_segment: "segment",
    own_wish: "their own wish",
    calendar: "Past and planned",
    day: "Day",
    today: "today",
    other: "Other",
    planned: "planned",
    no_prospecting: "no prospecting",
    nothing: "Nothing was sent in these days, and nothing is planned.",
    span: "Days back and ahead:",
};

static FR: PressureTexts = PressureTexts {
    solicitations: "Sollicitations",
    claim: "Ce qui lui a été demandé et le sera, et ce qui reste des plafonds. Jours et heures sont les siens\u{a0}:",
    limits: "Plafonds et souhaits, aujourd’hui",
    limit: "Plafond",
    used: "Utilisé",
    left: "Reste",
    free: "De la place dès le",
    free_now: "maintenant",
    no_limits: "Le plan n’a pas de plafond, et aucun souhait de fréquence n’est exprimé.",
    any_channel: "tous les canaux",
    any_purpose: "toute prospection",
    of_segment: "segment",
    own_wish: "son propre souhait",
    calendar: "Passé et prévu",
    day: "Jour",
    today: "aujourd’hui",
    other: "Autre",
    planned: "prévu",
    no_prospecting: "hors prospection",
    nothing: "Rien n’a été envoyé ces jours-là, et rien n’est prévu.",
    span: "Jours avant et après\u{a0}:",
};

impl Lang {
    pub const fn pressure_texts(self) -> &'static PressureTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// How much of a limit is used: `1 of 4 in 30 days`.
    pub fn used_of(self, used: u32, count: u32, days: u32) -> String {
        match (self, days) {
            (Lang::En, 1) => format!("{used} of {count} in a day"),
            (Lang::En, _) => format!("{used} of {count} in {days} days"),
            (Lang::Fr, 1) => format!("{used} sur {count} en un jour"),
            (Lang::Fr, _) => format!("{used} sur {count} en {days} jours"),
        }
    }
}
