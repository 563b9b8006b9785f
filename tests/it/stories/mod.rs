//! The whole gateway, in one process with a business line and a caller, over
//! real sockets: what happens to a call, told as stories.

mod console_phone;
mod database_is_away;
mod database_refuses;
mod identified;
mod live_calls;
mod mail_domains;
mod page_calls;
mod recognised;
mod relayed;
mod ring_plans;
mod screening;
mod signatures;
pub mod stage;
