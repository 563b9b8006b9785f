//! The proxies that want to see every request of a dialog (RFC 3261 §12.1
//! and §12.2.1.1).
//!
//! A *loose* router (`lr`) finds its way by the Route headers and leaves the
//! Request-URI alone. A *strict* one, of RFC 2543, wants itself in the
//! Request-URI, so the true target moves to the end of the list.

use bytes::Bytes;

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
    /// For the side that was called: Record-Route in the order it was received.
    ///
    /// Takes the header's values, each of which may hold several by commas.
    pub fn of_request(record_route: &[&[u8]]) -> Self {
        Self(record_route.iter().flat_map(|value| elements(value)).filter_map(Hop::read).collect())
    }

    /// For the side that calls: the first proxy wrote last, so the order turns round.
    pub fn of_response(record_route: &[&[u8]]) -> Self {
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
    /// `None` for an empty element, which a stray comma makes.
    fn read(element: &[u8]) -> Option<Self> {
        let value = element.trim_ascii();
        if value.is_empty() {
            return None;
        }
        let hop = match bracketed(value) {
            Some(uri) => {
                Self { value: Bytes::copy_from_slice(value), uri: Bytes::copy_from_slice(uri.trim_ascii()) }
            }
            // Written without brackets, against the grammar: then everything is the URI.
            None => {
                Self { value: Bytes::from([b"<", value, b">"].concat()), uri: Bytes::copy_from_slice(value) }
            }
        };
        Some(hop)
    }
}

/// Cuts a header value at its commas, but not inside quotes or brackets.
fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut place = Place::default();
    value.split(move |&byte| {
        let before = place;
        place.pass(byte);
        byte == b',' && before == Place::default()
    })
}

/// What stands in the first brackets outside quotes.
fn bracketed(value: &[u8]) -> Option<&[u8]> {
    let mut place = Place::default();
    let mut open = None;
    for (at, &byte) in value.iter().enumerate() {
        let before = place;
        place.pass(byte);
        match (before.bracketed, place.bracketed) {
            (false, true) => open = Some(at + 1),
            (true, false) => return open.map(|open| &value[open..at]),
            (true, true) | (false, false) => {}
        }
    }
    None
}

/// Where a reader of a header value is.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Place {
    quoted: bool,
    escaped: bool,
    bracketed: bool,
}

impl Place {
    fn pass(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.quoted => self.escaped = true,
            b'"' if !self.bracketed => self.quoted = !self.quoted,
            b'<' if !self.quoted => self.bracketed = true,
            b'>' if !self.quoted => self.bracketed = false,
            _ => {}
        }
    }
}

/// The URI's own parameters, after the host: a user part may hold a `;` too.
fn parameters(uri: &[u8]) -> impl Iterator<Item = &[u8]> {
    let uri = &uri[..uri.iter().position(|&b| b == b'?').unwrap_or(uri.len())];
    let host = uri.iter().rposition(|&b| b == b'@').map_or(0, |at| at + 1);
    uri[host..].split(|&b| b == b';').skip(1)
}

fn is_named(parameter: &[u8], name: &[u8]) -> bool {
    let written = parameter.split(|&b| b == b'=').next().unwrap_or_default();
    written.trim_ascii().eq_ignore_ascii_case(name)
}

fn is_loose(uri: &[u8]) -> bool {
    parameters(uri).any(|parameter| is_named(parameter, b"lr"))
}

/// The URI without what may not stand in a Request-URI (§19.1.1, table 1):
/// its headers and the `method` parameter.
fn fit_for_request(uri: &Bytes) -> Bytes {
    let end = uri.iter().position(|&b| b == b'?').unwrap_or(uri.len());
    let uri = uri.slice(..end);
    if !parameters(&uri).any(|parameter| is_named(parameter, b"method")) {
        return uri;
    }
    let host = uri.iter().rposition(|&b| b == b'@').map_or(0, |at| at + 1);
    let mut fit = uri[..host].to_vec();
    let mut parts = uri[host..].split(|&b| b == b';');
    fit.extend_from_slice(parts.next().unwrap_or_default());
    for parameter in parts.filter(|parameter| !is_named(parameter, b"method")) {
        fit.push(b';');
        fit.extend_from_slice(parameter);
    }
    Bytes::from(fit)
}
