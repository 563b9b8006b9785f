//! Who asks, and for whom: a page for the browser it is open in, or the site's
//! own server for the browser it answers.
//!
//! No key protects what a page asks, since it would stand in the page for
//! everyone to read. What protects it is the `Origin` that browsers send and
//! pages cannot forge: it must be one the site lists. A server has no origin.
//! It shows a key with `visits:write`, and tells whom it asks for: what its own
//! address and program are says nothing of the visitor.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::header::{AUTHORIZATION, ORIGIN, USER_AGENT};
use axum::http::{HeaderMap, HeaderName};
use utoipa::IntoParams;

use super::gate;
use crate::domain::ids::{SiteId, VisitId};
use crate::domain::tracking::guard::Block;
use crate::domain::tracking::offer::Offer;
use crate::domain::tracking::visit::Visit;
use crate::flows::may_follow;
use crate::http::AppState;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{ApiKey, VisitsWrite};

static VISITOR_ADDRESS: HeaderName = HeaderName::from_static("whence-visitor-address");
static VISITOR_USER_AGENT: HeaderName = HeaderName::from_static("whence-visitor-user-agent");

/// What a site's own server tells of the visitor it asks for, with a key; a page sends neither.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes what Asker::visitor reads")]
pub struct VisitorHeaders {
    /// The visitor's IP address, by whose block numbers are bounded; needed with a key.
    #[param(rename = "Whence-Visitor-Address", example = "203.0.113.7")]
    address: Option<String>,
    /// The visitor's `User-Agent`, by which their device and robots are told; needed with a key.
    #[param(rename = "Whence-Visitor-User-Agent")]
    user_agent: Option<String>,
}

/// Who was let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asker {
    /// A page of the site.
    Page,
    /// A server that has a key.
    Server,
}

/// Whom it is about.
pub struct Visitor<'h> {
    pub user_agent: &'h str,
    pub block: Option<Block>,
}

/// The site, for a page of it or for a server with a key.
pub async fn let_in(
    app: &AppState,
    site: &SiteId,
    headers: &HeaderMap,
) -> Result<(Arc<Offer>, Asker), HttpError> {
    let asker = if headers.contains_key(AUTHORIZATION) {
        ApiKey::<VisitsWrite>::of(headers, app).await?;
        Asker::Server
    } else {
        Asker::Page
    };
    let offer = app.store.find_offer(site, app.clock.now()).await?.ok_or(HttpError::NotFound("site"))?;
    let origin = headers.get(ORIGIN).and_then(|value| value.to_str().ok());
    let own = || origin.is_some_and(|origin| offer.site.origins.iter().any(|known| known == origin));
    if asker == Asker::Server || own() { Ok((offer, asker)) } else { Err(HttpError::ForeignOrigin) }
}

/// The visit, for a page of its site or for a server with a key; it is over once its visitor has said that they will
/// not be followed.
pub async fn visit_for(
    app: &AppState,
    id: VisitId,
    headers: &HeaderMap,
) -> Result<(Visit, Arc<Offer>, Asker), HttpError> {
    let visit = app.store.find_visit(id).await?.ok_or(HttpError::NotFound("visit"))?;
    let (offer, asker) = let_in(app, &visit.site, headers).await?;
    if !may_follow(&app.store, visit.visitor, app.clock.now()).await? {
        return Err(HttpError::NotFound("visit"));
    }
    Ok((visit, offer, asker))
}

impl Asker {
    /// Whom it is about: of a page whoever sent the request, of a server whom it names.
    pub fn visitor<'h>(
        self,
        headers: &'h HeaderMap,
        socket: Option<IpAddr>,
        address_header: Option<&HeaderName>,
    ) -> Result<Visitor<'h>, HttpError> {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        match self {
            Asker::Page => Ok(Visitor {
                user_agent: text(&USER_AGENT).unwrap_or_default(),
                block: gate::block(headers, socket, address_header),
            }),
            Asker::Server => {
                let address: Option<IpAddr> =
                    text(&VISITOR_ADDRESS).and_then(|address| address.trim().parse().ok());
                let user_agent = text(&VISITOR_USER_AGENT);
                let missing = |name, what: &str| BadField::new(name, format!("with a key, {what}"));
                let mut problems = Vec::new();
                if address.is_none() {
                    problems
                        .push(missing("Whence-Visitor-Address", "this header has the visitor's IP address"));
                }
                if user_agent.is_none() {
                    problems.push(missing(
                        "Whence-Visitor-User-Agent",
                        "this header has the visitor's User-Agent",
                    ));
                }
                match (address, user_agent) {
                    (Some(address), Some(user_agent)) => {
                        Ok(Visitor { user_agent, block: Block::of(address) })
                    }
                    _ => Err(HttpError::Invalid(problems)),
                }
            }
        }
    }
}
