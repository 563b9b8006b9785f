//! Relayed calls: PCMU of 20 ms both ways through the shipped binary, also with
//! keys (SDES) on one side and on both, and through rtpengine in userspace where
//! it is installed. Tells the relay's CPU for each packet, what is lost, and how
//! long packets are under way.
//!
//! ```text
//!   nice -n -15 taskset -c 1 cargo bench --bench relayed -- 100 400 700
//! ```
//!
//! The relay sits on core 0, the telephones on core 1; on a machine that is busy
//! otherwise, root lets both go first, as above. The first lines are of
//! packets that go straight from one side to the other: what the telephones
//! themselves add.

mod telephones;

use std::time::Duration;

use telephones::rtpengine::Rtpengine;
use telephones::signalling::Whence;
use telephones::{Directly, Put, Telephones};

/// How long each round is measured.
const MEASURED: Duration = Duration::from_secs(20);

fn main() {
    let rounds: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let rounds = if rounds.is_empty() { vec![100, 700] } else { rounds };
    for calls in rounds {
        play("directly", &mut Directly, [false; 2], calls);
        for (name, sealed) in
            [("whence", [false; 2]), ("one sealed", [true, false]), ("both sealed", [true; 2])]
        {
            play(name, &mut Whence::start(sealed), sealed, calls);
        }
        match Rtpengine::start() {
            Some(mut rtpengine) => play("rtpengine", &mut rtpengine, [false; 2], calls),
            None => println!("rtpengine is not installed"),
        }
    }
}

/// `sealed`: whether callers have keys, and lines.
fn play(name: &str, through: &mut impl Put, sealed: [bool; 2], calls: usize) {
    let mut telephones = Telephones::open(sealed);
    telephones.connect(through, calls);
    println!("{name:<12}{}", telephones.talk(through, MEASURED));
}
