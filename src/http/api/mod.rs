//! The HTTP API: one file per resource, and what they share.
//!
//! Routes are registered together with their description, so an address that
//! is served and not described cannot come about.

pub(in crate::http) mod advice;
mod alerts;
mod archives;
pub(in crate::http) mod as_csv;
mod attributions;
mod audit;
mod blocks;
mod call_notes;
mod calls;
pub(in crate::http) mod calls_export;
pub(in crate::http) mod calls_parquet;
mod calls_table;
mod consents;
mod contact_writes;
mod contactability;
pub(in crate::http) mod contactability_report;
mod contactability_rules;
mod contacts;
pub(in crate::http) mod correlations;
mod costs;
pub(in crate::http) mod credit;
pub(in crate::http) mod cross;
mod duplicates;
mod engagement_writes;
mod engagements;
mod erasures;
mod explain;
pub(in crate::http) mod export;
mod gateway;
mod imports;
pub(in crate::http) mod journeys;
pub(in crate::http) mod keys;
pub(in crate::http) mod ladder;
pub(in crate::http) mod live;
pub(in crate::http) mod lookalikes;
mod merges;
pub(in crate::http) mod missed;
mod money;
pub(in crate::http) mod network;
mod numbers;
pub(in crate::http) mod numbers_table;
mod openapi;
mod oppositions;
pub(in crate::http) mod opt_ins;
mod overview;
pub(in crate::http) mod overview_export;
mod page_test;
mod plan;
mod pool_history;
mod pools;
mod preference_links;
pub(in crate::http) mod pressure;
mod priors;
pub(in crate::http) mod prompts;
mod purposes;
pub(in crate::http) mod qr;
mod qualifications;
mod quality;
pub(in crate::http) mod receipt;
pub(in crate::http) mod recordings;
mod reports;
pub(in crate::http) mod requests;
mod reservations;
mod restrictions;
pub(in crate::http) mod retention;
mod rfm;
pub(in crate::http) mod schedules;
pub(in crate::http) mod segments;
mod shapes;
pub(in crate::http) mod shares;
mod sources;
pub(in crate::http) mod staffing;
mod strangers;
mod streams;
mod tasks;
mod transfers;
mod trunks;
mod users;
pub(in crate::http) mod views;
mod visits;
pub(in crate::http) mod webhooks;
mod wishes;

