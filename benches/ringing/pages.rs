//! The console over these calls, asked as a browser would but for the wire: how long a page takes, and how heavy it is.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use tempfile::TempDir;
use tower::ServiceExt;
use whence::clock::Clock;
use whence::domain::calling::stranger::Stranger;
use whence::domain::ids::{PromptId, UserId, WebhookId};
use whence::domain::people::opt_in::Policy;
use whence::domain::staff::{Post, Role};
use whence::domain::tracking::guard::Refusal;
use whence::domain::tracking::swap::Rule;
use whence::flows::Reports;
use whence::http::extract::hash_token;
use whence::http::{AppState, Config, IceServers, PageCalled, Reloaded, TrunkSettings, Watch, router};
use whence::inbox::Inbox;
use whence::store::sessions::NewSession;
use whence::store::{Store, User};
use whence::switchboard::TrunkView;
use whence::switchboard::consoles::Consoles;
use whence::switchboard::live::LiveCalls;
use whence::switchboard::page::PageCall;
use whence::vault::{self, Vault};

use super::{NOW, TIMES};

pub struct Pages {
    router: Router,
    clock: Clock,
    cookie: String,
    _folder: TempDir,
}

pub struct Opened {
    pub took: Duration,
    pub bytes: usize,
}

impl Pages {
    /// With an administrator who is signed in.
    pub async fn of(store: &Store, reports: &Reports) -> Self {
        let clock = Clock::manual(NOW);
        // Who signed in before is in a database that was kept.
        let id = clock.new_id();
        let user = User {
            id: UserId(id),
            email: format!("{id}@shop.example"),
            password_hash: "none".into(),
            post: Post { role: Role::Admin, outlet: None },
            totp: None,
            created_at: NOW,
        };
        store.insert_user(user.clone()).await.expect("nobody has that address");
        let session = NewSession {
            token_hash: hash_token(&id.to_string()),
            user,
            from: NOW,
            until: NOW + Duration::from_hours(24),
            browser: "a benchmark".into(),
            awaits_code: false,
            half: None,
        };
        store.insert_session(session).await.expect("she signs in");
        let config = Config {
            public_url: "http://127.0.0.1:8080/".parse().expect("a URL"),
            home: "FR".parse().expect("a country"),
            node: "bench".into(),
            country_header: None,
            region_header: None,
            address_header: None,
            ice: IceServers::default(),
            sends_mail: false,
            opt_in: Policy::default(),
            preference_link: Duration::ZERO,
            company: None,
        };
        let folder = tempfile::tempdir().expect("there is room");
        let kept = vault::Config {
            folder: folder.path().join("recordings"),
            key_file: folder.path().join("vault.keys"),
            bucket: None,
        };
        let vault = Vault::open(kept).await.expect("a vault opens");
        let inbox = Inbox::open(folder.path().join("imports"), 1 << 20).expect("an inbox opens");
        let app = AppState::new(
            store.clone(),
            clock.clone(),
            config,
            Arc::new(Quiet),
            (LiveCalls::default(), Consoles::default()),
            (vault, inbox),
            reports.clone(),
        );
        let cookie = format!("whence_session={id}; whence_zone=Europe/Paris");
        Self { router: router(app, Router::new()), clock, cookie, _folder: folder }
    }

    #[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    pub async fn open(&self, path: &str) -> Opened {
        let mut opened = Opened { took: Duration::MAX, bytes: 0 };
        for _ in 0..TIMES {
            // For the rest of its minute some of what was reckoned is kept.
            self.clock.advance(Duration::from_mins(1));
            let asked = Request::get(path).header("cookie", &self.cookie);
            let asked = asked.header("host", "127.0.0.1:8080").body(Body::empty()).expect("a request");
            let began = Instant::now();
            let answer = self.router.clone().oneshot(asked).await.expect("the router answers");
            let status = answer.status();
            let body = answer.into_body().collect().await.expect("the body is whole").to_bytes();
            opened = Opened { took: opened.took.min(began.elapsed()), bytes: body.len() };
            assert_eq!(status, 200, "{path}");
        }
        opened
    }
}

/// A gateway without trunks, where nothing happens besides.
struct Quiet;

impl Watch for Quiet {
    fn not_ready(&self) -> Vec<&'static str> {
        vec![]
    }

    fn metrics(&self) -> String {
        String::new()
    }

    fn answered(&self, _: u16, _: Duration) {}

    fn reload(&self) -> Pin<Box<dyn Future<Output = Result<Reloaded, String>> + Send + '_>> {
        Box::pin(async { Ok(Reloaded::default()) })
    }

    fn strangers(&self) -> Pin<Box<dyn Future<Output = Vec<Stranger>> + Send + '_>> {
        Box::pin(async { vec![] })
    }

    fn trunks(&self) -> Pin<Box<dyn Future<Output = Vec<TrunkView>> + Send + '_>> {
        Box::pin(async { vec![] })
    }

    fn call_from_page(&self, _: PageCall) -> PageCalled<'_> {
        Box::pin(async { None })
    }

    fn prompt(&self, _: &PromptId) -> Option<Vec<i16>> {
        None
    }

    fn signs(&self, _: &WebhookId) -> bool {
        false
    }

    fn trunk_settings(&self) -> Vec<TrunkSettings> {
        vec![]
    }

    fn number_refused(&self, _: Refusal) {}

    fn number_shown(&self, _: Rule) {}
}
