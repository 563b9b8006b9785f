//! The costs on the page of money: written by a form, brought as a table, deleted and put back.

use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::{Chosen, HERE, shown};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::CostId;
use crate::domain::outlet::Outlet;
use crate::domain::reporting::cost_lines::{Amount, COLUMNS, Draft};
use crate::domain::reporting::costs::{Cost, Days, Of};
use crate::domain::staff::Post;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::flows::{CostError, cost_deleted, cost_put_back};
use crate::http::console::parts::{self, Moment};
use crate::http::console::permissions::{ids_of, sees, within};
use crate::http::console::shared::Who;
use crate::http::console::with_query;
use crate::http::costs::{Refused, brought, written};
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Session};
use crate::http::language::Lang;
use crate::http::{AppState, TABLE_MAX};
use crate::store::{CostFilter, CostRow, Window};

const ROWS: u32 = 20;
/// What a table may look like.
const EXAMPLE: &str = "2026-11-01,2026-11-30,Paid Search,google,spring,,1250.50,EUR,,google-ads 2026-11\n\
                       2026-11-15,,Offline,flyer,,,300,EUR,\"Printed, 2000 pieces\",flyer-2026-11\n";

/// What the form sends; what it is filled with again when it will not do.
#[derive(Default)]
pub struct Fields {
    pub first_day: String,
    pub last_day: String,
    pub channel: String,
    pub source: String,
    pub campaign: String,
    pub outlet: String,
    pub amount: String,
    pub currency: String,
    pub note: String,
}

impl FromQuery for Fields {
    fn read(form: &mut QueryReader<'_>) -> Self {
        let mut text = |name: &'static str| form.text(name).unwrap_or_default().trim().to_owned();
        Self {
            first_day: text("first_day"),
            last_day: text("last_day"),
            channel: text("channel"),
            source: text("source"),
            campaign: text("campaign"),
            outlet: text("outlet"),
            amount: text("amount"),
            currency: text("currency"),
            note: text("note"),
        }
    }
}

impl From<&Fields> for Draft {
    fn from(it: &Fields) -> Self {
        Self {
            first_day: it.first_day.clone(),
            last_day: it.last_day.clone(),
            channel: it.channel.clone(),
            source: it.source.clone(),
            campaign: it.campaign.clone(),
            outlet: it.outlet.clone(),
            amount: Amount::Written(it.amount.clone()),
            currency: it.currency.clone(),
            note: it.note.clone(),
            key: String::new(),
        }
    }
}

/// What was written down, and what it is written with.
pub(super) struct Ledger {
    pub rows: Vec<CostView>,
    /// What the plan says of its media.
    pub of_plan: Vec<CostView>,
    pub older: Option<String>,
    pub newest: Option<String>,
    /// A cost that was just deleted: its id, and what it was.
    pub deleted: Option<(String, String)>,
    /// What was just done.
    pub told: Option<String>,
    pub wrong: Vec<String>,
    pub wrong_table: Vec<String>,
    pub filled: Fields,
    /// Each with its text, and whether it is chosen.
    pub channels: Vec<(&'static str, &'static str, bool)>,
    pub outlets: Vec<(String, String, bool)>,
    pub example: String,
}

pub(super) struct CostView {
    pub id: String,
    pub days: String,
    pub channel: &'static str,
    /// Source, campaign and outlet, as far as they are said.
    pub details: String,
    pub amount: String,
    pub note: String,
    /// When it was written; `None`: the plan says it.
    pub at: Option<Moment>,
}

impl CostView {
    /// All of it in a line, for whoever deletes it.
    pub fn whole(&self) -> String {
        let details = if self.details.is_empty() { String::new() } else { format!(" · {}", self.details) };
        format!("{} · {}{details} · {}", self.amount, self.channel, self.days)
    }
}

