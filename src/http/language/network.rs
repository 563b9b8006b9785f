//! Words about outlets held against each other, tables of two sides, and what moves together.

use super::Lang;
use crate::domain::reporting::funnel::{Funnel, Verdict};

/// The fixed texts of the pages.
#[derive(Debug)]
pub struct NetworkTexts {
    pub title: &'static str,
    pub claim: &'static str,
    pub none_advice: &'static str,
    pub which: &'static str,
    pub each: &'static str,
    pub below: &'static str,
    pub see_below: &'static str,
    pub funnel: &'static str,
    pub funnel_how: &'static str,
    pub calls_over: &'static str,
    pub bounds: &'static str,
    pub usual: &'static str,
    pub better: &'static str,
    pub worse: &'static str,
    pub ranking: &'static str,
    pub order: &'static str,
    /// By calls, missed calls, their share, and the change.
    pub sorts: [&'static str; 4],
    pub rate: &'static str,
    pub chance: &'static str,
    pub usually: &'static str,
    pub share: &'static str,
    pub campaigns: &'static str,
    pub of_calls: &'static str,
    pub cross: &'static str,
    pub cross_claim: &'static str,
    pub cross_how: &'static str,
    pub rows: &'static str,
    pub columns: &'static str,
    pub others: &'static str,
    pub more: &'static str,
    pub less: &'static str,
    pub together: &'static str,
    pub together_claim: &'static str,
    pub together_how: &'static str,
    pub thin: &'static str,
    pub no_pairs: &'static str,
    pub no_pairs_advice: &'static str,
    pub pairs: &'static str,
    pub what_moves: &'static str,
    pub correlation: &'static str,
    pub beyond: &'static str,
    pub maybe_chance: &'static str,
    pub days_later: &'static str,
}

static EN: NetworkTexts = NetworkTexts {
    title: "Network",
    claim: "Which outlet does well, which does not, and where that is more than chance.",
    none_advice: "As soon as somebody calls in this time, it is told here.",
    which: "Which outlets",
    each: "Each outlet",
    below: "Below",
    see_below: "those below",
    funnel: "Missed calls: chance, or more?",
    funnel_how: "An outlet with few calls may be far off by chance, one with many may not: hence the funnel. It is wider where outlets differ by nature. Of those called better or worse, at most one in twenty is so by chance.",
    calls_over: "calls that are over",
    bounds: "95 and 99.8 of 100 lie within, by chance",
    usual: "usual",
    better: "misses fewer",
    worse: "misses more",
    ranking: "Outlets",
    order: "In which order",
    sorts: ["Most calls", "Most missed", "Largest share missed", "Grown most"],
    rate: "Missed rate",
    chance: "More than chance?",
    usually: "usually",
    share: "Share of all missed",
    campaigns: "How campaigns do in each outlet",
    of_calls: "calls missed",
    cross: "Cross table",
    cross_claim: "Calls by two things at once: which region calls by which channel, how a campaign does in each outlet.",
    cross_how: "A call counts where its row and its column meet, as likely as it came from there. Marked is where they meet more or less often than their sums alone explain; at most one mark in twenty is by chance, and where fewer than five calls are expected nothing is said. A region is that of the caller’s number; of one that has no place, a mobile say, or is withheld, that of the visit, where a proxy tells it.",
    rows: "Rows",
    columns: "Columns",
    others: "all others",
    more: "more than the sums explain",
    less: "less",
    together: "Moving together",
    together_claim: "Does one channel make another one ring, and after how many days?",
    together_how: "Calls a day, without their trend, without what each weekday usually is, and without what they have of the day before. What remains is held against each other, up to 14 days apart. Of the pairs beyond chance, about one in twenty is by chance all the same. It says that they move together, not why: on a holiday all rest.",
    thin: "Too few calls or weeks to tell, and left out:",
    no_pairs: "Too little to tell",
    no_pairs_advice: "At least eight whole weeks, and two channels with a call every other day, are needed. Choose a longer time.",
    pairs: "Pairs",
    what_moves: "What moves",
    correlation: "Correlation",
    beyond: "beyond chance",
    maybe_chance: "may be chance",
    days_later: "days later",
};

static FR: NetworkTexts = NetworkTexts {
    title: "Réseau",
    claim: "Quel point de vente va bien, lequel non, et où c’est plus que le hasard.",
    none_advice: "Dès que quelqu’un appelle sur cette période, cela apparaît ici.",
    which: "Quels points de vente",
    each: "Chaque point de vente",
    below: "Sous",
    see_below: "ceux en dessous",
    funnel: "Appels manqués\u{a0}: le hasard, ou plus\u{a0}?",
    funnel_how: "Avec peu d’appels on peut être loin de la moyenne par hasard, avec beaucoup non\u{a0}: d’où l’entonnoir. Il s’élargit si les points de vente diffèrent par nature. Parmi ceux dits meilleurs ou moins bons, au plus un sur vingt l’est par hasard.",
    calls_over: "appels terminés",
    bounds: "95 et 99,8 sur 100 y sont, par hasard",
    usual: "habituel",
    better: "en manque moins",
    worse: "en manque plus",
    ranking: "Points de vente",
    order: "Dans quel ordre",
    sorts: ["Le plus d’appels", "Le plus de manqués", "La plus grande part manquée", "La plus forte hausse"],
    rate: "Taux manqué",
    chance: "Plus que le hasard\u{a0}?",
    usually: "d’habitude",
    share: "Part de tous les manqués",
    campaigns: "Les campagnes dans chaque point de vente",
    of_calls: "appels manqués",
    cross: "Tableau croisé",
    cross_claim: "Les appels selon deux choses à la fois\u{a0}: quelle région appelle par quel canal, ce que donne une campagne dans chaque point de vente.",
    cross_how: "Un appel compte là où sa ligne et sa colonne se croisent, autant qu’il est probable qu’il en vienne. Est marqué ce qui se croise plus ou moins souvent que les sommes seules ne l’expliquent\u{a0}; au plus une marque sur vingt est due au hasard, et sous cinq appels attendus rien n’est dit. La région est celle du numéro de l’appelant\u{a0}; pour un numéro sans lieu, un mobile par exemple, ou masqué, celle de la visite, si un proxy la donne.",
    rows: "Lignes",
    columns: "Colonnes",
    others: "tous les autres",
    more: "plus que les sommes ne l’expliquent",
    less: "moins",
    together: "Évolutions liées",
    together_claim: "Un canal en fait-il sonner un autre, et après combien de jours\u{a0}?",
    together_how: "Les appels par jour, sans leur tendance, sans l’habitude de chaque jour de la semaine, sans ce qu’ils doivent à la veille. Ce qui reste est comparé, jusqu’à 14 jours d’écart. Parmi les paires au-delà du hasard, environ une sur vingt l’est quand même par hasard. Cela dit qu’elles évoluent ensemble, pas pourquoi\u{a0}: un jour férié, tout se repose.",
    thin: "Trop peu d’appels ou de semaines, laissés de côté\u{a0}:",
    no_pairs: "Trop peu pour conclure",
    no_pairs_advice: "Il faut au moins huit semaines entières et deux canaux avec un appel tous les deux jours. Choisissez une période plus longue.",
    pairs: "Paires",
    what_moves: "Ce qui évolue",
    correlation: "Corrélation",
    beyond: "au-delà du hasard",
    maybe_chance: "peut-être le hasard",
    days_later: "jours plus tard",
};

impl NetworkTexts {
    pub fn missed_of(&self, calls: String) -> String {
        format!("/ {calls} {}", self.of_calls)
    }
}

impl Lang {
    pub const fn network_texts(self) -> &'static NetworkTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// A key for the style, and the word.
    pub const fn outlet_verdict(self, verdict: Verdict) -> (&'static str, &'static str) {
        let t = self.network_texts();
        match (verdict, self) {
            (Verdict::Usual, _) => ("usual", t.usual),
            (Verdict::Better, _) => ("better", t.better),
            (Verdict::Worse, _) => ("worse", t.worse),
            (Verdict::Unknown, Lang::En) => ("unknown", "too few calls"),
            (Verdict::Unknown, Lang::Fr) => ("unknown", "trop peu d’appels"),
        }
    }

