//! The stream of a live page: what has changed, as long as the session holds.
//!
//! After a change a moment is waited, since several mostly come together and
//! the database hears of a call a moment after the call has come. What other
//! tables say, and whether the session still holds, is asked every few seconds.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::Event;
use futures_util::{Stream, stream};
use tokio::sync::watch;

use super::snapshot::FRESH;
use super::watchers::Present;
use crate::domain::staff::Post;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::extract::Session;
use crate::http::language::Lang;
use crate::switchboard::live::Watcher;

/// After a change; a snapshot that is older than that is none any more.
const SOON: Duration = Duration::from_millis(300);
const EVERY: Duration = Duration::from_secs(5);
/// Whoever finds no place tries again after this.
const LATER: Duration = Duration::from_secs(30);

const _: () = assert!(FRESH.as_millis() < SOON.as_millis(), "a change is in the next snapshot");

pub(super) struct Line {
    app: AppState,
    lang: Lang,
    token: String,
    /// What the reader may and where: with another post they open another page.
    post: Post,
    watcher: Watcher,
    _present: Present,
    /// Tells when somebody comes or goes.
    others: watch::Receiver<u64>,
    /// Each part as it was sent last.
    told: HashMap<&'static str, String>,
    waiting: VecDeque<Event>,
    wake_at: Timestamp,
    is_over: bool,
}

impl Line {
    pub fn open(app: AppState, lang: Lang, (session, token): (Session, String), watcher: Watcher) -> Self {
        let Session { email, post, .. } = session;
        let (present, others) = app.live_page.watchers.enter(email, post.outlet.clone());
        Self {
            wake_at: app.clock.now(),
            _present: present,
            others,
            told: HashMap::new(),
            waiting: VecDeque::new(),
            is_over: false,
            app,
            lang,
            token,
            post,
            watcher,
        }
    }

    pub fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut line| Some((Ok(line.next().await?), line)))
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.is_over {
                return None;
            }
            let clock = self.app.clock.clone();
            tokio::select! {
                // What is due goes first: a change that was there already is looked for once more.
                biased;
                () = clock.until(Some(self.wake_at)) => self.look().await,
                news = self.watcher.next() => {
                    news?;
                    self.soon();
                }
                Ok(()) = self.others.changed() => self.soon(),
            }
        }
    }

    fn soon(&mut self) {
        self.wake_at = self.wake_at.min(self.app.clock.now() + SOON);
    }

    /// Looks at everything, and says what has changed.
    async fn look(&mut self) {
        let now = self.app.clock.now();
        self.wake_at = now + EVERY;
        // A database that is away has signed nobody out.
        let may_watch = match self.app.store.find_session(&self.token, now).await {
            Ok(user) => user.is_some_and(|user| user.post == self.post),
            Err(_) => true,
        };
        if !may_watch {
            self.waiting.push_back(Event::default().event("signed_out").data(""));
            self.is_over = true;
            return;
        }
        let snapshots = &self.app.live_page.snapshots;
        let Ok(parts) = snapshots.take(&self.app, self.lang, &self.post).await else { return };
        for (name, part) in parts.named() {
            if self.told.get(name) != Some(&part) {
                self.waiting.push_back(Event::default().event(name).data(&part));
                self.told.insert(name, part);
            }
        }
    }
}

/// All that is told where as many watch as may.
pub(super) fn full() -> impl Stream<Item = Result<Event, Infallible>> {
    stream::iter([Ok(Event::default().event("full").retry(LATER).data(""))])
}
