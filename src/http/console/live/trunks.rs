//! The trunks that calls leave over, and what is wrong with those that are down.

use askama::Template;

use crate::domain::time::Timestamp;
use crate::http::language::{Lang, LiveTexts};
use crate::switchboard::{Hop, TrunkView};

#[derive(Template)]
#[template(path = "live_trunks.html")]
pub(in crate::http::console) struct TrunksPart {
    t: &'static LiveTexts,
    trunks: Vec<TrunkRow>,
}

impl askama::filters::HtmlSafe for TrunksPart {}

struct TrunkRow {
    id: String,
    /// `up`, `partly` or `down`, and its word.
    key: &'static str,
    word: &'static str,
    /// Since when, where it is not up.
    since: Option<(Timestamp, String)>,
    /// What is wrong, a sentence each.
    why: Vec<String>,
    calls: u32,
    /// How many have left today, of how many that may.
    today: String,
}

impl TrunksPart {
    pub fn of(lang: Lang, trunks: Vec<TrunkView>) -> Self {
        let trunks = trunks.into_iter().map(|trunk| TrunkRow::of(lang, trunk));
        Self { t: lang.live_texts(), trunks: trunks.collect() }
    }
}

impl TrunkRow {
    fn of(lang: Lang, trunk: TrunkView) -> Self {
        let t = lang.live_texts();
        let unregistered = trunk.registration.is_some_and(|it| it.until.is_none());
        let up = trunk.hops.iter().filter(|hop| hop.is_up).count();
        let is_well = trunk.hops.iter().all(|hop| hop.down.is_empty()) && !unregistered;
        let (key, word) = match up {
            0 => ("down", t.down),
            _ if is_well => ("up", t.up),
            _ => ("partly", t.partly),
        };
        let down = || trunk.hops.iter().flat_map(|hop| &hop.down);
        let mut why: Vec<String> = trunk.hops.iter().flat_map(|hop| troubles(lang, hop)).collect();
        if let Some(registration) = trunk.registration.filter(|_| unregistered) {
            why.push(lang.unregistered(registration.refused));
        }
        Self {
            since: down().map(|it| it.since).min().map(|at| (at, lang.moment(at))),
            key,
            word,
            why,
            calls: trunk.calls,
            today: trunk.calls_per_day.map_or_else(
                || trunk.calls_today.to_string(),
                |most| format!("{} / {most}", trunk.calls_today),
            ),
            id: trunk.id.to_string(),
        }
    }
}

fn troubles(lang: Lang, hop: &Hop) -> impl Iterator<Item = String> {
    hop.down.iter().map(move |down| lang.hop_is_down(&down.address, down.fault, down.failures))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::switchboard::{DownHop, Fault, Registration};

    fn trunk(hops: Vec<Hop>, registration: Option<Registration>) -> TrunkRow {
        let id = "carrier".parse().unwrap();
        let view = TrunkView { id, hops, registration, calls: 0, calls_today: 7, calls_per_day: Some(9) };
        TrunkRow::of(Lang::En, view)
    }

    fn hop(is_up: bool, since: &[i64]) -> Hop {
        let down = since.iter().map(|since| DownHop {
            address: format!("udp:192.0.2.{since}:5060"),
            failures: 2,
            since: Timestamp::from_ms(*since),
            until: Timestamp::from_ms(100),
            fault: Fault::Silent,
        });
        Hop { uri: "sip:carrier.example".into(), is_up, down: down.collect() }
    }

    #[test]
    fn a_trunk_is_down_when_nothing_of_it_is_up_and_says_since_when_and_why() {
        let at = |row: &TrunkRow| row.since.as_ref().map(|(at, _)| at.as_ms());
        let lost = Some(Registration { until: None, refused: Some(403) });
        let well = trunk(vec![hop(true, &[]), hop(true, &[])], None);
        assert_eq!((well.key, at(&well), well.why.len(), well.today.as_str()), ("up", None, 0, "7 / 9"));
        let half = trunk(vec![hop(true, &[7, 5]), hop(true, &[])], None);
        assert_eq!((half.key, at(&half), half.why.len()), ("partly", Some(5), 2));
        let down = trunk(vec![hop(false, &[7])], lost);
        assert_eq!((down.key, at(&down), down.why.len()), ("down", Some(7), 2));
        assert!(down.why[0].contains("udp:192.0.2.7:5060") && down.why[1].contains("403"), "{:?}", down.why);
        assert_eq!(trunk(vec![hop(true, &[])], lost).key, "partly");
    }
}
