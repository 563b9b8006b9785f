//! The proxies that want to see every request of a dialog (RFC 3261 §12.1
//! and §12.2.1.1).
//!
//! A *loose* router (`lr`) finds its way by the Route headers and leaves the
//! Request-URI alone. A *strict* one, of RFC 2543, wants itself in the
//! Request-URI, so the true target moves to the end of the list.

use bytes::Bytes;

use crate::sip::message::{NameAddr, Uri};

/// The proxies in the order in which our requests pass them. Empty for most
/// trunks.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RouteSet(Vec<Hop>);

#[derive(Clone, PartialEq, Eq)]
struct Hop {
    /// As it was written, with brackets and parameters.
    value: Bytes,
    /// What stands between the brackets.
    uri: Bytes,
}

/// How a request is addressed.
#[derive(Clone, PartialEq, Eq)]
pub struct Routed {
    pub request_uri: Bytes,
    /// The values of its Route header, top first.
    pub routes: Vec<Bytes>,
    /// The URI whose host the request is sent to (RFC 3263).
    pub next_hop: Bytes,
}

impl RouteSet {
    /// For the side that was called: the values of Record-Route in the order
    /// they were received. An unreadable one is left out.
    pub fn of_request(record_route: &[impl AsRef<[u8]>]) -> Self {
        Self(record_route.iter().filter_map(|value| Hop::read(value.as_ref())).collect())
    }

    /// For the side that calls: the first proxy wrote last, so the order turns round.
    pub fn of_response(record_route: &[impl AsRef<[u8]>]) -> Self {
        let mut set = Self::of_request(record_route);
        set.0.reverse();
        set
    }

    /// Addresses a request to `target`, the Contact of the other side.
    pub fn route(&self, target: &Bytes) -> Routed {
        let Some((first, others)) = self.0.split_first() else {
            let request_uri = fit_for_request(target);
            return Routed { next_hop: request_uri.clone(), request_uri, routes: Vec::new() };
        };
        if is_loose(&first.uri) {
            return Routed {
                request_uri: fit_for_request(target),
                routes: self.0.iter().map(|hop| hop.value.clone()).collect(),
                next_hop: first.uri.clone(),
            };
        }
        let request_uri = fit_for_request(&first.uri);
        let last = [b"<", target.as_ref(), b">"].concat();
        Routed {
            next_hop: request_uri.clone(),
            request_uri,
            routes: others.iter().map(|hop| hop.value.clone()).chain([Bytes::from(last)]).collect(),
        }
    }
}

impl Hop {
    fn read(value: &[u8]) -> Option<Self> {
        let address = NameAddr::parse(value)?;
        if value.starts_with(address.uri) {
            // Without brackets, against the grammar: what follows is meant for the URI.
            let value = Bytes::from([b"<", value, b">"].concat());
            return Some(Self { uri: value.slice(1..value.len() - 1), value });
        }
        let value = Bytes::copy_from_slice(value);
        Some(Self { uri: Bytes::copy_from_slice(address.uri), value })
    }
}

fn is_loose(uri: &[u8]) -> bool {
    Uri::parse(uri).is_ok_and(|uri| uri.is_loose_router())
}

/// The URI without what may not stand in a Request-URI (§19.1.1, table 1):
/// its headers and the `method` parameter.
fn fit_for_request(uri: &Bytes) -> Bytes {
    let Ok(parts) = Uri::parse(uri) else {
        return uri.clone();
    };
    let headers = if parts.headers.is_empty() { 0 } else { parts.headers.len() + 1 };
    let uri = uri.slice(..uri.len() - headers);
    if !parts.params.has("method") {
        return uri;
    }
    let mut fit = uri[..uri.len() - parts.params.raw().len()].to_vec();
    for (name, value) in parts.params.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(b"method")) {
        fit.push(b';');
        fit.extend_from_slice(name);
        if let Some(value) = value {
            fit.push(b'=');
            fit.extend_from_slice(value);
        }
    }
    Bytes::from(fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(routes: &[Bytes]) -> Vec<&str> {
        routes.iter().map(|route| std::str::from_utf8(route).unwrap()).collect()
    }

    fn target() -> Bytes {
        Bytes::from_static(b"sip:callee@u2.domain.com")
    }

    /// RFC 3261 §16.12.1.1: the BYE of the callee in the trapezoid.
    #[test]
    fn loose_routers_are_named_in_route_and_the_target_stays_in_the_request_uri() {
        let set = RouteSet::of_request(&["<sip:p2.domain.com;lr>", "<sip:p1.example.com;lr>"]);

        let routed = set.route(&Bytes::from_static(b"sip:caller@u1.example.com"));

        assert_eq!(routed.request_uri, "sip:caller@u1.example.com");
        assert_eq!(texts(&routed.routes), ["<sip:p2.domain.com;lr>", "<sip:p1.example.com;lr>"]);
        assert_eq!(routed.next_hop, "sip:p2.domain.com;lr");
    }

    #[test]
    fn the_caller_passes_the_proxies_in_the_other_order() {
        let set = RouteSet::of_response(&["<sip:p2.domain.com;lr>", "<sip:p1.example.com;lr>"]);

        let routed = set.route(&target());

        assert_eq!(texts(&routed.routes), ["<sip:p1.example.com;lr>", "<sip:p2.domain.com;lr>"]);
        assert_eq!(routed.next_hop, "sip:p1.example.com;lr");
    }

    /// RFC 3261 §12.2.1.1, its example of a strict router.
    #[test]
    fn a_strict_router_takes_the_request_uri_and_the_target_moves_to_the_end() {
        let set = RouteSet::of_request(&["<sip:proxy1>", "<sip:proxy2>", "<sip:proxy3;lr>", "<sip:proxy4>"]);

        let routed = set.route(&Bytes::from_static(b"sip:user@remoteua"));

        assert_eq!(routed.request_uri, "sip:proxy1");
        assert_eq!(
            texts(&routed.routes),
            ["<sip:proxy2>", "<sip:proxy3;lr>", "<sip:proxy4>", "<sip:user@remoteua>"]
        );
        assert_eq!(routed.next_hop, "sip:proxy1");
    }

    #[test]
    fn without_proxies_a_request_goes_to_its_target() {
        let routed = RouteSet::default().route(&target());

        assert_eq!((routed.request_uri, routed.next_hop), (target(), target()));
        assert!(routed.routes.is_empty());
    }

    #[test]
    fn lr_is_found_wherever_it_is_written_and_nowhere_else() {
        for (value, loose) in [
            ("<sip:p1;LR=on>", true),
            ("\"P, <1>\" <sip:p1:5080;transport=tcp;lr>;x=1", true),
            ("sip:p1;lr", true),
            ("<sip:user;lr@p1>", false),
            ("<sip:p1>;lr", false),
            ("<sip:p1;lrx>", false),
        ] {
            let routed = RouteSet::of_request(&[value]).route(&target());

            assert_eq!(routed.request_uri == target(), loose, "{value}");
        }
    }

    #[test]
    fn a_request_uri_has_no_headers_and_no_method() {
        for (contact, request_uri) in [
            ("sip:a@h;x=1;method=BYE;y?Subject=z", "sip:a@h;x=1;y"),
            ("sip:a;method=b@h?Replaces=1", "sip:a;method=b@h"),
            ("sip:+33123@h;user=phone", "sip:+33123@h;user=phone"),
            ("tel:+33123;phone-context=x", "tel:+33123;phone-context=x"),
        ] {
            let routed = RouteSet::default().route(&Bytes::from_static(contact.as_bytes()));

            assert_eq!(routed.request_uri, request_uri);
        }
    }
}
