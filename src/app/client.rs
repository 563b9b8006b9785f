//! The commands that ask a running gateway: a client of its own HTTP API.

use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, Request, StatusCode};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::run::{Failed, settings};
use crate::cli::Remote;

/// What an answer may weigh that is read whole.
const ANSWER_MAX: usize = 16 << 20;

pub(super) struct Client {
    http: HttpClient<HttpsConnector<HttpConnector>, Body>,
    /// Without a slash at its end.
    base: String,
    key: String,
}

impl Client {
    /// The gateway that the arguments name, or else the one that the settings describe.
    pub fn of(remote: &Remote) -> Result<Self, Failed> {
        let key = remote.key.clone().or_else(|| std::env::var("WHENCE_KEY").ok());
        let key = key.filter(|key| !key.is_empty()).ok_or_else(|| {
            let how = "make one with `whence key create`, and give it with --key or in WHENCE_KEY";
            Failed::Start(format!("the gateway wants an API key; {how}"))
        })?;
        let base = match &remote.url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", reachable(settings(&remote.settings)?.http.listen)),
        };
        let https =
            hyper_rustls::HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1();
        Ok(Self { http: HttpClient::builder(TokioExecutor::new()).build(https.build()), base, key })
    }

    /// A JSON answer; what the gateway refuses is told in its own words.
    pub async fn ask(&self, method: Method, path: &str) -> Result<Value, Failed> {
        let request = Request::builder().method(method).uri(self.address(path));
        let answer = self.answer(request.header(ACCEPT, "application/json").body(Body::empty())).await?;
        let body = axum::body::to_bytes(answer, ANSWER_MAX).await.map_err(Failed::tried)?;
        serde_json::from_slice(&body).map_err(Failed::tried)
    }

    /// Server-sent events, each given to `hear` as its name and its data, until the gateway ends them.
    pub async fn watch(&self, path: &str, mut hear: impl FnMut(&str, Value)) -> Result<(), Failed> {
        use futures_util::StreamExt;

        let mut answer = self.get(path, "text/event-stream").await?.into_data_stream();
        let mut text: Vec<u8> = Vec::new();
        while let Some(piece) = answer.next().await {
            let piece: Bytes = piece.map_err(Failed::tried)?;
            text.extend_from_slice(&piece);
            while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
                let event = text.drain(..end + 2).collect::<Vec<_>>();
                if let Some((name, data)) = read_event(&String::from_utf8_lossy(&event)) {
                    hear(&name, data);
                }
            }
        }
        Ok(())
    }

    /// A JSON answer to a body of this type.
    pub async fn send(&self, path: &str, kind: &str, body: Body) -> Result<Value, Failed> {
        let request = Request::post(self.address(path)).header(CONTENT_TYPE, kind).body(body);
        let answer = self.answer(request).await?;
        let body = axum::body::to_bytes(answer, ANSWER_MAX).await.map_err(Failed::tried)?;
        serde_json::from_slice(&body).map_err(Failed::tried)
    }

    /// An answer of any length.
    pub async fn get(&self, path: &str, accept: &str) -> Result<Body, Failed> {
        self.answer(Request::get(self.address(path)).header(ACCEPT, accept).body(Body::empty())).await
    }

    pub async fn delete(&self, path: &str) -> Result<(), Failed> {
        self.answer(Request::delete(self.address(path)).body(Body::empty())).await.map(drop)
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn answer(&self, request: Result<Request<Body>, axum::http::Error>) -> Result<Body, Failed> {
        let wrong = || Failed::Start("--url or --key cannot be meant so".to_owned());
        let mut request = request.map_err(|_| wrong())?;
        let key = format!("Bearer {}", self.key).parse().map_err(|_| wrong())?;
        request.headers_mut().insert(AUTHORIZATION, key);
        let answer = self.http.request(request).await;
        let answer = answer.map_err(|why| {
            Failed::Tried(format!("no gateway answers at {}: {}", self.base, Failed::tried(why).text()))
        })?;
        let status = answer.status();
        let body = Body::new(answer.into_body());
        if status.is_success() { Ok(body) } else { Err(refused(status, body).await) }
    }
}

async fn refused(status: StatusCode, body: Body) -> Failed {
    let body = axum::body::to_bytes(body, ANSWER_MAX).await.unwrap_or_default();
    let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
    Failed::Tried(match problem["detail"].as_str() {
        Some(detail) => detail.to_owned(),
        None => format!("the gateway answers {status}"),
    })
}

/// The name and the data of an event; a comment is none.
fn read_event(text: &str) -> Option<(String, Value)> {
    let field = |name: &str| {
        let values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        values.map(|value| value.strip_prefix(' ').unwrap_or(value)).collect::<Vec<_>>().join("\n")
    };
    let data = serde_json::from_str(&field("data")).ok()?;
    Some((field("event"), data))
}

/// Whoever listens on every address is reached at this machine's own.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let here = if listen.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() };
    if listen.ip().is_unspecified() { SocketAddr::new(here, listen.port()) } else { listen }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_a_name_and_data_and_a_comment_is_none() {
        assert_eq!(read_event("event: call\ndata: {\"id\":1}\n\n"), Some(("call".into(), json!({"id": 1}))));
        assert_eq!(read_event("event:ended\ndata: [1,\ndata: 2]\n\n"), Some(("ended".into(), json!([1, 2]))));
        assert_eq!(read_event(": still here\n\n"), None);
    }

    #[test]
    fn a_gateway_on_every_address_is_asked_at_this_machines_own() {
        for (listen, asked) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), asked);
        }
    }
}
