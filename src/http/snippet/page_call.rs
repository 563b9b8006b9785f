//! A call from a page: the WebSocket between the browser and the gateway while
//! somebody calls without a telephone.
//!
//! ```text
//!   browser ── call, accept ───────────────────────▶ here ──▶ switchboard
//!   browser ◀─ ice_servers, ringing, answered, … ─── here ◀── switchboard
//! ```
//!
//! Each message is one JSON object with one field, which says what it is. The
//! sound goes beside it, by WebRTC. Either side hangs up by closing.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::asker::{Asker, let_in};
use super::beacon::OriginProblem;
use super::gate;
use crate::clock::Clock;
use crate::domain::calling::record::FromPage;
use crate::domain::ids::{SiteId, VisitId};
use crate::domain::phone::Phone;
use crate::domain::tracking::guard::{Block, CallRefusal, Signs, doubt};
use crate::domain::tracking::offer::Offer;
use crate::http::AppState;
use crate::http::api::{OneProblems, ServerProblems};
use crate::http::error::HttpError;
use crate::http::extract::{ClientAddress, Path};
use crate::http::ice::IceServer;
use crate::http::socket::{PING, bounded, send, tell};
use crate::switchboard::page::{BrowserDescription, PageCall, PageEnd, Told};

/// How long a page may think before it says what it wants.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a page says.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageSays {
    /// It wants to call; said once.
    Call(NewPageCall),
    /// The browser's answer to what was `offered`, as SDP.
    Accept(String),
}

/// A call from a page.
#[derive(Deserialize, ToSchema)]
pub struct NewPageCall {
    /// The number of the business as it stands on the page; without it, the site's first.
    #[schema(example = "+33199000000")]
    to: Option<String>,
    /// The visit's identifier; without it nobody knows who calls.
    visit: Option<Uuid>,
    /// The page's whole address; without a visit it tells where the call came from …
    page: String,
    /// … together with `document.referrer`.
    referrer: Option<String>,
    /// Whether a program drives the browser, `navigator.webdriver`.
    #[serde(default)]
    automated: bool,
    /// Whether somebody has touched the page.
    #[serde(default)]
    interacted: bool,
    /// What the browser offers: one sound, by ICE and DTLS-SRTP (RFC 8829).
    sdp: String,
}

/// What a page is told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageHears {
    /// First: what `RTCPeerConnection` is made with.
    IceServers(Vec<IceServer>),
    /// It rings; with SDP what is said before the answer can be heard.
    Ringing(Option<String>),
    /// Somebody has answered: SDP.
    Answered(String),
    /// The other side wants another session: SDP, to be accepted.
    Offered(String),
    /// Last: `over`, `busy`, `no_answer`, `refused`; or why it was not carried: `off`, `robot`,
    /// `too_many`, `no_number`, `unavailable`, `malformed`.
    Ended(&'static str),
}

/// Somebody calls from a page of the site, over a WebSocket.
///
/// The page is told `ice_servers`, says `call`, and is told how it goes until
/// `ended`. The call is written down with its visit; no number is lent for it.
/// A site takes such calls when its plan has `page_calls`.
#[utoipa::path(
    get, path = "/api/v1/sites/{id}/page-call", tag = "snippet", operation_id = "call_from_page",
    params(("id" = String, Path, description = "The site's name in the plan")), security(()),
    responses(
        (status = 101, description = "What the page is told from here on", body = PageHears),
        OriginProblem, OneProblems, ServerProblems,
    )
)]
pub async fn call(
    State(app): State<AppState>,
    Path(site): Path<SiteId>,
    ClientAddress(socket): ClientAddress,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, HttpError> {
    let (offer, asker) = let_in(&app, &site, &headers).await?;
    if asker == Asker::Server {
        return Err(HttpError::ForeignOrigin);
    }
    let upgrade = upgrade.map_err(|_| HttpError::NoRoute)?;
    let block = gate::block(&headers, socket, app.config.address_header.as_ref());
    Ok(bounded(upgrade).on_upgrade(async move |mut socket| {
        let why = talk(&app, &offer, &headers, block, &mut socket).await;
        let _ = tell(&mut socket, &PageHears::Ended(why)).await;
        let _ = send(&mut socket, Message::Close(None)).await;
    }))
}

/// A call from its first word to its end, and why that came.
async fn talk(
    app: &AppState,
    offer: &Offer,
    headers: &HeaderMap,
    block: Option<Block>,
    socket: &mut WebSocket,
) -> &'static str {
    // It counts until this function ends.
    let _permit = match app.gate.admit_call(&offer.site, block, app.clock.now()) {
        Ok(permit) => permit,
        Err(CallRefusal::Off) => return "off",
        Err(CallRefusal::TooMany) => return "too_many",
    };
    let servers = app.config.ice.at(app.clock.now());
    if tell(socket, &PageHears::IceServers(servers)).await.is_err() {
        return "over";
    }
    let says = tokio::time::timeout(PATIENCE, hear(socket)).await;
    let Ok(Some(PageSays::Call(new))) = says else { return "malformed" };

    let signs =
        Signs { is_automated: new.automated, has_interaction: new.interacted, ..gate::signs(headers) };
    if doubt(signs, &offer.site.guard).is_some() {
        return "robot";
    }
    let call = match new.read(app, offer).await {
        Ok(call) => call,
        Err(why) => return why,
    };
    match app.watch.call_from_page(call).await {
        Some(end) => carry(end, &app.clock, socket).await,
        None => "unavailable",
    }
}

