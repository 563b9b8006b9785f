//! One pool: how it was used over time, and how many numbers it needs, by the same replay as `whence pool advise`, as a
//! curve with its table beside it.

use std::time::Duration;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::permissions::{sees, within};
use super::pools::over_time::{By, OverTime};
use super::{Frame, page};
use crate::domain::ids::PoolId;
use crate::domain::tracking::advise::{Advice, NoAdvice, Question, Row, made_up};
use crate::flows::{AdviceError, AskedAdvice, pool_advised, rate_advised};
use crate::http::AppState;
use crate::http::api::advice::{Amount, Several, Within};
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{EditTexts, Lang, PoolTexts};

const MINUTE: u64 = 60;

/// What is tried; it all stands in the address.
pub struct Asked {
    /// What of its history is shown.
    by: By,
    is_saved: bool,
    /// `None`: the site's own visits.
    per_hour: Option<u32>,
    stay_s: u32,
    /// In minutes; empty: the pool's own.
    keep_alives: Vec<u32>,
    number_price: f64,
    call_worth: f64,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let days = query.value::<Within<1, 7>>("days").map_or(2, |it| it.0);
        let by = if query.text("by").is_some_and(|by| by == "days") { By::Days } else { By::HoursOf(days) };
        let keep_alives = query.value::<Several<Within<1, 1_440>, 3>>("keep_alive_min");
        Self {
            by,
            is_saved: query.text("saved").is_some(),
            per_hour: query.value::<Within<1, 10_000>>("per_hour").map(|it| it.0),
            stay_s: query.value::<Within<1, 86_400>>("stay_s").map_or(180, |it| it.0),
            keep_alives: keep_alives.map_or(vec![], |it| it.0.into_iter().map(|it| it.0).collect()),
            number_price: query.value::<Amount>("number_price").map_or(1.0, |it| it.0),
            call_worth: query.value::<Amount>("call_worth").map_or(5.0, |it| it.0),
        }
    }
}

#[derive(Template)]
#[template(path = "pool.html")]
struct PoolPage {
    frame: Frame,
    t: &'static PoolTexts,
    e: &'static EditTexts,
    is_saved: bool,
    over_time: OverTime,
    id: PoolId,
    per_hour: String,
    stay_s: u32,
    keep_alives: String,
    number_price: String,
    call_worth: String,
    /// How many visits were replayed, and how many an hour; `None`: too few to tell.
    replayed: Option<(usize, String)>,
    charts: Vec<Chart>,
}

/// One keep-alive: where the curves run, and the figures they are drawn from.
struct Chart {
    keep_alive: String,
    exhausted: String,
    wrong: String,
    /// Where another number stops paying: how many, and where that stands.
    knee: Option<(usize, u32)>,
    /// Sizes under the axis.
    ticks: Vec<(usize, u32)>,
    rows: Vec<RowView>,
}

struct RowView {
    numbers: usize,
    exhausted: String,
    erlang_b: String,
    wrong: String,
    last_holder_wrong: String,
    known_calls: String,
    monthly_cost: String,
    enough: bool,
}

/// `GET /console/pools/{id}`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<PoolId>,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let pools = app.store.list_pools(app.clock.now()).await?;
    let row = pools.into_iter().find(|row| row.pool.id == id).ok_or(HttpError::NotFound("pool"))?;
    let over_time = OverTime::of(&app, lang, &row, asked.by).await?;
    // Its site may be of another outlet than its calls: the visits of one that is not shown are not replayed either.
    let within = within(&app, session.post.outlet.as_ref()).await?;
    let site = app.store.find_site(&row.pool.site).await?;
    let replays = within.is_none() || site.is_some_and(|site| sees(within.as_ref(), &site.outlet));
    let advice = if replays || asked.per_hour.is_some() {
        advised(&app, &id, &asked).await
    } else {
        Err(NoAdvice::NoVisits.into())
    };
    let advice = match advice {
        Ok(advice) => Some(advice),
        Err(AdviceError::None(NoAdvice::NoVisits | NoAdvice::BadSize)) => None,
        Err(AdviceError::Flow(failure)) => return Err(failure.into()),
    };
    let rows = advice.as_ref().map_or(&[][..], |advice| &advice.rows);
    page(&PoolPage {
        frame: Frame::new(lang, &here, Some(&session)),
        t: lang.pool_texts(),
        e: lang.edit_texts(),
        is_saved: asked.is_saved,
        over_time,
        id,
        per_hour: asked.per_hour.map(|it| it.to_string()).unwrap_or_default(),
        stay_s: asked.stay_s,
        keep_alives: asked.keep_alives.iter().map(u32::to_string).collect::<Vec<_>>().join(","),
        number_price: asked.number_price.to_string(),
        call_worth: asked.call_worth.to_string(),
        replayed: advice.as_ref().map(|it| (it.visits, lang.calls(it.visits_per_hour))),
        charts: rows.chunk_by(|a, b| a.keep_alive == b.keep_alive).map(|rows| chart(lang, rows)).collect(),
    })
}