    /// What the funnel tells, in a sentence or two.
    pub fn network_verdict(self, funnel: &Funnel) -> String {
        let count = |verdict| funnel.verdicts.iter().filter(|it| **it == verdict).count();
        let (worse, better, rate) =
            (count(Verdict::Worse), count(Verdict::Better), self.percent(funnel.rate));
        match (self, worse, better) {
            (Lang::En, 0, 0) => {
                format!(
                    "All together miss {rate} of their calls. No outlet is further off than chance explains."
                )
            }
            (Lang::Fr, 0, 0) => format!(
                "Ensemble, {rate} des appels sont manqués. Aucun point de vente ne s’en écarte plus que le hasard ne l’explique."
            ),
            (Lang::En, ..) => format!(
                "All together miss {rate} of their calls. Beyond chance, {worse} miss more and {better} fewer."
            ),
            (Lang::Fr, ..) => format!(
                "Ensemble, {rate} des appels sont manqués. Au-delà du hasard, {worse} en manquent plus et {better} moins."
            ),
        }
    }

    /// That a cell has more calls than the sums of its row and its column explain.
    pub fn more_than_usual(self, usual: f64) -> String {
        match self {
            Lang::En => format!("more than the {} that the sums explain", self.figure(usual)),
            Lang::Fr => format!("plus que les {} que les sommes expliquent", self.figure(usual)),
        }
    }

