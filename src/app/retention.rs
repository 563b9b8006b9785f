//! `whence retention`: what has had its time.

use super::plan::open;
use super::run::Failed;
use crate::cli::Retention;
use crate::clock::Clock;
use crate::domain::people::retention::DAY;
use crate::flows::{retention_hastened, retention_tried};
use crate::store::Store;

pub(super) async fn retention(args: &Retention) -> Result<(), Failed> {
    let store = open(&args.settings).await?;
    let told = tell(&store, args.dry_run).await;
    store.close().await;
    told
}

async fn tell(store: &Store, dry_run: bool) -> Result<(), Failed> {
    let clock = Clock::system();
    let policies = store.list_retention().await.map_err(Failed::tried)?;
    if policies.is_empty() {
        println!("The plan has no [[retention]]: everything is kept.");
        return Ok(());
    }
    for kept in &policies {
        let (policy, now) = (&kept.policy, clock.now());
        let due = retention_tried(store, policy, now).await.map_err(Failed::tried)?;
        let rows: Vec<String> = due.rows.iter().map(|(table, rows)| format!("{rows} {table}")).collect();
        let rows = if rows.is_empty() { "nothing".to_owned() } else { rows.join(", ") };
        let oldest = due.oldest.map(|at| format!(", the oldest of {}", &at.to_string()[..10]));
        let (kind, months) = (policy.kind, policy.months);
        println!(
            "{kind}, {months} months: {rows} before {}{}",
            &policy.cutoff(now).to_string()[..10],
            oldest.unwrap_or_default()
        );
    }
    if dry_run {
        println!("Nothing was taken.");
    } else {
        retention_hastened(store, &clock).await.map_err(Failed::tried)?;
        let now = clock.now();
        for kept in policies.iter().filter(|kept| kept.since + DAY > now) {
            let (kind, due_at) = (kept.policy.kind, kept.due_at);
            println!("{kind} has not stood for a day: it is carried out at {due_at}.");
        }
        println!("A running gateway takes the rest within a minute.");
    }
    Ok(())
}
