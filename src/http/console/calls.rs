//! The list of calls: who called, where they came from, was it answered.

use std::time::Duration;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::parts::{self, Badge, Moment};
use super::{Frame, page, with_query};
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::screening::Verdict;
use crate::domain::ids::DestinationId;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{Certainty, Lang};
use crate::store::{CallFilter, CallRow, NumberFilter, StoreError, Window};

/// So many calls make one page.
const ROWS: u32 = 50;
/// So many numbers are offered as a choice; whoever has more asks the API.
const NUMBERS_MAX: u32 = 200;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How far back the list goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Period {
    Day,
    Week,
    Month,
}

impl Period {
    pub const ALL: [Period; 3] = [Period::Day, Period::Week, Period::Month];

    pub const fn word(self) -> &'static str {
        match self {
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
        }
    }

    pub const fn text(self, lang: Lang) -> &'static str {
        let t = lang.texts();
        match self {
            Period::Day => t.last_day,
            Period::Week => t.last_week,
            Period::Month => t.last_month,
        }
    }

    pub fn before(self, now: Timestamp) -> Timestamp {
        now - match self {
            Period::Day => DAY,
            Period::Week => 7 * DAY,
            Period::Month => 30 * DAY,
        }
    }
}

impl std::str::FromStr for Period {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Period::ALL.into_iter().find(|period| period.word() == word).ok_or("not day, week or month")
    }
}

/// What the reader chose.
pub struct Chosen {
    outcome: Option<Outcome>,
    channel: Option<Channel>,
    destination: Option<DestinationId>,
    number: Option<Phone>,
    screening: Option<Verdict>,
    period: Option<Period>,
    cursor: Option<String>,
}

impl FromQuery for Chosen {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self {
            outcome: query.value("outcome"),
            channel: query.value("channel"),
            destination: query.value("destination"),
            number: query.phone("number"),
            screening: query.value("screening"),
            period: query.value("period"),
            cursor: query.text("cursor"),
        }
    }
}

impl Chosen {
    fn filters(&self) -> bool {
        self.outcome.is_some()
            || self.channel.is_some()
            || self.destination.is_some()
            || self.number.is_some()
            || self.screening.is_some()
            || self.period.is_some()
    }
}

#[derive(Template)]
#[template(path = "calls.html")]
struct CallsPage {
    frame: Frame,
    selects: Vec<Select>,
    filtered: bool,
    heading: String,
    rows: Vec<Row>,
    older: Option<String>,
    newest: Option<String>,
    /// A number to try.
    example: Option<String>,
}

/// One filter: its choices are its value, its text and whether it is chosen.
pub(super) struct Select {
    pub name: &'static str,
    pub label: &'static str,
    /// What no choice means.
    pub any: &'static str,
    pub choices: Vec<(String, String, bool)>,
}

struct Row {
    id: String,
    badge: Badge,
    at: Moment,
    caller: String,
    /// What screening said, unless the caller was simply let in.
    screening: Option<String>,
    withheld: bool,
    number: String,
    destination: String,
    channel: Option<&'static str>,
    source: String,
    /// Said when the origin is not as good as certain.
    doubt: Option<String>,
    duration: Option<String>,
}

/// `GET /console/calls`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let filter = CallFilter {
        outcome: chosen.outcome,
        number: chosen.number.clone(),
        destination: chosen.destination.clone(),
        channel: chosen.channel,
        screening: chosen.screening,
        from: chosen.period.map(|period| period.before(app.clock.now())),
        ..CallFilter::default()
    };
    let window = Window { after: chosen.cursor.clone(), limit: ROWS };
    let calls = app.store.list_calls(&filter, &window).await?;
    let names = Names::load(&app).await?;

    page(&CallsPage {
        frame: Frame::new(lang, &here, Some(session.email)),
        selects: selects(lang, &app, &chosen, &names),
        filtered: chosen.filters(),
        heading: lang.calls_shown(calls.items.len(), calls.next.is_some()),
        rows: calls.items.into_iter().map(|row| Row::new(lang, &app, &names, row)).collect(),
        older: calls.next.map(|next| with_query(&here, "cursor", Some(&next))),
        newest: chosen.cursor.is_some().then(|| with_query(&here, "cursor", None)),
        example: names.numbers.first().map(|(number, _)| number.reveal().to_owned()),
    })
}

