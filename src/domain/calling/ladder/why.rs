//! Why a call failed, as its ladder tells it.
//!
//! The last line that was tried decides, as it does for the caller. Where the
//! ladder tells nothing certain, nothing is said.

use std::net::SocketAddr;
use std::time::Duration;

use super::reading::{Said, about, header, said};
use super::{Ladder, Rung, Way};

const CALLER: u8 = 0;

/// What kept a caller and a line from talking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// The line refused; `more` is its Reason or Warning.
    Refused { leg: u8, by: SocketAddr, status: u16, reason: String, more: Option<String> },
    /// Nothing at all came back.
    Silent { leg: u8, remote: SocketAddr, transport: &'static str, times: usize },
    /// It rang, and we gave up.
    RangInVain { leg: u8, rang: Duration },
    /// It did not even ring when we gave up.
    NeverRang { leg: u8, waited: Duration },
    /// The caller gave up; `rang` tells whether they had heard it ring.
    GaveUp { waited: Duration, rang: bool },
    /// We refused the caller and dialled nobody.
    NotDialled { status: u16, reason: String },
    /// The caller never confirmed the answer.
    NotAcknowledged { times: usize },
}

impl Why {
    /// The word of the API.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Why::Refused { .. } => "refused",
            Why::Silent { .. } => "silent",
            Why::RangInVain { .. } => "rang_in_vain",
            Why::NeverRang { .. } => "never_rang",
            Why::GaveUp { .. } => "gave_up",
            Why::NotDialled { .. } => "not_dialled",
            Why::NotAcknowledged { .. } => "not_acknowledged",
        }
    }
}

impl Ladder {
    /// `None`: it did not fail, or nobody can tell.
    pub fn why(&self) -> Option<Why> {
        let last = self.answer_to_caller()?;
        let Said::Response { status, reason } = said(&last.message) else { return None };
        if status < 300 {
            return self.not_acknowledged();
        }
        if let Some(end) = self.find(CALLER, Way::In, "CANCEL").or_else(|| self.find(CALLER, Way::In, "BYE"))
        {
            let rang = self.rungs.iter().any(|rung| rung.leg == CALLER && is_progress(rung));
            return Some(Why::GaveUp { waited: self.since_start(CALLER, end), rang });
        }
        match self.legs().into_iter().rev().find(|leg| *leg != CALLER) {
            Some(leg) => self.why_not_answered(leg),
            None => Some(Why::NotDialled { status, reason: reason.into_owned() }),
        }
    }

    fn why_not_answered(&self, leg: u8) -> Option<Why> {
        let heard = || self.rungs.iter().filter(move |rung| rung.leg == leg && rung.way == Way::In);
        if let Some(withdrawn) = self.find(leg, Way::Out, "CANCEL") {
            let waited = self.since_start(leg, withdrawn);
            return Some(match heard().find(|rung| is_progress(rung)) {
                Some(rang) => Why::RangInVain { leg, rang: withdrawn.at.since(rang.at) },
                None => Why::NeverRang { leg, waited },
            });
        }
        let invites =
            self.rungs.iter().filter(|rung| rung.leg == leg && is_request(rung, Way::Out, "INVITE"));
        let (times, first) = (invites.clone().count(), invites.clone().next()?);
        if heard().next().is_none() {
            return Some(Why::Silent { leg, remote: first.remote, transport: first.transport, times });
        }
        let last = heard().filter(|rung| about(&rung.message) == "INVITE").last()?;
        let Said::Response { status: status @ 300.., reason } = said(&last.message) else { return None };
        let more = header(&last.message, "Reason").or_else(|| header(&last.message, "Warning"));
        Some(Why::Refused {
            leg,
            by: last.remote,
            status,
            reason: reason.into_owned(),
            more: more.map(|text| text.into_owned()),
        })
    }

    /// Our 2xx was repeated until we gave up.
    fn not_acknowledged(&self) -> Option<Why> {
        let answers = self
            .rungs
            .iter()
            .filter(|rung| rung.leg == CALLER && rung.way == Way::Out && is_answer(rung, 200..300));
        let times = answers.count();
        let bye = self.find(CALLER, Way::Out, "BYE").is_some();
        (bye && times > 1 && self.find(CALLER, Way::In, "ACK").is_none())
            .then_some(Why::NotAcknowledged { times })
    }

    /// The last final answer that the caller's INVITE got.
    fn answer_to_caller(&self) -> Option<&Rung> {
        self.rungs
            .iter()
            .rev()
            .find(|rung| rung.leg == CALLER && rung.way == Way::Out && is_answer(rung, 200..700))
    }

