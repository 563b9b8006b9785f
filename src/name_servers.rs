//! The name servers that are asked, of hosts that calls go to and of domains that mail goes to: those of `[sip] dns`, or
//! the system's. How long each has for an answer is one rule for all.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::{Resolver, TokioResolver};
use tracing::warn;

/// How long one name server has for one answer, and how often it is asked.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);
const ATTEMPTS: usize = 2;

/// Who asks these name servers; without any, those of the system. So many answers are kept, as long as they say
/// themselves.
pub fn resolver(servers: &[SocketAddr], kept: u64) -> Result<TokioResolver, NetError> {
    let provider = TokioRuntimeProvider::default();
    let mut builder = if servers.is_empty() {
        TokioResolver::builder_tokio().unwrap_or_else(|failure| {
            warn!(
                error = &failure as &dyn std::error::Error,
                "the name servers of the system are not known: no name will be found; name some in [sip] dns"
            );
            Resolver::builder_with_config(ResolverConfig::default(), provider)
        })
    } else {
        let servers = servers.iter().map(name_server).collect();
        Resolver::builder_with_config(ResolverConfig::from_name_servers(servers), provider)
    };
    let options = builder.options_mut();
    (options.timeout, options.attempts, options.cache_size) = (ANSWER_LIMIT, ATTEMPTS, kept);
    builder.build()
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}
