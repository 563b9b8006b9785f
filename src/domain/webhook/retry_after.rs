//! How long a receiver asks to be left alone: `Retry-After`, in seconds or as a date (RFC 9110 §10.2.3).
//!
//! A day at the most. A receiver that says a year by mistake would else hear of nothing: what waits for it is too old
//! long before.

use std::time::Duration;

use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;

const MOST: Duration = Duration::from_hours(24);

/// The forms of a date (RFC 9110 §5.6.7): the one that is written today, and the two that must be read.
const DATES: [&str; 3] = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// As it was said; a span counts from the answer on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RetryAfter {
    Span(Duration),
    Moment(Timestamp),
}

impl RetryAfter {
    /// `None`: it cannot be meant so, and counts as not said.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // What no number holds is more than a day.
            return Some(Self::Span(text.parse().map_or(MOST, Duration::from_secs)));
        }
        let date = DATES.iter().find_map(|form| BrokenDownTime::parse(form, text).ok());
        let date = date?.to_datetime().ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(Self::Moment(Timestamp::from_ms(date.timestamp().as_millisecond())))
    }

    /// The moment before which it is not tried; `None`: it may be tried at once.
    pub fn until(self, answered_at: Timestamp) -> Option<Timestamp> {
        let until = match self {
            Self::Span(span) => answered_at + span.min(MOST),
            Self::Moment(at) => at.min(answered_at + MOST),
        };
        (until > answered_at).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_all_three_dates_are_understood_and_a_day_is_the_most() {
        let answered_at: Timestamp = "1994-11-06T08:49:07Z".parse().unwrap();
        let (half_a_minute, a_day) = (Some(30), Some(24 * 60 * 60));
        for (text, waits_s) in [
            ("30", half_a_minute),
            (" 030 ", half_a_minute),
            ("Sun, 06 Nov 1994 08:49:37 GMT", half_a_minute),
            ("Sunday, 06-Nov-94 08:49:37 GMT", half_a_minute),
            ("Sun Nov  6 08:49:37 1994", half_a_minute),
            ("86400", a_day),
            ("86401", a_day),
            ("99999999999999999999999", a_day),
            ("Tue, 08 Nov 1994 08:49:37 GMT", a_day),
            ("0", None),
            ("Sun, 06 Nov 1994 08:49:07 GMT", None),
            ("Sat, 05 Nov 1994 08:49:37 GMT", None),
            ("", None),
            ("-30", None),
            ("+30", None),
            ("30.5", None),
            ("1994-11-06T08:49:37Z", None),
            ("Sun, 31 Feb 1994 08:49:37 GMT", None),
            ("soon", None),
        ] {
            let until = RetryAfter::read(text).and_then(|it| it.until(answered_at));
            let waits_s = waits_s.map(|s| answered_at + Duration::from_secs(s));
            assert_eq!(until, waits_s, "{text:?}");
        }
    }
}
