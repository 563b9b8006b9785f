//! Pressure: how many solicitations a contact has had in a period, and has
//! before them, against the caps.
//!
//! A period is one of calendar days in the contact's own time, and it rolls: a
//! cap of 4 in 30 days holds in *every* 30 days. So one more counts together
//! with those before it and with those that are planned after it.
//!
//! ```text
//!        ●     ● ●        ?      ○
//!   ─────┴─────┴─┴────────┴──────┴───▶ days      ● past  ○ planned
//!              └─ 30 days ─┘
//!                    └─ 30 days ─┘
//! ```

use jiff::tz::TimeZone;

use super::consent::Channel;
use super::rules::place::{day_in, midnight};
use crate::domain::ids::{CapId, EngagementId, PurposeId, ReservationId, SegmentId};
use crate::domain::time::Timestamp;

/// The longest period of a cap, in days: what is further back is not looked at.
pub const DAYS_MAX: u32 = 366;

/// What the plan allows of solicitations at the most.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cap {
    pub id: CapId,
    /// `None`: by whatever channel.
    pub channel: Option<Channel>,
    /// `None`: for every purpose of prospecting.
    pub purpose: Option<PurposeId>,
    /// `None`: of everybody. Else of who is in it now, whenever they were asked for something.
    pub segment: Option<SegmentId>,
    pub limit: Limit,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    pub count: u32,
    /// Calendar days.
    pub days: u32,
}

/// That somebody was asked for something, or will be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Solicitation {
    pub what: Which,
    /// `None`: by none that the ledger knows.
    pub channel: Option<Channel>,
    pub purpose: Option<PurposeId>,
    /// Whether it is prospecting.
    pub prospects: bool,
    pub at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Which {
    Engagement(EngagementId),
    Reservation(ReservationId),
}

impl Cap {
    /// Whether it is a cap of whoever is in these segments.
    pub fn is_of(&self, segments: &[SegmentId]) -> bool {
        self.segment.as_ref().is_none_or(|own| segments.contains(own))
    }

    /// Whether something of this channel and purpose counts.
    pub fn covers(&self, channel: Option<Channel>, purpose: Option<&PurposeId>, prospects: bool) -> bool {
        let by_channel = self.channel.is_none() || self.channel == channel;
        let by_purpose = self.purpose.as_ref().map_or(prospects, |own| purpose == Some(own));
        by_channel && by_purpose
    }

    pub fn counts(&self, it: &Solicitation) -> bool {
        self.covers(it.channel, it.purpose.as_ref(), it.prospects)
    }
}

/// How full a limit is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Load {
    /// As many as the fullest period has that holds the moment asked for.
    pub used: u32,
    pub left: u32,
    /// What that period holds.
    pub counted: Vec<Which>,
    /// When there is room again; `None`: there is now.
    pub free_at: Option<Timestamp>,
}

/// How full `limit` is at a moment by what counts for it.
pub fn load<'s>(
    limit: Limit,
    counting: impl Iterator<Item = &'s Solicitation>,
    at: Timestamp,
    zone: &TimeZone,
) -> Load {
    let mut days: Vec<(i64, Which)> = counting.map(|it| (day_in(zone, it.at), it.what)).collect();
    days.sort_by_key(|(day, _)| *day);
    let counted = fullest(limit, &days, day_in(zone, at));
    let used = counted.len() as u32;
    let free_at = (used >= limit.count).then(|| {
        let today = day_in(zone, at);
        // There is room again only when one of them leaves the period.
        let leaves = days.iter().map(|(day, _)| day + i64::from(limit.days)).filter(|day| *day > today);
        leaves
            .filter(|day| (fullest(limit, &days, *day).len() as u32) < limit.count)
            .min()
            .map(|day| midnight(zone, day))
    });
    Load {
        used,
        left: limit.count.saturating_sub(used),
        counted: counted.iter().map(|(_, which)| *which).collect(),
        free_at: free_at.flatten(),
    }
}

