//! Words about callers whom nobody answered, when that happens, and how many people would have to answer.

use std::time::Duration;

use super::Lang;
use crate::domain::calling::missed::Fate;
use crate::domain::reporting::staffing::{Aim, Need};

/// The fixed texts of the page.
#[derive(Debug)]
pub struct MissedTexts {
    pub title: &'static str,
    pub claim: &'static str,
    pub all_states: &'static str,
    pub none: &'static str,
    pub none_advice: &'static str,
    pub who: &'static str,
    pub when: &'static str,
    pub source: &'static str,
    pub at_stake: &'static str,
    pub at_stake_how: &'static str,
    pub not_known: &'static str,
    pub by_all_channels: &'static str,
    pub what_became: &'static str,
    pub may_be_called: &'static str,
    pub may: &'static str,
    pub may_not: &'static str,
    pub may_later: &'static str,
    pub call_back: &'static str,
    pub service_until: &'static str,
    pub call: &'static str,
    pub task: &'static str,
    pub from_page: &'static str,
    pub asked_for: &'static str,
    pub earlier: &'static str,
    pub latest: &'static str,
    pub hours: &'static str,
    pub hours_how: &'static str,
    pub hours_cut: &'static str,
    pub open: &'static str,
    pub closed: &'static str,
    pub hour: &'static str,
    pub missed_open: &'static str,
    pub missed_closed: &'static str,
    pub missed_rate: &'static str,
    pub open_share: &'static str,
    pub staffing: &'static str,
    pub staffing_how: &'static str,
    pub staffing_none: &'static str,
    pub no_lack: &'static str,
    pub no_talk: &'static str,
    pub people_by_hour: &'static str,
    pub lack: &'static str,
    pub share: &'static str,
    pub within: &'static str,
    pub seconds: &'static str,
    pub reckon: &'static str,
    pub thin: &'static str,
    pub days: [&'static str; 7],
}

static EN: MissedTexts = MissedTexts {
    title: "Missed calls",
    claim: "Callers whom nobody answered, each once: who still waits, and who was called back or answered since.",
    all_states: "All",
    none: "Nobody here",
    none_advice: "In this time no caller of this kind was missed. Choose another time or take a filter away.",
    who: "Who",
    when: "Last missed",
    source: "Likely from",
    at_stake: "At stake",
    at_stake_how: "What is at stake is an estimate: the share of answered calls of the same channel that were marked as sales, times the mean of a purchase, both of the last twelve months. With fewer than 20 answered calls of the channel, those of all channels stand in.",
    not_known: "not known",
    by_all_channels: "by all channels",
    what_became: "What became of it",
    may_be_called: "May be called",
    may: "now",
    may_not: "no",
    may_later: "from",
    call_back: "Call back",
    service_until: "A call back is service until",
    call: "The call",
    task: "Task:",
    from_page: "From a page",
    asked_for: "Whether they may be called is asked for this purpose:",
    earlier: "Missed earlier",
    latest: "Back to the latest",
    hours: "When calls are missed",
    hours_how: "Missed calls by the hour of the week; the stronger the colour, the more. Hatched hours are closed by the plan as it is now, half-hatched ones for a part.",
    hours_cut: "More destinations have hours of their own than are looked at, and count as always open. Choose an outlet or a destination.",
    open: "While open",
    closed: "While closed",
    hour: "Hour",
    missed_open: "Missed while open",
    missed_closed: "Missed while closed",
    missed_rate: "Missed",
    open_share: "Open",
    staffing: "How many must answer",
    staffing_how: "By Erlang’s formula of 1917, for each destination by itself, from the calls that came while it was open in the last twelve weeks of the period, and the mean length of a talk. Nobody gives up in it and who tries again counts again, so it asks for rather more than fewer. How many could answer is what the plan lets in at once, or else the most that were answered at once in such an hour.",
    staffing_none: "No calls came while a destination was open.",
    no_lack: "No hour lacks people, as far as calls show it.",
    no_talk: "Nobody has answered yet, so it is not known how long a talk lasts.",
    people_by_hour: "People needed, by the hour of the week",
    lack: "people wanting",
    share: "Of 100 calls, answered in time:",
    within: "In time is within",
    seconds: "seconds",
    reckon: "Reckon",
    thin: "Few data:",
    days: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
};

static FR: MissedTexts = MissedTexts {
    title: "Appels manqués",
    claim: "Les appelants restés sans réponse, chacun une fois\u{a0}: qui attend encore, qui a été rappelé ou servi depuis.",
    all_states: "Tous",
    none: "Personne ici",
    none_advice: "Sur cette période, aucun appelant de ce genre n’a été manqué. Choisissez une autre période ou retirez un filtre.",
    who: "Qui",
    when: "Dernier appel manqué",
    source: "Provenance probable",
    at_stake: "En jeu",
    at_stake_how: "Ce qui est en jeu est une estimation\u{a0}: la part des appels pris du même canal qui ont été marqués comme ventes, multipliée par l’achat moyen, sur les douze derniers mois. Avec moins de 20 appels pris du canal, on prend ceux de tous les canaux.",
    not_known: "inconnu",
    by_all_channels: "tous canaux confondus",
    what_became: "Ce qu’il en est",
    may_be_called: "Peut être appelé",
    may: "maintenant",
    may_not: "non",
    may_later: "à partir du",
    call_back: "Rappeler",
    service_until: "Rappeler est un service jusqu’au",
    call: "L’appel",
    task: "Tâche\u{a0}:",
    from_page: "Depuis une page",
    asked_for: "La possibilité d’appeler est vérifiée pour cette finalité\u{a0}:",
    earlier: "Manqués plus tôt",
    latest: "Revenir aux derniers",
    hours: "Quand les appels sont manqués",
    hours_how: "Les appels manqués par heure de la semaine\u{a0}; plus la couleur est marquée, plus il y en a. Les heures hachurées sont fermées selon le plan actuel, celles à demi hachurées en partie.",
    hours_cut: "Plus de destinations ont leurs propres horaires qu’on n’en regarde\u{a0}; les autres comptent comme toujours ouvertes. Choisissez un point de vente ou une destination.",
    open: "Pendant l’ouverture",
    closed: "Pendant la fermeture",
    hour: "Heure",
    missed_open: "Manqués ouvert",
    missed_closed: "Manqués fermé",
    missed_rate: "Manqués",
    open_share: "Ouvert",
    staffing: "Combien doivent répondre",
    staffing_how: "D’après la formule d’Erlang de 1917, pour chaque destination à part, à partir des appels arrivés pendant son ouverture dans les douze dernières semaines de la période, et de la durée moyenne d’un échange. Personne n’y abandonne et qui réessaie compte de nouveau\u{a0}: elle en demande plutôt trop que trop peu. Le nombre de personnes disponibles est celui des appels simultanés du plan, ou à défaut le plus grand nombre d’appels pris en même temps à cette heure.",
    staffing_none: "Aucun appel n’est arrivé pendant l’ouverture d’une destination.",
    no_lack: "Aucune heure ne manque de monde, autant que les appels le montrent.",
    no_talk: "Personne n’a encore répondu\u{a0}: la durée d’un échange n’est pas connue.",
    people_by_hour: "Personnes nécessaires, par heure de la semaine",
    lack: "il manque du monde",
    share: "Sur 100 appels, pris à temps\u{a0}:",
    within: "À temps, c’est en moins de",
    seconds: "secondes",
    reckon: "Calculer",
    thin: "Peu de données\u{a0}:",
    days: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
};

impl Lang {
    pub const fn missed_texts(self) -> &'static MissedTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn fate(self, fate: Fate) -> &'static str {
        match (self, fate) {
            (Lang::En, Fate::Open) => "Still waiting",
            (Lang::Fr, Fate::Open) => "En attente",
            (Lang::En, Fate::CalledBack) => "Called back",
            (Lang::Fr, Fate::CalledBack) => "Rappelés",
            (Lang::En, Fate::CalledAgain) => "Called again",
            (Lang::Fr, Fate::CalledAgain) => "Ont rappelé",
        }
    }

