//! The sound of a call goes through the gateway: two telephones send packets to
//! each other by way of it, over real sockets.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::{Mutex, mpsc};
use whence::call::input::{Input, MidCall, Payload, Status};
use whence::call::leg::LegId;
use whence::call::output::Output;
use whence::clock::Clock;
use whence::domain::calling::outcome::{EndReason, HungUpBy};
use whence::domain::ids::CallId;
use whence::sip::transport::{Listen, Transport, tls};
use whence::sip::trunk::accept::Trunk;
use whence::sip::trunk::out::Outward;
use whence::sip::trunk::strangers::Patience;
use whence::sip::{self, Arrival, Inputs, Originator, SipHandle};
use whence::telemetry::Metrics;

use super::console_phone::Console;
use super::stage::{ADA, COUNTER, Stage};
use crate::support::databases::{Database, on_each_database, on_sqlite};
use crate::support::door::sign_in;

/// A telephone with a socket for its sound.
struct Phone {
    sip: SipHandle,
    arrivals: Mutex<mpsc::Receiver<Arrival>>,
    address: SocketAddr,
    rtp: UdpSocket,
}

impl Phone {
    async fn start() -> Self {
        let address = "127.0.0.1:0".parse().unwrap();
        let gateway =
            Trunk::known_by_address("gateway".parse().unwrap(), vec!["127.0.0.0/8".parse().unwrap()], None);
        let config = sip::Config {
            listen: vec![Listen { transport: Transport::Udp, address }],
            advertised: vec![],
            tls: tls::Config::default(),
            web_origins: vec![],
            dns: vec![],
            user_agent: "Phone".into(),
            realm: String::new(),
            strangers: Patience::default(),
            trunks: vec![gateway],
            session: Duration::ZERO,
            ladders: None,
            outward: Outward::default(),
        };
        let started = sip::start(config, Clock::system(), Metrics::new()).await.unwrap();
        Self {
            sip: started.handle,
            arrivals: Mutex::new(started.arrivals),
            address: started.listening[0].address,
            rtp: UdpSocket::bind(address).await.unwrap(),
        }
    }

    /// What it says of its sound; `more` stands at the end.
    fn session(&self, more: &str) -> Payload {
        let port = self.rtp.local_addr().unwrap().port();
        let body = format!(
            "v=0\r\no=phone 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n{more}"
        );
        Payload { headers: "Content-Type: application/sdp\r\n".into(), body: body.into() }
    }

    /// Sends a packet of sound.
    async fn says(&self, sequence: u16, to: SocketAddr) {
        let mut packet = vec![0x80, 0];
        packet.extend(sequence.to_be_bytes());
        packet.extend((u32::from(sequence) * 160).to_be_bytes());
        packet.extend([0, 0, 0, 7, b'h', b'i']);
        self.rtp.send_to(&packet, to).await.unwrap();
    }

    /// The next packet that comes, and from where.
    async fn hears(&self, stage: &Stage) -> (Vec<u8>, SocketAddr) {
        stage
            .until(async || {
                let mut buffer = [0; 1_500];
                let (length, from) = self.rtp.try_recv_from(&mut buffer).ok()?;
                Some((buffer[..length].to_vec(), from))
            })
            .await
    }
}

/// Where a description says that its sound goes.
fn place(payload: &Payload) -> SocketAddr {
    let text = String::from_utf8(payload.body.to_vec()).unwrap();
    let after =
        |prefix: &str| text.split(prefix).nth(1).and_then(|rest| rest.split_ascii_whitespace().next());
    format!("{}:{}", after("c=IN IP4 ").unwrap(), after("m=audio ").unwrap()).parse().unwrap()
}

/// A caller and a line that talk by way of the gateway.
struct Talk {
    stage: Stage,
    caller: Phone,
    line: Phone,
    of_caller: Mutex<Inputs>,
    of_line: Mutex<Inputs>,
    /// The call as the line knows it.
    id: CallId,
    /// Where each sends its sound.
    to_caller: SocketAddr,
    to_line: SocketAddr,
}

