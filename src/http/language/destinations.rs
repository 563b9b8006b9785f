//! Words about destinations: what rings when, the week, and what happens to a call at a moment.

use super::Lang;
use crate::domain::calling::destination::{RingStep, StepTo, Strategy};
use crate::domain::calling::routing::{Otherwise, Step, Target};
use crate::domain::calling::schedule::DayKind;
use crate::domain::ids::DestinationId;

texts! {
    /// The fixed texts of the pages of destinations.
    DestinationTexts, destination_texts {
        title: "Destinations" | "Destinations",
        claim: "Where calls go: what rings, in which order, at which hours." | "Où vont les appels\u{a0}: ce qui sonne, dans quel ordre, à quelles heures.",
        none: "There is no destination yet" | "Il n’y a pas encore de destination",
        none_advice: "Add the line that calls are to ring." | "Ajoutez la ligne que les appels doivent faire sonner.",
        add: "Add a destination" | "Ajouter une destination",
        new: "A new destination" | "Une nouvelle destination",
        back: "All destinations" | "Toutes les destinations",
        change: "Change it" | "La modifier",
        numbers: "Numbers" | "Numéros",
        now: "Now" | "Maintenant",
        open: "open" | "ouverte",
        closed: "closed" | "fermée",
        rings: "What rings" | "Ce qui sonne",
        plan: "Ring plan" | "Plan de sonnerie",
        call_comes: "A call comes in" | "Un appel arrive",
        hours: "Hours" | "Horaires",
        always: "Always open" | "Toujours ouverte",
        outside: "Outside the hours" | "Hors horaires",
        refused: "the call is refused" | "l’appel est refusé",
        fallback: "Nobody took it, or all are busy" | "Personne n’a pris, ou tout est occupé",
        missed: "the caller hears busy, or it rings out" | "l’appelant entend occupé, ou ça sonne dans le vide",
        week: "The week" | "La semaine",
        day: "Day" | "Jour",
        off_days: "Days of their own" | "Jours à part",
        none_off: "None in the next 60 days." | "Aucun dans les 60 prochains jours.",
        what_if: "What happens to a call?" | "Qu’arrive-t-il à un appel\u{a0}?",
        what_if_how: "As the gateway decides it, if nobody else calls." | "Comme la passerelle le décide, si personne d’autre n’appelle.",
        leaves: "Calls go on to another part of the network." | "Les appels vont ensuite dans une autre partie du réseau.",
        elsewhere: "another part of the network" | "une autre partie du réseau",
        at: "On, at" | "Le, à",
        tell: "Tell" | "Dire",
        opens_at: "It opens next" | "Elle ouvre ensuite",
        then: "Then" | "Alors",
        line: "Rings at" | "Sonne à",
        strategy: "Order" | "Ordre",
        steps: "Steps" | "Étapes",
        steps_how: "Empty rows are left out; the last two are for more." | "Les lignes vides sont ignorées\u{a0}; les deux dernières sont pour en ajouter.",
        step: "Step" | "Étape",
        step_none: "–" | "–",
        step_sip: "SIP line" | "Ligne SIP",
        step_number: "Telephone number" | "Numéro de téléphone",
        step_console: "Consoles that are open" | "Consoles ouvertes",
        step_destination: "Another destination" | "Une autre destination",
        step_say: "Prompt" | "Annonce",
        step_kept: "as it stands in the plan’s file" | "comme dans le fichier du plan",
        what: "What" | "Quoi",
        trunk: "Over the trunk" | "Par le trunk",
        ring_s: "Seconds" | "Secondes",
        calls_at_once: "Calls at once at the most" | "Appels simultanés au plus",
        no_fallback: "Nowhere" | "Nulle part",
        media: "Sound" | "Son",
        past: "past the gateway" | "sans passer par la passerelle",
        relayed: "through the gateway" | "par la passerelle",
        zone: "Time zone (empty: always open)" | "Fuseau horaire (vide\u{a0}: toujours ouverte)",
        week_lines: "Week, a line each" | "Semaine, une ligne par règle",
        holidays: "Holidays" | "Jours fériés",
        no_holidays: "None" | "Aucuns",
        closed_lines: "Closed, a day or a range on each line" | "Fermée, un jour ou une période par ligne",
        special_lines: "Days with hours of their own, a line each" | "Jours à horaires propres, un par ligne",
        used: "What leads here must lead elsewhere first:" | "Ce qui mène ici doit d’abord mener ailleurs\u{a0}:",
        look: "Look what would change" | "Voir ce qui changerait",
    }
}

