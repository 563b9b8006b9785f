//! Callers without a telephone: somebody calls from a page of a website.
//!
//! ```text
//!   page ── says ──▶ PageEnd ──▶ inputs ──▶ the call's task
//!   page ◀─ hears ── PageEnd ◀── PageLeg ◀─ what is for the caller
//! ```
//!
//! To the call the page is its caller's leg like any other; what is said of it
//! by SIP elsewhere is said here in the few words that a page needs. It has no
//! transactions: what is told arrives, or the page is gone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc;
use tracing::info;

use super::Switchboard;
use crate::call::input::{Input, MidCall, Payload, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::record::{Arrived, FromPage};
use crate::domain::calling::screening::Caller;
use crate::domain::ids::{CallId, TrunkId};
use crate::domain::phone::Phone;
use crate::media::sdp::Description;
use crate::sip::{Arrival, Inputs, NewCall, Originator, is_description};
use crate::telemetry::Refused;

/// What stands where other calls name the trunk that they came on.
const DOOR: &str = "page";

/// What may happen to a call before its task has looked at it.
const INPUTS: usize = 64;
/// What a page may be told before it has listened; one that lags further is gone.
const TOLD: usize = 32;

const SDP: Bytes = Bytes::from_static(b"Content-Type: application/sdp\r\n");

/// Somebody wants to call from a page.
pub struct PageCall {
    /// The number of the business that stands on the page.
    pub number: Phone,
    /// One of ours, whose calls go where this one is to go.
    pub like: Phone,
    /// The website's name, for whoever looks at the telephone that rings.
    pub site: String,
    pub from: FromPage,
    pub offer: BrowserDescription,
}

/// What a browser says of its one sound, by ICE and DTLS-SRTP (RFC 8829): nothing
/// else is taken from a page, which could aim plain sound at anybody.
pub struct BrowserDescription(Bytes);

impl BrowserDescription {
    /// `None`: it is something else.
    pub fn read(text: String) -> Option<Self> {
        let body = Bytes::from(text);
        is_of_browser(&body).then_some(Self(body))
    }
}

fn is_of_browser(body: &[u8]) -> bool {
    let Ok(description) = Description::read(body) else { return false };
    let mut live = description.streams.iter().filter(|stream| stream.is_live);
    live.next().is_some_and(|first| first.is_web() && first.kind == "audio") && live.next().is_none()
}

/// What a page is told of its call. Descriptions are the browser's to apply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// It rings; with a description what is said before the answer can be heard.
    Ringing(Option<String>),
    /// Somebody has answered, or speaks: the gateway itself, for one.
    Answered(String),
    /// The other side wants another session: to be [accepted](PageEnd::accepts).
    Offered(String),
    Ended(Why),
}

/// Why a call from a page is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// It was answered, and one side has hung up.
    Over,
    Busy,
    NoAnswer,
    /// It could not be carried, or was declined.
    Refused,
}

impl Why {
    /// The word that the page is told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Why::Over => "over",
            Why::Busy => "busy",
            Why::NoAnswer => "no_answer",
            Why::Refused => "refused",
        }
    }

    const fn of(status: u16) -> Self {
        match status {
            486 | 600 => Why::Busy,
            408 | 480 => Why::NoAnswer,
            _ => Why::Refused,
        }
    }
}

/// What both ends know of the page's leg.
#[derive(Default)]
struct Talk {
    is_answered: bool,
    /// What the page has to accept before it is replied to.
    asked: Option<MidCall>,
    /// The description that the page was given last.
    given: Bytes,
    /// The one that it gave last.
    said: Bytes,
}

/// The leg, as the call's task has it.
pub(super) struct PageLeg {
    talk: Arc<Mutex<Talk>>,
    tell: mpsc::Sender<Told>,
    /// Weak: when the wire lets go of the call its task is to see it.
    inputs: mpsc::WeakSender<Box<Input>>,
}

