//! Words about alerts: what each watches, what was measured, what is told.

use std::time::Duration;

use super::Lang;
use crate::domain::alerts::measured::{CostMeasured, Measured, PoolMeasured};
use crate::domain::alerts::rule::{Band, Kind, MissedLimit, PoolLimit, Rule};
use crate::domain::money::{Currency, Money};

/// The fixed texts of the pages and mails.
#[derive(Debug)]
pub struct AlertTexts {
    pub title: &'static str,
    pub claim: &'static str,
    pub none: &'static str,
    pub none_advice: &'static str,
    pub no_mail: &'static str,
    pub name: &'static str,
    pub watches: &'static str,
    pub stands: &'static str,
    pub measured: &'static str,
    pub add: &'static str,
    pub save: &'static str,
    pub change: &'static str,
    pub delete: &'static str,
    pub history: &'static str,
    pub never: &'static str,
    pub from: &'static str,
    pub until: &'static str,
    pub goes_on: &'static str,
    pub older: &'static str,
    pub raised: &'static str,
    pub quiet: &'static str,
    pub off: &'static str,
    pub not_yet: &'static str,
    pub whose: &'static str,
    pub network: &'static str,
    pub number: &'static str,
    pub or_number: &'static str,
    pub minutes: &'static str,
    pub share: &'static str,
    pub or_calls: &'static str,
    pub least_calls: &'static str,
    pub hours: &'static str,
    pub chance: &'static str,
    pub zone: &'static str,
    pub pool: &'static str,
    pub any: &'static str,
    pub free: &'static str,
    pub or_visits: &'static str,
    pub visits_minutes: &'static str,
    pub trunk: &'static str,
    pub trunk_empty: &'static str,
    pub channel: &'static str,
    pub campaign: &'static str,
    pub days: &'static str,
    pub past: &'static str,
    pub or_low: &'static str,
    pub high: &'static str,
    pub currency: &'static str,
    pub emails: &'static str,
    pub emails_how: &'static str,
    pub language: &'static str,
    pub enabled: &'static str,
    pub how: [&'static str; 5],
    pub mail_raised: &'static str,
    pub mail_over: &'static str,
    pub mail_since: &'static str,
    pub mail_rule: &'static str,
    pub mail_open: &'static str,
    pub mail_why: &'static str,
}

static EN: AlertTexts = AlertTexts {
    title: "Alerts",
    claim: "What is watched, and who is told when something is wrong: once when it begins, once when it is over.",
    none: "Nothing is watched yet",
    none_advice: "Choose below what you want to be told of.",
    no_mail: "No mail leaves this gateway: set server in [mail] of whence.toml. Webhooks are told all the same.",
    name: "Name",
    watches: "Watches",
    stands: "Now",
    measured: "Measured last",
    add: "Watch something",
    save: "Save",
    change: "Change",
    delete: "Delete this alert",
    history: "When it was raised",
    never: "Never yet.",
    from: "From",
    until: "Until",
    goes_on: "goes on",
    older: "Older ones",
    raised: "Raised",
    quiet: "Quiet",
    off: "Off",
    not_yet: "Not known yet",
    whose: "Whose calls",
    network: "All calls",
    number: "Number",
    or_number: "or of one number",
    minutes: "Within so many minutes",
    share: "More than so many per cent are missed",
    or_calls: "or more than so many calls",
    least_calls: "Of so many calls at least",
    hours: "No call for so many hours at least",
    chance: "Less likely by chance than (per cent)",
    zone: "Time zone",
    pool: "Pool",
    any: "Any",
    free: "Fewer free numbers than",
    or_visits: "or more visits without a number than",
    visits_minutes: "within so many minutes",
    trunk: "Trunk",
    trunk_empty: "any",
    channel: "Channel",
    campaign: "Campaign",
    days: "Over so many days, up to yesterday",
    past: "Further than so many per cent from before",
    or_low: "or less than",
    high: "or more than",
    currency: "Currency",
    emails: "Write to",
    emails_how: "Addresses with commas between; webhooks that want alert.* are told anyway.",
    language: "Language",
    enabled: "On",
    how: [
        "Missed calls as a part of those that ended within the span, or as a number. It is over ten minutes after they are down to four fifths of the limit.",
        "Each silence is held against the same hours of the last eight weeks: at night and on days of rest nobody is expected to call. It is over with the next call.",
        "Numbers that nobody has on a page and that do not rest; or visits that were shown no number of their own, since all were taken.",
        "A trunk over which no call leaves, or whose carrier does not know where this gateway is. Each node says so of its own trunks.",
        "What was spent, by the calls that it likely brought. Told only where the call surely costs too much or too little, however its origin is doubted.",
    ],
    mail_raised: "Alert",
    mail_over: "Over",
    mail_since: "Since",
    mail_rule: "The rule",
    mail_open: "Open this alert",
    mail_why: "You get this mail because your address stands in this alert.",
};

static FR: AlertTexts = AlertTexts {
    title: "Alertes",
    claim: "Ce qui est surveillé, et qui est prévenu quand quelque chose ne va pas\u{a0}: une fois au début, une fois à la fin.",
    none: "Rien n’est encore surveillé",
    none_advice: "Choisissez ci-dessous de quoi vous voulez être prévenu.",
    no_mail: "Aucun courriel ne part de cette passerelle\u{a0}: renseignez server dans [mail] de whence.toml. Les webhooks sont prévenus quand même.",
    name: "Nom",
    watches: "Surveille",
    stands: "Maintenant",
    measured: "Dernière mesure",
    add: "Surveiller quelque chose",
    save: "Enregistrer",
    change: "Modifier",
    delete: "Supprimer cette alerte",
    history: "Quand elle a été levée",
    never: "Jamais encore.",
    from: "Du",
    until: "Au",
    goes_on: "en cours",
    older: "Plus anciennes",
    raised: "Levée",
    quiet: "Calme",
    off: "Éteinte",
    not_yet: "Pas encore connu",
    whose: "Les appels de",
    network: "Tous les appels",
    number: "Numéro",
    or_number: "ou d’un numéro",
    minutes: "En tant de minutes",
    share: "Plus de tant de pour cent sont manqués",
    or_calls: "ou plus de tant d’appels",
    least_calls: "Sur au moins tant d’appels",
    hours: "Aucun appel depuis au moins tant d’heures",
    chance: "Moins probable par hasard que (pour cent)",
    zone: "Fuseau horaire",
    pool: "Pool",
    any: "N’importe lequel",
    free: "Moins de numéros libres que",
    or_visits: "ou plus de visites sans numéro que",
    visits_minutes: "en tant de minutes",
    trunk: "Trunk",
    trunk_empty: "n’importe lequel",
    channel: "Canal",
    campaign: "Campagne",
    days: "Sur tant de jours, jusqu’à hier",
    past: "À plus de tant de pour cent d’avant",
    or_low: "ou moins de",
    high: "ou plus de",
    currency: "Devise",
    emails: "Écrire à",
    emails_how: "Adresses séparées par des virgules\u{a0}; les webhooks qui demandent alert.* sont prévenus de toute façon.",
    language: "Langue",
    enabled: "Allumée",
    how: [
        "Les appels manqués, en part de ceux qui ont pris fin dans ce temps, ou en nombre. C’est terminé dix minutes après être redescendu aux quatre cinquièmes de la limite.",
        "Chaque silence est comparé aux mêmes heures des huit dernières semaines\u{a0}: la nuit et les jours de repos, personne n’est attendu. L’appel suivant y met fin.",
        "Les numéros que personne n’a sur une page et qui ne se reposent pas\u{a0}; ou les visites qui n’ont pas eu de numéro à elles, tous étant pris.",
        "Un trunk par lequel aucun appel ne part, ou dont l’opérateur ne sait pas où est cette passerelle. Chaque nœud le dit de ses propres trunks.",
        "Ce qui a été dépensé, par appel que cela a probablement amené. Signalé seulement là où l’appel coûte à coup sûr trop, ou trop peu, quel que soit le doute sur son origine.",
    ],
    mail_raised: "Alerte",
    mail_over: "Terminé",
    mail_since: "Depuis",
    mail_rule: "La règle",
    mail_open: "Ouvrir cette alerte",
    mail_why: "Vous recevez ce courriel parce que votre adresse figure dans cette alerte.",
};

impl Lang {
    pub const fn alert_texts(self) -> &'static AlertTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn alert_kind(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Lang::En, Kind::Missed) => "Missed calls",
            (Lang::Fr, Kind::Missed) => "Appels manqués",
            (Lang::En, Kind::Silence) => "No calls",
            (Lang::Fr, Kind::Silence) => "Plus d’appels",
            (Lang::En, Kind::Pool) => "Pool runs out",
            (Lang::Fr, Kind::Pool) => "Numéros épuisés",
            (Lang::En, Kind::Trunk) => "Trunk down",
            (Lang::Fr, Kind::Trunk) => "Trunk en panne",
            (Lang::En, Kind::Cost) => "Cost per call",
            (Lang::Fr, Kind::Cost) => "Coût par appel",
        }
    }

    /// What a rule watches, in a sentence without its subject: whose calls, which pool stands beside it.
    pub fn alert_rule(self, rule: &Rule) -> String {
        let minutes = |span: &Duration| format!("{}\u{a0}min", span.as_secs() / 60);
        match (self, rule) {
            (Lang::En, Rule::Missed { within, limit: MissedLimit::Share { more_than, least_calls }, .. }) => {
                let share = self.percent(*more_than);
                format!("more than {share} of at least {least_calls} calls missed within {}", minutes(within))
            }
            (Lang::Fr, Rule::Missed { within, limit: MissedLimit::Share { more_than, least_calls }, .. }) => {
                let share = self.percent(*more_than);
                format!("plus de {share} d’au moins {least_calls} appels manqués en {}", minutes(within))
            }
            (Lang::En, Rule::Missed { within, limit: MissedLimit::Number { more_than }, .. }) => {
                format!("more than {more_than} calls missed within {}", minutes(within))
            }
            (Lang::Fr, Rule::Missed { within, limit: MissedLimit::Number { more_than }, .. }) => {
                format!("plus de {more_than} appels manqués en {}", minutes(within))
            }
            (Lang::En, Rule::Silence { least, chance, .. }) => {
                let hours = least.as_secs() / 3_600;
                format!("no call for {hours}\u{a0}h or more, by chance less than {}", self.odds(*chance))
            }
            (Lang::Fr, Rule::Silence { least, chance, .. }) => {
                let hours = least.as_secs() / 3_600;
                format!(
                    "aucun appel depuis {hours}\u{a0}h ou plus, par hasard moins d’{}",
                    self.odds(*chance)
                )
            }
            (Lang::En, Rule::Pool { limit: PoolLimit::Free { fewer_than }, .. }) => {
                format!("fewer than {fewer_than} free numbers")
            }
            (Lang::Fr, Rule::Pool { limit: PoolLimit::Free { fewer_than }, .. }) => {
                format!("moins de {fewer_than} numéros libres")
            }
            (Lang::En, Rule::Pool { limit: PoolLimit::Visits { more_than, within }, .. }) => {
                format!("more than {more_than} visits without a number within {}", minutes(within))
            }
            (Lang::Fr, Rule::Pool { limit: PoolLimit::Visits { more_than, within }, .. }) => {
                format!("plus de {more_than} visites sans numéro en {}", minutes(within))
            }
            (Lang::En, Rule::Trunk { down_for, .. }) => format!("down for {}", minutes(down_for)),
            (Lang::Fr, Rule::Trunk { down_for, .. }) => format!("en panne depuis {}", minutes(down_for)),
            (_, Rule::Cost { days, band, .. }) => self.cost_rule(*days, *band),
        }
    }

    fn cost_rule(self, days: u16, band: Band) -> String {
        let money = |minor, currency| self.money(Money { minor, currency });
        let band = match (self, band) {
            (Lang::En, Band::Past { off }) => {
                format!("further than {} from the time before", self.whole_percent(off))
            }
            (Lang::Fr, Band::Past { off }) => format!("à plus de {} d’avant", self.whole_percent(off)),
            (_, Band::Between { low, high, currency }) => {
                let (less, more) =
                    if self == Lang::En { ("less than", "more than") } else { ("moins de", "plus de") };
                let low = low.map(|it| format!("{less} {}", money(it, currency)));
                let high = high.map(|it| format!("{more} {}", money(it, currency)));
                let or = if self == Lang::En { " or " } else { " ou " };
                low.into_iter().chain(high).collect::<Vec<_>>().join(or)
            }
        };
        match self {
            Lang::En => format!("a call costs {band}, over {days} days"),
            Lang::Fr => format!("un appel coûte {band}, sur {days} jours"),
        }
    }

    /// What was measured, in a sentence.
    pub fn alert_measured(self, measured: &Measured) -> String {
        let span = |seconds: u64| self.span(Duration::from_secs(seconds));
        match (self, measured) {
            (Lang::En, Measured::Missed { missed, calls, minutes }) => {
                format!("{missed} of {calls} calls missed within {minutes}\u{a0}min")
            }
            (Lang::Fr, Measured::Missed { missed, calls, minutes }) => {
                format!("{missed} appels manqués sur {calls} en {minutes}\u{a0}min")
            }
            (Lang::En, Measured::Silence { seconds, usual, chance, weeks }) => format!(
                "No call for {}; usually {} in that time ({weeks} weeks), so by chance {}",
                span(*seconds),
                self.calls(*usual),
                self.odds(*chance)
            ),
            (Lang::Fr, Measured::Silence { seconds, usual, chance, weeks }) => format!(
                "Aucun appel depuis {}\u{a0}; d’habitude {} en ce temps ({weeks} semaines), donc par hasard {}",
                span(*seconds),
                self.calls(*usual),
                self.odds(*chance)
            ),
            (Lang::En, Measured::Pool(PoolMeasured::Free { pool, free, numbers })) => {
                format!("{pool}: {free} of {numbers} numbers are free")
            }
            (Lang::Fr, Measured::Pool(PoolMeasured::Free { pool, free, numbers })) => {
                format!("{pool}\u{a0}: {free} numéros libres sur {numbers}")
            }
            (Lang::En, Measured::Pool(PoolMeasured::Visits { pool, visits, minutes })) => {
                format!("{pool}: {visits} visits without a number within {minutes}\u{a0}min")
            }
            (Lang::Fr, Measured::Pool(PoolMeasured::Visits { pool, visits, minutes })) => {
                format!("{pool}\u{a0}: {visits} visites sans numéro en {minutes}\u{a0}min")
            }
            (_, Measured::Trunk { trunk, node, seconds }) => match (self, trunk, node, seconds) {
                (Lang::En, Some(trunk), Some(node), Some(seconds)) => {
                    format!("{trunk} is down for {}, as the node {node} sees it", span(*seconds))
                }
                (Lang::Fr, Some(trunk), Some(node), Some(seconds)) => {
                    format!("{trunk} est en panne depuis {}, vu du nœud {node}", span(*seconds))
                }
                (Lang::En, ..) => "No trunk is down".into(),
                (Lang::Fr, ..) => "Aucun trunk en panne".into(),
            },
            (_, Measured::Cost(cost)) => self.cost_measured(cost),
        }
    }

    fn cost_measured(self, cost: &CostMeasured) -> String {
        let Some(currency) = cost.currency else {
            return if self == Lang::En {
                "Nothing was spent".into()
            } else {
                "Rien n’a été dépensé".into()
            };
        };
        let each = |minor: Option<f64>| minor.map_or_else(|| "–".into(), |it| self.money_about(it, currency));
        let (spent, calls) = (self.money_about(cost.cost_minor as f64, currency), self.figure(cost.calls));
        let band = match (cost.low_minor, cost.high_minor) {
            (None, None) => return self.no_band(&spent, &calls),
            (low, high) => format!("{} – {}", self.edge(low, currency), self.edge(high, currency)),
        };
        match self {
            Lang::En => {
                format!("{} a call: {spent} for {calls} calls; it should be {band}", each(cost.per_call()))
            }
            Lang::Fr => format!(
                "{} par appel\u{a0}: {spent} pour {calls} appels\u{a0}; attendu {band}",
                each(cost.per_call())
            ),
        }
    }

    fn no_band(self, spent: &str, calls: &str) -> String {
        match self {
            Lang::En => format!("{spent} for {calls} calls; too little is known of the time before"),
            Lang::Fr => format!("{spent} pour {calls} appels\u{a0}; on sait trop peu du temps d’avant"),
        }
    }

    fn edge(self, minor: Option<f64>, currency: Currency) -> String {
        minor.map_or_else(|| "…".into(), |it| self.money_about(it, currency))
    }

    /// `one time in 250`, where per cent would say too little.
    fn odds(self, chance: f64) -> String {
        let times = self.figure((1.0 / chance.max(1e-9)).round());
        match self {
            Lang::En => format!("one time in {times}"),
            Lang::Fr => format!("une fois sur {times}"),
        }
    }

    /// Also more than a hundred.
    fn whole_percent(self, part: f64) -> String {
        format!("{:.0}{}%", part * 100.0, if self == Lang::En { "" } else { "\u{a0}" })
    }
}
