//! What somebody may choose on the page where they look after it, and what a choice writes into the ledger.

use super::consent::{Basis, Channel, Consent, Matter, Standing, Status, standing};
use super::purpose::{Controller, Purpose};
use crate::domain::time::Timestamp;

/// In which order somebody is asked.
const ORDER: [Channel; 7] = [
    Channel::Email,
    Channel::Sms,
    Channel::Phone,
    Channel::Post,
    Channel::Push,
    Channel::WebTracking,
    Channel::CallRecording,
];

/// A matter as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    pub matter: Matter,
    /// `None`: nobody has said anything.
    pub stands: Option<(Standing, Consent)>,
}

/// Everything that somebody may choose, by controller, purpose and channel: of what is in service the channels that
/// each purpose is pursued by, and whatever something was said of. `lines` are those of the contact.
pub fn offered(
    purposes: &[Purpose],
    controllers: &[Controller],
    lines: &[Consent],
    now: Timestamp,
) -> Vec<Choice> {
    choices_of(|purpose| &purpose.channels, purposes, controllers, lines, now)
}

/// The same of any channels.
pub fn choices(
    channels: &[Channel],
    purposes: &[Purpose],
    controllers: &[Controller],
    lines: &[Consent],
    now: Timestamp,
) -> Vec<Choice> {
    choices_of(|_| channels, purposes, controllers, lines, now)
}

fn choices_of<'a>(
    channels: impl Fn(&'a Purpose) -> &'a [Channel],
    purposes: &'a [Purpose],
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
        matters.extend(channels(purpose).iter().copied().map(of));
    }
    let order = |matter: &Matter| {
        let place = ORDER.iter().position(|channel| *channel == matter.channel);
        (matter.controller.clone(), matter.purpose.clone(), place)
    };
    matters.sort_by_key(order);
    matters.dedup();
    let choice = |matter: Matter| {
        // A question takes no no back where a no alone ends it.
        let counts =
            |line: &&Consent| line.status != Status::Pending || !line.matter.channel.goes_on_until_refused();
        let of_matter = lines.iter().filter(|line| line.matter == matter).filter(counts);
        let stands = standing(of_matter, now).map(|(standing, line)| (standing, line.clone()));
        Choice { matter, stands }
    };
    matters.into_iter().map(choice).collect()
}

impl Choice {
    pub fn is_granted(&self) -> bool {
        matches!(self.stands, Some((Standing::Granted, _)))
    }

    /// Whether it is done: what was granted, and what goes on until it is refused.
    pub fn is_on(&self) -> bool {
        let is_refused = matches!(self.stands, Some((Standing::Refused | Standing::Withdrawn, _)));
        self.is_granted() || (self.matter.channel.goes_on_until_refused() && !is_refused)
    }

    /// Whether it stands on something that nobody can say no to.
    pub fn is_fixed(&self) -> bool {
        let basis = self.stands.as_ref().map(|(_, line)| line.basis);
        self.is_granted() && matches!(basis, Some(Basis::Contract | Basis::LegalObligation))
    }

    /// What a switch that was left on or off says; `None`: nothing new.
    pub fn decide(&self, wants: bool) -> Option<(Status, Basis)> {
        match (wants, self.is_on()) {
            (true, false) => Some((Status::Granted, Basis::Consent)),
            (false, true) => self.refuse(),
            // What is on without a word is no yes, and what has never been on needs no no.
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

    fn choice(channel: Channel, said: Option<(Status, Basis)>) -> Choice {
        let at = Timestamp::from_ms(0);
        let matter =
            Matter { channel, purpose: "offers".parse().unwrap(), controller: "bakery".parse().unwrap() };
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
            let choice = choice(Channel::Email, said);

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
            assert_eq!(choice(Channel::Email, said).object(), objects, "{said:?}");
        }
    }

    #[test]
    fn what_goes_on_until_it_is_refused_is_on_without_a_word_and_that_is_no_yes() {
        use Basis as B;
        use Status as S;
        let (yes, no) = (Some((S::Granted, B::Consent)), Some((S::Refused, B::Consent)));
        for channel in [Channel::CallRecording, Channel::WebTracking] {
            for (said, is_on, on, off) in [
                (None, true, None, no),
                (yes, true, None, Some((S::Withdrawn, B::Consent))),
                (no, false, yes, None),
                (Some((S::Withdrawn, B::Consent)), false, yes, None),
                // A question.
                (Some((S::Pending, B::Consent)), true, None, no),
            ] {
                let choice = choice(channel, said);

                assert_eq!(
                    (choice.is_on(), choice.decide(true), choice.decide(false)),
                    (is_on, on, off),
                    "{said:?}"
                );
            }
        }
    }

    #[test]
    fn each_purpose_is_offered_by_its_own_channels_and_by_what_was_said() {
        let purpose = |id: &str, channels: &[Channel]| Purpose {
            id: id.parse().unwrap(),
            kind: Default::default(),
            name_en: id.to_owned(),
            name_fr: id.to_owned(),
            channels: channels.to_vec(),
        };
        let purposes = [
            purpose("offers", &[Channel::Sms, Channel::Push]),
            purpose("quality", &[Channel::CallRecording]),
        ];
        let bakery = Controller {
            id: "bakery".parse().unwrap(),
            name: String::new(),
            address: String::new(),
            email: String::new(),
            policy_url: None,
        };
        let said = choice(Channel::Email, Some((Status::Refused, Basis::Consent))).stands.unwrap().1;

        let choices = offered(&purposes, &[bakery], &[said], Timestamp::from_ms(0));

        let asked: Vec<_> =
            choices.iter().map(|it| (it.matter.purpose.as_str(), it.matter.channel)).collect();
        assert_eq!(
            asked,
            [
                ("offers", Channel::Email),
                ("offers", Channel::Sms),
                ("offers", Channel::Push),
                ("quality", Channel::CallRecording),
            ]
        );
    }
}
