//! `whence dial`: places one call and tells what happens to it.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::run::Failed;
use crate::cli::Dial;
use crate::clock::Clock;
use crate::demo::caller::{Caller, Dialled, End, Plan};

/// Where SIP is unless told (RFC 3261 §19.1.2).
const SIP_PORT: u16 = 5060;

pub(super) async fn dial(args: &Dial) -> Result<(), Failed> {
    let number = read_number("the number to call", &args.number)?;
    let from = args.from.as_deref().map(|from| read_number("--from", from)).transpose()?;
    let gateway = find_gateway(&args.gateway).await?;
    let plan = Plan {
        number,
        from,
        talk: Duration::from_secs(args.seconds.into()),
        give_up_when_it_rings: args.hang_up_after_ring,
        gateway,
    };
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failed::start)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failed::start)?;
    let stop = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let caller = Caller::start(Clock::system(), gateway).await.map_err(Failed::start)?;
    match caller.call(&plan, stop, |line| println!("{line}")).await {
        End::Talked | End::GaveUp => Ok(()),
        End::Refused(what) => Err(Failed::Tried(what)),
    }
}

fn read_number(what: &str, text: &str) -> Result<Dialled, Failed> {
    text.parse().map_err(|problem| Failed::Start(format!("{what}: {problem}")))
}

async fn find_gateway(text: &str) -> Result<SocketAddr, Failed> {
    let nowhere = || Failed::Start(format!("--gateway: there is no address for `{text}`"));
    let address = host_and_port(text).ok_or_else(nowhere)?;
    let found: Vec<_> = tokio::net::lookup_host(address).await.map_err(|_| nowhere())?.collect();
    // `localhost` is both; the gateway listens on 127.0.0.1 unless told.
    let v4 = found.iter().find(|address| address.is_ipv4());
    v4.or(found.first()).copied().ok_or_else(nowhere)
}

/// A host with or without a port; an IPv6 address with a port is in brackets.
fn host_and_port(text: &str) -> Option<(&str, u16)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()?),
        _ => (text, SIP_PORT),
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    (!host.is_empty()).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_is_a_host_with_or_without_a_port() {
        assert_eq!(host_and_port("localhost:5062"), Some(("localhost", 5062)));
        assert_eq!(host_and_port("sip.example.org"), Some(("sip.example.org", 5060)));
        assert_eq!(host_and_port("127.0.0.1"), Some(("127.0.0.1", 5060)));
        assert_eq!(host_and_port("::1"), Some(("::1", 5060)));
        assert_eq!(host_and_port("[::1]"), Some(("::1", 5060)));
        assert_eq!(host_and_port("[::1]:5062"), Some(("::1", 5062)));
        for text in ["", ":5060", "localhost:", "localhost:sip", "localhost:70000"] {
            assert_eq!(host_and_port(text), None, "{text}");
        }
    }
}
