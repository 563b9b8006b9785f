//! Words about the calls of a period.

use super::Lang;
use crate::domain::reporting::period::{Against, Bar, Period};
use crate::domain::time::Timestamp;

/// The fixed texts of the page.
#[derive(Debug)]
pub struct OverviewTexts {
    pub title: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub compare: &'static str,
    pub no_compare: &'static str,
    pub only: &'static str,
    pub take_away: &'static str,
    pub take_all_away: &'static str,
    pub callers: &'static str,
    pub new_callers: &'static str,
    pub answered_rate: &'static str,
    pub first_time: &'static str,
    pub ring: &'static str,
    pub talk: &'static str,
    pub leads: &'static str,
    pub leads_and_sales: &'static str,
    pub sales: &'static str,
    pub better: &'static str,
    pub worse: &'static str,
    pub course: &'static str,
    pub as_table: &'static str,
    pub when: &'static str,
    pub before: &'static str,
    pub origins: &'static str,
    pub pages: &'static str,
    pub places: &'static str,
    pub people: &'static str,
    pub all_rows: &'static str,
    pub see_calls: &'static str,
    pub csv: &'static str,
    pub back: &'static str,
    pub week: &'static str,
    pub week_how: &'static str,
    pub device: &'static str,
    pub outlet: &'static str,
    pub region: &'static str,
    pub phone: &'static str,
    pub desk: &'static str,
    pub unknown: &'static str,
    pub nowhere: &'static str,
    pub none: &'static str,
    pub none_advice: &'static str,
    pub none_filtered: &'static str,
    pub zone: &'static str,
    pub how: &'static str,
    pub days: [&'static str; 7],
}

static EN: OverviewTexts = OverviewTexts {
    title: "Overview",
    from: "From",
    to: "To",
    compare: "Compare with",
    no_compare: "nothing",
    only: "Only",
    take_away: "Take this filter away:",
    take_all_away: "All calls",
    callers: "Callers",
    new_callers: "New callers",
    answered_rate: "Answer rate",
    first_time: "First call answered",
    ring: "Rang for",
    talk: "Talked for",
    leads: "Leads",
    leads_and_sales: "Leads and sales",
    sales: "Sales",
    better: "better",
    worse: "worse",
    course: "Over time",
    as_table: "As a table",
    when: "When",
    before: "Before",
    origins: "Where calls came from",
    pages: "Pages and devices",
    places: "Where they went",
    people: "Callers and outcomes",
    all_rows: "Show all",
    see_calls: "See these calls",
    csv: "As CSV",
    back: "Back to the overview",
    week: "When the phone rings",
    week_how: "Calls by the hour of the week; the stronger the colour, the more.",
    device: "Device",
    outlet: "Outlet",
    region: "Region",
    phone: "Phone",
    desk: "Computer or tablet",
    unknown: "Not known",
    nowhere: "Withheld, or forgotten",
    none: "No calls in this time",
    none_advice: "Calls appear here as they come in. Choose a longer time, or call one of your numbers.",
    none_filtered: "No call fits all that is asked for. Take a filter away.",
    zone: "Time zone:",
    how: "Where calls came from is known as a probability, so figures may be fractions: the true number lies between the two beneath in 90 of 100 cases. A call that rings now is counted within seconds.",
    days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
};

static FR: OverviewTexts = OverviewTexts {
    title: "Vue d’ensemble",
    from: "Du",
    to: "Au",
    compare: "Comparer avec",
    no_compare: "rien",
    only: "Seulement",
    take_away: "Retirer ce filtre\u{a0}:",
    take_all_away: "Tous les appels",
    callers: "Appelants",
    new_callers: "Nouveaux appelants",
    answered_rate: "Taux de réponse",
    first_time: "Premier appel pris",
    ring: "Durée de sonnerie",
    talk: "Durée d’échange",
    leads: "Prospects",
    leads_and_sales: "Prospects et ventes",
    sales: "Ventes",
    better: "mieux",
    worse: "moins bien",
    course: "Au fil du temps",
    as_table: "En tableau",
    when: "Quand",
    before: "Avant",
    origins: "D’où viennent les appels",
    pages: "Pages et appareils",
    places: "Où ils sont allés",
    people: "Appelants et issues",
    all_rows: "Tout afficher",
    see_calls: "Voir ces appels",
    csv: "En CSV",
    back: "Retour à la vue d’ensemble",
    week: "Quand le téléphone sonne",
    week_how: "Les appels par heure de la semaine\u{a0}; plus la couleur est marquée, plus il y en a.",
    device: "Appareil",
    outlet: "Point de vente",
    region: "Région",
    phone: "Téléphone",
    desk: "Ordinateur ou tablette",
    unknown: "Inconnu",
    nowhere: "Masqué, ou oublié",
    none: "Aucun appel sur cette période",
    none_advice: "Les appels apparaissent ici dès qu’ils arrivent. Choisissez une période plus longue, ou appelez l’un de vos numéros.",
    none_filtered: "Aucun appel ne répond à tout ce qui est demandé. Retirez un filtre.",
    zone: "Fuseau horaire\u{a0}:",
    how: "L’origine d’un appel est connue comme une probabilité\u{a0}: les chiffres peuvent être fractionnaires, et le vrai nombre est entre les deux du dessous 90 fois sur 100. Un appel est compté dans les secondes qui suivent.",
    days: ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
};

/// Countries from which the most calls to France come, and its own regions.
const REGIONS: [(&str, &str, &str); 26] = [
    ("FR-1", "Île-de-France (01)", "Île-de-France (01)"),
    ("FR-2", "North-west of France (02)", "Nord-Ouest (02)"),
    ("FR-3", "North-east of France (03)", "Nord-Est (03)"),
    ("FR-4", "South-east of France (04)", "Sud-Est (04)"),
    ("FR-5", "South-west of France (05)", "Sud-Ouest (05)"),
    ("FR", "France, mobile and others", "France, mobiles et autres"),
    ("GP", "Guadeloupe", "Guadeloupe"),
    ("MQ", "Martinique", "Martinique"),
    ("GF", "French Guiana", "Guyane"),
    ("RE", "Réunion", "La Réunion"),
    ("YT", "Mayotte", "Mayotte"),
    ("MC", "Monaco", "Monaco"),
    ("BE", "Belgium", "Belgique"),
    ("LU", "Luxembourg", "Luxembourg"),
    ("CH", "Switzerland", "Suisse"),
    ("DE", "Germany", "Allemagne"),
    ("IT", "Italy", "Italie"),
    ("ES", "Spain", "Espagne"),
    ("PT", "Portugal", "Portugal"),
    ("GB", "United Kingdom", "Royaume-Uni"),
    ("IE", "Ireland", "Irlande"),
    ("NL", "Netherlands", "Pays-Bas"),
    ("US", "United States", "États-Unis"),
    ("CA", "Canada", "Canada"),
    ("MA", "Morocco", "Maroc"),
    ("DZ", "Algeria", "Algérie"),
];

impl Lang {
    pub const fn overview_texts(self) -> &'static OverviewTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub fn period(self, period: Period) -> String {
        match (self, period) {
            (Lang::En, Period::Today) => "Today".into(),
            (Lang::Fr, Period::Today) => "Aujourd’hui".into(),
            (Lang::En, Period::Yesterday) => "Yesterday".into(),
            (Lang::Fr, Period::Yesterday) => "Hier".into(),
            (Lang::En, Period::Days(365)) => "12 months".into(),
            (Lang::Fr, Period::Days(365)) => "12 mois".into(),
            (Lang::En, Period::Days(days)) => format!("{days} days"),
            (Lang::Fr, Period::Days(days)) => format!("{days} jours"),
            (Lang::En, Period::Month) => "This month".into(),
            (Lang::Fr, Period::Month) => "Ce mois-ci".into(),
            (Lang::En, Period::LastMonth) => "Last month".into(),
            (Lang::Fr, Period::LastMonth) => "Le mois dernier".into(),
            (Lang::En, Period::Year) => "This year".into(),
            (Lang::Fr, Period::Year) => "Cette année".into(),
            (_, Period::Between(first, last)) => format!("{first} – {last}"),
        }
    }

