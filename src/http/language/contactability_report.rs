//! Words about how many people may be reached, why not the others, and what would win them.

use super::Lang;
use crate::domain::people::consent::Channel;
use crate::domain::reporting::contactability::{Obstacle, Remedy};
use crate::http::api::contactability_report::Winning;

/// The fixed texts of the page.
#[derive(Debug)]
pub struct ContactabilityTexts {
    pub title: &'static str,
    pub claim: &'static str,
    pub counted_at: &'static str,
    pub not_yet: &'static str,
    pub not_yet_advice: &'static str,
    pub purpose: &'static str,
    pub controller: &'static str,
    pub segment: &'static str,
    pub all: &'static str,
    pub contacts: &'static str,
    pub channel: &'static str,
    pub allowed: &'static str,
    pub share: &'static str,
    pub by_consent: &'static str,
    pub otherwise: &'static str,
    pub trend: &'static str,
    pub by_day: &'static str,
    pub day: &'static str,
    pub no_days: &'static str,
    pub remedies: &'static str,
    pub remedies_how: &'static str,
    pub no_remedies: &'static str,
    pub obstacles: &'static str,
    pub obstacles_how: &'static str,
    pub no_obstacles: &'static str,
    pub obstacle: &'static str,
    pub table: &'static str,
}

static EN: ContactabilityTexts = ContactabilityTexts {
    title: "Who may be reached",
    claim: "Every contact is judged as a check of it would be; hours and holidays are left out, since they say when, not whether.",
    counted_at: "Counted",
    not_yet: "Nobody has counted yet",
    not_yet_advice: "It is counted each minute, once the plan has purposes and controllers.",
    purpose: "Purpose",
    controller: "Controller",
    segment: "Segment",
    all: "All contacts",
    contacts: "Contacts",
    channel: "By",
    allowed: "May be reached",
    share: "Of all",
    by_consent: "By consent",
    otherwise: "Otherwise",
    trend: "90 days",
    by_day: "May be reached, by day",
    day: "Day",
    no_days: "A segment has no past days.",
    remedies: "What would win the most",
    remedies_how: "Nobody counts twice by one channel. Whoever has said no, stands on a list or has been addressed enough is in none of these.",
    no_remedies: "Nothing that could be asked for",
    obstacles: "Why the others may not be reached",
    obstacles_how: "In brackets those whom nothing else stops.",
    no_obstacles: "Nothing stops anybody",
    obstacle: "Why",
    table: "As a table (CSV)",
};

static FR: ContactabilityTexts = ContactabilityTexts {
    title: "Qui peut être joint",
    claim: "Chaque contact est jugé comme le ferait une vérification\u{a0}; heures et jours fériés sont laissés de côté, car ils disent quand, et non si.",
    counted_at: "Compté",
    not_yet: "Rien n’est encore compté",
    not_yet_advice: "Le compte est fait chaque minute, dès que le plan a des objets et des responsables.",
    purpose: "Objet",
    controller: "Responsable",
    segment: "Segment",
    all: "Tous les contacts",
    contacts: "Contacts",
    channel: "Par",
    allowed: "Peuvent être joints",
    share: "Du total",
    by_consent: "Par consentement",
    otherwise: "Autrement",
    trend: "90 jours",
    by_day: "Peuvent être joints, par jour",
    day: "Jour",
    no_days: "Un segment n’a pas de jours passés.",
    remedies: "Ce qui en gagnerait le plus",
    remedies_how: "Pour un même canal, personne n’est compté deux fois. Qui a dit non, figure sur une liste ou a été assez sollicité n’y est pas.",
    no_remedies: "Il n’y a rien à demander",
    obstacles: "Pourquoi les autres ne peuvent pas être joints",
    obstacles_how: "Entre parenthèses, ceux que rien d’autre n’empêche.",
    no_obstacles: "Rien n’empêche personne",
    obstacle: "Pourquoi",
    table: "En tableau (CSV)",
};