impl Lang {
    pub const fn strategy(self, strategy: Strategy) -> &'static str {
        match (self, strategy) {
            (Lang::En, Strategy::Order) => "one after the other",
            (Lang::Fr, Strategy::Order) => "l’une après l’autre",
            (Lang::En, Strategy::All) => "all at once",
            (Lang::Fr, Strategy::All) => "toutes à la fois",
            (Lang::En, Strategy::RoundRobin) => "each call begins one further",
            (Lang::Fr, Strategy::RoundRobin) => "chaque appel commence une plus loin",
            (Lang::En, Strategy::Weighted) => "by weight",
            (Lang::Fr, Strategy::Weighted) => "selon leur poids",
        }
    }

    /// What a step of a ring plan does; `name` tells what a destination is called.
    pub fn ring_step(self, step: &RingStep, name: impl Fn(&DestinationId) -> String) -> String {
        match &step.to {
            StepTo::Target(target) => self.ring_target(target),
            StepTo::Destination(id) => match (self, name(id)) {
                // Not all of that part is meant.
                (_, name) if name == self.destination_texts().elsewhere => name,
                (Lang::En, name) => format!("all of {name}"),
                (Lang::Fr, name) => format!("tout de {name}"),
            },
            StepTo::Say(prompt) => self.says(prompt.as_str()),
            StepTo::Menu(menu) => {
                let keys = menu.keys.iter().map(|(key, to)| format!("{} → {}", String::from(*key), name(to)));
                let keys = keys.collect::<Vec<_>>().join(", ");
                format!("{}{} {keys}", self.says(menu.prompt.as_str()), self.colon())
            }
            StepTo::Voicemail(voicemail) => self.takes_message(voicemail.prompt.as_str()),
        }
    }

    fn ring_target(self, target: &Target) -> String {
        match (self, target) {
            (_, Target::Uri(uri)) => uri.clone(),
            (Lang::En, Target::Number { trunk, number }) => {
                format!("{} over {trunk}", number.international())
            }
            (Lang::Fr, Target::Number { trunk, number }) => format!("{} par {trunk}", number.international()),
            (Lang::En, Target::Console) => "consoles that are open".into(),
            (Lang::Fr, Target::Console) => "consoles ouvertes".into(),
        }
    }

    fn says(self, prompt: &str) -> String {
        match self {
            Lang::En => format!("says {prompt}"),
            Lang::Fr => format!("dit {prompt}"),
        }
    }

    fn takes_message(self, prompt: &str) -> String {
        match self {
            Lang::En => format!("takes a message after {prompt}"),
            Lang::Fr => format!("prend un message après {prompt}"),
        }
    }

    /// One step of a call's way.
    pub fn way_step(self, step: &Step, name: impl Fn(&DestinationId) -> String) -> String {
        match step {
            Step::Ring { lines, ring, music } => {
                let each = lines
                    .iter()
                    .map(|it| format!("{} ({})", self.ring_target(&it.target), name(&it.destination)));
                let each = each.collect::<Vec<_>>().join(if self == Lang::En { " and " } else { " et " });
                let heard = music.as_ref().map(|prompt| match self {
                    Lang::En => format!(", with {prompt} to be heard"),
                    Lang::Fr => format!(", en faisant entendre {prompt}"),
                });
                let heard = heard.unwrap_or_default();
                match self {
                    Lang::En => format!("Rings {each} for {}{heard}", self.span(*ring)),
                    Lang::Fr => format!("Fait sonner {each} pendant {}{heard}", self.span(*ring)),
                }
            }
            Step::Say(prompt) => capital(&self.says(prompt.as_str())),
            Step::Voicemail(voicemail) => capital(&self.takes_message(voicemail.prompt.as_str())),
            Step::Notice(notice) => match self {
                Lang::En => format!("Says {}, and the caller may refuse to be recorded", notice.prompt),
                Lang::Fr => format!("Dit {}, et l’appelant peut refuser l’enregistrement", notice.prompt),
            },
            Step::Menu(menu) => {
                let keys = menu.keys.iter().map(|(key, to)| format!("{} → {}", String::from(*key), name(to)));
                let keys = keys.collect::<Vec<_>>().join(", ");
                format!("{}{} {keys}", capital(&self.says(menu.prompt.as_str())), self.colon())
            }
        }
    }

    /// What is said of a destination whose name the reader is not told: its id, or to whoever sees a part, that it is
    /// not of that part.
    pub fn nameless_destination(self, id: &DestinationId, sees_all: bool) -> String {
        if sees_all { id.to_string() } else { self.destination_texts().elsewhere.to_owned() }
    }

    pub const fn nothing_rings(self, otherwise: Otherwise) -> &'static str {
        match (self, otherwise) {
            (Lang::En, Otherwise::Closed) => "Nothing rings: the call is refused, being outside the hours.",
            (Lang::Fr, Otherwise::Closed) => "Rien ne sonne\u{a0}: l’appel est refusé, hors horaires.",
            (Lang::En, Otherwise::Full) => "Nothing rings: the caller hears busy.",
            (Lang::Fr, Otherwise::Full) => "Rien ne sonne\u{a0}: l’appelant entend occupé.",
        }
    }

    /// Why a day has the hours that it has.
    pub const fn day_kind(self, kind: DayKind) -> &'static str {
        match (self, kind) {
            (Lang::En, DayKind::Week) => "the hours of the week",
            (Lang::Fr, DayKind::Week) => "les horaires de la semaine",
            (Lang::En, DayKind::Special) => "hours of its own",
            (Lang::Fr, DayKind::Special) => "horaires propres",
            (Lang::En, DayKind::Closed) => "closed that day",
            (Lang::Fr, DayKind::Closed) => "fermée ce jour-là",
            (Lang::En, DayKind::Holiday) => "a public holiday",
            (Lang::Fr, DayKind::Holiday) => "un jour férié",
        }
    }

    /// `Mon`, by its place in a week that begins with it.
    pub const fn weekday(self, place: usize) -> &'static str {
        const EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        const FR: [&str; 7] = ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."];
        match self {
            Lang::En => EN[place % 7],
            Lang::Fr => FR[place % 7],
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
