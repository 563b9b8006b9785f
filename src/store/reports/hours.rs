//! The calls of each hour as reports count them, and which hours are to be counted anew.
//!
//! Whoever changes what a report would say of a call marks its hour in the same
//! transaction ([`Tx::count_again`]); the hour is then read again as a whole. So
//! it is always what its rows say, whatever has changed in them, and how often.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;

use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::qualification::Qualification;
use crate::domain::ids::{CallId, ContactId};
use crate::domain::money::Currency;
use crate::domain::phone::Phone;
use crate::domain::reporting::facts::{HOUR_MS, HourFacts, WORTH_WITHIN};
use crate::domain::time::Timestamp;
use crate::store::asked::{asked, gathered_of_asked, of_asked};
use crate::store::revisions::CALL_HOURS;
use crate::store::rows::{Columns, Gathered, all, gathered};
use crate::store::{Store, StoreError, Tx};

/// A call as its rows tell it.
pub struct RawCall {
    pub id: CallId,
    pub number: String,
    pub destination: Option<String>,
    pub outlet: Option<String>,
    pub site: Option<String>,
    pub caller: Option<Phone>,
    /// No earlier call of the caller is known.
    pub is_new: bool,
    pub outcome: Option<Outcome>,
    pub arrived_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub qualification: Option<Qualification>,
}

/// A share of the newest attribution of a call, with what its visit says.
pub struct RawShare {
    pub call: CallId,
    pub rank: i64,
    pub probability: f64,
    pub channel: String,
    pub source: String,
    pub medium: String,
    pub campaign: Option<String>,
    pub term: Option<String>,
    pub landing_page: Option<String>,
    pub device: Option<String>,
    /// Where the visit was: its country, or a part of it.
    pub region: Option<String>,
}

/// What was bought after a call, and before its contact called again.
pub struct RawWorth {
    pub call: CallId,
    pub currency: Currency,
    pub minor: i64,
}

/// An hour as it was counted last.
pub struct CountedHour {
    pub hour: i64,
    pub seq: i64,
    /// `None`: a newer program has written what this one cannot read.
    pub facts: Option<HourFacts>,
}

/// What is asked of calls `c`.
macro_rules! raw_calls {
    () => {
        "from (select c.id, c.number, c.destination_id, c.outlet_id, coalesce(o.site_id, n.site_id) as site_id, \
             c.caller, case when exists (select 1 from calls e where e.caller = c.caller \
             and (e.arrived_at, e.id) < (c.arrived_at, c.id)) then 0 else 1 end as is_new, \
             c.outcome, c.arrived_at, c.answered_at, c.ended_at, c.qualification from calls c \
             left join numbers n on n.e164 = c.number left join pools o on o.id = n.pool_id"
    };
}

/// Calls behind `$1` and `$2` that came before `$3`, at most `$4`.
macro_rules! calls_of_hour {
    () => {
        concat!(
            raw_calls!(),
            " where (c.arrived_at, c.id) > ($1, $2) and c.arrived_at < $3 \
             and (c.outcome is null or c.outcome <> 'blocked') order by c.arrived_at, c.id limit $4) it"
        )
    };
}

macro_rules! call_columns {
    () => {
        "id, number, destination_id, outlet_id, site_id, caller, is_new, outcome, arrived_at, answered_at, ended_at, \
         qualification"
    };
}

macro_rules! share_columns {
    () => {
        "call_id, rank, probability, channel, source, medium, campaign, term, landing_page, device, region"
    };
}

macro_rules! worth_columns {
    () => {
        "id, currency, amount"
    };
}

impl Store {
    /// Hours that were counted before `before`, the latest first.
    pub async fn list_call_hours(&self, before: i64, limit: i64) -> Result<Vec<CountedHour>, StoreError> {
        let rows = sqlx::query(
            "select hour, seq, facts from call_hours where hour < $1 order by hour desc limit $2",
        )
        .bind(before)
        .bind(limit)
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, counted)?)
    }

    /// Hours that were counted behind this one, in the order in which they were.
    pub async fn list_call_hours_since(
        &self,
        (seq, hour): (i64, i64),
        limit: i64,
    ) -> Result<Vec<CountedHour>, StoreError> {
        let rows = sqlx::query(
            "select hour, seq, facts from call_hours where (seq, hour) > ($1, $2) order by seq, hour limit $3",
        )
        .bind(seq)
        .bind(hour)
        .bind(limit)
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, counted)?)
    }

    /// The latest hours that wait to be counted, each with what marks it.
    pub async fn list_hours_to_count(&self, limit: i64) -> Result<BTreeMap<i64, Vec<String>>, StoreError> {
        let rows = sqlx::query(
            "select hour, mark from hours_to_count where hour in \
             (select distinct hour from hours_to_count order by hour desc limit $1)",
        )
        .bind(limit)
        .fetch_all(self.reads())
        .await?;
        let mut hours: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for (hour, mark) in all(rows, |row| Ok((row.int("hour")?, row.text("mark")?)))? {
            hours.entry(hour).or_default().push(mark);
        }
        Ok(hours)
    }

    /// Whether an hour waits that was never counted.
    pub async fn has_uncounted_hours(&self) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "select 1 as its from hours_to_count m where not exists \
             (select 1 from call_hours h where h.hour = m.hour) limit 1",
        )
        .fetch_optional(self.reads())
        .await?;
        Ok(row.is_some())
    }
}

