//! `whence dial`: places one call and tells what happens to it.

use super::run::Failed;
use crate::cli::Dial;
use crate::clock::Clock;
use crate::demo::caller::{Caller, End, Plan};

pub(super) async fn dial(args: &Dial) -> Result<(), Failed> {
    let plan = Plan {
        number: args.number.clone(),
        from: args.from.clone(),
        talk: std::time::Duration::from_secs(args.seconds.into()),
        give_up_when_it_rings: args.hang_up_after_ring,
        gateway: args.gateway,
    };
    let caller = Caller::start(Clock::system(), args.gateway).await.map_err(Failed::start)?;
    match caller.call(&plan, |line| println!("{line}")).await {
        End::Talked | End::GaveUp => Ok(()),
        End::Refused(what) => Err(Failed::Tried(what)),
    }
}
