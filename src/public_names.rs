//! Looks names up for connections to whom somebody else named, and knows no private address: a name must lead to
//! the internet, or whoever has it could point it into our own network.
//!
//! The connection is made to an address that was looked at here, so the name cannot mean another by then. An
//! address in the place of a name is not looked up, and so never comes by here: whoever takes one asks
//! [`is_public`] itself.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use hyper_util::client::legacy::connect::dns::Name;
use tokio::net::lookup_host;
use tower_service::Service;

use crate::domain::internet::is_public;

#[derive(Clone)]
pub struct PublicNames;

/// What is not connected to; it stands inside of the [`io::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name leads to no public address")]
pub struct NotPublic;

impl Service<Name> for PublicNames {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(io::Error::other(NotPublic));
            }
            Ok(public.into_iter())
        })
    }
}
