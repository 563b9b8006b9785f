//! The only reader of the wall clock, and the only source of chance for keys.
//!
//! Everything else is handed a [`Timestamp`]. A test holds a manual clock and
//! moves it; nothing in the house sleeps to let time pass.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use crate::domain::ids::uuid_v7;
use crate::domain::time::Timestamp;

/// Tells the time and waits for it; cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System,
    Manual(Arc<watch::Sender<Timestamp>>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// A clock that stands still at `start` until [`Clock::advance`] moves it.
    pub fn manual(start: Timestamp) -> Self {
        Self(Kind::Manual(Arc::new(watch::Sender::new(start))))
    }

    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System => system_now(),
            Kind::Manual(now) => *now.borrow(),
        }
    }

    /// Moves a manual clock and wakes whoever waits for the time that came.
    ///
    /// # Panics
    /// On the system clock, which nobody moves.
    pub fn advance(&self, span: Duration) {
        match &self.0 {
            Kind::System => panic!("only a manual clock can be moved"),
            Kind::Manual(now) => now.send_modify(|at| *at = *at + span),
        }
    }

    /// Waits until the clock shows `moment`; `None` waits for ever.
    pub async fn until(&self, moment: Option<Timestamp>) {
        let Some(moment) = moment else { return std::future::pending().await };
        match &self.0 {
            Kind::System => tokio::time::sleep(moment.since(system_now())).await,
            Kind::Manual(now) => {
                let mut seen = now.subscribe();
                // The sender lives in `self`, so the channel cannot close meanwhile.
                let _ = seen.wait_for(|at| *at >= moment).await;
            }
        }
    }

    /// A fresh key that sorts after all keys of earlier milliseconds.
    pub fn new_id(&self) -> Uuid {
        let mut chance = [0; 10];
        getrandom::fill(&mut chance).expect("the operating system gives random bytes");
        uuid_v7(self.now(), &chance)
    }
}

fn system_now() -> Timestamp {
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads it")]
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp::from_ms(since_1970.map_or(0, |span| span.as_millis() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_wakes_who_waits_when_it_is_moved_there() {
        let clock = Clock::manual(Timestamp::from_ms(0));
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.until(Some(Timestamp::from_ms(1_000))).await }
        });

        clock.advance(Duration::from_millis(1_000));

        waiting.await.unwrap();
        assert_eq!(clock.now(), Timestamp::from_ms(1_000));
    }
}
