//! What calls cost and what they brought: figures, a row for each channel, source, campaign or outlet, what the next
//! euro would bring, and the costs themselves, to be written and taken back.

pub mod costs;
mod figures;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use self::costs::{Fields, Ledger};
use self::figures::{RowView, row_views, tiles};
use super::asked::{AskedView, read_or, seen_by};
use super::overview::{Link, Names, Tile, with_query_without};
use super::permissions::sends;
use super::shared::Who;
use super::{Frame, page, with_query};
use crate::domain::ids::CostId;
use crate::domain::money::{Currency, Money};
use crate::domain::reporting::costs::OF_COSTS;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::next_euro::{Marginal, Outlook};
use crate::domain::reporting::period::Period;
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
        let mut by = query.value("by").unwrap_or_default();
        if !OF_COSTS.contains(&by) {
            query.refuse("by", "must be what costs are told apart by, for instance channel".to_owned());
            // An address that was kept is read as far as it goes.
            by = Dimension::default();
        }
        let currency = query.value("currency");
        let (cursor, deleted) = (query.text("cursor"), query.id("deleted"));
        let brought = query.value("brought");
        let asked = read_or(query, Period::default());
        Self { asked, by, currency, cursor, deleted, brought }
    }
}

#[derive(Template)]
#[template(path = "money.html")]
struct MoneyPage {
    frame: Frame,
    t: &'static MoneyTexts,
    o: &'static OverviewTexts,
    asked: AskedView,
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
    /// The costs themselves; not for guests.
    ledger: Option<Ledger>,
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
    let mut ledger = Ledger::load(&app, lang, &here, cursor, Fields::default(), &session.post).await?;
    if let Some(id) = deleted.filter(|_| sends(&session.post, "/console/money/costs")) {
        ledger.tell_deleted(&app, lang, id).await?;
    }
    ledger.told = brought.map(|lines| lang.costs_brought(lines));
    shown(&app, lang, &here, &headers, chosen, Who::User(session), Some(ledger)).await
}

/// The report alone, for whoever has a link.
pub(super) async fn filled(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    headers: &HeaderMap,
    chosen: Chosen,
    who: Who,
) -> Result<Response, HttpError> {
    shown(app, lang, here, headers, chosen, who, None).await
}

/// `GET /console/money.csv`: all rows.
pub async fn export(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let Chosen { asked, by, currency, .. } = chosen;
    let asked = seen_by(&app, &Who::User(session), &headers, asked).await?;
    money_table(&app, &asked, by, currency, Reader::Spreadsheet(lang)).await
}

/// The page with these costs below.
async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    headers: &HeaderMap,
    chosen: Chosen,
    who: Who,
    ledger: Option<Ledger>,
) -> Result<Response, HttpError> {
    let Chosen { asked, by, currency, .. } = chosen;
    let asked = seen_by(app, &who, headers, asked).await?;
    let zone = asked.zone.clone().unwrap_or_default();
    let reported = asked.report(app, vec![by], usize::MAX).await?;
    let accounts = Accounts::of(app, &asked, &reported, by, currency).await?;
    let rows = accounts.rows(&reported.counted);
    let told = outlooks(app, &asked, accounts.currency).await?;
    let named: Vec<Dimension> = asked.only.iter().map(|(it, _)| *it).chain([by]).collect();
    let names = Names::load(app, &named).await?;

    page(&MoneyPage {
        t: lang.money_texts(),
        o: lang.overview_texts(),
        asked: AskedView::of(lang, app, &who, here, &asked, &reported.period, &names),
        zone: zone.name().to_owned(),
        tiles: tiles(lang, &accounts),
        notes: notes(lang, &accounts, who.outlet().is_some()),
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
        frame: Frame::of(lang, here, &who),
    })
}

/// What is in none of the figures. Whoever sees a part is not told how much the whole network spends.
fn notes(lang: Lang, accounts: &Accounts, sees_part: bool) -> Vec<String> {
    let not_theirs = sees_part.then(|| lang.money_texts().not_theirs.to_owned());
    let unsaid = accounts.currency.filter(|_| accounts.unsaid > 0 && !sees_part);
    let unsaid = unsaid.map(|currency| lang.money_unsaid(Money { minor: accounts.unsaid, currency }));
    let others = accounts.left_out.iter().map(|(currency, cost, revenue)| {
        lang.money_left_out(Money { minor: *cost, currency: *currency }, *revenue)
    });
    not_theirs.into_iter().chain(unsaid).chain(others).collect()
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
