//! How a pool was used: the most numbers that were lent and taken at once, hour by hour or day by day, and how long it
//! lasts if that goes on.
//!
//! A number is *lent* from its lease to the keep-alive after it was last seen, and *taken* until it has rested besides.
//! A pool is empty when all its numbers are taken, so the most taken at once tells how near it was.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use super::lease::Policy;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);
/// A trend of fewer days is a matter of chance.
pub const DAYS_MIN: usize = 14;
/// Farther ahead nothing is foretold.
pub const AHEAD_DAYS: u32 = 365;

/// One number that a visit had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    pub number: Phone,
    pub from: Timestamp,
    pub last_seen: Timestamp,
}

/// An hour or a day of a pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    pub begins: Timestamp,
    /// The most numbers at once that were on somebody's page …
    pub lent: u32,
    /// … and that were so or rested.
    pub taken: u32,
    /// Visits that had to do without a number because all were taken.
    pub exhausted: u32,
}

/// Each slot of a period; its length should be a multiple of theirs.
pub fn slots(
    held: &[Held],
    exhausted: &[Timestamp],
    policy: Policy,
    period: &Range<Timestamp>,
    width: Duration,
) -> Vec<Slot> {
    let lent = peaks(held, policy.keep_alive, period, width);
    let taken = peaks(held, policy.keep_alive + policy.quarantine, period, width);
    let mut without = vec![0_u32; lent.len()];
    for at in exhausted {
        if let Some(count) = slot_of(*at, period, width).and_then(|slot| without.get_mut(slot)) {
            *count += 1;
        }
    }
    let each = lent.into_iter().zip(taken).zip(without).enumerate();
    let slots = each.map(|(nth, ((lent, taken), exhausted))| Slot {
        begins: period.start + width * nth as u32,
        lent,
        taken,
        exhausted,
    });
    slots.collect()
}

fn slot_of(at: Timestamp, period: &Range<Timestamp>, width: Duration) -> Option<usize> {
    let is_within = period.contains(&at);
    is_within.then(|| (at.since(period.start).as_millis() / width.as_millis().max(1)) as usize)
}

/// The most numbers at once in each slot; each is held until `after` it was last seen, and counts once however many
/// visits share it.
fn peaks(held: &[Held], after: Duration, period: &Range<Timestamp>, width: Duration) -> Vec<u32> {
    let many = (period.end.since(period.start).as_millis() / width.as_millis().max(1)) as usize;
    let mut of_numbers: BTreeMap<&Phone, Vec<Range<Timestamp>>> = BTreeMap::new();
    for it in held {
        of_numbers.entry(&it.number).or_default().push(it.from..it.last_seen + after);
    }
    let mut moves: Vec<(Timestamp, i32)> = Vec::new();
    for mut spans in of_numbers.into_values() {
        spans.sort_by_key(|span| span.start);
        let mut open: Option<Range<Timestamp>> = None;
        for span in spans {
            match &mut open {
                Some(held) if span.start <= held.end => held.end = held.end.max(span.end),
                _ => {
                    let ended = open.replace(span);
                    moves.extend(ended.into_iter().flat_map(|it| [(it.start, 1), (it.end, -1)]));
                }
            }
        }
        moves.extend(open.into_iter().flat_map(|it| [(it.start, 1), (it.end, -1)]));
    }
    // At the same moment one goes before another comes.
    moves.sort_unstable();
    let (mut peaks, mut now, mut moves) = (vec![0; many], 0_i32, moves.into_iter().peekable());
    for (nth, peak) in peaks.iter_mut().enumerate() {
        let (begins, ends) = (period.start + width * nth as u32, period.start + width * (nth as u32 + 1));
        while let Some((_, step)) = moves.next_if(|(at, _)| *at <= begins) {
            now += step;
        }
        let mut most = now;
        while let Some((_, step)) = moves.next_if(|(at, _)| *at < ends) {
            now += step;
            most = most.max(now);
        }
        *peak = most.max(0) as u32;
    }
    peaks
}

/// How long a pool lasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forecast {
    /// It was lent on so many days, fewer than tell anything.
    TooEarly { days: usize },
    /// All its numbers were taken lately.
    Full,
    /// Its use does not grow, or so slowly that it lasts longer than is foretold.
    Lasts,
    /// At the present growth all are taken in so many days.
    FullIn { days: u32 },
}

