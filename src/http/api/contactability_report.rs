//! `/api/v1/reports/contactability`: how many people may be reached, why not the others, and what would win them.

use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::export::{Reader, csv_file, csv_rows};
use super::segments::{Segment, day_of};
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::ids::SegmentId;
use crate::domain::reporting::contactability::{Remedy, Stopped, Winnable};
use crate::domain::time::Timestamp;
use crate::flows::CONTACTABILITY_DAYS;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, ContactsRead, FromQuery, Query, QueryReader};
use crate::store::reports::contactability::Counted;

/// Of whom it is told.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ReportQuery reads")]
pub struct ReportParams {
    /// Contacts in this segment; all unless told. A segment has no days.
    segment: Option<String>,
}

pub struct ReportQuery {
    segment: Option<SegmentId>,
}

impl FromQuery for ReportQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { segment: query.value("segment") }
    }
}

/// How many people may be reached: by each channel, for each purpose of the plan, before each controller.
#[derive(Serialize, ToSchema)]
pub struct Report {
    /// The moment at which each contact was judged; `null`: nobody has counted yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub segment: Option<SegmentId>,
    /// By purpose and channel; empty where the plan has no purpose or no controller.
    pub items: Vec<Reachable>,
}

/// How many people may be reached by one channel for one purpose, whatever the hour and the day.
#[derive(Serialize, ToSchema)]
pub struct Reachable {
    /// `phone`, `sms`, `email`, `post` or `push`.
    #[schema(example = "phone")]
    pub channel: &'static str,
    #[schema(example = "offers")]
    pub purpose: String,
    pub controller: String,
    /// How many there are.
    pub contacts: u64,
    /// How many of them a check allows, hours and holidays aside.
    pub allowed: u64,
    /// Of those, by what; they add up to `allowed`.
    pub supports: Vec<Supported>,
    /// Why the others are not allowed; somebody may be stopped by several.
    pub obstacles: Vec<Stopping>,
    /// What would win the others, the most first; nobody counts twice.
    pub remedies: Vec<Winning>,
    /// Those whom nothing but time or their own will would win.
    pub settled: u64,
    /// On each day of the last 400 on which it was counted, the earliest first.
    pub days: Vec<Day>,
}

/// How many may be reached by something.
#[derive(Serialize, ToSchema)]
pub struct Supported {
    /// `consent`, `contract`, `legitimate_interest`, `legal_obligation`, `call_back` (their call was not answered) or
    /// `no_objection`.
    #[schema(example = "consent")]
    pub support: &'static str,
    pub contacts: u64,
}

/// How many something stops.
#[derive(Serialize, ToSchema)]
pub struct Stopping {
    /// `no_identity`, `bounced`, `no_consent`, `unconfirmed`, `expired`, `other_basis`, `refused`, `withdrawn`,
    /// `opposition_list`, `silence`, `pressure` or `retention` (`docs/contactability.md`).
    #[schema(example = "no_identity")]
    pub obstacle: &'static str,
    pub contacts: u64,
    /// Those of them whom nothing else stops.
    pub alone: u64,
}

/// How many something would win.
#[derive(Serialize, ToSchema)]
pub struct Winning {
    /// `ask_identity`, `renew_identity`, `confirm`, `renew_consent`, `ask_consent` or `ask_both`.
    #[schema(value_type = String, example = "ask_identity")]
    pub remedy: Remedy,
    pub contacts: u64,
    /// Those of them who have a telephone number …
    pub with_phone: u64,
    /// … and those who have an e-mail address that has not come back.
    pub with_email: u64,
}

/// How it was at the end of a day.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactabilityDay)]
pub struct Day {
    /// In UTC.
    #[schema(value_type = String, format = Date)]
    pub day: String,
    pub contacts: u64,
    pub allowed: u64,
}

