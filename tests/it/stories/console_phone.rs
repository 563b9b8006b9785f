//! Employees answer in the console: the words between browser and gateway over a
//! real WebSocket. The sound has tests of its own.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use uuid::Uuid;
use whence::demo::caller::End;
use whence::domain::calling::outcome::{HungUpBy, Outcome};
use whence::domain::calling::record::CallRecord;
use whence::domain::ids::TaskId;
use whence::domain::people::scenario::{State, Task};
use whence::http::extract::hash_token;

use super::stage::{COUNTER, Stage};
use crate::support::databases::{Database, on_each_database, on_sqlite};
use crate::support::door::sign_in;

const AD: &str = "http://127.0.0.1:8080/demo/?utm_source=google&utm_medium=cpc&utm_campaign=test";
/// The demo's plan with consoles at its counter.
const LINE: &str = "line = \"sip:counter@127.0.0.1:5070\"\nring_s = 30";
const CONSOLE: &str = "steps = [{ console = true, ring_s = 20 }]";
/// What a browser answers.
const ANSWER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 8\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:dImP\r\n\
    a=ice-pwd:rFInqADrmnT4afhtZUyvnJgk\r\na=fingerprint:sha-256 2A:33:9F:4C:70:16:F2:EA:17:AD:51:86:D8:E1:2E:82:\
    63:94:EE:89:2F:AF:89:F3:EA:36:9B:8A:9C:69:50:8F\r\na=setup:active\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n\
    a=rtpmap:8 PCMA/8000\r\n";

/// A console that has a WebSocket to the gateway.
pub(super) struct Console(Mutex<WebSocketStream<TcpStream>>);

