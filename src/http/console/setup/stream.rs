//! The stream of the first steps: rendered anew every few seconds, sent when they differ, as long as the session holds.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::Event;
use futures_util::{Stream, stream};

use super::{HERE, event, steps};
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::console::permissions::opens;
use crate::http::language::Lang;

const EVERY: Duration = Duration::from_secs(2);

pub(super) struct Line {
    app: AppState,
    lang: Lang,
    token: String,
    wake_at: Timestamp,
    /// As they were sent last.
    told: String,
    is_over: bool,
}

impl Line {
    pub fn open(app: AppState, lang: Lang, token: String) -> Self {
        Self { wake_at: app.clock.now(), told: String::new(), is_over: false, app, lang, token }
    }

    pub fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut line| Some((Ok(line.next().await?), line)))
    }

    async fn next(&mut self) -> Option<Event> {
        while !self.is_over {
            self.app.clock.until(Some(self.wake_at)).await;
            let now = self.app.clock.now();
            self.wake_at = now + EVERY;
            // A database that is away has signed nobody out.
            let may_watch = match self.app.store.find_session(&self.token, now).await {
                Ok(user) => user.is_some_and(|user| opens(&user.post, HERE)),
                Err(_) => true,
            };
            if !may_watch {
                self.is_over = true;
                return Some(Event::default().event("signed_out").data(""));
            }
            let Ok(steps) = steps(&self.app, self.lang).await else { continue };
            if steps != self.told {
                self.told.clone_from(&steps);
                return Some(event(&steps));
            }
        }
        None
    }
}
