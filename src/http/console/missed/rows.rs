//! A caller whom nobody answered, as a row of the page.

use super::super::names::Names;
use super::super::parts::{self, Badge, Moment};
use crate::domain::calling::missed::Fate;
use crate::domain::ids::{CallId, ContactId, DestinationId};
use crate::domain::people::rules::{Decision, Why};
use crate::domain::people::scenario::Task;
use crate::flows::Missed;
use crate::http::AppState;
use crate::http::calls_asked::Reader;
use crate::http::language::{Certainty, Lang};
use crate::store::reports::missed::MissedCaller;

pub(super) struct RowView {
    /// `None`: the reader is not told who people are, and sees the number alone.
    pub contact: Option<ContactId>,
    pub call: CallId,
    pub name: String,
    /// What tells them from others of the name.
    pub known_by: String,
    pub badge: Badge,
    pub at: Moment,
    pub times: Option<String>,
    pub channel: Option<&'static str>,
    pub source: String,
    /// Said when the origin is not as good as certain.
    pub doubt: Option<String>,
    pub destination: String,
    /// What is at stake, and by what it was estimated where not by the channel; `None`: not known.
    pub stake: Option<(String, &'static str)>,
    /// The word of the API for what became of them, and in words after how long.
    pub fate: &'static str,
    pub after: String,
    /// Of whoever waits.
    pub may: Option<May>,
    /// A task for it: what is to be done, and where it stands.
    pub task: Option<(String, String)>,
}

/// Whether they may be called now.
pub(super) struct May {
    pub allowed: bool,
    pub next: Option<Moment>,
    /// Until when a call back is no soliciting, where that allows it; else what decides.
    pub until: Option<Moment>,
    pub why: String,
    /// The link that dials, where they may be called and their number is known.
    pub dial: Option<String>,
}

impl RowView {
    pub fn of(
        lang: Lang,
        app: &AppState,
        caller: MissedCaller,
        missed: &Missed,
        (names, place): (Option<&Names>, &impl Fn(&DestinationId) -> String),
        reader: &Reader,
    ) -> Self {
        let (name, known_by) = match (names, &caller.caller) {
            (Some(names), _) => names.called(caller.contact),
            (None, None) => (lang.phone().from_page.to_owned(), String::new()),
            (None, number) => (parts::caller(lang, number.as_ref(), app.config.home), String::new()),
        };
        let best = caller.best.as_ref();
        let doubt = best.filter(|share| Certainty::of(share.probability) != Certainty::Certain);
        let stake = missed.stakes.of(best.map(|share| share.source.channel)).filter(|_| reader.sees_worth);
        let until = caller.settled_at.unwrap_or_else(|| app.clock.now());
        let dial = caller.caller.as_ref().map(|number| format!("tel:{}", number.reveal()));
        Self {
            // Of two that are the same one is enough.
            known_by: if known_by == name { String::new() } else { known_by },
            name,
            badge: Badge::new(lang, Some(caller.outcome)),
            at: Moment::day_and_time(lang, caller.at),
            times: lang.missed_times(caller.times),
            channel: best.map(|share| parts::origin(lang, share)),
            source: best.map(parts::origin_detail).unwrap_or_default(),
            doubt: doubt.map(|share| lang.percent(share.probability)),
            destination: caller.destination.as_ref().map(place).unwrap_or_default(),
            stake: stake.map(|it| {
                let by = if it.of_channel { "" } else { lang.missed_texts().by_all_channels };
                (lang.money(it.value), by)
            }),
            fate: Fate::as_str(caller.fate),
            after: lang.fate_after(caller.fate, until.since(caller.at)),
            may: missed.may.get(&caller.contact).map(|decision| may(lang, decision, dial, reader)),
            task: missed
                .tasks
                .get(&caller.contact)
                .filter(|_| reader.sees_people)
                .map(|task| tasked(lang, task)),
            contact: Some(caller.contact).filter(|_| reader.sees_people),
            call: caller.call,
        }
    }
}

/// Why not is of the person, and told to whom people are shown.
fn may(lang: Lang, decision: &Decision, dial: Option<String>, reader: &Reader) -> May {
    let why = decision.decisive().map(|reason| &reason.why);
    let moment = |at| Moment::day_and_time(lang, at);
    May {
        allowed: decision.allowed,
        next: decision.next_at.map(moment),
        until: why
            .and_then(|why| if let Why::CallBack { until, .. } = why { Some(*until) } else { None })
            .map(moment),
        why: why.filter(|_| reader.sees_people).map(|why| lang.reach_why(why)).unwrap_or_default(),
        dial: dial.filter(|_| decision.allowed),
    }
}

fn tasked(lang: Lang, task: &Task) -> (String, String) {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", task.state.as_str()).append_pair("list", &task.list);
    (lang.task_title(&task.title), format!("/console/tasks?{}", query.finish()))
}
