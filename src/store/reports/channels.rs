//! How many calls came from where: the shares of all calls of a period, a few
//! rows for each place whatever the number of calls.

use std::collections::BTreeMap;

use crate::domain::ids::{OutletId, SiteId};
use crate::domain::phone::Phone;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::expected::{Expected, Likely, expect};
use crate::domain::time::Timestamp;
use crate::store::filter::Question;
use crate::store::rows::Columns;
use crate::store::{Store, StoreError};

/// How many rows a report has at most: those with the most calls.
pub const ROWS_MAX: usize = 200;

/// Which calls are counted.
#[derive(Clone, Debug)]
pub struct ChannelFilter {
    pub dimension: Dimension,
    /// Calls that arrived at or after this time …
    pub from: Timestamp,
    /// … and before this one.
    pub until: Timestamp,
    pub site: Option<SiteId>,
    /// With all outlets below it.
    pub outlet: Option<OutletId>,
    pub number: Option<Phone>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ChannelReport {
    /// How many calls were counted; each has a whole call to share out.
    pub calls: u64,
    /// The most calls first.
    pub rows: Vec<ChannelLine>,
    /// There are more rows than are told.
    pub cut: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ChannelLine {
    /// `None`: the visit or number says none.
    pub label: Option<String>,
    pub expected: Expected,
    /// Expected calls that somebody answered …
    pub answered: f64,
    /// … and that ended without.
    pub unanswered: f64,
}

impl Store {
    /// Adds the shares of the newest attributions up. Shares of one call that
    /// fall on one row are one share. Refused calls have none, nor have calls
    /// to numbers that are not ours.
    pub async fn report_channels(&self, filter: &ChannelFilter) -> Result<ChannelReport, StoreError> {
        let mut question = Question::new("with shared as (select c.id, c.outcome, sum(a.probability) as p, ");
        question
            .then(self.label(filter.dimension))
            .then(
                " as reported from calls c join attributions a on a.call_id = c.id and a.version = (select max(w.version) \
                 from attribution_versions w where w.call_id = c.id) left join visits v on v.id = a.visit_id \
                 left join numbers n on n.e164 = c.number left join pools o on o.id = n.pool_id",
            )
            .matching("c.arrived_at >= ", Some(filter.from.as_ms()))?
            .matching("c.arrived_at < ", Some(filter.until.as_ms()))?
            .matching("c.number = ", filter.number.as_ref().map(Phone::reveal))?
            .matching("coalesce(o.site_id, n.site_id) = ", filter.site.as_ref().map(SiteId::as_str))?;
        if let Some(outlet) = &filter.outlet {
            question
                .and("c.outlet_id in (with recursive below (id) as (select t.id from outlets t where t.id = ")
                .value(outlet.as_str())?
                .then(
                    " union select t.id from outlets t join below b on t.parent_id = b.id) select id from below)",
                );
        }
        // Probabilities that differ by less than a hundredth share a line, with their mean.
        question
            .then(
                " group by c.id, c.outcome, reported), top as (select reported, sum(p) as expected from shared \
                 group by reported order by expected desc, reported limit ",
            )
            .value(ROWS_MAX as i64 + 1)?
            .then(
                ") select s.reported, (select count(distinct id) from shared) as total, count(*) as calls, \
                 sum(s.p) as expected, sum(case when s.outcome = 'answered' then s.p else 0.0 end) as answered, \
                 sum(case when s.outcome <> 'answered' then s.p else 0.0 end) as unanswered \
                 from shared s join top t on t.reported = s.reported group by s.reported, \
                 case when s.p >= 0.999999999 then 101 else cast(round(s.p * 100) as bigint) end \
                 order by s.reported, expected",
            );
        let rows = question.fetch(self.reads()).await?;

        let calls = rows.first().map(|row| row.int("total")).transpose()?.unwrap_or_default();
        let mut lines: BTreeMap<String, (Vec<Likely>, f64, f64)> = BTreeMap::new();
        for row in &rows {
            let (likely, answered, unanswered) = lines.entry(row.text("reported")?).or_default();
            let calls = row.int("calls")?.max(1);
            let probability = row.float("expected")? / calls as f64;
            likely.push(Likely { probability, calls: calls as u64 });
            *answered += row.float("answered")?;
            *unanswered += row.float("unanswered")?;
        }
        let mut rows: Vec<ChannelLine> = lines
            .into_iter()
            .map(|(label, (likely, answered, unanswered))| ChannelLine {
                label: Some(label).filter(|label| !label.is_empty()),
                expected: expect(&likely),
                answered,
                unanswered,
            })
            .collect();
        rows.sort_by(|a, b| b.expected.calls.total_cmp(&a.expected.calls));
        let cut = rows.len() > ROWS_MAX;
        rows.truncate(ROWS_MAX);
        Ok(ChannelReport { calls: calls as u64, rows, cut })
    }

    fn label(&self, dimension: Dimension) -> &'static str {
        match dimension {
            Dimension::Channel => "a.channel",
            Dimension::Source => "a.source",
            Dimension::Medium => "a.medium",
            Dimension::Campaign => "coalesce(a.campaign, '')",
            Dimension::Term => "coalesce(v.term, '')",
            // Each database has a word of its own for where a text stands in another.
            Dimension::LandingPage => self.dialect().pick(
                "coalesce(substr(v.landing_page, 1, instr(v.landing_page || '?', '?') - 1), '')",
                "coalesce(split_part(v.landing_page, '?', 1), '')",
            ),
        }
    }
}
