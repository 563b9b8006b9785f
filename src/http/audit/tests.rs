//! Every address is audited, or tells nothing of a person.

use std::collections::BTreeSet;

use regex::Regex;

use super::*;
use crate::http::api;

/// What tells nothing of a person, or tells it to themselves.
const OTHERS: &[&str] = &[
    "POST /api/v1/visits",
    "POST /api/v1/visits/{id}/alive",
    "POST /api/v1/visits/{id}/taps",
    "POST /api/v1/visits/{id}/events",
    "POST /api/v1/visits/{id}/identify",
    "GET /api/v1/sites/{id}/amp-call-tracking",
    "GET /api/v1/sites/{id}/page-call",
    "GET /api/v1/sites/{id}/source",
    "GET /api/v1/sites/{id}/priors",
    "GET /api/v1/prompts",
    "GET /api/v1/prompts/{id}",
    "PUT /api/v1/prompts/{id}",
    "DELETE /api/v1/prompts/{id}",
    "GET /api/v1/prompts/{id}/audio",
    "GET /api/v1/purposes",
    "GET /api/v1/imports",
    "GET /api/v1/imports/{id}",
    "GET /console/imports",
    "GET /api/v1/rfm",
    "GET /api/v1/segments",
    "GET /api/v1/segments/{id}",
    "PUT /api/v1/segments/{id}",
    "DELETE /api/v1/segments/{id}",
    "POST /console/segments",
    "POST /console/segments/{id}/delete",
    "GET /api/v1/oppositions",
    "GET /api/v1/controllers",
    "GET /api/v1/numbers",
    "GET /api/v1/numbers/{number}",
    "GET /api/v1/numbers/{number}/qr.svg",
    "GET /api/v1/pools",
    "GET /api/v1/pools/{id}/advice",
    "GET /api/v1/outlets",
    "GET /api/v1/sites",
    "GET /api/v1/destinations",
    "GET /api/v1/tags",
    "GET /api/v1/views",
    "POST /api/v1/views",
    "DELETE /api/v1/views/{id}",
    "POST /console/views",
    "POST /console/views/{id}/delete",
    "GET /api/v1/alerts/{id}/incidents",
    "GET /api/v1/shares",
    "POST /api/v1/shares",
    "DELETE /api/v1/shares/{id}",
    "GET /console/shares",
    "POST /console/shares",
    "POST /console/shares/{id}/delete",
    "GET /api/v1/reports/money.csv",
    "GET /console/money.csv",
    "GET /api/v1/reports/missed/hours.csv",
    "GET /console/missed/hours.csv",
    "GET /api/v1/reports/missed/staffing.csv",
    "GET /console/missed/staffing.csv",
    "GET /api/v1/pools.csv",
    "GET /api/v1/costs",
    "POST /api/v1/costs",
    "POST /api/v1/costs/import",
    "GET /api/v1/costs/{id}",
    "PUT /api/v1/costs/{id}",
    "DELETE /api/v1/costs/{id}",
    "POST /api/v1/costs/{id}/restore",
    "GET /api/v1/reports/money",
    "GET /api/v1/reports/network",
    "GET /api/v1/reports/network.csv",
    "GET /api/v1/reports/cross",
    "GET /api/v1/reports/cross.csv",
    "GET /api/v1/reports/correlations",
    "GET /console/network",
    "GET /console/network.csv",
    "GET /console/cross",
    "GET /console/cross.csv",
    "GET /console/together",
    "GET /api/v1/reports/overview",
    "GET /api/v1/reports/overview.csv",
    "GET /console/overview.csv",
    "GET /api/v1/reports/missed/hours",
    "GET /api/v1/reports/missed/staffing",
    "GET /api/v1/reports/channels",
    "GET /api/v1/reports/credit",
    "GET /api/v1/reports/credit.csv",
    "GET /api/v1/reports/journeys",
    "GET /api/v1/reports/journeys.csv",
    "GET /api/v1/reports/quality",
    "GET /api/v1/contactability/rules",
    "GET /api/v1/reports/contactability",
    "GET /api/v1/reports/contactability.csv",
    "GET /console/contactability",
    "GET /console/contactability.csv",
    "GET /api/v1/retention",
    "GET /console/retention",
    "GET /api/v1/webhooks",
    "GET /console/webhooks",
    "POST /api/v1/quality/check",
    "POST /api/v1/reload",
    "GET /api/v1/strangers",
    "GET /api/v1/trunks",
    "GET /api/v1/openapi.json",
    "GET /console",
    "GET /console/",
    "GET /console/prompts",
    "POST /console/prompts",
    "GET /console/prompts/{id}/audio",
    "POST /console/prompts/{id}/delete",
    "GET /api/v1/destinations/{id}/explain",
    "GET /console/outlets",
    "POST /console/outlets",
    "GET /console/outlets/{id}",
    "POST /console/outlets/{id}",
    "POST /console/outlets/{id}/out",
    "GET /console/sites",
    "POST /console/sites",
    "GET /console/sites/new",
    "GET /console/sites/{id}",
    "POST /console/sites/{id}/out",
    "GET /api/v1/sites/{id}/page-test",
    "GET /console/sites/{id}/tester",
    "GET /console/setup",
    "GET /console/setup/events",
    "GET /console/destinations",
    "POST /console/destinations",
    "GET /console/destinations/new",
    "GET /console/destinations/{id}",
    "POST /console/destinations/{id}/out",
    "GET /api/v1/numbers.csv",
    "POST /api/v1/numbers/import",
    "POST /api/v1/numbers/change",
    "GET /console/numbers",
    "POST /console/numbers",
    "GET /console/numbers/new",
    "POST /console/numbers/bulk",
    "GET /console/numbers/table",
    "POST /console/numbers/table",
    "POST /console/numbers/table/apply",
    "GET /console/numbers.csv",
    "GET /console/numbers/{number}",
    "POST /console/numbers/{number}/out",
    "GET /console/media",
    "GET /console/media/{number}/qr.svg",
    "GET /console/overview",
    "GET /console/money",
    "POST /console/money/costs",
    "POST /console/money/table",
    "POST /console/money/costs/{id}/delete",
    "POST /console/money/costs/{id}/restore",
    "GET /console/attribution",
    "GET /console/attribution.csv",
    "GET /console/journeys",
    "GET /console/journeys.csv",
    "GET /api/v1/pools/{id}/history",
    "GET /api/v1/keys",
    "POST /api/v1/keys",
    "DELETE /api/v1/keys/{id}",
    "GET /console/pools",
    "POST /console/pools",
    "GET /console/pools/new",
    "GET /console/pools/{id}",
    "GET /console/pools/{id}/edit",
    "POST /console/pools/{id}/out",
    "GET /console/trunks",
    "GET /console/keys",
    "POST /console/keys",
    "GET /console/keys/{id}",
    "POST /console/keys/{id}/revoke",
    "GET /console/sources",
    "GET /console/quality",
    "GET /console/phone",
    "GET /console/account",
    "GET /console/sign-in/code",
    "GET /console/sign-in/company",
    "GET /console/sign-in/company/callback",
    "POST /console/sign-in/code",
    "GET /console/sign-in",
    "POST /console/sign-in",
    "POST /console/sign-out",
    "GET /console/assets/{file}",
];

