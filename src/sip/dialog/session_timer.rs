//! How long a session lives without a sign of life (RFC 4028).
//!
//! A peer that lost its power sends no BYE. So the two sides of a dialog agree
//! on an interval and on who refreshes: a refresh at half of it keeps the
//! session, and whoever misses one says BYE shortly before it is over. Each
//! leg has a timer of its own; a side that does not know timers has none.

use std::fmt;
use std::time::Duration;

use crate::domain::time::Timestamp;

/// No session is refreshed more often (§4): the least interval there is.
pub const MIN_SE: u32 = 90;

/// Who refreshes, told by the part in the *request* that says so (§7.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refresher {
    Uac,
    Uas,
}

/// The value of Session-Expires.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionExpires {
    pub secs: u32,
    pub refresher: Option<Refresher>,
}

impl SessionExpires {
    pub fn parse(value: &[u8]) -> Option<Self> {
        let mut parts = value.split(|b| *b == b';').map(<[u8]>::trim_ascii);
        let secs = seconds(parts.next()?)?;
        let refresher = parts.find_map(|part| {
            let at = part.iter().position(|b| *b == b'=')?;
            let (name, word) = (part[..at].trim_ascii(), part[at + 1..].trim_ascii());
            match word.to_ascii_lowercase().as_slice() {
                b"uac" if name.eq_ignore_ascii_case(b"refresher") => Some(Refresher::Uac),
                b"uas" if name.eq_ignore_ascii_case(b"refresher") => Some(Refresher::Uas),
                _ => None,
            }
        });
        Some(Self { secs, refresher })
    }
}

impl fmt::Display for SessionExpires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.secs)?;
        match self.refresher {
            Some(Refresher::Uac) => f.write_str(";refresher=uac"),
            Some(Refresher::Uas) => f.write_str(";refresher=uas"),
            None => Ok(()),
        }
    }
}

/// Digits, and parameters after them; a number too large counts as the largest.
pub fn seconds(value: &[u8]) -> Option<u32> {
    let digits = value.split(|b| *b == b';').next()?.trim_ascii();
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(digits).ok()?.parse().ok().or(Some(u32::MAX)))?
}

/// What a request that begins or refreshes a session says of timers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wish {
    /// `Supported: timer`.
    pub knows: bool,
    pub expires: Option<SessionExpires>,
    /// The least that a proxy on the way, or the peer, can bear.
    pub min_se: Option<u32>,
}

/// What the side that was asked does about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    NoTimer,
    /// 422 with `Min-SE`: [`MIN_SE`].
    TooSmall,
    Timer(SessionExpires),
}

/// §9. `ours` is the interval that we wish for; `None`: timers are switched off.
///
/// Where the request leaves it open, we refresh: what we do ourselves is done.
pub fn judge(wish: Wish, ours: Option<u32>) -> Verdict {
    let (true, Some(ours)) = (wish.knows, ours) else { return Verdict::NoTimer };
    let asked = wish.expires.map_or(ours, |expires| expires.secs);
    if asked < MIN_SE {
        return Verdict::TooSmall;
    }
    let secs = asked.min(ours).max(wish.min_se.unwrap_or(MIN_SE)).max(MIN_SE);
    let refresher = wish.expires.and_then(|expires| expires.refresher).unwrap_or(Refresher::Uas);
    Verdict::Timer(SessionExpires { secs, refresher: Some(refresher) })
}

/// What is due when a timer wakes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    Refresh,
    /// No refresh came, or ours were refused: BYE.
    Expired,
}

/// The timer of one leg, from one refresh to the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionTimer {
    secs: u32,
    /// Whether we refresh.
    ours: bool,
    /// When the session is given up, a little before it is over (§10).
    bye_at: Timestamp,
    /// When the next refresh of ours is due.
    refresh_at: Option<Timestamp>,
}

impl SessionTimer {
    /// The session was begun or refreshed now.
    pub fn start(secs: u32, ours: bool, now: Timestamp) -> Self {
        let whole = Duration::from_secs(secs.into());
        let margin = (whole / 3).min(Duration::from_secs(32));
        let refresh_at = ours.then(|| now + whole / 2);
        Self { secs, ours, bye_at: now + (whole - margin), refresh_at }
    }