    pub fn less_than_usual(self, usual: f64) -> String {
        match self {
            Lang::En => format!("less than the {} that the sums explain", self.figure(usual)),
            Lang::Fr => format!("moins que les {} que les sommes expliquent", self.figure(usual)),
        }
    }

    /// A correlation to a hundredth.
    pub fn correlation(self, correlation: f64) -> String {
        let text = format!("{correlation:+.2}").replace('-', "\u{2212}");
        if self == Lang::Fr { text.replace('.', ",") } else { text }
    }

    /// How two move: who follows whom, after how many days.
    pub fn moves(self, one: &str, other: &str, lag: i32, correlation: f64) -> String {
        let (before, after) = if lag < 0 { (other, one) } else { (one, other) };
        let (days, up) = (lag.unsigned_abs(), correlation > 0.0);
        match (self, days, up) {
            (Lang::En, 0, true) => format!("{one} and {other} move together on the same day"),
            (Lang::En, 0, false) => format!("{one} and {other} move against each other on the same day"),
            (Lang::Fr, 0, true) => format!("{one} et {other} évoluent ensemble le même jour"),
            (Lang::Fr, 0, false) => format!("{one} et {other} évoluent en sens contraire le même jour"),
            (Lang::En, days, true) => format!("{after} follows {before} after {}", self.days_apart(days)),
            (Lang::En, days, false) => {
                format!("{after} does the contrary of {before} after {}", self.days_apart(days))
            }
            (Lang::Fr, days, true) => format!("{after} suit {before} après {}", self.days_apart(days)),
            (Lang::Fr, days, false) => {
                format!("{after} fait le contraire de {before} après {}", self.days_apart(days))
            }
        }
    }

    fn days_apart(self, days: u32) -> String {
        match (self, days) {
            (Lang::En, 1) => "1 day".to_owned(),
            (Lang::En, _) => format!("{days} days"),
            (Lang::Fr, 1) => "1\u{a0}jour".to_owned(),
            (Lang::Fr, _) => format!("{days}\u{a0}jours"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_follows_whom_is_said_in_both_directions_and_languages() {
        assert_eq!(Lang::En.moves("Email", "Direct", 3, 0.4), "Direct follows Email after 3 days");
        assert_eq!(Lang::En.moves("Email", "Direct", -1, 0.4), "Email follows Direct after 1 day");
        assert_eq!(
            Lang::Fr.moves("E-mail", "Direct", 2, -0.4),
            "Direct fait le contraire de E-mail après 2\u{a0}jours"
        );
        assert_eq!(
            Lang::En.moves("Email", "Direct", 0, 0.4),
            "Email and Direct move together on the same day"
        );
        assert_eq!(
            (Lang::En.correlation(-0.123), Lang::Fr.correlation(0.5)),
            ("\u{2212}0.12".into(), "+0,50".into())
        );
    }
}
