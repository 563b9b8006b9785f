//! The console's addresses of what the plan declares and the settings have: numbers, pools, outlets, destinations, sites,
//! trunks, keys, and the first steps.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::console::{destinations, keys, numbers, outlets, pool, pools, setup, site, sites, tester, trunks};
use super::{AppState, BODY_MAX, TABLE_MAX};

/// A table in a form that is sent again: escaped, it has up to three times its length.
const TABLE_FORM_MAX: usize = 3 * TABLE_MAX + BODY_MAX;

pub(super) fn routes() -> Router<AppState> {
    let (table, table_form) = (DefaultBodyLimit::max(TABLE_MAX), DefaultBodyLimit::max(TABLE_FORM_MAX));
    Router::new()
        .route("/console/setup", get(setup::show))
        .route("/console/setup/events", get(setup::events))
        .route("/console/numbers", get(numbers::list).post(numbers::one::save))
        .route("/console/numbers/new", get(numbers::one::new))
        .route("/console/numbers/bulk", post(numbers::bulk::change))
        .route("/console/numbers/table", get(numbers::table::form))
        .route("/console/numbers/table", post(numbers::table::bring).layer(table))
        .route("/console/numbers/table/apply", post(numbers::table::apply).layer(table_form))
        .route("/console/numbers.csv", get(numbers::table::export))
        .route("/console/numbers/{number}", get(numbers::one::show))
        .route("/console/numbers/{number}/out", post(numbers::one::take_out))
        .route("/console/pools", get(pools::list).post(pools::form::save))
        .route("/console/pools/new", get(pools::form::new))
        .route("/console/pools/{id}", get(pool::show))
        .route("/console/pools/{id}/edit", get(pools::form::one))
        .route("/console/pools/{id}/out", post(pools::form::take_out))
        .route("/console/outlets", get(outlets::list).post(outlets::make))
        .route("/console/outlets/{id}", get(outlets::one).post(outlets::change))
        .route("/console/outlets/{id}/out", post(outlets::take_out))
        .route("/console/destinations", get(destinations::list).post(destinations::form::save))
        .route("/console/destinations/new", get(destinations::form::new))
        .route("/console/destinations/{id}", get(destinations::show))
        .route("/console/destinations/{id}/out", post(destinations::form::take_out))
        .route("/console/sites", get(sites::list).post(site::save))
        .route("/console/sites/new", get(site::new))
        .route("/console/sites/{id}", get(site::show))
        .route("/console/sites/{id}/out", post(site::take_out))
        .route("/console/sites/{id}/tester", get(tester::show))
        .route("/console/trunks", get(trunks::list))
        .route("/console/keys", get(keys::list).post(keys::create))
        .route("/console/keys/{id}", get(keys::one))
        .route("/console/keys/{id}/revoke", post(keys::revoke))
}
