//! Words about reports that go out by themselves.

use jiff::civil::Time;

use super::Lang;
use crate::domain::reporting::rhythm::Every;
use crate::domain::reporting::schedule::{Fault, RECIPIENTS_MAX, Wrong};

/// The fixed texts of the page and the mails.
#[derive(Debug)]
pub struct ScheduleTexts {
    pub title: &'static str,
    pub claim: &'static str,
    pub none: &'static str,
    pub none_advice: &'static str,
    pub no_mail: &'static str,
    pub add: &'static str,
    pub of_view: &'static str,
    pub of_all: &'static str,
    pub name: &'static str,
    pub example: &'static str,
    pub every: &'static str,
    pub day: &'static str,
    pub first_of_month: &'static str,
    pub at: &'static str,
    pub zone: &'static str,
    pub to: &'static str,
    pub to_how: &'static str,
    pub language: &'static str,
    pub save: &'static str,
    pub delete: &'static str,
    pub next: &'static str,
    pub last: &'static str,
    pub never: &'static str,
    pub how: &'static str,
    pub full: &'static str,
    pub send_this: &'static str,
    pub against: &'static str,
    pub open: &'static str,
    pub course_alt: &'static str,
    pub week_alt: &'static str,
    pub week_how: &'static str,
    pub mail_why: &'static str,
    pub stop: &'static str,
    pub stop_how: &'static str,
    pub stopped: &'static str,
    pub stopped_how: &'static str,
    pub weekdays: [&'static str; 7],
}

static EN: ScheduleTexts = ScheduleTexts {
    title: "Reports by mail",
    claim: "The overview, sent at a time of your clock: with pictures, the same figures as the page, and a link to it.",
    none: "Nothing is sent yet",
    none_advice: "Open the overview, choose what you want to see, and follow “Send this by mail”.",
    no_mail: "No mail leaves this gateway: set server in [mail] of whence.toml.",
    add: "Send a report",
    of_view: "It is about what was chosen there:",
    of_all: "all calls",
    name: "Name",
    example: "Our week in Nice",
    every: "When",
    day: "Each day",
    first_of_month: "On the first of each month",
    at: "At",
    zone: "Time zone",
    to: "To",
    to_how: "Addresses of people who sign in here, with commas between. Each gets the part of the network that they may see.",
    language: "Language",
    save: "Send it",
    delete: "Send it no more",
    next: "Next",
    last: "Last sent",
    never: "not yet",
    how: "Where the address names no time, it is about whole days up to yesterday: the day, the week or the month before.",
    full: "There are as many as there may be.",
    send_this: "Send this by mail",
    against: "compared with",
    open: "Open this report",
    course_alt: "Bars: the calls by the time; the same as figures beneath.",
    week_alt: "Squares: the calls by the hour of the week, from Monday above to Sunday, from midnight on the left.",
    week_how: "Calls by the hour of the week: a row for each day from Monday on, a square for each hour from midnight on; the darker, the more.",
    mail_why: "You get this report because somebody who works with you, or you yourself, has it sent.",
    stop: "Get it no more",
    stop_how: "Press the button, and this report comes to you no more:",
    stopped: "That is settled",
    stopped_how: "This report comes to you no more:",
    weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
};

static FR: ScheduleTexts = ScheduleTexts {
    title: "Rapports par courriel",
    claim: "La vue d’ensemble, envoyée à l’heure de votre horloge\u{a0}: avec des images, les mêmes chiffres que la page, et un lien vers elle.",
    none: "Rien n’est encore envoyé",
    none_advice: "Ouvrez la vue d’ensemble, choisissez ce que vous voulez voir, puis suivez «\u{a0}Envoyer par courriel\u{a0}».",
    no_mail: "Aucun courriel ne part de cette passerelle\u{a0}: renseignez server dans [mail] de whence.toml.",
    add: "Envoyer un rapport",
    of_view: "Il porte sur ce qui y a été choisi\u{a0}:",
    of_all: "tous les appels",
    name: "Nom",
    example: "Notre semaine à Nice",
    every: "Quand",
    day: "Chaque jour",
    first_of_month: "Le premier de chaque mois",
    at: "À",
    zone: "Fuseau horaire",
    to: "À qui",
    to_how: "Adresses de personnes qui se connectent ici, séparées par des virgules. Chacune reçoit la partie du réseau qu’elle peut voir.",
    language: "Langue",
    save: "Envoyer",
    delete: "Ne plus envoyer",
    next: "Prochain",
    last: "Dernier envoi",
    never: "pas encore",
    how: "Si l’adresse ne nomme pas de période, il porte sur des jours entiers jusqu’à hier\u{a0}: le jour, la semaine ou le mois précédent.",
    full: "Il y en a autant qu’il peut y en avoir.",
    send_this: "Envoyer par courriel",
    against: "comparé à",
    open: "Ouvrir ce rapport",
    course_alt: "Barres\u{a0}: les appels au fil du temps\u{a0}; les mêmes en chiffres dessous.",
    week_alt: "Carrés\u{a0}: les appels par heure de la semaine, du lundi en haut au dimanche, de minuit à gauche.",
    week_how: "Les appels par heure de la semaine\u{a0}: une ligne par jour depuis lundi, un carré par heure depuis minuit\u{a0}; plus c’est foncé, plus il y en a.",
    mail_why: "Vous recevez ce rapport parce qu’une personne qui travaille avec vous, ou vous-même, le fait envoyer.",
    stop: "Ne plus le recevoir",
    stop_how: "Appuyez sur le bouton, et ce rapport ne vous sera plus envoyé\u{a0}:",
    stopped: "C’est réglé",
    stopped_how: "Ce rapport ne vous sera plus envoyé\u{a0}:",
    weekdays: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
};

impl Lang {
    pub const fn schedule_texts(self) -> &'static ScheduleTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// On which days something is sent.
    pub fn every(self, every: Every) -> String {
        let t = self.schedule_texts();
        let weekday = |on: u8| t.weekdays[usize::from(on.clamp(1, 7)) - 1];
        match (self, every) {
            (_, Every::Day) => t.day.to_owned(),
            (Lang::En, Every::Week(on)) => format!("Each {}", weekday(on)),
            (Lang::Fr, Every::Week(on)) => format!("Chaque {}", weekday(on)),
            (_, Every::Month(1)) => t.first_of_month.to_owned(),
            (Lang::En, Every::Month(on)) => format!("Each month on the {on}."),
            (Lang::Fr, Every::Month(on)) => format!("Chaque mois le {on}"),
        }
    }