    pub const fn against(self, against: Option<Against>) -> &'static str {
        match (self, against) {
            (Lang::En, Some(Against::Before)) => "the time before",
            (Lang::Fr, Some(Against::Before)) => "la période précédente",
            (Lang::En, Some(Against::YearBefore)) => "the year before",
            (Lang::Fr, Some(Against::YearBefore)) => "l’année précédente",
            (_, None) => self.overview_texts().no_compare,
        }
    }

    /// Where calls came from.
    pub fn region(self, region: &str) -> String {
        let known = REGIONS.iter().find(|(code, ..)| *code == region);
        let name = known.map(|(_, en, fr)| if self == Lang::En { *en } else { *fr });
        name.unwrap_or(region).to_owned()
    }

    /// A number as the reader writes it: to a tenth below a hundred, whole and in groups of three above.
    pub fn figure(self, figure: f64) -> String {
        if figure.abs() < 99.95 {
            return self.calls(figure);
        }
        let digits = format!("{:.0}", figure.abs());
        let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect::<Vec<_>>();
        let groups = groups.join(if self == Lang::En { "," } else { "\u{202f}" });
        if figure < 0.0 { format!("\u{2212}{groups}") } else { groups }
    }

    /// How much more or less, in per cent of what was before: `+12 %`.
    pub fn change(self, now: f64, before: f64) -> Option<String> {
        if before <= 0.0 {
            return None;
        }
        let change = ((now / before - 1.0) * 100.0).round();
        let space = if self == Lang::En { "" } else { "\u{a0}" };
        let sign = if change > 0.0 {
            "+"
        } else if change < 0.0 {
            "\u{2212}"
        } else {
            "±"
        };
        Some(format!("{sign}{}{space}%", self.figure(change.abs())))
    }

    /// What a bar stands for, by the reader's clock.
    pub fn bar(self, bar: Bar, begins: Timestamp, zone: &jiff::tz::TimeZone) -> String {
        let shown = begins.shown_in(zone);
        match (self, bar) {
            (_, Bar::Hour) => format!("{:.5}", self.time(shown)),
            (_, Bar::Day) => self.day(shown),
            (Lang::En, Bar::Week) => format!("week of {}", self.day(shown)),
            (Lang::Fr, Bar::Week) => format!("semaine du {}", self.day(shown)),
            (_, Bar::Month) => {
                let day = self.day(shown);
                day.split_once('\u{a0}').map_or(day.clone(), |(_, month)| month.to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_the_reader_writes_them() {
        for (figure, en, fr) in [
            (0.0, "0", "0"),
            (12.34, "12.3", "12,3"),
            (99.96, "100", "100"),
            (1_234.5, "1,234", "1\u{202f}234"),
            (12_345_678.0, "12,345,678", "12\u{202f}345\u{202f}678"),
        ] {
            assert_eq!((Lang::En.figure(figure), Lang::Fr.figure(figure)), (en.to_owned(), fr.to_owned()));
        }
        assert_eq!(Lang::En.change(112.0, 100.0).as_deref(), Some("+12%"));
        assert_eq!(Lang::Fr.change(88.0, 100.0).as_deref(), Some("\u{2212}12\u{a0}%"));
        assert_eq!(Lang::En.change(100.1, 100.0).as_deref(), Some("±0%"));
        assert_eq!(Lang::En.change(3.0, 0.0), None);
    }

    #[test]
    fn bars_are_named_by_the_readers_clock() {
        let zone = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
        let at = "2026-11-23T23:00:00Z".parse().unwrap();

        assert_eq!(Lang::En.bar(Bar::Hour, at, &zone), "00:00");
        assert_eq!(Lang::En.bar(Bar::Day, at, &zone), "24\u{a0}Nov\u{a0}2026");
        assert_eq!(Lang::Fr.bar(Bar::Week, at, &zone), "semaine du 24\u{a0}nov.\u{a0}2026");
        assert_eq!(Lang::Fr.bar(Bar::Month, at, &zone), "nov.\u{a0}2026");
    }
}