/// The leg, as whoever speaks with the page has it. The call ends when it is dropped.
pub struct PageEnd {
    pub call: CallId,
    talk: Arc<Mutex<Talk>>,
    told: mpsc::Receiver<Told>,
    inputs: mpsc::WeakSender<Box<Input>>,
}

impl Switchboard {
    /// Takes a call from a page; why not, where it is not taken.
    pub async fn call_from_page(&self, new: PageCall) -> Result<PageEnd, Refused> {
        if let Some(why) = self.objection() {
            self.inner.metrics.call_refused(why);
            return Err(why);
        }
        let PageCall { number, like, site, from, offer } = new;
        let (inner, now) = (&self.inner, self.inner.clock.now());
        let routes = inner.routes.load_full();
        let route = routes.find(&like).ok_or(Refused::NoNumber)?;
        let (call, trunk) = (CallId(inner.clock.new_id()), door());
        let chosen = self.choose(call, &routes, (&number, route), &trunk, now);
        let arrived = Arrived {
            call,
            node: inner.config.load().node.clone(),
            trunk: trunk.clone(),
            sip_call_id: String::new(),
            number: number.clone(),
            caller: None,
            destination: Some(route.destination.clone()),
            outlet: Some(route.outlet.clone()),
            screening: None,
            identity: None,
            page: Some(Box::new(from)),
            at: now,
        };
        let (sender, inputs) = Inputs::channel(INPUTS);
        let (leg, end) = pair(call, &offer, &sender);
        let who = Originator { user: None, display: Some(site), called: Some(number.clone()) };
        inner.sip.begin(call, who, sender).await;
        let payload = Payload { headers: SDP, body: offer.0 };
        let new = NewCall {
            call,
            trunk,
            sip_call_id: String::new(),
            user: String::new(),
            number: Some(number),
            caller: Caller::NoNumber,
            signed: None,
            payload,
        };
        info!(call.id = %call, number = %arrived.number, "a call arrives from a page");
        inner.metrics.call_arrived();
        self.begin(Arrival { new, inputs }, arrived, Some(chosen), Some(leg));
        Ok(end)
    }
}

fn door() -> TrunkId {
    DOOR.parse().expect("a slug")
}

fn pair(call: CallId, offer: &BrowserDescription, inputs: &mpsc::Sender<Box<Input>>) -> (PageLeg, PageEnd) {
    let talk = Arc::new(Mutex::new(Talk { said: offer.0.clone(), ..Talk::default() }));
    let inputs = inputs.downgrade();
    let (tell, told) = mpsc::channel(TOLD);
    let leg = PageLeg { talk: Arc::clone(&talk), tell, inputs: inputs.clone() };
    (leg, PageEnd { call, talk, told, inputs })
}

impl PageLeg {
    /// Carries out what is for the caller; gives back what is not.
    pub fn carry_out(&self, output: Output) -> Option<Output> {
        match output {
            Output::Progress { payload, .. } => {
                let description = self.describe(&payload);
                self.tell(Told::Ringing(description));
            }
            Output::Answer { payload, .. } => {
                lock(&self.talk).is_answered = true;
                // What was said reliably before the answer need not be said again (RFC 3262 §5).
                let description =
                    if payload.body.is_empty() { self.given() } else { self.describe(&payload) };
                match description {
                    Some(description) => self.tell(Told::Answered(description)),
                    // Nothing that a browser could talk by.
                    None => self.tell(Told::Ended(Why::Refused)),
                }
                self.happens(Input::Acked { leg: LegId::CALLER, payload: Payload::default() });
            }
            Output::Refuse { status, .. } => self.tell(Told::Ended(Why::of(status.code))),
            Output::NoSuchNumber => self.tell(Told::Ended(Why::Refused)),
            Output::HangUp { leg: LegId::CALLER } => self.tell(Told::Ended(Why::Over)),
            Output::Align { leg: LegId::CALLER, payload } => {
                let is_new = lock(&self.talk).given != payload.body;
                if is_new { self.asks(MidCall::Reinvite, &payload) } else { self.agrees(MidCall::Reinvite) }
            }
            Output::Ask { leg: LegId::CALLER, what, payload } if what.changes_session() => {
                // Who brings no offer wants the page's.
                if payload.body.is_empty() { self.agrees(what) } else { self.asks(what, &payload) }
            }
            Output::Ask { leg: LegId::CALLER, what, .. } => {
                let status = Status::new(405, "Method Not Allowed");
                self.replies(what, status, Payload::default());
            }
            // Nothing is owed to a page, and it asks for nothing.
            Output::Ack { leg: LegId::CALLER, .. }
            | Output::Reply { leg: LegId::CALLER, .. }
            | Output::Notify { leg: LegId::CALLER, .. } => {}
            other => return Some(other),
        }
        None
    }

