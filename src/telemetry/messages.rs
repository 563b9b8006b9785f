//! SIP messages, counted by direction and kind without a lock: each series
//! has its place, found by the first bytes of the message.

use std::sync::Arc;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

const METHODS: &[&str] = &[
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "OPTIONS",
    "PRACK",
    "UPDATE",
    "INFO",
    "MESSAGE",
    "REFER",
    "NOTIFY",
    "SUBSCRIBE",
    "REGISTER",
];
const CLASSES: &[&str] = &["1xx", "2xx", "3xx", "4xx", "5xx", "6xx"];
/// Another method, or no SIP at all.
const OTHER: &str = "other";

/// One direction.
#[derive(Clone)]
pub(super) struct Messages(Arc<[Counter]>);

impl Messages {
    /// `in` and `out`.
    pub fn both(all: &mut Registry) -> [Self; 2] {
        let family = Family::<[(&'static str, &'static str); 2], Counter>::default();
        all.register(
            "sip_messages",
            "SIP messages, by direction and method or class of status",
            family.clone(),
        );
        ["in", "out"].map(|direction| {
            let kinds = METHODS.iter().chain(CLASSES).chain([&OTHER]);
            let series =
                kinds.map(|kind| family.get_or_create(&[("direction", direction), ("kind", *kind)]).clone());
            Self(series.collect())
        })
    }

    pub fn count(&self, message: &[u8]) {
        if let Some(series) = self.0.get(place(message)) {
            series.inc();
        }
    }
}

/// Where a message's series stands.
fn place(message: &[u8]) -> usize {
    let other = METHODS.len() + CLASSES.len();
    if let Some(status) = message.strip_prefix(b"SIP/2.0 ") {
        return match status.first() {
            Some(class @ b'1'..=b'6') => METHODS.len() + usize::from(class - b'1'),
            _ => other,
        };
    }
    let is_it = |method: &&str| {
        message.strip_prefix(method.as_bytes()).is_some_and(|rest| rest.first() == Some(&b' '))
    };
    METHODS.iter().position(is_it).unwrap_or(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_counted_by_its_method_or_its_class() {
        let kinds: Vec<_> = METHODS.iter().chain(CLASSES).chain([&OTHER]).collect();
        for (message, kind) in [
            ("INVITE sip:a@b SIP/2.0", "INVITE"),
            ("INFO sip:a@b SIP/2.0", "INFO"),
            ("SIP/2.0 183 Session Progress", "1xx"),
            ("SIP/2.0 603 Decline", "6xx"),
            ("SIP/2.0 999 What", "other"),
            ("INVITED sip:a@b SIP/2.0", "other"),
            ("", "other"),
        ] {
            assert_eq!(*kinds[place(message.as_bytes())], kind, "{message}");
        }
    }
}
