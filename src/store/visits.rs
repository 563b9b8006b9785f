//! Sessions of visitors who consented.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::asked::{asked, of_asked};
use super::filter::Question;
use super::many::{Many, batches};
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::{SiteId, VisitId, VisitorId};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::device::Device;
use crate::domain::tracking::simulation::Came;
use crate::domain::tracking::visit::Visit;

#[derive(Clone, Default, Debug)]
pub struct VisitFilter {
    pub site: Option<SiteId>,
    pub visitor: Option<VisitorId>,
    pub channel: Option<Channel>,
    /// Visits that started at or after this time.
    pub from: Option<Timestamp>,
    /// Visits that started before this time.
    pub until: Option<Timestamp>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, site_id, visitor_id, started_at, last_seen_at, landing_page, referrer, device, country, region, channel, ",
            "source, medium, campaign, term, content, click_id from visits",
            $rest
        )
    };
}

impl Store {
    /// The visits, newest first.
    pub async fn list_visits(
        &self,
        filter: &VisitFilter,
        window: &Window,
    ) -> Result<Page<Visit>, StoreError> {
        let mut question = Question::new(select!(""));
        question
            .matching("site_id = ", filter.site.as_ref().map(SiteId::as_str))?
            .matching("visitor_id = ", filter.visitor.map(|id| id.to_string()))?
            .matching("channel = ", filter.channel.map(Channel::as_str))?
            .matching("started_at >= ", filter.from.map(Timestamp::as_ms))?
            .matching("started_at < ", filter.until.map(Timestamp::as_ms))?
            .after_moment("(started_at, id)", window.moment()?)?
            .then(" order by started_at desc, id desc limit ")
            .value(window.fetch())?;
        let visits = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(visits, window, |visit| moment_key(visit.started_at, visit.id)))
    }

    /// When visitors came to the site since `since` and how long they stayed,
    /// the earliest first; of more than `limit` visits the newest.
    pub async fn list_came(
        &self,
        site: &SiteId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Came>, StoreError> {
        let rows = sqlx::query(
            "select visitor_id, started_at, last_seen_at from visits where site_id = $1 and started_at >= $2 \
             order by started_at desc, id desc limit $3",
        )
        .bind(site.as_str())
        .bind(since.as_ms())
        .bind(i64::from(limit))
        .fetch_all(self.reads())
        .await?;
        let mut came = all(rows, |row| {
            let at = row.time("started_at")?;
            Ok(Came { visitor: row.word("visitor_id")?, at, stay: row.time("last_seen_at")?.since(at) })
        })?;
        came.reverse();
        Ok(came)
    }

    pub async fn find_visit(&self, id: VisitId) -> Result<Option<Visit>, StoreError> {
        let row =
            sqlx::query(select!(" where id = $1")).bind(id.to_string()).fetch_optional(self.reads()).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }
}

impl Tx {
    /// The visitors of these visits; those that are there.
    pub async fn list_visitors(
        &mut self,
        visits: &[VisitId],
    ) -> Result<HashMap<VisitId, VisitorId>, StoreError> {
        let mut visitors = HashMap::new();
        for batch in batches(visits) {
            let mut many = Many::new("select id, visitor_id from visits where id in ");
            many.row();
            for visit in batch {
                many.value(visit.to_string())?;
            }
            for row in many.fetch(self.connection()).await? {
                visitors.insert(row.word("id")?, row.word("visitor_id")?);
            }
        }
        Ok(visitors)
    }

