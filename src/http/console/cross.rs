//! Calls by two things at once, regions against channels for instance, and where they meet more than chance explains.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use url::form_urlencoded;

use super::asked::{AskedView, read_or, seen_by};
use super::overview::{Link, Names, range};
use super::shared::Who;
use super::{Frame, page, with_query};
use crate::domain::reporting::association::{Strength, Tie};
use crate::domain::reporting::cross::Meeting;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::period::Period;
use crate::domain::reporting::sums::{Sums, calls};
use crate::http::AppState;
use crate::http::api::cross::{exported, sides};
use crate::http::api::export::Reader;
use crate::http::cross::{Label, Size, Table};
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{Lang, NetworkTexts, OverviewTexts};
use crate::http::report::{self, NOT_SET};

const SIZE: Size = Size { rows: 40, columns: 8 };
const SIZE_OF_EXPORT: Size = Size { rows: 1_000, columns: 50 };

/// Tables that people ask for most.
const USUAL: [(Dimension, Dimension); 5] = [
    (Dimension::Region, Dimension::Channel),
    (Dimension::Outlet, Dimension::Campaign),
    (Dimension::Outlet, Dimension::Channel),
    (Dimension::Channel, Dimension::Outcome),
    (Dimension::LandingPage, Dimension::Device),
];

/// What the reader chose.
pub struct Chosen {
    asked: report::Asked,
    rows: Dimension,
    columns: Dimension,
}

impl FromQuery for Chosen {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let (rows, columns) = sides(query);
        Self { rows, columns, asked: read_or(query, Period::default()) }
    }
}

/// A choice: its value, its text, whether it is chosen.
type Choice = (&'static str, &'static str, bool);

#[derive(Template)]
#[template(path = "cross.html")]
struct CrossPage {
    frame: Frame,
    t: &'static NetworkTexts,
    o: &'static OverviewTexts,
    zone: String,
    asked: AskedView,
    usual: Vec<Link>,
    /// What rows and columns may be: the value, its name, whether it is.
    sides: [(&'static str, &'static str, Vec<Choice>); 2],
    /// What the form must not forget.
    kept: Vec<(String, String)>,
    heading: String,
    columns: Vec<String>,
    rows: Vec<RowView>,
    csv: String,
}

struct RowView {
    label: String,
    /// The page with this filter; `None`: others.
    address: Option<String>,
    total: String,
    cells: Vec<CellView>,
}

struct CellView {
    calls: String,
    /// Between which two the true number lies.
    range: String,
    /// The list of these calls; `None`: others are among them.
    address: Option<String>,
    strength: &'static str,
    /// What it is more, or less, than.
    word: String,
}

/// `GET /console/cross`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let who = Who::User(session);
    let Chosen { asked, rows, columns } = chosen;
    let asked = seen_by(&app, &who, &headers, asked).await?;
    let table = Table::of(&app, &asked, rows, columns, SIZE).await?;
    let named: Vec<Dimension> = asked.only.iter().map(|(it, _)| *it).collect();
    let names = Names::load(&app, &[named, vec![rows, columns]].concat()).await?;
    let t = lang.network_texts();
    let name = |of: Dimension, labels: &[Label], nth: usize| {
        labels
            .get(nth)
            .map_or_else(|| t.others.to_owned(), |label| names.text(lang, &app, of, label.as_ref()))
    };
    let view = |(nth, (cells, ties)): (usize, (&Vec<Meeting>, &Vec<Tie>))| {
        let total = cells.iter().map(|it| it.sums.calls).sum();
        let of_cell = |(column, (it, tie)): (usize, (&Meeting, &Tie))| {
            let address = table.rows.get(nth).zip(table.columns.get(column));
            let address = address.map(|(row, column)| calls_of(&asked, [(rows, row), (columns, column)]));
            cell(lang, it, tie, address)
        };
        RowView {
            label: name(rows, &table.rows, nth),
            address: table.rows.get(nth).map(|label| filtered(&here, rows, label)),
            total: lang.figure(calls(total)),
            cells: cells.iter().zip(ties).enumerate().map(of_cell).collect(),
        }
    };
    let is_empty = table.cells.iter().flatten().all(|it| it.sums == Sums::default());
    let views = table.cells.iter().zip(&table.ties).enumerate().map(view);
    let wide = table.cells.first().map_or(0, Vec::len);

    page(&CrossPage {
        zone: asked.zone.clone().unwrap_or_default().name().to_owned(),
        usual: USUAL
            .map(|(row, column)| {
                let address = with_query(&here, "rows", Some(row.as_str()));
                let address =
                    address.parse().map_or(address, |it| with_query(&it, "columns", Some(column.as_str())));
                let text = format!("{} × {}", lang.dimension(row), lang.dimension(column));
                (address, text, (row, column) == (rows, columns))
            })
            .into(),
        sides: [("rows", t.rows, rows), ("columns", t.columns, columns)].map(|(name, text, chosen)| {
            let options = Dimension::ALL.iter().map(|it| (it.as_str(), lang.dimension(*it), *it == chosen));
            (name, text, options.collect())
        }),
        kept: super::overview::kept_but(&here, &["rows", "columns"]),
        heading: lang.dimension(rows).to_owned(),
        columns: (0..wide).map(|nth| name(columns, &table.columns, nth)).collect(),
        rows: if is_empty { vec![] } else { views.collect() },
        csv: here.to_string().replacen("/console/cross", "/console/cross.csv", 1),
        asked: AskedView::of(lang, &app, &who, &here, &asked, &table.period, &names).alone(),
        frame: Frame::of(lang, &here, &who),
        o: lang.overview_texts(),
        t,
    })
}

/// `GET /console/cross.csv`
pub async fn export(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, HttpError> {
    let who = Who::User(session);
    let Chosen { asked, rows, columns } = chosen;
    let asked = seen_by(&app, &who, &headers, asked).await?;
    exported(&app, &asked, rows, columns, SIZE_OF_EXPORT, Reader::Spreadsheet(lang)).await
}

fn cell(lang: Lang, it: &Meeting, tie: &Tie, address: Option<String>) -> CellView {
    let word = match tie.strength {
        Strength::More => lang.more_than_usual(tie.usual),
        Strength::Less => lang.less_than_usual(tie.usual),
        Strength::Usual | Strength::Unknown => String::new(),
    };
    CellView {
        calls: if it.sums.calls == 0 { String::new() } else { lang.figure(calls(it.sums.calls)) },
        range: range(lang, it.expected),
        address: address.filter(|_| it.sums.calls > 0),
        strength: tie.strength.as_str(),
        word,
    }
}

fn filtered(here: &Uri, dimension: Dimension, label: &Label) -> String {
    with_query(here, dimension.as_str(), Some(label.as_deref().unwrap_or(NOT_SET)))
}

/// The address of the list of these calls.
fn calls_of(asked: &report::Asked, sides: [(Dimension, &Label); 2]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("period", &asked.period.to_string());
    let others = asked.only.iter().filter(|(it, _)| sides.iter().all(|(side, _)| side != it));
    query.extend_pairs(others.map(|(it, label)| (it.as_str(), label)));
    query.extend_pairs(sides.map(|(it, label)| (it.as_str(), label.as_deref().unwrap_or(NOT_SET))));
    format!("/console/calls?{}", query.finish())
}