    /// What the page was given last, if anything.
    fn given(&self) -> Option<String> {
        let given = lock(&self.talk).given.clone();
        String::from_utf8(given.to_vec()).ok().filter(|text| !text.is_empty())
    }

    fn describe(&self, payload: &Payload) -> Option<String> {
        let text = std::str::from_utf8(&payload.body).ok()?;
        // What could not be relayed is of no use to a browser.
        if !is_description(&payload.headers) || !is_of_browser(&payload.body) {
            return None;
        }
        lock(&self.talk).given = payload.body.clone();
        Some(text.to_owned())
    }

    fn asks(&self, what: MidCall, payload: &Payload) {
        if lock(&self.talk).asked.is_some() {
            return self.replies(what, Status::new(491, "Request Pending"), Payload::default());
        }
        match self.describe(payload) {
            Some(description) => {
                lock(&self.talk).asked = Some(what);
                self.tell(Told::Offered(description));
            }
            None => {
                self.replies(what, Status::new(488, "Not Acceptable Here"), Payload::default());
            }
        }
    }

    /// The page stays with what it has said last.
    fn agrees(&self, what: MidCall) {
        let body = lock(&self.talk).said.clone();
        self.replies(what, Status::new(200, "OK"), Payload { headers: SDP, body });
    }

    fn replies(&self, what: MidCall, status: Status, payload: Payload) {
        self.happens(Input::Replied { leg: LegId::CALLER, what, status, payload });
    }

    fn tell(&self, told: Told) {
        // A page that does not listen is gone, and its end says so.
        let _ = self.tell.try_send(told);
    }

    fn happens(&self, input: Input) {
        if let Some(inputs) = self.inputs.upgrade() {
            let _ = inputs.try_send(Box::new(input));
        }
    }
}

impl PageEnd {
    /// What the page is to be told next; `None`: the call is over.
    pub async fn next(&mut self) -> Option<Told> {
        self.told.recv().await
    }

    /// The browser's answer to what was [offered](Told::Offered).
    pub async fn accepts(&self, BrowserDescription(body): BrowserDescription) {
        let what = {
            let mut talk = lock(&self.talk);
            talk.said = body.clone();
            talk.asked.take()
        };
        let Some((what, inputs)) = what.zip(self.inputs.upgrade()) else { return };
        let (leg, status) = (LegId::CALLER, Status::new(200, "OK"));
        let input = Input::Replied { leg, what, status, payload: Payload { headers: SDP, body } };
        let _ = inputs.send(Box::new(input)).await;
    }
}

/// Whoever leaves the page, or closes it, hangs up.
impl Drop for PageEnd {
    fn drop(&mut self) {
        let is_answered = lock(&self.talk).is_answered;
        let input = if is_answered { Input::HungUp { leg: LegId::CALLER } } else { Input::Cancelled };
        let Some(inputs) = self.inputs.upgrade() else { return };
        if let Err(mpsc::error::TrySendError::Full(input)) = inputs.try_send(Box::new(input)) {
            tokio::spawn(async move { inputs.send(input).await });
        }
    }
}

fn lock(talk: &Mutex<Talk>) -> MutexGuard<'_, Talk> {
    talk.lock().unwrap_or_else(PoisonError::into_inner)
}