/// What the plan calls things.
struct Names {
    destinations: Vec<(DestinationId, String)>,
    numbers: Vec<(Phone, String)>,
}

impl Names {
    async fn load(app: &AppState) -> Result<Self, StoreError> {
        let destinations = app.store.list_destinations().await?;
        let numbers = app.store.list_numbers(&NumberFilter::default(), &Window::first(NUMBERS_MAX)).await?;
        Ok(Self {
            destinations: destinations.into_iter().map(|it| (it.id, it.name)).collect(),
            numbers: numbers.items.into_iter().map(|it| (it.number.e164, it.number.label)).collect(),
        })
    }

    fn destination(&self, id: &DestinationId) -> String {
        let known = self.destinations.iter().find(|(known, _)| known == id);
        known.map_or_else(|| id.to_string(), |(_, name)| name.clone())
    }
}

impl Row {
    fn new(lang: Lang, app: &AppState, names: &Names, row: CallRow) -> Self {
        let home = app.config.home;
        let record = row.record;
        let best = row.best.as_ref();
        let doubt = best.filter(|share| Certainty::of(share.probability) != Certainty::Certain);
        Self {
            id: record.id.to_string(),
            badge: Badge::new(lang, record.outcome),
            at: Moment::day_and_time(lang, record.arrived_at),
            caller: parts::caller(lang, record.caller.as_ref(), home),
            screening: (record.screening.as_ref())
                .filter(|said| said.verdict != Verdict::Allowed)
                .map(|said| lang.screening(said)),
            withheld: record.caller.is_none(),
            number: parts::phone(&record.number, home),
            destination: match &record.destination {
                Some(id) => names.destination(id),
                None => lang.texts().unknown_number.to_owned(),
            },
            channel: best.map(|share| parts::origin(lang, share)),
            source: best.map(parts::origin_detail).unwrap_or_default(),
            doubt: doubt.map(|share| lang.percent(share.probability)),
            duration: parts::duration(lang, &record),
        }
    }
}

fn selects(lang: Lang, app: &AppState, chosen: &Chosen, names: &Names) -> Vec<Select> {
    let t = lang.texts();
    let outcomes = parts::outcomes(lang).map(|(key, word)| {
        (key.to_owned(), word.to_owned(), chosen.outcome.is_some_and(|outcome| outcome.as_str() == key))
    });
    let channels = Channel::ALL.iter().map(|&channel| {
        (channel.as_str().to_owned(), lang.channel(channel).to_owned(), chosen.channel == Some(channel))
    });
    let destinations = names
        .destinations
        .iter()
        .map(|(id, name)| (id.to_string(), name.clone(), chosen.destination.as_ref() == Some(id)));
    let numbers = names.numbers.iter().map(|(number, label)| {
        let text = format!("{} · {label}", parts::phone(number, app.config.home));
        (number.reveal().to_owned(), text, chosen.number.as_ref() == Some(number))
    });
    let verdicts = Verdict::ALL.iter().map(|&verdict| {
        (verdict.as_str().to_owned(), lang.verdict(verdict).to_owned(), chosen.screening == Some(verdict))
    });
    let periods = Period::ALL.map(|period| {
        let text = match period {
            Period::Day => t.last_day,
            Period::Week => t.last_week,
            Period::Month => t.last_month,
        };
        (period.word().to_owned(), text.to_owned(), chosen.period == Some(period))
    });
    vec![
        Select { name: "outcome", label: t.outcome, any: t.all, choices: outcomes.collect() },
        Select { name: "channel", label: t.channel, any: t.all, choices: channels.collect() },
        Select { name: "destination", label: t.destination, any: t.all, choices: destinations.collect() },
        Select { name: "number", label: t.number, any: t.all, choices: numbers.collect() },
        Select { name: "screening", label: t.screening, any: t.all, choices: verdicts.collect() },
        Select { name: "period", label: t.period, any: t.all_time, choices: periods.into() },
    ]
}
