//! The web faces of a town, asked without a socket.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, Request, StatusCode, header};
use futures_util::FutureExt;
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;
use whence::domain::calling::stranger::Stranger;
use whence::domain::ids::{ApiKeyId, PromptId, UserId, WebhookId};
use whence::domain::people::opt_in::Policy;
use whence::domain::staff::{Post, Role};
use whence::domain::time::Timestamp;
use whence::domain::tracking::guard::Refusal;
use whence::domain::tracking::swap::Rule;
use whence::flows::{Reports, hours_counted, reports_sent};
use whence::http::console::overview::letter::composer;
use whence::http::extract::{Scope, hash_token};
use whence::http::{AppState, Config, IceServers, PageCalled, Reloaded, TrunkSettings, Watch, router};
use whence::inbox::Inbox;
use whence::oidc::Provider;
use whence::store::sessions::NewSession;
use whence::store::{ApiKey, Store, User};
use whence::switchboard::consoles::Consoles;
use whence::switchboard::live::LiveCalls;
use whence::switchboard::page::PageCall;
use whence::switchboard::{DownHop, Fault, Hop, Registration, TrunkView};
use whence::vault::{self, Vault};

use super::town::Town;

pub const ORIGIN: &str = "https://bakery.example";

pub struct Door {
    router: Router,
    pub watcher: Arc<Watcher>,
    /// The calls that go on.
    pub live: LiveCalls,
    pub vault: Vault,
    /// Takes files of at most a mebibyte.
    pub inbox: Inbox,
    reports: Reports,
    store: Store,
    app: AppState,
    folder: TempDir,
}

/// Somebody who writes down what the faces tell, and answers what they ask.
#[derive(Default)]
pub struct Watcher {
    /// Why the gateway takes no calls.
    pub reasons: Mutex<Vec<&'static str>>,
    pub answered: Mutex<Vec<u16>>,
    pub shown: Mutex<Vec<Rule>>,
    pub refused: Mutex<Vec<Refusal>>,
    /// What is wrong with the settings on disk.
    pub mistake: Mutex<Option<String>>,
    pub strangers: Mutex<Vec<Stranger>>,
}

impl Watch for Watcher {
    fn not_ready(&self) -> Vec<&'static str> {
        self.reasons.lock().expect("no test panics in here").clone()
    }

    fn metrics(&self) -> String {
        "whence_tests_total 0\n# EOF\n".into()
    }

    fn answered(&self, status: u16, _: Duration) {
        self.answered.lock().expect("no test panics in here").push(status);
    }

    fn reload(&self) -> Pin<Box<dyn Future<Output = Result<Reloaded, String>> + Send + '_>> {
        let mistake = self.mistake.lock().expect("no test panics in here").clone();
        let changed =
            Reloaded { changed: vec!["trunks"], summary: "changed: trunks".into(), ..Reloaded::default() };
        Box::pin(async move { mistake.map_or(Ok(changed), Err) })
    }

    fn strangers(&self) -> Pin<Box<dyn Future<Output = Vec<Stranger>> + Send + '_>> {
        let strangers = self.strangers.lock().expect("no test panics in here").clone();
        Box::pin(async { strangers })
    }

    fn trunks(&self) -> Pin<Box<dyn Future<Output = Vec<TrunkView>> + Send + '_>> {
        let (since, until) = (Timestamp::from_ms(0), Timestamp::from_ms(0));
        let address = "udp:192.0.2.1:5060".into();
        let down = vec![DownHop { address, failures: 2, since, until, fault: Fault::Silent }];
        let hops = vec![Hop { uri: "sip:192.0.2.1".into(), is_up: false, down }];
        let trunk = TrunkView {
            id: "carrier".parse().expect("a slug"),
            hops,
            registration: Some(Registration { until: None, refused: Some(403) }),
            calls: 1,
            calls_today: 7,
            calls_per_day: Some(100),
        };
        Box::pin(async move { vec![trunk] })
    }

    fn call_from_page(&self, _: PageCall) -> PageCalled<'_> {
        Box::pin(async { None })
    }

    fn prompt(&self, id: &PromptId) -> Option<Vec<i16>> {
        (id.as_str() == "fr-welcome").then(|| vec![100; 8_000])
    }

    fn signs(&self, webhook: &WebhookId) -> bool {
        webhook.as_str() != "mute"
    }

    fn trunk_settings(&self) -> Vec<TrunkSettings> {
        vec![TrunkSettings {
            id: "carrier".parse().expect("a slug"),
            country: "FR".parse().expect("a country"),
            calls_at_once: Some(30),
            from: vec!["203.0.113.0/24".into()],
            has_their_password: false,
            their_certificate: None,
            to: vec!["sip:192.0.2.1".into()],
            user: Some("bakery".into()),
            registers: true,
            prefixes: vec!["+33".into()],
            calls_per_day: Some(100),
            is_sealed: true,
        }]
    }

    fn number_refused(&self, why: Refusal) {
        self.refused.lock().expect("no test panics in here").push(why);
    }

    fn number_shown(&self, rule: Rule) {
        self.shown.lock().expect("no test panics in here").push(rule);
    }
}