    /// What became of one caller: how long after they were missed, or how long they have waited.
    pub fn fate_after(self, fate: Fate, span: Duration) -> String {
        let span = self.span(span);
        match (self, fate) {
            (Lang::En, Fate::Open) => format!("waiting for {span}"),
            (Lang::Fr, Fate::Open) => format!("attend depuis {span}"),
            (Lang::En, Fate::CalledBack) => format!("called back after {span}"),
            (Lang::Fr, Fate::CalledBack) => format!("appelant rappelé après {span}"),
            (Lang::En, Fate::CalledAgain) => format!("called again and was answered after {span}"),
            (Lang::Fr, Fate::CalledAgain) => format!("a rappelé et a eu quelqu’un après {span}"),
        }
    }

    /// How many of their calls nobody took, of somebody with several.
    pub fn missed_times(self, times: u64) -> Option<String> {
        (times > 1).then(|| match self {
            Lang::En => format!("{times} missed calls"),
            Lang::Fr => format!("{times} appels manqués"),
        })
    }

    /// Missed calls of nobody who could be called back.
    pub fn missed_of_nobody(self, calls: u64) -> Option<String> {
        match (self, calls) {
            (_, 0) => None,
            (Lang::En, 1) => Some(
                "One more missed call came from a withheld number, or from somebody who was forgotten since."
                    .to_owned(),
            ),
            (Lang::En, _) => Some(format!(
                "{calls} more missed calls came from withheld numbers, or from people who were forgotten since."
            )),
            (Lang::Fr, 1) => Some(
                "Un autre appel manqué venait d’un numéro masqué, ou d’une personne oubliée depuis."
                    .to_owned(),
            ),
            (Lang::Fr, _) => Some(format!(
                "{calls} autres appels manqués venaient de numéros masqués, ou de personnes oubliées depuis."
            )),
        }
    }

