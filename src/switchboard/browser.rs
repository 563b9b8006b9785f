//! What a browser and its call have agreed on, whichever side of the call it is.
//!
//! What is said by SIP elsewhere in re-INVITEs is said to a browser in two words:
//! it is offered a session, and accepts it. A machine without I/O.

use bytes::Bytes;

use crate::call::input::{MidCall, Payload, Status};
use crate::media::sdp::Description;
use crate::sip::is_description;

const SDP: Bytes = Bytes::from_static(b"Content-Type: application/sdp\r\n");

/// What a browser says of its one sound, by ICE and DTLS-SRTP (RFC 8829): nothing
/// else is taken from a page, which could aim plain sound at anybody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrowserDescription(Bytes);

impl BrowserDescription {
    /// `None`: it is something else.
    pub fn read(text: String) -> Option<Self> {
        let body = Bytes::from(text);
        is_of_browser(&body).then_some(Self(body))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("it was read from a text")
    }

    pub(super) fn payload(self) -> Payload {
        Payload { headers: SDP, body: self.0 }
    }
}

fn is_of_browser(body: &[u8]) -> bool {
    let Ok(description) = Description::read(body) else { return false };
    let mut live = description.streams.iter().filter(|stream| stream.is_live);
    live.next().is_some_and(|first| first.is_web() && first.kind == "audio") && live.next().is_none()
}

/// What one browser was given and has said.
#[derive(Default)]
pub(super) struct Session {
    /// What it has to accept before it is replied to.
    asked: Option<MidCall>,
    /// The description that it was given last.
    given: Bytes,
    /// The one that it gave last.
    said: Bytes,
}

/// What comes of it that the call wants another session.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    /// The browser is to accept this.
    Offered(String),
    /// It need not be asked: the call is replied to.
    Replied(MidCall, Status, Payload),
}

impl Session {
    /// That of a browser which has said this.
    pub fn of(said: &BrowserDescription) -> Self {
        Self { said: said.0.clone(), ..Self::default() }
    }

    /// And was given this before.
    pub fn after(mut self, given: &BrowserDescription) -> Self {
        self.given = given.0.clone();
        self
    }

    /// What the browser was given last, if anything.
    pub fn given(&self) -> Option<String> {
        String::from_utf8(self.given.to_vec()).ok().filter(|text| !text.is_empty())
    }

    /// The description that the browser is given with this; `None`: what could not be relayed is
    /// of no use to it.
    pub fn describe(&mut self, payload: &Payload) -> Option<String> {
        let text = std::str::from_utf8(&payload.body).ok()?;
        if !is_description(&payload.headers) || !is_of_browser(&payload.body) {
            return None;
        }
        self.given = payload.body.clone();
        Some(text.to_owned())
    }

    /// The browser is to have this session, unless it was given that last.
    pub fn aligns(&mut self, payload: &Payload) -> Wanted {
        let (what, is_new) = (MidCall::Reinvite, self.given != payload.body);
        if is_new { self.asks(what, payload) } else { self.agrees(what) }
    }

    /// A request of the other side.
    pub fn is_asked(&mut self, what: MidCall, payload: &Payload) -> Wanted {
        if !what.changes_session() {
            return Wanted::Replied(what, Status::new(405, "Method Not Allowed"), Payload::default());
        }
        // Who brings no offer wants the browser's.
        if payload.body.is_empty() { self.agrees(what) } else { self.asks(what, payload) }
    }

    /// The browser's answer to what it was offered, and which request that replies to, if any.
    pub fn accepts(&mut self, description: BrowserDescription) -> Option<(MidCall, Status, Payload)> {
        self.said = description.0.clone();
        Some((self.asked.take()?, Status::new(200, "OK"), description.payload()))
    }

    fn asks(&mut self, what: MidCall, payload: &Payload) -> Wanted {
        if self.asked.is_some() {
            return Wanted::Replied(what, Status::new(491, "Request Pending"), Payload::default());
        }
        match self.describe(payload) {
            Some(description) => {
                self.asked = Some(what);
                Wanted::Offered(description)
            }
            None => Wanted::Replied(what, Status::new(488, "Not Acceptable Here"), Payload::default()),
        }
    }

    /// The browser stays with what it has said last.
    fn agrees(&self, what: MidCall) -> Wanted {
        let payload = Payload { headers: SDP, body: self.said.clone() };
        Wanted::Replied(what, Status::new(200, "OK"), payload)
    }
}
