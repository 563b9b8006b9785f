//! Numbers at which nobody is called back: those of no range, of fiction, of
//! call centres, and those that cost.

use super::Code;
use crate::domain::phone::{Line, Phone};

/// Kept for films and books, after +33 (Arcep, decision 2018-0881, the plan of numbers).
const FICTION: [&str; 6] = ["19900", "26191", "35301", "46571", "53649", "63998"];
/// Shown by calling platforms for technical ends, after +33 (Arcep, decision 2022-1583).
const PLATFORM: [&str; 3] = ["937", "938", "939"];

pub(super) fn problem(phone: &Phone) -> Option<Code> {
    if let Some(french) = phone.reveal().strip_prefix("+33") {
        if FICTION.iter().any(|range| french.starts_with(range)) {
            return Some(Code::PhoneFiction);
        }
        if PLATFORM.iter().any(|range| french.starts_with(range)) {
            return Some(Code::PhonePlatform);
        }
    }
    match phone.line() {
        Line::Unknown => Some(Code::PhoneUnassigned),
        Line::Premium => Some(Code::PhonePremium),
        Line::SharedCost => Some(Code::PhoneSharedCost),
        Line::Fixed | Line::Mobile | Line::FixedOrMobile | Line::TollFree | Line::Voip | Line::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_nobody_is_called_back_at_is_told() {
        for (number, told) in [
            ("+33612345678", None),
            ("+33142345678", None),
            ("+33801020304", None),
            ("+33639980001", Some(Code::PhoneFiction)),
            ("+33199001234", Some(Code::PhoneFiction)),
            ("+33938123456", Some(Code::PhonePlatform)),
            ("+33897123456", Some(Code::PhonePremium)),
            ("+33810123456", Some(Code::PhoneSharedCost)),
            ("+33012345678", Some(Code::PhoneUnassigned)),
        ] {
            assert_eq!(problem(&number.parse().unwrap()), told, "{number}");
        }
    }
}
