//! Words about who may be reached, and why.

use super::Lang;
use crate::domain::people::consent::{Basis, Channel, Standing};
use crate::domain::people::purpose::Purpose;
use crate::domain::people::rules::Why;

/// The fixed texts of that part of the contact's page.
#[derive(Debug)]
pub struct ReachTexts {
    pub may_be_reached: &'static str,
    pub from: &'static str,
}

static EN: ReachTexts = ReachTexts { may_be_reached: "May be reached", from: "from" };

static FR: ReachTexts = ReachTexts { may_be_reached: "Peut être joint", from: "à partir du" };

impl Lang {
    pub const fn reach_texts(self) -> &'static ReachTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub fn purpose_name(self, purpose: &Purpose) -> &str {
        match self {
            Lang::En => &purpose.name_en,
            Lang::Fr => &purpose.name_fr,
        }
    }

    pub const fn reached_by(self, channel: Channel) -> &'static str {
        match (self, channel) {
            (Lang::En, Channel::Phone) => "Telephone",
            (Lang::Fr, Channel::Phone) => "Téléphone",
            (_, Channel::Sms) => "SMS",
            (_, Channel::Email) => "E-mail",
            (Lang::En, Channel::Post) => "Post",
            (Lang::Fr, Channel::Post) => "Courrier",
            (Lang::En, Channel::Push) => "Push",
            (Lang::Fr, Channel::Push) => "Notification",
            (Lang::En, Channel::WebTracking) => "Web tracking",
            (Lang::Fr, Channel::WebTracking) => "Suivi sur le web",
            (Lang::En, Channel::CallRecording) => "Call recording",
            (Lang::Fr, Channel::CallRecording) => "Enregistrement des appels",
        }
    }

    /// What a rule has found.
    pub fn reach_why(self, why: &Why) -> String {
        let day = |at| self.day(at);
        match why {
            Why::CallBack { at, until } if self == Lang::En => format!(
                "they called on {} and nobody answered: to call back until {} is service",
                day(*at),
                self.moment(*until)
            ),
            _ if self == Lang::En => why.to_string(),
            Why::Reachable => "il y a de quoi le joindre".into(),
            Why::NoIdentity => "on ne sait pas comment le joindre".into(),
            Why::Unassigned => "aucun opérateur connu n’a ce numéro".into(),
            Why::Marked(code) => {
                format!("ce qui permet de le joindre est douteux\u{a0}: {}", self.mark(*code))
            }
            Why::Bounced(at) => format!("un e-mail est revenu définitivement le {}", day(*at)),
            Why::Returned(at) => format!("un courrier est revenu le {}", day(*at)),
            Why::Restricted(at) => {
                format!("depuis le {}, ses données sont conservées sans être utilisées", day(*at))
            }
            Why::CallBack { at, until } => format!(
                "a appelé le {} sans réponse\u{a0}: rappeler jusqu’au {} est un service",
                day(*at),
                self.moment(*until)
            ),
            Why::Listed => "figure sur une liste d’opposition".into(),
            Why::Unlisted => "ne figure sur aucune liste d’opposition".into(),
            Why::Said { standing, basis, at } => {
                format!("{} ({}) le {}", said(*standing), based_on(*basis), day(*at))
            }
            Why::Unsaid => "n’a rien dit".into(),
            Why::NoCustomer => "l’intérêt légitime suppose un client\u{a0}: n’a rien acheté".into(),
            Why::InHours => "dans les heures permises chez lui".into(),
            Why::NoZone => "vit à l’étranger, et l’heure qu’il y est n’est pas connue".into(),
            Why::Holiday => "jour férié chez lui".into(),
            Why::OutOfHours => "hors des heures permises chez lui".into(),
            Why::HoursLifted => "a consenti à être appelé".into(),
            Why::Used { used, limit } => {
                format!("{used} sur {} en {} jours", limit.count, limit.days)
            }
            Why::RefusedOn(at) => format!("a refusé le {}", day(*at)),
            Why::NoRefusal => "n’a pas refusé récemment".into(),
            Why::ActedOn(at) => format!("dernière manifestation le {}", day(*at)),
            Why::UnderContract => "un contrat est en cours".into(),
        }
    }
}

const fn said(standing: Standing) -> &'static str {
    match standing {
        Standing::Granted => "accordé",
        Standing::Refused => "refusé",
        Standing::Withdrawn => "retiré",
        Standing::Pending => "demandé",
        Standing::Expired => "expiré",
    }
}

const fn based_on(basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => "consentement",
        Basis::Contract => "contrat",
        Basis::LegitimateInterest => "intérêt légitime",
        Basis::LegalObligation => "obligation légale",
    }
}
