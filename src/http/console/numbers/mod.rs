//! The tracking numbers: searched and filtered, each with where it is in its life; many of them changed at once.

pub mod bulk;
pub mod one;
pub mod table;

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::calls::Select;
use super::parts::{self, Moment};
use super::permissions::{ids_of, plan_seen, within};
use super::plan_choices::{self, Choice};
use super::{Frame, page, with_query};
use crate::domain::ids::{DestinationId, OutletId, PoolId};
use crate::domain::phone::Phone;
use crate::domain::plan::Draft;
use crate::domain::tracking::number::{NumberKind, TrackingNumber};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{EditTexts, Lang, NumberTexts};
use crate::store::number_uses::NumberUse;
use crate::store::{NumberFilter, NumberRow, Window};

pub(super) const HERE: &str = "/console/numbers";
const ROWS: u32 = 50;
const LATELY: Duration = Duration::from_secs(30 * 86_400);

/// What is looked for.
#[derive(Default)]
pub struct Asked {
    filter: NumberFilter,
    cursor: Option<String>,
    /// An edit was just applied.
    is_saved: bool,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let filter = NumberFilter {
            pool: query.value("pool"),
            outlet: query.value("outlet"),
            within: None,
            destination: query.value("destination"),
            is_static: query.text("kind").map(|kind| kind == "medium"),
            in_service: query.text("service").map(|service| service == "in"),
            search: query.text("search"),
        };
        Self { filter, cursor: query.text("cursor"), is_saved: query.text("saved").is_some() }
    }
}

#[derive(Template)]
#[template(path = "numbers.html")]
struct NumbersPage {
    frame: Frame,
    t: &'static NumberTexts,
    e: &'static EditTexts,
    search: String,
    selects: Vec<Select>,
    is_filtered: bool,
    is_saved: bool,
    wrong: Vec<String>,
    rows: Vec<RowView>,
    outlets: Vec<Choice>,
    destinations: Vec<Choice>,
    pools: Vec<Choice>,
    further: Option<String>,
    first: Option<String>,
}

struct RowView {
    e164: String,
    number: String,
    label: String,
    stands: String,
    since: Option<Moment>,
    in_service: bool,
    outlet: String,
    destination: String,
    /// What it stands for, or the pool that lends it.
    what: String,
    pool: Option<String>,
    last_call: Option<Moment>,
    calls: u64,
}

/// `GET /console/numbers`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    listed(&app, lang, &here, &session, asked, vec![]).await
}

/// The list, above it what was wrong with an edit.
async fn listed(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    Asked { mut filter, cursor, is_saved }: Asked,
    wrong: Vec<String>,
) -> Result<Response, HttpError> {
    let (draft, _) = plan_seen(app, &session.post).await?;
    let within = within(app, session.post.outlet.as_ref()).await?;
    filter.within = within.as_ref().map(ids_of);
    let window = Window { after: cursor, limit: ROWS };
    let found = app.store.list_numbers(&filter, &window).await?;
    let numbers: Vec<Phone> = found.items.iter().map(|row| row.number.e164.clone()).collect();
    let uses = app.store.number_uses(&numbers, app.clock.now() - LATELY).await?;
    let views =
        Views { app, lang, draft: &draft, sees_all: within.is_none(), quarantines: quarantines(app).await? };
    let here_now = without_notice(here);
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = page(&NumbersPage {
        t: lang.number_texts(),
        e: lang.edit_texts(),
        rows: found.items.iter().map(|row| views.row(row, &uses)).collect(),
        further: found.next.map(|next| with_query(&here_now, "cursor", Some(&next))),
        first: window.after.is_some().then(|| with_query(&here_now, "cursor", None)),
        is_filtered: filter.is_anything(),
        selects: selects(lang, &draft, &filter),
        search: filter.search.unwrap_or_default(),
        is_saved,
        wrong,
        outlets: plan_choices::outlets(&draft, ""),
        destinations: plan_choices::destinations(&draft, ""),
        pools: plan_choices::pools(&draft, ""),
        frame: Frame::new(lang, here, Some(session)),
    })?;
    Ok((status, shown).into_response())
}

