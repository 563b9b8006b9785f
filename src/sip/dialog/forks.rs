//! The dialogs that one INVITE of ours begins: a proxy may ring several
//! phones, each of which answers with a To tag of its own (RFC 3261 §12.1.2,
//! §13.2.2.4).
//!
//! The first 2xx wins. When another phone was as fast, its dialog stands
//! too: it must be acknowledged and then ended.

use bytes::Bytes;

use super::dialog::{Dialog, InviteFacts, ResponseFacts};
use super::id::DialogId;
use super::kept_ack::OkHeard;
use crate::sip::transaction::Class;

/// More dialogs than this from one INVITE are somebody's mistake or attack.
pub const FORKS_MAX: usize = 16;

/// What a response to the INVITE means for its dialogs.
pub enum Heard<'a> {
    /// It is about no dialog: 100, a provisional without tag, a refusal.
    Nothing,
    /// A phone rings or plays something.
    Early(&'a mut Dialog),
    /// The first answer: this dialog is the call. It wants its ACK.
    Answered(&'a mut Dialog),
    /// Another phone answered as well: ACK, then BYE.
    AnsweredToo(&'a mut Dialog),
    /// An answer again: send its ACK again, if there is one already.
    Repeated(Option<Bytes>),
}

/// Lives as long as the INVITE's leg: answers may be repeated late.
pub struct Forks {
    invite: SentInvite,
    dialogs: Vec<Dialog>,
    answered: bool,
}

/// What [`InviteFacts`] borrows.
struct SentInvite {
    call_id: Bytes,
    from_uri: Bytes,
    from_tag: Bytes,
    to_uri: Bytes,
    cseq: u32,
    target: Bytes,
    secure: bool,
}

impl Forks {
    /// For an INVITE that was just sent. Again when it is sent anew with
    /// credentials, which makes another INVITE.
    pub fn start(invite: &InviteFacts<'_>) -> Self {
        let copy = Bytes::copy_from_slice;
        let invite = SentInvite {
            call_id: copy(invite.call_id),
            from_uri: copy(invite.from_uri),
            from_tag: copy(invite.from_tag.unwrap_or_default()),
            to_uri: copy(invite.to_uri),
            cseq: invite.cseq,
            target: copy(invite.target),
            secure: invite.secure,
        };
        Self { invite, dialogs: Vec::new(), answered: false }
    }

    /// Takes in a response that the transaction delivered.
    pub fn hear(&mut self, response: &ResponseFacts<'_>) -> Heard<'_> {
        let class = Class::of(response.code);
        if response.cseq != self.invite.cseq {
            // It answers an INVITE that was replaced by this one.
            return Heard::Nothing;
        }
        match (class, response.to_tag) {
            (Class::Failure, _) => return Heard::Nothing,
            // A 100 is the next hop's; a provisional without tag is nobody's.
            (Class::Provisional, None) => return Heard::Nothing,
            (Class::Provisional, Some(_)) if response.code == 100 => return Heard::Nothing,
            (Class::Provisional, Some(_)) | (Class::Success, _) => {}
        }
        let Some(at) = self.find_or_make(response) else {
            return Heard::Nothing;
        };
        let dialog = &mut self.dialogs[at];
        dialog.settle(response);
        if class == Class::Provisional {
            return Heard::Early(dialog);
        }
        match dialog.hear_ok(self.invite.cseq) {
            OkHeard::Repeated(ack) => Heard::Repeated(ack),
            OkHeard::New if std::mem::replace(&mut self.answered, true) => Heard::AnsweredToo(dialog),
            OkHeard::New => Heard::Answered(dialog),
        }
    }

    /// The dialog of this name, to send in it or to hear of it.
    pub fn find(&mut self, id: &DialogId) -> Option<&mut Dialog> {
        self.dialogs.iter_mut().find(|dialog| dialog.id() == id)
    }

    fn find_or_make(&mut self, response: &ResponseFacts<'_>) -> Option<usize> {
        let tag = response.to_tag.unwrap_or_default();
        let known = self.dialogs.iter().position(|dialog| dialog.id().remote_tag() == tag);
        if known.is_some() {
            return known;
        }
        if self.dialogs.len() == FORKS_MAX {
            return None;
        }
        // Nearly every INVITE makes one dialog.
        self.dialogs.reserve_exact(1);
        self.dialogs.push(Dialog::of_sent(&self.invite.facts(), response));
        Some(self.dialogs.len() - 1)
    }
}

impl SentInvite {
    fn facts(&self) -> InviteFacts<'_> {
        InviteFacts {
            call_id: &self.call_id,
            from_uri: &self.from_uri,
            from_tag: Some(&self.from_tag),
            to_uri: &self.to_uri,
            cseq: self.cseq,
            target: &self.target,
            record_route: &[],
            secure: self.secure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::dialog::Stage;

    fn forks() -> Forks {
        Forks::start(&InviteFacts {
            call_id: b"call",
            from_uri: b"sip:caller@a",
            from_tag: Some(b"ours"),
            to_uri: b"sip:line@b",
            cseq: 1,
            target: b"sip:line@b",
            record_route: &[],
            secure: false,
        })
    }

    fn response(code: u16, to_tag: Option<&'static str>) -> ResponseFacts<'static> {
        let to_tag = to_tag.map(str::as_bytes);
        ResponseFacts { code, cseq: 1, to_tag, contact: None, record_route: &[] }
    }

    fn said(heard: Heard<'_>) -> &'static str {
        match heard {
            Heard::Nothing => "nothing",
            Heard::Early(dialog) => {
                assert_eq!(dialog.stage(), Stage::Early);
                "early"
            }
            Heard::Answered(dialog) => {
                assert_eq!(dialog.stage(), Stage::Confirmed);
                "answered"
            }
            Heard::AnsweredToo(dialog) => {
                assert_eq!(dialog.stage(), Stage::Confirmed);
                "answered too"
            }
            Heard::Repeated(None) => "repeated, no ACK yet",
            Heard::Repeated(Some(_)) => "repeated, ACK again",
        }
    }

    /// RFC 3261 §13.2.2.4.
    #[test]
    fn the_first_answer_is_the_call_and_another_is_ended() {
        let mut forks = forks();

        for (code, tag, expected) in [
            (100, None, "nothing"),
            (100, Some("x"), "nothing"),
            (180, None, "nothing"),
            (180, Some("a"), "early"),
            (180, Some("b"), "early"),
            (183, Some("a"), "early"),
            (200, Some("b"), "answered"),
            (200, Some("b"), "repeated, no ACK yet"),
            (200, Some("a"), "answered too"),
            (200, Some("c"), "answered too"),
            (200, Some("a"), "repeated, no ACK yet"),
            (486, Some("d"), "nothing"),
        ] {
            assert_eq!(said(forks.hear(&response(code, tag))), expected, "{code} {tag:?}");
        }
    }

    #[test]
    fn each_fork_gets_its_own_ack_again() {
        let mut forks = forks();
        for (tag, ack) in [("a", "ACK a"), ("b", "ACK b")] {
            let (Heard::Answered(dialog) | Heard::AnsweredToo(dialog)) =
                forks.hear(&response(200, Some(tag)))
            else {
                panic!("an answer");
            };
            dialog.keep_ack(1, ack.into());
        }

        let Heard::Repeated(Some(ack)) = forks.hear(&response(200, Some("a"))) else {
            panic!("a repeated answer");
        };

        assert_eq!(ack, "ACK a");
    }

    #[test]
    fn an_answer_without_tag_makes_a_dialog_with_an_empty_one() {
        let mut forks = forks();

        assert_eq!(said(forks.hear(&response(200, None))), "answered");
        assert_eq!(said(forks.hear(&response(200, None))), "repeated, no ACK yet");

        assert!(forks.find(&DialogId::new(b"call", b"ours", None)).is_some());
    }

    #[test]
    fn a_response_to_another_invite_of_the_leg_is_about_no_dialog() {
        let mut forks = forks();

        assert_eq!(said(forks.hear(&ResponseFacts { cseq: 2, ..response(200, Some("a")) })), "nothing");
    }

    #[test]
    fn a_flood_of_tags_makes_no_more_dialogs_than_the_limit() {
        let mut forks = forks();
        for n in 0..100 {
            let tag = n.to_string();
            forks.hear(&ResponseFacts { to_tag: Some(tag.as_bytes()), ..response(180, None) });
        }

        assert_eq!(forks.dialogs.len(), FORKS_MAX);
        assert_eq!(said(forks.hear(&response(200, Some("3")))), "answered");
    }
}
