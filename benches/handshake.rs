//! Keys by a handshake (DTLS-SRTP): what one costs the thread that relays, in
//! all and in its greatest step, which the packets of all calls wait for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use whence::domain::time::Timestamp;
use whence::media::dtls::{Handshake, Identity};

const HANDSHAKES: usize = 300;
/// Who has begun, and who waits.
const ENDS: [&str; 2] = ["begins", "waits"];

fn main() {
    let identities = [(); 2].map(|()| Arc::new(Identity::new().expect("an identity")));
    let mut steps = [Vec::new(), Vec::new()];
    for _ in 0..HANDSHAKES {
        let [began, waited] = shake(&identities);
        steps[0].push(began);
        steps[1].push(waited);
    }
    for (end, steps) in ENDS.iter().zip(steps) {
        // Others are at work on this machine: half of the handshakes took no longer.
        let median = |of: fn(&Vec<Duration>) -> Duration| {
            let mut all: Vec<_> = steps.iter().map(of).collect();
            all.sort_unstable();
            all[all.len() / 2].as_micros()
        };
        let whole = median(|steps| steps.iter().sum());
        let greatest = median(|steps| steps.iter().copied().max().unwrap_or_default());
        println!("who {end:<7}{whole:>6} µs in all, {greatest:>5} µs in the greatest step");
    }
}

/// How long each end took for each of its steps.
#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn shake(identities: &[Arc<Identity>; 2]) -> [Vec<Duration>; 2] {
    let now = Timestamp::from_ms(1_700_000_000_000);
    let theirs = |end: usize| identities[1 - end].fingerprint.clone();
    let mut ends = [0, 1].map(|end| Handshake::new(&identities[end], theirs(end), end == 0, now));
    let (mut steps, mut under_way) = ([vec![], vec![]], [vec![], vec![]]);
    let (mut keys, mut to, mut datagram) = (0, 0, None::<Vec<u8>>);
    loop {
        let mut out = Vec::new();
        let begun = Instant::now();
        let taken = match &datagram {
            Some(datagram) => ends[to].hears(datagram, now, &mut |bytes| out.push(bytes.to_vec())),
            None => ends[to].wakes(now, &mut |bytes| out.push(bytes.to_vec())),
        };
        steps[to].push(begun.elapsed());
        keys += usize::from(taken.expect("they know each other").is_some());
        under_way[1 - to].extend(out);
        if keys == 2 {
            return steps;
        }
        to = usize::from(under_way[0].is_empty());
        datagram = Some(under_way[to].remove(0));
    }
}
