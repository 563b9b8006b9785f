//! Whose request this is: let in, asked for a login, or not answered.
//!
//! A challenge leaves nothing behind: no transaction, no leg. It is lost on the
//! way like any packet, and the copy of the request that then comes is
//! challenged anew (RFC 3261 §8.2.7).

use super::receive::reply_flow;
use super::{Dropped, Endpoint, Event, Hop, Transmit};
use crate::domain::calling::stranger::Stranger;
use crate::domain::time::Timestamp;
use crate::sip::message::{Builder, Message, Method, Name};
use crate::sip::transport::Flow;
use crate::sip::trunk::accept::{Sender, Standing, Trunk};
use crate::sip::trunk::digest::{Challenge, Credentials};
use crate::sip::trunk::strangers::Patience;

/// What the credentials of a request are worth.
enum Claim {
    /// There are none for our realm, or of nobody we know.
    None,
    /// The nonce is none of ours any more, or the answer has come before.
    Stale,
    /// Somebody who does not know the password.
    Wrong,
    Right(Trunk),
}

impl Endpoint {
    /// Who has knocked in vain, the latest first.
    pub fn strangers(&self, now: Timestamp) -> Vec<Stranger> {
        self.strangers.list(now)
    }

    /// New settings; who was counted stays so.
    pub fn change_login(&mut self, realm: String, patience: Patience) {
        self.config.realm = realm;
        self.strangers.change(patience);
    }

    /// The trunk that a request outside all dialogs is from; `None` when it is
    /// nobody's, and has been dealt with.
    pub(super) fn identify(&mut self, request: &Message, flow: Flow, now: Timestamp) -> Option<Trunk> {
        let address = flow.remote.ip();
        let brings_login = request.header(Name::Authorization).is_some();
        if brings_login && self.strangers.is_shut_out(address, now) {
            self.drop_stranger(flow, Dropped::Silenced, now);
            return None;
        }
        let claim = if brings_login { self.claim(request, flow, now) } else { Claim::None };
        let is_stale = match claim {
            Claim::Right(trunk) => {
                self.strangers.proved(address, &trunk.id, now);
                return Some(trunk);
            }
            Claim::Wrong => {
                self.strangers.failed(address, now);
                self.events.push(Event::WrongLogin);
                false
            }
            Claim::Stale => true,
            Claim::None => match self.known_without_login(flow, now) {
                Some(trunk) => return Some(trunk.clone()),
                None => false,
            },
        };
        let is_asked = match self.config.trunks.standing(self.sender(flow)) {
            // It brought a login, which it need not: that one is to be right.
            Standing::Known | Standing::Near => true,
            // A ping, and what phones send to sign in, is what scanners begin with.
            Standing::Anybody if *request.method() != Method::Invite => {
                self.strangers.is_proven(address, now)
            }
            Standing::Anybody => {
                if !self.strangers.may_be_asked(address, now) {
                    self.drop_stranger(flow, Dropped::Silenced, now);
                    return None;
                }
                true
            }
            Standing::Stranger => false,
        };
        if is_asked {
            self.ask_for_login(request, flow, is_stale, now);
        } else {
            self.drop_stranger(flow, Dropped::Stranger, now);
        }
        None
    }

    fn known_without_login(&self, flow: Flow, now: Timestamp) -> Option<&Trunk> {
        let told = self.config.trunks.without_login(self.sender(flow));
        told.or_else(|| self.trunk_of_registrar(flow.remote.ip(), now))
    }

    /// Whether a message on this wire gets no answer that asks for none.
    pub(super) fn is_stranger(&self, flow: Flow) -> bool {
        matches!(self.config.trunks.standing(self.sender(flow)), Standing::Stranger | Standing::Anybody)
    }

    pub(super) fn drop_stranger(&mut self, flow: Flow, why: Dropped, now: Timestamp) {
        self.strangers.ignored(flow.remote.ip(), now);
        self.events.push(Event::Dropped(why));
    }

    fn sender(&self, flow: Flow) -> Sender<'_> {
        let names = self.streams.get(&flow).map(Vec::as_slice).unwrap_or_default();
        Sender::new(flow.remote.ip(), names)
    }

    fn claim(&mut self, request: &Message, flow: Flow, now: Timestamp) -> Claim {
        let address = flow.remote.ip();
        if self.config.trunks.digests(self.sender(flow)).is_empty() {
            return Claim::None;
        }
        let mut is_stale = false;
        for line in request.values(Name::Authorization) {
            let ours = |claim: &Credentials<'_>| claim.realm == self.config.realm.as_bytes();
            let Some(claim) = Credentials::read(&line).filter(ours) else { continue };
            // Before anything is said of user or password: a guess needs a nonce of ours.
            let Some(serial) = self.nonces.find(claim.nonce, address, now) else {
                is_stale = true;
                continue;
            };
            let Some((trunk, login)) = self.config.trunks.of_user(self.sender(flow), claim.user) else {
                continue;
            };
            if !trunk.their_digests.contains(&claim.algorithm) {
                continue;
            }
            if !claim.proves(login, request.method()) {
                return Claim::Wrong;
            }
            let trunk = trunk.clone();
            let is_new = self.nonces.spend(serial, claim.count(), now);
            return if is_new { Claim::Right(trunk) } else { Claim::Stale };
        }
        if is_stale { Claim::Stale } else { Claim::None }
    }

    /// 401 with a challenge for each hash that the trunk may use, the strongest
    /// first (RFC 8760 §2.4); all of them with one nonce.
    fn ask_for_login(&mut self, request: &Message, flow: Flow, stale: bool, now: Timestamp) {
        let nonce = self.nonces.give(flow.remote.ip(), now);
        let tag = self.chance.tag();
        let mut response = Builder::reply(request, flow.remote, 401, "", Some(&tag));
        for algorithm in self.config.trunks.digests(self.sender(flow)) {
            let challenge = Challenge {
                realm: self.config.realm.as_bytes().into(),
                nonce: nonce.clone(),
                opaque: None,
                algorithm,
                qop: true,
                stale,
            };
            response = response.line(Name::WwwAuthenticate, challenge.write());
        }
        let bytes = response.finish();
        self.transmits.push(Transmit { bytes, to: Hop::Flow(reply_flow(request, flow)), tx: None });
        self.events.push(Event::AskedForLogin);
    }
}
