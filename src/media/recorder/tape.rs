//! What the relay hands to the recorder: copies of packets, those of a round
//! together, so that queue and wake-up are paid once for all of them.
//!
//! What was heard is handed over when its round is over, however far behind the
//! recorder is: one that was held up by a disk finds all of it before it writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::super::codec::Content;
use crate::domain::time::Timestamp;

/// What may wait for the recorder: some seconds of two hundred recorded calls.
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
}

/// A queue between the two.
pub(super) fn tapes() -> (Deck, Tapes) {
    let (queue, tapes) = mpsc::unbounded_channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let deck = Deck { tape: Tape::default(), queue, waiting: Arc::clone(&waiting) };
    (deck, Tapes { queue: tapes, waiting })
}

/// The relay's end.
pub struct Deck {
    tape: Tape,
    queue: mpsc::UnboundedSender<Tape>,
    /// The bytes of the tapes in the queue.
    waiting: Arc<AtomicUsize>,
}

impl Deck {
    /// Copies a packet; `false`: the recorder is far behind, and this recording is told so. Nobody waits.
    pub fn add(&mut self, passed: Passed, packet: &[u8]) -> bool {
        let bytes = self.waiting.load(Ordering::Relaxed) + self.tape.bytes.len() + packet.len();
        let has_place = bytes <= BYTES_MAX;
        if has_place {
            self.tape.bytes.extend_from_slice(packet);
            self.tape.packets.push((passed, self.tape.bytes.len()));
        } else {
            self.tape.overrun.push(passed.tap);
        }
        has_place
    }

    /// A round is over.
    #[inline]
    pub fn flush(&mut self) {
        if self.tape.packets.is_empty() && self.tape.overrun.is_empty() {
            return;
        }
        let tape = std::mem::take(&mut self.tape);
        self.waiting.fetch_add(tape.bytes.len(), Ordering::Relaxed);
        // Without a recorder nobody is recorded.
        let _ = self.queue.send(tape);
    }
}

/// The recorder's end.
pub(super) struct Tapes {
    queue: mpsc::UnboundedReceiver<Tape>,
    waiting: Arc<AtomicUsize>,
}

impl Tapes {
    /// The next tape; `None`: there is no relay any more.
    pub async fn next(&mut self) -> Option<Tape> {
        let tape = self.queue.recv().await?;
        Some(self.taken(tape))
    }

    /// The next one that waits already.
    pub fn waiting(&mut self) -> Option<Tape> {
        let tape = self.queue.try_recv().ok()?;
        Some(self.taken(tape))
    }

    fn taken(&self, tape: Tape) -> Tape {
        self.waiting.fetch_sub(tape.bytes.len(), Ordering::Relaxed);
        tape
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(tap: u64) -> Passed {
        Passed { tap: Tap(tap), side: Side::Left, content: Content::Silence, at: Timestamp::from_ms(0) }
    }

    fn taps(tape: &Tape) -> Vec<Tap> {
        tape.packets().map(|(passed, _)| passed.tap).collect()
    }

    #[test]
    fn each_round_is_handed_over_and_what_has_no_place_is_told() {
        let (mut deck, mut tapes) = tapes();
        assert!(deck.add(passed(1), &[1; 3]));
        deck.flush();
        assert!(deck.add(passed(2), &[2; 5]));
        assert!(deck.add(passed(1), &vec![3; BYTES_MAX - 8]));
        assert!(!deck.add(passed(7), &[4]));
        deck.flush();

        let first = tapes.waiting().unwrap();
        assert_eq!(first.packets().collect::<Vec<_>>(), [(passed(1), &[1; 3][..])]);
        let second = tapes.waiting().unwrap();
        assert_eq!((taps(&second), second.overrun()), (vec![Tap(2), Tap(1)], &[Tap(7)][..]));

        assert!(deck.add(passed(8), &[5]), "there is room again");
        deck.flush();
        assert_eq!(taps(&tapes.waiting().unwrap()), [Tap(8)]);
        assert!(tapes.waiting().is_none());
    }
}
