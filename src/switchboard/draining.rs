//! The end of a node: what goes on is let to its end, and what was said is written down.

use std::time::Duration;

use tracing::warn;

use super::{Closing, LAST_WORDS, Switchboard};

impl Switchboard {
    /// Refuses new calls, lets current ones go on for `patience` (or until
    /// `hurry` comes), ends those that are left and writes everything down.
    pub async fn drain(&self, patience: Duration, hurry: impl Future<Output = ()>) {
        self.inner.closing.send_replace(Closing::Draining);
        self.inner.sip.drain().await;
        let (mut count, mut asked) = (self.inner.live.counted(), self.inner.asked.subscribe());
        let are_over = async {
            let _ = count.wait_for(|live| *live == 0).await;
            let _ = asked.wait_for(|asked| *asked == 0).await;
        };
        tokio::select! {
            () = are_over => {}
            () = tokio::time::sleep(patience) => {}
            () = hurry => {}
        }
        if self.live_calls() > 0 {
            warn!(calls = self.live_calls(), "ending the calls that are left");
        }
        self.inner.closing.send_replace(Closing::Stopping);
        let _ = tokio::time::timeout(LAST_WORDS, count.wait_for(|live| *live == 0)).await;
        // Some have something left to write down: how their streams went, what they were.
        let mut tasks = self.inner.tasks.subscribe();
        let _ = tokio::time::timeout(LAST_WORDS, tasks.wait_for(|left| *left == 0)).await;
        let mut recordings = self.inner.recordings.subscribe();
        let _ = tokio::time::timeout(LAST_WORDS, recordings.wait_for(|open| *open == 0)).await;
        self.inner.live.close();
        self.inner.recorder.close().await;
        self.inner.sip.settle(LAST_WORDS).await;
    }
}
