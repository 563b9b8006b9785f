//! The index: where each header line lies in the received bytes, and which
//! known name it carries. Nothing else is read here, and nothing is copied.

use std::borrow::Cow;

use bytes::Bytes;
use memchr::memchr2;

use super::headers::{Malformed, NameAddr, Split, Via};
use super::name::Name;
use super::text::{decimal, is_token_byte, trim, unfold};

/// The greatest start line and headers together.
pub const HEAD_MAX: usize = 64 * 1024;
/// Header lines in one message; a head full of `a:` must not cost megabytes.
pub const LINES_MAX: usize = 1024;
/// What most INVITEs stay below, so that the index grows at most once.
const LINES_USUAL: usize = 24;

/// One header line: its name, and its range with every folded line it has.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) name: Name,
    label_len: u16,
    start: u32,
    value: u32,
    end: u32,
}

/// Start line and header lines of a message.
#[derive(Clone)]
pub(super) struct Head {
    pub(super) bytes: Bytes,
    pub(super) lines: Vec<Line>,
    start_line: (u32, u32),
    /// Where the body begins.
    pub(super) len: usize,
}

/// A header line as it came.
#[derive(Clone, Copy)]
pub struct RawLine<'a> {
    pub name: Name,
    /// The name as it was written.
    pub label: &'a [u8],
    /// The value without white space around it, folds left in.
    pub value: &'a [u8],
    /// The whole line without its last line break.
    pub line: &'a [u8],
}

/// Why a head could not be indexed to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum HeadFault {
    /// No empty line ends the headers.
    Endless,
    BadLine,
    TooManyLines,
    TooLong,
}

impl HeadFault {
    pub(super) fn reason(self) -> &'static str {
        match self {
            HeadFault::Endless => "Missing End Of Headers",
            HeadFault::BadLine => "Malformed Header Line",
            HeadFault::TooManyLines => "Too Many Header Lines",
            HeadFault::TooLong => "Headers Too Long",
        }
    }
}

impl Head {
    /// Indexes as far as can be read. The fault is the first one met; lines
    /// before and after a bad line are kept, so that a 400 can be built.
    ///
    /// Lines end in CRLF. A bare LF is accepted, since its meaning is plain; a
    /// bare CR is not, since others might take it for a line's end and so see
    /// headers that we did not.
    pub(super) fn index(bytes: Bytes) -> (Head, Option<HeadFault>) {
        let mut head =
            Head { lines: Vec::with_capacity(LINES_USUAL), start_line: (0, 0), len: bytes.len(), bytes };
        let fault = head.walk();
        (head, fault)
    }

    fn walk(&mut self) -> Option<HeadFault> {
        let window = self.bytes.len().min(HEAD_MAX);
        let text = &self.bytes[..window];
        let mut fault = None;
        let mut started = false;
        let mut line_start = 0;
        let mut at = 0;
        loop {
            let Some(found) = memchr2(b'\n', b'\r', &text[at..]).map(|offset| at + offset) else {
                let missing = if window < self.bytes.len() { HeadFault::TooLong } else { HeadFault::Endless };
                return Some(fault.unwrap_or(missing));
            };
            let (line_end, next) = match (text[found], text.get(found + 1)) {
                (b'\n', _) => (found, found + 1),
                (_, Some(b'\n')) => (found, found + 2),
                _ => {
                    fault = fault.or(Some(HeadFault::BadLine));
                    at = found + 1;
                    continue;
                }
            };
            if !started {
                (started, self.start_line) = (true, (0, line_end as u32));
            } else if line_end == line_start {
                self.len = next;
                return fault;
            } else if matches!(text[line_start], b' ' | b'\t') {
                match self.lines.last_mut() {
                    Some(last) => last.end = line_end as u32,
                    None => fault = fault.or(Some(HeadFault::BadLine)),
                }
            } else if self.lines.len() == LINES_MAX {
                return Some(fault.unwrap_or(HeadFault::TooManyLines));
            } else {
                match read_line(text, line_start, line_end) {
                    Some(line) => self.lines.push(line),
                    None => fault = fault.or(Some(HeadFault::BadLine)),
                }
            }
            (line_start, at) = (next, next);
        }
    }

