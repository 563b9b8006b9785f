//! The overview by a link: read-only, its filters locked, for who has no account here.
//!
//! What visitors looked at and for (pages, terms) is not on it, and what calls cost is not.

use axum::Router;
use axum::extract::{OriginalUri, Path, State};
use axum::http::header::{HeaderName, REFERRER_POLICY};
use axum::response::Response;
use axum::routing::get;

use super::{Chosen, Who, chosen, filled};
use crate::domain::reporting::dimension::Dimension;
use crate::flows::share_opened;
use crate::http::choices::{Knocker, nowhere};
use crate::http::console::page;
use crate::http::console::parts::Moment;
use crate::http::console::permissions::within;
use crate::http::error::HttpError;
use crate::http::extract::hash_token;
use crate::http::language::Lang;
use crate::http::{AppState, if_absent};

const NO_INDEX: HeaderName = HeaderName::from_static("x-robots-tag");
const UNTOLD: [Dimension; 2] = [Dimension::LandingPage, Dimension::Term];

pub fn routes() -> Router<AppState> {
    Router::new().route("/shared/{link}", get(show)).layer((
        // The address is the key: it is told to nobody.
        if_absent(REFERRER_POLICY, "no-referrer"),
        if_absent(NO_INDEX, "noindex"),
    ))
}

/// `GET /shared/{link}`: nothing of its query is read but the language.
async fn show(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(link): Path<String>,
) -> Result<Response, HttpError> {
    let opened = share_opened(&app.store, &app.clock, &hash_token(&link)).await?;
    let Some((share, part)) = opened else { return nowhere(&app, lang, &here, knocker) };
    let mut asked = chosen(&share.query);
    asked.asked.within = within(&app, part.as_ref()).await?;
    asked.asked.only.retain(|(it, _)| !UNTOLD.contains(it));
    keep_to(&mut asked);
    let until = Moment::day_and_time(lang, share.expires_at);
    page(&filled(&app, lang, &here, asked, Who::Guest { until, sees_part: part.is_some() }).await?)
}

/// Shows something else in the place of what is not told.
fn keep_to(asked: &mut Chosen) {
    asked.all = asked.all.filter(|it| !UNTOLD.contains(it));
    for (shown, instead) in asked.shown.iter_mut().zip([Dimension::Channel, Dimension::Device]) {
        if UNTOLD.contains(shown) {
            *shown = instead;
        }
    }
}