/// An answer with its body read, which but for files is text.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Door {
    pub fn of(town: &Town) -> Self {
        Self::at(town, "http://127.0.0.1:8080/")
    }

    pub fn at(town: &Town, public_url: &str) -> Self {
        Self::with_company(town, public_url, None)
    }

    /// Whose people sign in by this identity provider as well.
    pub fn with_company(town: &Town, public_url: &str, company: Option<Provider>) -> Self {
        let watcher = Arc::new(Watcher::default());
        let config = Config {
            public_url: public_url.parse().expect("a URL"),
            home: "FR".parse().expect("a country"),
            node: "bakery".into(),
            country_header: Some(HeaderName::from_static("x-country")),
            region_header: Some(HeaderName::from_static("x-region")),
            address_header: Some(HeaderName::from_static("x-address")),
            ice: IceServers::default(),
            sends_mail: true,
            opt_in: Policy::default(),
            preference_link: Duration::from_secs(90 * 24 * 60 * 60),
            company,
        };
        let live = LiveCalls::default();
        let folder = tempfile::tempdir().expect("there is room for recordings");
        let vault = Vault::open(vault::Config {
            folder: folder.path().join("recordings"),
            key_file: folder.path().join("vault.keys"),
            bucket: None,
        })
        .now_or_never()
        .expect("no bucket is waited for")
        .expect("a vault opens");
        let inbox = Inbox::open(folder.path().join("imports"), 1 << 20).expect("an inbox opens");
        let (reports, store) = (Reports::default(), town.store.clone());
        let app = AppState::new(
            town.store.clone(),
            town.clock.clone(),
            config,
            watcher.clone(),
            (live.clone(), Consoles::default()),
            (vault.clone(), inbox.clone()),
            reports.clone(),
        );
        let extra = Router::new().route("/demo/", axum::routing::get(async || "the demo"));
        Self { router: router(app.clone(), extra), app, watcher, live, vault, inbox, reports, store, folder }
    }

    /// Lets reports hear of all calls until now.
    pub async fn count(&self) {
        while hours_counted(&self.store).await.expect("hours are counted") > 0 {}
        while self.reports.read_on(&self.store).await.expect("hours are read") {}
    }

    /// Puts the reports on their way that are due; tells how many mails.
    pub async fn reports_due(&self) -> usize {
        let compose = composer(&self.app);
        reports_sent(&self.store, &self.app.clock, &*compose).await.expect("reports are sent")
    }

    /// The folder of the inbox.
    pub fn imports(&self) -> PathBuf {
        self.folder.path().join("imports")
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router always answers");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("the body is whole").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// `GET` with headers.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(request("GET", path, headers, Body::empty())).await
    }

    /// A page of the console in English and in French; no-break spaces as spaces.
    pub async fn in_both(&self, path: &str, session: (&str, &str)) -> [String; 2] {
        let mut pages = [String::new(), String::new()];
        for (page, lang) in pages.iter_mut().zip(["en", "fr"]) {
            let answer = self.get(path, &[session, ("accept-language", lang)]).await;
            *page = answer.page(200).replace(['\u{a0}', '\u{202f}'], " ");
            assert!(page.contains(&format!("<html lang=\"{lang}\">")), "{path}");
            // The policy lets no inline script or style pass, so a page must not have any.
            for inline in ["<style", "style=\"", "onclick", "javascript:"] {
                assert!(!page.contains(inline), "{path}: {inline}");
            }
        }
        pages
    }

    /// A `GET` whose answer goes on and on.
    pub async fn stream(&self, path: &str, headers: &[(&str, &str)]) -> (HeaderMap, Body) {
        let asked = request("GET", path, headers, Body::empty());
        let (parts, body) = self.router.clone().oneshot(asked).await.expect("it always answers").into_parts();
        assert_eq!(parts.status, StatusCode::OK);
        (parts.headers, body)
    }

    /// The body of a `GET` whose answer is no text.
    pub async fn get_bytes(&self, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let (status, _, body) = self.answer(path, headers).await;
        assert_eq!(status, 200);
        body
    }

    /// The whole answer to a `GET` where it may be no text.
    pub async fn answer(&self, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
        let asked = request("GET", path, headers, Body::empty());
        let response = self.router.clone().oneshot(asked).await.expect("the router always answers");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("the body is whole").to_bytes();
        (parts.status.as_u16(), parts.headers, body.to_vec())
    }

    /// The answer to any request where it may be no text.
    pub async fn whole(&self, asked: Request<Body>) -> (u16, Vec<u8>) {
        let response = self.router.clone().oneshot(asked).await.expect("the router always answers");
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.expect("the body is whole").to_bytes();
        (status, body.to_vec())
    }

    /// `GET` with a key of every scope.
    pub async fn api(&self, path: &str) -> Answer {
        self.get(path, &[("authorization", "Bearer all")]).await
    }

    /// `POST` of a JSON body from a page of the bakery.
    pub async fn report(&self, path: &str, body: impl Into<Body>) -> Answer {
        let headers = [("origin", ORIGIN), ("content-type", "application/json")];
        self.ask(request("POST", path, &headers, body.into())).await
    }

    /// `POST` of a form from a page of the console.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let own = ("sec-fetch-site", "same-origin");
        let headers: Vec<_> = [kind, own].into_iter().chain(headers.iter().copied()).collect();
        self.ask(request("POST", path, &headers, body.into())).await
    }
}

pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(body).expect("a request")
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of text"))
    }

    /// Checks that this is a problem of that status and gives it.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.header(header::CONTENT_TYPE), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        for field in ["type", "title", "detail", "instance"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {problem}");
        }
        problem
    }

    /// Checks that this is a page and gives its text.
    #[track_caller]
    pub fn page(&self, status: u16) -> &str {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
        &self.body
    }
}

/// The key `all` has every scope, and each scope is a key for itself.
pub async fn hand_out_keys(store: &Store) {
    let all = Scope::ALL.iter().map(|scope| scope.as_str().to_owned()).collect::<Vec<_>>();
    let keys = [("all", all.clone())]
        .into_iter()
        .chain(all.iter().map(|scope| (scope.as_str(), vec![scope.clone()])));
    for (number, (token, scopes)) in keys.enumerate() {
        let key = ApiKey {
            id: ApiKeyId(uuid::Uuid::from_u128(number as u128 + 1)),
            name: token.to_owned(),
            hash: hash_token(token),
            scopes,
            source: None,
            created_at: Timestamp::from_ms(0),
            revoked_at: None,
            last_used_at: None,
        };
        store.insert_api_key(key).await.expect("a key is handed out");
    }
}

/// Signs Ada in and gives the header that her browser sends.
pub async fn sign_in(store: &Store) -> (&'static str, &'static str) {
    enters(store, (7, "ada@bakery.example", "adas"), Post { role: Role::Admin, outlet: None }).await;
    ("cookie", "whence_session=adas")
}

/// Signs Ben in, who may this and nothing more.
pub async fn sign_in_as(store: &Store, post: Post) -> (&'static str, &'static str) {
    enters(store, (9, "ben@bakery.example", "bens"), post).await;
    ("cookie", "whence_session=bens")
}

async fn enters(store: &Store, (id, email, token): (u128, &str, &str), post: Post) {
    let user = User {
        id: UserId(uuid::Uuid::from_u128(id)),
        email: email.into(),
        password_hash: "no password".into(),
        post,
        totp: None,
        created_at: Timestamp::from_ms(0),
    };
    store.insert_user(user.clone()).await.expect("they have an account");
    let (long_ago, far_ahead) = (Timestamp::from_ms(0), Timestamp::from_ms(i64::MAX));
    store.insert_session(session(token, &user, long_ago, far_ahead)).await.expect("they sign in");
}

/// A session by the value of its cookie.
pub fn session(token: &str, user: &User, from: Timestamp, until: Timestamp) -> NewSession {
    NewSession {
        token_hash: hash_token(token),
        user: user.clone(),
        from,
        until,
        browser: "Firefox".to_owned(),
        awaits_code: false,
        half: None,
    }
}
