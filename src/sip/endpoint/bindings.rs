//! The bindings that we keep at carriers (REGISTER, RFC 3261 §10.2): at the
//! first hop that is well, then at the next.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;

use super::Endpoint;
use super::search::{Next, Spot};
use super::upkeep::{Errand, Heading};
use crate::domain::ids::TrunkId;
use crate::domain::time::Timestamp;
use crate::sip::dialog::session_timer::seconds;
use crate::sip::endpoint::Hop;
use crate::sip::message::{Message, Method, Name, Uri};
use crate::sip::trunk::accept::Trunk;
use crate::sip::trunk::health::Place;
use crate::sip::trunk::numbers::{Dialled, Numbers};
use crate::sip::trunk::out::{Out, escape_user, host_of, with_user};
use crate::sip::trunk::register::{self, Registration, Said};

/// One binding at a carrier, and the requests that keep it.
pub(super) struct Registering {
    pub machine: Registration,
    pub out: Arc<Out>,
    /// All REGISTERs of a binding are one sequence (RFC 3261 §10.2).
    pub call_id: Bytes,
    pub tag: Bytes,
    pub cseq: u32,
    /// Seconds that are asked for now.
    pub secs: u32,
    pub left: VecDeque<Next>,
    /// The hop that was asked last.
    pub at: Option<Spot>,
    /// What it said, in case no other hop says more.
    pub said: Said,
}

impl Endpoint {
    /// The trunk whose registrar has us and has this address: that stands for
    /// its ranges, and for no other proof that the trunk is to bring.
    pub(super) fn trunk_of_registrar(&self, address: IpAddr, now: Timestamp) -> Option<&Trunk> {
        let address = address.to_canonical();
        let is_at = |one: &Registering| {
            let at = one.at.as_ref().map(|spot| spot.flow.remote.ip().to_canonical());
            at == Some(address) && one.machine.is_registered(now)
        };
        let here = self.carriers.upkeep.registrations.iter().filter(|(_, one)| is_at(one));
        here.filter_map(|(id, _)| self.config.trunks.named(id)).find(|trunk| trunk.wants_no_proof())
    }

    /// How this trunk writes numbers. The Request-URI of a call to our binding
    /// is our Contact, so the number that was dialled stands in To.
    pub(super) fn numbers_on(&self, trunk: &Trunk, invite: &Message) -> Numbers {
        let registering = self.carriers.upkeep.registrations.get(&trunk.id);
        let login = registering.and_then(|one| one.out.login.as_ref());
        let uri = Uri::parse(invite.request_uri()).ok();
        let user = uri.and_then(|uri| uri.user_unescaped());
        let is_binding = login.zip(user).is_some_and(|(login, user)| *user == *login.user.as_bytes());
        match trunk.numbers.dialled {
            Dialled::RequestUri if is_binding => Numbers { dialled: Dialled::To, ..trunk.numbers },
            _ => trunk.numbers,
        }
    }

    pub(super) fn unregister(&mut self, trunks: &[TrunkId], now: Timestamp) {
        for trunk in trunks {
            let Some(one) = self.carriers.upkeep.registrations.get_mut(trunk) else { continue };
            if one.machine.leave(now) {
                (one.secs, one.left) = (0, VecDeque::new());
                if let Some(spot) = one.at.clone() {
                    self.send_register(trunk, spot, now);
                }
            }
            self.carriers.changed = true;
        }
    }

