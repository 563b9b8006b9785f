//! A caller over UDP, for those who have no softphone at hand.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::str::FromStr;
use std::time::Duration;

use super::sdp::{reply_to, silence};
use crate::call::input::{Input, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::clock::Clock;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::sip::transport::{Listen, Transport, tls};
use crate::sip::trunk::out::Outward;
use crate::sip::trunk::strangers::Patience;
use crate::sip::{self, Originator, SipHandle, StartError};
use crate::telemetry::Metrics;

/// What the caller is going to do.
#[derive(Clone, Debug)]
pub struct Plan {
    pub number: Dialled,
    /// The caller's own number; `None` withholds it.
    pub from: Option<Dialled>,
    /// How long to talk before hanging up.
    pub talk: Duration,
    pub give_up_when_it_rings: bool,
    pub gateway: SocketAddr,
}

/// A number as it is dialled: without what makes it readable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dialled(String);

/// The text cannot be dialled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a telephone number; write 2 to 20 digits, as in +33 1 99 00 10 00 or 01.99.00.10.00")]
pub struct NotDialled;

impl FromStr for Dialled {
    type Err = NotDialled;

    /// Reads a number as a person writes it; spaces and punctuation do not matter.
    fn from_str(text: &str) -> Result<Self, NotDialled> {
        let bare: String = text.chars().filter(|c| !c.is_whitespace() && !"().-/".contains(*c)).collect();
        let digits = bare.strip_prefix('+').unwrap_or(&bare);
        if (2..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(bare))
        } else {
            Err(NotDialled)
        }
    }
}

impl fmt::Display for Dialled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the call ended for the caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// It was answered, and somebody hung up.
    Talked,
    /// The caller withdrew.
    GaveUp,
    /// It did not come about: why, in words.
    Refused(String),
}

/// Somebody with a telephone.
pub struct Caller {
    sip: SipHandle,
    clock: Clock,
}

impl Caller {
    /// Opens a port from which `gateway` can be reached.
    pub async fn start(clock: Clock, gateway: SocketAddr) -> Result<Self, StartError> {
        let own: IpAddr = match gateway {
            SocketAddr::V4(to) if to.ip().is_loopback() => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(to) if to.ip().is_loopback() => Ipv6Addr::LOCALHOST.into(),
            _ => route_to(gateway).await.unwrap_or(Ipv4Addr::LOCALHOST.into()),
        };
        let config = sip::Config {
            listen: vec![Listen { transport: Transport::Udp, address: SocketAddr::new(own, 0) }],
            advertised: vec![],
            tls: tls::Config::default(),
            web_origins: vec![],
            dns: vec![],
            user_agent: "Whence dial".to_owned(),
            realm: String::new(),
            strangers: Patience::default(),
            trunks: vec![],
            session: Duration::ZERO,
            ladders: None,
            outward: Outward::default(),
        };
        let started = sip::start(config, clock.clone(), Metrics::new()).await?;
        Ok(Self { sip: started.handle, clock })
    }

