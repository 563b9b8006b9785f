//! Words about what somebody has agreed to.

use super::Lang;
use crate::domain::people::consent::{Channel, Method, Standing, Status};

/// The fixed texts of the panel on a contact's page.
#[derive(Debug)]
pub struct ConsentTexts {
    pub consents: &'static str,
    pub none: &'static str,
    pub since: &'static str,
    pub lines: &'static str,
    pub receipt: &'static str,
    pub record: &'static str,
    pub channel: &'static str,
    pub purpose: &'static str,
    pub controller: &'static str,
    pub says: &'static str,
    pub granted: &'static str,
    pub refused: &'static str,
    pub withdrawn: &'static str,
    pub how: &'static str,
    pub spoken: &'static str,
    pub written: &'static str,
    pub source: &'static str,
    pub source_example: &'static str,
    pub text: &'static str,
    pub write_down: &'static str,
}

static EN: ConsentTexts = ConsentTexts {
    consents: "Consents",
    none: "They have said nothing yet.",
    since: "since",
    lines: "What was said",
    receipt: "receipt",
    record: "Write down what they say",
    channel: "Way of reaching them",
    purpose: "Purpose",
    controller: "Controller",
    says: "They say",
    granted: "yes",
    refused: "no",
    withdrawn: "no more",
    how: "How",
    spoken: "by word of mouth",
    written: "in writing",
    source: "Where",
    source_example: "call of today, letter …",
    text: "The words that they were read or shown",
    write_down: "Write down",
};

static FR: ConsentTexts = ConsentTexts {
    consents: "Consentements",
    none: "Rien n’a encore été dit.",
    since: "depuis le",
    lines: "Ce qui a été dit",
    receipt: "reçu",
    record: "Noter ce que dit la personne",
    channel: "Moyen de joindre",
    purpose: "Finalité",
    controller: "Responsable",
    says: "Elle dit",
    granted: "oui",
    refused: "non",
    withdrawn: "plus maintenant",
    how: "Comment",
    spoken: "de vive voix",
    written: "par écrit",
    source: "Où",
    source_example: "appel de ce jour, lettre…",
    text: "Les mots qui lui ont été lus ou montrés",
    write_down: "Noter",
};

impl Lang {
    pub const fn consent_texts(self) -> &'static ConsentTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn consent_channel(self, channel: Channel) -> &'static str {
        use Channel as C;
        match (self, channel) {
            (Lang::En, C::Phone) => "Telephone",
            (Lang::Fr, C::Phone) => "Téléphone",
            (Lang::En | Lang::Fr, C::Sms) => "SMS",
            (Lang::En | Lang::Fr, C::Email) => "E-mail",
            (Lang::En, C::Post) => "Post",
            (Lang::Fr, C::Post) => "Courrier",
            (Lang::En | Lang::Fr, C::Push) => "Notifications",
            (Lang::En, C::WebTracking) => "Visits to the website",
            (Lang::Fr, C::WebTracking) => "Visites du site",
            (Lang::En, C::CallRecording) => "Recording of calls",
            (Lang::Fr, C::CallRecording) => "Enregistrement des appels",
        }
    }

    /// How a matter stands; it goes on with the day since when.
    pub const fn consent_standing(self, standing: Standing) -> &'static str {
        use Standing as S;
        match (self, standing) {
            (Lang::En, S::Granted) => "agreed",
            (Lang::Fr, S::Granted) => "accepté",
            (Lang::En, S::Refused) => "refused",
            (Lang::Fr, S::Refused) => "refusé",
            (Lang::En, S::Withdrawn) => "taken back",
            (Lang::Fr, S::Withdrawn) => "retiré",
            (Lang::En, S::Pending) => "waits to be confirmed",
            (Lang::Fr, S::Pending) => "en attente de confirmation",
            (Lang::En, S::Expired) => "over",
            (Lang::Fr, S::Expired) => "échu",
        }
    }

    /// What a line says.
    pub const fn consent_status(self, status: Status) -> &'static str {
        self.consent_standing(match status {
            Status::Granted => Standing::Granted,
            Status::Refused => Standing::Refused,
            Status::Withdrawn => Standing::Withdrawn,
            Status::Pending => Standing::Pending,
        })
    }

    pub const fn consent_method(self, method: Method) -> &'static str {
        use Method as M;
        match (self, method) {
            (Lang::En, M::Form) => "on a form",
            (Lang::Fr, M::Form) => "sur un formulaire",
            (Lang::En, M::DoubleOptIn) => "by e-mail (double opt-in)",
            (Lang::Fr, M::DoubleOptIn) => "par e-mail (double opt-in)",
            (Lang::En, M::Spoken) => "by word of mouth",
            (Lang::Fr, M::Spoken) => "de vive voix",
            (Lang::En, M::Written) => "in writing",
            (Lang::Fr, M::Written) => "par écrit",
            (Lang::En, M::PreferenceCentre) => "on the page of choices",
            (Lang::Fr, M::PreferenceCentre) => "sur la page des choix",
            (Lang::En, M::Unsubscribe) => "by unsubscribing",
            (Lang::Fr, M::Unsubscribe) => "par désabonnement",
            (Lang::En, M::OppositionList) => "by a list of oppositions",
            (Lang::Fr, M::OppositionList) => "par une liste d’opposition",
            (Lang::En, M::Import) => "taken over",
            (Lang::Fr, M::Import) => "repris d’ailleurs",
            (Lang::En, M::Rule) => "follows from a rule",
            (Lang::Fr, M::Rule) => "découle d’une règle",
        }
    }

    /// Who wrote a line down; empty: the person, by a link.
    pub fn consent_by(self, by: &str) -> &'static str {
        if ["link", "call"].contains(&by) { "" } else { self.qualified_by(by) }
    }
}