/// What was just done is told once.
fn without_notice(here: &Uri) -> Uri {
    with_query(here, "saved", None).parse().unwrap_or_else(|_| Uri::from_static(HERE))
}

fn selects(lang: Lang, draft: &Draft, filter: &NumberFilter) -> Vec<Select> {
    let (t, e) = (lang.number_texts(), lang.edit_texts());
    let two = |first: (&str, &'static str), second: (&str, &'static str), is_first: Option<bool>| {
        let choice =
            |(value, text): (&str, &str), is_it| (value.to_owned(), text.to_owned(), is_first == Some(is_it));
        vec![choice(first, true), choice(second, false)]
    };
    let chosen = |id: Option<&str>| id.unwrap_or_default().to_owned();
    let select = |name, label, choices| Select { name, label, any: t.any, choices };
    vec![
        select(
            "outlet",
            e.outlet,
            plan_choices::outlets(draft, &chosen(filter.outlet.as_ref().map(OutletId::as_str))),
        ),
        select(
            "destination",
            t.destination,
            plan_choices::destinations(
                draft,
                &chosen(filter.destination.as_ref().map(DestinationId::as_str)),
            ),
        ),
        select("pool", t.pool, plan_choices::pools(draft, &chosen(filter.pool.as_ref().map(PoolId::as_str)))),
        select("kind", t.kind, two(("medium", t.of_medium), ("pool", t.pooled), filter.is_static)),
        select("service", t.service, two(("in", t.in_service), ("out", t.out_of_service), filter.in_service)),
    ]
}

/// How long the numbers of each pool rest.
async fn quarantines(app: &AppState) -> Result<HashMap<PoolId, Duration>, HttpError> {
    let pools = app.store.list_pools(app.clock.now()).await?;
    Ok(pools.into_iter().map(|row| (row.pool.id, row.pool.policy.quarantine)).collect())
}

/// What rows are written with.
struct Views<'a> {
    app: &'a AppState,
    lang: Lang,
    /// As far as the reader sees it.
    draft: &'a Draft,
    sees_all: bool,
    quarantines: HashMap<PoolId, Duration>,
}

impl Views<'_> {
    fn row(&self, row: &NumberRow, uses: &HashMap<Phone, NumberUse>) -> RowView {
        let TrackingNumber { e164, outlet, destination, label, kind, in_service, .. } = &row.number;
        let found = uses.get(e164).copied().unwrap_or_default();
        // What was taken out of the plan has no name any more.
        let named = |found: Option<&String>, id: &str| found.map_or_else(|| id.to_owned(), Clone::clone);
        let of_outlet = self.draft.outlets.iter().find(|it| it.id == outlet.as_str()).map(|it| &it.name);
        let its_destination = self.draft.destinations.iter().find(|it| it.id == destination.as_str());
        let (what, pool) = match kind {
            NumberKind::Pooled(pool) => (String::new(), Some(pool.to_string())),
            NumberKind::Static(medium) => {
                let channel = self.lang.channel(medium.channel);
                (format!("{channel} · {} / {}", medium.source, medium.medium), None)
            }
        };
        RowView {
            e164: e164.reveal().to_owned(),
            number: parts::phone(e164, self.app.config.home),
            label: label.clone(),
            stands: self.stage(row),
            since: row.stands_since.map(|at| Moment::day(self.lang, at)),
            in_service: *in_service,
            outlet: named(of_outlet, outlet.as_str()),
            destination: its_destination.map_or_else(
                || self.lang.nameless_destination(destination, self.sees_all),
                |it| it.name.clone(),
            ),
            what,
            pool,
            last_call: found.last_call.map(|at| Moment::day_and_time(self.lang, at)),
            calls: found.calls,
        }
    }

    fn stage(&self, row: &NumberRow) -> String {
        let quarantine = match &row.number.kind {
            NumberKind::Pooled(pool) => self.quarantines.get(pool).copied().unwrap_or_default(),
            NumberKind::Static(_) => Duration::ZERO,
        };
        let now = self.app.clock.now();
        self.lang.stage(row.number.stage(row.free_at, row.lease.is_some(), quarantine, now))
    }
}
