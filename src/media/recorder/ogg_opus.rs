//! Two tracks as Opus in Ogg (RFC 7845), written as they come: whatever there
//! is of the file can be played.
//!
//! Each track is a stream of its own (mapping family 1, nothing coupled), not
//! one half of a stereo pair: of two people who talk in turn a pair would let
//! each be heard faintly on the other's side.

use std::io::{self, Write};

use ogg::writing::{PacketWriteEndInfo, PacketWriter};

use super::super::codec::{Codec, Encoder, FRAME, RATE};

/// Samples of Ogg's clock, 48,000 Hz, in a frame of 20 ms.
const TICKS: u64 = 960;
/// What the encoder is late by, in the same: 6.5 ms.
const PRE_SKIP: u16 = 312;

pub struct OggOpus<W: Write> {
    pages: PacketWriter<'static, W>,
    serial: u32,
    encoders: [Encoder; 2],
    frames: u64,
    /// The last packet: how its page ends is not known yet.
    last: Option<Vec<u8>>,
}

impl<W: Write> OggOpus<W> {
    /// `serial`: any number, another one for each file.
    pub fn begin(file: W, serial: u32) -> io::Result<Self> {
        let mut pages = PacketWriter::new(file);
        // RFC 7845 §5.1: version, channels, pre-skip, rate, gain, family, streams, coupled, mapping.
        let [skip, rate] = [PRE_SKIP.to_le_bytes().to_vec(), RATE.to_le_bytes().to_vec()];
        let head = [b"OpusHead\x01\x02".to_vec(), skip, rate, vec![0, 0, 1, 2, 0, 0, 1]].concat();
        pages.write_packet(head, serial, PacketWriteEndInfo::EndPage, 0)?;
        // §5.2: who wrote it, and no comment.
        let tags = [&b"OpusTags\x06\0\0\0whence"[..], &[0; 4]].concat();
        pages.write_packet(tags, serial, PacketWriteEndInfo::EndPage, 0)?;
        let encoders = [Encoder::new(Codec::Opus), Encoder::new(Codec::Opus)];
        Ok(Self { pages, serial, encoders, frames: 0, last: None })
    }

    /// Adds 20 ms: left, right.
    pub fn frame(&mut self, tracks: [&[i16; FRAME]; 2]) -> io::Result<()> {
        self.write_last(PacketWriteEndInfo::NormalPacket)?;
        let left = delimited(self.encoders[0].encode(tracks[0]));
        let right = self.encoders[1].encode(tracks[1]);
        self.last = Some([left, right].concat());
        self.frames += 1;
        Ok(())
    }

    /// Hands everything so far over.
    pub fn flush(&mut self) -> io::Result<()> {
        self.write_last(PacketWriteEndInfo::EndPage)?;
        self.pages.inner_mut().flush()
    }

    /// Nothing is added any more. The file comes back whatever became of its end: what it has can be
    /// played.
    pub fn finish(mut self) -> (W, io::Result<()>) {
        if self.last.is_none() {
            // Should an encoder have broken down, it is not asked again.
            self.encoders = [Encoder::new(Codec::Opus), Encoder::new(Codec::Opus)];
            let _ = self.frame([&[0; FRAME]; 2]);
        }
        let ended = self.write_last(PacketWriteEndInfo::EndStream);
        (self.pages.into_inner(), ended)
    }

    fn write_last(&mut self, end: PacketWriteEndInfo) -> io::Result<()> {
        let Some(packet) = self.last.take() else { return Ok(()) };
        self.pages.write_packet(packet, self.serial, end, self.frames * TICKS)
    }
}

/// A packet that tells its length, so that another may follow (RFC 6716, appendix B).
/// One of 20 ms holds one frame (code 0), whose length stands behind the first byte (§3.2.1).
fn delimited(packet: Vec<u8>) -> Vec<u8> {
    let [toc, frame @ ..] = packet.as_slice() else { return packet };
    debug_assert_eq!(toc & 3, 0, "one frame a packet");
    let mut whole = vec![*toc];
    match frame.len() {
        length @ ..252 => whole.push(length as u8),
        length => {
            let low = 252 + (length & 3);
            whole.extend([low as u8, ((length - low) / 4) as u8]);
        }
    }
    whole.extend_from_slice(frame);
    whole
}

#[cfg(test)]
mod tests {
    use ogg::PacketReader;
    use proptest::prelude::*;

    use super::super::super::codec::Decoder;
    use super::*;

    fn tone(hz: f64, frame: usize) -> [i16; FRAME] {
        let step = std::f64::consts::TAU * hz / f64::from(RATE);
        std::array::from_fn(|n| (((frame * FRAME + n) as f64 * step).sin() * 8_000.0) as i16)
    }

    /// The two packets in one.
    fn apart(packet: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let (length, head) = match packet[1] {
            short @ ..252 => (usize::from(short), 2),
            low => (usize::from(packet[2]) * 4 + usize::from(low), 3),
        };
        let (left, right) = packet[head..].split_at(length);
        ([&packet[..1], left].concat(), right.to_vec())
    }

    #[test]
    fn each_tone_is_on_its_own_track_and_as_late_as_said() {
        let mut file = OggOpus::begin(Vec::new(), 7).unwrap();
        for frame in 0..100 {
            let right = if frame >= 50 { tone(1_000.0, frame) } else { [0; FRAME] };
            file.frame([&tone(440.0, frame), &right]).unwrap();
            if frame == 49 {
                file.flush().unwrap();
            }
        }
        let (bytes, ended) = file.finish();
        ended.unwrap();

        let mut packets = PacketReader::new(io::Cursor::new(bytes));
        let mut next = || packets.read_packet().unwrap();
        assert!(
            next().unwrap().data.starts_with(b"OpusHead") && next().unwrap().data.starts_with(b"OpusTags")
        );
        let mut decoders = [Decoder::new(Codec::Opus), Decoder::new(Codec::Opus)];
        let mut heard = [vec![], vec![]];
        let mut ends = vec![];
        while let Some(packet) = next() {
            let (left, right) = apart(&packet.data);
            heard[0].extend(decoders[0].decode(&left).unwrap());
            heard[1].extend(decoders[1].decode(&right).unwrap());
            if packet.last_in_page() {
                ends.push((packet.absgp_page(), packet.last_in_stream()));
            }
        }
        assert_eq!(ends, [(50 * TICKS, false), (100 * TICKS, true)]);
        let right = heard[1].iter().position(|sample| sample.unsigned_abs() > 1_000).unwrap();
        let late = right as i64 - 50 * FRAME as i64;
        assert!((i64::from(PRE_SKIP) / 3 - late).abs() < 32, "late by {late}");
        assert!(heard[0][100..].iter().any(|sample| sample.unsigned_abs() > 6_000));
        assert!(
            heard[1][..right - 200].iter().all(|sample| sample.unsigned_abs() < 50),
            "nothing comes across"
        );
    }

    proptest! {
        #[test]
        fn two_packets_in_one_come_apart_again(first in 1_usize..1_276, second in 1_usize..300) {
            let packets = (vec![0x48; first], vec![3; second]);

            let whole = [delimited(packets.0.clone()), packets.1.clone()].concat();

            prop_assert_eq!(apart(&whole), packets);
        }
    }
}
