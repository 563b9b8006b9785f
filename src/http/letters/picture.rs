//! Pictures for mails, since mail programs show no SVG: bars and squares in a few colours, as PNG.
//!
//! There is no text in them: what they show stands beside them in words, and in their `alt`. They are drawn on
//! white with colours that are told apart on it, since a picture does not know whether it is read in the dark.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use crate::domain::reporting::count::HOURS_OF_WEEK;
use crate::domain::reporting::sums::{Sums, calls};

/// As in the console's light colours; the place is the number of a pixel.
const COLOURS: [[u8; 3]; 10] = [
    [255, 255, 255],
    // Lines.
    [226, 223, 215],
    // Answered, missed, before.
    [11, 93, 102],
    [176, 66, 11],
    [91, 100, 108],
    // Squares of the week, the more calls the darker.
    [230, 240, 240],
    [180, 210, 213],
    [122, 176, 181],
    [66, 136, 143],
    [11, 93, 102],
];
const LINE: u8 = 1;
const ANSWERED: u8 = 2;
const MISSED: u8 = 3;
const BEFORE: u8 = 4;
const WEEK: u8 = 5;

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![0; width * height] }
    }

    fn fill(&mut self, (x, y): (usize, usize), (width, height): (usize, usize), colour: u8) {
        let right = (x + width).min(self.width);
        for row in y..(y + height).min(self.height) {
            self.pixels[row * self.width + x.min(right)..row * self.width + right].fill(colour);
        }
    }

    /// As a PNG file (W3C, Portable Network Graphics): four chunks, of which one is the pixels, packed.
    fn png(&self) -> Vec<u8> {
        let mut head = Vec::new();
        head.extend((self.width as u32).to_be_bytes());
        head.extend((self.height as u32).to_be_bytes());
        // Eight bits a pixel, each the place of a colour; the one packing and filtering there is, no interlacing.
        head.extend([8, 3, 0, 0, 0]);
        let mut rows = ZlibEncoder::new(Vec::new(), Compression::default());
        for row in self.pixels.chunks(self.width.max(1)) {
            // It begins with how it is filtered: not at all.
            let written = rows.write_all(&[0]).and_then(|()| rows.write_all(row));
            written.expect("memory takes what is written");
        }
        let rows = rows.finish().expect("memory takes what is written");
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        for (name, content) in
            [(b"IHDR", &head[..]), (b"PLTE", COLOURS.as_flattened()), (b"IDAT", &rows), (b"IEND", &[])]
        {
            let mut crc = Crc::new();
            crc.update(name);
            crc.update(content);
            file.extend((content.len() as u32).to_be_bytes());
            file.extend(name);
            file.extend(content);
            file.extend(crc.sum().to_be_bytes());
        }
        file
    }
}

/// The calls by the time, those that nobody took above; dashes tell what was before. Twice as large as it is shown.
pub fn course(bars: &[Sums], before: &[Sums]) -> Vec<u8> {
    const WIDTH: usize = 1_200;
    const HEIGHT: usize = 300;
    let mut canvas = Canvas::new(WIDTH, HEIGHT + 2);
    canvas.fill((0, HEIGHT), (WIDTH, 2), LINE);
    canvas.fill((0, HEIGHT / 2), (WIDTH, 1), LINE);
    let most = bars.iter().chain(before).map(|it| it.calls).max().unwrap_or_default().max(1);
    let high = |millionths: u64| (millionths as f64 / most as f64 * HEIGHT as f64).round() as usize;
    let many = bars.len().max(1);
    for (nth, sums) in bars.iter().enumerate() {
        let (left, right) = (nth * WIDTH / many, (nth + 1) * WIDTH / many);
        let (gap, wide) = ((right - left) / 10, right - left);
        let (all, missed) = (high(sums.calls), high(sums.missed));
        let width = (wide - 2 * gap).max(1);
        canvas.fill((left + gap, HEIGHT - all), (width, all), ANSWERED);
        canvas.fill((left + gap, HEIGHT - all), (width, missed.min(all)), MISSED);
        if let Some(was) = before.get(nth) {
            canvas.fill((left, (HEIGHT - high(was.calls)).saturating_sub(2)), (wide, 4), BEFORE);
        }
    }
    canvas.png()
}