/// Every address that asks who somebody is, as `METHOD path`.
fn served() -> BTreeSet<String> {
    let (_, described) = api::routes(|route| route).split_for_parts();
    let described = serde_json::to_value(described).unwrap();
    let mut served: BTreeSet<String> = described["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let route = Regex::new(r#"\.route\("(/console[^"]*)", (.*)"#).unwrap();
    let method = Regex::new(r"\b(get|post|put|patch|delete)\(").unwrap();
    for found in route.captures_iter(concat!(
        include_str!("../mod.rs"),
        include_str!("../plan_routes.rs"),
        include_str!("../report_routes.rs")
    )) {
        for method in method.captures_iter(&found[2]) {
            served.insert(format!("{} {}", method[1].to_uppercase(), &found[1]));
        }
    }
    // It asks who somebody is in its own way.
    served.insert("POST /v1/{what}".to_owned());
    served
}

#[test]
fn every_address_is_audited_or_said_to_be_nobodys_data() {
    let told = PERSONAL.iter().map(|(method, path, ..)| format!("{method} {path}"));
    let told: Vec<String> = told.chain(OTHERS.iter().map(|&it| it.to_owned())).collect();

    let once: BTreeSet<String> = told.iter().cloned().collect();

    assert_eq!(once.len(), told.len(), "one stands in both tables");
    assert_eq!(once, served());
}
