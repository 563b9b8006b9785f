//! What the French numbering plan says of a caller's number.
//!
//! Source: Arcep, décision 2022-1583 (plan national de numérotation), in force
//! since 1 January 2023.

use crate::domain::phone::Phone;

/// Numbers that calls and messages sent by platforms show: "numéros
/// polyvalents vérifiés". Behind them is nearly always prospecting.
const VERIFIED: &[&str] = &[
    "+33162", "+33163", "+33270", "+33271", "+33377", "+33378", "+33424", "+33425", "+33568", "+33569",
    "+33948", "+33949", "+339475", "+339476", "+339477", "+339478", "+339479",
];
/// Technical numbers of platforms, which no called person should see.
const TECHNICAL: &[&str] = &["+33937", "+33938", "+33939"];

/// Whether the number is of a range that only platforms use.
pub fn is_of_platform(number: &Phone) -> bool {
    VERIFIED.iter().chain(TECHNICAL).any(|range| number.reveal().starts_with(range))
}

/// 06 or 07. Platforms may not show them, and a call with one that comes from
/// abroad without a signature is cut by French operators (loi 2020-901).
pub fn is_french_mobile(number: &Phone) -> bool {
    ["+336", "+337"].iter().any(|range| number.reveal().starts_with(range))
}
