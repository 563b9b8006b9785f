//! What calls cost and what they brought: figures, a row for each channel, source, campaign or outlet, what the next
//! euro would bring, and the costs themselves, to be written and taken back.

pub mod costs;
mod figures;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::civil::Date;

use self::costs::{Fields, Ledger};
use self::figures::{RowView, row_views, tiles};
use super::overview::{Link, Names, Tile, compares, kept_but, periods, with_query_without, zone_told};
use super::{Frame, page, with_query};
use crate::domain::ids::CostId;
use crate::domain::money::{Currency, Money};
use crate::domain::reporting::costs::OF_COSTS;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::next_euro::{Marginal, Outlook};
use crate::domain::reporting::period::BadPeriod;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::http::AppState;
use crate::http::api::as_csv::money_table;
use crate::http::api::export::Reader;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{Lang, MoneyTexts, OverviewTexts};
use crate::http::money::{Accounts, MORE, Outlooks, outlooks};
use crate::http::report;

pub use self::costs::bring;
pub(super) use self::figures::cost_tiles;

const HERE: &str = "/console/money";
const ROWS: usize = 100;

/// What the reader chose.
pub struct Chosen {
    asked: report::Asked,
    by: Dimension,
    currency: Option<Currency>,
    /// Which part of the costs.
    cursor: Option<String>,
    /// The cost that was just deleted.
    deleted: Option<CostId>,
    /// How many lines were just brought.
    brought: Option<u64>,
}

impl FromQuery for Chosen {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let by = query.value("by").filter(|it| OF_COSTS.contains(it)).unwrap_or_default();
        let currency = query.value("currency");
        let (cursor, deleted) = (query.text("cursor"), query.id("deleted"));
        let brought = query.value("brought");
        let days = (query.value::<Date>("from"), query.value::<Date>("to"));
        let mut asked = report::Asked::read(query);
        if let (Some(first), Some(last)) = days {
            match format!("{}..{}", first.min(last), first.max(last)).parse() {
                Ok(period) => asked.period = period,
                Err(BadPeriod) => query.refuse("from", BadPeriod.to_string()),
            }
        }
        Self { asked, by, currency, cursor, deleted, brought }
    }
}

#[derive(Template)]
#[template(path = "money.html")]
struct MoneyPage {
    frame: Frame,
    t: &'static MoneyTexts,
    o: &'static OverviewTexts,
    periods: Vec<Link>,
    compares: Vec<Link>,
    days: (String, String),
    kept: Vec<(String, String)>,
    /// Each filter: what it asks, and the address without it.
    filters: Vec<(String, String)>,
    unfiltered: String,
    zone: String,
    tiles: Vec<Tile>,
    /// What is not in the figures.
    notes: Vec<String>,
    /// Costs cannot be told with these filters.
    is_unknowable: bool,
    /// There are neither calls nor costs.
    is_empty: bool,
    tabs: Vec<Link>,
    heading: &'static str,
    /// In which the amounts of the rows are.
    currency: Option<String>,
    rows: Vec<RowView>,
    cut: bool,
    csv: String,
    /// The channel, and what more would bring it.
    outlooks: Vec<(String, String)>,
    verdict: Option<String>,
    ledger: Ledger,
}

/// `GET /console/money`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let (cursor, deleted, brought) = (chosen.cursor.clone(), chosen.deleted, chosen.brought);
    // What was just done is told once.
    let here = with_query_without(&here, &["deleted", "brought"]);
    let mut ledger = Ledger::load(&app, lang, &here, cursor, Fields::default()).await?;
    if let Some(id) = deleted {
        ledger.tell_deleted(&app, lang, id).await?;
    }
    ledger.told = brought.map(|lines| lang.costs_brought(lines));
    shown(&app, lang, &here, session, &headers, chosen, ledger).await
}

/// `GET /console/money.csv`: all rows.
pub async fn export(
    _: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let Chosen { mut asked, by, currency, .. } = chosen;
    asked.zone = asked.zone.or_else(|| zone_told(&headers));
    money_table(&app, &asked, by, currency, Reader::Spreadsheet(lang)).await
}

