//! The legs of a call, as the call knows them: numbers, without any wire.

use std::fmt;

/// One leg of a call: the inbound one is 0, attempts outward count from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(pub u8);

impl LegId {
    /// The leg that the caller is on.
    pub const CALLER: LegId = LegId(0);
    /// The first attempt to reach the business line.
    pub const LINE: LegId = LegId(1);
}

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "leg {}", self.0)
    }
}

impl fmt::Debug for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