impl Tx {
    /// Has the hours of these calls counted anew; those of the callers' next calls, which may no longer be their first;
    /// and those of their contacts' calls before, which may no longer be the latest before a purchase.
    pub async fn count_again(&mut self, calls: &[CallId]) -> Result<(), StoreError> {
        if calls.is_empty() {
            return Ok(());
        }
        let mark = self.dialect().pick("hex(randomblob(16))", "cast(gen_random_uuid() as text)");
        let these = of_asked!(self, " ");
        let sql = format!(
            "{these} insert into hours_to_count (mark, hour) select {mark}, it.at / {HOUR_MS} from ( \
             select c.arrived_at as at from calls c where c.id in (select its from asked) union all \
             select (select min(n.arrived_at) from calls n where n.caller = c.caller and n.arrived_at > c.arrived_at) \
             as at from calls c where c.id in (select its from asked) union all \
             select (select max(p.arrived_at) from calls p where p.contact_id = c.contact_id \
             and p.arrived_at < c.arrived_at and exists (select 1 from attributions a where a.call_id = p.id)) as at \
             from calls c where c.id in (select its from asked) \
             and exists (select 1 from engagements e where e.contact_id = c.contact_id and e.kind = 'purchase')) it \
             where it.at is not null"
        );
        // Safe: text of the program.
        let marked = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(asked(calls)?);
        marked.execute(self.connection()).await?;
        Ok(())
    }

    /// Has the hours counted anew in which these contacts called shortly before they bought something.
    pub(in crate::store) async fn count_purchases_again(
        &mut self,
        contacts: &[ContactId],
    ) -> Result<(), StoreError> {
        if contacts.is_empty() {
            return Ok(());
        }
        let mark = self.dialect().pick("hex(randomblob(16))", "cast(gen_random_uuid() as text)");
        let these = of_asked!(self, " ");
        let sql = format!(
            "{these} insert into hours_to_count (mark, hour) select {mark}, hour from ( \
             select distinct c.arrived_at / {HOUR_MS} as hour from calls c \
             where c.contact_id in (select its from asked) and exists (select 1 from engagements e \
             where e.contact_id = c.contact_id and e.kind = 'purchase' and e.at >= c.arrived_at \
             and e.at < c.arrived_at + {})) it",
            WORTH_WITHIN.as_millis()
        );
        // Safe: text of the program.
        let marked = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(asked(contacts)?);
        marked.execute(self.connection()).await?;
        Ok(())
    }

    /// Has every hour counted anew in which there were calls, or were thought to be.
    pub async fn count_all_again(&mut self) -> Result<u64, StoreError> {
        let mark = self.dialect().pick("hex(randomblob(16))", "cast(gen_random_uuid() as text)");
        let sql = format!(
            "insert into hours_to_count (mark, hour) select {mark}, hour from ( \
             select arrived_at / {HOUR_MS} as hour from calls union select hour from call_hours) it"
        );
        // Safe: text of the program.
        let marked = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(self.connection()).await?;
        Ok(marked.rows_affected())
    }

    /// Calls of an hour that screening let in, in the order in which they came: those behind this one, so many at most.
    pub async fn list_raw_calls(
        &mut self,
        hour: i64,
        after: Option<(Timestamp, CallId)>,
        limit: i64,
    ) -> Result<Vec<RawCall>, StoreError> {
        let begin = Timestamp::from_ms(hour * HOUR_MS);
        let (at, id) = after.map_or((begin, String::new()), |(at, id)| (at, id.to_string()));
        let sql = self.dialect().pick(
            concat!(
                "select json_group_array(json_array(",
                call_columns!(),
                ")) as gathered ",
                calls_of_hour!()
            ),
            concat!(
                "select coalesce(cast(json_agg(json_build_array(",
                call_columns!(),
                ")) as text), '[]') as gathered ",
                calls_of_hour!()
            ),
        );
        let asked = sqlx::query(sql).bind(at.as_ms()).bind(id).bind((hour + 1) * HOUR_MS).bind(limit);
        let row = asked.fetch_one(self.connection()).await?;
        Ok(gathered(&row, call_columns!(), read_raw)?)
    }

    /// Those of these calls that there are, also of those that screening refused; in no order.
    pub async fn find_raw_calls(&mut self, calls: &[CallId]) -> Result<Vec<RawCall>, StoreError> {
        let sql = gathered_of_asked!(
            self,
            call_columns!(),
            raw_calls!(),
            " where c.id in (select its from asked)) it"
        );
        let row = sqlx::query(sql).bind(asked(calls)?).fetch_one(self.connection()).await?;
        Ok(gathered(&row, call_columns!(), read_raw)?)
    }

