//! Where a row and a column of a table meet more, or less, than if they had nothing to do with each other.
//!
//! Of `n` calls, a row of `r` and a column of `c` would meet in `r·c/n`. How far off the truth is, in standard
//! deviations, is the adjusted residual of A. Agresti, *Categorical Data Analysis* (2013), §3.3:
//! `(o − e) / √(e·(1 − r/n)·(1 − c/n))`.

use super::significance::{rarity, remarkable};

/// Where fewer are expected to meet, nothing is said.
pub const EXPECTED_LEAST: f64 = 5.0;

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tie {
    /// How many would meet by the sums alone.
    pub usual: f64,
    pub strength: Strength,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strength {
    /// There are too few to tell.
    Unknown,
    /// Chance explains it.
    Usual,
    More,
    Less,
}

impl Strength {
    pub const fn as_str(self) -> &'static str {
        match self {
            Strength::Unknown => "unknown",
            Strength::Usual => "usual",
            Strength::More => "more",
            Strength::Less => "less",
        }
    }
}

/// For each meeting of a table, as many rows as are told.
pub fn ties(table: &[Vec<f64>]) -> Vec<Vec<Tie>> {
    let wide = table.first().map_or(0, Vec::len);
    let rows: Vec<f64> = table.iter().map(|row| row.iter().sum()).collect();
    let columns: Vec<f64> = (0..wide).map(|nth| table.iter().map(|row| row[nth]).sum()).collect();
    let all: f64 = rows.iter().sum();
    let off = |row: usize, column: usize| {
        let usual = if all > 0.0 { rows[row] * columns[column] / all } else { 0.0 };
        let deviation = (usual * (1.0 - rows[row] / all) * (1.0 - columns[column] / all)).sqrt();
        let is_known = usual >= EXPECTED_LEAST && deviation > 0.0;
        (usual, is_known.then(|| (table[row][column] - usual) / deviation))
    };
    let offs: Vec<Vec<(f64, Option<f64>)>> =
        (0..rows.len()).map(|row| (0..wide).map(|column| off(row, column)).collect()).collect();
    let rarities: Vec<f64> = offs.iter().flatten().filter_map(|(_, z)| z.map(rarity)).collect();
    let mut found = remarkable(&rarities).into_iter();
    let mut tie = |(usual, z): &(f64, Option<f64>)| {
        let strength = match z {
            None => Strength::Unknown,
            Some(z) => match found.next().unwrap_or_default() {
                false => Strength::Usual,
                true if *z > 0.0 => Strength::More,
                true => Strength::Less,
            },
        };
        Tie { usual: *usual, strength }
    };
    offs.iter().map(|row| row.iter().map(&mut tie).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dice::Dice;

    /// Agresti's table 3.2 of education by belief in God has residuals up to ten; here one that a hand computes.
    #[test]
    fn what_meets_more_is_told_from_what_meets_less() {
        let found = ties(&[vec![60.0, 20.0], vec![40.0, 80.0]]);

        assert!((found[0][0].usual - 40.0).abs() < 1e-9, "80 · 100 / 200");
        let strengths = found.iter().map(|row| row.iter().map(|it| it.strength).collect::<Vec<_>>());
        assert_eq!(
            strengths.collect::<Vec<_>>(),
            [[Strength::More, Strength::Less], [Strength::Less, Strength::More]]
        );
    }

    #[test]
    fn little_is_unknown_and_so_is_a_single_row() {
        assert!(ties(&[]).is_empty());
        assert_eq!(ties(&[vec![0.0]])[0][0], Tie { usual: 0.0, strength: Strength::Unknown });
        let few = ties(&[vec![1.0, 3.0], vec![2.0, 4.0]]);
        assert!(few.iter().flatten().all(|it| it.strength == Strength::Unknown));
        assert_eq!(
            ties(&[vec![30.0, 70.0]])[0][0].strength,
            Strength::Unknown,
            "there is nothing to compare with"
        );
    }

    #[test]
    fn what_has_nothing_to_do_with_each_other_is_hardly_ever_tied() {
        let mut dice = Dice::new(11);
        let mut tied = 0;
        for _ in 0..200 {
            let mut table = vec![vec![0.0; 6]; 10];
            for _ in 0..3_000 {
                table[(dice.unit().powi(2) * 10.0) as usize][(dice.unit() * 6.0) as usize] += 1.0;
            }
            let ties = ties(&table);
            tied += u32::from(
                ties.iter().flatten().any(|it| matches!(it.strength, Strength::More | Strength::Less)),
            );
        }
        assert!(tied <= 20, "{tied} of 200");
    }
}
