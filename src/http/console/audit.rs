//! The audit log: who has asked for what of whom, the latest first.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::parts::Moment;
use super::{Frame, page, with_query};
use crate::domain::people::audit::Action;
use crate::http::AppState;
use crate::http::api::as_csv::audit_table;
use crate::http::api::export::Reader;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{AuditTexts, Lang};
use crate::store::Window;
use crate::store::audit::AuditFilter;

const ROWS: u32 = 100;

/// What the reader chose.
pub struct Asked {
    filter: AuditFilter,
    cursor: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let filter = AuditFilter {
            who: query.text("who"),
            what: query.value("what"),
            kind: query.text("kind"),
            subject: query.text("subject"),
            ..AuditFilter::default()
        };
        Self { filter, cursor: query.text("cursor") }
    }
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    t: &'static AuditTexts,
    actions: Vec<(&'static str, &'static str, bool)>,
    /// What else is asked for, and the address without it.
    chips: Vec<(String, String)>,
    rows: Vec<Row>,
    older: Option<String>,
    csv: String,
    csv_text: &'static str,
}

struct Row {
    at: Moment,
    who: String,
    /// The same page about them, and about what it was about.
    of_who: String,
    what: &'static str,
    kind: String,
    subject: Option<(String, String)>,
    seq: Option<i64>,
}

/// `GET /console/audit`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(Asked { filter, cursor }): Query<Asked>,
) -> Result<Response, HttpError> {
    let found = app.store.list_audit(&filter, &Window { after: cursor, limit: ROWS }).await?;
    let newest = with_query(&here, "cursor", None);
    let newest: axum::http::Uri = newest.parse().unwrap_or_else(|_| here.clone());
    let chips = [("who", &filter.who), ("kind", &filter.kind), ("subject", &filter.subject)];
    let chips =
        chips.into_iter().filter_map(|(name, value)| Some((value.clone()?, with_query(&newest, name, None))));
    let rows = found.items.into_iter().map(|row| Row {
        at: Moment::day_and_time(lang, row.entry.at),
        of_who: with_query(&newest, "who", Some(&row.entry.who)),
        who: row.name.unwrap_or(row.entry.who),
        what: lang.audit_action(row.entry.what),
        subject: row.entry.subject.map(|id| {
            let of_it = with_query(&newest, "subject", Some(&id));
            (id, of_it)
        }),
        kind: lang.audit_kind(&row.entry.kind),
        seq: row.link.map(|link| link.seq),
    });
    page(&AuditPage {
        t: lang.audit_texts(),
        actions: Action::ALL
            .iter()
            .map(|it| (it.as_str(), lang.audit_action(*it), filter.what == Some(*it)))
            .collect(),
        chips: chips.collect(),
        rows: rows.collect(),
        older: found.next.map(|next| with_query(&here, "cursor", Some(&next))),
        csv: newest.to_string().replacen("/console/audit", "/console/audit.csv", 1),
        csv_text: lang.overview_texts().csv,
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// `GET /console/audit.csv`: all entries that fit.
pub async fn export(
    _: Session,
    State(app): State<AppState>,
    lang: Lang,
    Query(Asked { filter, .. }): Query<Asked>,
) -> Response {
    audit_table(&app, filter, Reader::Spreadsheet(lang))
}
