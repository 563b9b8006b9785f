//! Words about pools over time.

use super::Lang;
use crate::domain::time::Timestamp;
use crate::domain::tracking::pool_use::{DAYS_MIN, Forecast};
use crate::http::pool_history::full_on;

texts! {
    /// The fixed texts of the pages of pools.
    PoolTexts, pool_texts {
        title: "Pools" | "Pools",
        claim: "Numbers that are lent to visits: how full they are, how full they were, and how long they last." | "Numéros prêtés aux visites\u{a0}: leur remplissage, son histoire, et combien de temps ils suffisent.",
        none: "There is no pool yet" | "Il n’y a pas encore de pool",
        none_advice: "A pool lends each visit of a site a number of its own. Add one for the number written on the site." | "Un pool prête à chaque visite d’un site un numéro à elle. Ajoutez-en un pour le numéro écrit sur le site.",
        add: "Add a pool" | "Ajouter un pool",
        new: "A new pool" | "Un nouveau pool",
        change: "Change it" | "Le modifier",
        back: "All pools" | "Tous les pools",
        site: "Site" | "Site",
        target: "In the place of" | "À la place de",
        numbers: "Numbers" | "Numéros",
        lent: "Lent" | "Prêtés",
        taken: "Lent or resting" | "Prêtés ou au repos",
        peak: "Most taken in 35 days" | "Maximum pris en 35 jours",
        exhausted: "Visits without a number" | "Visites sans numéro",
        forecast: "Forecast" | "Prévision",
        use_over_time: "Use" | "Usage",
        hours: "Hours" | "Heures",
        days: "Days" | "Jours",
        time: "Time (UTC)" | "Moment (UTC)",
        all: "all its numbers" | "tous ses numéros",
        nothing: "Nobody was lent a number in this time." | "Aucun numéro n’a été prêté pendant ce temps.",
        advice: "How many numbers it needs" | "Combien de numéros il lui faut",
        destination: "Calls go to" | "Les appels vont à",
        keep_alive: "A number stays with a visit after its page was last seen (minutes)" | "Un numéro reste à une visite après la dernière vue (minutes)",
        quarantine: "It then rests (minutes)" | "Ensuite il se repose (minutes)",
        ageing: "A new number is lent to nobody for (minutes)" | "Un nouveau numéro n’est prêté à personne pendant (minutes)",
        calls_at_once: "Calls at once to each number at the most" | "Appels simultanés au plus par numéro",
        numbers_how: "A number or a range on each line: +33199001000..+33199001009" | "Un numéro ou une plage par ligne\u{a0}: +33199001000..+33199001009",
        used: "What stands on it must go first:" | "Ce qui en dépend doit d’abord partir\u{a0}:",
        out_means: "Its numbers go out of service." | "Ses numéros sont mis hors service.",
        look: "Look what would change" | "Voir ce qui changerait",
    }
}

impl Lang {
    pub fn pool_forecast(self, forecast: Forecast, now: Timestamp) -> String {
        match (self, forecast) {
            (Lang::En, Forecast::TooEarly { days }) => {
                format!("not enough history: {days} of {DAYS_MIN} days")
            }
            (Lang::Fr, Forecast::TooEarly { days }) => {
                format!("pas assez d’historique\u{a0}: {days} jours sur {DAYS_MIN}")
            }
            (Lang::En, Forecast::Full) => "full: all its numbers were taken lately".into(),
            (Lang::Fr, Forecast::Full) => "plein\u{a0}: tous ses numéros ont été pris récemment".into(),
            (Lang::En, Forecast::Lasts) => "lasts a year or more".into(),
            (Lang::Fr, Forecast::Lasts) => "suffit pour un an ou plus".into(),
            (Lang::En, Forecast::FullIn { days }) => {
                format!("at the present growth, until {}", self.day(full_on(now, days)))
            }
            (Lang::Fr, Forecast::FullIn { days }) => {
                format!("à la croissance actuelle, jusqu’au {}", self.day(full_on(now, days)))
            }
        }
    }
}