impl Lang {
    pub const fn contactability_texts(self) -> &'static ContactabilityTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// Why somebody may not be reached.
    pub const fn obstacle(self, what: Obstacle) -> &'static str {
        let (en, fr) = match what {
            Obstacle::NoIdentity => ("nothing to reach them by", "rien pour les joindre"),
            Obstacle::Bounced => ("the address came back for good", "adresse revenue définitivement"),
            Obstacle::NoConsent => ("have not agreed", "n’ont pas consenti"),
            Obstacle::Unconfirmed => ("asked, never confirmed", "demandé, jamais confirmé"),
            Obstacle::Expired => ("consent has run out", "consentement expiré"),
            Obstacle::OtherBasis => {
                ("another basis, which does not do here", "autre fondement, insuffisant ici")
            }
            Obstacle::Refused => ("have refused", "ont refusé"),
            Obstacle::Withdrawn => ("have withdrawn", "ont retiré leur accord"),
            Obstacle::OppositionList => ("on a list of those who object", "sur une liste d’opposition"),
            Obstacle::Silence => ("refused lately", "ont refusé récemment"),
            Obstacle::Pressure => ("addressed often enough", "assez sollicités"),
            Obstacle::Retention => ("last own act too long ago", "dernière action trop ancienne"),
            Obstacle::Restriction => ("data restricted", "données sous limitation"),
        };
        match self {
            Lang::En => en,
            Lang::Fr => fr,
        }
    }

    /// What would win how many by a channel, and by what else they might be asked.
    pub fn winnable(self, channel: Channel, it: &Winning) -> String {
        let (n, thing, by) = (it.contacts, self.needed(channel), self.by_channel(channel));
        let what = match (self, it.remedy) {
            (Lang::En, Remedy::AskIdentity) => format!("{n} lack nothing but {thing}."),
            (Lang::Fr, Remedy::AskIdentity) => format!("À {n}, il ne manque que {thing}."),
            (Lang::En, Remedy::RenewIdentity) => {
                format!("{n} lack nothing but an address in the place of one that came back.")
            }
            (Lang::Fr, Remedy::RenewIdentity) => {
                format!("À {n}, il ne manque qu’une adresse à la place de celle qui est revenue.")
            }
            (Lang::En, Remedy::Confirm) => format!("{n} were asked and have not confirmed."),
            (Lang::Fr, Remedy::Confirm) => format!("{n} n’ont pas confirmé ce qui leur a été demandé."),
            (Lang::En, Remedy::RenewConsent) => format!("{n} had agreed, and it has run out."),
            (Lang::Fr, Remedy::RenewConsent) => format!("{n} avaient consenti, et c’est expiré."),
            (Lang::En, Remedy::AskConsent) => format!("{n} could be reached {by} and have not agreed."),
            (Lang::Fr, Remedy::AskConsent) => format!("{n} seraient joignables {by} et n’ont pas consenti."),
            (Lang::En, Remedy::AskBoth) => format!("{n} would have to give {thing} and agree."),
            (Lang::Fr, Remedy::AskBoth) => format!("{n} auraient à donner {thing} et à consentir."),
        };
        let is_phone = matches!(channel, Channel::Phone | Channel::Sms);
        let others = [
            (it.with_phone, is_phone, self.needed(Channel::Phone)),
            (it.with_email, channel == Channel::Email, self.needed(Channel::Email)),
        ];
        let others = others.into_iter().filter(|(count, own, _)| *count > 0 && !own);
        let others: Vec<String> = others
            .map(|(count, _, thing)| match self {
                Lang::En => format!("{count} of them have {thing}."),
                Lang::Fr => format!("{count} d’entre eux ont {thing}."),
            })
            .collect();
        [what].into_iter().chain(others).collect::<Vec<_>>().join(" ")
    }

    const fn needed(self, channel: Channel) -> &'static str {
        match (self, channel) {
            (Lang::En, Channel::Phone | Channel::Sms | Channel::CallRecording) => "a telephone number",
            (Lang::Fr, Channel::Phone | Channel::Sms | Channel::CallRecording) => "un numéro de téléphone",
            (Lang::En, Channel::Email) => "an e-mail address",
            (Lang::Fr, Channel::Email) => "une adresse e-mail",
            (Lang::En, Channel::Post) => "a postal address",
            (Lang::Fr, Channel::Post) => "une adresse postale",
            (Lang::En, Channel::Push | Channel::WebTracking) => "a browser that is known",
            (Lang::Fr, Channel::Push | Channel::WebTracking) => "un navigateur connu",
        }
    }

    const fn by_channel(self, channel: Channel) -> &'static str {
        match (self, channel) {
            (Lang::En, Channel::Phone | Channel::CallRecording) => "by telephone",
            (Lang::Fr, Channel::Phone | Channel::CallRecording) => "par téléphone",
            (Lang::En, Channel::Sms) => "by SMS",
            (Lang::Fr, Channel::Sms) => "par SMS",
            (Lang::En, Channel::Email) => "by e-mail",
            (Lang::Fr, Channel::Email) => "par e-mail",
            (Lang::En, Channel::Post) => "by post",
            (Lang::Fr, Channel::Post) => "par courrier",
            (Lang::En, Channel::Push | Channel::WebTracking) => "in their browser",
            (Lang::Fr, Channel::Push | Channel::WebTracking) => "dans leur navigateur",
        }
    }
}