use axum::extract::DefaultBodyLimit;
use axum::routing::MethodRouter;
use serde::Serialize;
use utoipa::{IntoParams, IntoResponses, OpenApi, ToSchema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::error::Problem;
use super::extract::{FromQuery, QueryReader};
use super::snippet::{amp, beacon, page_call, told};
use super::{AppState, TABLE_MAX};
use crate::store::{Page, Window};
pub use gateway::Reloaded;

/// Every address under `/api/v1` with its description; `cors` wraps those that pages ask.
pub fn routes(cors: impl Fn(MethodRouter<AppState>) -> MethodRouter<AppState>) -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .routes(routes!(visits::list, beacon::create).map(&cors))
        .routes(routes!(visits::one))
        .routes(routes!(beacon::alive).map(&cors))
        .routes(routes!(beacon::tapped).map(&cors))
        .routes(routes!(amp::number).map(&cors))
        .routes(routes!(told::happened).map(&cors))
        .routes(routes!(told::identified).map(&cors))
        .routes(routes!(page_call::call))
        .routes(routes!(calls::list))
        .routes(routes!(calls::one))
        .routes(routes!(ladder::one))
        .routes(routes!(recordings::list))
        .routes(routes!(recordings::one, recordings::delete))
        .routes(routes!(recordings::hear))
        .routes(routes!(recordings::peaks))
        .routes(routes!(recordings::accesses))
        .routes(routes!(live::list))
        .routes(routes!(live::events))
        .routes(routes!(live::hang_up))
        .routes(routes!(live::pause_recording))
        .routes(routes!(live::resume_recording))
        .routes(routes!(attributions::list))
        .routes(routes!(attributions::correct))
        .routes(routes!(qualifications::qualify))
        .routes(routes!(call_notes::create))
        .routes(routes!(call_notes::delete))
        .routes(routes!(call_notes::tag))
        .routes(routes!(call_notes::tags))
        .routes(routes!(calls_export::export))
        .routes(routes!(calls_parquet::export))
        .routes(routes!(views::list, views::create))
        .routes(routes!(views::delete))
        .routes(routes!(blocks::list, blocks::create))
        .routes(routes!(blocks::one, blocks::delete))
        .routes(routes!(prompts::list))
        .routes(routes!(prompts::one, prompts::save, prompts::delete))
        .routes(routes!(prompts::hear))
        .routes(routes!(contacts::list, contact_writes::create))
        .routes(routes!(export::export))
        .routes(routes!(imports::list, imports::bring))
        .routes(routes!(imports::one, imports::delete))
        .routes(routes!(imports::start))
        .routes(routes!(export::report))
        .routes(routes!(contacts::one, contact_writes::change))
        .routes(routes!(contact_writes::add_identity, contact_writes::delete_identity))
        .routes(routes!(duplicates::list))
        .routes(routes!(duplicates::refuse))
        .routes(routes!(merges::merge))
        .routes(routes!(merges::list))
        .routes(routes!(merges::undo))
        .routes(routes!(consents::list, consents::create))
        .routes(routes!(consents::stands))
        .routes(routes!(consents::receipt))
        .routes(routes!(archives::export))
        .routes(routes!(erasures::one, erasures::erase))
        .routes(routes!(erasures::list))
        .routes(routes!(requests::list, requests::create))
        .routes(routes!(requests::one, requests::decide))
        .routes(routes!(restrictions::restrict, restrictions::lift))
        .routes(routes!(restrictions::object))
        .routes(routes!(audit::list))
        .routes(routes!(retention::show))
        .routes(routes!(retention::run))
        .routes(routes!(engagements::list, engagement_writes::create))
        .routes(
            routes!(engagement_writes::create_many).layer(DefaultBodyLimit::max(engagement_writes::MANY_MAX)),
        )
        .routes(routes!(contactability::check))
        .routes(routes!(contactability_rules::list))
        .routes(routes!(reservations::reserve))
        .routes(routes!(reservations::one))
        .routes(routes!(reservations::confirm))
        .routes(routes!(reservations::cancel))
        .routes(routes!(pressure::one))
        .routes(routes!(wishes::wish))
        .routes(routes!(oppositions::list, oppositions::import))
        .routes(routes!(oppositions::delete))
        .routes(routes!(segments::list))
        .routes(routes!(segments::one, segments::save, segments::delete))
        .routes(routes!(segments::count))
        .routes(routes!(segments::contacts))
        .routes(routes!(segments::moves))
        .routes(routes!(lookalikes::find))
        .routes(routes!(rfm::one))
        .routes(routes!(tasks::list))
        .routes(routes!(tasks::change))
        .routes(routes!(webhooks::list))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::delivery))
        .routes(routes!(webhooks::resend))
        .routes(routes!(webhooks::test))
        .routes(routes!(opt_ins::resend))
        .routes(routes!(preference_links::create, preference_links::revoke))
        .routes(routes!(purposes::purposes))
        .routes(routes!(purposes::controllers))
        .routes(routes!(numbers::list))
        .routes(routes!(numbers::one))
        .routes(routes!(numbers_table::export))
        .routes(routes!(numbers_table::import).map(|route| route.layer(DefaultBodyLimit::max(TABLE_MAX))))
        .routes(routes!(numbers_table::change))
        .routes(routes!(qr::code))
        .routes(routes!(pools::list))
        .routes(routes!(pool_history::show))
        .routes(routes!(advice::one))
        .routes(routes!(plan::outlets))
        .routes(routes!(plan::sites))
        .routes(routes!(plan::destinations))
        .routes(routes!(explain::explained))
        .routes(routes!(page_test::test))
        .routes(routes!(sources::explain))
        .routes(routes!(priors::one))
        .routes(routes!(overview::overview))
        .routes(routes!(overview_export::export))
        .routes(routes!(money::money))
        .routes(routes!(network::network))
        .routes(routes!(network::export))
        .routes(routes!(cross::cross))
        .routes(routes!(cross::export))
        .routes(routes!(correlations::correlations))
        .routes(routes!(costs::list, costs::create))
        .routes(routes!(costs::import).layer(DefaultBodyLimit::max(TABLE_MAX)))
        .routes(routes!(costs::one, costs::replace, costs::delete))
        .routes(routes!(costs::restore))
        .routes(routes!(schedules::list, schedules::create))
        .routes(routes!(schedules::one, schedules::replace, schedules::delete))
        .routes(routes!(shares::list, shares::create))
        .routes(routes!(shares::delete))
        .routes(routes!(as_csv::money))
        .routes(routes!(as_csv::callers))
        .routes(routes!(as_csv::hours))
        .routes(routes!(as_csv::staffing))
        .routes(routes!(as_csv::audit))
        .routes(routes!(as_csv::users))
        .routes(routes!(as_csv::pools))
        .routes(routes!(alerts::list, alerts::create))
        .routes(routes!(alerts::one, alerts::replace, alerts::delete))
        .routes(routes!(alerts::incidents))
        .routes(routes!(missed::callers))
        .routes(routes!(missed::hours))
        .routes(routes!(staffing::staffing))
        .routes(routes!(reports::channels))
        .routes(routes!(credit::credit))
        .routes(routes!(credit::export))
        .routes(routes!(journeys::journeys))
        .routes(routes!(journeys::export))
        .routes(routes!(quality::report))
        .routes(routes!(contactability_report::report))
        .routes(routes!(contactability_report::table))
        .routes(routes!(quality::check))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::change, users::delete))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(gateway::reload))
        .routes(routes!(strangers::list))
        .routes(routes!(trunks::list))
        .routes(routes!(openapi::serve))
}

