//! What is said, as it passes: what a leg says is remembered, and whoever is given it is given the
//! relay's places in it. What cannot be relayed goes past us, unless sound has to be sealed there.

use bytes::Bytes;
use tracing::warn;

use super::Switchboard;
use crate::call::input::Payload;
use crate::call::leg::LegId;
use crate::domain::ids::CallId;
use crate::media::Relay;
use crate::media::exchange::{Past, Profile};
use crate::sip::is_description;

/// The gateway answers what the caller has offered.
pub(super) async fn attend(board: &Switchboard, call: CallId, relay: &mut Relay) -> Result<Payload, Past> {
    know(board, call, relay, LegId::CALLER).await;
    let body = relay.attends(LegId::CALLER).await?;
    Ok(Payload { headers: Bytes::from_static(b"Content-Type: application/sdp\r\n"), body })
}

pub(super) async fn remember(
    board: &Switchboard,
    call: CallId,
    relay: &mut Relay,
    leg: LegId,
    payload: &Payload,
) {
    if payload.body.is_empty() || !is_description(&payload.headers) {
        return;
    }
    relay.says(leg, &payload.body);
    know(board, call, relay, leg).await;
}

/// From where a leg may send besides what it says: asked once.
async fn know(board: &Switchboard, call: CallId, relay: &mut Relay, leg: LegId) {
    if !relay.knows(leg) {
        let peers = board.inner.sip.peers_of(call, leg).await;
        if leg == LegId::CALLER {
            // It may be offered media before it has said where it is.
            relay.dials(leg, peers.first().map(|peer| peer.addr().is_ipv6()), Profile::Plain);
        }
        relay.allow(leg, peers);
    }
}

/// Puts what a leg is given in the relay's terms; `false`: it is given nothing, since sound has to be
/// sealed there and would not be.
pub(super) async fn give(
    board: &Switchboard,
    call: CallId,
    relay: &mut Relay,
    to: LegId,
    payload: &mut Payload,
    is_asked: bool,
) -> bool {
    if payload.body.is_empty() {
        return true;
    }
    let passes = if is_description(&payload.headers) {
        give_body(board, call, relay, to, &mut payload.body, is_asked).await
    } else if has_description(payload) {
        let is_past = may_go_past(board, call, relay, to, &payload.body, Past::Multipart);
        if is_past && to != LegId::CALLER {
            relay.goes_past(to);
        }
        is_past
    } else {
        true
    };
    if !passes {
        *payload = Payload::default();
    }
    passes
}

/// Whether a body of several parts has a description among them.
pub(super) fn has_description(payload: &Payload) -> bool {
    const MARK: &[u8] = b"application/sdp";
    payload.body.windows(MARK.len()).any(|words| words.eq_ignore_ascii_case(MARK))
}

pub(super) async fn give_body(
    board: &Switchboard,
    call: CallId,
    relay: &mut Relay,
    to: LegId,
    body: &mut Bytes,
    is_asked: bool,
) -> bool {
    know(board, call, relay, LegId::CALLER).await;
    match relay.gives(to, body, is_asked).await {
        Ok(Some(given)) => {
            *body = given;
            return true;
        }
        Ok(None) => {}
        Err(why) if !may_go_past(board, call, relay, to, body, why) => return false,
        Err(_) => {}
    }
    if to == LegId::CALLER {
        relay.hushes(to).await;
    }
    true
}

/// What cannot be relayed goes past us where it may; whether it does.
fn may_go_past(board: &Switchboard, call: CallId, relay: &Relay, to: LegId, body: &[u8], why: Past) -> bool {
    let is_refused = relay.must_seal(to, body);
    if is_refused {
        warn!(call.id = %call, "a session is refused, since its media would not be encrypted: {why}");
    } else {
        goes_past(board, call, why);
    }
    !is_refused
}

pub(super) fn goes_past(board: &Switchboard, call: CallId, why: Past) {
    warn!(call.id = %call, "the media of a call go past us: {why}");
    board.inner.metrics.media_past(why.as_str());
}
