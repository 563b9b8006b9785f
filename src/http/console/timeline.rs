//! What a person did and was sent, as entries of a line of time.

use super::parts::{self, Badge, Moment};
use crate::domain::people::engagement::{Deed, Kind, Told};
use crate::domain::phone::Country;
use crate::http::language::Lang;
use crate::http::story::{Entry, Happening, PastCall};

pub struct EntryView {
    pub at: Moment,
    /// What marks it on the line.
    pub mark: &'static str,
    /// How a call ended.
    pub badge: Option<Badge>,
    /// The page of a call that came through the gateway.
    pub page: Option<String>,
    /// Where another system keeps the sound of a call.
    pub sound: Option<String>,
    pub title: String,
    pub detail: String,
}

pub fn entry(lang: Lang, home: Country, happened: Entry) -> EntryView {
    let bare = || EntryView {
        at: Moment::day_and_time(lang, happened.at),
        mark: "event",
        badge: None,
        page: None,
        sound: None,
        title: String::new(),
        detail: String::new(),
    };
    let of_gateway = |call: &PastCall| EntryView {
        mark: "call",
        badge: Some(Badge::new(lang, call.row.record.outcome)),
        page: Some(format!("/console/calls/{}", call.row.record.id)),
        ..bare()
    };
    match happened.what {
        Happening::Call(call) => EntryView {
            title: format!("→ {}", parts::phone(&call.row.record.number, home)),
            detail: of_call(lang, &call),
            ..of_gateway(&call)
        },
        Happening::Voicemail(call) => {
            EntryView { title: lang.texts().message_left.to_owned(), ..of_gateway(&call) }
        }
        Happening::Visit(visit) => EntryView {
            mark: "page",
            title: format!("{} · {}", lang.texts().visit, lang.channel(visit.source.channel)),
            detail: format!("{} · {}", parts::source(&visit.source), parts::short(&visit.landing_page)),
            ..bare()
        },
        Happening::Told(engagement) => {
            let Deed::Told(it) = engagement.what else {
                unreachable!("the gateway's own has a kind of its own")
            };
            let mark = match it.kind {
                Kind::Purchase => "number",
                Kind::CallMade => "call",
                kind if kind.addresses() => "start",
                kind if kind.is_own_act() => "page",
                _ => "event",
            };
            EntryView {
                mark,
                badge: it.called.as_ref().map(|called| Badge::new(lang, Some(called.outcome))),
                sound: it.called.as_ref().and_then(|called| called.recording.clone()),
                title: title(lang, &it),
                detail: detail(lang, &it),
                ..bare()
            }
        }
    }
}

/// How long it was, where it most likely came from, and whether it can be heard.
fn of_call(lang: Lang, PastCall { row, recordings }: &PastCall) -> String {
    let best = row.best.as_ref();
    let origin = best.map(|best| format!("{} {}", parts::origin(lang, best), lang.percent(best.probability)));
    let heard = recordings
        .iter()
        .any(|it| it.deleted_at.is_none())
        .then(|| lang.recording_texts().recordings.to_owned());
    let parts = [parts::duration(lang, &row.record), origin, heard];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What it is, how it is called there, and what it cost.
fn title(lang: Lang, it: &Told) -> String {
    let back = it.amount.is_some_and(|amount| amount.minor < 0);
    let what = if back { lang.refund() } else { lang.engagement(it.kind) };
    let amount = it.amount.map(|amount| lang.bought_for(amount));
    let parts = [Some(what.to_owned()), it.name.clone(), amount];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How long it was, how it came about, what for, and who says so.
fn detail(lang: Lang, it: &Told) -> String {
    let e = lang.engagement_texts();
    let came_by = it.came_by.as_ref().map(|came_by| {
        let campaign = came_by.campaign.iter().map(|campaign| format!(" · {campaign}")).collect::<String>();
        format!("{} · {} / {}{campaign}", lang.channel(came_by.channel), came_by.source, came_by.medium)
    });
    let talk = it.called.as_ref().and_then(|called| Some(lang.span(called.talk?)));
    let purpose = it.purpose.as_ref().map(ToString::to_string);
    let solicits = it.solicits.then(|| e.solicits.to_owned());
    let parts = [talk, came_by, purpose, solicits, Some(format!("{} {}", e.told_by, it.source))];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
