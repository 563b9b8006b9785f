//! Sender and receiver reports (RFC 3550 §6.4) in a compound packet.

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const BLOCK: usize = 24;

/// What a report says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// The reporter sends, and this is the middle of its clock (NTP, 16.16) as it sent the report.
    Sends { clock: u32 },
    /// How the reporter receives a source.
    Hears(Hears),
}

/// One report block (RFC 3550 §6.4.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hears {
    /// Packets missing since the beginning; those that came twice count against them.
    pub lost: i32,
    /// Interarrival jitter in units of the media clock.
    pub jitter: u32,
    /// The clock of the last sender report that it had; 0: none.
    pub last_report: u32,
    /// How long ago that was, in 1/65,536 s.
    pub since_report: u32,
}

/// Everything that the reports of a compound packet say; what is malformed ends it.
pub fn read(bytes: &[u8]) -> impl Iterator<Item = Said> + '_ {
    packets(bytes).flat_map(|(kind, count, body)| {
        let (clock, blocks) = match kind {
            // SSRC, NTP (8 bytes), RTP timestamp, packets, octets.
            SENDER_REPORT => (word(body, 6), body.get(24..)),
            RECEIVER_REPORT => (None, body.get(4..)),
            _ => (None, None),
        };
        let blocks = blocks.unwrap_or_default().chunks_exact(BLOCK).take(count.into());
        clock.map(|clock| Said::Sends { clock }).into_iter().chain(blocks.filter_map(block).map(Said::Hears))
    })
}

/// The same reports for whoever has another clock: `sent` gives a sender's clock, packets and
/// bytes in the place of a clock, `jitter` that of what the reporter hears.
pub fn rewrite(mut bytes: &mut [u8], sent: impl Fn(u32) -> Option<[u32; 3]>, jitter: impl Fn(u32) -> u32) {
    while let [first, kind, high, low, rest @ ..] = bytes {
        let length = 4 * usize::from(u16::from_be_bytes([*high, *low]));
        if *first >> 6 != 2 || rest.len() < length {
            return;
        }
        let (body, after) = rest.split_at_mut(length);
        let blocks_at = match *kind {
            SENDER_REPORT => 24,
            RECEIVER_REPORT => 4,
            _ => length,
        };
        if *kind == SENDER_REPORT
            && let Some(told) = word(body, 12).and_then(&sent)
        {
            told.into_iter().zip([12, 16, 20]).for_each(|(told, at)| put(body, at, told));
        }
        let blocks = body.get_mut(blocks_at..).unwrap_or_default().chunks_exact_mut(BLOCK);
        for block in blocks.take(usize::from(*first & 0x1f)) {
            if let Some(said) = word(block, 12) {
                put(block, 12, jitter(said));
            }
        }
        bytes = after;
    }
}

/// The packets of a compound one: type, count, and what comes after the first word.
fn packets(mut bytes: &[u8]) -> impl Iterator<Item = (u8, u8, &[u8])> {
    std::iter::from_fn(move || {
        let [first, kind, high, low, rest @ ..] = bytes else { return None };
        let length = 4 * usize::from(u16::from_be_bytes([*high, *low]));
        if first >> 6 != 2 || rest.len() < length {
            return None;
        }
        let (body, after) = rest.split_at(length);
        bytes = after;
        Some((*kind, first & 0x1f, body))
    })
}

fn block(bytes: &[u8]) -> Option<Hears> {
    // The upper 8 bits are the fraction lost of late; the rest has a sign.
    let lost = (word(bytes, 4)? << 8) as i32 >> 8;
    Some(Hears {
        lost,
        jitter: word(bytes, 12)?,
        last_report: word(bytes, 16)?,
        since_report: word(bytes, 20)?,
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn put(bytes: &mut [u8], at: usize, word: u32) {
    if let Some(bytes) = bytes.get_mut(at..at + 4) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    const BLOCK_WORDS: [u32; 6] = [9, 0x10ff_fffe, 70_000, 160, 0x0001_0000, 0x0000_8000];

    #[test]
    fn a_sender_report_with_a_description_behind_it() {
        let head = [0x81c8_000c, 7, 0x1111_2222, 0x3333_4444, 0, 50, 8_000];
        let name = [0x81ca_0002, 7, 0x0100_0000];

        let said: Vec<Said> = read(&words(&[&head[..], &BLOCK_WORDS, &name].concat())).collect();

        let hears = Hears { lost: -2, jitter: 160, last_report: 0x0001_0000, since_report: 0x0000_8000 };
        assert_eq!(said, [Said::Sends { clock: 0x2222_3333 }, Said::Hears(hears)]);
    }

    #[test]
    fn a_receiver_report_of_two_sources() {
        let said = read(&words(&[&[0x82c9_000d, 7][..], &BLOCK_WORDS, &BLOCK_WORDS].concat())).count();

        assert_eq!(said, 2);
    }

    #[test]
    fn a_packet_that_is_cut_off_says_nothing() {
        let whole = words(&[&[0x81c9_0007, 7][..], &BLOCK_WORDS].concat());

        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]).count(), 0, "{end}");
        }
    }

    #[test]
    fn reports_are_put_in_another_clock_and_the_rest_stays() {
        let name = [0x81ca_0002, 7, 0x0100_0000];
        let mut bytes =
            words(&[&[0x81c8_000c, 7, 1, 2, 48_000, 50, 8_000][..], &BLOCK_WORDS, &name].concat());

        rewrite(&mut bytes, |clock| Some([clock / 6, 49, 7_840]), |jitter| jitter * 6);

        let mut block = BLOCK_WORDS;
        block[3] *= 6;
        let expected = [&[0x81c8_000c, 7, 1, 2, 8_000, 49, 7_840][..], &block, &name].concat();
        assert_eq!(bytes, words(&expected));

        let mut bytes = words(&[&[0x81c9_0007, 7][..], &BLOCK_WORDS].concat());
        rewrite(&mut bytes, |_| panic!("nobody sends"), |_| 1);
        block[3] = 1;
        assert_eq!(bytes, words(&[&[0x81c9_0007, 7][..], &block].concat()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_rewritten_to_as_many(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut new = bytes.clone();
            rewrite(&mut new, |clock| Some([clock, 0, 0]), |jitter| jitter);
            prop_assert_eq!(read(&new).count(), read(&bytes).count());
        }

        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(read(&bytes).count() <= 300);
        }
    }
}