    /// `Monday 10–11`, of hours since Monday at midnight.
    pub fn hour_of_week(self, hour: usize) -> String {
        let (day, hour) = (self.missed_texts().days[hour / 24 % 7], hour % 24);
        match self {
            Lang::En => format!("{day} {hour}–{}", hour + 1),
            Lang::Fr => format!("{day} {hour}–{}\u{a0}h", hour + 1),
        }
    }

    /// What an hour lacks: `Monday 10–11: 3 people needed, 1 could answer; 9 of 80 calls were missed.`
    pub fn lacks(self, need: &Need) -> String {
        let hour = self.hour_of_week(need.hour);
        let (people, could) = (need.people, need.could);
        let (missed, calls) = (self.figure(need.missed), self.figure(need.calls));
        match self {
            Lang::En => {
                let word = if people == 1 { "person" } else { "people" };
                format!(
                    "{hour}: {people} {word} needed, {could} could answer; {missed} of {calls} calls were missed."
                )
            }
            Lang::Fr => {
                let words = if people > 1 { "personnes nécessaires" } else { "personne nécessaire" };
                let able = if could > 1 { "disponibles" } else { "disponible" };
                format!(
                    "{hour}\u{a0}: {people} {words}, {could} {able}\u{a0}; {missed} appels manqués sur {calls}."
                )
            }
        }
    }

    /// On how little a hint stands.
    pub fn stands_on(self, need: &Need) -> String {
        let (hours, calls) = (self.figure(need.hours), self.figure(need.calls));
        match self {
            Lang::En => format!("{hours} such hours, {calls} calls."),
            Lang::Fr => format!("{hours} heures de ce genre, {calls} appels."),
        }
    }

    /// What is aimed at.
    pub fn aimed_at(self, aim: Aim) -> String {
        let (share, within) = (self.percent(aim.share), self.span(aim.within));
        match self {
            Lang::En => format!("So that {share} of the calls are answered within {within}."),
            Lang::Fr => format!("Pour que {share} des appels soient pris en moins de {within}."),
        }
    }

    /// A talk lasts so long, and so many could answer by the plan.
    pub fn answers_so(self, talk: Duration, lines: Option<u32>) -> String {
        let talk = self.span(talk);
        match (self, lines) {
            (Lang::En, None) => format!("A talk lasts {talk} on average."),
            (Lang::Fr, None) => format!("Un échange dure {talk} en moyenne."),
            (Lang::En, Some(1)) => {
                format!("A talk lasts {talk} on average; the plan lets in one call at a time.")
            }
            (Lang::Fr, Some(1)) => {
                format!("Un échange dure {talk} en moyenne\u{a0}; le plan laisse passer un appel à la fois.")
            }
            (Lang::En, Some(lines)) => {
                format!("A talk lasts {talk} on average; the plan lets in {lines} calls at a time.")
            }
            (Lang::Fr, Some(lines)) => format!(
                "Un échange dure {talk} en moyenne\u{a0}; le plan laisse passer {lines} appels à la fois."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_that_lacks_people_is_told_in_a_sentence() {
        let need =
            Need { hour: 10, people: 3, could: 1, calls_an_hour: 20.0, calls: 80.0, missed: 9.0, hours: 4.0 };

        assert_eq!(
            Lang::En.lacks(&need),
            "Monday 10–11: 3 people needed, 1 could answer; 9 of 80 calls were missed."
        );
        assert_eq!(
            Lang::Fr.lacks(&Need { hour: 6 * 24 + 23, ..need }).replace('\u{a0}', " "),
            "dimanche 23–24 h : 3 personnes nécessaires, 1 disponible ; 9 appels manqués sur 80."
        );
        assert_eq!(Lang::En.stands_on(&need), "4 such hours, 80 calls.");
    }
}
