//! What the relay hands to the recorder: copies of packets, those of a round
//! together, so that queue and wake-up are paid once for all of them.

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::super::codec::Content;
use crate::domain::time::Timestamp;

/// Tapes that may wait for the recorder; while these do, the next one grows …
pub(super) const TAPES: usize = 4;
/// … up to this: some seconds of two hundred recorded calls.
const BYTES_MAX: usize = 16 << 20;

/// Tells one recording from others in what the relay hands over.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Tap(pub(super) u64);

/// Which track a packet belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The caller.
    Left = 0,
    /// Whoever the caller talks to.
    Right = 1,
}

/// One packet as it passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Passed {
    pub tap: Tap,
    pub side: Side,
    pub content: Content,
    pub at: Timestamp,
}

/// Packets of many calls, in their order.
#[derive(Default, Debug)]
pub struct Tape {
    /// Each with where its bytes end.
    packets: Vec<(Passed, usize)>,
    bytes: Vec<u8>,
    /// Recordings of which something had no place.
    overrun: Vec<Tap>,
}

impl Tape {
    pub fn packets(&self) -> impl Iterator<Item = (Passed, &[u8])> {
        let mut begin = 0;
        self.packets.iter().map(move |(passed, end)| {
            let packet = &self.bytes[begin..*end];
            begin = *end;
            (*passed, packet)
        })
    }

    pub fn overrun(&self) -> &[Tap] {
        &self.overrun
    }

    fn add(&mut self, passed: Passed, packet: &[u8]) -> bool {
        let has_place = self.bytes.len() + packet.len() <= BYTES_MAX;
        if has_place {
            self.bytes.extend_from_slice(packet);
            self.packets.push((passed, self.bytes.len()));
        } else {
            self.overrun.push(passed.tap);
        }
        has_place
    }
}

/// The relay's end of the queue.
pub struct Deck {
    tape: Tape,
    queue: mpsc::Sender<Tape>,
}

impl Deck {
    pub(super) fn new(queue: mpsc::Sender<Tape>) -> Self {
        Self { tape: Tape::default(), queue }
    }

    /// Copies a packet; `false`: the recorder is far behind, and this recording is told so. Nobody waits.
    pub fn add(&mut self, passed: Passed, packet: &[u8]) -> bool {
        self.tape.add(passed, packet)
    }

    /// A round is over.
    #[inline]
    pub fn flush(&mut self) {
        if self.tape.packets.is_empty() && self.tape.overrun.is_empty() {
            return;
        }
        self.tape = match self.queue.try_send(std::mem::take(&mut self.tape)) {
            Err(TrySendError::Full(tape)) => tape,
            Ok(()) | Err(TrySendError::Closed(_)) => Tape::default(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(tap: u64) -> Passed {
        Passed { tap: Tap(tap), side: Side::Left, content: Content::Silence, at: Timestamp::from_ms(0) }
    }

    #[test]
    fn while_the_queue_is_full_the_tape_grows_and_what_has_no_place_is_told() {
        let (queue, mut tapes) = mpsc::channel(1);
        let mut deck = Deck::new(queue);
        assert!(deck.add(passed(1), &[1; 3]));
        deck.flush();

        assert!(deck.add(passed(2), &[2; 5]));
        deck.flush();
        assert!(deck.add(passed(1), &vec![3; BYTES_MAX - 5]));
        assert!(!deck.add(passed(7), &[4]));

        let first = tapes.try_recv().unwrap();
        assert_eq!(first.packets().collect::<Vec<_>>(), [(passed(1), &[1; 3][..])]);
        deck.flush();
        let second = tapes.try_recv().unwrap();
        assert_eq!(second.packets().map(|(passed, _)| passed.tap).collect::<Vec<_>>(), [Tap(2), Tap(1)]);
        assert_eq!(second.overrun(), [Tap(7)]);
    }
}
