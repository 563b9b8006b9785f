//! Most to the touch that found the caller and to the one that closed the deal.

const FIRST: f64 = 0.4;
const LAST: f64 = 0.4;
const BETWEEN: f64 = 0.2;

/// With nobody between, first and last have half each.
pub(super) fn weights(touches: usize) -> Vec<f64> {
    match touches {
        0 => vec![],
        1 => vec![1.0],
        2 => vec![0.5, 0.5],
        n => {
            let mut weights = vec![BETWEEN / (n - 2) as f64; n];
            weights[0] = FIRST;
            weights[n - 1] = LAST;
            weights
        }
    }
}