    /// For each question, what a visitor did by a time: visits with their
    /// beginnings, newest first, at most `limit`.
    pub async fn list_visits_by(
        &mut self,
        asked: &[(VisitorId, Timestamp)],
        limit: u32,
    ) -> Result<Vec<(VisitorId, VisitId, Timestamp)>, StoreError> {
        let mut visits = Vec::new();
        for batch in batches(asked) {
            let mut many = Many::new("with asked (visitor, by_then) as (values ");
            for (visitor, by_then) in batch {
                many.row().value(visitor.to_string())?.value(by_then.as_ms())?;
            }
            many.then(
                "), placed as (select v.id, v.visitor_id, v.started_at, row_number() over \
                 (partition by v.visitor_id, asked.by_then order by v.started_at desc, v.id desc) as place \
                 from asked join visits v on v.visitor_id = asked.visitor and v.started_at <= asked.by_then) \
                 select id, visitor_id, started_at from placed where place <= ",
            )
            .value(i64::from(limit))?
            .then(" order by place");
            for row in many.fetch(self.connection()).await? {
                visits.push((row.word("visitor_id")?, row.word("id")?, row.time("started_at")?));
            }
        }
        Ok(visits)
    }

    /// Those of these visits that are there.
    pub async fn find_visits(&mut self, ids: &[VisitId]) -> Result<HashMap<VisitId, Visit>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let sql = of_asked!(self, " ", select!(" where id in (select its from asked)"));
        let rows = sqlx::query(sql).bind(asked(ids)?).fetch_all(self.connection()).await?;
        Ok(all(rows, read)?.into_iter().map(|visit| (visit.id, visit)).collect())
    }

    pub async fn insert_visits(&mut self, visits: &[&Visit]) -> Result<(), StoreError> {
        for batch in batches(visits) {
            let mut many = Many::new(
                "insert into visits (id, site_id, visitor_id, started_at, last_seen_at, landing_page, referrer, \
                 channel, source, medium, campaign, term, content, click_id, device, country, region) values ",
            );
            for visit in batch {
                many.row()
                    .value(visit.id.to_string())?
                    .value(visit.site.as_str())?
                    .value(visit.visitor.to_string())?
                    .value(visit.started_at.as_ms())?
                    .value(visit.last_seen_at.as_ms())?
                    .value(visit.landing_page.as_str())?
                    .value(visit.referrer.as_deref())?
                    .value(visit.source.channel.as_str())?
                    .value(visit.source.source.as_str())?
                    .value(visit.source.medium.as_str())?
                    .value(visit.source.campaign.as_deref())?
                    .value(visit.source.term.as_deref())?
                    .value(visit.source.content.as_deref())?
                    .value(visit.source.click_id.as_deref())?
                    .value((visit.device != Device::Unknown).then_some(visit.device.as_str()))?
                    .value(visit.country.map(|country| country.to_string()))?
                    .value(visit.region.as_deref())?;
            }
            many.execute(self.connection()).await?;
        }
        for visit in visits {
            self.going_on.insert((*visit).clone(), visit.last_seen_at);
        }
        Ok(())
    }

    /// Writes down when the visitors were there; never moves back. Each visit
    /// stands there once.
    pub async fn touch_visits(&mut self, seen: &[(VisitId, Timestamp)]) -> Result<(), StoreError> {
        for batch in batches(seen) {
            let mut many = Many::new("with seen (visit, at) as (values ");
            for (visit, at) in batch {
                many.row().value(visit.to_string())?.value(at.as_ms())?;
            }
            many.then(
                ") update visits set last_seen_at = seen.at from seen where visits.id = seen.visit \
                 and visits.last_seen_at < seen.at",
            );
            many.execute(self.connection()).await?;
        }
        for &(visit, at) in seen {
            self.going_on.touch(visit, at);
        }
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Visit, sqlx::Error> {
    Ok(Visit {
        id: row.word("id")?,
        site: row.word("site_id")?,
        visitor: row.word("visitor_id")?,
        started_at: row.time("started_at")?,
        last_seen_at: row.time("last_seen_at")?,
        landing_page: row.text("landing_page")?,
        referrer: row.maybe_text("referrer")?,
        device: row.maybe_word("device")?.unwrap_or_default(),
        country: row.maybe_word("country")?,
        region: row.maybe_text("region")?,
        source: row.source()?,
    })
}
