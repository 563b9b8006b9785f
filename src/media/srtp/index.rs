//! Which packet of its source a packet is: the number of its header with the
//! times that has begun anew (RFC 3711 §3.3.1), and whether it was seen (§3.3.2).

use super::Refused;

/// More sources than one call has in its life.
const SOURCES_MAX: usize = 256;
/// A packet may be late by fewer than this.
const WINDOW: u64 = 128;

/// What was seen of each source, the one that was seen last at the front.
#[derive(Default)]
pub struct Sources(Vec<Source>);

struct Source {
    ssrc: u32,
    highest: u64,
    /// The highest is bit 0, those before it follow.
    seen: u128,
}

impl Sources {
    /// The index of a packet that was not seen before.
    pub fn fresh(&self, ssrc: u32, sequence: u16) -> Result<u64, Refused> {
        let Some(source) = self.find(ssrc) else { return Ok(u64::from(sequence)) };
        let ahead = i64::from(sequence.wrapping_sub(source.highest as u16) as i16);
        let index = source.highest.checked_add_signed(ahead).ok_or(Refused::Replayed)?;
        self.is_new(ssrc, index).map(|()| index)
    }

    pub fn is_new(&self, ssrc: u32, index: u64) -> Result<(), Refused> {
        let Some(source) = self.find(ssrc) else { return Ok(()) };
        let is_new = match source.highest.checked_sub(index) {
            None => true,
            Some(behind) => behind < WINDOW && source.seen >> behind & 1 == 0,
        };
        if is_new { Ok(()) } else { Err(Refused::Replayed) }
    }

    /// It was seen, and is authentic.
    pub fn saw(&mut self, ssrc: u32, index: u64) -> Result<(), Refused> {
        let Some(at) = self.0.iter().position(|source| source.ssrc == ssrc) else {
            if self.0.len() == SOURCES_MAX {
                return Err(Refused::Replayed);
            }
            self.0.insert(0, Source { ssrc, highest: index, seen: 1 });
            return Ok(());
        };
        self.0[..=at].rotate_right(1);
        let source = &mut self.0[0];
        match index.checked_sub(source.highest) {
            Some(ahead) => {
                source.seen = source.seen.checked_shl(ahead.min(WINDOW) as u32).unwrap_or_default() | 1;
                source.highest = index;
            }
            None => source.seen |= 1 << (source.highest - index).min(WINDOW - 1),
        }
        Ok(())
    }

    fn find(&self, ssrc: u32) -> Option<&Source> {
        self.0.iter().find(|source| source.ssrc == ssrc)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn takes(sources: &mut Sources, sequence: u16) -> Result<u64, Refused> {
        let index = sources.fresh(7, sequence)?;
        sources.saw(7, index).map(|()| index)
    }

    #[test]
    fn numbers_begin_anew_and_each_packet_is_taken_once() {
        let mut sources = Sources::default();
        for (sequence, index) in [
            (65_534, Ok(65_534)),
            (0, Ok(65_536)),
            (65_535, Ok(65_535)),
            (65_535, Err(Refused::Replayed)),
            (0, Err(Refused::Replayed)),
            (200, Ok(65_736)),
            (65_533, Err(Refused::Replayed)),
            (33_000, Err(Refused::Replayed)),
            (32_900, Ok(98_436)),
        ] {
            assert_eq!(takes(&mut sources, sequence), index, "{sequence}");
        }
    }

    #[test]
    fn a_number_before_the_first_of_all_is_none() {
        let mut sources = Sources::default();
        takes(&mut sources, 3).unwrap();

        assert_eq!(takes(&mut sources, 65_535), Err(Refused::Replayed));
    }

    #[test]
    fn there_are_only_so_many_sources() {
        let mut sources = Sources::default();
        for ssrc in 0..SOURCES_MAX as u32 {
            sources.saw(ssrc, 1).unwrap();
        }

        assert_eq!(sources.saw(1_000, 1), Err(Refused::Replayed));
        assert_eq!(sources.saw(0, 2), Ok(()));
    }

    proptest! {
        /// However packets are shuffled within the window: each is taken once, by its own index.
        #[test]
        fn each_is_taken_once(first in any::<u16>(), swaps in proptest::collection::vec((0_usize..400, 0_usize..60), 0..80)) {
            let mut order: Vec<u64> = (0..400).map(|n| u64::from(first) + n).collect();
            for (at, by) in swaps {
                let other = (at + by).min(order.len() - 1);
                if at >= 1 { order.swap(at, other) }
            }
            let mut sources = Sources::default();
            let mut taken = std::collections::HashSet::new();
            for index in order.iter().chain(&order) {
                if let Ok(found) = takes(&mut sources, *index as u16) {
                    prop_assert_eq!(found, *index);
                    prop_assert!(taken.insert(found));
                }
            }
        }
    }
}
