//! `whence plan`: what the business decides, from a file and into a file.
//!
//! A gateway that runs notices by itself that its routes have changed.

use std::fs;

use super::outward::exits;
use super::run::{Failed, settings};
use crate::cli::{Plan, PlanApply, PlanExplain, PlanExport, Settings};
use crate::clock::Clock;
use crate::domain::calling::explain::Alone;
use crate::domain::calling::routing::{Line, Otherwise, Step, Way};
use crate::domain::phone::Phone;
use crate::domain::plan::Orphan;
use crate::domain::plan::recording::in_short;
use crate::flows::{Comparison, PlanError, plan_applied, plan_compared, plan_exported, plan_read};
use crate::store::{self, Store};

pub(super) async fn plan(command: &Plan) -> Result<(), Failed> {
    match command {
        Plan::Apply(args) => apply(args).await,
        Plan::Export(args) => export(args).await,
        Plan::Explain(args) => explain(args).await,
    }
}

async fn apply(args: &PlanApply) -> Result<(), Failed> {
    let path = args.plan.display();
    let text =
        fs::read_to_string(&args.plan).map_err(|e| Failed::Start(format!("cannot read {path}: {e}")))?;
    let config = settings(&args.settings)?;
    let clock = Clock::system();
    let store =
        if args.dry_run { open_existing(&args.settings).await? } else { open(&args.settings).await? };
    let prompts = store.list_prompts().await.map_err(Failed::tried)?;
    let prompts: Vec<_> = prompts.into_iter().map(|prompt| prompt.id).collect();
    let plan =
        plan_read(&text, &exits(&config), &prompts).map_err(|e| Failed::Start(format!("{path}: {e}")))?;
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

async fn explain(args: &PlanExplain) -> Result<(), Failed> {
    let number: Phone =
        args.number.parse().map_err(|_| Failed::Start(format!("{:?} is no number in E.164", args.number)))?;
    let at = match &args.at {
        None => Clock::system().now(),
        Some(text) => text.parse().map_err(|_| Failed::Start(format!("{text:?} is no RFC 3339 time")))?,
    };
    let store = open_existing(&args.settings).await?;
    let routes = store.load_routes().await.map_err(Failed::tried)?;
    store.close().await;
    let Some(route) = routes.find(&number) else {
        return Err(Failed::Tried(format!("{} is no number of the plan", args.number)));
    };
    let way = routes.choose(&number, route, at, &Alone);
    print!("{}", in_words(&way));
    if let Some(rule) = &route.recording {
        println!("Recorded: {}", in_short(Some(rule)));
    }
    Ok(())
}

/// `1. sip:desk@192.0.2.1 and +33612345678 over carrier (counter), 20 s`
fn in_words(way: &Way) -> String {
    if way.steps.is_empty() {
        return match way.otherwise {
            Otherwise::Closed => "Nothing rings: closed.\n".to_owned(),
            Otherwise::Full => "Nothing rings: busy.\n".to_owned(),
        };
    }
    let line = |line: &Line| format!("{} ({})", line.target.name(), line.destination);
    let step = |(nth, step): (usize, &Step)| {
        let what = match step {
            Step::Ring { lines, ring, music } => {
                let lines: Vec<String> = lines.iter().map(line).collect();
                let music = music.as_ref().map(|prompt| format!(", with {prompt} to be heard"));
                format!("{}, {} s{}", lines.join(" and "), ring.as_secs(), music.unwrap_or_default())
            }
            Step::Say(prompt) => format!("says {prompt}"),
            Step::Voicemail(voicemail) => format!("voicemail: says {}", voicemail.prompt),
            Step::Notice(notice) => {
                format!("says {}, and the caller may refuse to be recorded", notice.prompt)
            }
            Step::Menu(menu) => {
                let keys = menu.keys.iter().map(|(key, to)| format!("{} {to}", String::from(*key)));
                format!("says {}: {}", menu.prompt, keys.collect::<Vec<_>>().join(", "))
            }
        };
        format!("{}. {what}\n", nth + 1)
    };
    way.steps.iter().enumerate().map(step).collect()
}

/// The database that the settings name.
pub(super) async fn open(from: &Settings) -> Result<Store, Failed> {
    let config = settings(from)?;
    Store::open(&store::Config { url: config.database.url }).await.map_err(Failed::start)
}

/// The same for who only looks: a file that is not there is not made.
pub(super) async fn open_existing(from: &Settings) -> Result<Store, Failed> {
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
