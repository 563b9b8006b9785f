//! The gateway alone, and a caller and a line that are played by hand.

use bytes::Bytes;

use super::world::{NUMBER, SESSION};
use crate::call::input::{Input, Payload, Status};
use crate::call::leg::LegId;
use crate::call::output::{Because, Output};
use crate::domain::calling::routing::Target;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::sip::endpoint::{Config, Endpoint, Event, Local, NewCall, Transmit};
use crate::sip::message::{Builder, Message, Name};
use crate::sip::transport::{Flow, Transport};
use crate::sip::trunk::accept::{Trunk, Trunks};
use crate::sip::trunk::out::{CallerId, Out, Outward, Spelling};
use crate::sip::trunk::strangers::Patience;

/// The hops of [`out`].
pub const FIRST: &str = "192.0.2.11:5060";
pub const SECOND: &str = "192.0.2.12:5070";

/// A carrier with two hops.
pub fn out() -> Out {
    Out {
        id: "carrier".parse().unwrap(),
        to: vec!["sip:192.0.2.11".into(), "sip:192.0.2.12:5070".into()],
        proxy: None,
        login: None,
        register: None,
        caller_id: CallerId::Pass,
        asserts: false,
        ping: None,
        spelling: Spelling::E164,
        country: "FR".parse().unwrap(),
    }
}

/// `call` is the one that arrived last.
pub struct Gateway(pub Endpoint, pub Option<CallId>);

impl Gateway {
    pub fn new() -> Self {
        Self::with(Outward::default())
    }

    pub fn with(outward: Outward) -> Self {
        let range = vec!["192.0.2.0/24".parse().unwrap()];
        let trunk = Trunk::known_by_address("carrier".parse().unwrap(), range, "FR".parse().ok());
        Self::of(vec![trunk], Patience::default(), outward)
    }

    pub fn of(trunks: Vec<Trunk>, strangers: Patience, outward: Outward) -> Self {
        Self::on(&[Transport::Udp], trunks, strangers, outward)
    }

    /// Listens there by each of these.
    pub fn on(transports: &[Transport], trunks: Vec<Trunk>, strangers: Patience, outward: Outward) -> Self {
        let address = "192.0.2.2:5060".parse().unwrap();
        let local =
            |transport: &Transport| Local { transport: *transport, address, advertised: address.to_string() };
        let locals = transports.iter().map(local).collect();
        let config = Config { outward, strangers, ..config(locals, Trunks::new(trunks)) };
        Self(Endpoint::new(config, [7; 32]), None)
    }

    pub fn receive(&mut self, bytes: Bytes, ms: i64) {
        self.0.receive(bytes, caller(), at(ms));
    }

    /// A request of the caller with these header lines; a body after an empty one.
    pub fn request_with(
        &mut self,
        method: &str,
        branch: &str,
        to_tag: Option<&str>,
        cseq: u32,
        more: &str,
        ms: i64,
    ) {
        let tag = to_tag.map(|tag| format!(";tag={tag}")).unwrap_or_default();
        let text = format!(
            "{method} sip:{NUMBER}@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{branch}\r\n\
             From: <sip:x@h>;tag=1\r\nTo: <sip:y@h>{tag}\r\nCall-ID: c\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:x@192.0.2.1>\r\n{more}"
        );
        let end = if more.contains("\r\n\r\n") { "" } else { "\r\n" };
        self.receive(format!("{text}{end}").into(), ms);
    }

    pub fn request(&mut self, method: &str, branch: &str, to_tag: Option<&str>, cseq: u32, ms: i64) {
        self.request_with(method, branch, to_tag, cseq, "", ms);
    }

    pub fn order(&mut self, call: CallId, output: Output, ms: i64) {
        self.0.order(call, output, at(ms));
    }

    pub fn arrived(&mut self) -> Vec<CallId> {
        let new = |event| if let Event::Arrived(new) = event { Some(new.call) } else { None };
        self.0.drain_events().filter_map(new).collect()
    }

    pub fn sent(&mut self) -> Vec<Message> {
        self.0.drain_transmits().filter_map(|transmit| Message::parse(transmit.bytes).ok()).collect()
    }

    /// What was sent, and to which address.
    pub fn sent_to(&mut self) -> Vec<(String, Message)> {
        let read = |transmit: Transmit| {
            let to = transmit.to.flow().remote.to_string();
            Message::parse(transmit.bytes).ok().map(|message| (to, message))
        };
        self.0.drain_transmits().filter_map(read).collect()
    }