impl Report {
    /// As it was counted last.
    pub async fn find(app: &AppState, segment: Option<SegmentId>) -> Result<Self, HttpError> {
        if let Some(id) = &segment {
            Segment::find(app, id).await?;
        }
        let (at, mut counts) = app.store.find_contactability_counts(segment.as_ref()).await?.unzip();
        let mut days = match &segment {
            Some(_) => Default::default(),
            None => app.store.list_contactability_days(app.clock.now().day() - CONTACTABILITY_DAYS).await?,
        };
        let key = |of: &Counted| (of.controller.to_string(), of.purpose.to_string(), of.channel);
        counts.iter_mut().for_each(|counts| counts.sort_by_key(|(of, _)| key(of)));
        let items = counts.into_iter().flatten().map(|(of, tally)| {
            let settled = tally.settled();
            let of_day = days.remove(&of).unwrap_or_default().into_iter();
            let mut remedies: Vec<Winning> = tally.remedies.into_iter().map(Winning::from).collect();
            remedies.sort_by_key(|it| std::cmp::Reverse(it.contacts));
            Reachable {
                channel: of.channel.as_str(),
                purpose: of.purpose.to_string(),
                controller: of.controller.to_string(),
                contacts: tally.contacts,
                allowed: tally.allowed,
                supports: tally
                    .supports
                    .into_iter()
                    .map(|(support, contacts)| Supported { support: support.as_str(), contacts })
                    .collect(),
                obstacles: tally
                    .obstacles
                    .into_iter()
                    .map(|(obstacle, Stopped { contacts, alone })| Stopping {
                        obstacle: obstacle.as_str(),
                        contacts,
                        alone,
                    })
                    .collect(),
                remedies,
                settled,
                days: of_day
                    .map(|it| Day { day: day_of(it.day), contacts: it.contacts, allowed: it.allowed })
                    .collect(),
            }
        });
        Ok(Self { at, segment, items: items.collect() })
    }
}

impl From<(Remedy, Winnable)> for Winning {
    fn from((remedy, Winnable { contacts, with_phone, with_email }): (Remedy, Winnable)) -> Self {
        Self { remedy, contacts, with_phone, with_email }
    }
}

/// How many people may be reached, by what, why the others may not, and what would win the most: each contact judged
/// by the rules of `contactability/check` with hours and holidays left out. It is counted each minute, or less often
/// where there are very many contacts; `at` says when it was.
#[utoipa::path(
    get, path = "/api/v1/reports/contactability", tag = "reports", operation_id = "report_contactability",
    params(ReportParams), security(("api_key" = ["contacts:read"])),
    responses(
        (status = 200, description = "As it was counted last", body = Report),
        (status = 404, description = "There is no such segment", content_type = "application/problem+json", body = crate::http::error::Problem),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn report(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
    Query(asked): Query<ReportQuery>,
) -> Result<axum::Json<Report>, HttpError> {
    Ok(axum::Json(Report::find(&app, asked.segment).await?))
}

/// The same as CSV, a line for each figure: `channel,purpose,controller,figure,name,contacts`. What `figure` says is
/// `contacts`, `allowed`, `support`, `obstacle`, `obstacle_alone`, `remedy`, `remedy_with_phone`, `remedy_with_email`,
/// `settled` or `allowed_on` (a day).
#[utoipa::path(
    get, path = "/api/v1/reports/contactability.csv", tag = "reports", operation_id = "export_contactability",
    params(ReportParams), security(("api_key" = ["contacts:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        (status = 404, description = "There is no such segment", content_type = "application/problem+json", body = crate::http::error::Problem),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn table(
    _: ApiKey<ContactsRead>,
    State(app): State<AppState>,
    Query(asked): Query<ReportQuery>,
) -> Result<Response, HttpError> {
    exported(&app, asked.segment, Reader::Program).await
}

/// The same for the console.
pub async fn exported(
    app: &AppState,
    segment: Option<SegmentId>,
    reader: Reader,
) -> Result<Response, HttpError> {
    let report = Report::find(app, segment).await?;
    let heading = ["channel", "purpose", "controller", "figure", "name", "contacts"].map(str::to_owned);
    let rows = report.items.iter().flat_map(|it| {
        figures(it).into_iter().map(move |(figure, name, contacts)| {
            let of = [it.channel, &it.purpose, &it.controller, figure].map(str::to_owned);
            of.into_iter().chain([name, contacts.to_string()]).collect()
        })
    });
    let text = csv_rows(std::iter::once(heading.to_vec()).chain(rows), reader);
    Ok(csv_file("contactability.csv", stream::iter([Ok(text)]), reader))
}

fn figures(it: &Reachable) -> Vec<(&'static str, String, u64)> {
    let mut figures = vec![("contacts", String::new(), it.contacts), ("allowed", String::new(), it.allowed)];
    figures.extend(it.supports.iter().map(|by| ("support", by.support.to_owned(), by.contacts)));
    for by in &it.obstacles {
        figures.push(("obstacle", by.obstacle.to_owned(), by.contacts));
        figures.push(("obstacle_alone", by.obstacle.to_owned(), by.alone));
    }
    for by in &it.remedies {
        figures.push(("remedy", by.remedy.to_string(), by.contacts));
        figures.push(("remedy_with_phone", by.remedy.to_string(), by.with_phone));
        figures.push(("remedy_with_email", by.remedy.to_string(), by.with_email));
    }
    figures.push(("settled", String::new(), it.settled));
    figures.extend(it.days.iter().map(|day| ("allowed_on", day.day.clone(), day.allowed)));
    figures
}
