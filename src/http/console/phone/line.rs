//! The WebSocket between a console and the gateway: what rings there, who takes it.
//!
//! ```text
//!   browser ── available, answer, decline, accept, hang_up ────────────────▶ here ──▶ switchboard
//!   browser ◀─ ringing, journey, gone, talking, offered, ended, … ────────── here ◀── switchboard
//! ```
//!
//! Each message is one JSON object with one field, which says what it is. The
//! socket is as good as the session that opened it. A talk that is under way
//! when the session ends is brought to its end: its caller is not to blame.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use url::Url;

use super::super::parts;
use super::journey::{Journey, seek};
use crate::domain::ids::{CallId, DestinationId};
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::console::permissions::opens;
use crate::http::error::HttpError;
use crate::http::extract::{SESSION_COOKIE, Session, cookie, hash_token};
use crate::http::ice::IceServer;
use crate::http::language::Lang;
use crate::http::socket::{PING, bounded, send, tell};
use crate::switchboard::consoles::{BrowserDescription, ConsoleEnd, Ring, Ringing, Told};

/// How long a browser may take to accept what it was offered.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a console says.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Says {
    /// It answers for these destinations; for none: whoever is there is away.
    Available(BTreeSet<DestinationId>),
    /// It takes a call, with the browser's answer as SDP.
    Answer {
        call: CallId,
        leg: u8,
        sdp: String,
    },
    Decline {
        call: CallId,
        leg: u8,
    },
    /// The browser's answer to what was `offered`, as SDP.
    Accept(String),
    /// A key, where the browser has none to send beside the sound.
    Press(String),
    HangUp(()),
}

/// What a console is told.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Hears {
    /// From now on calls to these ring here.
    Available(BTreeSet<DestinationId>),
    Ringing(Box<Rings>),
    /// What is known of a call that rings or talks here.
    Journey(Box<Journey>),
    /// Nothing is, and nothing more will come.
    NoJourney {
        call: CallId,
    },
    Gone {
        call: CallId,
        leg: u8,
        taken: bool,
    },
    Talking {
        call: CallId,
        leg: u8,
    },
    Offered(String),
    Ended(()),
    /// Last.
    SignedOut(()),
}

/// A call that rings, as the page shows it.
#[derive(Serialize)]
struct Rings {
    call: CallId,
    leg: u8,
    caller: String,
    number: String,
    destination: String,
    ice_servers: Vec<IceServer>,
    sdp: String,
}

/// No console of ours says so.
struct NotUnderstood;

/// What is asked of the database while the console is listened to.
enum Besides {
    Journey(CallId, Option<Box<Journey>>),
    /// Whether the session still holds.
    Session(bool),
}

