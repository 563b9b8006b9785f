//! `whence pool advise`: how many numbers a pool needs, as a table.

use std::time::Duration;

use super::plan::open_existing;
use super::run::Failed;
use crate::cli::{Pool, PoolAdvise};
use crate::clock::Clock;
use crate::domain::tracking::advise::{Advice, Question, made_up};
use crate::flows::{AskedAdvice, pool_advised, rate_advised};

pub(super) async fn pool(command: &Pool) -> Result<(), Failed> {
    match command {
        Pool::Advise(args) => {
            print!("{}", in_words(&found(args).await?));
            Ok(())
        }
    }
}

async fn found(args: &PoolAdvise) -> Result<Advice, Failed> {
    let seconds = |s: &u64| Duration::from_secs(*s);
    let keep_alives: Vec<Duration> = args.keep_alive_s.iter().map(seconds).collect();
    let Some(name) = &args.pool else {
        let per_hour = args.visits_per_hour.unwrap_or_default();
        if !(per_hour > 0.0 && per_hour <= 1e6) || args.stay_s == 0 {
            return Err(Failed::Start("--visits-per-hour and --stay-s are more than nothing".into()));
        }
        let stay = Duration::from_secs(args.stay_s);
        let (visits, priors) = made_up(per_hour, stay, args.seed);
        let question = Question {
            visits,
            priors,
            sizes: args.sizes.clone(),
            keep_alives: if keep_alives.is_empty() { vec![Duration::from_secs(1_200)] } else { keep_alives },
            quarantine: seconds(&args.quarantine_s.unwrap_or(0)),
            number_price: args.number_price,
            call_worth: args.call_worth,
            seed: args.seed,
        };
        return rate_advised(question).await.map_err(Failed::tried);
    };
    let pool = name.parse().map_err(|bad| Failed::Start(format!("{name:?} is no pool: {bad}")))?;
    let store = open_existing(&args.settings).await?;
    let asked = AskedAdvice {
        pool,
        since: Duration::from_secs(u64::from(args.days) * 86_400),
        sizes: args.sizes.clone(),
        keep_alives,
        number_price: args.number_price,
        call_worth: args.call_worth,
        seed: args.seed,
    };
    let advice = pool_advised(&store, &Clock::system(), asked).await;
    store.close().await;
    advice.map_err(Failed::tried)
}

fn in_words(advice: &Advice) -> String {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let mut text = format!(
        "{} visits, {:.1} an hour\n\n{:>10} {:>8} {:>10} {:>9} {:>12} {:>18} {:>12} {:>12}\n",
        advice.visits,
        advice.visits_per_hour,
        "keep-alive",
        "numbers",
        "exhausted",
        "Erlang B",
        "wrong origin",
        "last holder wrong",
        "known calls",
        "cost a month"
    );
    for row in &advice.rows {
        text += &format!(
            "{:>10} {:>8} {:>10} {:>9} {:>12} {:>18} {:>12.0} {:>12.2}{}\n",
            format!("{} s", row.keep_alive.as_secs()),
            row.numbers,
            percent(row.exhausted.mean),
            percent(row.erlang_b),
            percent(row.wrong),
            percent(row.last_holder_wrong),
            row.known_calls,
            row.monthly_cost,
            if row.enough { "  ← more do not pay" } else { "" },
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    #[tokio::test]
    async fn a_stated_rate_gives_a_row_for_each_size_and_one_mark() {
        let line = "whence pool advise --visits-per-hour 10 --sizes 2,30 --keep-alive-s 120 --call-worth 9";
        let Command::Pool(Pool::Advise(args)) = Cli::parse_from(line.split(' ')).command else { panic!() };

        let Ok(advice) = found(&args).await else { panic!("no advice") };
        let text = in_words(&advice);

        let rows: Vec<&str> = text.lines().skip(3).collect();
        assert_eq!(rows.len(), 2, "{text}");
        assert!(rows[0].contains("120 s") && rows[1].contains("30.00"), "{text}");
        assert_eq!(text.matches("more do not pay").count(), 1, "{text}");
    }
}
