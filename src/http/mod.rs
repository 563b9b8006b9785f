//! The web faces: programs, visitors' browsers, people at the console, machines that watch.
//!
//! All routes and layers stand on this page. A handler reads, checks the shape,
//! calls one flow or a few reads, and answers; statuses are chosen in [`error`].
//!
//! ```text
//!   /api/v1/…         programs, with an API key          api/
//!   POST /v1/…         systems that speak as Segment does   tracking.rs
//!   POST …/visits     the snippet, by the page's origin  snippet/beacon.rs
//!   /whence.v1.js     the snippet itself                 snippet/script.rs
//!   /console/…        people, with a session             console/
//!   /shared/… a report, with a link   /report-off/… a mail, with a link
//!   /confirm/… /preferences/… /unsubscribe/… /my-data/… /my-email/…   people, with a link   choices/
//!   /healthz /readyz /metrics                            ops.rs
//! ```

pub mod api;
mod archive;
mod asset;
mod audio;
mod audit;
mod calls_asked;
mod choices;
pub mod console;
mod costs;
mod cross;
pub mod error;
pub mod extract;
mod ice;
mod journeys;
pub mod language;
pub mod letters;
mod missed;
mod money;
mod network;
mod ops;
mod page_test;
mod plan_edits;
mod plan_routes;
mod pool_history;
mod report;
mod report_routes;
mod snippet;
mod socket;
mod story;
mod tables;
mod tracking;
mod trunk_settings;

use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::{DefaultOnFailure, TraceLayer};
use tracing::Level;
use url::Url;

use crate::clock::Clock;
use crate::domain::calling::stranger::Stranger;
use crate::domain::calling::tolls::Exit;
use crate::domain::ids::{PromptId, WebhookId};
use crate::domain::people::opt_in;
use crate::domain::phone::Country;
use crate::domain::tracking::guard::Refusal;
use crate::domain::tracking::swap::Rule;
use crate::flows::{JourneyReports, Reports};
use crate::inbox::Inbox;
use crate::oidc::Provider;
use crate::store::Store;
use crate::switchboard::TrunkView;
use crate::switchboard::consoles::Consoles;
use crate::switchboard::live::LiveCalls;
use crate::switchboard::page::{PageCall, PageEnd};
use crate::vault::Vault;
pub use api::Reloaded;
use choices::Knocks;
use console::Tries;
use console::live::Live;
use error::HttpError;
pub use ice::IceServers;
use snippet::gate::Gate;
pub use snippet::script::integrity as snippet_integrity;
pub use trunk_settings::TrunkSettings;

/// What any body may weigh: a visit is a few hundred bytes, a form less.
pub const BODY_MAX: usize = 16 * 1024;
/// Except the sound of a prompt: five minutes of stereo at 48 kHz and 16 bits are 55 MiB.
pub const SOUND_MAX: usize = 64 << 20;
/// And a table of costs: twenty thousand lines of two hundred bytes.
pub const TABLE_MAX: usize = 4 << 20;

/// What the admin sets.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where people reach this gateway; with `https` its cookies stay on it.
    pub public_url: Url,
    /// Whose dialling habit the pages write numbers in.
    pub home: Country,
    /// What this node is called among those that share a database.
    pub node: String,
    /// The header in which a proxy in front tells a visitor's country.
    pub country_header: Option<HeaderName>,
    /// The header in which it tells where in the country they are.
    pub region_header: Option<HeaderName>,
    /// The header in which a proxy in front tells a visitor's address.
    pub address_header: Option<HeaderName>,
    /// What helps browsers to reach us.
    pub ice: IceServers,
    /// Mail leaves here, so that people can be asked by it.
    pub sends_mail: bool,
    pub opt_in: opt_in::Policy,
    /// How long a link to somebody's preferences holds.
    pub preference_link: Duration,
    /// By what people sign in besides their password.
    pub company: Option<Provider>,
}