/// `GET /console/phone/line`
pub async fn open(
    _: Session,
    State(app): State<AppState>,
    lang: Lang,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, HttpError> {
    if !is_own(&app.config.public_url, &headers) {
        return Err(HttpError::CrossSite);
    }
    let token = cookie(&headers, SESSION_COOKIE).map(hash_token).ok_or(HttpError::SignedOut)?;
    let upgrade = upgrade.map_err(|_| HttpError::NoRoute)?;
    let all = app.store.list_destinations().await?;
    let names = all.into_iter().map(|destination| (destination.id, destination.name)).collect();
    Ok(bounded(upgrade).on_upgrade(async move |mut socket| {
        let line = Line {
            end: app.consoles.enter(),
            ping_at: app.clock.now() + PING,
            app,
            lang,
            token,
            names,
            besides: JoinSet::new(),
            is_there: true,
            is_talking: false,
            is_signed_out: false,
            accept_by: None,
        };
        line.carry(&mut socket).await;
        let _ = send(&mut socket, Message::Close(None)).await;
    }))
}

/// A WebSocket that another website opens brings the session's cookie, too, where a browser
/// is old: `Origin` is what pages cannot forge (RFC 6455 §10.2).
fn is_own(public: &Url, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(ORIGIN) else { return false };
    let here = origin.split_once("://").is_some_and(|(_, host)| text(HOST) == Some(host));
    here || origin == public.origin().ascii_serialization()
}

struct Line {
    app: AppState,
    lang: Lang,
    token: String,
    names: HashMap<DestinationId, String>,
    end: ConsoleEnd,
    besides: JoinSet<Besides>,
    /// When the browser is asked whether it is still there, and the database about the session.
    ping_at: Timestamp,
    is_there: bool,
    is_talking: bool,
    is_signed_out: bool,
    /// When the browser must have accepted what it was offered.
    accept_by: Option<Timestamp>,
}

impl Line {
    /// Carries words between browser and switchboard until one of them has no more.
    async fn carry(mut self, socket: &mut WebSocket) {
        loop {
            if self.is_signed_out && !self.is_talking && self.end.is_quiet() {
                let _ = tell(socket, &Hears::SignedOut(())).await;
                return;
            }
            let wake_at = self.accept_by.map_or(self.ping_at, |at| at.min(self.ping_at));
            let goes_on = tokio::select! {
                told = self.end.next() => match told {
                    Some(told) => tell(socket, &self.is_told(told)).await.is_ok(),
                    None => false,
                },
                Some(found) = self.besides.join_next() => match found {
                    Ok(Besides::Journey(call, journey)) => {
                        let hears = journey.map_or(Hears::NoJourney { call }, Hears::Journey);
                        tell(socket, &hears).await.is_ok()
                    }
                    Ok(Besides::Session(holds)) => {
                        if !holds {
                            self.is_signed_out = true;
                            self.end.answers_for(BTreeSet::new());
                        }
                        true
                    }
                    Err(_) => true,
                },
                message = socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => match self.hears(&text) {
                        Ok(Some(hears)) => tell(socket, &hears).await.is_ok(),
                        Ok(None) => true,
                        Err(NotUnderstood) => false,
                    },
                    Some(Ok(Message::Pong(_))) => {
                        self.is_there = true;
                        true
                    }
                    Some(Ok(Message::Ping(_))) => true,
                    Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => false,
                },
                () = self.app.clock.until(Some(wake_at)) => self.wakes(socket).await,
            };
            if !goes_on {
                return;
            }
        }
    }

    /// The switchboard says something.
    fn is_told(&mut self, told: Told) -> Hears {
        match told {
            Told::Ringing(ringing) => {
                let (app, lang, call) = (self.app.clone(), self.lang, ringing.ring.call);
                self.besides
                    .spawn(async move { Besides::Journey(call, seek(&app, lang, call).await.map(Box::new)) });
                Hears::Ringing(Box::new(self.shown(*ringing)))
            }
            Told::Gone { ring: Ring { call, leg }, is_taken } => Hears::Gone { call, leg, taken: is_taken },
            Told::Talking(Ring { call, leg }) => {
                self.is_talking = true;
                Hears::Talking { call, leg }
            }
            Told::Offered(sdp) => {
                self.accept_by = Some(self.app.clock.now() + PATIENCE);
                Hears::Offered(sdp)
            }
            Told::Ended => {
                (self.is_talking, self.accept_by) = (false, None);
                Hears::Ended(())
            }
        }
    }

    fn shown(&self, ringing: Ringing) -> Rings {
        let (lang, home) = (self.lang, self.app.config.home);
        let name = self.names.get(&ringing.destination).cloned();
        Rings {
            call: ringing.ring.call,
            leg: ringing.ring.leg,
            caller: if ringing.is_from_page {
                lang.phone().from_page.to_owned()
            } else {
                parts::caller(lang, ringing.caller.as_ref(), home)
            },
            number: parts::phone(&ringing.number, home),
            destination: name.unwrap_or_else(|| ringing.destination.to_string()),
            ice_servers: self.app.config.ice.at(self.app.clock.now()),
            sdp: ringing.offer.as_str().to_owned(),
        }
    }

    /// The browser says something; what it is told at once, if anything.
    fn hears(&mut self, text: &str) -> Result<Option<Hears>, NotUnderstood> {
        match serde_json::from_str(text).map_err(|_| NotUnderstood)? {
            Says::Available(_) if self.is_signed_out => {}
            Says::Available(these) => {
                self.end.answers_for(these.clone());
                return Ok(Some(Hears::Available(these)));
            }
            Says::Answer { call, leg, sdp } => match BrowserDescription::read(sdp) {
                Some(said) => self.end.takes(Ring { call, leg }, said),
                // It has nothing in common with the caller.
                None => self.end.declines(Ring { call, leg }),
            },
            Says::Press(key) => self.end.presses(key.parse().map_err(|_| NotUnderstood)?),
            Says::Decline { call, leg } => self.end.declines(Ring { call, leg }),
            Says::Accept(sdp) => {
                self.accept_by = None;
                self.end.accepts(BrowserDescription::read(sdp).ok_or(NotUnderstood)?);
            }
            Says::HangUp(()) => self.end.hangs_up(),
        }
        Ok(None)
    }

    async fn wakes(&mut self, socket: &mut WebSocket) -> bool {
        let now = self.app.clock.now();
        if self.accept_by.is_some_and(|at| at <= now) {
            self.accept_by = None;
            self.end.hangs_up();
        }
        if now < self.ping_at {
            return true;
        }
        self.ping_at = now + PING;
        let (app, token) = (self.app.clone(), self.token.clone());
        self.besides.spawn(async move {
            let holds = match app.store.find_session(&token, now).await {
                Ok(Some(user)) => opens(&user.post, "/console/phone/line"),
                Ok(None) => false,
                // A database that is away has signed nobody out.
                Err(_) => true,
            };
            Besides::Session(holds)
        });
        std::mem::take(&mut self.is_there) && send(socket, Message::Ping(Default::default())).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_open_it() {
        let public = Url::parse("https://calls.example.org/").unwrap();
        for (origin, is_own) in [
            (Some("https://calls.example.org"), true),
            (Some("http://127.0.0.1:8080"), true),
            (Some("http://127.0.0.1:8081"), false),
            (Some("https://evil.example"), false),
            (Some("null"), false),
            (None, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, "127.0.0.1:8080".parse().unwrap());
            origin.map(|origin| headers.insert(ORIGIN, origin.parse().unwrap()));

            assert_eq!(super::is_own(&public, &headers), is_own, "{origin:?}");
        }
    }
}