async fn next(stage: &Stage, inputs: &Mutex<Inputs>, wanted: impl Fn(&Input) -> bool) -> Input {
    stage
        .until(async || {
            let mut inputs = inputs.lock().await;
            tokio::select! {
                biased;
                input = inputs.recv() => Some(input.expect("the call goes on")).filter(|input| wanted(input)),
                () = std::future::ready(()) => None,
            }
        })
        .await
}

impl Talk {
    async fn begin(database: &Database) -> Self {
        let (caller, line) = (Phone::start().await, Phone::start().await);
        let there = format!("line = \"sip:counter@{}\"\nring_s = 30\nmedia = \"relayed\"", line.address);
        let exchange = ("line = \"sip:counter@127.0.0.1:5070\"\nring_s = 30", there.as_str());
        let stage = Stage::open_as(database, &[exchange], |config| {
            config.media.ports = 20_000..=29_999;
            config.media.idle = Duration::from_secs(60);
        })
        .await;
        let gateway = stage.gateway.sip[0].address;
        let from = Originator { user: Some(ADA.into()), ..Originator::default() };
        let call = CallId(uuid::Uuid::from_u128(1));
        let inputs =
            caller.sip.originate(call, from, format!("sip:{COUNTER}@{gateway}"), caller.session("")).await;
        let of_caller = Mutex::new(inputs);

        let arrival = stage.until(async || line.arrivals.lock().await.try_recv().ok()).await;
        let Arrival { new, inputs: of_line } = arrival;
        let offered = place(&new.payload);
        line.sip.carry_out(new.call, Output::Answer { leg: LegId::LINE, payload: line.session("") }).await;
        let answered = next(&stage, &of_caller, |input| matches!(input, Input::Answered { .. })).await;
        let Input::Answered { payload, .. } = answered else { unreachable!("it was waited for") };
        Self {
            to_line: place(&payload),
            to_caller: offered,
            of_caller,
            of_line: Mutex::new(of_line),
            id: new.call,
            stage,
            caller,
            line,
        }
    }

    async fn hang_up(&self) {
        self.caller
            .sip
            .carry_out(CallId(uuid::Uuid::from_u128(1)), Output::HangUp { leg: LegId::LINE })
            .await;
        next(&self.stage, &self.of_line, |input| matches!(input, Input::HungUp { .. })).await;
        self.line.sip.carry_out(self.id, Output::Done).await;
    }