    /// A caller rings; the call and our tag.
    pub fn ringing(&mut self) -> (CallId, String) {
        self.request("INVITE", "a", None, 1, 0);
        let call = self.arrived()[0];
        self.sent();
        let status = Status::new(180, "Ringing");
        self.order(call, Output::Progress { leg: LegId::LINE, status, payload: Payload::default() }, 1);
        let tag = self.sent()[0].to().tag().unwrap().to_vec();
        (call, String::from_utf8(tag).unwrap())
    }

    /// … and has been answered.
    pub fn talking(&mut self) -> (CallId, String) {
        let (call, tag) = self.ringing();
        self.order(call, Output::Answer { leg: LegId::LINE, payload: Payload::default() }, 10);
        self.request("ACK", "b", Some(&tag), 1, 20);
        self.sent();
        (call, tag)
    }

    pub fn answer(&mut self, request: &Message, status: u16, ms: i64) {
        self.answer_with(request, status, "theirs", &[], "", ms);
    }

    /// A response of the line with this tag, these lines and this session.
    pub fn answer_with(
        &mut self,
        request: &Message,
        status: u16,
        tag: &str,
        lines: &[(Name, &str)],
        session: &str,
        ms: i64,
    ) {
        let source = "192.0.2.2:5060".parse().unwrap();
        let mut reply = Builder::reply(request, source, status, "", Some(tag.as_bytes()));
        for (name, value) in lines {
            reply = reply.line(*name, value);
        }
        if !session.is_empty() {
            reply = reply.line(Name::ContentType, "application/sdp");
        }
        let flow = Flow { remote: "192.0.2.3:5060".parse().unwrap(), ..caller() };
        self.0.receive(reply.body(session), flow, at(ms));
    }

    /// The call that has just come in.
    pub fn new_call(&mut self) -> NewCall {
        self.0
            .drain_events()
            .find_map(|event| if let Event::Arrived(new) = event { Some(new) } else { None })
            .unwrap()
    }

    /// The call that has just come in dials its line: what the line gets.
    pub fn dial_line(&mut self) -> Message {
        let NewCall { call, payload, .. } = self.new_call();
        self.sent();
        let to = Target::Uri("sip:x@192.0.2.3".into());
        self.order(call, dial(LegId::LINE, to, payload), 1);
        self.1 = Some(call);
        self.sent().remove(0)
    }

    /// A caller with these header lines rings and the call dials its line: the
    /// call, and the INVITE that the line got.
    pub fn dialling(&mut self, more: &str) -> (CallId, Message) {
        self.request_with("INVITE", "a", None, 1, more, 0);
        let invite = self.dial_line();
        (self.1.unwrap(), invite)
    }

    /// What the call heard.
    pub fn heard(&mut self) -> Vec<Input> {
        let input = |event| if let Event::Happened { input, .. } = event { Some(input) } else { None };
        self.0.drain_events().filter_map(input).collect()
    }

    /// Lets time pass up to then.
    pub fn wait_until(&mut self, ms: i64) {
        while let Some(wake) = self.0.wake_at().filter(|wake| *wake <= at(ms)) {
            self.0.wake(wake);
        }
    }

    /// Lets all timers run out.
    pub fn holds_nothing_in_the_end(mut self) {
        for _ in 0..10_000 {
            let Some(wake) = self.0.wake_at() else { break };
            self.0.wake(wake);
            self.0.drain_transmits();
            self.0.drain_events();
        }
        assert_eq!(self.0.held(), (0, 0), "legs, transactions");
    }
}

/// What a call says that rings a line of its way.
pub fn dial(leg: LegId, to: Target, payload: Payload) -> Output {
    let destination = "counter".parse().unwrap();
    Output::Dial { leg, to, destination, because: Because::First, payload }
}

/// The usual settings, and calls go to lines alone.
pub fn config(listeners: Vec<Local>, trunks: Trunks) -> Config {
    let outward = Outward::default();
    Config {
        listeners,
        user_agent: "Whence".into(),
        realm: "whence".into(),
        strangers: Patience::default(),
        trunks,
        session: SESSION,
        ladders: true,
        outward,
    }
}

pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(1_000_000 + ms)
}

pub fn caller() -> Flow {
    Flow { transport: Transport::Udp, listener: 0, remote: "192.0.2.1:5060".parse().unwrap() }
}

pub fn statuses(sent: &[Message]) -> Vec<u16> {
    sent.iter().map(Message::status).collect()
}
