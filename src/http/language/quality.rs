//! Words about how good the data is.

use super::Lang;
use crate::domain::people::quality::Code;

/// The fixed texts of the page, and of the marks on a contact's page.
#[derive(Debug)]
pub struct QualityTexts {
    pub quality: &'static str,
    pub claim: &'static str,
    pub reachable: &'static str,
    pub phone: &'static str,
    pub email: &'static str,
    pub address: &'static str,
    pub any: &'static str,
    pub valid: &'static str,
    pub share: &'static str,
    pub marks: &'static str,
    pub mark: &'static str,
    pub source: &'static str,
    pub count: &'static str,
    pub none: &'static str,
    pub waiting: &'static str,
    pub meant: &'static str,
    pub label: &'static str,
    pub right: &'static str,
    pub put_right: &'static str,
    pub take_off: &'static str,
}

static EN: QualityTexts = QualityTexts {
    quality: "Data quality",
    claim: "What is suspicious in what is known of people, by who wrote it. Nothing is refused for it.",
    reachable: "Who can be reached",
    phone: "Telephone",
    email: "E-mail",
    address: "Post",
    any: "Have one",
    valid: "Have a valid one",
    share: "Of all contacts",
    marks: "Suspicious",
    mark: "What is suspicious",
    source: "Written by",
    count: "How often",
    none: "Nothing is suspicious",
    waiting: "Contacts that are looked at within a minute:",
    meant: "perhaps meant:",
    label: "on an envelope",
    right: "What was meant",
    put_right: "Put right",
    take_off: "Take off",
};

static FR: QualityTexts = QualityTexts {
    quality: "Qualité des données",
    claim: "Ce qui est douteux dans ce que l’on sait des personnes, selon qui l’a écrit. Rien n’est refusé pour autant.",
    reachable: "Qui peut être joint",
    phone: "Téléphone",
    email: "E-mail",
    address: "Courrier",
    any: "En ont un",
    valid: "En ont un valable",
    share: "De tous les contacts",
    marks: "Douteux",
    mark: "Ce qui est douteux",
    source: "Écrit par",
    count: "Combien de fois",
    none: "Rien n’est douteux",
    waiting: "Contacts qui seront examinés dans la minute\u{a0}:",
    meant: "sans doute\u{a0}:",
    label: "sur une enveloppe",
    right: "Ce qui est juste",
    put_right: "Corriger",
    take_off: "Retirer",
};

impl Lang {
    pub const fn quality_texts(self) -> &'static QualityTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// What is suspicious, in a few words.
    pub const fn mark(self, code: Code) -> &'static str {
        use Code as C;
        let (en, fr) = match code {
            C::PhoneUnreadable => ("not a telephone number", "n’est pas un numéro de téléphone"),
            C::EmailUnreadable => ("not an e-mail address", "n’est pas une adresse e-mail"),
            C::Unreadable => ("cannot be read; kept as it was given", "illisible\u{a0}; gardé tel quel"),
            C::PhoneUnassigned => ("this number is given to nobody", "numéro attribué à personne"),
            C::PhoneFiction => ("a number kept for fiction", "numéro réservé à la fiction"),
            C::PhonePlatform => ("a call centre’s number", "numéro d’une plateforme d’appels"),
            C::PhonePremium => ("a premium-rate number", "numéro surtaxé"),
            C::PhoneSharedCost => ("a shared-cost number", "numéro à coût partagé"),
            C::EmailTypo => ("a slip in the domain", "faute de frappe dans le domaine"),
            C::EmailDisposable => ("a throw-away mailbox", "boîte jetable"),
            C::EmailNoMail => ("a domain that takes no mail", "domaine qui ne reçoit pas d’e-mails"),
            C::EmailRole => {
                ("the mailbox of a task, not of a person", "boîte d’un service, non d’une personne")
            }
            C::NameDigits => ("digits in the name", "chiffres dans le nom"),
            C::NameRepeated => ("one letter again and again", "une même lettre répétée"),
            C::NameTest => ("a name for trying out", "nom d’essai"),
            C::NameEmail => ("an e-mail address for a name", "adresse e-mail à la place du nom"),
            C::NamesSwapped => ("given and family name look swapped", "prénom et nom semblent inversés"),
            C::AddressNoStreet => ("no street and no locality", "ni voie ni lieu-dit"),
            C::AddressNoPostcode => ("no postcode", "sans code postal"),
            C::AddressPostcode => ("the postcode has not five digits", "code postal sans cinq chiffres"),
            C::AddressDepartment => ("no department has this postcode", "code postal d’aucun département"),
            C::AddressNoCity => ("no city", "sans commune"),
            C::AddressLong => ("a line is longer than 38 characters", "une ligne dépasse 38 caractères"),
        };
        match self {
            Lang::En => en,
            Lang::Fr => fr,
        }
    }

    /// Who wrote what is marked, of a text that begins with `key:`, `user:`, `site:` or `import:`, or is `call`.
    pub fn mark_source(self, source: &str) -> String {
        let (kind, name) = source.split_once(':').unwrap_or((source, ""));
        let words = match (self, kind) {
            (Lang::En, "key") => "a program",
            (Lang::Fr, "key") => "un programme",
            (Lang::En, "user") => "somebody at the console",
            (Lang::Fr, "user") => "quelqu’un dans la console",
            (Lang::En, "link") => "they themselves",
            (Lang::Fr, "link") => "la personne",
            (Lang::En, "site") => "visitors of",
            (Lang::Fr, "site") => "des visiteurs de",
            (Lang::En, "import") => "a file",
            (Lang::Fr, "import") => "un fichier",
            (Lang::En, "call") => "calls",
            (Lang::Fr, "call") => "des appels",
            (Lang::En, _) => "not known any more",
            (Lang::Fr, _) => "on ne le sait plus",
        };
        if kind == "site" { format!("{words} {name}") } else { words.to_owned() }
    }
}
