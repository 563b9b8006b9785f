//! Words about journeys to a call and what they earned.

use super::Lang;
use crate::domain::reporting::ways::TIMES;

/// The fixed texts of both pages.
#[derive(Debug)]
pub struct JourneyTexts {
    pub title: &'static str,
    pub claim: &'static str,
    pub apart: &'static str,
    pub look_back: &'static str,
    pub other: &'static str,
    pub model: &'static str,
    pub earned: &'static str,
    pub too_many_states: &'static str,
    pub untouched: &'static str,
    pub see_journeys: &'static str,
    pub see_attribution: &'static str,
    pub bounds_how: &'static str,
    pub flow: &'static str,
    pub flow_how: &'static str,
    pub call: &'static str,
    pub paths: &'static str,
    pub longer: &'static str,
    pub share: &'static str,
    pub calls_with: &'static str,
    pub median_visits: &'static str,
    pub median_time: &'static str,
    pub visits: &'static str,
    pub and_more: &'static str,
    pub time: &'static str,
    pub assists: &'static str,
    pub assists_how: &'static str,
    pub assisted: &'static str,
    pub last: &'static str,
    pub ratio: &'static str,
    pub pages: &'static str,
    pub pages_how: &'static str,
    pub pages_none: &'static str,
    pub a_page: &'static str,
    pub page_seen: &'static str,
    pub page_last: &'static str,
    pub how: &'static str,
    /// For each class of [`TIMES`], and for all that took longer.
    pub times: [&'static str; TIMES.len() + 1],
}

static EN: JourneyTexts = JourneyTexts {
    title: "Journeys",
    claim: "How people came to call, and what helped.",
    apart: "Told apart by",
    look_back: "Visits count up to",
    other: "Other",
    model: "Model",
    earned: "Expected calls by each model",
    too_many_states: "These journeys differ too much for a chain: choose another model, or a shorter time.",
    untouched: "Calls that nothing led up to",
    see_journeys: "See these journeys",
    see_attribution: "See what each channel earned",
    bounds_how: "Each call counts as likely as it came by the journey, and each model adds up to the same calls. The true number lies between the bounds in nine cases of ten. By the models from First to Time decay they tell how uncertain it is which visit made a call; by Markov and Shapley, also what these would have learnt from another such time. Bounds learnt from a handful of calls are too close. Visits are read at most once a minute.",
    flow: "The last visits before the call",
    flow_how: "From left to right up to the call: each band is as thick as there are expected calls.",
    call: "Call",
    paths: "Path",
    longer: "with earlier visits",
    share: "Share",
    calls_with: "Calls with visits before",
    median_visits: "Visits, median",
    median_time: "Time to call, median",
    visits: "Visits before the call",
    and_more: "5 and more",
    time: "From the first visit to the call",
    assists: "Assisted calls",
    assists_how: "Calls in whose journey it was, and was not the last visit. Above 1 by call as last, it leads to calls more than it closes.",
    assisted: "Assisted",
    last: "As last",
    ratio: "Assisted per last",
    pages: "Pages before the call",
    pages_how: "Seen in the visit that called, before it did; in the newest 4,000 such visits at most.",
    pages_none: "No visit that called saw a page before.",
    a_page: "Page",
    page_seen: "Seen",
    page_last: "Seen last",
    how: "Each call counts as likely as it came by the journey. A journey is what one person did in the time before a call, as far as their browsers are known; a call on a static number has its medium as the last visit. Visits are read at most once a minute.",
    times: [
        "Within an hour",
        "Within a day",
        "2 to 3 days",
        "Within a week",
        "Within two weeks",
        "Within a month",
        "Longer",
    ],
};

static FR: JourneyTexts = JourneyTexts {
    title: "Parcours",
    claim: "Comment on en vient à appeler, et ce qui y aide.",
    apart: "Distingués par",
    look_back: "Visites comptées jusqu’à",
    other: "Autres",
    model: "Modèle",
    earned: "Appels attendus selon chaque modèle",
    too_many_states: "Ces parcours diffèrent trop pour une chaîne\u{a0}: choisissez un autre modèle ou une durée plus courte.",
    untouched: "Appels que rien n’a précédés",
    see_journeys: "Voir ces parcours",
    see_attribution: "Voir le mérite de chaque canal",
    bounds_how: "Chaque appel compte selon sa probabilité de venir de ce parcours, et chaque modèle partage les mêmes appels. Le vrai nombre est entre les bornes neuf fois sur dix. De Premier à Décroissance, elles disent ce qu’on ignore de la visite à l’origine d’un appel\u{a0}; pour Markov et Shapley, aussi ce qu’ils auraient appris d’une autre période semblable. Des bornes apprises de quelques appels sont trop serrées. Les visites sont lues au plus une fois par minute.",
    flow: "Les dernières visites avant l’appel",
    flow_how: "De gauche à droite jusqu’à l’appel\u{a0}: chaque bande a l’épaisseur des appels attendus.",
    call: "Appel",
    paths: "Chemin",
    longer: "avec des visites antérieures",
    share: "Part",
    calls_with: "Appels précédés de visites",
    median_visits: "Visites, médiane",
    median_time: "Délai avant l’appel, médian",
    visits: "Visites avant l’appel",
    and_more: "5 et plus",
    time: "De la première visite à l’appel",
    assists: "Appels assistés",
    assists_how: "Appels dont le parcours l’a compté, sans qu’il soit la dernière visite. Au-dessus de 1 par appel en dernier, il mène aux appels plus qu’il ne les conclut.",
    assisted: "Assistés",
    last: "En dernier",
    ratio: "Assistés par dernier",
    pages: "Pages avant l’appel",
    pages_how: "Vues pendant la visite qui a appelé, avant l’appel\u{a0}; dans les 4\u{202f}000 visites les plus récentes au plus.",
    pages_none: "Aucune visite qui a appelé n’a vu de page avant.",
    a_page: "Page",
    page_seen: "Vue",
    page_last: "Vue en dernier",
    how: "Chaque appel compte selon sa probabilité de venir de ce parcours. Un parcours est ce qu’une personne a fait avant un appel, pour autant que ses navigateurs soient connus\u{a0}; un appel sur un numéro fixe a son support pour dernière visite. Les visites sont lues au plus une fois par minute.",
    times: [
        "Dans l’heure",
        "Dans la journée",
        "2 à 3 jours",
        "Dans la semaine",
        "Dans les deux semaines",
        "Dans le mois",
        "Plus tard",
    ],
};

impl Lang {
    pub const fn journey_texts(self) -> &'static JourneyTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// How long before a call a visit counts.
    pub fn look_back(self, days: u32) -> String {
        match (self, days) {
            (Lang::En, 1) => "1 day before".to_owned(),
            (Lang::Fr, 1) => "1 jour avant".to_owned(),
            (Lang::En, _) => format!("{days} days before"),
            (Lang::Fr, _) => format!("{days} jours avant"),
        }
    }

    /// A visit by its place before the call: 1 is the last one.
    pub fn visits_before(self, before: usize) -> String {
        match (self, before) {
            (Lang::En, 1) => "Last visit".to_owned(),
            (Lang::Fr, 1) => "Dernière visite".to_owned(),
            (Lang::En, 2) => "One before".to_owned(),
            (Lang::Fr, 2) => "Une avant".to_owned(),
            (Lang::En, _) => format!("{} before", before - 1),
            (Lang::Fr, _) => format!("{} avant", before - 1),
        }
    }

    /// So many of one for each of another.
    pub fn ratio(self, ratio: f64) -> String {
        let text = format!("{ratio:.2}");
        if self == Lang::Fr { text.replace('.', ",") } else { text }
    }
}
