//! Why a call does not even begin: the words of `/metrics`.

/// Why a call was turned away at the door.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// As many calls as may be are up.
    Full,
    /// They come faster than they may.
    Rate,
    /// The processor is too busy.
    Cpu,
    Stopping,
    /// It is for no telephone number.
    NoNumber,
}

impl Refused {
    pub const ALL: &'static [Refused] =
        &[Refused::Full, Refused::Rate, Refused::Cpu, Refused::Stopping, Refused::NoNumber];

    pub const fn as_str(self) -> &'static str {
        match self {
            Refused::Full => "full",
            Refused::Rate => "rate",
            Refused::Cpu => "cpu",
            Refused::Stopping => "stopping",
            Refused::NoNumber => "no_number",
        }
    }
}
