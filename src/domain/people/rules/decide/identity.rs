//! Is there something to reach somebody by, and does it lead to them?
//!
//! What is known to lead nowhere denies; where nothing is known that does not
//! look so, that is a doubt.

use super::Desk;
use crate::domain::people::consent::Channel;
use crate::domain::people::contact::{Identity, KnownIdentity};
use crate::domain::people::engagement::Kind as Deed;
use crate::domain::people::quality::Place;
use crate::domain::people::rules::Rule;
use crate::domain::people::rules::reason::{Reason, Verdict, Why};
use crate::domain::people::rules::scale::Occasion;
use crate::domain::time::Timestamp;

impl<'a> Desk<'a> {
    pub(super) fn identity(&self, rule: &Rule, at: Timestamp, occasion: &mut Occasion) -> Reason {
        let doubt = if self.question.channel == Channel::Post {
            if self.facts.addresses.is_empty() {
                return Reason::denial(rule, Why::NoIdentity, None);
            }
            self.letters_come_back(rule, at)
        } else {
            let by: Vec<&KnownIdentity> = self.by().collect();
            if by.is_empty() {
                return Reason::denial(rule, Why::NoIdentity, None);
            }
            let bounces = by.iter().map(|known| known.bounced_at.filter(|bounce| *bounce <= at));
            if self.question.channel == Channel::Email
                && let Some(Some(latest)) =
                    bounces.collect::<Option<Vec<_>>>().map(|all| all.into_iter().max())
            {
                let told = self.facts.latest(Deed::EmailBouncedHard).map(|it| it.id);
                return Reason::denial(rule, Why::Bounced(latest), None).by_engagements(told);
            }
            occasion.unvouched = by.iter().all(|known| known.verified_at.is_none() && !known.ground.seen);
            self.looks_wrong(rule, &by)
        };
        occasion.doubtful = doubt.is_some();
        doubt.unwrap_or_else(|| Reason::of(rule, Verdict::Allows, Why::Reachable))
    }

    /// The last letter to each of their addresses came back.
    fn letters_come_back(&self, rule: &Rule, at: Timestamp) -> Option<Reason> {
        let returned = self.facts.addresses.iter().map(|it| it.returned_at.filter(|then| *then <= at));
        let last = returned.collect::<Option<Vec<_>>>()?.into_iter().max()?;
        let told = self.facts.latest(Deed::LetterReturned).map(|it| it.id);
        Some(Reason::of(rule, Verdict::Doubts, Why::Returned(last)).by_engagements(told))
    }

    /// Nobody may be reached by any of these: why not by the first.
    fn looks_wrong(&self, rule: &Rule, by: &[&KnownIdentity]) -> Option<Reason> {
        let whys = by.iter().map(|known| match &known.identity {
            Identity::Phone(phone) if !phone.is_assigned() => Some(Why::Unassigned),
            other => self.facts.spoilt.get(&Place::of(other)).copied().map(Why::Marked),
        });
        let first = whys.collect::<Option<Vec<_>>>()?.into_iter().next()?;
        Some(Reason::of(rule, Verdict::Doubts, first))
    }

    /// What they may be reached by, whatever is known of it.
    fn by(&self) -> impl Iterator<Item = &'a KnownIdentity> {
        let channel = self.question.channel;
        let fits = move |known: &&KnownIdentity| match (&known.identity, channel) {
            (Identity::Phone(_), Channel::Phone) => true,
            (Identity::Phone(phone), Channel::Sms) => phone.line().takes_sms(),
            (Identity::Email(_), Channel::Email) => true,
            (Identity::Visitor(_), Channel::Push) => true,
            (Identity::Phone(_) | Identity::Email(_) | Identity::Visitor(_) | Identity::Customer(_), _) => {
                false
            }
        };
        self.facts.identities.iter().filter(fits)
    }
}