/// The calls by the hour of the week: a row for each day from Monday on, a square for each hour.
pub fn week(hours: &[Sums]) -> Vec<u8> {
    const SQUARE: usize = 48;
    const HOURS: usize = HOURS_OF_WEEK / 7;
    let mut canvas = Canvas::new(SQUARE * HOURS, SQUARE * 7);
    let most = hours.iter().map(|it| calls(it.calls)).fold(0.0, f64::max);
    for (nth, sums) in hours.iter().enumerate() {
        let share = if most > 0.0 { calls(sums.calls) / most } else { 0.0 };
        let dark = (share * 4.0).ceil() as u8;
        let place = (nth % HOURS * SQUARE + 2, nth / HOURS * SQUARE + 2);
        canvas.fill(place, (SQUARE - 4, SQUARE - 4), WEEK + dark);
    }
    canvas.png()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::domain::reporting::facts::WHOLE;

    fn sums(answered: u64, missed: u64) -> Sums {
        let whole = u64::from(WHOLE);
        let (answered, missed) = (answered * whole, missed * whole);
        Sums { calls: answered + missed, answered, missed, ..Sums::default() }
    }

    /// Its pixels as numbers of colours, and how wide it is.
    fn read(file: &[u8]) -> (Vec<u8>, usize) {
        let (signature, mut rest) = file.split_at(8);
        assert_eq!(signature, b"\x89PNG\r\n\x1a\n");
        let (mut wide, mut pixels) = (0, vec![]);
        let word = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap());
        while !rest.is_empty() {
            let long = word(rest) as usize;
            let (name, content) = (&rest[4..8], &rest[8..8 + long]);
            let mut crc = Crc::new();
            crc.update(&rest[4..8 + long]);
            assert_eq!(crc.sum(), word(&rest[8 + long..]));
            match name {
                b"IHDR" => wide = word(content) as usize,
                b"IDAT" => {
                    let mut rows = vec![];
                    flate2::read::ZlibDecoder::new(content).read_to_end(&mut rows).unwrap();
                    pixels = rows.chunks(wide + 1).flat_map(|row| &row[1..]).copied().collect();
                }
                _ => {}
            }
            rest = &rest[12 + long..];
        }
        (pixels, wide)
    }

    #[test]
    fn a_bar_is_as_high_as_its_calls_with_the_missed_ones_above() {
        let (pixels, wide) = read(&course(&[sums(3, 1), sums(0, 0), sums(1, 0)], &[]));

        let column = |x: usize| {
            let colours = pixels.iter().skip(x).step_by(wide);
            [MISSED, ANSWERED].map(|colour| colours.clone().filter(|it| **it == colour).count())
        };
        assert_eq!((column(200), column(600), column(1_000)), ([75, 225], [0, 0], [0, 75]));
    }

    #[test]
    fn squares_are_the_darker_the_more_calls_there_are_and_nothing_is_drawn_of_nothing() {
        let mut hours = vec![Sums::default(); HOURS_OF_WEEK];
        hours[24] = sums(8, 0);
        hours[25] = sums(1, 0);
        let (pixels, wide) = read(&week(&hours));

        let square = |day: usize, hour: usize| pixels[(day * 48 + 24) * wide + hour * 48 + 24];
        assert_eq!((square(0, 0), square(1, 0), square(1, 1)), (WEEK, WEEK + 4, WEEK + 1));
        assert_eq!((read(&course(&[], &[])).1, read(&week(&[])).1), (1_200, 1_152));
    }
}
