//! A caller over UDP, for those who have no softphone at hand.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::sdp::silence;
use crate::call::input::{Input, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::clock::Clock;
use crate::domain::ids::CallId;
use crate::sip::transport::{Listen, Transport};
use crate::sip::{self, Originator, SipHandle, StartError};
use crate::telemetry::Metrics;

/// What the caller is going to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// As a person writes it; spaces and punctuation do not matter.
    pub number: String,
    /// The caller's own number; `None` withholds it.
    pub from: Option<String>,
    /// How long to talk before hanging up.
    pub talk: Duration,
    pub give_up_when_it_rings: bool,
    pub gateway: SocketAddr,
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
            advertised: None,
            user_agent: "Whence dial".to_owned(),
            trunks: vec![],
        };
        let started = sip::start(config, clock.clone(), Metrics::new()).await?;
        Ok(Self { sip: started.handle, clock })
    }

    /// Calls, and `tell`s each thing that happens, a line each.
    pub async fn call(&self, plan: &Plan, mut tell: impl FnMut(String)) -> End {
        let call = CallId(self.clock.new_id());
        let from = Originator { user: plan.from.as_deref().map(dialled) };
        let line = format!("sip:{}@{}", dialled(&plan.number), plan.gateway);
        tell(format!("calling {} through {}", plan.number, plan.gateway));
        let mut inputs = self.sip.originate(call, from, line, silence()).await;
        let (mut hang_up_at, mut given_up) = (None, false);
        let end = loop {
            let input = tokio::select! {
                input = inputs.recv() => input,
                () = self.clock.until(hang_up_at) => {
                    tell("hanging up".to_owned());
                    self.sip.carry_out(call, Output::HangUp { leg: LegId::LINE }).await;
                    break End::Talked;
                }
            };
            match input {
                Some(Input::Progressed { status, .. }) => {
                    tell(format!("{} {}", status.code, words(&status)));
                    if plan.give_up_when_it_rings && !given_up {
                        given_up = true;
                        tell("giving up".to_owned());
                        self.sip.carry_out(call, Output::Cancel { leg: LegId::LINE }).await;
                    }
                }
                Some(Input::Answered { .. }) if given_up => {
                    self.sip.carry_out(call, Output::HangUp { leg: LegId::LINE }).await;
                    break End::GaveUp;
                }
                Some(Input::Answered { .. }) => {
                    tell(format!("answered; talking for {} s", plan.talk.as_secs()));
                    hang_up_at = Some(self.clock.now() + plan.talk);
                }
                Some(Input::Refused { status, .. }) if given_up && status.code == 487 => break End::GaveUp,
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
                Some(Input::Asked { leg, what, .. }) => {
                    let reply =
                        Output::Reply { leg, what, status: Status::new(200, "OK"), payload: silence() };
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

/// How long the last replies may take before the program ends.
const REPLIES: Duration = Duration::from_secs(2);

/// A number as it is dialled: without what makes it readable.
fn dialled(number: &str) -> String {
    number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

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
        assert_eq!(dialled("01 99 00 10 00"), "0199001000");
        assert_eq!(dialled("+33 1-99.00"), "+3319900");
    }
}
