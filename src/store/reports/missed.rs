//! Callers whom nobody answered, each once: by their last call of a period that nobody took.
//!
//! Calls are walked the latest first; one after which its caller was missed
//! again is left out, so a page of the list costs as much as the rows it shows.
//! What has come of a caller since is asked of each row, as tasks ask it.

use sqlx::any::AnyRow;

use crate::domain::calling::missed::Fate;
use crate::domain::calling::outcome::Outcome;
use crate::domain::ids::{CallId, ContactId, DestinationId, OutletId};
use crate::domain::money::{Currency, Money};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Share;
use crate::domain::tracking::channels::Channel;
use crate::store::filter::Question;
use crate::store::page::moment_key;
use crate::store::rows::{Columns, all};
use crate::store::{Page, Store, StoreError, Window, attributions};

/// Which callers; each condition that is given must hold of their calls.
#[derive(Clone, Debug)]
pub struct MissedFilter {
    /// Calls that arrived at or after this time …
    pub from: Timestamp,
    /// … and before this one.
    pub until: Timestamp,
    /// One of these; `None`: any.
    pub outlets: Option<Vec<OutletId>>,
    /// The outlets that the reader sees: calls of others are not there, neither missed nor answered; `None`: all.
    pub within: Option<Vec<OutletId>>,
    pub destination: Option<DestinationId>,
    /// The channel that the call most likely came by.
    pub channel: Option<Channel>,
    /// What has become of them.
    pub fate: Option<Fate>,
}

/// A caller whom nobody answered.
#[derive(Clone, PartialEq, Debug)]
pub struct MissedCaller {
    pub contact: ContactId,
    /// Their last call that nobody took, and what number it came from.
    pub call: CallId,
    pub caller: Option<Phone>,
    pub number: Phone,
    pub destination: Option<DestinationId>,
    pub outlet: Option<OutletId>,
    pub outcome: Outcome,
    pub at: Timestamp,
    /// How many of their calls in the period nobody took.
    pub times: u64,
    pub fate: Fate,
    /// When they were called back or answered.
    pub settled_at: Option<Timestamp>,
    /// Where that call most likely came from.
    pub best: Option<Share>,
}

/// The conditions on a call by one of its names in a statement.
struct Conditions {
    missed: &'static str,
    from: &'static str,
    until: &'static str,
    destination: &'static str,
    outlet: &'static str,
    channel: &'static str,
}

macro_rules! conditions {
    ($call:literal) => {
        Conditions {
            missed: concat!(
                $call,
                ".outcome in ('missed', 'busy', 'abandoned', 'voicemail', 'failed') and ",
                $call,
                ".destination_id is not null"
            ),
            from: concat!(" and ", $call, ".arrived_at >= "),
            until: concat!(" and ", $call, ".arrived_at < "),
            destination: concat!(" and ", $call, ".destination_id = "),
            outlet: concat!(" and ", $call, ".outlet_id in "),
            channel: concat!(
                " and exists (select 1 from attributions o where o.call_id = ",
                $call,
                ".id and o.rank = 0 and o.version = (select max(version) from attribution_versions where call_id = ",
                $call,
                ".id) and o.channel = "
            ),
        }
    };
}

/// When caller `k` was called back since.
macro_rules! called_back {
    () => {
        " from engagements e where e.contact_id = k.contact_id and e.kind = 'call_made' \
         and (e.outcome is null or e.outcome in ('answered', 'voicemail')) and e.at > k.arrived_at)"
    };
}

/// When somebody answered another call of theirs.
const CALLED_AGAIN: &str = " from calls n where n.contact_id = k.contact_id and n.outcome = 'answered' \
     and n.arrived_at > k.arrived_at";

const OF_ROW: Conditions = conditions!("k");
const OF_OTHERS: Conditions = conditions!("l");