/// What the fullest period holds that this day is in; `days` are in order.
fn fullest(limit: Limit, days: &[(i64, Which)], day: i64) -> &[(i64, Which)] {
    let span = i64::from(limit.days);
    let first = day - span + 1;
    // A period is fullest where it begins with one of them, or with the day.
    let starts = days.iter().map(|(start, _)| *start).filter(|start| (first..=day).contains(start));
    let within = |start: i64| {
        let from = days.partition_point(|(day, _)| *day < start);
        let to = days.partition_point(|(day, _)| *day < start + span);
        &days[from..to]
    };
    starts.chain([day]).map(within).max_by_key(|held| held.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY_MS: i64 = 86_400_000;

    fn on(days: &[i64]) -> Vec<Solicitation> {
        let one = |day: &i64| Solicitation {
            what: Which::Engagement(EngagementId(uuid::Uuid::from_u128(*day as u128))),
            channel: Some(Channel::Email),
            purpose: None,
            prospects: true,
            at: Timestamp::from_ms(day * DAY_MS + DAY_MS / 2),
        };
        days.iter().map(one).collect()
    }

    fn noon(day: i64) -> Timestamp {
        Timestamp::from_ms(day * DAY_MS + DAY_MS / 2)
    }

    #[test]
    fn a_cap_holds_in_every_period_the_planned_ones_counted() {
        let utc = TimeZone::UTC;
        let limit = Limit { count: 2, days: 7 };
        for (days, day, used, free) in [
            (&[][..], 10, 0, None),
            (&[9][..], 10, 1, None),
            (&[4, 9][..], 10, 2, Some(11)),
            // Seven days ago is not within seven days.
            (&[3, 9][..], 10, 1, None),
            // Planned ones count with it: 10 and 12 and 16 lie in seven days.
            (&[12, 16][..], 10, 2, Some(19)),
            (&[12, 17][..], 10, 1, None),
            (&[8, 12][..], 10, 2, Some(15)),
        ] {
            let all = on(days);
            let load = load(limit, all.iter(), noon(day), &utc);
            assert_eq!(load.used, used, "{days:?}");
            assert_eq!(load.free_at, free.map(|day| Timestamp::from_ms(day * DAY_MS)), "{days:?}");
        }
    }

    #[test]
    fn a_cap_counts_what_it_names() {
        let cap = |channel, purpose: Option<&str>| Cap {
            id: "cap".parse().unwrap(),
            channel,
            purpose: purpose.map(|it| it.parse().unwrap()),
            segment: None,
            limit: Limit { count: 1, days: 1 },
        };
        let offers: PurposeId = "offers".parse().unwrap();
        let (email, sms) = (Some(Channel::Email), Some(Channel::Sms));

        assert!(cap(None, None).covers(sms, Some(&offers), true));
        assert!(!cap(None, None).covers(sms, Some(&offers), false), "service is not capped unless named");
        assert!(cap(None, Some("offers")).covers(None, Some(&offers), false));
        assert!(!cap(email, None).covers(sms, None, true));
        assert!(!cap(email, Some("news")).covers(email, Some(&offers), true));
    }

    proptest! {
        #[test]
        fn when_there_is_room_again_there_is_and_the_day_before_there_is_none(
            days in prop::collection::vec(0_i64..60, 0..12),
            count in 1_u32..5,
            span in 1_u32..30,
            day in 0_i64..60,
        ) {
            let (all, limit, utc) = (on(&days), Limit { count, days: span }, TimeZone::UTC);
            let load_at = |at| load(limit, all.iter(), at, &utc);
            // The same by trying every period.
            let used = (day - i64::from(span) + 1..=day)
                .map(|start| days.iter().filter(|it| (start..start + i64::from(span)).contains(it)).count())
                .max();

            let now = load_at(noon(day));

            prop_assert_eq!(Some(now.used as usize), used);
            if let Some(free) = now.free_at {
                prop_assert!(load_at(free).free_at.is_none());
                prop_assert!(load_at(Timestamp::from_ms(free.as_ms() - 1)).free_at.is_some());
            } else {
                prop_assert!(now.used < count);
            }
        }
    }
}