    pub(super) fn register_next(&mut self, trunk: &TrunkId, now: Timestamp) {
        loop {
            let Some(one) = self.carriers.upkeep.registrations.get_mut(trunk) else { return };
            let spot = match one.left.pop_front() {
                Some(Next::Aim(aim)) => match self.hop(aim.next_hop().as_bytes(), None) {
                    Some(Hop::Flow(flow)) => Spot { aim, flow },
                    Some(Hop::Name { .. }) => {
                        if self.look_up(Errand::Register(trunk.clone()), aim, now) {
                            return;
                        }
                        continue;
                    }
                    None => continue,
                },
                Some(Next::Spot(spot)) => spot,
                None => {
                    let said = one.said;
                    return self.registrar_said(trunk, said, now);
                }
            };
            let is_last = one_has_no_more(self.carriers.upkeep.registrations.get(trunk));
            if is_last || self.carriers.health.find(&spot.place(), now).is_none() {
                return self.send_register(trunk, spot, now);
            }
        }
    }

    fn send_register(&mut self, trunk: &TrunkId, spot: Spot, now: Timestamp) {
        let contact = self.contact(spot.flow);
        let Some(one) = self.carriers.upkeep.registrations.get_mut(trunk) else { return };
        let (out, Some(hop)) = (Arc::clone(&one.out), one.out.to.first()) else { return };
        let Some(login) = &out.login else { return };
        one.cseq += 1;
        one.at = Some(spot.clone());
        let user = escape_user(&login.user);
        let address = with_user(&host_of(hop), &user);
        let heading = Heading {
            uri: Arc::clone(hop),
            from: [b"<", address.as_bytes(), b">;tag=", &one.tag].concat().into(),
            to: format!("<{address}>").into(),
            call_id: one.call_id.clone(),
            cseq: one.cseq,
        };
        let secs = one.secs;
        let contact = contact.replacen(':', &format!(":{user}@"), 1);
        let mut lines = vec![(Name::Expires, secs.to_string())];
        lines.extend(self.proven_to(&out, &Method::Register, heading.uri.as_bytes()));
        let errand = Errand::Register(trunk.clone());
        self.send_errand(errand, &Method::Register, heading, &spot, &contact, lines, now);
    }

    /// This hop did not help: the next one, or later.
    pub(super) fn register_elsewhere(&mut self, trunk: &TrunkId, said: Said, now: Timestamp) {
        let Some(one) = self.carriers.upkeep.registrations.get_mut(trunk) else { return };
        if said != Said::Nothing {
            one.said = said;
        }
        self.register_next(trunk, now);
    }

    pub(super) fn registrar_said(&mut self, trunk: &TrunkId, said: Said, now: Timestamp) {
        let chance = self.chance.below(register::CHANCES);
        let Some(one) = self.carriers.upkeep.registrations.get_mut(trunk) else { return };
        one.machine.hear(said, chance, now);
        self.carriers.changed = true;
    }

    pub(super) fn asked_at(&self, trunk: &TrunkId) -> Option<Place> {
        self.carriers.upkeep.registrations.get(trunk)?.at.as_ref().map(Spot::place)
    }

    /// For how long the registrar has us: our Contact says it, else Expires,
    /// else it is what we asked for (RFC 3261 §10.2.4).
    pub(super) fn granted(&self, trunk: &TrunkId, ok: &Message) -> u32 {
        let Some(one) = self.carriers.upkeep.registrations.get(trunk) else { return 0 };
        let ours = one.at.as_ref().map(|spot| self.local(spot.flow).advertised.as_str()).unwrap_or_default();
        let contacts: Vec<_> = ok.contacts().flatten().collect();
        let is_ours = |uri: &[u8]| String::from_utf8_lossy(uri).contains(&format!("@{ours}"));
        let mine = contacts.iter().find(|contact| is_ours(contact.uri));
        let mine = mine.or(contacts.first().filter(|_| contacts.len() == 1));
        let said = mine.and_then(|contact| seconds(contact.params.get("expires")?));
        said.or_else(|| ok.expires()).unwrap_or(one.secs)
    }
}

fn one_has_no_more(one: Option<&Registering>) -> bool {
    one.is_none_or(|one| one.left.is_empty())
}

pub(super) fn min_expires(response: &Message) -> u32 {
    response.header(Name::MinExpires).and_then(|value| seconds(&value)).unwrap_or(0)
}
