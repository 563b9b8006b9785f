//! The SIP peers that calls come from and go to.

pub mod accept;
pub mod digest;
pub mod health;
pub mod nonce;
pub mod numbers;
pub mod out;
pub mod ping;
pub mod register;
pub mod state;
pub mod strangers;
pub mod wallet;
