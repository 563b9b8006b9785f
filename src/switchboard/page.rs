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

use tokio::sync::mpsc;
use tracing::info;

use super::Switchboard;
pub use super::browser::BrowserDescription;
use super::browser::{Session, Wanted};
use crate::call::input::{Input, Payload};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::record::{Arrived, FromPage};
use crate::domain::calling::screening::Caller;
use crate::domain::ids::{CallId, TrunkId};
use crate::domain::phone::Phone;
use crate::sip::{Arrival, Inputs, NewCall, Originator};
use crate::telemetry::Refused;

/// What stands where other calls name the trunk that they came on.
pub const DOOR: &str = "page";

/// What may happen to a call before its task has looked at it.
const INPUTS: usize = 64;
/// What a page may be told before it has listened; one that lags further is gone.
const TOLD: usize = 32;

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
struct Talk {
    is_answered: bool,
    session: Session,
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
        let new = NewCall {
            call,
            trunk,
            sip_call_id: String::new(),
            user: String::new(),
            number: Some(number),
            caller: Caller::NoNumber,
            signed: None,
            payload: offer.payload(),
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
    let talk = Arc::new(Mutex::new(Talk { is_answered: false, session: Session::of(offer) }));
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
                let description = lock(&self.talk).session.describe(&payload);
                self.tell(Told::Ringing(description));
            }
            Output::Answer { payload, .. } => {
                let description = {
                    let talk = &mut *lock(&self.talk);
                    talk.is_answered = true;
                    // What was said reliably before the answer need not be said again (RFC 3262 §5).
                    if payload.body.is_empty() {
                        talk.session.given()
                    } else {
                        talk.session.describe(&payload)
                    }
                };
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
                let wanted = lock(&self.talk).session.aligns(&payload);
                self.wants(wanted);
            }
            Output::Ask { leg: LegId::CALLER, what, payload } => {
                let wanted = lock(&self.talk).session.is_asked(what, &payload);
                self.wants(wanted);
            }
            // Nothing is owed to a page, and it asks for nothing.
            Output::Ack { leg: LegId::CALLER, .. }
            | Output::Reply { leg: LegId::CALLER, .. }
            | Output::Notify { leg: LegId::CALLER, .. } => {}
            other => return Some(other),
        }
        None
    }

    fn wants(&self, wanted: Wanted) {
        match wanted {
            Wanted::Offered(description) => self.tell(Told::Offered(description)),
            Wanted::Replied(what, status, payload) => {
                self.happens(Input::Replied { leg: LegId::CALLER, what, status, payload });
            }
        }
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
    pub async fn accepts(&self, description: BrowserDescription) {
        let accepted = lock(&self.talk).session.accepts(description);
        let Some(((what, status, payload), inputs)) = accepted.zip(self.inputs.upgrade()) else { return };
        let input = Input::Replied { leg: LegId::CALLER, what, status, payload };
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
