//! `whence demo`: a gateway with everything that it usually stands between,
//! on this machine: a carrier's address range, a business line, a website.

use std::fs;
use std::path::Path;

use super::Gateway;
use super::key::make_key;
use super::run::Failed;
use super::serve::Signals;
use super::user::make_user;
use crate::cli::Demo;
use crate::clock::Clock;
use crate::config::{Config, TrunkConfig};
use crate::demo::line::{self, Line};
use crate::demo::site;
use crate::domain::staff::{Post, Role};
use crate::flows::{StaffError, plan_applied, plan_read};
use crate::http::extract::Scope;
use crate::store::{self, Store};
use crate::telemetry::start_logging;

const PLAN: &str = include_str!("../../config/demo-plan.toml");
const EMAIL: &str = "demo@example.org";
const PASSWORD: &str = "bonjour whence";

pub(super) async fn demo(args: &Demo) -> Result<(), Failed> {
    let signals = Signals::listen()?;
    let clock = Clock::system();
    let config = demo_config(&args.data)?;
    start_logging(&config.log).map_err(Failed::start)?;
    let key = prepare(&config, &clock, &args.data).await?;
    let _line = Line::start(clock.clone(), line::address()).await.map_err(Failed::start)?;
    let start = async {
        let gateway = Gateway::start(&config, clock, site::router()).await.map_err(Failed::start)?;
        print!("{}", greeting(&config, &key));
        Ok(gateway)
    };
    signals.steer(start).await
}

/// The defaults, with the whole machine as the carrier. The environment may
/// change ports, as everywhere.
fn demo_config(data: &Path) -> Result<Config, Failed> {
    let mut config = Config::load(None, std::env::vars_os()).map_err(Failed::start)?;
    let here = vec!["127.0.0.0/8".parse().expect("an address range")];
    let france = "FR".parse().expect("a country");
    config.trunks.push(TrunkConfig::known_by_address("demo".parse().expect("a slug"), here, france));
    config.database.url = format!("sqlite:{}", data.join("whence.db").display());
    config.calls.spool = data.join("spool");
    config.imports.folder = data.join("imports");
    config.vault.folder = data.join("recordings");
    config.vault.keys = data.join("vault.keys");
    Ok(config)
}

/// Fills the database, and gives the key to the API: kept in a file, since the
/// database knows only its hash.
async fn prepare(config: &Config, clock: &Clock, data: &Path) -> Result<String, Failed> {
    let store =
        Store::open(&store::Config { url: config.database.url.clone() }).await.map_err(Failed::start)?;
    // Once there is a plan it is the visitor's own: what they changed stays.
    if store.list_outlets().await.map_err(Failed::tried)?.is_empty() {
        let plan = plan_read(PLAN, &[], &[]).map_err(Failed::start)?;
        plan_applied(&store, clock, &plan, true).await.map_err(Failed::tried)?;
    }
    let post = Post { role: Role::Admin, outlet: None };
    match make_user(&store, clock, EMAIL, PASSWORD, post).await {
        Ok(()) | Err(StaffError::Taken) => {}
        Err(failure) => return Err(Failed::tried(failure)),
    }
    let file = data.join("api-key");
    let key = match fs::read_to_string(&file) {
        Ok(key) => key.trim().to_owned(),
        Err(_) => {
            let scopes = Scope::ALL.iter().map(|scope| scope.as_str().to_owned()).collect();
            let key = make_key(&store, clock, "demo", scopes, None).await.map_err(Failed::tried)?;
            fs::write(&file, &key).map_err(Failed::tried)?;
            key
        }
    };
    store.close().await;
    Ok(key)
}

fn greeting(config: &Config, key: &str) -> String {
    let web = config.http.public_url.as_str().trim_end_matches('/');
    let port = config.sip.listen.first().map_or(5060, |listen| listen.address.port());
    format!(
        "
Whence is running. Try it:

  1  Open the sample website, as if you came from an ad, and accept the banner:
     {web}/demo/?utm_source=google&utm_medium=cpc&utm_campaign=test
     The telephone number on it becomes your own.

  2  Call that number, in a second terminal (or with a softphone, at 127.0.0.1:{port}):
     cargo run --release -- dial \"01 99 00 10 00\" --from \"06 39 98 12 34\"

  3  See which visit the call came from:
     {web}/console/          {EMAIL}   {PASSWORD}

  More
     the poster's number is never answered   dial \"01 99 00 20 03\" --from \"06 39 98 12 34\"
     a caller who gives up                   dial \"01 99 00 10 00\" --hang-up-after-ring
     the API                                 curl -H \"Authorization: Bearer {key}\" {web}/api/v1/calls
     its description                         {web}/api/v1/openapi.json

Ctrl-C stops it; what happened stays for the next time.

"
    )
}
