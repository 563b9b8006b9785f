//! The websites: the tag to paste into each, and how its numbers are doing.

use std::collections::BTreeSet;
use std::time::Duration;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::permissions::{plan_seen, sees, within};
use super::plan_review::Saved;
use super::{Frame, page, parts};
use crate::domain::phone::{Country, Phone};
use crate::domain::tracking::site::Site;
use crate::domain::tracking::swap::{Rule, StandIn};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Query, Session};
use crate::http::language::{EditTexts, Lang, SiteTexts};
use crate::http::snippet::script;
use crate::store::PoolRow;
use crate::store::sharing::ShownCount;

/// Visits that began so long ago tell what pools do lately.
const LATELY: Duration = Duration::from_secs(24 * 60 * 60);

/// Where a site's own web server answers for the gateway, in the example.
const PROXIED: &str = "/calls";

#[derive(Template)]
#[template(path = "sites.html")]
struct SitesPage {
    frame: Frame,
    t: &'static SiteTexts,
    e: &'static EditTexts,
    is_saved: bool,
    sites: Vec<SiteView>,
    /// The header that a site's own web server tells the visitor's address in.
    address_header: Option<String>,
}

struct SiteView {
    name: String,
    id: String,
    origins: Vec<String>,
    pools: Vec<PoolView>,
    /// Static numbers: the channel, the number, the one it stands in for.
    stand_ins: Vec<(&'static str, String, String)>,
    without_consent: u64,
    tag: String,
    tag_checked: String,
    tag_proxied: String,
    /// What begins a call on a page; empty: the site takes none.
    buttons: String,
    proxy: String,
    amp: String,
}

struct PoolView {
    id: String,
    target: String,
    numbers: u32,
    free: u32,
    lent: u32,
    resting: u32,
    ageing: u32,
    retired: u32,
    /// What visits were shown lately: each rule with how many.
    shown: Vec<(&'static str, u64)>,
}

/// `GET /console/sites`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(Saved(is_saved)): Query<Saved>,
) -> Result<Response, HttpError> {
    let now = app.clock.now();
    let within = within(&app, session.post.outlet.as_ref()).await?;
    let (draft, _) = plan_seen(&app, &session.post).await?;
    let mut pools = app.store.list_pools(now).await?;
    pools.retain(|row| draft.pools.iter().any(|it| it.id == row.pool.id.as_str()));
    let shown = app.store.count_shown(now - LATELY).await?;
    let counted = app.store.count_unconsented(now - LATELY).await?;
    let mut sites = Vec::new();
    for site in app.store.list_sites().await?.into_iter().filter(|it| sees(within.as_ref(), &it.outlet)) {
        let stand_ins = app.store.list_stand_ins_and_outlets(&site.id).await?.into_iter();
        let stand_ins = stand_ins.filter(|(_, outlet)| sees(within.as_ref(), outlet)).map(|(it, _)| it);
        let stand_ins: Vec<StandIn> = stand_ins.collect();
        let pools = pools.iter().filter(|row| row.pool.site == site.id);
        let without_consent = counted.get(&site.id).copied().unwrap_or_default();
        sites.push(view(&app, lang, &site, pools, &shown, &stand_ins, without_consent));
    }
    page(&SitesPage {
        frame: Frame::new(lang, &here, Some(&session)),
        t: lang.site_texts(),
        e: lang.edit_texts(),
        is_saved,
        sites,
        address_header: app.config.address_header.as_ref().map(ToString::to_string),
    })
}

fn view<'p>(
    app: &AppState,
    lang: Lang,
    site: &Site,
    pools: impl Iterator<Item = &'p PoolRow>,
    shown: &[ShownCount],
    stand_ins: &[StandIn],
    without_consent: u64,
) -> SiteView {
    let home = app.config.home;
    let pools: Vec<&PoolRow> = pools.collect();
    let targets = pools.iter().map(|row| &row.pool.target).chain(stand_ins.iter().map(|it| &it.target));
    let targets: BTreeSet<&Phone> = targets.collect();
    let public = app.config.public_url.as_str().trim_end_matches('/');
    let takes_calls = site.guard.page_calls > 0;
    let calls = if takes_calls { " data-calls" } else { "" };
    let script = |from: &str, more: &str| {
        format!(r#"<script async src="{from}/whence.v1.js"{more} data-site="{}"{calls}></script>"#, site.id)
    };
    let button = |target: &&Phone| {
        format!(
            r#"<button type="button" data-whence-call="{}">{}</button>"#,
            target.reveal(),
            lang.texts().call_us
        )
    };
    let checked = format!(r#" integrity="{}" crossorigin="anonymous""#, script::integrity());
    SiteView {
        tag: script(public, ""),
        tag_checked: script(public, &checked),
        tag_proxied: script(PROXIED, ""),
        buttons: targets.iter().filter(|_| takes_calls).map(button).collect::<Vec<_>>().join("\n"),
        proxy: proxy(public, app.config.address_header.as_ref().map(|name| name.as_str())),
        amp: targets.into_iter().map(|target| amp(public, site, target)).collect(),
        pools: pools.into_iter().map(|row| pool_view(lang, home, row, shown)).collect(),
        stand_ins: stand_ins
            .iter()
            .map(|it| {
                (lang.channel(it.channel), parts::phone(&it.number, home), parts::phone(&it.target, home))
            })
            .collect(),
        without_consent,
        id: site.id.to_string(),
        name: site.name.clone(),
        origins: site.origins.clone(),
    }
}

/// What stands around a number in a page in AMP.
fn amp(public: &str, site: &Site, target: &Phone) -> String {
    let asked = "page=SOURCE_URL&title=TITLE&referrer=DOCUMENT_REFERRER&consent=CONSENT_STATE&client=CLIENT_ID(whence)";
    let (e164, id) = (target.reveal(), &site.id);
    format!(
        "<amp-call-tracking config=\"{public}/api/v1/sites/{id}/amp-call-tracking?{asked}&target=%2B{}\">\n  \
         <a href=\"tel:{e164}\">{}</a>\n</amp-call-tracking>\n",
        e164.trim_start_matches('+'),
        target.national()
    )
}

/// What nginx is told, so that pages of the site load and ask under its own name.
fn proxy(public: &str, address_header: Option<&str>) -> String {
    let header = address_header.unwrap_or("X-Forwarded-For");
    let place = |path: &str, more: &str| {
        format!(
            "location {PROXIED}{path} {{\n    proxy_pass {public}{path};\n    \
             proxy_set_header {header} $remote_addr;\n{more}}}\n"
        )
    };
    // A call from a page is a WebSocket.
    let upgrade = "    proxy_http_version 1.1;\n    proxy_set_header Upgrade $http_upgrade;\n    \
                   proxy_set_header Connection \"upgrade\";\n";
    place("/whence", "") + &place("/api/v1/visits", "") + &place("/api/v1/sites/", upgrade)
}

fn pool_view(lang: Lang, home: Country, row: &PoolRow, shown: &[ShownCount]) -> PoolView {
    let count = |rule: Rule| {
        let of_pool = shown.iter().filter(|it| it.pool == row.pool.id && it.rule == rule);
        of_pool.map(|it| it.visits).sum::<u64>()
    };
    PoolView {
        id: row.pool.id.to_string(),
        target: parts::phone(&row.pool.target, home),
        numbers: row.numbers,
        free: row.numbers.saturating_sub(row.lent + row.resting + row.ageing),
        lent: row.lent,
        resting: row.resting,
        ageing: row.ageing,
        retired: row.retired,
        shown: Rule::ALL.into_iter().map(|rule| (lang.shown_by(rule), count(rule))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_answers_for_the_scripts_for_visits_and_for_calls_and_for_nothing_else() {
        let told = proxy("https://calls.example.org", Some("x-real-ip"));

        assert_eq!(
            told,
            "location /calls/whence {\n    proxy_pass https://calls.example.org/whence;\n    \
             proxy_set_header x-real-ip $remote_addr;\n}\n\
             location /calls/api/v1/visits {\n    proxy_pass https://calls.example.org/api/v1/visits;\n    \
             proxy_set_header x-real-ip $remote_addr;\n}\n\
             location /calls/api/v1/sites/ {\n    proxy_pass https://calls.example.org/api/v1/sites/;\n    \
             proxy_set_header x-real-ip $remote_addr;\n    proxy_http_version 1.1;\n    \
             proxy_set_header Upgrade $http_upgrade;\n    proxy_set_header Connection \"upgrade\";\n}\n"
        );
        assert!(proxy("https://a.example", None).contains("X-Forwarded-For"));
    }
}
