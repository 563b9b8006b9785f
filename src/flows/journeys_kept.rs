//! What was made of journeys is kept for the rest of its minute: to read tens of thousands of visits takes a quarter of a second, and
//! whoever has looked at one model looks at the next. Pages say so.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;

use super::credit_reported::{CreditReport, credit_reported};
use super::error::FlowError;
use super::journeys_reported::{Asked, JourneyReport, journeys_reported};
use crate::domain::time::Timestamp;
use crate::domain::tracking::credit::Model;
use crate::store::Store;

const MINUTE_MS: i64 = 60_000;
/// How many reports of a kind are kept: the latest.
const KEPT: usize = 16;
/// The others wait: each takes two threads, and calls want the processors, too.
const AT_THE_SAME_TIME: usize = 1;

/// Reports of the last minute; cheap to clone.
#[derive(Clone)]
pub struct JourneyReports(Arc<Shared>);

struct Shared {
    credits: Kept<(Question, Vec<Model>), CreditReport>,
    ways: Kept<(Question, u32), JourneyReport>,
    room: Semaphore,
}

/// What was asked, and in which minute.
type Question = (i64, Asked);

impl Default for JourneyReports {
    fn default() -> Self {
        let room = Semaphore::new(AT_THE_SAME_TIME);
        Self(Arc::new(Shared { credits: Kept::default(), ways: Kept::default(), room }))
    }
}

impl JourneyReports {
    /// What each model says of these journeys.
    pub async fn credit(
        &self,
        store: &Store,
        now: Timestamp,
        asked: Asked,
        models: Vec<Model>,
    ) -> Result<CreditReport, FlowError> {
        let key = (question(now, &asked), models.clone());
        self.0.credits.find_or(key, self.in_turn(credit_reported(store, asked, models))).await
    }

    /// What these journeys were like, and so many pages of them at most.
    pub async fn ways(
        &self,
        store: &Store,
        now: Timestamp,
        asked: Asked,
        pages: u32,
    ) -> Result<JourneyReport, FlowError> {
        let key = (question(now, &asked), pages);
        self.0.ways.find_or(key, self.in_turn(journeys_reported(store, asked, pages))).await
    }

    async fn in_turn<T>(&self, report: impl Future<Output = T>) -> T {
        // The room is never closed.
        let _place = self.0.room.acquire().await.ok();
        report.await
    }
}

/// A period that ends now ends a moment later the next time; until then it is the same one.
fn question(now: Timestamp, asked: &Asked) -> Question {
    let minute = now.as_ms().div_euclid(MINUTE_MS);
    let until = if asked.until < now { asked.until } else { Timestamp::from_ms(minute * MINUTE_MS) };
    (minute, Asked { until, ..asked.clone() })
}

struct Kept<K, V>(Mutex<VecDeque<(K, V)>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: PartialEq, V: Clone> Kept<K, V> {
    async fn find_or(
        &self,
        key: K,
        make: impl Future<Output = Result<V, FlowError>>,
    ) -> Result<V, FlowError> {
        let found = |kept: &VecDeque<(K, V)>| {
            kept.iter().find(|(its, _)| *its == key).map(|(_, value)| value.clone())
        };
        if let Some(value) = found(&self.lock()) {
            return Ok(value);
        }
        let value = make.await?;
        let mut kept = self.lock();
        kept.truncate(KEPT - 1);
        kept.push_front((key, value.clone()));
        Ok(value)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(K, V)>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::reporting::journeys::Wanted;
    use crate::flows::journeys_reported::Most;

    fn asked(until_s: i64) -> Asked {
        let at = |s: i64| Timestamp::from_ms(s * 1_000);
        Asked {
            wanted: Wanted::default(),
            from: at(0),
            until: at(until_s),
            look_back: Duration::from_secs(1),
            most: Most::default(),
        }
    }

    #[test]
    fn a_period_that_goes_on_is_one_question_for_a_minute_and_one_that_is_over_is_itself() {
        let at = |s: i64| Timestamp::from_ms(s * 1_000);

        assert_eq!(question(at(61), &asked(61)), question(at(119), &asked(119)));
        assert_ne!(question(at(61), &asked(61)), question(at(120), &asked(120)), "another minute");
        assert_ne!(question(at(61), &asked(30)), question(at(61), &asked(31)));
        assert_ne!(
            question(at(61), &asked(30)),
            question(at(120), &asked(30)),
            "what was may be known better"
        );
    }

    #[tokio::test]
    async fn what_is_kept_is_not_made_again_and_the_oldest_goes() {
        let kept: Kept<u32, u32> = Kept::default();

        for key in 0..20 {
            assert_eq!(kept.find_or(key, async { Ok(key * 10) }).await.ok(), Some(key * 10));
        }
        let again = kept.find_or(19, async { Ok(0) }).await;
        let gone = kept.find_or(0, async { Ok(7) }).await;

        assert_eq!((again.ok(), gone.ok()), (Some(190), Some(7)));
        assert_eq!(kept.lock().len(), KEPT);
    }
}
