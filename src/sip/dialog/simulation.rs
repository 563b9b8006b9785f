//! A whole INVITE over a bad network: both transactions, the dialog's own
//! repeats of 2xx and ACK, a caller who may give up, a callee who may hang up.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use super::repeated_ok::{self, RepeatedOk};
use super::{DialogId, Forks, Heard, InviteFacts, ResponseFacts};
use crate::domain::time::Timestamp;
use crate::sip::transaction::testing::{Network, Node, Side, Told, Weather, any_weather, bytes, run};
use crate::sip::transaction::{
    Class, Client, InviteClient, InviteServer, Output, Outputs, Server, Withdrawal, client, invite_client,
    invite_server, judge_cancel, server,
};

const INVITE: InviteFacts<'static> = InviteFacts {
    call_id: b"call",
    from_uri: b"sip:caller@a",
    from_tag: Some(b"a"),
    to_uri: b"sip:line@b",
    cseq: 1,
    target: b"sip:line@b",
    record_route: &[],
    secure: false,
};

/// What the two users do, counted from the INVITE.
#[derive(Clone, Copy, Debug)]
struct Script {
    rings: bool,
    answer_after_ms: u16,
    code: u16,
    /// How long the caller takes for its ACK to a 2xx.
    ack_after_ms: u16,
    /// No timer ends an INVITE that rings, so every caller loses patience some time.
    cancel_after_ms: u16,
    /// Counted from the answer.
    hang_up_after_ms: Option<u16>,
}

fn later(now: Timestamp, ms: u16) -> Timestamp {
    now + Duration::from_millis(ms.into())
}

fn take(moment: &mut Option<Timestamp>, now: Timestamp) -> bool {
    moment.take_if(|at| *at <= now).is_some()
}

struct Caller {
    script: Script,
    invite: InviteClient,
    cancel: Option<Client>,
    forks: Forks,
    told: Told,
    told_of_cancel: Told,
    answers: u32,
    cancel_at: Option<Timestamp>,
    ack_at: Option<Timestamp>,
}

impl Caller {
    fn start(script: Script, network: &mut Network) -> Self {
        let (mut out, mut told) = (Outputs::new(), Told::default());
        let invite = InviteClient::start(bytes("INVITE"), network.wire(), network.now, &mut out);
        told.obey(out, None, Side::Right, network);
        Self {
            invite,
            cancel: None,
            forks: Forks::start(&INVITE),
            told,
            told_of_cancel: Told::default(),
            answers: 0,
            cancel_at: Some(later(network.now, script.cancel_after_ms)),
            ack_at: None,
            script,
        }
    }

    fn give(&mut self, input: invite_client::Input<'_>, code: Option<u16>, network: &mut Network) {
        let mut out = Outputs::new();
        self.invite.handle(input, network.now, &mut out);
        let delivered = out.contains(&Output::Deliver);
        let cancelled = out.contains(&Output::SendCancel);
        self.told.obey(out, code, Side::Right, network);
        if cancelled {
            let mut out = Outputs::new();
            self.cancel = Some(Client::start(bytes("CANCEL"), network.wire(), network.now, &mut out));
            self.told_of_cancel.obey(out, None, Side::Right, network);
        }
        if let Some(code) = code.filter(|_| delivered) {
            self.hear(code, network);
        }
    }

    fn hear(&mut self, code: u16, network: &mut Network) {
        let to_tag = (code != 100).then_some(&b"b"[..]);
        let response = ResponseFacts { code, cseq: 1, to_tag, contact: None, record_route: &[] };
        match self.forks.hear(&response) {
            Heard::Answered(_) => {
                self.answers += 1;
                self.ack_at = Some(later(network.now, self.script.ack_after_ms));
            }
            Heard::Repeated(Some(ack)) => network.send(Side::Right, ack),
            Heard::AnsweredToo(_) => panic!("there is one phone"),
            Heard::Nothing | Heard::Early(_) | Heard::Repeated(None) => {}
        }
    }

    fn give_cancel(&mut self, input: client::Input, code: Option<u16>, network: &mut Network) {
        let mut out = Outputs::new();
        self.cancel.as_mut().unwrap().handle(input, network.now, &mut out);
        self.told_of_cancel.obey(out, code, Side::Right, network);
    }

    /// What the caller was told in the end; an answer and its copies count once.
    fn verdicts(&self) -> u32 {
        let refusals = self.told.finals.iter().filter(|code| **code >= 300).count() as u32;
        refusals + self.answers + self.told.timed_out + self.told.transport_failed
    }
}

