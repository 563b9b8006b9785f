//! What was said on the wire about a call, as people read it: time runs down,
//! the caller stands left, the lines right, and the gateway between them.

use axum::extract::State;
use axum::response::Response;

use crate::domain::calling::ladder::reading::{Said, about, said};
use crate::domain::calling::ladder::{Ladder, Rung, Way};
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::api::ladder::{as_pcap, as_text};
use crate::http::error::HttpError;
use crate::http::extract::{Path, Session};
use crate::http::language::Lang;

/// The ladder as a part of the call's page.
pub struct LadderView {
    /// Why the call failed; then the messages are there to be looked at.
    pub why: Option<String>,
    pub rungs: Vec<RungView>,
    pub left_out: u64,
}

pub struct RungView {
    /// Seconds since the first message.
    pub at: String,
    /// `caller` or `line`: which half it crosses.
    pub side: &'static str,
    /// `right` or `left`: which way it goes.
    pub way: &'static str,
    /// `request`, `progress`, `ok` or `refused`.
    pub kind: &'static str,
    pub label: String,
    /// What a response answers.
    pub about: String,
    /// Which line, where there is more than one.
    pub line: Option<u8>,
    /// Sent once more, since nothing came back.
    pub again: bool,
    /// For those who hear the page: from whom to whom.
    pub from: &'static str,
    pub to: &'static str,
    pub text: String,
}

impl LadderView {
    pub fn new(lang: Lang, ladder: &Ladder) -> Self {
        let start = ladder.rungs.first().map_or(Timestamp::default(), |rung| rung.at);
        let many = ladder.legs().len() > 2;
        let view = |(place, rung): (usize, &Rung)| {
            let again = ladder.rungs[..place].iter().any(|before| {
                before.leg == rung.leg && before.way == rung.way && before.message == rung.message
            });
            RungView { line: (many && rung.leg > 0).then_some(rung.leg), again, ..shown(lang, rung, start) }
        };
        Self {
            why: ladder.why().map(|why| lang.why(&why)),
            rungs: ladder.rungs.iter().enumerate().map(view).collect(),
            left_out: ladder.left_out,
        }
    }
}

fn shown(lang: Lang, rung: &Rung, start: Timestamp) -> RungView {
    let t = lang.texts();
    let (kind, label) = match said(&rung.message) {
        Said::Request { method, .. } => ("request", method.into_owned()),
        Said::Response { status, reason } => {
            let kind = match status {
                ..200 => "progress",
                200..300 => "ok",
                300.. => "refused",
            };
            (kind, format!("{status} {reason}"))
        }
    };
    let is_caller = rung.leg == 0;
    let (peer, side) = if is_caller { (t.caller, "caller") } else { (t.line, "line") };
    let (from, to) = if rung.way == Way::In { (peer, t.gateway) } else { (t.gateway, peer) };
    RungView {
        at: lang.seconds(rung.at.since(start)),
        side,
        way: if is_caller == (rung.way == Way::In) { "right" } else { "left" },
        about: if kind == "request" { String::new() } else { about(&rung.message) },
        kind,
        label,
        line: None,
        again: false,
        from,
        to,
        text: String::from_utf8_lossy(&rung.message).into_owned(),
    }
}

/// `GET /console/calls/{id}/ladder.txt`
pub async fn text(
    _: Session,
    State(app): State<AppState>,
    Path(id): Path<CallId>,
) -> Result<Response, HttpError> {
    Ok(as_text(&find(&app, id).await?))
}

/// `GET /console/calls/{id}/ladder.pcap`
pub async fn pcap(
    _: Session,
    State(app): State<AppState>,
    Path(id): Path<CallId>,
) -> Result<Response, HttpError> {
    Ok(as_pcap(&find(&app, id).await?))
}

async fn find(app: &AppState, id: CallId) -> Result<Ladder, HttpError> {
    app.store.find_ladder(id).await?.ok_or(HttpError::NotFound("ladder"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calling::ladder::testing::ladder;

    #[test]
    fn arrows_go_from_who_said_it_to_who_heard_it() {
        let told = ladder(&[
            (1_000, 0, "> INVITE"),
            (1_005, 1, "< INVITE"),
            (1_505, 1, "< INVITE"),
            (2_250, 1, "> 486 Busy INVITE"),
            (2_251, 0, "< 486 Busy INVITE"),
        ]);

        let view = LadderView::new(Lang::Fr, &told);

        let arrows: Vec<_> =
            view.rungs.iter().map(|rung| (rung.side, rung.way, rung.kind, rung.again)).collect();
        assert_eq!(
            arrows,
            [
                ("caller", "right", "request", false),
                ("line", "right", "request", false),
                ("line", "right", "request", true),
                ("line", "left", "refused", false),
                ("caller", "left", "refused", false),
            ]
        );
        assert_eq!((view.rungs[3].at.as_str(), view.rungs[3].label.as_str()), ("1,250", "486 Busy"));
        assert_eq!((view.rungs[3].from, view.rungs[3].to), ("Ligne", "Passerelle"));
        assert!(view.why.is_some() && view.rungs[1].line.is_none(), "one line needs no number");
    }
}