    /// Calls, and `tell`s each thing that happens, a line each. When `stop`
    /// comes, the caller hangs up, or withdraws a call that has no answer yet.
    pub async fn call(
        &self,
        plan: &Plan,
        stop: impl Future<Output = ()>,
        mut tell: impl FnMut(String),
    ) -> End {
        let call = CallId(self.clock.new_id());
        let from = Originator { user: plan.from.as_ref().map(ToString::to_string), ..Originator::default() };
        let line = format!("sip:{}@{}", plan.number, plan.gateway);
        tell(format!("calling {} through {}", plan.number, plan.gateway));
        let mut inputs = self.sip.originate(call, from, line, silence()).await;
        let mut stop = pin!(stop);
        let mut stopped = false;
        let mut stage = Stage::Unheard { until: self.clock.now() + PATIENCE };
        let end = loop {
            let input = tokio::select! {
                input = inputs.recv() => input,
                () = self.clock.until(stage.ends_at()) => match stage {
                    Stage::Unheard { .. } | Stage::Waiting => {
                        tell("no answer yet".to_owned());
                        stage = Stage::Waiting;
                        continue;
                    }
                    Stage::Talking { .. } => {
                        tell("hanging up".to_owned());
                        self.sip.carry_out(call, Output::HangUp { leg: LegId::LINE }).await;
                        break End::Talked;
                    }
                    Stage::Withdrawn { .. } => break End::GaveUp,
                },
                () = &mut stop, if !stopped => {
                    stopped = true;
                    let now = self.clock.now();
                    stage = match stage {
                        Stage::Talking { .. } => Stage::Talking { until: now },
                        Stage::Withdrawn { .. } => Stage::Withdrawn { until: Some(now + REPLIES) },
                        Stage::Unheard { .. } | Stage::Waiting => {
                            tell("giving up".to_owned());
                            self.sip.carry_out(call, Output::Cancel { leg: LegId::LINE }).await;
                            Stage::Withdrawn { until: Some(now + REPLIES) }
                        }
                    };
                    continue;
                }
            };
            // What comes now may have crossed the withdrawal on its way.
            let is_withdrawn = matches!(stage, Stage::Withdrawn { .. });
            match input {
                Some(Input::Progressed { status, .. }) => {
                    tell(format!("{} {}", status.code, words(&status)));
                    if is_withdrawn {
                        continue;
                    }
                    stage = Stage::Waiting;
                    if plan.give_up_when_it_rings {
                        tell("giving up".to_owned());
                        self.sip.carry_out(call, Output::Cancel { leg: LegId::LINE }).await;
                        stage = Stage::Withdrawn { until: None };
                    }
                }
                Some(Input::Answered { .. }) if is_withdrawn => {
                    self.sip.carry_out(call, Output::HangUp { leg: LegId::LINE }).await;
                    break End::GaveUp;
                }
                Some(Input::Answered { .. }) => {
                    tell(format!("answered; talking for {} s", plan.talk.as_secs()));
                    stage = Stage::Talking { until: self.clock.now() + plan.talk };
                }
                Some(Input::Refused { status, .. }) if is_withdrawn && status.code == 487 => {
                    break End::GaveUp;
                }
                Some(Input::Refused { status, .. }) => {
                    break End::Refused(format!("the call was refused: {} {}", status.code, words(&status)));
                }
                Some(Input::Unreachable { .. }) | None => {
                    break End::Refused(format!("nobody answers SIP at {}", plan.gateway));
                }
                Some(Input::HungUp { .. }) => {
                    tell("the other side hung up".to_owned());
                    break End::Talked;
                }
                Some(Input::Asked { leg, what, payload }) => {
                    let payload = reply_to(what, &payload);
                    let reply = Output::Reply { leg, what, status: Status::new(200, "OK"), payload };
                    self.sip.carry_out(call, reply).await;
                }
                Some(_) => {}
            }
        };
        self.sip.carry_out(call, Output::Done).await;
        self.sip.settle(REPLIES).await;
        end
    }
}

/// How far a call has come.
#[derive(Clone, Copy)]
enum Stage {
    /// Nothing has come back; after a while that is told.
    Unheard {
        until: Timestamp,
    },
    /// It rings or is about to.
    Waiting,
    Talking {
        until: Timestamp,
    },
    /// The caller has given up and waits for that to be confirmed; not for
    /// ever when they are told to stop.
    Withdrawn {
        until: Option<Timestamp>,
    },
}

impl Stage {
    fn ends_at(self) -> Option<Timestamp> {
        match self {
            Stage::Unheard { until } | Stage::Talking { until } => Some(until),
            Stage::Waiting => None,
            Stage::Withdrawn { until } => until,
        }
    }
}

/// How long nothing may be heard before the caller wonders.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the last replies may take before the program ends.
const REPLIES: Duration = Duration::from_secs(2);

fn words(status: &Status) -> String {
    String::from_utf8_lossy(&status.reason).into_owned()
}

/// The address of ours that packets to `gateway` leave by.
async fn route_to(gateway: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr =
        if gateway.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = tokio::net::UdpSocket::bind((any, 0)).await.ok()?;
    // Connecting a UDP socket sends nothing; it only chooses the route.
    socket.connect(gateway).await.ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_dialled_as_it_is_written_on_a_page() {
        let dialled = |text: &str| text.parse::<Dialled>().map(|number| number.to_string());

        assert_eq!(dialled("01 99 00 10 00").as_deref(), Ok("0199001000"));
        assert_eq!(dialled("+33 (1) 99.00-10/00").as_deref(), Ok("+33199001000"));
        assert_eq!(dialled("112").as_deref(), Ok("112"));
    }

    #[test]
    fn what_is_no_number_is_not_dialled() {
        for text in
            ["", " ", "+", "hello", "0199 POSTER", "01+99", "++33199001000", "7", "123456789012345678901"]
        {
            assert_eq!(text.parse::<Dialled>(), Err(NotDialled), "{text}");
        }
    }
}