impl Store {
    /// Callers whom nobody answered, the last to be missed first.
    pub async fn list_missed(
        &self,
        filter: &MissedFilter,
        window: &Window,
    ) -> Result<Page<MissedCaller>, StoreError> {
        let mut question = Question::new(
            "select it.*, (select count(*) from calls l where l.contact_id = it.contact_id and ",
        );
        self.narrow(&mut question, filter, &OF_OTHERS)?;
        question.then(concat!(
            ") as times, a.visit_id, a.probability, a.evidence, a.channel, a.source, a.medium, a.campaign from ( \
             select k.id, k.contact_id, k.caller, k.number, k.destination_id, k.outlet_id, k.outcome, k.arrived_at, \
             (select min(e.at)",
            called_back!(),
            " as reached_at, (select min(n.arrived_at)"
        ));
        self.called_again(&mut question, filter)?;
        question.then(" as again_at from calls k where k.contact_id is not null and ");
        self.narrow(&mut question, filter, &OF_ROW)?;
        question.then(
            " and not exists (select 1 from calls l where l.contact_id = k.contact_id \
             and (l.arrived_at, l.id) > (k.arrived_at, k.id) and ",
        );
        self.narrow(&mut question, filter, &OF_OTHERS)?;
        question.then(")");
        if filter.fate == Some(Fate::Open) {
            // The same as without either time; but of that PostgreSQL believes that it hardly ever is, and reads all calls.
            question.then(concat!(" and not exists (select 1", called_back!(), " and not exists (select 1"));
            self.called_again(&mut question, filter)?;
        }
        question.then(
            ") it left join attributions a on a.call_id = it.id and a.rank = 0 \
             and a.version = (select max(version) from attribution_versions where call_id = it.id)",
        );
        match filter.fate {
            None | Some(Fate::Open) => {}
            Some(Fate::CalledBack) => {
                question.and(
                    "it.reached_at is not null and (it.again_at is null or it.reached_at <= it.again_at)",
                );
            }
            Some(Fate::CalledAgain) => {
                question.and(
                    "it.again_at is not null and (it.reached_at is null or it.again_at < it.reached_at)",
                );
            }
        }
        question
            .after_moment("(it.arrived_at, it.id)", window.moment()?)?
            .then(" order by it.arrived_at desc, it.id desc limit ")
            .value(window.fetch())?;
        let callers = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(callers, window, |caller| moment_key(caller.at, caller.call)))
    }

    /// How many such calls came from callers who are nobody's: they withheld their number, or were forgotten since.
    pub async fn count_missed_of_nobody(&self, filter: &MissedFilter) -> Result<u64, StoreError> {
        // SQLite would rather look at all calls of nobody, of which it knows no number.
        let mut question = Question::new(self.dialect().pick(
            "select count(*) as calls from calls k indexed by calls_of_nobody where k.contact_id is null and ",
            "select count(*) as calls from calls k where k.contact_id is null and ",
        ));
        self.narrow(&mut question, filter, &OF_ROW)?;
        let rows = question.fetch(self.reads()).await?;
        Ok(rows.first().map(|row| row.int("calls")).transpose()?.unwrap_or_default().max(0) as u64)
    }

    /// The mean of a purchase since then, without what was given back, in the currency in which most were.
    pub async fn find_mean_purchase(&self, since: Timestamp) -> Result<Option<Money>, StoreError> {
        let rows = sqlx::query(
            "select currency, count(*) filter (where amount >= 0) as bought, cast(sum(amount) as bigint) as total \
             from engagements where kind = 'purchase' and at >= $1 group by currency order by bought desc, currency limit 1",
        )
        .bind(since.as_ms())
        .fetch_all(self.reads())
        .await?;
        let means = all(rows, |row| {
            let (bought, total) = (row.int("bought")?, row.int("total")?);
            let currency: Currency = row.word("currency")?;
            let whole = u64::try_from(total).ok().zip(u64::try_from(bought).ok().filter(|it| *it > 0));
            Ok(whole.map(|(minor, bought)| Money { minor, currency }.shared_by(bought)))
        })?;
        Ok(means.into_iter().next().flatten())
    }

    fn called_again(&self, question: &mut Question, filter: &MissedFilter) -> Result<(), StoreError> {
        question.then(CALLED_AGAIN);
        if let Some(outlets) = &filter.within {
            question.then(" and n.outlet_id in ").among(self.dialect(), outlets)?;
        }
        question.then(")");
        Ok(())
    }

    /// The conditions of the filter on calls of one name; more may follow.
    fn narrow(
        &self,
        question: &mut Question,
        filter: &MissedFilter,
        words: &Conditions,
    ) -> Result<(), StoreError> {
        question.then(words.missed);
        question.then(words.from).value(filter.from.as_ms())?;
        question.then(words.until).value(filter.until.as_ms())?;
        if let Some(destination) = &filter.destination {
            question.then(words.destination).value(destination.to_string())?;
        }
        for outlets in filter.outlets.iter().chain(&filter.within) {
            question.then(words.outlet).among(self.dialect(), outlets)?;
        }
        if let Some(channel) = filter.channel {
            question.then(words.channel).value(channel.as_str())?.then(")");
        }
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<MissedCaller, sqlx::Error> {
    let (fate, settled_at) = Fate::of(row.maybe_time("reached_at")?, row.maybe_time("again_at")?);
    Ok(MissedCaller {
        contact: row.word("contact_id")?,
        call: row.word("id")?,
        caller: row.maybe_word("caller")?,
        number: row.word("number")?,
        destination: row.maybe_word("destination_id")?,
        outlet: row.maybe_word("outlet_id")?,
        outcome: row.word("outcome")?,
        at: row.time("arrived_at")?,
        times: row.int("times")?.max(0) as u64,
        fate,
        settled_at,
        best: row.maybe_text("evidence")?.map(|_| attributions::read(row)).transpose()?,
    })
}