impl Ledger {
    pub async fn load(
        app: &AppState,
        lang: Lang,
        here: &Uri,
        cursor: Option<String>,
        filled: Fields,
        post: &Post,
    ) -> Result<Self, HttpError> {
        let window = Window { after: cursor, limit: ROWS };
        let part = within(app, post.outlet.as_ref()).await?;
        let within = part.as_ref().map(ids_of);
        let filter = CostFilter { within, ..CostFilter::default() };
        let found = app.store.list_costs(&filter, &window).await?;
        let mut outlets = app.store.list_outlets().await?;
        outlets.retain(|it| sees(part.as_ref(), &it.id));
        let is_theirs =
            |cost: &Cost| cost.of.outlet.as_ref().map_or(part.is_none(), |id| sees(part.as_ref(), id));
        let of_plan = app.store.list_costs_of_media().await?.into_iter();
        let of_plan = of_plan.filter(|(_, cost)| is_theirs(cost)).map(|(number, cost)| CostView {
            note: parts::phone(&number, app.config.home),
            ..view(lang, &outlets, String::new(), &cost.of, cost.days, lang.money(cost.money), None)
        });
        let of_plan = of_plan.collect();
        let link = |cursor: Option<&str>| format!("{}#costs", with_query(here, "cursor", cursor));
        let chosen = |id: &str, asked: &str| id == asked;
        Ok(Self {
            of_plan,
            rows: found.items.iter().map(|row| of_row(lang, &outlets, row)).collect(),
            older: found.next.map(|next| link(Some(&next))),
            newest: window.after.is_some().then(|| link(None)),
            deleted: None,
            told: None,
            wrong: vec![],
            wrong_table: vec![],
            channels: Channel::ALL
                .iter()
                .map(|it| (it.as_str(), lang.channel(*it), chosen(it.as_str(), &filled.channel)))
                .collect(),
            outlets: outlets
                .into_iter()
                .map(|outlet| {
                    let is_chosen = chosen(outlet.id.as_str(), &filled.outlet);
                    (outlet.id.to_string(), outlet.name, is_chosen)
                })
                .collect(),
            filled,
            example: format!("{}\n{EXAMPLE}", COLUMNS.join(",")),
        })
    }

    /// Says which cost was just deleted, if it still is.
    pub async fn tell_deleted(&mut self, app: &AppState, lang: Lang, id: CostId) -> Result<(), HttpError> {
        let row = app.store.find_cost(id).await?.filter(|row| row.deleted_at.is_some());
        if let Some(row) = row {
            let view = of_row(lang, &app.store.list_outlets().await?, &row);
            self.deleted = Some((view.id.clone(), view.whole()));
        }
        Ok(())
    }
}

fn of_row(lang: Lang, outlets: &[Outlet], row: &CostRow) -> CostView {
    let cost = &row.line.cost;
    let (amount, at) = (lang.money(cost.money), Some(Moment::day(lang, row.created_at)));
    let note = row.line.note.clone().unwrap_or_default();
    CostView { note, ..view(lang, outlets, row.id.to_string(), &cost.of, cost.days, amount, at) }
}

fn view(
    lang: Lang,
    outlets: &[Outlet],
    id: String,
    of: &Of,
    days: Days,
    amount: String,
    at: Option<Moment>,
) -> CostView {
    let outlet = of.outlet.as_ref().map(|id| {
        let known = outlets.iter().find(|outlet| outlet.id == *id);
        known.map_or_else(|| id.to_string(), |outlet| outlet.name.clone())
    });
    let details: Vec<String> =
        [of.source.clone(), of.campaign.clone(), outlet].into_iter().flatten().collect();
    let day = |day: jiff::civil::Date| {
        let at = day.to_zoned(jiff::tz::TimeZone::UTC).map(|at| at.timestamp().as_millisecond());
        lang.day(Timestamp::from_ms(at.unwrap_or_default()))
    };
    let days = if days.many() == 1 {
        day(days.first())
    } else {
        format!("{} – {}", day(days.first()), day(days.last()))
    };
    CostView {
        id,
        days,
        channel: lang.channel(of.channel),
        details: details.join(" · "),
        amount,
        note: String::new(),
        at,
    }
}

