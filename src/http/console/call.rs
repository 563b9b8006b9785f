//! One call: how it ended, where it came from, and the way that led to it.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::call_notes::NotesView;
use super::ladder::LadderView;
use super::parts::{self, Badge, Moment};
use super::qualification::QualificationView;
use super::recording::{self, RecordingView};
use super::tasks::RowView;
use super::{Frame, page};
use crate::domain::calling::outcome::HungUpBy;
use crate::domain::calling::screening::Decision;
use crate::domain::ids::{CallId, VisitId};
use crate::domain::phone::Country;
use crate::domain::staff::{Area, Does};
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Share;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Path, Session};
use crate::http::language::{Certainty, Lang};
use crate::http::story::{self, CallStory, Seen};
use crate::store::Version;

/// So many tags of other calls are offered.
const TAGS_OFFERED: i64 = 200;

#[derive(Template)]
#[template(path = "call.html")]
struct CallPage {
    frame: Frame,
    badge: Badge,
    meaning: &'static str,
    interrupted: bool,
    screening: Option<String>,
    refused: bool,
    at: Moment,
    caller: String,
    number: String,
    number_label: Option<String>,
    destination: Option<String>,
    talked: Option<String>,
    rang: Option<String>,
    /// Who reads may look at people, and write things down.
    sees_people: bool,
    may_change: bool,
    /// The contact's page and name.
    contact: Option<(String, String)>,
    /// What is open for them.
    tasks: Vec<RowView>,
    bar: Vec<Segment>,
    shares: Vec<ShareView>,
    /// When and why the shares were reckoned, the newest first.
    versions: Vec<VersionView>,
    chapters: Vec<Chapter>,
    details: Vec<(&'static str, String)>,
    id: CallId,
    qualification: QualificationView,
    notes: NotesView,
    recordings: Vec<RecordingView>,
    /// `None`: the call goes on, or its messages are not kept any more.
    ladder: Option<LadderView>,
}

/// A stretch of the attribution bar, in thousandths of its width.
struct Segment {
    rank: usize,
    from: u32,
    width: u32,
}

struct ShareView {
    rank: usize,
    channel: &'static str,
    source: String,
    percent: String,
    certainty: &'static str,
    because: String,
    /// Where the visit stands further down, as a fragment.
    visit: Option<VisitId>,
}

struct VersionView {
    why: &'static str,
    at: Moment,
    /// Empty where a number or a person alone tells.
    priors: String,
    /// The likeliest origins and their shares.
    shares: String,
}

/// A visit, or the call itself.
struct Chapter {
    id: String,
    title: String,
    subtitle: String,
    day: Moment,
    /// So unlikely that it is told only when asked for.
    aside: bool,
    events: Vec<Event>,
}

struct Event {
    /// Which mark stands on the line: `start`, `page`, `event`, `number`, `call`, `ring`, `answer`, `end`.
    mark: &'static str,
    at: Moment,
    title: String,
    detail: String,
}

/// `GET /console/calls/{id}`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<CallId>,
) -> Result<Response, HttpError> {
    let story = story::find_call(&app.store, id).await?.ok_or(HttpError::NotFound("call"))?;
    let label = app.store.find_number(&story.record.number).await?.map(|row| row.number.label);
    let destination = match &story.record.destination {
        Some(id) => {
            let known = app.store.list_destinations().await?.into_iter().find(|it| it.id == *id);
            Some(known.map_or_else(|| id.to_string(), |it| it.name))
        }
        None => None,
    };

    let sees_people = session.post.sees_people();
    let tasks = match &story.contact {
        Some(contact) if sees_people => RowView::of(&app, lang, contact.id).await?,
        _ => vec![],
    };
    let ladder = app.store.find_ladder(id).await?;
    let whole = session.post.outlet.is_none();
    let known = if whole { app.store.list_tag_names(TAGS_OFFERED).await? } else { vec![] };
    let notes = NotesView::new(lang, &story, known);
    let recordings = recording::views(&app, lang, &session.post, &story.recordings).await?;
    let home = app.config.home;
    let record = &story.record;
    let t = lang.texts();
    let span = |from: Option<Timestamp>, to: Option<Timestamp>| {
        from.zip(to).map(|(from, to)| lang.span(to.since(from)))
    };
    page(&CallPage {
        frame: Frame::new(lang, &here, Some(&session)),
        badge: Badge::new(lang, record.outcome),
        meaning: parts::meaning(lang, record.outcome),
        interrupted: record.interrupted,
        screening: record.screening.as_ref().map(|said| lang.screening(said)),
        refused: record.screening.as_ref().is_some_and(Decision::refuses),
        at: Moment::day_and_time(lang, record.arrived_at),
        caller: parts::caller(lang, record.caller.as_ref(), home),
        number: parts::phone(&record.number, home),
        number_label: label.clone(),
        talked: span(record.answered_at, record.ended_at),
        rang: span(record.ringing_at, record.answered_at.or(record.ended_at)),
        sees_people,
        may_change: session.post.role.may(Does::Changes, Area::Calls),
        contact: story.contact.as_ref().filter(|_| sees_people).map(|contact| {
            let address = format!("/console/contacts/{}", contact.id);
            (address, contact.profile.full_name().unwrap_or_else(|| t.see_contact.to_owned()))
        }),
        tasks,
        bar: bar(story.shares()),
        shares: story.shares().iter().enumerate().map(|(rank, share)| view(lang, rank, share)).collect(),
        versions: story.versions.iter().map(|version| version_view(lang, version)).collect(),
        chapters: chapters(lang, home, &story, destination.as_deref()),
        details: details(lang, &story),
        id,
        qualification: QualificationView::new(lang, record.qualification.as_ref()),
        notes,
        recordings,
        ladder: ladder.map(|ladder| LadderView::new(lang, &ladder)),
        destination,
    })
}

