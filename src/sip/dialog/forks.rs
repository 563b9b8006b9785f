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