    /// The line asks for another session, and the caller agrees.
    async fn agrees(&self, of_line: &str, of_caller: &str) {
        let (what, payload) = (MidCall::Reinvite, self.line.session(of_line));
        self.line.sip.carry_out(self.id, Output::Ask { leg: LegId::CALLER, what, payload }).await;
        next(&self.stage, &self.of_caller, |input| matches!(input, Input::Asked { .. })).await;
        let reply = Output::Reply {
            leg: LegId::LINE,
            what,
            status: Status::new(200, "OK"),
            payload: self.caller.session(of_caller),
        };
        self.caller.sip.carry_out(CallId(uuid::Uuid::from_u128(1)), reply).await;
        next(&self.stage, &self.of_line, |input| matches!(input, Input::Replied { .. })).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_passes_both_ways_strangers_do_not_and_the_record_tells_how_it_went() {
    on_each_database(async |database| {
        let talk = Talk::begin(database).await;
        let Talk { stage, caller, line, .. } = &talk;
        let [caller_at, line_at] = [caller, line].map(|phone| phone.rtp.local_addr().unwrap());
        assert!(talk.to_line != line_at && talk.to_caller != caller_at, "neither learns where the other is");

        for sequence in [1, 2, 4] {
            caller.says(sequence, talk.to_line).await;
            let (heard, from) = line.hears(stage).await;
            assert_eq!((u16::from_be_bytes([heard[2], heard[3]]), from), (sequence, talk.to_caller));
        }
        // From an address of the trunk, and yet: the caller has been heard already.
        let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        stranger.send_to(&[0x80, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1], talk.to_line).await.unwrap();
        line.says(9, talk.to_caller).await;
        let (heard, from) = caller.hears(stage).await;
        assert_eq!((heard[3], from), (9, talk.to_line));
        talk.hang_up().await;

        let record = stage.latest_call().await;
        let streams = stage
            .until(async || {
                let streams = stage.gateway.store.list_streams(record.id).await.unwrap();
                (!streams.is_empty()).then_some(streams)
            })
            .await;
        let told = streams.iter().map(|it| (it.leg, it.received, it.lost, it.sent, it.strangers));
        assert_eq!(told.collect::<Vec<_>>(), [(0, 3, 1, 1, 1), (1, 1, 0, 3, 0)]);
        assert_eq!((streams[0].kind.as_str(), record.end_reason), ("audio", None));
        talk.stage.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_which_nothing_is_heard_is_ended_and_one_on_hold_is_not() {
    on_sqlite(async |database| {
        let talk = Talk::begin(database).await;
        let Talk { stage, caller, line, .. } = &talk;
        caller.says(1, talk.to_line).await;
        line.hears(stage).await;

        talk.agrees("a=sendonly\r\n", "a=recvonly\r\n").await;
        let held_at = stage.clock.now();
        stage
            .until(async || (stage.clock.now().since(held_at) > Duration::from_secs(600)).then_some(()))
            .await;
        assert_eq!(stage.gateway.live_calls().count(), 1, "it is on hold");
        talk.agrees("a=sendrecv\r\n", "a=sendrecv\r\n").await;
        caller.says(2, talk.to_line).await;
        let (heard, _) = line.hears(stage).await;
        let spoke_at = stage.clock.now();
        assert_eq!(heard[3], 2, "after the hold it goes on");

        let record = stage.latest_call().await;
        assert_eq!(
            (record.hung_up_by, record.end_reason),
            (Some(HungUpBy::Gateway), Some(EndReason::Silence))
        );
        let waited = record.ended_at.unwrap().since(spoke_at);
        assert!((50..90).contains(&waited.as_secs()), "{waited:?}");
        for (phone, id) in [(caller, CallId(uuid::Uuid::from_u128(1))), (line, talk.id)] {
            phone.sip.carry_out(id, Output::Done).await;
        }
        talk.stage.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_sends_its_caller_on_to_the_consoles_of_a_destination() {
    on_sqlite(async |database| {
        let talk = Talk::begin(database).await;
        let Talk { stage, caller, line, .. } = &talk;
        sign_in(&stage.gateway.store).await;
        let console = Console::available_for(stage, "desk").await;

        let refers = async |to: &str| {
            let payload = Payload { headers: format!("Refer-To: <{to}>\r\n").into(), ..Payload::default() };
            let ask = Output::Ask { leg: LegId::CALLER, what: MidCall::Refer, payload };
            line.sip.carry_out(talk.id, ask).await;
            let replied = next(stage, &talk.of_line, |input| matches!(input, Input::Replied { .. })).await;
            let Input::Replied { status, .. } = replied else { unreachable!("it was waited for") };
            status.code
        };
        assert_eq!(refers("sip:night@192.0.2.9").await, 603, "no console rings there");
        assert_eq!(refers("sip:desk@192.0.2.9").await, 202);
        let ringing = console.hears_of(stage, "ringing").await;
        assert_eq!(ringing["destination"], "Desk in Lyon");
        console.answers(&ringing).await;
        next(stage, &talk.of_caller, |input| matches!(input, Input::Asked { .. })).await;
        let (leg, what, status) = (LegId::LINE, MidCall::Reinvite, Status::new(200, "OK"));
        let reply = Output::Reply { leg, what, status, payload: caller.session("") };
        caller.sip.carry_out(CallId(uuid::Uuid::from_u128(1)), reply).await;
        next(stage, &talk.of_line, |input| matches!(input, Input::HungUp { .. })).await;
        line.sip.carry_out(talk.id, Output::Done).await;

        console.hears_of(stage, "talking").await;
        let [live] = stage.gateway.live_calls().list().try_into().unwrap();
        assert_eq!((live.line.as_deref(), live.destination.unwrap().as_str()), (Some("console"), "desk"));
        console.says(serde_json::json!({"hang_up": null})).await;
        next(stage, &talk.of_caller, |input| matches!(input, Input::HungUp { .. })).await;
        caller.sip.carry_out(CallId(uuid::Uuid::from_u128(1)), Output::Done).await;
        let record = stage.latest_call().await;
        assert_eq!(record.hung_up_by, Some(HungUpBy::Line));
        talk.stage.close().await;
    })
    .await;
}
