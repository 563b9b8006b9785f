//! Runs one call: the only place that waits for what happens to it.
//!
//! The task lives as long as the call, and there may be thousands. So what is
//! only needed at its start, or for an instant, is no part of it: the start is
//! an ordinary function, and what an output wants done is boxed.

use std::sync::Arc;

use tokio::sync::Notify;
use tracing::{info, warn};

use super::browsers::Browsers;
use super::page::PageLeg;
use super::seats::Sitting;
use super::sound::{Sound, ask_permission, encrypts, learn_origin, permitted};
use super::{Chosen, Closing, Switchboard, carry_out};
use crate::call::Call;
use crate::call::input::{Input, Status, Unreachable};
use crate::call::output::Output;
use crate::domain::calling::record::{Arrived, Fact};
use crate::domain::ids::CallId;
use crate::sip::Arrival;
use crate::sip::status::reason;

/// A call is live until its end is recorded, and at the latest until its task
/// ends, however that comes about.
struct Live(Switchboard, CallId);

impl Drop for Live {
    fn drop(&mut self) {
        self.0.leave(self.1, None);
        self.0.inner.tasks.send_modify(|left| *left -= 1);
    }
}

/// A line of this call is asked what it was.
struct Asked(Switchboard);

impl Asked {
    fn of(board: &Switchboard) -> Self {
        board.inner.asked.send_modify(|asked| *asked += 1);
        Self(board.clone())
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.inner.asked.send_modify(|asked| *asked -= 1);
    }
}

/// Takes a call from its arrival to its end.
pub(super) fn run(
    board: Switchboard,
    (arrival, page): (Arrival, Option<PageLeg>),
    arrived: Arrived,
    chosen: Option<Chosen>,
    hang_up: Arc<Notify>,
) -> impl Future<Output = ()> + Send + use<> {
    let Arrival { new, mut inputs } = arrival;
    let id = new.call;
    board.inner.tasks.send_modify(|left| *left += 1);
    let live = Live(board, id);
    let board = &live.0;
    let mut closing = board.inner.closing.subscribe();
    let arrived_at = arrived.at;
    let refusal = arrived.screening.as_deref().and_then(|said| said.status);
    let routes = board.inner.routes.load();
    // A browser speaks to nobody but us.
    let is_relayed = |chosen: &Chosen| routes.relays(&chosen.way) || encrypts(board, &chosen.way);
    let relays = page.is_some() || chosen.as_ref().is_some_and(is_relayed);
    let is_told = relays && routes.names_origins();
    drop(routes);
    let origin = if is_told { learn_origin(board, &arrived) } else { Default::default() };
    let is_recorded = chosen.as_ref().is_some_and(|chosen| chosen.rule.is_some());
    let mut permission = is_recorded.then(|| ask_permission(board, &arrived));
    let mut latest = board.inner.recorder.write(Fact::Arrived(arrived));

    let (mut way, mut sitting, rule) = match chosen {
        Some(Chosen { way, sitting, rule }) => (Some(way), Some(sitting), rule),
        None => (None, None, None),
    };
    way.iter_mut().for_each(|way| board.limit_ringing(way));
    let mut outputs = Vec::new();
    let now = board.inner.clock.now();
    let offer = relays.then(|| new.payload.clone());
    let mut call = match refusal {
        Some(code) => Call::turn_away(id, Status::new(code, reason(code)), now, &mut outputs),
        None => Call::arrive(id, way, board.limits(), new.payload, now, &mut outputs),
    };
    let caller = new.caller;
    let mut sound = Sound::new(board, id, offer, rule, origin);
    let mut browsers = Browsers::of(board, id, page);
    async move {
        let board = &live.0;
        let clock = &board.inner.clock;
        // Each of the two is said once: a closed queue and a stop stay as they are.
        let (mut wired, mut told) = (true, false);
        let mut asked: Option<Asked> = None;
        // What has happened without the wire.
        let mut known: Vec<Input> = Vec::new();
        loop {
            for mut output in std::mem::take(&mut outputs) {
                if let Output::Dial { leg, to, .. } | Output::Redial { leg, to, .. } = &output
                    && board.bars(id, *leg, to)
                {
                    known.push(Input::Unreachable { leg: *leg, why: Unreachable::Barred });
                    continue;
                }
                if let Some(sitting) = &mut sitting {
                    take_seats(sitting, &output);
                }
                if let Output::RecordEnded(ended) = &output {
                    board.inner.door.closes(&caller, arrived_at, ended);
                }
                if let (Output::Choose { destination }, Some(sitting)) = (&output, &mut sitting) {
                    known.push(Input::Chosen(board.choose_onward(destination, sitting)));
                    continue;
                }
                if let Some(input) = Box::pin(sound.gives(board, &mut output)).await {
                    known.push(input);
                    continue;
                }
                if output == Output::Done
                    && let Some(written) = Box::pin(sound.ends(board)).await
                {
                    latest = written;
                }
                Box::pin(carry_out::carry_out(board, &mut browsers, id, output, &mut latest)).await;
            }
            for input in known.drain(..) {
                gives_back(&mut sitting, &input);
                call.handle(input, clock.now(), &mut outputs);
            }
            if !outputs.is_empty() {
                continue;
            }
            if call.is_over() {
                break;
            }
            asked = call.is_rated().then(|| asked.take().unwrap_or_else(|| Asked::of(board)));
            if let Some(sitting) = &mut sitting {
                sitting.has_begun();
            }
            let wake_at = [call.wake_at(), sound.wake_at(clock.now())].into_iter().flatten().min();
            // Whether the call may be recorded, when that is heard just now.
            let mut may = None;
            let mut input = tokio::select! {
                input = inputs.recv(), if wired => input.unwrap_or_else(|| {
                    warn!(call.id = %id, "the wire let go of the call");
                    wired = false;
                    Input::Stopped
                }),
                () = clock.until(wake_at) => sound.due(clock.now()).unwrap_or(Input::Woken),
                pressed = sound.pressed(board) => pressed,
                input = browsers.next() => input,
                answer = permitted(&mut permission) => {
                    (permission, may) = (None, Some(answer));
                    Input::Woken
                }
                _ = closing.wait_for(|how| *how == Closing::Stopping), if !told => {
                    told = true;
                    Input::Stopped
                }
                () = hang_up.notified(), if !told => {
                    info!(call.id = %id, "an admin ends the call");
                    told = true;
                    Input::Stopped
                }
            };
            if let Some(may) = may {
                Box::pin(sound.may_be_recorded(board, may)).await;
            }
            let besides = Box::pin(sound.hears(board, &mut input)).await;
            gives_back(&mut sitting, &input);
            // Also who takes the call only some time after they have answered.
            if let Input::Answered { leg, .. } | Input::Said { leg } | Input::Pressed { leg, .. } = &input {
                board.inner.live.answers(id, *leg);
            }
            call.handle(input, clock.now(), &mut outputs);
            known.extend(besides);
        }
    }
}

fn take_seats(sitting: &mut Sitting, output: &Output) {
    match output {
        Output::Dial { leg, to, destination, .. } | Output::Redial { leg, to, destination, .. } => {
            sitting.dials(*leg, destination, to);
        }
        Output::Cancel { leg } | Output::HangUp { leg } => sitting.leaves(*leg),
        Output::RecordEnded(_) => sitting.caller_leaves(),
        _ => {}
    }
}

fn gives_back(sitting: &mut Option<Sitting>, input: &Input) {
    if let (Some(sitting), Input::Refused { leg, .. } | Input::Unreachable { leg, .. }) = (sitting, input) {
        sitting.leaves(*leg);
    }
}
