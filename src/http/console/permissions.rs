//! Who may open and send what at the console, by role and by part of the network.
//!
//! [`Session`](crate::http::extract::Session) asks here before a handler begins, so none can forget it; a test holds
//! the table against all addresses there are. Whoever sees a part of the network only is let to nothing but pages that
//! keep to it: a new page is closed to them until it says so.

mod whose;

use std::collections::BTreeSet;

use axum::extract::MatchedPath;
use axum::http::Method;
use axum::http::request::Parts;
use tracing::info;

use self::whose::outlet_of;
use crate::domain::ids::OutletId;
use crate::domain::plan::Draft;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::staff::{Area, Does, Post};
use crate::flows::plan_drafted;
use crate::http::AppState;
use crate::http::calls_asked::Reader;
use crate::http::error::HttpError;
use crate::http::report::meant;

/// What of the network an address tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tells {
    /// All of it, or what belongs to no outlet.
    Whole,
    /// What the reader may see: the handler keeps to it.
    Part,
    /// One call, by the first parameter of the route.
    Call,
    /// One recording, and so on.
    Recording,
    Outlet,
    Site,
    Destination,
    Number,
    Pool,
}

use Area as A;
use Tells::{Part, Whole};

const RULES: &[(&str, &str, Area, Tells)] = &[
    ("GET", "/console/overview", A::Reports, Part),
    ("GET", "/console/overview.csv", A::Reports, Part),
    ("GET", "/console/network", A::Reports, Part),
    ("GET", "/console/network.csv", A::Reports, Part),
    ("GET", "/console/cross", A::Reports, Part),
    ("GET", "/console/cross.csv", A::Reports, Part),
    ("GET", "/console/together", A::Reports, Part),
    ("GET", "/console/attribution", A::Reports, Part),
    ("GET", "/console/attribution.csv", A::Reports, Part),
    ("GET", "/console/journeys", A::Reports, Part),
    ("GET", "/console/journeys.csv", A::Reports, Part),
    ("GET", "/console/money", A::Costs, Part),
    ("POST", "/console/money/costs", A::Costs, Whole),
    ("POST", "/console/money/table", A::Costs, Whole),
    ("POST", "/console/money/costs/{id}/delete", A::Costs, Whole),
    ("POST", "/console/money/costs/{id}/restore", A::Costs, Whole),
    ("GET", "/console/schedules", A::Own, Part),
    ("POST", "/console/schedules", A::Own, Part),
    ("POST", "/console/schedules/{id}/delete", A::Own, Part),
    ("GET", "/console/shares", A::Own, Part),
    ("POST", "/console/shares", A::Own, Part),
    ("POST", "/console/shares/{id}/delete", A::Own, Part),
    ("GET", "/console/money.csv", A::Costs, Part),
    ("GET", "/console/missed.csv", A::Calls, Part),
    ("GET", "/console/missed/hours.csv", A::Calls, Part),
    ("GET", "/console/missed/staffing.csv", A::Calls, Part),
    ("GET", "/console/audit.csv", A::Staff, Whole),
    ("GET", "/console/users.csv", A::Staff, Whole),
    ("GET", "/console/alerts", A::Alerts, Whole),
    ("POST", "/console/alerts", A::Alerts, Whole),
    ("GET", "/console/alerts/{id}", A::Alerts, Whole),
    ("POST", "/console/alerts/{id}", A::Alerts, Whole),
    ("POST", "/console/alerts/{id}/delete", A::Alerts, Whole),
    ("GET", "/console/live", A::Calls, Part),
    ("GET", "/console/live/events", A::Calls, Part),
    ("GET", "/console/missed", A::Calls, Part),
    ("GET", "/console/calls", A::Calls, Part),
    ("GET", "/console/calls.csv", A::Calls, Part),
    ("GET", "/console/calls.parquet", A::Calls, Part),
    ("GET", "/console/calls/{id}", A::Calls, Tells::Call),
    ("GET", "/console/calls/{id}/ladder.txt", A::Calls, Tells::Call),
    ("GET", "/console/calls/{id}/ladder.pcap", A::Calls, Tells::Call),
    ("POST", "/console/calls/{id}/qualification", A::Calls, Tells::Call),
    ("POST", "/console/calls/{id}/notes", A::Calls, Tells::Call),
    ("POST", "/console/calls/{id}/notes/{note}/delete", A::Calls, Tells::Call),
    ("POST", "/console/calls/{id}/tags", A::Calls, Tells::Call),
    ("POST", "/console/calls/{id}/origin", A::Calls, Tells::Call),
    ("POST", "/console/calls/{id}/recording", A::Calls, Tells::Call),
    ("GET", "/console/recordings/{id}/audio", A::Recordings, Tells::Recording),
    ("POST", "/console/recordings/{id}/delete", A::Recordings, Tells::Recording),
    ("POST", "/console/views", A::Own, Part),
    ("POST", "/console/views/{id}/delete", A::Own, Part),
    ("GET", "/console/phone", A::Phone, Whole),
    ("GET", "/console/phone/line", A::Phone, Whole),
    ("GET", "/console/tasks", A::People, Whole),
    ("POST", "/console/tasks/{id}", A::People, Whole),
    ("GET", "/console/contacts/{id}", A::People, Whole),
    ("GET", "/console/contacts/{id}/pressure", A::People, Whole),
    ("POST", "/console/contacts/{id}/export", A::People, Whole),
    ("POST", "/console/contacts/{id}/requests", A::People, Whole),
    ("POST", "/console/contacts/{id}/restriction", A::People, Whole),
    ("POST", "/console/contacts/{id}/objection", A::People, Whole),
    ("POST", "/console/contacts/{id}/unread", A::People, Whole),
    ("POST", "/console/contacts/{id}/consents", A::People, Whole),
    ("GET", "/console/contacts.csv", A::People, Whole),
    ("GET", "/console/consents/{id}/receipt", A::People, Whole),
    ("GET", "/console/requests", A::People, Whole),
    ("POST", "/console/requests/{id}", A::People, Whole),
    ("GET", "/console/imports", A::People, Whole),
    ("POST", "/console/imports", A::People, Whole),
    ("GET", "/console/imports/{id}", A::People, Whole),
    ("POST", "/console/imports/{id}/start", A::People, Whole),
    ("GET", "/console/imports/{id}/report.csv", A::People, Whole),
    ("POST", "/console/imports/{id}/delete", A::People, Whole),
    ("GET", "/console/quality", A::People, Whole),
    ("GET", "/console/contactability", A::People, Whole),
    ("GET", "/console/contactability.csv", A::People, Whole),
    ("GET", "/console/retention", A::People, Whole),
    ("GET", "/console/duplicates", A::People, Whole),
    ("POST", "/console/duplicates", A::People, Whole),
    ("POST", "/console/merges/{id}/undo", A::People, Whole),
    ("GET", "/console/segments", A::People, Whole),
    ("POST", "/console/segments", A::People, Whole),
    ("GET", "/console/segments/{id}", A::People, Whole),
    ("GET", "/console/segments/{id}/lookalikes", A::People, Whole),
    ("POST", "/console/segments/{id}/delete", A::People, Whole),
    ("GET", "/console/outlets", A::Numbers, Part),
    ("POST", "/console/outlets", A::Numbers, Whole),
    ("GET", "/console/outlets/{id}", A::Numbers, Tells::Outlet),
    ("POST", "/console/outlets/{id}", A::Numbers, Whole),
    ("POST", "/console/outlets/{id}/out", A::Numbers, Whole),
    ("GET", "/console/sites", A::Numbers, Part),
    ("POST", "/console/sites", A::Numbers, Whole),
    ("GET", "/console/sites/new", A::Numbers, Whole),
    ("GET", "/console/sites/{id}", A::Numbers, Tells::Site),
    ("POST", "/console/sites/{id}/out", A::Numbers, Whole),
    ("GET", "/console/sites/{id}/tester", A::Numbers, Whole),
    ("GET", "/console/setup", A::Numbers, Whole),
    ("GET", "/console/setup/events", A::Numbers, Whole),
    ("GET", "/console/destinations", A::Numbers, Part),
    ("POST", "/console/destinations", A::Numbers, Whole),
    ("GET", "/console/destinations/new", A::Numbers, Whole),
    ("GET", "/console/destinations/{id}", A::Numbers, Tells::Destination),
    ("POST", "/console/destinations/{id}/out", A::Numbers, Whole),
    ("GET", "/console/numbers", A::Numbers, Part),
    ("POST", "/console/numbers", A::Numbers, Whole),
    ("GET", "/console/numbers/new", A::Numbers, Whole),
    ("POST", "/console/numbers/bulk", A::Numbers, Whole),
    ("GET", "/console/numbers/table", A::Numbers, Whole),
    ("POST", "/console/numbers/table", A::Numbers, Whole),
    ("POST", "/console/numbers/table/apply", A::Numbers, Whole),
    ("GET", "/console/numbers.csv", A::Numbers, Whole),
    ("GET", "/console/numbers/{number}", A::Numbers, Tells::Number),
    ("POST", "/console/numbers/{number}/out", A::Numbers, Whole),
    ("GET", "/console/media", A::Numbers, Whole),
    ("GET", "/console/media/{number}/qr.svg", A::Numbers, Whole),
    ("GET", "/console/pools", A::Numbers, Part),
    ("POST", "/console/pools", A::Numbers, Whole),
    ("GET", "/console/pools/new", A::Numbers, Whole),
    ("GET", "/console/pools/{id}", A::Numbers, Tells::Pool),
    ("GET", "/console/pools/{id}/edit", A::Numbers, Whole),
    ("POST", "/console/pools/{id}/out", A::Numbers, Whole),
    ("GET", "/console/trunks", A::Settings, Whole),
    // A key opens whatever its scopes say, so making one is more than a setting.
    ("GET", "/console/keys", A::Staff, Whole),
    ("POST", "/console/keys", A::Staff, Whole),
    ("GET", "/console/keys/{id}", A::Staff, Whole),
    ("POST", "/console/keys/{id}/revoke", A::Staff, Whole),
    ("GET", "/console/sources", A::Numbers, Whole),
    ("GET", "/console/prompts", A::Settings, Whole),
    ("POST", "/console/prompts", A::Settings, Whole),
    ("GET", "/console/prompts/{id}/audio", A::Settings, Whole),
    ("POST", "/console/prompts/{id}/delete", A::Settings, Whole),
    ("GET", "/console/blocks", A::Settings, Whole),
    ("POST", "/console/blocks", A::Settings, Whole),
    ("POST", "/console/blocks/{id}/delete", A::Settings, Whole),
    ("GET", "/console/webhooks", A::Settings, Whole),
    ("GET", "/console/webhooks/{id}", A::Settings, Whole),
    ("POST", "/console/webhooks/{id}/test", A::Settings, Whole),
    ("POST", "/console/webhooks/{id}/deliveries/{delivery}/resend", A::Settings, Whole),
    ("GET", "/console/users", A::Staff, Whole),
    ("POST", "/console/users", A::Staff, Whole),
    ("GET", "/console/users/{id}", A::Staff, Whole),
    ("POST", "/console/users/{id}", A::Staff, Whole),
    ("POST", "/console/users/{id}/password", A::Staff, Whole),
    ("POST", "/console/users/{id}/second-factor/delete", A::Staff, Whole),
    ("POST", "/console/users/{id}/delete", A::Staff, Whole),
    ("GET", "/console/audit", A::Staff, Whole),
    ("GET", "/console/account", A::Own, Part),
    ("POST", "/console/account/password", A::Own, Part),
    ("POST", "/console/account/second-factor", A::Own, Part),
    ("POST", "/console/account/second-factor/delete", A::Own, Part),
    ("POST", "/console/account/sessions/end", A::Own, Part),
];