/// What the days of a pool of `numbers` foretell: by the median of the slopes between any two days (Theil and Sen), which
/// one wild day does not turn. Days before the first use are left out.
pub fn forecast(days: &[Slot], numbers: u32) -> Forecast {
    let used: Vec<f64> =
        days.iter().skip_while(|day| day.taken == 0).map(|day| f64::from(day.taken)).collect();
    if used.len() < DAYS_MIN {
        return Forecast::TooEarly { days: used.len() };
    }
    if days.iter().rev().take(7).any(|day| day.exhausted > 0) {
        return Forecast::Full;
    }
    let pairs = (0..used.len()).flat_map(|a| (a + 1..used.len()).map(move |b| (a, b)));
    let slope = median(pairs.map(|(a, b)| (used[b] - used[a]) / (b - a) as f64).collect());
    let level = median(used.iter().enumerate().map(|(day, peak)| peak - slope * day as f64).collect());
    let now = level + slope * (used.len() - 1) as f64;
    let left = f64::from(numbers) - now;
    if left <= 0.0 {
        return Forecast::Full;
    }
    match (left / slope).ceil() {
        days if slope > 0.0 && days <= f64::from(AHEAD_DAYS) => Forecast::FullIn { days: days as u32 },
        _ => Forecast::Lasts,
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        0 => (values[middle - 1] + values[middle]) / 2.0,
        _ => values[middle],
    }
}

/// The last `days` whole days in UTC, and today until now counted as one.
pub fn days_until(now: Timestamp, days: u32) -> Range<Timestamp> {
    let end = Timestamp::from_ms((now.day() + 1) * 86_400_000);
    end - DAY * days..end
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(3_600);
    const POLICY: Policy = Policy { keep_alive: MINUTE, quarantine: HOUR };

    fn held(last: u32, from_min: u32, until_min: u32) -> Held {
        let at = |minutes| Timestamp::from_ms(0) + MINUTE * minutes;
        Held {
            number: format!("+331990010{last:02}").parse().unwrap(),
            from: at(from_min),
            last_seen: at(until_min),
        }
    }

    fn of(held: &[Held]) -> Vec<(u32, u32)> {
        let period = Timestamp::from_ms(0)..Timestamp::from_ms(0) + HOUR * 4;
        slots(held, &[], POLICY, &period, HOUR).iter().map(|slot| (slot.lent, slot.taken)).collect()
    }

    #[test]
    fn the_most_at_once_counts_and_a_number_that_rests_is_taken() {
        assert_eq!(of(&[held(1, 5, 10), held(2, 8, 20)]), [(2, 2), (0, 2), (0, 0), (0, 0)]);
        assert_eq!(of(&[held(1, 5, 10), held(2, 30, 40)]), [(1, 2), (0, 2), (0, 0), (0, 0)]);
        assert_eq!(of(&[held(1, 5, 130)]), [(1, 1), (1, 1), (1, 1), (0, 1)]);
        assert_eq!(of(&[]), [(0, 0); 4]);
    }

    #[test]
    fn a_number_that_two_visits_share_is_one_number() {
        assert_eq!(of(&[held(1, 5, 30), held(1, 10, 20), held(1, 25, 50)])[0], (1, 1));
    }

    #[test]
    fn visits_without_a_number_count_in_their_hour() {
        let period = Timestamp::from_ms(0)..Timestamp::from_ms(0) + HOUR * 2;
        let at = |minutes| Timestamp::from_ms(0) + MINUTE * minutes;
        let found = slots(&[], &[at(1), at(59), at(60), at(500)], POLICY, &period, HOUR);
        assert_eq!(found.iter().map(|slot| slot.exhausted).collect::<Vec<_>>(), [2, 1]);
    }

    fn days(peaks: impl IntoIterator<Item = u32>) -> Vec<Slot> {
        let slot = |taken| Slot { begins: Timestamp::from_ms(0), lent: taken, taken, exhausted: 0 };
        peaks.into_iter().map(slot).collect()
    }

    #[test]
    fn a_pool_that_grows_is_full_when_its_trend_says_so_and_one_wild_day_does_not_turn_it() {
        assert_eq!(forecast(&days(1..=20), 30), Forecast::FullIn { days: 10 });
        let mut wild = days(1..=20);
        wild[10].taken = 90;
        assert_eq!(forecast(&wild, 30), Forecast::FullIn { days: 10 });
        assert_eq!(forecast(&days([5; 20]), 6), Forecast::Lasts);
        assert_eq!(forecast(&days((1..=20).rev()), 30), Forecast::Lasts);
        assert_eq!(forecast(&days(1..=20), 10_000), Forecast::Lasts);
    }

    #[test]
    fn too_few_days_tell_nothing_and_a_full_pool_is_full() {
        assert_eq!(
            forecast(&days([0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 5, 6, 7, 8]), 9),
            Forecast::TooEarly { days: 6 }
        );
        assert_eq!(forecast(&days(1..=20), 20), Forecast::Full);
        let mut ran_out = days([5; 20]);
        ran_out[18].exhausted = 1;
        assert_eq!(forecast(&ran_out, 100), Forecast::Full);
    }
}
