//! The legs of a call that are browsers: its caller's, who calls from a page, and
//! lines that are consoles. All others are on the wire.

use super::Switchboard;
use super::consoles::ConsoleLegs;
use super::page::PageLeg;
use crate::call::input::Input;
use crate::call::output::Output;
use crate::domain::ids::CallId;

pub(super) struct Browsers {
    page: Option<PageLeg>,
    consoles: ConsoleLegs,
}

impl Browsers {
    pub fn of(board: &Switchboard, call: CallId, page: Option<PageLeg>) -> Self {
        Self { page, consoles: ConsoleLegs::of(call, board.inner.consoles.clone()) }
    }

    /// Carries out what is for a browser; gives back what is for the wire.
    pub fn carry_out(&mut self, board: &Switchboard, output: Output) -> Option<Output> {
        let output = self.consoles.carry_out(&board.inner.live, output)?;
        match &self.page {
            Some(page) => page.carry_out(output),
            None => Some(output),
        }
    }

    /// What happens to a line next; what a page does comes as if it were on the wire.
    pub async fn next(&mut self) -> Input {
        self.consoles.next().await
    }
}
