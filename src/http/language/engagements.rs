//! Words for what contacts did and received.

use super::Lang;
use crate::domain::people::engagement::{Amount, Kind};

/// The fixed texts about engagements on the contact's page.
#[derive(Debug)]
pub struct EngagementTexts {
    pub first_act: &'static str,
    pub last_act: &'static str,
    pub purchases: &'static str,
    /// Before the name of the system that told it.
    pub told_by: &'static str,
    pub solicits: &'static str,
    /// Before a moment: mails and letters come back.
    pub bounced: &'static str,
    pub returned: &'static str,
}

static EN: EngagementTexts = EngagementTexts {
    first_act: "First act of their own",
    last_act: "Last act of their own",
    purchases: "Purchases",
    told_by: "by",
    solicits: "solicitation",
    bounced: "mails come back since",
    returned: "letters come back since",
};

static FR: EngagementTexts = EngagementTexts {
    first_act: "Premier acte de sa part",
    last_act: "Dernier acte de sa part",
    purchases: "Achats",
    told_by: "par",
    solicits: "sollicitation",
    bounced: "les courriels reviennent depuis le",
    returned: "courriers retournés (NPAI) depuis le",
};

impl Lang {
    pub const fn engagement_texts(self) -> &'static EngagementTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn engagement(self, kind: Kind) -> &'static str {
        use Kind as K;
        match (self, kind) {
            (Lang::En, K::Call) => "Call",
            (Lang::Fr, K::Call) => "Appel",
            (Lang::En, K::Voicemail) => "Message",
            (Lang::Fr, K::Voicemail) => "Message vocal",
            (Lang::En, K::Visit) => "Visit",
            (Lang::Fr, K::Visit) => "Visite",
            (Lang::En, K::CallMade) => "We called",
            (Lang::Fr, K::CallMade) => "Appel de notre part",
            (Lang::En, K::FormSubmitted) => "Form sent",
            (Lang::Fr, K::FormSubmitted) => "Formulaire envoyé",
            (Lang::En, K::EmailSent) => "E-mail to them",
            (Lang::Fr, K::EmailSent) => "Courriel envoyé",
            (Lang::En, K::EmailOpened) => "E-mail opened",
            (Lang::Fr, K::EmailOpened) => "Courriel ouvert",
            (Lang::En, K::EmailClicked) => "Link in an e-mail followed",
            (Lang::Fr, K::EmailClicked) => "Lien d’un courriel suivi",
            (Lang::En, K::EmailBouncedSoft) => "E-mail came back for now",
            (Lang::Fr, K::EmailBouncedSoft) => "Courriel revenu pour l’instant",
            (Lang::En, K::EmailBouncedHard) => "E-mail came back for good",
            (Lang::Fr, K::EmailBouncedHard) => "Courriel revenu, adresse inconnue",
            (Lang::En, K::EmailUnsubscribed) => "Unsubscribed from e-mails",
            (Lang::Fr, K::EmailUnsubscribed) => "Désinscrit des courriels",
            (Lang::En, K::SmsSent) => "SMS to them",
            (Lang::Fr, K::SmsSent) => "SMS envoyé",
            (Lang::En, K::SmsReceived) => "SMS from them",
            (Lang::Fr, K::SmsReceived) => "SMS reçu",
            (Lang::En, K::LetterSent) => "Letter to them",
            (Lang::Fr, K::LetterSent) => "Courrier envoyé",
            (Lang::En, K::LetterReturned) => "Letter came back",
            (Lang::Fr, K::LetterReturned) => "Courrier retourné (NPAI)",
            (Lang::En, K::Purchase) => "Purchase",
            (Lang::Fr, K::Purchase) => "Achat",
            (Lang::En, K::Custom) => "Event",
            (Lang::Fr, K::Custom) => "Événement",
        }
    }

    /// What was given back instead of bought.
    pub const fn refund(self) -> &'static str {
        match self {
            Lang::En => "Refund",
            Lang::Fr => "Remboursement",
        }
    }

    /// `EUR −12.50`: the sign stands before the digits.
    pub fn bought_for(self, amount: Amount) -> String {
        let sign = if amount.minor < 0 { "\u{2212}" } else { "" };
        self.amount(sign, amount.minor.unsigned_abs(), amount.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_back_has_a_sign_before_its_digits() {
        let amount = Amount { minor: -125_000, currency: "EUR".parse().unwrap() };

        assert_eq!(Lang::En.bought_for(amount), "EUR\u{a0}\u{2212}1,250.00");
        assert_eq!(Lang::Fr.bought_for(amount), "\u{2212}1\u{202f}250,00\u{a0}EUR");
    }
}
