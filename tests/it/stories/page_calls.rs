//! Somebody calls from a page of the website, without a telephone: the words
//! between page and gateway over a real WebSocket. The sound has tests of its own.

use std::net::SocketAddr;

use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use whence::domain::calling::outcome::{HungUpBy, Outcome};
use whence::domain::ids::VisitId;
use whence::domain::people::contact::Identity;
use whence::domain::people::engagement::Deed;
use whence::domain::tracking::attribution::Evidence;
use whence::domain::tracking::channels::Channel;
use whence::store::Window;

use super::stage::Stage;
use crate::support::databases::{on_each_database, on_sqlite};

const AD: &str = "http://127.0.0.1:8080/demo/?utm_source=google&utm_medium=cpc&utm_campaign=test";
const OWN: &str = "http://127.0.0.1:8080";
const TARGET: &str = "01 99 00 00 01";
/// As a browser writes it, without what it says besides.
const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 8 126\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:dImP\r\n\
    a=ice-pwd:rFInqADrmnT4afhtZUyvnJgk\r\na=fingerprint:sha-256 2A:33:9F:4C:70:16:F2:EA:17:AD:51:86:D8:E1:2E:82:\
    63:94:EE:89:2F:AF:89:F3:EA:36:9B:8A:9C:69:50:8F\r\na=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n\
    a=rtpmap:8 PCMA/8000\r\na=rtpmap:126 telephone-event/8000\r\n";

/// A page that has a WebSocket to the gateway.
struct Page(Mutex<WebSocketStream<TcpStream>>);