    pub(super) fn start_line(&self) -> &[u8] {
        &self.bytes[self.start_line.0 as usize..self.start_line.1 as usize]
    }

    fn raw(&self, line: &Line) -> RawLine<'_> {
        let (start, end) = (line.start as usize, line.end as usize);
        RawLine {
            name: line.name,
            label: &self.bytes[start..start + line.label_len as usize],
            value: self.value(line),
            line: &self.bytes[start..end],
        }
    }

    pub(super) fn value(&self, line: &Line) -> &[u8] {
        trim(&self.bytes[line.value as usize..line.end as usize])
    }

    fn values_of(&self, name: Name) -> impl Iterator<Item = &[u8]> {
        self.lines.iter().filter(move |line| line.name == name).map(|line| self.value(line))
    }

    pub(super) fn raw_lines(&self) -> impl Iterator<Item = RawLine<'_>> {
        self.lines.iter().map(|line| self.raw(line))
    }

    pub(super) fn lines_of(&self, name: Name) -> impl Iterator<Item = RawLine<'_>> {
        self.lines.iter().filter(move |line| line.name == name).map(|line| self.raw(line))
    }

    /// The first line's value as it stood, folds left in.
    pub(super) fn first(&self, name: Name) -> Option<&[u8]> {
        self.values_of(name).next()
    }

    pub(super) fn header(&self, name: Name) -> Option<Cow<'_, [u8]>> {
        self.first(name).map(unfold)
    }

    /// Values over all lines of this name, as they stood.
    pub(super) fn split(&self, name: Name) -> impl Iterator<Item = &[u8]> {
        self.values_of(name).flat_map(move |value| Split::new(value, name.is_list()))
    }

    pub(super) fn top_via(&self) -> Result<Via<'_>, Malformed> {
        self.split(Name::Via).next().and_then(Via::parse).ok_or(Malformed(Name::Via))
    }

    pub(super) fn address(&self, name: Name) -> Result<NameAddr<'_>, Malformed> {
        self.first(name).and_then(NameAddr::parse).ok_or(Malformed(name))
    }

    /// The body's length as the head tells it, `None` where it does not. Two
    /// lines that differ are as malformed as a negative number.
    pub(super) fn content_length(&self) -> Result<Option<usize>, Malformed> {
        let mut told = None;
        for value in self.values_of(Name::ContentLength) {
            let length = decimal(value).and_then(|n| usize::try_from(n).ok());
            match (length, told) {
                (None, _) => return Err(Malformed(Name::ContentLength)),
                (Some(n), Some(before)) if n != before => return Err(Malformed(Name::ContentLength)),
                (Some(n), _) => told = Some(n),
            }
        }
        Ok(told)
    }
}

fn read_line(text: &[u8], start: usize, end: usize) -> Option<Line> {
    let line = &text[start..end];
    let (label, colon) = label_and_colon(line)?;
    Some(Line {
        name: Name::of(label),
        // A line is shorter than `HEAD_MAX`, and its colon is not counted here.
        label_len: label.len() as u16,
        start: start as u32,
        value: (start + colon + 1) as u32,
        end: end as u32,
    })
}

/// The name that opens a header line, a token.
pub(super) fn label(line: &[u8]) -> Option<&[u8]> {
    label_and_colon(line).map(|(label, _)| label)
}

/// White space may stand between the two.
fn label_and_colon(line: &[u8]) -> Option<(&[u8], usize)> {
    let end = line.iter().position(|&b| !is_token_byte(b))?;
    let mut colon = end;
    while let Some(b' ' | b'\t') = line.get(colon) {
        colon += 1;
    }
    (end > 0 && line.get(colon) == Some(&b':')).then(|| (&line[..end], colon))
}
