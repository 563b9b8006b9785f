//! Solving linear equations, for chains of some hundred states.

/// A matrix by rows.
pub(super) type Matrix = Vec<Vec<f64>>;

/// Solves `a · x = b` for every column of `b`.
///
/// Gauss and Jordan without exchanging rows: meant for `1 − Q` of a chain that
/// always ends, and for the corners of its inverse. Their leading parts can
/// all be inverted, so a pivot is never zero (Berman and Plemmons, M-matrices).
pub(super) fn solve(mut a: Matrix, mut b: Matrix) -> Matrix {
    for pivot in 0..a.len() {
        let scale = a[pivot][pivot];
        for cell in a[pivot][pivot..].iter_mut().chain(&mut b[pivot]) {
            *cell /= scale;
        }
        let (row, right) = (a[pivot].clone(), b[pivot].clone());
        for other in (0..a.len()).filter(|&other| other != pivot) {
            let factor = a[other][pivot];
            // Few states follow one another: most of the matrix is zero.
            if factor != 0.0 {
                for (cell, &of) in a[other][pivot..].iter_mut().zip(&row[pivot..]) {
                    *cell -= factor * of;
                }
                for (cell, &of) in b[other].iter_mut().zip(&right) {
                    *cell -= factor * of;
                }
            }
        }
    }
    b
}

pub(super) fn identity(n: usize) -> Matrix {
    (0..n).map(|row| (0..n).map(|column| f64::from(row == column)).collect()).collect()
}
