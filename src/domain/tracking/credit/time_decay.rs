//! Less to a touch, the longer it lies back: half as much per half-life.

use std::time::Duration;

use super::Touch;

/// Ages count from the last touch: only their differences matter, and a
/// journey that lies far back must not vanish in rounding. A half-life of
/// nothing is taken for a millisecond, the finest that times are kept at.
pub(super) fn weights(touches: &[Touch], half_life: Duration) -> Vec<f64> {
    let half_life = half_life.max(Duration::from_millis(1)).as_secs_f64();
    let Some(last) = touches.last() else { return vec![] };
    let decayed: Vec<f64> =
        touches.iter().map(|touch| (-last.at.since(touch.at).as_secs_f64() / half_life).exp2()).collect();
    let sum: f64 = decayed.iter().sum();
    decayed.into_iter().map(|weight| weight / sum).collect()
}
