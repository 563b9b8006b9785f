//! What somebody may choose on the page where they look after it, and what a choice writes into the ledger.

use super::consent::{Basis, Channel, Consent, Matter, Standing, Status, standing};
use super::purpose::{Controller, Purpose};
use crate::domain::time::Timestamp;

/// The ways of reaching somebody that they are asked about, said anything or not.
pub const OFFERED: [Channel; 4] = [Channel::Email, Channel::Sms, Channel::Phone, Channel::Post];

/// A matter as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    pub matter: Matter,
    /// `None`: nobody has said anything.
    pub stands: Option<(Standing, Consent)>,
}

/// Everything that somebody may choose, by controller, purpose and channel: of what is in service the usual channels,
/// and whatever something was said of. `lines` are those of the contact.
pub fn offered(
    purposes: &[Purpose],
    controllers: &[Controller],
    lines: &[Consent],
    now: Timestamp,
) -> Vec<Choice> {
    choices(&OFFERED, purposes, controllers, lines, now)
}

/// The same of any channels.
pub fn choices(
    channels: &[Channel],
    purposes: &[Purpose],
    controllers: &[Controller],
    lines: &[Consent],
    now: Timestamp,
) -> Vec<Choice> {
    let mut matters: Vec<Matter> = lines.iter().map(|line| line.matter.clone()).collect();
    for (purpose, controller) in
        purposes.iter().flat_map(|it| controllers.iter().map(move |other| (it, other)))
    {
        let of = |channel: Channel| Matter {
            channel,
            purpose: purpose.id.clone(),
            controller: controller.id.clone(),
        };
        matters.extend(channels.iter().copied().map(of));
    }
    let order = |matter: &Matter| {
        let place = OFFERED.iter().position(|channel| *channel == matter.channel).unwrap_or(OFFERED.len());
        (matter.controller.clone(), matter.purpose.clone(), place, matter.channel)
    };
    matters.sort_by_key(order);
    matters.dedup();
    let choice = |matter: Matter| {
        let of_matter = lines.iter().filter(|line| line.matter == matter);
        let stands = standing(of_matter, now).map(|(standing, line)| (standing, line.clone()));
        Choice { matter, stands }
    };
    matters.into_iter().map(choice).collect()
}

impl Choice {
    pub fn is_granted(&self) -> bool {
        matches!(self.stands, Some((Standing::Granted, _)))
    }

    /// Whether it stands on something that nobody can say no to.
    pub fn is_fixed(&self) -> bool {
        let basis = self.stands.as_ref().map(|(_, line)| line.basis);
        self.is_granted() && matches!(basis, Some(Basis::Contract | Basis::LegalObligation))
    }

    /// What a switch that was left on or off says; `None`: nothing new.
    pub fn decide(&self, wants: bool) -> Option<(Status, Basis)> {
        match (wants, self.is_granted()) {
            (true, false) => Some((Status::Granted, Basis::Consent)),
            (false, true) => self.refuse(),
            // Who has never been on is not asked to say no.
            (true, true) | (false, false) => None,
        }
    }

    /// What a no says; `None`: it was said, or cannot be.
    pub fn refuse(&self) -> Option<(Status, Basis)> {
        match &self.stands {
            Some((Standing::Granted, line)) => match line.basis {
                Basis::Consent => Some((Status::Withdrawn, Basis::Consent)),
                // RGPD art. 21
                Basis::LegitimateInterest => Some((Status::Refused, Basis::LegitimateInterest)),
                Basis::Contract | Basis::LegalObligation => None,
            },
            Some((Standing::Refused | Standing::Withdrawn, _)) => None,
            Some((Standing::Pending | Standing::Expired, _)) | None => {
                Some((Status::Refused, Basis::Consent))
            }
        }
    }

    /// What an objection to prospecting says (RGPD art. 21(2)), which no contract and no interest outweighs; `None`: it
    /// was said.
    pub fn object(&self) -> Option<(Status, Basis)> {
        match &self.stands {
            Some((Standing::Refused | Standing::Withdrawn, _)) => None,
            Some((Standing::Granted, line)) if line.basis == Basis::Consent => {
                Some((Status::Withdrawn, Basis::Consent))
            }
            Some((Standing::Granted | Standing::Pending | Standing::Expired, _)) | None => {
                Some((Status::Refused, Basis::LegitimateInterest))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::{ConsentId, ContactId};
    use crate::domain::people::consent::Method;

    fn choice(said: Option<(Status, Basis)>) -> Choice {
        let at = Timestamp::from_ms(0);
        let matter = Matter {
            channel: Channel::Email,
            purpose: "offers".parse().unwrap(),
            controller: "bakery".parse().unwrap(),
        };
        let line = |(status, basis)| Consent {
            id: ConsentId(Uuid::nil()),
            contact: ContactId(Uuid::nil()),
            matter: matter.clone(),
            status,
            basis,
            at,
            expires_at: None,
            method: Method::Form,
            source: "form".into(),
            reference: None,
            text: None,
            text_version: None,
            actor: None,
            proof: None,
            recorded_at: at,
            recorded_by: "key:1".into(),
        };
        let lines: Vec<Consent> = said.map(line).into_iter().collect();
        offered(&[], &[], &lines, at).pop().unwrap_or(Choice { matter, stands: None })
    }

    #[test]
    fn a_switch_says_only_what_is_new_and_a_no_is_a_no_by_whatever_it_stood_on() {
        use Basis as B;
        use Status as S;
        for (said, on, off, no) in [
            (None, Some((S::Granted, B::Consent)), None, Some((S::Refused, B::Consent))),
            (
                Some((S::Granted, B::Consent)),
                None,
                Some((S::Withdrawn, B::Consent)),
                Some((S::Withdrawn, B::Consent)),
            ),
            (
                Some((S::Granted, B::LegitimateInterest)),
                None,
                Some((S::Refused, B::LegitimateInterest)),
                Some((S::Refused, B::LegitimateInterest)),
            ),
            (Some((S::Granted, B::Contract)), None, None, None),
            (Some((S::Refused, B::Consent)), Some((S::Granted, B::Consent)), None, None),
            (Some((S::Withdrawn, B::Consent)), Some((S::Granted, B::Consent)), None, None),
            (
                Some((S::Pending, B::Consent)),
                Some((S::Granted, B::Consent)),
                None,
                Some((S::Refused, B::Consent)),
            ),
        ] {
            let choice = choice(said);

            assert_eq!(
                (choice.decide(true), choice.decide(false), choice.refuse()),
                (on, off, no),
                "{said:?}"
            );
        }
    }

    #[test]
    fn an_objection_to_prospecting_is_outweighed_by_nothing() {
        use Basis as B;
        use Status as S;
        let interest = Some((S::Refused, B::LegitimateInterest));
        for (said, objects) in [
            (None, interest),
            (Some((S::Granted, B::Consent)), Some((S::Withdrawn, B::Consent))),
            (Some((S::Granted, B::LegitimateInterest)), interest),
            (Some((S::Granted, B::Contract)), interest),
            (Some((S::Pending, B::Consent)), interest),
            (Some((S::Refused, B::Consent)), None),
            (Some((S::Withdrawn, B::Consent)), None),
        ] {
            assert_eq!(choice(said).object(), objects, "{said:?}");
        }
    }
}