fn rule(method: &Method, route: &str) -> Option<(Area, Does, Tells)> {
    let looks = matches!(*method, Method::GET | Method::HEAD);
    let method = if looks { "GET" } else { method.as_str() };
    let found = RULES.iter().find(|(its, path, ..)| *its == method && *path == route);
    found.map(|(_, _, area, tells)| (*area, if looks { Does::Sees } else { Does::Changes }, *tells))
}

/// Whether somebody may open this page at all.
pub fn opens(post: &Post, page: &str) -> bool {
    may(post, &Method::GET, page)
}

/// Whether somebody may send this form at all.
pub fn sends(post: &Post, form: &str) -> bool {
    may(post, &Method::POST, form)
}

fn may(post: &Post, method: &Method, route: &str) -> bool {
    rule(method, route).is_some_and(|(area, does, tells)| {
        post.role.may(does, area) && (post.outlet.is_none() || tells != Whole)
    })
}

/// Lets pass who may do what is asked for.
///
/// # Errors
///
/// Their role does not; or what it is about is of another part of the network, which to them is not there.
pub(in crate::http) async fn allow(parts: &mut Parts, app: &AppState, post: &Post) -> Result<(), HttpError> {
    let route = parts.extensions.get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let (area, does, tells) = rule(&parts.method, route).ok_or(HttpError::NotAllowed)?;
    if !post.role.may(does, area) {
        info!(route, role = %post.role, "somebody asked for what their role does not open");
        return Err(HttpError::NotAllowed);
    }
    let Some(outlets) = within(app, post.outlet.as_ref()).await? else { return Ok(()) };
    let outlet = match tells {
        Whole => return Err(HttpError::NotAllowed),
        Part => return Ok(()),
        one => outlet_of(one, parts, app).await?,
    };
    // What is no id, or of nothing that there is, is for the handler to refuse.
    let Some(outlet) = outlet else { return Ok(()) };
    let outlet = outlet.map(|outlet| outlet.to_string());
    if outlets.contains(&outlet) { Ok(()) } else { Err(HttpError::NotFound("page")) }
}

