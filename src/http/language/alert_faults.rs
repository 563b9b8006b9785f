//! What is wrong with an alert that somebody wrote, in words.

use super::Lang;
use crate::domain::alerts::draft::{Fault, Wrong};
use crate::flows::{ALERTS_MAX, AlertError};

impl Lang {
    pub fn alert_fault(self, fault: &Fault) -> String {
        let t = self.alert_texts();
        let field = match fault.field {
            "name" => t.name,
            "outlet" => t.whose,
            "number" => t.number,
            "minutes" => t.minutes,
            "share_percent" => t.share,
            "calls" => t.or_calls,
            "least_calls" => t.least_calls,
            "hours" => t.hours,
            "chance_percent" => t.chance,
            "zone" => t.zone,
            "pool" => t.pool,
            "free" => t.free,
            "visits" => t.or_visits,
            "trunk" => t.trunk,
            "channel" => t.channel,
            "campaign" => t.campaign,
            "days" => t.days,
            "past_percent" => t.past,
            "low_minor" => t.or_low,
            "high_minor" => t.high,
            "currency" => t.currency,
            "emails" => t.emails,
            "language" => t.language,
            _ => t.watches,
        };
        match self {
            Lang::En => format!("{field}: {}", fault.wrong),
            Lang::Fr => format!("{field}\u{a0}: {}", wrong_fr(fault.wrong)),
        }
    }

    /// Why an alert is not written, where it is not the alert that is wrong.
    pub fn alert_refused(self, why: &AlertError) -> String {
        match (self, why) {
            (Lang::Fr, AlertError::Full) => format!("il y a déjà {ALERTS_MAX} alertes"),
            _ => why.to_string(),
        }
    }
}

fn wrong_fr(wrong: Wrong) -> String {
    match wrong {
        Wrong::BadKind => "doit être missed, silence, pool, trunk ou cost".into(),
        Wrong::Foreign => "ne va pas avec le reste".into(),
        Wrong::Missing => "manque".into(),
        Wrong::Outside(least, most) => format!("doit être de {least} à {most}"),
        Wrong::Both => "est de trop\u{a0}: des deux, on en donne un".into(),
        Wrong::NoBand => "doit être au-dessus de l’autre".into(),
        Wrong::Unknown => "n’est pas dans le plan".into(),
        Wrong::BadChannel => "doit être un canal, par exemple Paid Search, Email ou Offline".into(),
        Wrong::BadText(most) => format!("prend un texte de 1 à {most} caractères"),
        Wrong::BadAmount => "n’est pas un montant\u{a0}; écrivez 12,50".into(),
        Wrong::BadCurrency => "doit être une devise ISO 4217, par exemple EUR".into(),
        Wrong::BadZone => "doit être un fuseau horaire, par exemple Europe/Paris".into(),
        Wrong::BadLanguage => "doit être en ou fr".into(),
        Wrong::BadEmail => "une adresse n’est pas une adresse électronique".into(),
        Wrong::TooMany(most) => format!("en prend {most} au plus"),
    }
}
