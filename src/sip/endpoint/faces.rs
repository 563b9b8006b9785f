//! The dialogs that a caller sees of us.
//!
//! A caller has made one offer and may be given one answer in each dialog
//! (RFC 3261 §13.2.1), but what answers it may change while it rings: a line
//! that plays an announcement gives up and the next one rings; behind one line
//! several phones are rung, and another answers than the one that was heard. So
//! a line's session has a *face* of its own, an early dialog with a To tag of
//! its own, just as a forking proxy would show it. Callers know that since
//! RFC 3261, and a strict one ignores a second session in the dialog of the
//! first, so that the two would not hear each other.
//!
//! As long as nothing has spoken, all lines share the first face: most calls
//! have one tag from ringing to the end.

use bytes::Bytes;

use super::leg::Inbound;
use crate::call::leg::LegId;
use crate::sip::dialog::Dialog;
use crate::sip::dialog::reliable::Provisionals;
use crate::sip::message::Message;
use crate::sip::translate::from_wire;

/// A call that shows more faces than this keeps its last one.
pub(super) const FACES_MAX: usize = 16;

/// An attempt, and the tag of the phone behind it that speaks.
pub(super) type Source = (LegId, Bytes);

pub(super) struct Face {
    pub dialog: Dialog,
    /// Whose session it shows.
    pub of: Option<Source>,
    /// That session as the caller was given it last.
    pub session: Bytes,
    pub provisionals: Provisionals,
}

pub(super) struct Faces {
    all: Vec<Face>,
    /// The one that was shown last.
    shown: usize,
}

impl Face {
    /// The dialog that this INVITE begins, with this tag of ours.
    pub fn new(invite: &Message, tag: &[u8], seed: u32) -> Option<Self> {
        let target = from_wire::target(invite)?;
        let routes = from_wire::record_routes(invite);
        let routes: Vec<&[u8]> = routes.iter().map(AsRef::as_ref).collect();
        Some(Self {
            dialog: Dialog::of_received(&from_wire::invite_facts(invite, target, &routes), tag),
            of: None,
            session: Bytes::new(),
            provisionals: Provisionals::start(seed),
        })
    }

    pub fn tag(&self) -> &Bytes {
        self.dialog.id().local_tag()
    }
}

impl Faces {
    pub fn start(first: Face) -> Self {
        Self { all: vec![first], shown: 0 }
    }

    pub fn shown(&mut self) -> &mut Face {
        &mut self.all[self.shown]
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Face> {
        self.all.iter_mut()
    }

    pub fn tags(&self) -> impl Iterator<Item = &Bytes> {
        self.all.iter().map(Face::tag)
    }

    /// Whether the dialog of this tag is the one that was shown last.
    pub fn is_shown(&self, tag: &[u8]) -> bool {
        self.all[self.shown].tag() == tag
    }

    /// The dialog that a request of the caller names.
    pub fn of_request(&mut self, request: &Message) -> Option<&mut Face> {
        let (ours, theirs) = (request.to().tag()?, request.from().tag().unwrap_or_default());
        self.all.iter_mut().find(|face| {
            let id = face.dialog.id();
            id.local_tag() == ours && id.remote_tag() == theirs && id.call_id() == request.call_id()
        })
    }

    /// Shows this source, if a face is its own or nobody's yet.
    pub fn show(&mut self, of: &Source, has_session: bool) -> bool {
        let own = self.all.iter().position(|face| face.of.as_ref() == Some(of));
        let Some(at) = own.or_else(|| self.all.iter().position(|face| face.of.is_none())) else {
            return false;
        };
        self.shown = at;
        if has_session {
            self.all[at].of = Some(of.clone());
        }
        true
    }

    pub fn is_full(&self) -> bool {
        self.all.len() >= FACES_MAX
    }

    pub fn show_new(&mut self, face: Face) {
        self.all.push(face);
        self.shown = self.all.len() - 1;
    }

    /// The call is answered: the face that is shown stays. Gives the tags of the others.
    pub fn settle(&mut self) -> Vec<Bytes> {
        let stays = self.all.swap_remove(self.shown);
        let gone = self.all.drain(..).map(|face| face.tag().clone()).collect();
        self.all.push(stays);
        self.shown = 0;
        gone
    }

    /// No provisional response is repeated any more.
    pub fn stop_provisionals(&mut self) {
        for face in &mut self.all {
            face.provisionals.stop();
        }
    }
}

/// What the caller's INVITE says of reliable provisional responses (RFC 3262 §3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reliable {
    /// It does not know them.
    No,
    /// It knows them: what it must not miss is sent so.
    Known,
    /// It takes no others.
    Required,
}

impl Inbound {
    /// Whether a provisional response is sent reliably. A mere 180 that the
    /// line did not make reliable either is not worth a round trip.
    pub fn is_reliable(&self, has_session: bool, by_line: bool) -> bool {
        match self.reliable {
            Reliable::No => false,
            Reliable::Known => has_session || by_line,
            Reliable::Required => true,
        }
    }
}
