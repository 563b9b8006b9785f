//! Whether a call may be recorded: the consent ledger is asked while it rings.
//!
//! The call waits for no answer. One that comes after the line's begins the
//! recording then; where none comes, since the ledger cannot be asked, nobody
//! knows whether the caller has said no, and nothing is kept.

use std::future::pending;

use tokio::sync::oneshot;
use tracing::{info, warn};

use super::Sound;
use crate::domain::calling::record::Arrived;
use crate::switchboard::Switchboard;
use crate::switchboard::recordings::{self, Kept};

/// What the ledger says, once; it is dropped where the ledger cannot be asked.
pub(in crate::switchboard) type Permission = oneshot::Receiver<bool>;

/// Asks the ledger whether who calls may be recorded.
pub(in crate::switchboard) fn ask_permission(board: &Switchboard, arrived: &Arrived) -> Permission {
    let (told, permission) = oneshot::channel();
    let (arrived, ledger) = (arrived.clone(), board.inner.recorder.ledger());
    tokio::spawn(async move {
        match ledger.may_record(&arrived).await {
            Ok(may) => told.send(may).unwrap_or_default(),
            Err(failure) => warn!(call.id = %arrived.call, error = &failure as &dyn std::error::Error,
                                  "the ledger cannot be asked whether the caller has said no"),
        }
    });
    permission
}

/// The answer; never, where nobody has asked or it has been heard.
pub(in crate::switchboard) async fn permitted(permission: &mut Option<Permission>) -> bool {
    match permission {
        Some(answer) => answer.await.unwrap_or(false),
        None => pending().await,
    }
}

impl Sound {
    /// The ledger has answered.
    pub async fn may_be_recorded(&mut self, board: &Switchboard, may: bool) {
        if !may {
            info!(call.id = %self.call, "the call will not be recorded");
            self.rule = None;
        }
        self.is_permitted = may;
        self.records(board).await;
    }

    /// Begins the recording, once it is both wanted and permitted.
    pub(super) async fn records(&mut self, board: &Switchboard) {
        if !(self.is_wanted && self.is_permitted) {
            return;
        }
        let (Some(rule), Some(relay)) = (self.rule.take(), &mut self.relay) else { return };
        let now = board.inner.clock.now();
        let kept = Kept {
            purpose: &rule.purpose,
            format: rule.format,
            keep_until: rule.keep_until(now),
            is_message: false,
        };
        self.recording = Some(recordings::begin(board, self.call, relay, kept, now).await);
        self.is_steered(rule.pause_key.clone()).await;
    }
}
