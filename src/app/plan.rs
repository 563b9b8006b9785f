//! `whence plan`: what the business decides, from a file and into a file.
//!
//! A gateway that runs notices by itself that its routes have changed.

use std::fs;

use super::run::{Failed, settings};
use crate::cli::{Plan, PlanApply, PlanExport, Settings};
use crate::clock::Clock;
use crate::flows::{plan_applied, plan_compared, plan_exported, plan_read};
use crate::store::{self, Store};

pub(super) async fn plan(command: &Plan) -> Result<(), Failed> {
    match command {
        Plan::Apply(args) => apply(args).await,
        Plan::Export(args) => export(args).await,
    }
}

async fn apply(args: &PlanApply) -> Result<(), Failed> {
    let path = args.plan.display();
    let text =
        fs::read_to_string(&args.plan).map_err(|e| Failed::Start(format!("cannot read {path}: {e}")))?;
    let plan = plan_read(&text).map_err(|e| Failed::Start(format!("{path}: {e}")))?;
    let store = open(&args.settings).await?;
    let changes = plan_compared(&store, &plan).await.map_err(Failed::tried)?;
    for change in &changes {
        println!("{change}");
    }
    let done = match (changes.len(), args.dry_run) {
        (0, _) => Ok("Nothing to change.".to_owned()),
        (n, true) => Ok(format!("{n} to change; nothing was changed.")),
        (n, false) => plan_applied(&store, &Clock::system(), &plan, args.allow_orphans)
            .await
            .map(|_| format!("{n} changed."))
            .map_err(Failed::tried),
    };
    store.close().await;
    println!("{}", done?);
    Ok(())
}

async fn export(args: &PlanExport) -> Result<(), Failed> {
    let store = open(&args.settings).await?;
    let text = plan_exported(&store).await.map_err(Failed::tried);
    store.close().await;
    match &args.output {
        Some(path) => fs::write(path, text?).map_err(Failed::tried)?,
        None => print!("{}", text?),
    }
    Ok(())
}

/// The database that the settings name.
pub(super) async fn open(from: &Settings) -> Result<Store, Failed> {
    let config = settings(from)?;
    Store::open(&store::Config { url: config.database.url }).await.map_err(Failed::start)
}
