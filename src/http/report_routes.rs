//! The console's addresses of reports: what they tell, when they are sent, to whom they are shown, and what raises an
//! alarm.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::console::{
    alerts, attribution, cross, journeys, missed, money, network, overview, schedules, shares, together,
};
use super::{AppState, TABLE_MAX};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/console/overview", get(overview::show))
        .route("/console/overview.csv", get(overview::export))
        .route("/console/network", get(network::show))
        .route("/console/network.csv", get(network::export))
        .route("/console/cross", get(cross::show))
        .route("/console/cross.csv", get(cross::export))
        .route("/console/together", get(together::show))
        .route("/console/money", get(money::show))
        .route("/console/money/costs", post(money::costs::write))
        .route("/console/money/table", post(money::bring).layer(DefaultBodyLimit::max(TABLE_MAX)))
        .route("/console/money/costs/{id}/delete", post(money::costs::delete))
        .route("/console/money/costs/{id}/restore", post(money::costs::restore))
        .route("/console/schedules", get(schedules::list).post(schedules::make))
        .route("/console/schedules/{id}/delete", post(schedules::delete))
        .route("/console/shares", get(shares::list).post(shares::make))
        .route("/console/shares/{id}/delete", post(shares::delete))
        .route("/console/alerts", get(alerts::list).post(alerts::make))
        .route("/console/alerts/{id}", get(alerts::one).post(alerts::change))
        .route("/console/alerts/{id}/delete", post(alerts::delete))
        .route("/console/money.csv", get(money::export))
        .route("/console/missed.csv", get(missed::export_callers))
        .route("/console/missed/hours.csv", get(missed::export_hours))
        .route("/console/missed/staffing.csv", get(missed::export_staffing))
        .route("/console/missed", get(missed::show))
        .route("/console/attribution", get(attribution::show))
        .route("/console/attribution.csv", get(attribution::export))
        .route("/console/journeys", get(journeys::show))
        .route("/console/journeys.csv", get(journeys::export))
}