/// The outlets that somebody sees, as labels of reports; `None`: everything.
pub async fn within(
    app: &AppState,
    outlet: Option<&OutletId>,
) -> Result<Option<BTreeSet<Option<String>>>, HttpError> {
    let Some(outlet) = outlet else { return Ok(None) };
    let outlets = app.store.list_outlets().await?;
    Ok(Some(meant(Dimension::Outlet, outlet.as_str(), &outlets)))
}

/// The same as ids.
pub fn ids_of(within: &BTreeSet<Option<String>>) -> Vec<OutletId> {
    within.iter().flatten().filter_map(|id| id.parse().ok()).collect()
}

/// Whether an outlet is among those.
pub fn sees(within: Option<&BTreeSet<Option<String>>>, outlet: &OutletId) -> bool {
    within.is_none_or(|outlets| outlets.contains(&Some(outlet.as_str().to_owned())))
}

/// The plan as far as somebody sees it, and its revision.
pub async fn plan_seen(app: &AppState, post: &Post) -> Result<(Draft, i64), HttpError> {
    let (draft, revision) = plan_drafted(&app.store).await?;
    let within = within(app, post.outlet.as_ref()).await?;
    Ok((within.iter().fold(draft, |draft, outlets| draft.within(outlets)), revision))
}

/// What of calls somebody is told.
pub async fn reader(app: &AppState, post: &Post) -> Result<Reader, HttpError> {
    Ok(Reader {
        within: within(app, post.outlet.as_ref()).await?,
        sees_people: post.sees_people(),
        sees_worth: post.sees_worth(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    use super::*;
    use crate::domain::staff::Role;

    /// What is open to whoever is not signed in yet, or leads elsewhere.
    const OPEN: &[&str] = &[
        "GET /console",
        "GET /console/",
        "GET /console/sign-in",
        "POST /console/sign-in",
        "GET /console/sign-in/code",
        "GET /console/sign-in/company",
        "GET /console/sign-in/company/callback",
        "POST /console/sign-in/code",
        "POST /console/sign-out",
        "GET /console/assets/{file}",
    ];

    #[test]
    fn every_address_of_the_console_has_a_rule_or_is_open() {
        let mut served = BTreeSet::new();
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
        let told: Vec<String> = RULES.iter().map(|(method, path, ..)| format!("{method} {path}")).collect();
        let told: Vec<String> = told.into_iter().chain(OPEN.iter().map(|&it| it.to_owned())).collect();

        let once: BTreeSet<String> = told.iter().cloned().collect();
        assert_eq!(once.len(), told.len(), "one has two rules");
        assert_eq!(once, served);
    }

    #[test]
    fn who_sees_a_part_opens_only_pages_that_keep_to_it() {
        let post = |role, outlet: Option<&str>| Post { role, outlet: outlet.map(|it| it.parse().unwrap()) };
        let whole = post(Role::Admin, None);
        let part = post(Role::Admin, Some("nice"));

        assert!(opens(&whole, "/console/users") && !opens(&part, "/console/users"));
        assert!(opens(&part, "/console/overview") && opens(&part, "/console/calls"));
        assert!(!opens(&part, "/console/contacts/{id}") && !opens(&whole, "/console/nothing"));
        assert!(!opens(&post(Role::Outlet, None), "/console/segments"));
    }
}