/// A part of a list.
#[derive(Serialize, ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    /// Hand it back as `cursor` to get the part that follows; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> List<T> {
    /// A whole list, which has no second part.
    fn whole(items: impl IntoIterator<Item = impl Into<T>>) -> axum::Json<Self> {
        axum::Json(Self { items: items.into_iter().map(Into::into).collect(), next_cursor: None })
    }

    fn part<R: Into<T>>(page: Page<R>) -> axum::Json<Self> {
        axum::Json(Self { items: page.items.into_iter().map(Into::into).collect(), next_cursor: page.next })
    }
}

/// Which part of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what QueryReader::window reads")]
pub struct WindowParams {
    /// `next_cursor` of the part before.
    cursor: Option<String>,
    /// How many items, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// For the lists that take nothing but a window.
impl FromQuery for Window {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.window()
    }
}

/// How a request for something that asks for a key may end.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum KeyProblems {
    /// No key, or an unknown or revoked one
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(#[to_schema] Problem),
    /// The key lacks the scope
    #[response(status = 403, content_type = "application/problem+json")]
    MissingScope(#[to_schema] Problem),
}

/// How a request for a list may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum ListProblems {
    /// A filter, the cursor or the limit cannot be meant so; `errors` names each
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(#[to_schema] Problem),
}

/// How a request for one thing may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum OneProblems {
    /// The address holds no valid id, or the body is no JSON
    #[response(status = 400, content_type = "application/problem+json")]
    BadPath(#[to_schema] Problem),
    /// There is no such thing
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] Problem),
}

/// How a request with a body may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum BodyProblems {
    /// The body is larger than 16 KiB
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// The body is not sent as JSON
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(#[to_schema] Problem),
    /// A field cannot be meant so; `errors` names each
    #[response(status = 422, content_type = "application/problem+json")]
    Unfit(#[to_schema] Problem),
}

/// How any request may end.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum ServerProblems {
    /// A fault of ours
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(#[to_schema] Problem),
    /// The database does not answer; try again later
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(#[to_schema] Problem),
}