/// Cuts the bar so that its stretches fill it exactly, whatever the rounding.
fn bar(shares: &[Share]) -> Vec<Segment> {
    let mut before = 0.0;
    let edge = |sum: f64| (sum.clamp(0.0, 1.0) * 1000.0).round() as u32;
    let segments = shares.iter().enumerate().map(|(rank, share)| {
        let from = edge(before);
        before += share.probability;
        Segment { rank, from, width: edge(before) - from }
    });
    segments.collect()
}

fn view(lang: Lang, rank: usize, share: &Share) -> ShareView {
    ShareView {
        rank,
        channel: parts::origin(lang, share),
        source: parts::origin_detail(share),
        percent: lang.percent(share.probability),
        certainty: lang.certainty(Certainty::of(share.probability)),
        because: lang.evidence(share),
        visit: share.visit,
    }
}

fn version_view(lang: Lang, version: &Version) -> VersionView {
    const SHARES_MAX: usize = 3;
    let shares: Vec<String> = version
        .shares
        .iter()
        .take(SHARES_MAX)
        .map(|share| format!("{} {}", parts::origin(lang, share), lang.percent(share.probability)))
        .collect();
    VersionView {
        why: lang.reckoned(version.reason),
        at: Moment::day_and_time(lang, version.at),
        priors: lang.priors(version),
        shares: shares.join(" · "),
    }
}

fn chapters(lang: Lang, home: Country, story: &CallStory, destination: Option<&str>) -> Vec<Chapter> {
    let mut visits: Vec<&Seen> = story.visits.iter().collect();
    visits.sort_by_key(|seen| seen.visit.started_at);
    let likely = |seen: &Seen| {
        let share = story.shares().iter().find(|share| share.visit == Some(seen.visit.id));
        share.map_or(0.0, |share| share.probability)
    };
    let mut chapters: Vec<Chapter> =
        visits.into_iter().map(|seen| visit_chapter(lang, home, seen, likely(seen))).collect();
    chapters.push(call_chapter(lang, home, story, destination));
    chapters
}