/// `POST /console/money/costs`
pub async fn write(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Result<Response, HttpError> {
    match written(&app, Accessor::User(session.user), &Draft::from(&fields)).await {
        Ok(_) => Ok(Redirect::to(&format!("{HERE}#costs")).into_response()),
        Err(refused) => {
            let mut ledger = Ledger::load(&app, lang, &here(), None, fields, &session.post).await?;
            ledger.wrong = told(lang, refused)?;
            again(&app, lang, session, &headers, ledger).await
        }
    }
}

/// `POST /console/money/table`
pub async fn bring(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    mut form: Multipart,
) -> Result<Response, HttpError> {
    let broke = |failure: MultipartError| {
        if failure.status() == StatusCode::PAYLOAD_TOO_LARGE {
            HttpError::TooLarge { limit: TABLE_MAX }
        } else {
            HttpError::Invalid(vec![BadField::new("file", "the form broke off")])
        }
    };
    while let Some(field) = form.next_field().await.map_err(broke)? {
        if field.name() != Some("file") {
            continue;
        }
        let table = field.bytes().await.map_err(broke)?;
        return match brought(&app, Accessor::User(session.user), &table).await {
            Ok(lines) => Ok(Redirect::to(&format!("{HERE}?brought={}#costs", lines.len())).into_response()),
            Err(refused) => {
                let mut ledger =
                    Ledger::load(&app, lang, &here(), None, Fields::default(), &session.post).await?;
                ledger.wrong_table = told(lang, refused)?;
                again(&app, lang, session, &headers, ledger).await
            }
        };
    }
    Err(HttpError::Invalid(vec![BadField::new("file", "is missing")]))
}

/// `POST /console/money/costs/{id}/delete`; one that is gone already is gone.
pub async fn delete(
    _: Session,
    State(app): State<AppState>,
    Path(id): Path<CostId>,
) -> Result<Response, HttpError> {
    match cost_deleted(&app.store, &app.clock, id).await {
        Ok(_) | Err(CostError::NotFound) => {
            Ok(Redirect::to(&format!("{HERE}?deleted={id}#costs")).into_response())
        }
        Err(refused) => Err(Refused::from(refused).into()),
    }
}

/// `POST /console/money/costs/{id}/restore`
pub async fn restore(
    _: Session,
    State(app): State<AppState>,
    Path(id): Path<CostId>,
) -> Result<Response, HttpError> {
    cost_put_back(&app.store, id).await.map_err(Refused::from)?;
    Ok(Redirect::to(&format!("{HERE}#costs")).into_response())
}

/// The page itself, whatever was posted to.
fn here() -> Uri {
    HERE.parse().expect("a path")
}

/// What is wrong, in the reader's words.
fn told(lang: Lang, refused: Refused) -> Result<Vec<String>, HttpError> {
    match refused {
        Refused::Faults(faults) => Ok(faults.iter().map(|fault| lang.cost_fault(fault)).collect()),
        Refused::Table(faults) => Ok(faults.iter().map(|fault| lang.cost_table_fault(fault)).collect()),
        Refused::Cost(CostError::Store(failure)) => Err(failure.into()),
        Refused::Cost(refused) => Ok(vec![lang.cost_refused(&refused).to_owned()]),
    }
}

/// The page once more, with what was refused.
async fn again(
    app: &AppState,
    lang: Lang,
    session: Session,
    headers: &HeaderMap,
    ledger: Ledger,
) -> Result<Response, HttpError> {
    let chosen = Chosen::read(&mut QueryReader::new(""));
    let page = shown(app, lang, &here(), headers, chosen, Who::User(session), Some(ledger)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
