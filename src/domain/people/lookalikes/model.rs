//! A segment's profile beside that of all contacts: how far somebody is from it, and why.

use super::features::{Feature, Features, NUMBERS, Sample};

/// A channel, a region or a language that fewer have counts as if so many had it: one member of a small segment in a
/// rare place would outweigh all else.
const SHARE_MIN: f64 = 0.01;
/// How many features are told that bring somebody near, and how many that do not fit.
const TOLD: usize = 3;
/// All features: the numbers, and the channel, the region and the language.
const FEATURES: usize = NUMBERS + 3;

/// Along one feature: where all contacts lie, where the segment does, and how much that counts.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Axis {
    mean: f64,
    /// The standard deviation of all contacts.
    unit: f64,
    /// Where the segment lies, in such units from the mean of all.
    centre: f64,
    weight: f64,
}

impl Axis {
    /// Of a number: the segment lies at its mean. `None`: all are alike in this.
    fn of_number(base: &Sample, segment: &Sample, error: f64, nth: usize) -> Option<Self> {
        let (mean, unit) = (base.mean(nth), base.deviation(nth));
        let centre = (segment.mean(nth) - mean) / unit;
        let weight = (centre.abs() - error).max(0.0).powi(2);
        (unit > 0.0).then_some(Self { mean, unit, centre, weight })
    }

    /// Of a name: by the share of the segment that has the same, and the segment lies at its most frequent one. `None`:
    /// all are alike in this.
    fn of_name(base: &Sample, segment: &Sample, error: f64, group: usize) -> Option<Self> {
        let (mut mean, mut square, mut most): (f64, f64, f64) = (0.0, 0.0, 0.0);
        let (mut apart, mut chance) = (0.0, 0.0);
        for name in base.names(group).map(Some).chain([None]) {
            let (all, own) = (base.share(group, name), segment.share(group, name));
            mean += all * own;
            square += all * own * own;
            most = most.max(own);
            apart += (own - all).powi(2) / all.max(SHARE_MIN);
            chance += all * (1.0 - all) / all.max(SHARE_MIN);
        }
        let variance = square - mean * mean;
        // What is left of rounding is none.
        let unit = if variance <= 1e-12 { 0.0 } else { variance.sqrt() };
        let weight = (apart.sqrt() - error * chance.sqrt()).max(0.0).powi(2);
        (unit > 0.0).then_some(Self { mean, unit, centre: (most - mean) / unit, weight })
    }

    /// How much nearer to the segment this is than the mean of all is; negative: farther.
    fn gain(&self, value: f64) -> f64 {
        let off = (value - self.mean) / self.unit - self.centre;
        self.weight * (self.centre * self.centre - off * off)
    }
}

/// What tells a segment from all contacts.
#[derive(Clone, PartialEq, Debug)]
pub struct Model {
    base: Sample,
    segment: Sample,
    axes: [Option<Axis>; FEATURES],
    weights: f64,
    /// The squared distance of the mean of all contacts.
    far: f64,
}

/// How near somebody is to a segment.
#[derive(Clone, PartialEq, Debug)]
pub struct Likeness {
    /// In standard deviations of all contacts, weighted; 0: they are its mean.
    pub distance: f64,
    /// 1: they are its mean, 0: as far from it as the mean of all contacts; below that farther.
    pub likeness: f64,
    /// What brings them near, the most first.
    pub near: Vec<Trait>,
    /// What does not fit, the least fitting first.
    pub misfits: Vec<Trait>,
}

/// A feature of somebody, beside what is usual.
#[derive(Clone, PartialEq, Debug)]
pub struct Trait {
    pub feature: Feature,
    pub typical: Typical,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Typical {
    /// The number, and the geometric means of the segment and of all.
    Number { own: f64, segment: f64, base: f64 },
    /// The name, and the shares of the segment and of all that have it; `None`: it is not known.
    Named { own: Option<String>, segment: f64, base: f64 },
}

impl Model {
    /// Of all contacts and of those in the segment.
    pub fn new(base: Sample, segment: Sample) -> Self {
        let (all, members) = (base.contacts.max(1) as f64, segment.contacts.max(1) as f64);
        // The standard error of the segment's mean, drawn from all without putting back.
        let error = (1.0 / members - 1.0 / all).max(0.0).sqrt();
        let axes: [Option<Axis>; FEATURES] = std::array::from_fn(|nth| match nth.checked_sub(NUMBERS) {
            None => Axis::of_number(&base, &segment, error, nth),
            Some(group) => Axis::of_name(&base, &segment, error, group),
        });
        let (mut weights, mut far) = (0.0, 0.0);
        for axis in axes.iter().flatten() {
            weights += axis.weight;
            far += axis.weight * axis.centre * axis.centre;
        }
        Self { base, segment, axes, weights, far }
    }

    /// Whether anything tells the segment from all contacts; without it nobody is nearer than others.
    pub fn tells(&self) -> bool {
        self.weights > 0.0
    }

    /// How far somebody is, squared and weighted: the lesser, the nearer. Nothing is explained, so that a million
    /// can be asked.
    pub fn square(&self, numbers: &[f64; NUMBERS], named: &[Option<String>; 3]) -> f64 {
        let gains: f64 = (0..FEATURES).map(|nth| self.gain(nth, numbers, named)).sum();
        ((self.far - gains) / self.weights).max(0.0)
    }

    /// How much nearer one feature brings somebody than the mean of all contacts is.
    fn gain(&self, nth: usize, numbers: &[f64; NUMBERS], named: &[Option<String>; 3]) -> f64 {
        self.axes[nth].map_or(0.0, |axis| match nth.checked_sub(NUMBERS) {
            None => axis.gain(numbers[nth]),
            Some(group) => axis.gain(self.segment.share(group, named[group].as_ref())),
        })
    }

    /// How near somebody is, and by what; what counts for nothing is not told.
    pub fn likeness(&self, features: &Features, today: i64) -> Likeness {
        let (numbers, told) = (features.numbers(today), features.told(today));
        let square = self.square(&numbers, &features.named);
        let mut gains: Vec<(f64, usize)> =
            (0..FEATURES).map(|nth| (self.gain(nth, &numbers, &features.named), nth)).collect();
        gains.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let least = 1e-9 * self.far;
        let tell = |(_, nth): &(f64, usize)| self.told(*nth, &told, &features.named);
        let near = gains.iter().filter(|(gain, _)| *gain > least).take(TOLD).map(tell).collect();
        let misfits = gains.iter().rev().filter(|(gain, _)| *gain < -least).take(TOLD).map(tell).collect();
        let likeness = if self.far > 0.0 { 1.0 - square * self.weights / self.far } else { 0.0 };
        Likeness { distance: square.sqrt(), likeness, near, misfits }
    }

    fn told(&self, nth: usize, told: &[f64; NUMBERS], named: &[Option<String>; 3]) -> Trait {
        let typical = match nth.checked_sub(NUMBERS) {
            None => Typical::Number {
                own: told[nth],
                segment: self.segment.mean(nth).exp_m1(),
                base: self.base.mean(nth).exp_m1(),
            },
            Some(group) => {
                let own = named[group].as_ref();
                Typical::Named {
                    segment: self.segment.share(group, own),
                    base: self.base.share(group, own),
                    own: own.cloned(),
                }
            }
        };
        Trait { feature: Feature::ALL[nth], typical }
    }
}

#[cfg(test)]
mod tests;
