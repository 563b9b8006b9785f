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
    /// A call has a badge and a page of its own.
    pub call: Option<(Badge, String)>,
    pub title: String,
    pub detail: String,
}

pub fn entry(lang: Lang, home: Country, happened: Entry) -> EntryView {
    let at = Moment::day_and_time(lang, happened.at);
    match happened.what {
        Happening::Call(call) => EntryView {
            at,
            mark: "call",
            title: format!("→ {}", parts::phone(&call.row.record.number, home)),
            detail: of_call(lang, &call),
            call: Some(link(lang, &call)),
        },
        Happening::Voicemail(call) => EntryView {
            at,
            mark: "call",
            title: lang.texts().message_left.to_owned(),
            detail: String::new(),
            call: Some(link(lang, &call)),
        },
        Happening::Visit(visit) => EntryView {
            at,
            mark: "page",
            call: None,
            title: format!("{} · {}", lang.texts().visit, lang.channel(visit.source.channel)),
            detail: format!("{} · {}", parts::source(&visit.source), parts::short(&visit.landing_page)),
        },
        Happening::Told(engagement) => {
            let Deed::Told(it) = engagement.what else {
                unreachable!("the gateway's own has a kind of its own")
            };
            let mark = match it.kind {
                Kind::Purchase => "number",
                kind if kind.addresses() => "start",
                kind if kind.is_own_act() => "page",
                _ => "event",
            };
            EntryView { at, mark, call: None, title: title(lang, &it), detail: detail(lang, &it) }
        }
    }
}

fn link(lang: Lang, call: &PastCall) -> (Badge, String) {
    let record = &call.row.record;
    (Badge::new(lang, record.outcome), format!("/console/calls/{}", record.id))
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

/// How it came about, what for, and who says so.
fn detail(lang: Lang, it: &Told) -> String {
    let e = lang.engagement_texts();
    let came_by = it.came_by.as_ref().map(|came_by| {
        let campaign = came_by.campaign.iter().map(|campaign| format!(" · {campaign}")).collect::<String>();
        format!("{} · {} / {}{campaign}", lang.channel(came_by.channel), came_by.source, came_by.medium)
    });
    let purpose = it.purpose.as_ref().map(ToString::to_string);
    let solicits = it.solicits.then(|| e.solicits.to_owned());
    let parts = [came_by, purpose, solicits, Some(format!("{} {}", e.told_by, it.source))];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
