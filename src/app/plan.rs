//! `whence plan`: what the business decides, from a file and into a file.
//!
//! A gateway that runs notices by itself that its routes have changed.

use std::fs;

use super::run::{Failed, settings};
use crate::cli::{Plan, PlanApply, PlanExport, Settings};
use crate::clock::Clock;
use crate::domain::plan::Orphan;
use crate::flows::{Comparison, PlanError, plan_applied, plan_compared, plan_exported, plan_read};
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
    let clock = Clock::system();
    let store =
        if args.dry_run { open_existing(&args.settings).await? } else { open(&args.settings).await? };
    let Comparison { changes, orphans } =
        plan_compared(&store, &clock, &plan).await.map_err(Failed::tried)?;
    for change in &changes {
        println!("{change}");
    }
    let done = match (changes.len(), args.dry_run) {
        (0, _) => Ok("Nothing to change.".to_owned()),
        (n, true) if orphans.is_empty() => Ok(format!("{n} to change; nothing was changed.")),
        (n, true) => Ok(format!("{n} to change; nothing was changed. {}", told(&orphans))),
        (n, false) => match plan_applied(&store, &clock, &plan, args.allow_orphans).await {
            Ok(_) => Ok(format!("{n} changed.")),
            Err(PlanError::Orphans { orphans }) => {
                Err(Failed::Tried(format!("nothing was changed. {}", told(&orphans))))
            }
            Err(failure) => Err(Failed::tried(failure)),
        },
    };
    store.close().await;
    println!("{}", done?);
    Ok(())
}

/// What has to be known before numbers go that people may still call.
fn told(orphans: &[Orphan]) -> String {
    let lines: Vec<String> = orphans.iter().map(|orphan| format!("  {orphan}")).collect();
    format!(
        "Numbers that people may still call would be taken away:\n{}\n\
         To take them away all the same, apply with --allow-orphans.",
        lines.join("\n")
    )
}

async fn export(args: &PlanExport) -> Result<(), Failed> {
    let store = open_existing(&args.settings).await?;
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

/// The same for who only looks: a file that is not there is not made.
async fn open_existing(from: &Settings) -> Result<Store, Failed> {
    let config = settings(from)?;
    Store::open_existing(&store::Config { url: config.database.url }).await.map_err(Failed::start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::orphan::Tie;

    #[test]
    fn who_is_refused_reads_which_numbers_and_which_flag() {
        let number = "+33199002003".parse().unwrap();

        let text = told(&[Orphan { number, tie: Tie::Static }]);

        assert!(text.contains("\n  +33199002003: static") && text.contains("--allow-orphans"), "{text}");
    }
}
