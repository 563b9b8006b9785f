//! Runs one call: the only place that waits for what happens to it.

use tracing::warn;

use super::{Closing, Switchboard, carry_out};
use crate::call::input::Input;
use crate::call::{Call, Line, Way};
use crate::domain::calling::record::{Arrived, Fact};
use crate::domain::calling::routing::{Route, Target};
use crate::domain::ids::CallId;
use crate::sip::Arrival;

/// A call is live until its end is recorded, and at the latest until its task
/// ends, however that comes about.
struct Live<'a>(&'a Switchboard, CallId);

impl Drop for Live<'_> {
    fn drop(&mut self) {
        self.0.leave(self.1);
    }
}

/// Takes a call from its arrival to its end.
pub(super) async fn run(board: Switchboard, arrival: Arrival, arrived: Arrived, route: Option<Route>) {
    let clock = &board.inner.clock;
    let Arrival { new, mut inputs } = arrival;
    let id = new.call;
    let _live = Live(&board, id);
    let mut closing = board.inner.closing.subscribe();
    let mut latest = board.inner.recorder.write(Fact::Arrived(arrived));

    let ring_limit = board.inner.config.ring_limit;
    let way = route.map(|route| {
        let line = Line { target: Target::Uri(route.line), destination: route.destination };
        Way::to(line, route.ring.min(ring_limit))
    });
    // Each of the two is said once: a closed queue and a stop stay as they are.
    let (mut wired, mut told) = (true, false);
    let mut outputs = Vec::new();
    let mut call = Call::arrive(id, way, board.limits(), new.payload, clock.now(), &mut outputs);
    loop {
        for output in outputs.drain(..) {
            carry_out::carry_out(&board, id, output, &mut latest).await;
        }
        if call.is_over() {
            break;
        }
        let input = tokio::select! {
            input = inputs.recv(), if wired => input.unwrap_or_else(|| {
                warn!(call.id = %id, "the wire let go of the call");
                wired = false;
                Input::Stopped
            }),
            () = clock.until(call.wake_at()) => Input::Woken,
            _ = closing.wait_for(|how| *how == Closing::Stopping), if !told => {
                told = true;
                Input::Stopped
            }
        };
        call.handle(input, clock.now(), &mut outputs);
    }
}