impl NewPageCall {
    /// Where it goes, and of which visit it is.
    async fn read(self, app: &AppState, offer: &Offer) -> Result<PageCall, &'static str> {
        let wanted = match &self.to {
            Some(text) => Some(Phone::parse(text, Some(app.config.home)).map_err(|_| "no_number")?),
            None => None,
        };
        let mut targets = offer.targets().filter(|target| wanted.as_ref().is_none_or(|it| it == *target));
        let number = targets.next().ok_or("no_number")?.clone();
        let site = &offer.site;
        let sound = BrowserDescription::read(self.sdp).ok_or("malformed")?;
        let like = app.store.find_number_for(&site.id, &number).await.map_err(|_| "unavailable")?;
        let like = like.ok_or("no_number")?;
        // A visit that is not known any more is no reason to refuse a call.
        let visit = match self.visit {
            Some(visit) => app.store.find_visit(VisitId(visit)).await.unwrap_or_default(),
            None => None,
        };
        let from = match visit.filter(|visit| visit.site == site.id) {
            Some(visit) => FromPage { visit: Some(visit.id), source: visit.source },
            None => {
                let source = site.explain(&self.page, self.referrer.as_deref()).source;
                FromPage { visit: None, source }
            }
        };
        Ok(PageCall { number, like, site: site.name.clone(), from, offer: sound })
    }
}

/// Carries words between page and call until one of them has no more.
async fn carry(mut end: PageEnd, clock: &Clock, socket: &mut WebSocket) -> &'static str {
    let mut pings = tokio::time::interval(PING);
    let mut is_there = true;
    // When the page must have accepted what it was offered.
    let mut accept_by = None;
    loop {
        tokio::select! {
            () = clock.until(accept_by) => return "over",
            told = end.next() => {
                let hears = match told {
                    Some(Told::Ringing(sdp)) => PageHears::Ringing(sdp),
                    Some(Told::Answered(sdp)) => PageHears::Answered(sdp),
                    Some(Told::Offered(sdp)) => {
                        accept_by = Some(clock.now() + PATIENCE);
                        PageHears::Offered(sdp)
                    }
                    Some(Told::Ended(why)) => return why.as_str(),
                    None => return "over",
                };
                if tell(socket, &hears).await.is_err() {
                    return "over";
                }
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                    Ok(PageSays::Accept(sdp)) => match BrowserDescription::read(sdp) {
                        Some(description) => {
                            accept_by = None;
                            end.accepts(description).await;
                        }
                        None => return "malformed",
                    },
                    Ok(PageSays::Call(_)) | Err(_) => return "malformed",
                },
                Some(Ok(Message::Pong(_))) => is_there = true,
                Some(Ok(Message::Ping(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => return "over",
            },
            _ = pings.tick() => {
                if !is_there || send(socket, Message::Ping(Default::default())).await.is_err() {
                    return "over";
                }
                is_there = false;
            }
        }
    }
}

async fn hear(socket: &mut WebSocket) -> Option<PageSays> {
    loop {
        match socket.recv().await?.ok()? {
            Message::Text(text) => return serde_json::from_str(&text).ok(),
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Binary(_) | Message::Close(_) => return None,
        }
    }
}