    /// What these calls came from.
    pub async fn list_raw_shares(&mut self, calls: &[CallId]) -> Result<Vec<RawShare>, StoreError> {
        let sql = gathered_of_asked!(
            self,
            share_columns!(),
            "from (select a.call_id, a.rank, a.probability, a.channel, a.source, a.medium, a.campaign, v.term, \
             v.landing_page, v.device, coalesce(v.region, v.country) as region from attributions a left join visits v on v.id = a.visit_id \
             where a.call_id in (select its from asked) and a.version = (select max(w.version) \
             from attribution_versions w where w.call_id = a.call_id)) it"
        );
        let row = sqlx::query(sql).bind(asked(calls)?).fetch_one(self.connection()).await?;
        Ok(gathered(&row, share_columns!(), |row| {
            Ok(RawShare {
                call: row.word("call_id")?,
                rank: row.int("rank")?,
                probability: row.float("probability")?,
                channel: row.text("channel")?,
                source: row.text("source")?,
                medium: row.text("medium")?,
                campaign: row.maybe_text("campaign")?,
                term: row.maybe_text("term")?,
                landing_page: row.maybe_text("landing_page")?,
                device: row.maybe_text("device")?,
                region: row.maybe_text("region")?,
            })
        })?)
    }

    /// What was bought after these calls: each purchase is of the latest call of its contact that came before it, and
    /// has an origin.
    pub async fn list_raw_worths(&mut self, calls: &[CallId]) -> Result<Vec<RawWorth>, StoreError> {
        let sql = gathered_of_asked!(
            self,
            worth_columns!(),
            "from (select c.id, e.currency, cast(sum(e.amount) as bigint) as amount from calls c \
             join engagements e on e.contact_id = c.contact_id and e.kind = 'purchase' and e.amount is not null \
             and e.at >= c.arrived_at and e.at < c.arrived_at + $2 \
             where c.id in (select its from asked) and not exists (select 1 from calls n \
             where n.contact_id = c.contact_id and (n.arrived_at, n.id) > (c.arrived_at, c.id) \
             and n.arrived_at <= e.at and exists (select 1 from attributions a where a.call_id = n.id)) \
             group by c.id, e.currency order by c.id, e.currency) it"
        );
        let row = sqlx::query(sql).bind(asked(calls)?).bind(WORTH_WITHIN.as_millis() as i64);
        let row = row.fetch_one(self.connection()).await?;
        Ok(gathered(&row, worth_columns!(), |row| {
            Ok(RawWorth { call: row.word("id")?, currency: row.word("currency")?, minor: row.int("amount")? })
        })?)
    }

    /// Writes down what an hour is, as its rows said after these marks had been read, and tells every node.
    ///
    /// `false`: another node has taken all the marks, and has read the rows after this one; nothing is written.
    pub async fn save_call_hour(
        &mut self,
        hour: i64,
        marks: &[String],
        facts: &HourFacts,
    ) -> Result<bool, StoreError> {
        let sql = of_asked!(self, " delete from hours_to_count where mark in (select its from asked)");
        let taken = sqlx::query(sql).bind(asked(marks)?).execute(self.connection()).await?;
        if taken.rows_affected() == 0 {
            return Ok(false);
        }
        // The counter is held until the commit: whoever reads on from a number has seen all below it.
        self.bump_revision(CALL_HOURS).await?;
        let text = serde_json::to_string(facts).map_err(|cause| sqlx::Error::Encode(cause.into()))?;
        sqlx::query(
            "insert into call_hours (hour, seq, facts) values ($1, (select value from revisions where name = $2), $3) \
             on conflict (hour) do update set seq = excluded.seq, facts = excluded.facts",
        )
        .bind(hour)
        .bind(CALL_HOURS)
        .bind(text)
        .execute(self.connection())
        .await?;
        Ok(true)
    }

    /// The calls that one of these visits may have made.
    pub(in crate::store) async fn list_calls_of_visits<T: serde::Serialize>(
        &mut self,
        visits: &[T],
    ) -> Result<Vec<CallId>, StoreError> {
        let sql = of_asked!(
            self,
            " select distinct call_id from attributions where visit_id in (select its from asked)"
        );
        let rows = sqlx::query(sql).bind(asked(visits)?).fetch_all(self.connection()).await?;
        Ok(all(rows, |row| row.word("call_id"))?)
    }
}

fn read_raw(row: &Gathered) -> Result<RawCall, sqlx::Error> {
    Ok(RawCall {
        id: row.word("id")?,
        number: row.text("number")?,
        destination: row.maybe_text("destination_id")?,
        outlet: row.maybe_text("outlet_id")?,
        site: row.maybe_text("site_id")?,
        caller: row.maybe_word("caller")?,
        is_new: row.flag("is_new")?,
        outcome: row.maybe_word("outcome")?,
        arrived_at: row.time("arrived_at")?,
        answered_at: row.maybe_time("answered_at")?,
        ended_at: row.maybe_time("ended_at")?,
        qualification: row.maybe_word("qualification")?,
    })
}

fn counted(row: &AnyRow) -> Result<CountedHour, sqlx::Error> {
    Ok(CountedHour { hour: row.int("hour")?, seq: row.int("seq")?, facts: row.json("facts").ok() })
}
