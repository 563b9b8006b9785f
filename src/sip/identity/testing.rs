//! Operators and tokens for the tests beside this.

#[path = "../../../tests/it/support/operator.rs"]
mod operator;

use bytes::Bytes;

use super::Signed;
use super::certificate::{Anchors, Chain};
use crate::domain::time::Timestamp;

pub use operator::{CALLED, CALLER, Operator, Token, provider, tagged};

pub const NOW: Timestamp = Timestamp::from_ms(operator::NOW_S * 1_000);

/// What an INVITE with these Identity headers says.
pub fn signed(identities: &[&str]) -> Signed {
    Signed {
        identities: identities.iter().map(|value| Bytes::copy_from_slice(value.as_bytes())).collect(),
        date: Some(NOW),
        callers: vec![CALLER.parse().unwrap()],
        called: vec![CALLED.parse().unwrap()],
    }
}

pub fn anchors(operator: &Operator) -> Anchors {
    Anchors::read(&[operator.root.clone().into_bytes()]).unwrap()
}

pub fn chain(operator: &Operator) -> Chain {
    Chain::read(operator.chain.as_bytes()).unwrap()
}

/// TNAuthLists of one number, and of some that follow each other.
pub fn one(digits: &str) -> Vec<u8> {
    tagged(0x30, &tagged(0xa2, &tagged(0x16, digits.as_bytes())))
}

pub fn range(start: &str, count: u8) -> Vec<u8> {
    let of = [tagged(0x16, start.as_bytes()), tagged(0x02, &[count])].concat();
    tagged(0x30, &tagged(0xa1, &tagged(0x30, &of)))
}