/// The page with these costs below.
async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: Session,
    headers: &HeaderMap,
    chosen: Chosen,
    ledger: Ledger,
) -> Result<Response, HttpError> {
    let Chosen { mut asked, by, currency, .. } = chosen;
    asked.zone = asked.zone.or_else(|| zone_told(headers));
    let zone = asked.zone.clone().unwrap_or_default();
    let reported = asked.report(app, vec![by], usize::MAX).await?;
    let accounts = Accounts::of(app, &asked, &reported, by, currency).await?;
    let rows = accounts.rows(&reported.counted);
    let told = outlooks(app, &asked, accounts.currency).await?;
    let named: Vec<Dimension> = asked.only.iter().map(|(it, _)| *it).chain([by]).collect();
    let names = Names::load(app, &named).await?;
    let period = &reported.period;
    let day = |at: Timestamp| zone.0.to_datetime(at.to_calendar()).date().to_string();
    let last = Timestamp::from_ms(period.end.as_ms() - 1);

    page(&MoneyPage {
        t: lang.money_texts(),
        o: lang.overview_texts(),
        periods: periods(lang, here, asked.period),
        compares: compares(lang, here, asked.against),
        days: (day(period.start), day(last.max(period.start))),
        kept: kept_but(here, &["from", "to", "period"]),
        filters: asked
            .only
            .iter()
            .map(|(it, label)| {
                let text = names.text(lang, app, *it, Some(label).filter(|it| *it != report::NOT_SET));
                (format!("{}: {text}", lang.dimension(*it)), with_query(here, it.as_str(), None))
            })
            .collect(),
        unfiltered: with_query_without(here, &Dimension::ALL.map(Dimension::as_str)).to_string(),
        zone: zone.name().to_owned(),
        tiles: tiles(lang, &accounts),
        notes: notes(lang, &accounts),
        is_unknowable: accounts.total.cost.is_none(),
        is_empty: rows.is_empty(),
        tabs: OF_COSTS
            .map(|it| {
                let address = format!("{}#rows", with_query(here, "by", Some(it.as_str())));
                (address, lang.dimension(it).to_owned(), it == by)
            })
            .into(),
        heading: lang.dimension(by),
        currency: accounts.currency.map(|it| it.to_string()),
        cut: rows.len() > ROWS,
        csv: here.to_string().replacen(HERE, "/console/money.csv", 1),
        rows: row_views(lang, app, here, &names, by, accounts.currency, &rows[..rows.len().min(ROWS)]),
        verdict: verdict(lang, &told.channels),
        outlooks: outlook_texts(lang, &told),
        ledger,
        frame: Frame::new(lang, here, Some(&session)),
    })
}

/// What is in none of the figures.
fn notes(lang: Lang, accounts: &Accounts) -> Vec<String> {
    let unsaid = accounts.currency.filter(|_| accounts.unsaid > 0);
    let unsaid = unsaid.map(|currency| lang.money_unsaid(Money { minor: accounts.unsaid, currency }));
    let others = accounts.left_out.iter().map(|(currency, cost, revenue)| {
        lang.money_left_out(Money { minor: *cost, currency: *currency }, *revenue)
    });
    unsaid.into_iter().chain(others).collect()
}

fn outlook_texts(lang: Lang, told: &Outlooks) -> Vec<(String, String)> {
    let Some(currency) = told.currency else { return vec![] };
    let more = Money { minor: MORE, currency };
    told.channels
        .iter()
        .map(|(it, outlook)| (lang.channel(*it).to_owned(), lang.outlook(outlook, more)))
        .collect()
}

/// Which channel brings the most for certain; `None` where there is nothing to choose from.
fn verdict(lang: Lang, told: &[(Channel, Outlook)]) -> Option<String> {
    let mut told: Vec<(Channel, Marginal)> = told
        .iter()
        .filter_map(|(it, outlook)| if let Outlook::Told(told) = outlook { Some((*it, *told)) } else { None })
        .collect();
    told.sort_by(|(_, x), (_, y)| y.calls.total_cmp(&x.calls));
    let ((best, first), others) = told.split_first()?;
    let most = others.iter().map(|(_, it)| it.to).reduce(f64::max)?;
    Some(if first.from > most {
        lang.next_euro_best(lang.channel(*best))
    } else {
        lang.money_texts().unclear.to_owned()
    })
}
