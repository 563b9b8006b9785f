//! What a call is once it is written down, and where it is carried.

pub mod destination;
pub mod explain;
pub mod handover;
pub mod holidays;
pub mod identity;
pub mod key;
pub mod ladder;
pub mod missed;
pub mod note;
pub mod outcome;
pub mod prompt;
pub mod qualification;
pub mod quality;
pub mod record;
pub mod recording;
pub mod routing;
pub mod schedule;
pub mod screening;
pub mod search;
pub mod stranger;
pub mod tolls;
pub mod transfer;