impl Node for Caller {
    fn receive(&mut self, packet: &Bytes, network: &mut Network) {
        let (method, code) = std::str::from_utf8(packet).unwrap().split_once(' ').unwrap();
        let code = code.parse().unwrap();
        if method == "CANCEL" {
            return self.give_cancel(client::Input::Response(Class::of(code)), Some(code), network);
        }
        let ack = || bytes("ACK of refusal");
        self.give(invite_client::Input::Response { class: Class::of(code), ack: &ack }, Some(code), network);
    }

    fn wake(&mut self, network: &mut Network) {
        let now = network.now;
        if take(&mut self.cancel_at, now) {
            self.give(invite_client::Input::Cancel, None, network);
        } else if take(&mut self.ack_at, now) {
            network.send(Side::Right, bytes("ACK"));
            let id = DialogId::new(b"call", b"a", Some(b"b"));
            self.forks.find(&id).unwrap().keep_ack(INVITE.cseq, bytes("ACK"));
        } else if self.invite.wake_at().is_some_and(|at| at <= now) {
            self.give(invite_client::Input::Woken, None, network);
        } else {
            self.give_cancel(client::Input::Woken, None, network);
        }
    }

    fn wake_at(&self) -> Option<Timestamp> {
        let cancel = self.cancel.as_ref().and_then(Client::wake_at);
        [self.cancel_at, self.ack_at, self.invite.wake_at(), cancel].into_iter().flatten().min()
    }
}

struct Callee {
    script: Script,
    invite: Option<InviteServer>,
    cancel: Option<Server>,
    ok: Option<RepeatedOk>,
    told: Told,
    told_of_cancel: Told,
    acknowledged: bool,
    unacknowledged: u32,
    byes: u32,
    answer_at: Option<Timestamp>,
    hang_up_at: Option<Timestamp>,
}

impl Callee {
    fn new(script: Script) -> Self {
        Self {
            script,
            invite: None,
            cancel: None,
            ok: None,
            told: Told::default(),
            told_of_cancel: Told::default(),
            acknowledged: false,
            unacknowledged: 0,
            byes: 0,
            answer_at: None,
            hang_up_at: None,
        }
    }

    fn give(&mut self, input: invite_server::Input, network: &mut Network) {
        let mut out = Outputs::new();
        self.invite.as_mut().unwrap().handle(input, network.now, &mut out);
        self.told.obey(out, None, Side::Left, network);
    }

    fn respond(&mut self, code: u16, network: &mut Network) {
        let response = Bytes::from(format!("INVITE {code}"));
        let class = Class::of(code);
        if class == Class::Success {
            self.ok = Some(RepeatedOk::start(response.clone(), INVITE.cseq, network.now));
            self.hang_up_at = self.script.hang_up_after_ms.map(|ms| later(network.now, ms));
        }
        self.give(invite_server::Input::Respond { class, response }, network);
    }

    fn give_ok(&mut self, input: repeated_ok::Input, network: &mut Network) {
        let Some(ok) = &mut self.ok else { return };
        match ok.handle(input, network.now) {
            Some(repeated_ok::Output::Send(copy)) => network.send(Side::Left, copy),
            Some(repeated_ok::Output::Bye) => self.byes += 1,
            Some(repeated_ok::Output::Unacknowledged) => self.unacknowledged += 1,
            None => {}
        }
    }

    fn give_cancel(&mut self, input: server::Input, network: &mut Network) {
        let mut out = Outputs::new();
        self.cancel.as_mut().unwrap().handle(input, network.now, &mut out);
        self.told_of_cancel.obey(out, None, Side::Left, network);
    }

    fn cancelled(&mut self, network: &mut Network) {
        if self.cancel.is_some() {
            return self.give_cancel(server::Input::Request, network);
        }
        self.cancel = Some(Server::start(network.wire()));
        let verdict = judge_cancel(self.invite.as_ref());
        let (class, code) = (Class::of(verdict.status()), verdict.status());
        let response = Bytes::from(format!("CANCEL {code}"));
        self.give_cancel(server::Input::Respond { class, response }, network);
        if verdict == Withdrawal::Ends {
            self.answer_at = None;
            self.respond(487, network);
        }
    }
}

impl Node for Callee {
    fn receive(&mut self, packet: &Bytes, network: &mut Network) {
        match packet.as_ref() {
            b"INVITE" if self.invite.is_some() => self.give(invite_server::Input::Invite, network),
            b"INVITE" => {
                self.invite = Some(InviteServer::start(network.wire()));
                self.respond(100, network);
                if self.script.rings {
                    self.respond(180, network);
                }
                self.answer_at = Some(later(network.now, self.script.answer_after_ms));
            }
            b"ACK of refusal" => self.give(invite_server::Input::Ack, network),
            b"ACK" => {
                self.acknowledged = true;
                self.give_ok(repeated_ok::Input::Ack { cseq: INVITE.cseq }, network);
            }
            b"CANCEL" => self.cancelled(network),
            _ => panic!("nobody sends this"),
        }
    }

