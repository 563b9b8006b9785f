//! Which number was dialled and which one calls: the one place that turns what
//! a trunk writes into E.164.
//!
//! With `+` a number is plain. Digits alone are read twice, at home and as if
//! they had a `+`, and [`Format`] says which reading counts:
//!
//! ```text
//!   France         0199001234   national only: no country's code begins with 0
//!                  33199001234  both give +33199001234
//!                  4930123456   no French number has ten digits and no 0: Berlin
//!   Germany        49212123456  Solingen, or 04921/2123456 in Emden without its 0:
//!                               the first, since who writes at home writes the 0
//!   Italy          3906123456   a mobile, or Rome: the mobile, for at home nothing
//!                               stands before a number
//! ```
//!
//! So `auto` takes the reading that is valid by the tables of numbers; where
//! both are, the one within the trunk's country; and where both are that, the
//! international one if national numbers have a prefix there, else the
//! national one. Whoever knows better says `e164` or `national`.

use std::borrow::Cow;

use crate::domain::phone::{Country, Phone};
use crate::sip::message::{Message, Name, NameAddr, Scheme, Uri};
use crate::sip::translate::from_wire;

/// How digits without a `+` are meant.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Format {
    #[default]
    Auto,
    /// They begin with a country's code, or with 00 and that.
    E164,
    /// They are as the trunk's country dials them.
    National,
}

/// Where the number stands that was dialled. What is missing there is looked
/// for in the Request-URI: a call that was not forwarded has no Diversion.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Dialled {
    #[default]
    RequestUri,
    /// For carriers that we register with: their Request-URI is our Contact.
    To,
    /// RFC 7315 §4.2.
    PCalledPartyId,
    /// RFC 5806: who forwarded last, which stands on top.
    Diversion,
    /// RFC 7044: whence the call was sent to its last target.
    HistoryInfo,
}

/// How a trunk writes numbers.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Numbers {
    /// Without a country only `+…`, and `e164`, are understood.
    pub home: Option<Country>,
    pub format: Format,
    pub dialled: Dialled,
}

impl Numbers {
    /// What was dialled, where it is a telephone number.
    pub fn dialled(&self, invite: &Message) -> Option<Phone> {
        let to = || vec![Cow::Borrowed(invite.to().uri)];
        let elsewhere = match self.dialled {
            Dialled::RequestUri => vec![],
            Dialled::To => to(),
            Dialled::PCalledPartyId => {
                let value = invite.header_called("P-Called-Party-ID");
                let uri = value.and_then(|value| Some(NameAddr::parse(&value)?.uri.to_vec()));
                uri.into_iter().map(Cow::Owned).collect()
            }
            Dialled::Diversion => addresses(invite, Name::Diversion),
            Dialled::HistoryInfo => {
                let mut entries = addresses(invite, Name::HistoryInfo);
                // The last one is where the call has come to: here.
                entries.split_off(entries.len().saturating_sub(2))
            }
        };
        let elsewhere = elsewhere.first().and_then(|uri| self.of_uri(uri));
        elsewhere.or_else(|| self.of_uri(invite.request_uri()))
    }

    /// Who calls: the network's own word (RFC 3325, and before it
    /// Remote-Party-ID) before the caller's.
    ///
    /// `None` when the caller wished to stay unknown (RFC 3323 `Privacy: id`,
    /// `user` or `header`, or an anonymous From), even where the network tells.
    pub fn caller(&self, invite: &Message) -> Option<Phone> {
        if from_wire::withholds(invite) {
            return None;
        }
        let told = [Name::PAssertedIdentity, Name::RemotePartyId];
        let told = told.into_iter().flat_map(|name| invite.addresses(name).flatten());
        told.chain([invite.from()]).find_map(|address| self.of_uri(address.uri))
    }

    /// The number of From: what the caller wants to be called back on.
    pub fn presented(&self, invite: &Message) -> Option<Phone> {
        self.of_uri(invite.from().uri)
    }

    /// The number that a URI names, if it names one.
    pub fn of_uri(&self, uri: &[u8]) -> Option<Phone> {
        let uri = Uri::parse(uri).ok().filter(|uri| uri.scheme != Scheme::Other)?;
        let user = uri.user_unescaped()?;
        let user = std::str::from_utf8(&user).ok()?;
        // A `tel:` URI has its parameters behind it, a `sip:` URI within its
        // user part (RFC 3261 §19.1.6).
        let params = String::from_utf8_lossy(if uri.scheme == Scheme::Tel { uri.params.raw() } else { b"" });
        self.read(&format!("{user}{params}"))
    }

    /// Reads a telephone-subscriber: a number, maybe with separators, and
    /// parameters. `npdi`, `rn` and their kin say how it was routed, not what
    /// it is (RFC 4694).
    fn read(&self, text: &str) -> Option<Phone> {
        let mut parts = text.split(';');
        let number = parts.next().unwrap_or_default().trim();
        if number.starts_with('+') {
            return Phone::parse(number, self.home).ok();
        }
        let context = parts.filter_map(|part| part.split_once('='));
        let context = context.filter(|(name, _)| name.trim().eq_ignore_ascii_case("phone-context"));
        // RFC 3966 §5.1.5: the beginning of a number, or the name of whoever numbers so.
        if let Some(prefix) = context.map(|(_, value)| value.trim()).find(|value| value.starts_with('+')) {
            return Phone::parse(&format!("{prefix}{number}"), self.home).ok();
        }
        let national = self.home.and_then(|home| Phone::parse(number, Some(home)).ok());
        let international = match number.strip_prefix("00").unwrap_or(number) {
            digits if digits.starts_with('0') => None,
            digits => Phone::parse(&format!("+{digits}"), None).ok(),
        };
        match self.format {
            Format::National => national,
            Format::E164 => international.or(national),
            Format::Auto => self.choose(national, international),
        }
    }

    fn choose(&self, national: Option<Phone>, international: Option<Phone>) -> Option<Phone> {
        let (Some(national), Some(international)) = (&national, &international) else {
            return national.or(international);
        };
        let is_international = match (national.is_valid(), international.is_valid()) {
            (true, false) => false,
            (false, true) => true,
            (true, true) | (false, false) => {
                self.home.is_some_and(|home| home.writes_prefix_before(international))
            }
        };
        Some(if is_international { international } else { national }.clone())
    }
}

fn addresses(invite: &Message, name: Name) -> Vec<Cow<'_, [u8]>> {
    invite.addresses(name).flatten().map(|address| Cow::Borrowed(address.uri)).collect()
}

#[cfg(test)]
mod tests;
