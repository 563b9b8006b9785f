//! All to the last touch that tells something: who types an address in learnt
//! it somewhere before.

use super::Touch;

pub(super) fn weights(touches: &[Touch], direct: impl Fn(&Touch) -> bool) -> Vec<f64> {
    let last = touches.len().saturating_sub(1);
    let winner = touches.iter().rposition(|touch| !direct(touch)).unwrap_or(last);
    (0..touches.len()).map(|nth| if nth == winner { 1.0 } else { 0.0 }).collect()
}