    /// `08:00` and `8 h 00`.
    pub fn time_of_day(self, at: Time) -> String {
        match self {
            Lang::En => at.strftime("%H:%M").to_string(),
            Lang::Fr => format!("{}\u{a0}h\u{a0}{:02}", at.hour(), at.minute()),
        }
    }

    pub fn schedule_fault(self, fault: &Fault) -> String {
        let t = self.schedule_texts();
        let field = match fault.field {
            "name" => t.name,
            "every" => t.every,
            "at" => t.at,
            "zone" => t.zone,
            "language" => t.language,
            "query" => t.of_view.trim_end_matches(['\u{a0}', ':']),
            _ => t.to,
        };
        match self {
            Lang::En => format!("{field}: {}", fault.wrong),
            Lang::Fr => format!("{field}\u{a0}: {}", wrong_fr(fault.wrong)),
        }
    }
}

fn wrong_fr(wrong: Wrong) -> String {
    match wrong {
        Wrong::BadName => "prend de 1 à 60 caractères".into(),
        Wrong::BadEvery => "doit être day, week:1 (lundi) à week:7, ou month:1 à month:31".into(),
        Wrong::BadTime => "doit être une heure, par exemple 08:00".into(),
        Wrong::BadZone => "doit être un fuseau horaire, par exemple Europe/Paris".into(),
        Wrong::BadQuery => "prend 2\u{202f}000 caractères au plus".into(),
        Wrong::BadLanguage => "doit être en ou fr".into(),
        Wrong::Stranger => "doit être l’adresse d’une personne qui se connecte ici".into(),
        Wrong::BadCount => format!("en prend de 1 à {RECIPIENTS_MAX}"),
    }
}