impl Page {
    async fn open(http: SocketAddr, origin: &str) -> Result<Self, u16> {
        let url = format!("ws://{http}/api/v1/sites/boulangerie/page-call");
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("origin", HeaderValue::from_str(origin).unwrap());
        let stream = TcpStream::connect(http).await.unwrap();
        match client_async(request, stream).await {
            Ok((stream, _)) => Ok(Self(Mutex::new(stream))),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    /// One that has asked for a call.
    async fn calls(stage: &Stage, visit: Option<VisitId>, to: Option<&str>) -> Self {
        Self::offers(stage, visit, to, OFFER).await
    }

    async fn offers(stage: &Stage, visit: Option<VisitId>, to: Option<&str>, offer: &str) -> Self {
        let page = Self::open(stage.gateway.http, OWN).await.expect("it is let in");
        assert_eq!(page.hears(stage).await, json!({"ice_servers": []}));
        let visit = visit.map(|visit| visit.to_string());
        page.says(json!({"call": {"to": to, "visit": visit, "page": AD, "sdp": offer}})).await;
        page
    }

    async fn says(&self, message: Value) {
        self.0.lock().await.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn hears(&self, stage: &Stage) -> Value {
        stage
            .until(async || {
                let message = self.0.lock().await.next().now_or_never()?.expect("not closed").unwrap();
                message.is_text().then(|| serde_json::from_str(message.to_text().unwrap()).unwrap())
            })
            .await
    }
}

#[tokio::test]
async fn a_call_from_a_page_is_of_its_visit_and_uses_no_number_up() {
    on_each_database(async |database| {
        let stage = Stage::open(database).await;
        let shown = stage.visit(AD).await;

        let page = Page::calls(&stage, shown.visit, Some(TARGET)).await;
        assert_eq!(page.hears(&stage).await, json!({"ringing": null}));
        let live = stage.gateway.live_calls().list();
        assert_eq!((live.len(), live[0].trunk.as_str()), (1, "page"));
        let answered = page.hears(&stage).await;
        let sdp = answered["answered"].as_str().expect("a description");
        assert!(
            sdp.contains("UDP/TLS/RTP/SAVPF 8") && sdp.contains("a=ice-lite"),
            "it is the relay's: {sdp}"
        );
        drop(page);

        let record = stage.latest_call().await;
        assert_eq!((record.outcome, record.hung_up_by), (Some(Outcome::Answered), Some(HungUpBy::Caller)));
        assert_eq!((record.number.reveal(), record.caller.as_ref()), ("+33199000001", None));
        let store = &stage.gateway.store;
        let [share] = store.find_attribution(record.id).await.unwrap().unwrap().shares.try_into().unwrap();
        assert_eq!((share.visit, share.source.channel), (shown.visit, Channel::PaidSearch));
        assert_eq!((share.probability, share.evidence), (1.0, Evidence::MadeOnPage));
        let contact = record.contact.expect("the visitor is somebody");
        let identities = store.list_identities(contact).await.unwrap();
        let identities: Vec<Identity> = identities.into_iter().map(|known| known.identity).collect();
        assert_eq!(identities, [Identity::Visitor(shown.visitor.unwrap())]);
        let timeline = store.list_engagements(contact, &Window::first(10)).await.unwrap().items;
        let deeds: Vec<Deed> = timeline.iter().map(|engagement| engagement.what.clone()).collect();
        assert!(deeds.contains(&Deed::Call(record.id)) && deeds.contains(&Deed::Visit(shown.visit.unwrap())));
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_did_not_agree_to_be_known_calls_and_stays_unknown() {
    on_each_database(async |database| {
        let stage = Stage::open(database).await;

        let page = Page::calls(&stage, None, None).await;
        assert_eq!(page.hears(&stage).await, json!({"ringing": null}));
        drop(page);

        let record = stage.latest_call().await;
        assert_eq!((record.outcome, record.contact), (Some(Outcome::Abandoned), None));
        let store = &stage.gateway.store;
        let [share] = store.find_attribution(record.id).await.unwrap().unwrap().shares.try_into().unwrap();
        assert_eq!((share.visit, share.source.channel), (None, Channel::PaidSearch), "the page itself tells");
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_no_page_of_the_site_asks_is_refused_in_a_word() {
    on_sqlite(async |database| {
        let one = ("page_calls = 4 ", "page_calls = 1 ");
        let stage = Stage::open_with(database, &[one]).await;
        let ended = async |page: Page| page.hears(&stage).await["ended"].as_str().map(str::to_owned);

        assert_eq!(Page::open(stage.gateway.http, "https://evil.example").await.err(), Some(403));
        let other = Page::calls(&stage, None, Some("+33199999999")).await;
        assert_eq!(ended(other).await.as_deref(), Some("no_number"));
        let nobody = VisitId(uuid::Uuid::from_u128(1));
        let gone = Page::calls(&stage, Some(nobody), None).await;
        assert_eq!(gone.hears(&stage).await, json!({"ringing": null}), "the call goes on without its visit");
        drop(gone);
        stage.latest_call().await;
        // Plain sound could be aimed at anybody.
        let plain = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 53 RTP/AVP 8\r\n";
        for offer in [plain, ""] {
            let page = Page::offers(&stage, None, None, offer).await;
            assert_eq!(ended(page).await.as_deref(), Some("malformed"), "{offer}");
        }
        let speechless = Page::open(stage.gateway.http, OWN).await.unwrap();
        speechless.hears(&stage).await;
        speechless.says(json!({"accept": 7})).await;
        assert_eq!(ended(speechless).await.as_deref(), Some("malformed"));

        let page = Page::calls(&stage, None, None).await;
        assert_eq!(page.hears(&stage).await, json!({"ringing": null}));
        let second = Page::open(stage.gateway.http, OWN).await.unwrap();
        assert_eq!(ended(second).await.as_deref(), Some("too_many"), "it is told no TURN login, either");
        drop(page);
        stage.latest_call().await;
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_site_whose_plan_says_nothing_of_it_takes_no_calls_from_its_pages() {
    on_sqlite(async |database| {
        let none = ("page_calls = 4 ", "page_calls = 0 ");
        let stage = Stage::open_with(database, &[none]).await;

        let page = Page::open(stage.gateway.http, OWN).await.unwrap();

        assert_eq!(page.hears(&stage).await, json!({"ended": "off"}));
        assert_eq!(stage.gateway.live_calls().count(), 0);
        stage.close().await;
    })
    .await;
}