impl Console {
    async fn open(http: SocketAddr, origin: Option<&str>, cookie: &str) -> Result<Self, u16> {
        let mut request = format!("ws://{http}/console/phone/line").into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("cookie", HeaderValue::from_str(cookie).unwrap());
        origin.map(|origin| headers.insert("origin", HeaderValue::from_str(origin).unwrap()));
        let stream = TcpStream::connect(http).await.unwrap();
        match client_async(request, stream).await {
            Ok((stream, _)) => Ok(Self(Mutex::new(stream))),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    async fn available(stage: &Stage) -> Self {
        Self::available_for(stage, "counter").await
    }

    /// One of Ada's that answers for this destination; she has signed in.
    pub(super) async fn available_for(stage: &Stage, destination: &str) -> Self {
        let http = stage.gateway.http;
        let own = format!("http://{http}");
        let console = Self::open(http, Some(&own), "whence_session=adas").await.expect("it is let in");
        console.says(json!({"available": [destination]})).await;
        assert_eq!(console.hears(stage).await, json!({"available": [destination]}));
        console
    }

    pub(super) async fn says(&self, message: Value) {
        self.0.lock().await.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message; `null` when the gateway closes.
    async fn hears(&self, stage: &Stage) -> Value {
        stage
            .until(async || match self.0.lock().await.next().now_or_never()?.expect("not closed").unwrap() {
                message @ Message::Text(_) => Some(serde_json::from_str(message.to_text().unwrap()).unwrap()),
                Message::Close(_) => Some(Value::Null),
                _ => None,
            })
            .await
    }

    /// The next message that is this, after what rings and what is known of it.
    pub(super) async fn hears_of(&self, stage: &Stage, what: &str) -> Value {
        loop {
            let heard = self.hears(stage).await;
            if heard.get(what).is_some() {
                return heard[what].clone();
            }
            assert!(["ringing", "journey"].iter().any(|it| heard.get(it).is_some()), "{heard} and no {what}");
        }
    }

    /// In the law of G.711 that it is offered.
    pub(super) async fn answers(&self, ringing: &Value) {
        let is_mu = ringing["sdp"].as_str().unwrap().contains("UDP/TLS/RTP/SAVPF 0");
        let mu = ANSWER.replace("SAVPF 8", "SAVPF 0").replace("8 PCMA", "0 PCMU");
        let sdp = if is_mu { &mu } else { ANSWER };
        self.says(json!({"answer": {"call": ringing["call"], "leg": ringing["leg"], "sdp": sdp}})).await;
    }
}

async fn open(database: &Database, plan: &str) -> Stage {
    let stage = Stage::open_with(database, &[(LINE, plan)]).await;
    sign_in(&stage.gateway.store).await;
    stage
}

/// How a call ends that one console treats so.
async fn told(stage: &Stage, treats: impl AsyncFn(&Console, Value)) -> (End, CallRecord) {
    let console = Console::available(stage).await;
    let call = stage.call(COUNTER, false).await;
    let ringing = console.hears_of(stage, "ringing").await;
    treats(&console, ringing).await;
    let end = stage.ended(call).await;
    (end, stage.latest_call().await)
}

#[tokio::test]
async fn consoles_ring_with_the_callers_journey_and_the_first_to_take_the_call_has_it() {
    on_each_database(async |database| {
        let stage = open(database, CONSOLE).await;
        let number = stage.visit(AD).await.swaps[0].number.clone().unwrap();
        let (first, second) = (Console::available(&stage).await, Console::available(&stage).await);

        let call = stage.call(number.reveal(), false).await;
        let ringing = first.hears_of(&stage, "ringing").await;
        assert_eq!(second.hears_of(&stage, "ringing").await["call"], ringing["call"]);
        let shown = ["caller", "number", "destination"].map(|field| ringing[field].as_str().unwrap());
        assert_eq!(
            shown.map(|text| text.replace('\u{a0}', " ")),
            ["06 39 98 12 34", "01 99 00 10 00", "Counter in Lyon"]
        );
        let sdp = ringing["sdp"].as_str().unwrap();
        assert!(
            sdp.contains("UDP/TLS/RTP/SAVPF 8") && sdp.contains("a=ice-lite"),
            "it is the relay's: {sdp}"
        );
        assert_eq!(ringing["ice_servers"], json!([]));
        let journey = first.hears_of(&stage, "journey").await;
        assert_eq!(journey["origin"]["channel"], "Paid Search");
        assert_eq!(journey["origin"]["source"], "google / cpc · test");
        assert_eq!(journey["origin"]["landing"], "127.0.0.1:8080/demo");
        assert_eq!(journey["origin"]["pages"][0]["url"], "127.0.0.1:8080/demo");
        assert_eq!(
            (&journey["label"], &journey["before"]),
            (&json!("pool boulangerie"), &json!("Has not called before"))
        );

        first.answers(&ringing).await;
        let name = json!({"call": ringing["call"], "leg": ringing["leg"]});
        assert_eq!(first.hears_of(&stage, "talking").await, name);
        assert_eq!(second.hears_of(&stage, "gone").await["taken"], true);
        let [live] = stage.gateway.live_calls().list().try_into().unwrap();
        assert_eq!(live.line.as_deref(), Some("console"));
        assert_eq!(first.hears_of(&stage, "ended").await, Value::Null);
        assert_eq!(stage.ended(call).await, End::Talked);

        let record = stage.latest_call().await;
        assert_eq!((record.outcome, record.hung_up_by), (Some(Outcome::Answered), Some(HungUpBy::Caller)));
        assert_eq!(record.answered_by.unwrap().as_str(), "counter");
        // Who calls again is known, and what is to be done with them.
        let task = Task {
            id: TaskId(Uuid::from_u128(1)),
            scenario: "ask-for-email".parse().unwrap(),
            contact: record.contact.unwrap(),
            cause: record.id.to_string(),
            cause_at: record.arrived_at,
            state: State::Open,
            title: "Ask for an e-mail address at the next call".into(),
            list: "data".into(),
            due_at: record.arrived_at,
            wait_until: None,
            why: None,
            assignee: None,
            created_at: record.arrived_at,
            settled_at: None,
            settled_by: None,
            reopened: false,
        };
        let written = stage.gateway.store.write(move |tx| {
            let task = task.clone();
            Box::pin(async move { tx.insert_tasks(&[task]).await })
        });
        assert_eq!(written.await.unwrap(), 1);
        let again = stage.call(number.reveal(), false).await;
        assert_ne!(second.hears_of(&stage, "ringing").await["call"], ringing["call"]);
        let journey = second.hears_of(&stage, "journey").await;
        assert_eq!(journey["before"], "Has called once before:");
        assert_eq!(journey["last"], json!(record.arrived_at));
        assert_eq!(journey["tasks"], json!(["Ask for an e-mail address at the next call"]));
        drop((first, second));
        assert!(matches!(stage.ended(again).await, End::Refused(_)));
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_console_does_is_what_its_line_does() {
    on_sqlite(async |database| {
        let stage = open(database, CONSOLE).await;

        let (end, record) = told(&stage, async |console, ringing| {
            console.answers(&ringing).await;
            console.hears_of(&stage, "talking").await;
            console.says(json!({"hang_up": null})).await;
            console.hears_of(&stage, "ended").await;
        })
        .await;
        assert_eq!((end, record.hung_up_by), (End::Talked, Some(HungUpBy::Line)));

        // Closing is hanging up.
        let (end, record) = told(&stage, async |console, ringing| {
            console.answers(&ringing).await;
            console.hears_of(&stage, "talking").await;
            console.0.lock().await.close(None).await.unwrap();
        })
        .await;
        assert_eq!((end, record.hung_up_by), (End::Talked, Some(HungUpBy::Line)));

        let (end, record) = told(&stage, async |console, ringing| {
            console.says(json!({"decline": {"call": ringing["call"], "leg": ringing["leg"]}})).await;
            assert_eq!(console.hears_of(&stage, "gone").await["taken"], false);
        })
        .await;
        assert!(matches!(end, End::Refused(words) if words.contains("486")));
        assert_eq!((record.outcome, record.sip_status), (Some(Outcome::Busy), Some(486)));

        // Nobody takes it in its time.
        let (end, record) = told(&stage, async |console, _| {
            assert_eq!(console.hears_of(&stage, "gone").await["taken"], false);
        })
        .await;
        assert!(matches!(end, End::Refused(words) if words.contains("480")));
        assert_eq!(record.outcome, Some(Outcome::Missed));

        // Who has nothing in common with the caller has not taken the call.
        let (_, record) = told(&stage, async |console, ringing| {
            let plain = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 53 RTP/AVP 8\r\n";
            console
                .says(json!({"answer": {"call": ringing["call"], "leg": ringing["leg"], "sdp": plain}}))
                .await;
        })
        .await;
        assert_eq!(record.outcome, Some(Outcome::Busy));
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn without_anybody_at_a_console_the_plan_goes_on_at_once() {
    on_sqlite(async |database| {
        let plan = "steps = [{ console = true, ring_s = 20 }, { sip = \"sip:counter@127.0.0.1:5070\" }]";
        let stage = open(database, plan).await;
        let began = stage.clock.now();

        let call = stage.call(COUNTER, false).await;
        assert_eq!(stage.ended(call).await, End::Talked);
        let record = stage.latest_call().await;
        let rang = record.answered_at.unwrap().since(began);
        assert!(rang.as_secs() < 15, "{rang:?}");

        let console = Console::available(&stage).await;
        console.says(json!({"available": []})).await;
        console.hears_of(&stage, "available").await;
        let call = stage.call(COUNTER, false).await;
        assert_eq!(stage.ended(call).await, End::Talked, "who is away is not rung");
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn only_a_session_of_ours_opens_a_console_and_it_closes_with_it() {
    on_each_database(async |database| {
        let stage = open(database, CONSOLE).await;
        let http = stage.gateway.http;
        let own = format!("http://{http}");

        for (origin, cookie, status) in [
            (Some("https://evil.example"), "whence_session=adas", 403),
            (None, "whence_session=adas", 403),
            (Some(own.as_str()), "whence_session=nobodys", 303),
        ] {
            assert_eq!(Console::open(http, origin, cookie).await.err(), Some(status), "{origin:?} {cookie}");
        }

        let (idle, talking) = (Console::available(&stage).await, Console::available(&stage).await);
        // Sessions are looked at every twenty seconds.
        stage.clock.advance(Duration::from_secs(17));
        let call = stage.call(COUNTER, false).await;
        let ringing = talking.hears_of(&stage, "ringing").await;
        talking.answers(&ringing).await;
        talking.hears_of(&stage, "talking").await;
        stage.gateway.store.delete_session(&hash_token("adas")).await.unwrap();

        idle.hears_of(&stage, "gone").await;
        assert_eq!(idle.hears_of(&stage, "signed_out").await, Value::Null);
        assert_eq!(idle.hears(&stage).await, Value::Null);
        assert_eq!(stage.gateway.live_calls().count(), 1, "a caller is not to blame");
        assert_eq!(talking.hears_of(&stage, "ended").await, Value::Null);
        assert_eq!(stage.ended(call).await, End::Talked);
        assert_eq!(talking.hears_of(&stage, "signed_out").await, Value::Null);
        stage.close().await;
    })
    .await;
}