/// What the faces ask and tell whoever watches the gateway.
pub trait Watch: Send + Sync {
    /// Why no calls are taken just now; empty when they are.
    fn not_ready(&self) -> Vec<&'static str>;
    /// Every metric, in the text that Prometheus reads.
    fn metrics(&self) -> String;
    /// A request was answered.
    fn answered(&self, status: u16, took: Duration);
    /// Reads the settings again; why they cannot be used, in a sentence.
    fn reload(&self) -> Pin<Box<dyn Future<Output = Result<Reloaded, String>> + Send + '_>>;
    /// Who has knocked in vain, the latest first.
    fn strangers(&self) -> Pin<Box<dyn Future<Output = Vec<Stranger>> + Send + '_>>;
    /// The trunks that calls leave over, and how they stand.
    fn trunks(&self) -> Pin<Box<dyn Future<Output = Vec<TrunkView>> + Send + '_>>;
    /// The samples of a prompt that comes along with the gateway.
    fn prompt(&self, id: &PromptId) -> Option<Vec<i16>>;
    /// Whether this node has a secret for a webhook: it tells nothing to one that it cannot sign for.
    fn signs(&self, webhook: &WebhookId) -> bool;
    /// The trunks of the settings as they stand now, without what is secret.
    fn trunk_settings(&self) -> Vec<TrunkSettings>;
    /// What each of them lets out.
    fn exits(&self) -> Vec<Exit> {
        self.trunk_settings().iter().map(TrunkSettings::exit).collect()
    }
    /// A page was told which number to show, by this rule.
    fn number_shown(&self, rule: Rule);
    /// Takes a call from a page; why not, where it is not taken.
    fn call_from_page(&self, call: PageCall) -> PageCalled<'_>;
    /// A page was lent no new number, whatever the pools had.
    fn number_refused(&self, why: Refusal);
}

/// A call from a page is on its way, or is not taken.
pub type PageCalled<'w> = Pin<Box<dyn Future<Output = Option<PageEnd>> + Send + 'w>>;

/// What the handlers share; each layer and handler of a request clones it.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

pub struct Shared {
    pub store: Store,
    pub clock: Clock,
    pub config: Config,
    pub watch: Arc<dyn Watch>,
    pub live: LiveCalls,
    pub consoles: Consoles,
    pub vault: Vault,
    pub inbox: Inbox,
    pub reports: Reports,
    journeys: JourneyReports,
    tries: Tries,
    gate: Gate,
    knocks: Knocks,
    live_page: Live,
}

