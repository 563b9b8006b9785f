//! Builds each part, starts them in order, stops them in reverse.
//!
//! ```text
//!   up:    store ─▶ recorder (takes up its spool) ─▶ open calls of a crash are closed
//!          ─▶ recordings of a crash are repaired ─▶ routes ─▶ media, SIP ─▶ switchboard ─▶ jobs ─▶ HTTP
//!   down:  new calls refused ─▶ current ones end ─▶ facts written ─▶ HTTP ─▶ store
//! ```
//!
//! One file beside this for each command of the command line.

mod audit;
mod calls;
mod check_config;
mod client;
mod contacts;
mod demo;
mod dial;
mod erasures;
mod identity;
mod key;
mod limits;
mod mail;
mod mail_domains;
mod oppositions;
mod outward;
mod plan;
mod pool;
mod prompt;
mod reload;
mod reports;
mod retention;
mod run;
mod serve;
mod strangers;
mod user;
mod vault;
mod watcher;
mod webhooks;
mod wires;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::calling::tolls::Tolls;
use crate::domain::ids::PromptId;
use crate::flows::ledger::Ledger;
use crate::flows::{FlowError, Reports, calls_recovered};
use crate::http::{self, AppState, IceServers, Reloaded, letters};
use crate::inbox::Inbox;
use crate::jobs::count_hours::count_hours;
use crate::jobs::delete_recordings::delete_recordings;
use crate::jobs::forget_ladders::forget_ladders;
use crate::jobs::forget_messages::forget_messages;
use crate::jobs::import_contacts::ImportContacts;
use crate::jobs::judge_alerts::judge_alerts;
use crate::jobs::key_contacts::key_contacts;
use crate::jobs::learn_priors::learn_priors;
use crate::jobs::mark_contacts::mark_contacts;
use crate::jobs::note_trunks::{Look, note_trunks};
use crate::jobs::play_scenarios::play_scenarios;
use crate::jobs::reckon_contactability::reckon_contactability;
use crate::jobs::reckon_lookalikes::reckon_lookalikes;
use crate::jobs::reckon_rfm::reckon_rfm;
use crate::jobs::reckon_segments::reckon_segments;
use crate::jobs::refresh_prompts::{Prompts, refresh_prompts};
use crate::jobs::refresh_routes::refresh_routes;
use crate::jobs::refresh_screening::refresh_screening;
use crate::jobs::repair_recordings::repair_recordings;
use crate::jobs::run_retention::run_retention;
use crate::jobs::seal_audit::seal_audit;
use crate::jobs::send_mails::send_mails;
use crate::jobs::send_reports::send_reports;
use crate::jobs::send_webhooks::send_webhooks;
use crate::jobs::tell_overdue_requests::tell_overdue_requests;
use crate::jobs::upload_recordings::upload_recordings;
use crate::media::Media;
use crate::notify::mail::MailerError;
use crate::oidc::Provider;
use crate::sip::transport::Listen;
use crate::store::revisions::{ROUTES, SCREENING};
use crate::store::{OpenError, Store, StoreError};
use crate::switchboard::live::LiveCalls;
use crate::switchboard::{Known, LadderKeeper, Recorder, SpoolError, Switchboard};
use crate::telemetry::{LogLevel, Metrics};
use crate::vault::VaultError;
use crate::{media, sip, store};

use reload::Reloader;
pub use reload::Source;
pub use run::run;
use watcher::Watcher;
use wires::{media_config, sip_config, switchboard_config};

/// The file in the spool folder in which facts about calls wait.
const SPOOL_FILE: &str = "calls.jsonl";
/// HTTP answers under way get this long when the gateway stops.
const HTTP_PATIENCE: Duration = Duration::from_secs(5);
/// A database that hangs does not keep the gateway up.
const STORE_PATIENCE: Duration = Duration::from_secs(5);

