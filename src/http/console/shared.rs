//! Reports by a link: read-only, their filters locked, for who has no account here.
//!
//! ```text
//!   /shared/… ─▶ the link, and what its maker may see now ─▶ the report's own page, filled for a guest
//! ```
//!
//! A report is filled by one function, whoever looks: [`Who`] says of which part of the network it tells, and a guest's
//! page leads nowhere. What visitors looked at and for (pages, terms) is on none of them.

use axum::Router;
use axum::extract::{OriginalUri, Path, State};
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, REFERRER_POLICY};
use axum::response::Response;
use axum::routing::get;

use super::permissions::opens;
use super::{attribution, journeys, money, network, overview};
use crate::domain::ids::OutletId;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::share::SharedReport;
use crate::domain::staff::Post;
use crate::domain::time::Timestamp;
use crate::flows::share_opened;
use crate::http::choices::{Knocker, nowhere};
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, QueryReader, Session, hash_token};
use crate::http::language::Lang;
use crate::http::{AppState, if_absent};

const NO_INDEX: HeaderName = HeaderName::from_static("x-robots-tag");
/// What of visitors no guest is told.
pub(super) const UNTOLD: [Dimension; 2] = [Dimension::LandingPage, Dimension::Term];

/// Who looks at a report.
pub(super) enum Who {
    User(Session),
    /// Somebody with a link, which ends then, and shows what its maker may see; `None`: a program, which sees all.
    Guest {
        until: Timestamp,
        maker: Option<Post>,
    },
}

impl Who {
    pub fn session(&self) -> Option<&Session> {
        match self {
            Who::User(session) => Some(session),
            Who::Guest { .. } => None,
        }
    }

    pub fn is_guest(&self) -> bool {
        self.session().is_none()
    }

    /// The part of the network that they see; `None`: all of it.
    pub fn outlet(&self) -> Option<&OutletId> {
        match self {
            Who::User(session) => session.post.outlet.as_ref(),
            Who::Guest { maker, .. } => maker.as_ref().and_then(|maker| maker.outlet.as_ref()),
        }
    }
}

pub fn routes() -> Router<AppState> {
    Router::new().route("/shared/{link}", get(show)).layer((
        // The address is the key: it is told to nobody.
        if_absent(REFERRER_POLICY, "no-referrer"),
        if_absent(NO_INDEX, "noindex"),
    ))
}

/// The address of a report at the console.
pub(super) fn page_of(report: SharedReport) -> String {
    format!("/console/{report}")
}

/// `GET /shared/{link}`: nothing of its query is read but the language.
async fn show(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    knocker: Knocker,
    Path(link): Path<String>,
) -> Result<Response, HttpError> {
    let may_see = |post: &Post, report| opens(post, &page_of(report));
    let opened = share_opened(&app.store, &app.clock, &hash_token(&link), may_see).await?;
    let Some((share, maker)) = opened else { return nowhere(&app, lang, &here, knocker) };
    let who = Who::Guest { until: share.expires_at, maker };
    match share.report {
        SharedReport::Overview => {
            overview::filled(&app, lang, &here, &headers, kept(&share.query), who).await
        }
        SharedReport::Network => network::filled(&app, lang, &here, &headers, kept(&share.query), who).await,
        SharedReport::Attribution => {
            attribution::filled(&app, lang, &here, &headers, kept(&share.query), who).await
        }
        SharedReport::Journeys => {
            journeys::filled(&app, lang, &here, &headers, kept(&share.query), who).await
        }
        SharedReport::Money => money::filled(&app, lang, &here, &headers, kept(&share.query), who).await,
    }
}

/// Refuses what a report does not read: a filter that is dropped would have the link show more than was chosen.
pub(in crate::http) fn check_query(report: SharedReport, query: &str) -> Result<(), HttpError> {
    fn read<T: FromQuery>(mut query: QueryReader<'_>) -> Result<(), HttpError> {
        T::read(&mut query);
        query.finish()
    }
    let query = QueryReader::new(query);
    match report {
        SharedReport::Overview => read::<overview::Chosen>(query),
        SharedReport::Network => read::<network::Chosen>(query),
        SharedReport::Attribution => read::<attribution::Chosen>(query),
        SharedReport::Journeys => read::<journeys::Chosen>(query),
        SharedReport::Money => read::<money::Chosen>(query),
    }
}

/// What was chosen in an address that was kept; what cannot be read in it is what is usual.
pub(super) fn kept<T: FromQuery>(query: &str) -> T {
    T::read(&mut QueryReader::new(query))
}
