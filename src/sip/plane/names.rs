//! Questions about names: asked in tasks of their own, answered through the inbox.

use std::sync::Arc;

use bytes::Bytes;

use super::Plane;
use crate::sip::endpoint::{Question, TxId};
use crate::sip::transport::resolve::Sought;
use crate::sip::transport::{Flow, Peer, Received, Transport};

impl Plane {
    /// Asks where a call may be sent to.
    pub(super) fn find(&self, question: Question) {
        let (inbox, resolver) = (self.inbox.clone(), Arc::clone(&self.resolver));
        tokio::spawn(async move {
            let Question { leg, host, port, transport, secure } = question;
            let peers = resolver.find(Sought { host: &host, port, transport, secure }).await;
            let _ = inbox.send(Received::Found { leg, peers }).await;
        });
    }

    /// Asks where a message goes that is written already; it leaves, or is
    /// reported, when the answer is there.
    pub(super) fn resolve(
        &self,
        bytes: Bytes,
        host: Box<str>,
        port: Option<u16>,
        transport: Transport,
        listener: usize,
        tx: Option<TxId>,
    ) {
        let is_v4 = self.endpoint.listens_on_v4(listener);
        let (inbox, resolver) = (self.inbox.clone(), Arc::clone(&self.resolver));
        tokio::spawn(async move {
            let secure = transport.is_secure();
            let sought = Sought { host: &host, port, transport: Some(transport), secure };
            let peers = resolver.find(sought).await;
            let answer = match (peers.iter().find(|peer| peer.address.is_ipv4() == is_v4), tx) {
                (Some(Peer { address: remote, .. }), tx) => {
                    Received::Resolved { bytes, flow: Flow { transport, listener, remote: *remote }, tx }
                }
                (None, Some(tx)) => Received::Undeliverable { tx },
                (None, None) => return,
            };
            let _ = inbox.send(answer).await;
        });
    }
}