    fn wake(&mut self, network: &mut Network) {
        let now = network.now;
        let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        if take(&mut self.answer_at, now) {
            self.respond(self.script.code, network);
        } else if take(&mut self.hang_up_at, now) {
            self.give_ok(repeated_ok::Input::HangUp, network);
        } else if due(self.ok.as_ref().and_then(RepeatedOk::wake_at)) {
            self.give_ok(repeated_ok::Input::Woken, network);
        } else if due(self.invite.as_ref().and_then(InviteServer::wake_at)) {
            self.give(invite_server::Input::Woken, network);
        } else {
            self.give_cancel(server::Input::Woken, network);
        }
    }

    fn wake_at(&self) -> Option<Timestamp> {
        let machines = [
            self.ok.as_ref().and_then(RepeatedOk::wake_at),
            self.invite.as_ref().and_then(InviteServer::wake_at),
            self.cancel.as_ref().and_then(Server::wake_at),
        ];
        machines.into_iter().chain([self.answer_at, self.hang_up_at]).flatten().min()
    }
}

prop_compose! {
    fn any_script()(
        rings: bool,
        answer_after_ms in 0..60_000_u16,
        code in prop::sample::select(vec![200, 302, 404, 486, 503, 603]),
        ack_after_ms in 0..3_000_u16,
        cancel_after_ms in prop_oneof![0..60_000_u16, Just(u16::MAX)],
        hang_up_after_ms in prop::option::of(0..10_000_u16),
    ) -> Script {
        Script { rings, answer_after_ms, code, ack_after_ms, cancel_after_ms, hang_up_after_ms }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn every_invite_ends_with_one_final_response_or_a_timeout(
        weather in any_weather(),
        script in any_script(),
    ) {
        let mut network = Network::new(weather);
        let mut caller = Caller::start(script, &mut network);
        let mut callee = Callee::new(script);

        run(&mut network, &mut caller, &mut callee);

        prop_assert_eq!(caller.told.terminated, 1);
        prop_assert_eq!(caller.told_of_cancel.terminated, u32::from(caller.cancel.is_some()));
        prop_assert_eq!(callee.told.terminated, u32::from(callee.invite.is_some()));
        prop_assert_eq!(caller.verdicts(), 1, "{:?}", caller.told);
        if callee.ok.is_some() {
            prop_assert!(callee.acknowledged || callee.byes + callee.unacknowledged == 1);
            prop_assert!(callee.byes + callee.unacknowledged <= 1);
            prop_assert!(script.hang_up_after_ms.is_none() || callee.byes + callee.unacknowledged == 1);
        }
    }

    #[test]
    fn the_number_of_packets_is_bounded(weather in any_weather(), script in any_script()) {
        let mut network = Network::new(weather);
        let mut caller = Caller::start(script, &mut network);
        let mut callee = Callee::new(script);

        run(&mut network, &mut caller, &mut callee);

        // 7 INVITEs, 11 CANCELs, and an ACK for each final response that arrives.
        let [to_caller, to_callee] = network.sent_to;
        let [at_caller, at_callee] = network.arrived_at;
        prop_assert!(to_callee <= 7 + 11 + at_caller + 1, "{to_callee} packets for {at_caller}");
        // 100, 180, 12 copies of a final response, 200 to CANCEL; each copy of a request is answered.
        prop_assert!(to_caller <= 2 + 12 + 1 + at_callee, "{to_caller} packets for {at_callee}");
    }

    #[test]
    fn what_the_callee_says_arrives_when_nothing_is_lost(
        weather in any_weather(),
        script in any_script(),
    ) {
        let mut network = Network::new(Weather { loss_percent: 0, ..weather });
        let mut caller = Caller::start(script, &mut network);
        let mut callee = Callee::new(script);

        run(&mut network, &mut caller, &mut callee);

        let heard = caller.told.finals.first().copied();
        if script.cancel_after_ms < u16::MAX && heard == Some(487) {
            prop_assert!(callee.ok.is_none());
        } else {
            prop_assert_eq!(heard, Some(script.code));
            prop_assert_eq!(callee.acknowledged, script.code == 200);
        }
        prop_assert_eq!(callee.unacknowledged + callee.told.timed_out + caller.told.timed_out, 0);
    }
}
