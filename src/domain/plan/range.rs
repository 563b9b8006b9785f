//! Numbers that follow each other, written as the first and the last of them:
//! `+33199001000..+33199001009`.

use super::problem::Fault;
use crate::domain::phone::Phone;

/// The most numbers that one range may hold.
pub const RANGE_MAX: u64 = 100_000;

/// Reads a number or a range of numbers.
pub fn read(text: &str) -> Result<Vec<Phone>, Fault> {
    let Some((first, last)) = text.split_once("..") else { return Ok(vec![phone(text)?]) };
    let (first, last) = (phone(first)?, phone(last)?);
    let (from, to) = (digits(&first), digits(&last));
    if first.reveal().len() != last.reveal().len() || to < from || to - from >= RANGE_MAX {
        return Err(Fault::BadRange(text.to_owned()));
    }
    (from..=to).map(|number| phone(&format!("+{number}"))).collect()
}

/// Writes numbers as few ranges; `numbers` must be in order.
pub fn write(numbers: &[Phone]) -> Vec<String> {
    let follows = |a: &Phone, b: &Phone| a.reveal().len() == b.reveal().len() && digits(a) + 1 == digits(b);
    numbers
        .chunk_by(follows)
        .map(|run| match run {
            [first, .., last] => format!("{}..{}", first.reveal(), last.reveal()),
            one => one.iter().map(Phone::reveal).collect(),
        })
        .collect()
}

pub fn phone(text: &str) -> Result<Phone, Fault> {
    text.trim().parse().map_err(|_| Fault::BadPhone(text.to_owned()))
}

/// E.164 has at most 15 digits, which fit.
fn digits(phone: &Phone) -> u64 {
    phone.reveal().bytes().filter(u8::is_ascii_digit).fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn phones(texts: &[&str]) -> Vec<Phone> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_range_holds_its_first_and_its_last_number() {
        assert_eq!(
            read("+33199001009..+33199001011").unwrap(),
            phones(&["+33199001009", "+33199001010", "+33199001011"])
        );
        assert_eq!(read("+33199001000..+33199001000").unwrap().len(), 1);
        assert_eq!(read("+33199001000").unwrap(), phones(&["+33199001000"]));
    }

    #[test]
    fn a_range_that_runs_backwards_or_wild_is_refused() {
        for text in ["+33199001009..+33199001000", "+33100000000..+33199999999", "+3225123452..+33199001000"]
        {
            assert_eq!(read(text), Err(Fault::BadRange(text.into())), "{text}");
        }
        assert_eq!(read("+33199001000..12"), Err(Fault::BadPhone("12".into())));
    }

    proptest! {
        #[test]
        fn numbers_written_as_ranges_read_back(lasts in prop::collection::btree_set(0_u32..300, 0..60)) {
            let numbers: Vec<Phone> = lasts.iter().map(|n| format!("+33199001{n:03}").parse().unwrap()).collect();

            let ranges = write(&numbers);
            let again: Vec<Phone> = ranges.iter().flat_map(|text| read(text).unwrap()).collect();

            prop_assert_eq!(again, numbers);
        }
    }
}
