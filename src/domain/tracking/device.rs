//! What a visitor looks at the page with: who holds a phone calls with it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// It can call by itself.
    Phone,
    /// A tablet or a computer: the caller picks up something else.
    Desk,
    /// The browser does not say.
    #[default]
    Unknown,
}

impl Device {
    /// Reads a `User-Agent`. Only the kind is kept of it, never the text.
    ///
    /// Android says `Mobile` on phones and not on tablets; iPads say they are
    /// Macintoshes, or `iPad`.
    pub fn of_user_agent(text: &str) -> Device {
        let has = |word: &str| text.contains(word);
        if has("iPhone") || has("iPod") || (has("Mobile") && !has("iPad") && !has("Tablet")) {
            Device::Phone
        } else if ["Windows", "Macintosh", "X11", "CrOS", "iPad", "Android", "Tablet"].into_iter().any(has) {
            Device::Desk
        } else {
            Device::Unknown
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Device::Phone => "phone",
            Device::Desk => "desk",
            Device::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of device; the kinds are phone, desk, unknown")]
pub struct BadDevice;

impl FromStr for Device {
    type Err = BadDevice;

    fn from_str(text: &str) -> Result<Self, BadDevice> {
        let all = [Device::Phone, Device::Desk, Device::Unknown];
        all.into_iter().find(|device| device.as_str() == text).ok_or(BadDevice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[rustfmt::skip]
    fn a_browser_tells_whether_it_can_call() {
        for (text, device) in [
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile/15E148 Safari/604.1", Device::Phone),
            ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/143.0.0.0 Mobile Safari/537.36", Device::Phone),
            ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", Device::Phone),
            ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36", Device::Desk),
            ("Mozilla/5.0 (iPad; CPU OS 15_0 like Mac OS X) AppleWebKit/605.1.15 Version/15.0 Mobile/15E148 Safari/604.1", Device::Desk),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15", Device::Desk),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", Device::Desk),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36", Device::Desk),
            ("curl/8.5.0", Device::Unknown),
            ("", Device::Unknown),
        ] {
            assert_eq!(Device::of_user_agent(text), device, "{text}");
            assert_eq!(device.as_str().parse(), Ok(device));
        }
    }
}
