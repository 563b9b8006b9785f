//! RTP and RTCP (RFC 3550), as much of them as a relay reads.

pub mod key;
pub mod packet;
pub mod reception;
pub mod rtcp;
