//! A ladder as a text that people who use ngrep and sngrep know:
//!
//! ```text
//! U 2026/11/24 12:00:00.120000 192.0.2.1:5060 -> 192.0.2.2:5060
//! INVITE sip:…
//! ```

use super::{Ladder, Rung};

impl Ladder {
    /// `U` is a datagram, `T` a message of a stream (of its text, whatever encrypted it).
    pub fn as_text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for rung in &self.rungs {
            let (from, to) = rung.ends();
            let kind = if rung.transport == "UDP" { 'U' } else { 'T' };
            let head = format!("{kind} {} {from} -> {to}\n", moment(rung));
            text.extend_from_slice(head.as_bytes());
            text.extend_from_slice(&rung.message);
            text.extend_from_slice(b"\n\n");
        }
        if self.left_out > 0 {
            text.extend_from_slice(format!("# {} messages were left out\n", self.left_out).as_bytes());
        }
        text
    }
}

/// `2026/11/24 12:00:00.120000`, from `2026-11-24T12:00:00.120Z`.
fn moment(rung: &Rung) -> String {
    let iso = rung.at.to_string();
    iso.replace('-', "/").replace('T', " ").replace('Z', "000")
}

#[cfg(test)]
mod tests {
    use super::super::testing::ladder;

    #[test]
    fn each_message_stands_under_its_time_and_its_ends() {
        let mut told = ladder(&[(1_795_521_600_120, 0, "> OPTIONS"), (1_795_521_600_121, 1, "< BYE")]);
        told.rungs[1].transport = "TLS";
        told.left_out = 2;

        let text = String::from_utf8(told.as_text()).unwrap();

        assert!(
            text.starts_with("U 2026/11/24 12:00:00.120000 192.0.2.1:5060 -> 192.0.2.2:5060\nOPTIONS sip:"),
            "{text}"
        );
        assert!(
            text.contains("\r\n\r\n\n\nT 2026/11/24 12:00:00.121000 192.0.2.2:5060 -> 192.0.2.3:5060\nBYE "),
            "{text}"
        );
        assert!(text.ends_with("# 2 messages were left out\n"), "{text}");
    }
}