impl AppState {
    pub fn new(
        store: Store,
        clock: Clock,
        config: Config,
        watch: Arc<dyn Watch>,
        (live, consoles): (LiveCalls, Consoles),
        (vault, inbox): (Vault, Inbox),
        reports: Reports,
    ) -> Self {
        let (tries, gate, knocks) = (Tries::default(), Gate::default(), Knocks::default());
        let live_page = Live::default();
        Self(Arc::new(Shared {
            store,
            clock,
            config,
            watch,
            live,
            consoles,
            vault,
            inbox,
            reports,
            journeys: JourneyReports::default(),
            tries,
            gate,
            knocks,
            live_page,
        }))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Everything that is served, and `extra` (the demo's website, say) beside it.
pub fn router(app: AppState, extra: Router) -> Router {
    let counted = from_fn_with_state(app.clone(), count);
    // A failure is logged where it is handled; `/readyz` has none of its own, and is asked all the time.
    let answered_5xx = DefaultOnFailure::new().level(Level::DEBUG);
    let cors = from_fn_with_state(app.clone(), snippet::answer::cors);
    let (api, _) = api::routes(|route| route.layer(from_fn(snippet::answer::reason)).layer(cors.clone()))
        .split_for_parts();
    Router::new()
        .merge(api)
        .route("/whence.v1.js", get(snippet::script::serve))
        .route("/whence-more.v1.js", get(snippet::script::serve_more))
        .route("/whence-call.v1.js", get(snippet::script::serve_call))
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(ops::metrics))
        .merge(tracking::routes())
        .merge(console_routes())
        .merge(choices::routes())
        .merge(console::shared::routes())
        .with_state(app)
        .merge(extra)
        .fallback(async || HttpError::NoRoute)
        // One layer of many, the outermost first: each that the router is told of by itself costs
        // every request a box and a clone.
        .layer((
            counted,
            TraceLayer::new_for_http().make_span_with(span).on_failure(answered_5xx),
            from_fn(language::remember),
            from_fn(error::show),
            CatchPanicLayer::custom(|_| HttpError::Internal.into_response()),
            // Calls and contacts are personal: no cache between us and the reader keeps them.
            if_absent(CACHE_CONTROL, "no-store"),
            if_absent(REFERRER_POLICY, "same-origin"),
            if_absent(X_CONTENT_TYPE_OPTIONS, "nosniff"),
            if_absent(CONTENT_SECURITY_POLICY, CSP),
            DefaultBodyLimit::max(BODY_MAX),
        ))
}

fn console_routes() -> Router<AppState> {
    Router::new()
        .route("/", get(async || Redirect::to("/console/")))
        .route("/console", get(async || Redirect::to("/console/")))
        .route("/console/", get(console::setup::lead))
        .route("/console/calls", get(console::calls::list))
        .route("/console/calls/{id}", get(console::call::show))
        .route("/console/calls/{id}/ladder.txt", get(console::ladder::text))
        .route("/console/calls/{id}/ladder.pcap", get(console::ladder::pcap))
        .route("/console/calls/{id}/qualification", post(console::qualification::qualify))
        .route("/console/calls.csv", get(console::calls::export))
        .route("/console/calls.parquet", get(console::calls::export_parquet))
        .route("/console/calls/{id}/notes", post(console::call_notes::write))
        .route("/console/calls/{id}/notes/{note}/delete", post(console::call_notes::delete))
        .route("/console/calls/{id}/tags", post(console::call_notes::tag))
        .route("/console/calls/{id}/origin", post(console::call_notes::correct))
        .route("/console/views", post(console::views::keep))
        .route("/console/views/{id}/delete", post(console::views::delete))
        .route("/console/calls/{id}/recording", post(console::recording::steer))
        .route("/console/recordings/{id}/audio", get(console::recording::hear))
        .route("/console/recordings/{id}/delete", post(console::recording::delete))
        .route("/console/blocks", get(console::blocks::list).post(console::blocks::make))
        .route("/console/blocks/{id}/delete", post(console::blocks::delete))
        .route("/console/prompts", get(console::prompts::list))
        .route("/console/prompts", post(console::prompts::bring).layer(DefaultBodyLimit::max(SOUND_MAX)))
        .route("/console/prompts/{id}/audio", get(console::prompts::hear))
        .route("/console/prompts/{id}/delete", post(console::prompts::delete))
        .route("/console/media", get(console::media::list))
        .route("/console/media/{number}/qr.svg", get(console::media::code))
        .route("/console/audit.csv", get(console::audit::export))
        .route("/console/users.csv", get(console::users::export))
        .route("/console/live", get(console::live::show))
        .route("/console/live/events", get(console::live::events))
        .route("/console/sources", get(console::sources::show))
        .route("/console/contacts/{id}", get(console::contact::show))
        .route("/console/contacts/{id}/pressure", get(console::pressure::show))
        .route("/console/contacts/{id}/export", post(console::requests::export))
        .route("/console/contacts/{id}/requests", post(console::requests::record))
        .route("/console/contacts/{id}/restriction", post(console::restriction::decide))
        .route("/console/contacts/{id}/objection", post(console::restriction::object))
        .route("/console/contacts/{id}/unread", post(console::unread::mend))
        .route("/console/requests", get(console::requests::list))
        .route("/console/requests/{id}", post(console::requests::decide))
        .route("/console/contacts/{id}/consents", post(console::consents::record))
        .route("/console/consents/{id}/receipt", get(console::consents::receipt))
        .route("/console/phone", get(console::phone::show))
        .route("/console/phone/line", get(console::phone::line::open))
        .route("/console/imports", get(console::imports::list))
        // The folder of imports has a limit of its own.
        .route("/console/imports", post(console::imports::bring).layer(DefaultBodyLimit::disable()))
        .route("/console/imports/{id}", get(console::imports::show))
        .route("/console/imports/{id}/start", post(console::imports::start))
        .route("/console/imports/{id}/report.csv", get(console::imports::report))
        .route("/console/imports/{id}/delete", post(console::imports::delete))
        .route("/console/contacts.csv", get(console::imports::export))
        .route("/console/quality", get(console::quality::show))
        .route("/console/contactability", get(console::contactability::show))
        .route("/console/contactability.csv", get(console::contactability::export))
        .route("/console/retention", get(console::retention::show))
        .route("/console/duplicates", get(console::duplicates::list).post(console::duplicates::decide))
        .route("/console/tasks", get(console::tasks::list))
        .route("/console/tasks/{id}", post(console::tasks::settle))
        .route("/console/webhooks", get(console::webhooks::list))
        .route("/console/webhooks/{id}", get(console::webhooks::one))
        .route("/console/webhooks/{id}/test", post(console::webhooks::test))
        .route("/console/webhooks/{id}/deliveries/{delivery}/resend", post(console::webhooks::resend))
        .route("/console/segments", get(console::segments::list).post(console::segments::save))
        .route("/console/segments/{id}", get(console::segments::one))
        .route("/console/segments/{id}/lookalikes", get(console::lookalikes::show))
        .route("/console/segments/{id}/delete", post(console::segments::delete))
        .route("/console/merges/{id}/undo", post(console::contact::undo))
        .route("/console/users", get(console::users::list).post(console::users::make))
        .route("/console/users/{id}", get(console::users::one).post(console::users::change))
        .route("/console/users/{id}/password", post(console::users::set_password))
        .route("/console/users/{id}/second-factor/delete", post(console::users::turn_off))
        .route("/console/users/{id}/delete", post(console::users::delete))
        .route("/console/audit", get(console::audit::list))
        .route("/console/account", get(console::account::show))
        .route("/console/account/password", post(console::account::set_password))
        .route("/console/account/second-factor", post(console::account::turn_on))
        .route("/console/account/second-factor/delete", post(console::account::turn_off))
        .route("/console/account/sessions/end", post(console::account::end_sessions))
        .route("/console/sign-in/company", get(console::company::leave))
        .route("/console/sign-in/company/callback", get(console::company::come_back))
        .route("/console/sign-in/code", get(console::sign_in::code_form).post(console::sign_in::check_code))
        .route("/console/sign-in", get(console::sign_in::form).post(console::sign_in::check))
        .route("/console/sign-out", post(console::sign_in::leave))
        .route("/console/assets/{file}", get(console::assets::serve))
        .merge(plan_routes::routes())
        .merge(report_routes::routes())
        // A browser tells by itself (`Sec-Fetch-Site`, or else `Origin`) that a form comes from
        // another website. That protects the sign-in too, where there is no session to tie a token
        // to, needs nothing to be kept, and cannot be forgotten in a form.
        .layer(CsrfLayer::new().with_rejection_response(|_| HttpError::CrossSite.into_response()))
}

/// No inline script or style passes, and nobody frames or feeds our pages.
const CSP: &str = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

fn if_absent(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

async fn count(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let began = app.clock.now();
    let response = next.run(request).await;
    app.watch.answered(response.status().as_u16(), app.clock.now().since(began));
    response
}

/// The route instead of the address: ids and filters (a caller's number) stay out of the log.
fn span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    tracing::debug_span!("http", method = %request.method(), route)
}