fn visit_chapter(lang: Lang, home: Country, seen: &Seen, probability: f64) -> Chapter {
    let t = lang.texts();
    let visit = &seen.visit;
    let mut events: Vec<(Timestamp, Event)> = Vec::new();
    let mut add = |mark, at, title: String, detail: String| {
        events.push((at, Event { mark, at: Moment::time(lang, at), title, detail }));
    };
    for view in &seen.page_views {
        let title = view.title.clone().filter(|title| !title.is_empty());
        add("page", view.at, title.unwrap_or_else(|| t.page_view.to_owned()), parts::short(&view.url));
    }
    for event in &seen.events {
        let said: Vec<String> =
            event.properties.iter().map(|(name, said)| format!("{name}: {said}")).collect();
        add("event", event.at, format!("{} · {}", t.event, event.name), parts::shortened(&said.join(" · ")));
    }
    if let Some(lease) = &seen.lease {
        add("number", lease.started_at, t.number_shown.to_owned(), parts::phone(&lease.number, home));
    }
    // The sort keeps a page before the number that was shown on it.
    events.sort_by_key(|(at, _)| *at);
    if let Some(referrer) = &visit.referrer {
        let at = Moment::time(lang, visit.started_at);
        let came = Event { mark: "start", at, title: t.came_from.to_owned(), detail: parts::short(referrer) };
        events.insert(0, (visit.started_at, came));
    }
    Chapter {
        id: format!("visit-{}", visit.id),
        title: format!("{} · {}", t.visit, lang.percent(probability)),
        subtitle: format!("{} · {}", lang.channel(visit.source.channel), parts::source(&visit.source)),
        day: Moment::day(lang, visit.started_at),
        aside: Certainty::of(probability) == Certainty::Unlikely,
        events: events.into_iter().map(|(_, event)| event).collect(),
    }
}

fn call_chapter(lang: Lang, home: Country, story: &CallStory, destination: Option<&str>) -> Chapter {
    let t = lang.texts();
    let record = &story.record;
    let event = |mark, at, title: &str, detail: String| Event {
        mark,
        at: Moment::time(lang, at),
        title: title.to_owned(),
        detail,
    };
    let mut events =
        vec![event("call", record.arrived_at, t.call_arrived, parts::phone(&record.number, home))];
    if let Some(at) = record.ringing_at {
        events.push(event("ring", at, t.rang, destination.unwrap_or_default().to_owned()));
    }
    if let Some(at) = record.answered_at {
        events.push(event("answer", at, t.was_answered, String::new()));
    }
    for transfer in &story.transfers {
        let detail = format!("{} · {}", transfer.to, lang.transfer(transfer.outcome));
        events.push(event("answer", transfer.settled_at, t.transferred, detail));
    }
    if let Some(at) = record.ended_at {
        let by = record.hung_up_by.map(|who| format!("{} {}", t.hung_up_by, hung_up_by(lang, who)));
        events.push(event("end", at, t.ended, by.unwrap_or_default()));
    }
    Chapter {
        id: "call".into(),
        title: t.a_call.to_owned(),
        subtitle: parts::caller(lang, record.caller.as_ref(), home),
        day: Moment::day(lang, record.arrived_at),
        aside: false,
        events,
    }
}

fn hung_up_by(lang: Lang, who: HungUpBy) -> &'static str {
    let t = lang.texts();
    match who {
        HungUpBy::Caller => t.by_caller,
        HungUpBy::Line => t.by_line,
        HungUpBy::Gateway => t.by_gateway,
    }
}

fn details(lang: Lang, story: &CallStory) -> Vec<(&'static str, String)> {
    let t = lang.texts();
    let record = &story.record;
    let mut details = Vec::new();
    if let Some(who) = record.hung_up_by {
        details.push((t.hung_up_by, hung_up_by(lang, who).to_owned()));
    }
    if let Some(reason) = record.end_reason {
        details.push((t.ended_why, lang.end_reason(reason).to_owned()));
    }
    details.extend(story.streams.iter().map(|stream| (t.sound, lang.stream(stream))));
    if let Some(status) = record.sip_status {
        details.push((t.sip_status, status.to_string()));
    }
    if let Some(identity) = &record.identity {
        details.push((t.signature, lang.identity(identity)));
    }
    details.push((t.trunk, record.trunk.to_string()));
    details.push((t.sip_call_id, record.sip_call_id.clone()));
    details.push((t.call_id, record.id.to_string()));
    details
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tracking::attribution::Evidence;
    use crate::domain::tracking::channels::Channel;
    use crate::domain::tracking::source::Source;

    #[test]
    fn the_bar_is_filled_exactly_whatever_the_rounding() {
        let source = Source {
            channel: Channel::Direct,
            source: "(direct)".into(),
            medium: "(none)".into(),
            campaign: None,
            term: None,
            content: None,
            click_id: None,
        };
        let third = Share { visit: None, probability: 1.0 / 3.0, evidence: Evidence::Background, source };

        let segments = bar(&[third.clone(), third.clone(), third]);

        assert_eq!(segments.iter().map(|segment| segment.width).sum::<u32>(), 1000);
        assert_eq!(segments[2].from + segments[2].width, 1000);
    }
}
