//! The demo's business line: `counter` answers after it has rung a while,
//! `night` rings and is never answered, nobody else is there.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::sync::mpsc;

use super::sdp::{reply_to, silence};
use crate::call::input::{Input, Payload, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::clock::Clock;
use crate::sip::transport::{Listen, Transport, tls};
use crate::sip::trunk::accept::Trunk;
use crate::sip::trunk::out::Outward;
use crate::sip::trunk::strangers::Patience;
use crate::sip::{self, Arrival, SipHandle, StartError};
use crate::telemetry::Metrics;

/// From the INVITE to the first ring, and from there to the answer.
const PICK_UP: Duration = Duration::from_secs(3);

/// Where the demo plan's destinations point.
pub fn address() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 5070).into()
}

/// A line that rings until it is dropped.
pub struct Line {
    _handle: SipHandle,
    /// Where it rings over UDP; a port 0 is filled in.
    pub address: SocketAddr,
}

impl Line {
    pub async fn start(clock: Clock, address: SocketAddr) -> Result<Self, StartError> {
        let config = sip::Config {
            listen: vec![
                Listen { transport: Transport::Udp, address },
                Listen { transport: Transport::Tcp, address },
            ],
            advertised: vec![],
            tls: tls::Config::default(),
            web_origins: vec![],
            dns: vec![],
            user_agent: "Whence demo line".to_owned(),
            realm: String::new(),
            strangers: Patience::default(),
            trunks: vec![Trunk::known_by_address(
                "gateway".parse().expect("a slug"),
                vec!["127.0.0.0/8".parse().expect("an address range")],
                None,
            )],
            session: Duration::ZERO,
            ladders: None,
            outward: Outward::default(),
        };
        let started = sip::start(config, clock.clone(), Metrics::new()).await?;
        tokio::spawn(take_calls(clock, started.handle.clone(), started.arrivals));
        let address = started.listening.first().map_or(address, |listen| listen.address);
        Ok(Self { _handle: started.handle, address })
    }
}

async fn take_calls(clock: Clock, sip: SipHandle, mut arrivals: mpsc::Receiver<Arrival>) {
    while let Some(arrival) = arrivals.recv().await {
        tokio::spawn(take(clock.clone(), sip.clone(), arrival));
    }
}

async fn take(clock: Clock, sip: SipHandle, arrival: Arrival) {
    let Arrival { new, mut inputs } = arrival;
    let answers = match new.user.as_str() {
        "counter" => true,
        "night" => false,
        _ => {
            let status = Status::new(404, "Not Found");
            sip.carry_out(new.call, Output::Refuse { status, payload: Payload::default() }).await;
            return sip.carry_out(new.call, Output::Done).await;
        }
    };
    let ringing = Status::new(180, "Ringing");
    sip.carry_out(
        new.call,
        Output::Progress { leg: LegId::LINE, status: ringing, payload: Payload::default() },
    )
    .await;
    let mut pick_up_at = answers.then(|| clock.now() + PICK_UP);
    loop {
        tokio::select! {
            input = inputs.recv() => match input {
                Some(Input::Asked { leg, what, payload }) => {
                    let status = Status::new(200, "OK");
                    let payload = reply_to(what, &payload);
                    sip.carry_out(new.call, Output::Reply { leg, what, status, payload }).await;
                }
                Some(Input::Cancelled | Input::HungUp { leg: LegId::CALLER }) | None => break,
                Some(_) => {}
            },
            () = clock.until(pick_up_at) => {
                pick_up_at = None;
                sip.carry_out(new.call, Output::Answer { leg: LegId::LINE, payload: silence() }).await;
            }
        }
    }
    sip.carry_out(new.call, Output::Done).await;
}