/// Why the gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Recover(#[from] FlowError),
    #[error(transparent)]
    Sip(#[from] sip::StartError),
    #[error(transparent)]
    Identity(#[from] identity::AnchorError),
    #[error(transparent)]
    Media(#[from] media::StartError),
    #[error("cannot open the vault of recordings in {}", folder.display())]
    Vault { folder: PathBuf, source: VaultError },
    #[error("cannot send mail as the settings say")]
    Mail(#[from] MailerError),
    #[error("cannot read the authorities of the mail server in {}", file.display())]
    MailAuthorities { file: PathBuf, source: io::Error },
    #[error("cannot open the folder of imports {}", folder.display())]
    Imports { folder: PathBuf, source: io::Error },
    #[error("cannot serve HTTP on {address}")]
    Http { address: SocketAddr, source: io::Error },
}

/// A gateway that runs.
pub struct Gateway {
    pub store: Store,
    /// Where SIP is listened for; ports 0 are filled in.
    pub sip: Vec<Listen>,
    /// Where HTTP is served; a port 0 is filled in.
    pub http: SocketAddr,
    switchboard: Switchboard,
    reloader: Arc<Reloader>,
    keeper: LadderKeeper,
    stop_http: watch::Sender<bool>,
    serving: JoinHandle<io::Result<()>>,
    jobs: Vec<JoinHandle<()>>,
}

impl Gateway {
    /// Starts every part; `extra` is served beside the gateway's own pages.
    pub async fn start(config: &Config, clock: Clock, extra: Router) -> Result<Self, StartError> {
        Self::start_from(None, None, config, clock, extra).await
    }

    /// The same, with a source that settings may be read from again, and a log that follows them.
    pub async fn start_from(
        source: Option<Source>,
        log: Option<LogLevel>,
        config: &Config,
        clock: Clock,
        extra: Router,
    ) -> Result<Self, StartError> {
        let metrics = Metrics::new();
        limits::tell(&metrics);
        let store =
            Store::open_counted(&store::Config { url: config.database.url.clone() }, metrics.clone()).await?;
        let ledger = Ledger::new(store.clone(), clock.clone());
        let keeper = LadderKeeper::start(ledger.clone(), metrics.clone());
        let spool = config.calls.spool.join(SPOOL_FILE);
        let recorder = Recorder::start(spool, clock.clone(), ledger, metrics.clone()).await?;
        let interrupted = calls_recovered(&store, &config.node).await?;
        if interrupted > 0 {
            warn!(calls = interrupted, "calls that an earlier run left open are closed");
        }
        let vault = vault::open(&config.vault).await?;
        repair_recordings(&store, &clock, &vault, &config.node, &metrics).await?;
        let importer = importer(config, &store, &clock)?;
        importer.sweep().await?;
        let inbox = importer.inbox.clone();
        let revision = store.revision(ROUTES).await?;
        let routes = Arc::new(ArcSwap::from_pointee(store.load_routes().await?));
        let screening_revision = store.revision(SCREENING).await?;
        let rulebook = Arc::new(ArcSwap::from_pointee(store.load_rulebook(clock.now()).await?));
        let now = clock.now();
        let departed = store.count_departures(&config.node, Tolls::midnight(now)).await?;
        let tolls = Tolls::resume(departed, now);
        let inspector = identity::inspector(&config.identity, &clock)?;
        let listener = TcpListener::bind(config.http.listen).await;
        let listener = listener.map_err(|source| StartError::Http { address: config.http.listen, source })?;

        let media = Media::start(&media_config(config), vault.clone(), clock.clone(), metrics.clone())?;
        let told = media.clone();
        let tell = move |id: &PromptId, samples| told.prompts().change(id, samples);
        let prompts = Prompts::load(store.clone(), Box::new(tell)).await?;
        let sip =
            sip::start(sip_config(config, keeper.queue.clone()), clock.clone(), metrics.clone()).await?;
        let switchboard = Switchboard::start(
            switchboard_config(config),
            clock.clone(),
            (sip.handle.clone(), media.clone()),
            sip.arrivals,
            Known { routes: Arc::clone(&routes), rulebook: Arc::clone(&rulebook), inspector, tolls },
            recorder,
            metrics.clone(),
        );
        let (ladder_days, days) = watch::channel(config.calls.ladder_days);
        let reports = Reports::default();
        let mut jobs = vec![
            tokio::spawn(refresh_routes(store.clone(), clock.clone(), routes, revision)),
            tokio::spawn(refresh_prompts(prompts, clock.clone())),
            tokio::spawn(forget_ladders(store.clone(), clock.clone(), days)),
            tokio::spawn(forget_messages(store.clone(), clock.clone())),
            tokio::spawn(tell_overdue_requests(store.clone(), clock.clone(), metrics.clone())),
            tokio::spawn(key_contacts(store.clone(), clock.clone())),
            tokio::spawn(seal_audit(store.clone(), clock.clone(), config.audit.days)),
            tokio::spawn(importer.run()),
            tokio::spawn(mark_contacts(store.clone(), clock.clone())),
            tokio::spawn(learn_priors(store.clone(), clock.clone())),
            tokio::spawn(play_scenarios(store.clone(), clock.clone())),
            tokio::spawn(reckon_rfm(store.clone(), clock.clone())),
            tokio::spawn(reckon_segments(store.clone(), clock.clone())),
            tokio::spawn(reckon_contactability(store.clone(), clock.clone())),
            tokio::spawn(reckon_lookalikes(store.clone(), clock.clone())),
            tokio::spawn(count_hours(store.clone(), clock.clone(), reports.clone())),
            tokio::spawn(run_retention(store.clone(), clock.clone())),
            tokio::spawn(refresh_screening(store.clone(), clock.clone(), rulebook, screening_revision)),
            tokio::spawn(delete_recordings(store.clone(), clock.clone(), vault.clone(), config.node.clone())),
        ];
        if vault.has_bucket() {
            let (vault, node) = (vault.clone(), config.node.clone());
            jobs.push(tokio::spawn(upload_recordings(
                store.clone(),
                clock.clone(),
                vault,
                node,
                metrics.clone(),
            )));
        }

        if let Some(asker) = mail_domains::asker(config, &store, &clock).await? {
            jobs.push(tokio::spawn(asker.run()));
        }

        if let Some(mailer) = mail::mailer(config)? {
            jobs.push(tokio::spawn(send_mails(store.clone(), clock.clone(), mailer, metrics.clone())));
        }

        let compose = config.mail.as_ref().map(|_| letters::alert::composer(&config.http.public_url));
        jobs.push(tokio::spawn(judge_alerts(store.clone(), clock.clone(), reports.clone(), compose)));
        let (own, at) = (switchboard.clone(), clock.clone());
        let look: Box<Look> = Box::new(move || {
            let (own, at) = (own.clone(), at.clone());
            Box::pin(async move { own.trunks_down(at.now()).await })
        });
        jobs.push(tokio::spawn(note_trunks(store.clone(), clock.clone(), config.node.clone(), look)));

        let courier = webhooks::courier(config, &store, &clock, &metrics);
        let webhook_secrets = Arc::clone(&courier.secrets);
        jobs.push(tokio::spawn(send_webhooks(courier)));

        let parts = reload::Parts {
            sip: sip.handle,
            tls: sip.tls,
            switchboard: switchboard.clone(),
            ladders: keeper.queue.clone(),
            ladder_days,
            webhook_secrets,
            log,
        };
        let reloader = Arc::new(Reloader::new(source, config.clone(), parts));
        let watcher =
            Watcher { switchboard: switchboard.clone(), media, metrics, reloader: Arc::clone(&reloader) };
        let app = AppState::new(
            store.clone(),
            clock,
            http::Config {
                public_url: config.http.public_url.clone(),
                home: config.http.country,
                node: config.node.clone(),
                country_header: config.http.country_header.clone(),
                region_header: config.http.region_header.clone(),
                address_header: config.http.address_header.clone(),
                ice: IceServers {
                    urls: config.media.ice_servers.clone(),
                    turn_secret: config.media.turn_secret.clone(),
                },
                sends_mail: config.mail.is_some(),
                opt_in: config.consent.opt_in,
                preference_link: config.consent.preference_link,
                company: config.oidc.clone().map(Provider::new),
            },
            Arc::new(watcher),
            (switchboard.live().clone(), switchboard.consoles().clone()),
            (vault, inbox),
            reports,
        );
        if config.mail.is_some() {
            let compose = http::console::overview::letter::composer(&app);
            jobs.push(tokio::spawn(send_reports(store.clone(), app.clock.clone(), compose)));
        }
        let http = listener.local_addr().unwrap_or(config.http.listen);
        let (stop_http, stop) = watch::channel(false);
        let serving = tokio::spawn(serve(listener, http::router(app, extra), stop));
        let listening: Vec<String> = sip.listening.iter().map(ToString::to_string).collect();
        info!(%http, sip = listening.join(", "), "whence is ready");
        Ok(Self { store, sip: sip.listening, http, switchboard, reloader, keeper, stop_http, serving, jobs })
    }

    /// The calls that go on.
    pub fn live_calls(&self) -> LiveCalls {
        self.switchboard.live().clone()
    }

    /// Reads the settings again, see [`Reloader::reload`].
    pub async fn reload(&self) -> Result<Reloaded, String> {
        self.reloader.reload().await
    }

    /// Stops in order: `hurry` ends the calls that are still up at once.
    pub async fn stop(self, hurry: impl Future<Output = ()>) {
        self.switchboard.drain(self.reloader.drain(), hurry).await;
        if timeout(STORE_PATIENCE, self.keeper.close()).await.is_err() {
            warn!("the database does not take the last ladders of calls; they are given up");
        }
        self.stop_http.send_replace(true);
        let mut serving = self.serving;
        if timeout(HTTP_PATIENCE, &mut serving).await.is_err() {
            warn!("an HTTP answer took too long; it is given up");
            serving.abort();
        }
        for job in self.jobs {
            job.abort();
        }
        if timeout(STORE_PATIENCE, self.store.close()).await.is_err() {
            warn!("the database does not answer; its connections are given up");
        }
        info!("whence has stopped");
    }
}

fn importer(config: &Config, store: &Store, clock: &Clock) -> Result<ImportContacts, StartError> {
    let folder = config.imports.folder.clone();
    let opened = Inbox::open(folder.clone(), config.imports.max_mb << 20);
    let inbox = opened.map_err(|source| StartError::Imports { folder, source })?;
    let (node, home) = (config.node.clone(), config.http.country);
    Ok(ImportContacts { store: store.clone(), clock: clock.clone(), inbox, node, home })
}

async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let stopped = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    axum::serve(listener, service).with_graceful_shutdown(stopped).await
}
