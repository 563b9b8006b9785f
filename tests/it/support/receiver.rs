//! A program that webhooks tell: it answers what it is told to answer, and keeps what it heard.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What came in one request.
#[derive(Clone, Debug)]
pub struct Heard {
    pub headers: HeaderMap,
    pub body: String,
    pub event: Value,
}

#[derive(Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    /// What it answers to the next ones instead of 204.
    answers: Arc<Mutex<VecDeque<u16>>>,
    /// What it says of when to come again, whatever it answers.
    retry_after: Arc<Mutex<Option<String>>>,
    /// While it says `true` nothing is answered.
    holds: Arc<watch::Sender<bool>>,
    count: Arc<watch::Sender<usize>>,
}

impl Receiver {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let receiver = Self {
            address: listener.local_addr().expect("it listens"),
            heard: Arc::default(),
            answers: Arc::default(),
            retry_after: Arc::default(),
            holds: Arc::new(watch::Sender::new(false)),
            count: Arc::new(watch::Sender::new(0)),
        };
        let router = Router::new().fallback(hear).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub fn answer_next(&self, status: u16, times: usize) {
        self.answers.lock().expect("no test panics in here").extend(std::iter::repeat_n(status, times));
    }

    /// From now on it says `Retry-After`.
    pub fn say_retry_after(&self, said: &str) {
        *self.retry_after.lock().expect("no test panics in here") = Some(said.to_owned());
    }

    pub fn hold(&self, holds: bool) {
        self.holds.send_replace(holds);
    }

    /// Waits until so many requests have come, answered or not.
    pub async fn has_heard(&self, many: usize) {
        self.count.subscribe().wait_for(|count| *count >= many).await.expect("it is open");
    }

    /// What has come since this was last asked.
    pub fn collect(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().expect("no test panics in here"))
    }
}

async fn hear(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> Response {
    let event = serde_json::from_str(&body).unwrap_or_default();
    receiver.heard.lock().expect("no test panics in here").push(Heard { headers, body, event });
    receiver.count.send_modify(|count| *count += 1);
    receiver.holds.subscribe().wait_for(|holds| !holds).await.expect("it is open");
    let answer = receiver.answers.lock().expect("no test panics in here").pop_front();
    let status = answer.map_or(StatusCode::NO_CONTENT, |code| StatusCode::from_u16(code).expect("a status"));
    let mut response = (status, [(header::LOCATION, "/elsewhere")]).into_response();
    let retry_after = receiver.retry_after.lock().expect("no test panics in here").clone();
    if let Some(said) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, said.parse().expect("a header"));
    }
    response
}
