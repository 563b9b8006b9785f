//! INVITEs of ours that nobody waits for any more: their hop was silent, and
//! the leg has gone on to the next one.
//!
//! A CANCEL goes out once the hop says anything (RFC 3261 §9.1). When it
//! answers all the same, somebody has picked up a phone in vain: the answer is
//! acknowledged and ended, the leg does not hear of it.

use super::Endpoint;
use super::transactions::{ClientMachine, Purpose};
use crate::call::input::Payload;
use crate::domain::time::Timestamp;
use crate::sip::dialog::{Forks, Heard, InviteFacts};
use crate::sip::message::{Message, NameAddr};
use crate::sip::transaction::ClientKey;
use crate::sip::translate::from_wire;

impl Endpoint {
    /// Takes an INVITE off its leg and gives it up.
    pub(super) fn abandon(&mut self, client: &ClientKey, now: Timestamp) {
        let Some(tx) = self.txs.clients.get_mut(client) else { return };
        (tx.leg, tx.purpose) = (None, Purpose::Stray { ended: false });
        self.cancel_invite(client, now);
    }

    /// A stray was answered.
    pub(super) fn end_stray(&mut self, client: &ClientKey, answer: &Message, now: Timestamp) {
        let Some(tx) = self.txs.clients.get_mut(client) else { return };
        let Purpose::Stray { ended } = tx.purpose else { return };
        tx.purpose = Purpose::Stray { ended: true };
        let near = tx.to.flow();
        let ClientMachine::Invite(_, sent) = &tx.machine else { return };
        let (Some(from), Some(to)) = (NameAddr::parse(&sent.from), NameAddr::parse(&sent.to)) else { return };
        let mut forks = Forks::start(&InviteFacts {
            call_id: &sent.call_id,
            from_uri: from.uri,
            from_tag: from.tag(),
            to_uri: to.uri,
            cseq: sent.cseq,
            target: &sent.uri,
            record_route: &[],
            secure: false,
        });
        let routes = from_wire::record_routes(answer);
        let routes: Vec<&[u8]> = routes.iter().map(AsRef::as_ref).collect();
        let Heard::Answered(dialog) = forks.hear(&from_wire::response_facts(answer, &routes)) else { return };
        let (ack, bye) = (dialog.ack(sent.cseq), dialog.next_request());
        self.send_ack(&ack, near, &vec![], &Payload::default());
        // Its answer again: only our ACK was lost.
        if !ended {
            self.send_bye_in(&bye, near, None, now);
        }
    }
}
