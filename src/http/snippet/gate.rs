//! Whether a page may be lent a new number: what its request tells, where it
//! comes from, and how many went there lately.
//!
//! The counts are this node's own: two nodes lend a flood at most twice its
//! caps, and no page waits for a count in the database.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, HeaderName};

use crate::domain::ids::SiteId;
use crate::domain::time::Timestamp;
use crate::domain::tracking::guard::{Block, CallRefusal, Caps, PageCalls, Permit, Refusal, Signs, doubt};
use crate::domain::tracking::site::Site;
use crate::domain::tracking::swap::Rule;
use crate::flows::Shown;

#[derive(Default)]
pub struct Gate(Mutex<Caps>, Arc<Mutex<PageCalls>>);

/// A call from a page that counts until it is dropped.
pub struct CallPermit(Arc<Mutex<PageCalls>>, SiteId);

impl Drop for CallPermit {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).end(&self.1);
    }
}

/// What a page may have.
pub struct Ticket {
    pub refused: Option<Refusal>,
    permit: Option<Permit>,
}

impl Gate {
    /// A page that was opened or is still open.
    pub fn admit(&self, site: &Site, signs: Signs<'_>, from: Option<Block>, now: Timestamp) -> Ticket {
        if let Some(doubt) = doubt(signs, &site.guard) {
            return Ticket { refused: Some(doubt), permit: None };
        }
        match self.caps().take(&site.id, from, &site.guard, now) {
            Ok(permit) => Ticket { refused: None, permit: Some(permit) },
            Err(cap) => Ticket { refused: Some(cap), permit: None },
        }
    }

    /// A page of the site wants to call.
    pub fn admit_call(
        &self,
        site: &Site,
        from: Option<Block>,
        now: Timestamp,
    ) -> Result<CallPermit, CallRefusal> {
        let mut calls = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        calls.begin(&site.id, from, &site.guard, now)?;
        Ok(CallPermit(Arc::clone(&self.1), site.id.clone()))
    }

    /// Gives the place back unless a new number was lent.
    pub fn settle(&self, ticket: &Ticket, shown: Option<&Shown>) {
        let took = shown.is_some_and(|shown| {
            shown.swaps.iter().any(|swap| matches!(swap.rule, Rule::Lease | Rule::Shared))
        });
        if let Some(permit) = ticket.permit.as_ref().filter(|_| !took) {
            self.caps().give_back(permit);
        }
    }

    fn caps(&self) -> std::sync::MutexGuard<'_, Caps> {
        // A count that was being made when somebody panicked is off by one at most.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the headers tell; a page says more in its body.
pub fn signs(headers: &HeaderMap) -> Signs<'_> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Signs {
        user_agent: headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default(),
        // What Chromium and Firefox say now, and what browsers said before.
        purpose: ["sec-purpose", "purpose", "x-purpose", "x-moz"]
            .into_iter()
            .find_map(text)
            .unwrap_or_default(),
        is_automated: false,
        has_interaction: false,
        is_visible: true,
    }
}

/// The address block a page is looked at from: as the proxy in front tells it
/// in `header`, else that of the socket.
///
/// Of a list only the last counts, which the proxy itself has written.
pub fn block(headers: &HeaderMap, socket: Option<IpAddr>, header: Option<&HeaderName>) -> Option<Block> {
    let address = match header {
        Some(name) => {
            let list = headers.get_all(name).iter().next_back()?.to_str().ok()?;
            list.rsplit(',').next()?.trim().parse().ok()
        }
        None => socket,
    };
    Block::of(address?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxys_word_counts_and_the_visitors_does_not() {
        let name = HeaderName::from_static("x-forwarded-for");
        let mut headers = HeaderMap::new();
        let of = |text: &str| Block::of(text.parse().unwrap());
        let socket = Some("203.0.113.7".parse().unwrap());

        assert_eq!(block(&headers, socket, None), of("203.0.113.7"));
        assert_eq!(block(&headers, socket, Some(&name)), None, "the proxy says nothing");
        headers.append(&name, "198.51.100.1, 192.0.2.9".parse().unwrap());
        assert_eq!(block(&headers, socket, Some(&name)), of("192.0.2.9"));
        headers.append(&name, "2001:db8::1".parse().unwrap());
        assert_eq!(block(&headers, socket, Some(&name)), of("2001:db8::1"));
        assert_eq!(block(&headers, socket, None), of("203.0.113.7"), "nobody may choose their address");
    }
}