    fn find(&self, leg: u8, way: Way, method: &str) -> Option<&Rung> {
        self.rungs.iter().find(|rung| rung.leg == leg && is_request(rung, way, method))
    }

    fn since_start(&self, leg: u8, end: &Rung) -> Duration {
        let start = self.rungs.iter().find(|rung| rung.leg == leg);
        start.map_or(Duration::ZERO, |start| end.at.since(start.at))
    }
}

fn is_request(rung: &Rung, way: Way, wanted: &str) -> bool {
    rung.way == way && matches!(said(&rung.message), Said::Request { method, .. } if method == wanted)
}

/// An answer to an INVITE whose status is within `range`.
fn is_answer(rung: &Rung, range: std::ops::Range<u16>) -> bool {
    let in_range = matches!(said(&rung.message), Said::Response { status, .. } if range.contains(&status));
    in_range && about(&rung.message) == "INVITE"
}

fn is_progress(rung: &Rung) -> bool {
    is_answer(rung, 101..200)
}

#[cfg(test)]
mod tests {
    use super::super::testing::ladder;
    use super::*;

    const INVITE: (i64, u8, &str) = (0, 0, "> INVITE");
    const DIALLED: (i64, u8, &str) = (5, 1, "< INVITE");

    fn why(told: &[(i64, u8, &str)]) -> Option<Why> {
        ladder(told).why()
    }

    #[test]
    fn the_line_that_was_tried_last_says_why() {
        let busy = why(&[
            INVITE,
            DIALLED,
            (9, 1, "> 503 Down INVITE"),
            (10, 2, "< INVITE"),
            (20, 2, "> 180 Ringing INVITE"),
            (30, 2, "> 486 Occupied INVITE"),
            (30, 2, "< ACK"),
            (31, 0, "< 486 Occupied INVITE"),
        ]);

        let by = "192.0.2.4:5060".parse().unwrap();
        assert_eq!(
            busy,
            Some(Why::Refused { leg: 2, by, status: 486, reason: "Occupied".into(), more: None })
        );
    }

    #[test]
    fn a_line_that_says_nothing_is_silent() {
        let told = [INVITE, DIALLED, (505, 1, "< INVITE"), (32_000, 0, "< 408 Timeout INVITE")];

        let remote = "192.0.2.3:5060".parse().unwrap();
        assert_eq!(why(&told), Some(Why::Silent { leg: 1, remote, transport: "UDP", times: 2 }));
    }

    #[test]
    fn a_line_that_rings_too_long_rang_in_vain() {
        let told = [
            INVITE,
            DIALLED,
            (1_000, 1, "> 180 Ringing INVITE"),
            (21_000, 1, "< CANCEL"),
            (21_001, 1, "> 200 OK CANCEL"),
            (21_002, 1, "> 487 Request Terminated INVITE"),
            (21_003, 0, "< 480 No Answer INVITE"),
        ];

        assert_eq!(why(&told), Some(Why::RangInVain { leg: 1, rang: Duration::from_secs(20) }));
    }

    #[test]
    fn a_caller_who_cancels_gave_up() {
        let told = [
            INVITE,
            DIALLED,
            (10, 0, "< 180 Ringing INVITE"),
            (5_000, 0, "> CANCEL"),
            (5_000, 0, "< 487 Request Terminated INVITE"),
            (5_001, 1, "< CANCEL"),
        ];

        assert_eq!(why(&told), Some(Why::GaveUp { waited: Duration::from_secs(5), rang: true }));
    }

    #[test]
    fn a_number_that_leads_nowhere_was_not_dialled() {
        let told = [INVITE, (1, 0, "< 404 Not Found INVITE"), (2, 0, "> ACK")];

        assert_eq!(why(&told), Some(Why::NotDialled { status: 404, reason: "Not Found".into() }));
    }

    #[test]
    fn an_answer_that_nobody_confirms_is_told_and_a_good_call_has_no_why() {
        let answered = [INVITE, DIALLED, (9, 1, "> 200 OK INVITE"), (10, 0, "< 200 OK INVITE")];
        let silent = [&answered[..], &[(510, 0, "< 200 OK INVITE"), (32_010, 0, "< BYE")]].concat();
        let well =
            [&answered[..], &[(11, 0, "> ACK"), (9_000, 0, "> BYE"), (9_001, 0, "< 200 OK BYE")]].concat();

        assert_eq!(why(&silent), Some(Why::NotAcknowledged { times: 2 }));
        assert_eq!(why(&well), None);
        assert_eq!(why(&[INVITE, DIALLED]), None, "it goes on");
    }
}
