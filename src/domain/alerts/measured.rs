//! What was measured for an alert: figures alone, nothing of who called.

use serde::{Deserialize, Serialize};

use super::Reading;
use crate::domain::ids::{PoolId, TrunkId};
use crate::domain::money::Currency;

/// As it stands in the database, in the API and in what webhooks are told.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// Of calls that ended within so many minutes; blocked ones are no calls.
    Missed {
        missed: u64,
        calls: u64,
        minutes: u64,
    },
    /// Since the last call.
    Silence {
        seconds: u64,
        /// How many calls such a span usually has.
        usual: f64,
        /// With which probability it has none; 0 to 1.
        chance: f64,
        /// From how many weeks that is known.
        weeks: u32,
    },
    Pool(PoolMeasured),
    /// The trunk that is down longest, and for how long; `null`: none is.
    Trunk {
        trunk: Option<TrunkId>,
        node: Option<String>,
        seconds: Option<u64>,
    },
    Cost(CostMeasured),
}

/// The pool that has least, or lacks most.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PoolMeasured {
    Free { pool: PoolId, free: u32, numbers: u32 },
    Visits { pool: PoolId, visits: u64, minutes: u64 },
}

/// What calls cost, in the smallest unit of a currency.
#[derive(Clone, PartialEq, Default, Debug, Serialize, Deserialize)]
pub struct CostMeasured {
    /// `null`: there is no money.
    pub currency: Option<Currency>,
    pub cost_minor: u64,
    pub calls: f64,
    /// A call costs this at least …
    pub from_minor: f64,
    /// … and this at most; `null`: maybe there was none.
    pub to_minor: Option<f64>,
    /// The band in which it should be.
    pub low_minor: Option<f64>,
    pub high_minor: Option<f64>,
}

impl CostMeasured {
    /// What a call costs; `None` without calls.
    pub fn per_call(&self) -> Option<f64> {
        (self.calls >= 0.05).then(|| self.cost_minor as f64 / self.calls)
    }

    /// Beyond is only what surely is: how many calls there were is known between two bounds.
    pub(super) fn reads(&self) -> Reading {
        if self.low_minor.is_none() && self.high_minor.is_none() {
            return Reading::Unknown;
        }
        let too_dear = self.high_minor.is_some_and(|high| self.from_minor > high);
        let too_cheap = self.low_minor.zip(self.to_minor).is_some_and(|(low, to)| to < low);
        let is_in = |cost: f64| {
            self.high_minor.is_none_or(|high| cost <= high) && self.low_minor.is_none_or(|low| cost >= low)
        };
        match self.per_call() {
            _ if too_dear || too_cheap => Reading::Beyond,
            Some(cost) if is_in(cost) => Reading::Within,
            _ => Reading::Between,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_out_of_its_band_when_it_surely_is() {
        let read = |cost_minor, calls, from_minor, to_minor| {
            let band =
                CostMeasured { low_minor: Some(500.0), high_minor: Some(2_000.0), ..CostMeasured::default() };
            CostMeasured { cost_minor, calls, from_minor, to_minor, ..band }.reads()
        };

        assert_eq!(read(10_000, 10.0, 900.0, Some(1_100.0)), Reading::Within);
        assert_eq!(read(21_000, 10.0, 1_900.0, Some(2_300.0)), Reading::Between);
        assert_eq!(read(23_000, 10.0, 2_100.0, Some(2_500.0)), Reading::Beyond);
        assert_eq!(read(3_000, 10.0, 250.0, Some(400.0)), Reading::Beyond);
        assert_eq!(read(3_000, 0.0, 2_500.0, None), Reading::Beyond, "spent, and nobody called");
        assert_eq!(read(0, 0.0, 0.0, None), Reading::Between);
        assert_eq!(CostMeasured::default().reads(), Reading::Unknown, "there is no band");
    }

    #[test]
    fn it_is_written_by_its_kind() {
        let missed = Measured::Missed { missed: 3, calls: 9, minutes: 60 };
        let pool =
            Measured::Pool(PoolMeasured::Visits { pool: "web".parse().unwrap(), visits: 7, minutes: 60 });

        let written = [&missed, &pool].map(|it| serde_json::to_string(it).unwrap());

        assert_eq!(written[0], r#"{"missed":{"missed":3,"calls":9,"minutes":60}}"#);
        assert_eq!(written[1], r#"{"pool":{"pool":"web","visits":7,"minutes":60}}"#);
        assert_eq!(serde_json::from_str::<Measured>(&written[1]).unwrap(), pool);
    }
}