async fn advised(app: &AppState, id: &PoolId, asked: &Asked) -> Result<Advice, AdviceError> {
    let keep_alives: Vec<Duration> =
        asked.keep_alives.iter().map(|it| Duration::from_secs(u64::from(*it) * MINUTE)).collect();
    let Asked { number_price, call_worth, .. } = *asked;
    let Some(per_hour) = asked.per_hour else {
        let since = Duration::from_secs(30 * 86_400);
        let asked = AskedAdvice {
            pool: id.clone(),
            since,
            sizes: vec![],
            keep_alives,
            number_price,
            call_worth,
            seed: 1,
        };
        return pool_advised(&app.store, &app.clock, asked).await;
    };
    let pools = app.store.list_pools(app.clock.now()).await?;
    let pool = pools.into_iter().find(|row| row.pool.id == *id);
    let policy = pool.ok_or(crate::flows::FlowError::NotFound { what: "pool" })?.pool.policy;
    let stay = Duration::from_secs(asked.stay_s.into());
    let (visits, priors) = made_up(f64::from(per_hour), stay, 1);
    let keep_alives = if keep_alives.is_empty() { vec![policy.keep_alive] } else { keep_alives };
    let quarantine = policy.quarantine;
    rate_advised(Question {
        visits,
        priors,
        sizes: vec![],
        keep_alives,
        quarantine,
        number_price,
        call_worth,
        seed: 1,
    })
    .await
}

/// The plot is 600 wide and 200 high, and begins at 40, 10.
fn chart(lang: Lang, rows: &[Row]) -> Chart {
    let most = rows.iter().map(|row| row.numbers).max().unwrap_or(1).max(1) as f64;
    let x = |numbers: usize| (40.0 + numbers as f64 / most * 590.0).round() as u32;
    let y = |share: f64| 210.0 - share.clamp(0.0, 1.0) * 200.0;
    let line = |of: fn(&Row) -> f64| {
        let points = rows.iter().map(|row| format!("{},{:.1}", x(row.numbers), y(of(row))));
        points.collect::<Vec<_>>().join(" ")
    };
    let enough = rows.iter().find(|row| row.enough);
    let mut ticks: Vec<(usize, u32)> = Vec::new();
    for row in rows {
        let at = x(row.numbers);
        if ticks.last().is_none_or(|(_, last)| at - last >= 40) {
            ticks.push((row.numbers, at));
        }
    }
    Chart {
        keep_alive: lang.span(rows.first().map(|row| row.keep_alive).unwrap_or_default()),
        exhausted: line(|row| row.exhausted.mean),
        wrong: line(|row| row.wrong),
        knee: enough.map(|row| (row.numbers, x(row.numbers))),
        ticks,
        rows: rows
            .iter()
            .map(|row| RowView {
                numbers: row.numbers,
                exhausted: lang.percent(row.exhausted.mean),
                erlang_b: lang.percent(row.erlang_b),
                wrong: lang.percent(row.wrong),
                last_holder_wrong: lang.percent(row.last_holder_wrong),
                known_calls: lang.calls(row.known_calls),
                monthly_cost: lang.calls(row.monthly_cost),
                enough: row.enough,
            })
            .collect(),
    }
}