    pub fn wake_at(&self) -> Timestamp {
        self.refresh_at.map_or(self.bye_at, |at| at.min(self.bye_at))
    }

    pub fn wake(&mut self, now: Timestamp) -> Option<Due> {
        if self.bye_at <= now {
            return Some(Due::Expired);
        }
        self.refresh_at.take_if(|at| *at <= now).map(|_| Due::Refresh)
    }

    /// The refresh could not be made, or was refused: again after this time.
    pub fn retry_after(&mut self, span: Duration, now: Timestamp) {
        self.refresh_at = Some(now + span);
    }

    /// Refused for good reasons or bad: again when half of what is left has passed.
    pub fn retry_later(&mut self, now: Timestamp) {
        self.retry_after(self.bye_at.since(now) / 2, now);
    }

    pub fn secs(&self) -> u32 {
        self.secs
    }

    /// What our next request of this leg says of the session.
    pub fn in_request(&self) -> SessionExpires {
        let refresher = if self.ours { Refresher::Uac } else { Refresher::Uas };
        SessionExpires { secs: self.secs, refresher: Some(refresher) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expires(secs: u32, refresher: Option<Refresher>) -> SessionExpires {
        SessionExpires { secs, refresher }
    }

    #[test]
    fn the_header_is_read_as_peers_write_it() {
        for (text, secs, refresher) in [
            ("1800", 1_800, None),
            ("90;refresher=uac", 90, Some(Refresher::Uac)),
            (" 4000 ; x=y ; Refresher = UAS ", 4_000, Some(Refresher::Uas)),
            ("99999999999;refresher=me", u32::MAX, None),
        ] {
            assert_eq!(SessionExpires::parse(text.as_bytes()), Some(expires(secs, refresher)), "{text}");
        }
        for text in ["", ";refresher=uac", "-1", "soon"] {
            assert_eq!(SessionExpires::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_agreed_on_is_the_lesser_wish_but_never_below_the_least() {
        let wish = |knows, expires, min_se| Wish { knows, expires, min_se };
        let timer = |secs, refresher| Verdict::Timer(expires(secs, Some(refresher)));
        let cases = [
            ("does not know timers", wish(false, Some(expires(600, None)), None), Verdict::NoTimer),
            ("leaves it to us", wish(true, None, None), timer(1_800, Refresher::Uas)),
            ("wants less", wish(true, Some(expires(600, None)), None), timer(600, Refresher::Uas)),
            ("wants more", wish(true, Some(expires(9_000, None)), None), timer(1_800, Refresher::Uas)),
            (
                "refreshes itself",
                wish(true, Some(expires(600, Some(Refresher::Uac))), None),
                timer(600, Refresher::Uac),
            ),
            (
                "a proxy bears no less",
                wish(true, Some(expires(9_000, None)), Some(3_600)),
                timer(3_600, Refresher::Uas),
            ),
            ("too small", wish(true, Some(expires(89, None)), None), Verdict::TooSmall),
        ];

        for (name, wish, verdict) in cases {
            assert_eq!(judge(wish, Some(1_800)), verdict, "{name}");
        }
        assert_eq!(judge(wish(true, Some(expires(10, None)), None), None), Verdict::NoTimer);
    }

    #[test]
    fn a_session_is_refreshed_at_half_and_given_up_a_little_before_its_end() {
        let at = |secs: i64| Timestamp::from_ms(secs * 1_000);
        let mut ours = SessionTimer::start(1_800, true, at(0));
        assert_eq!((ours.wake(at(899)), ours.wake(at(900))), (None, Some(Due::Refresh)));
        assert_eq!(ours.wake_at(), at(1_768));
        ours.retry_later(at(900));
        assert_eq!(ours.wake_at(), at(1_334));

        let mut theirs = SessionTimer::start(90, false, at(0));
        assert_eq!((theirs.wake_at(), theirs.wake(at(60))), (at(60), Some(Due::Expired)));
    }
}
