//! A filter as one condition on the contact `c`, its values beside it.
//!
//! Each test looks up what it needs of one contact by an index, so that a count
//! over all contacts walks through indexes in the order of contacts, whoever
//! fails an earlier test is not asked the later ones, and the same condition
//! serves for one contact.
//!
//! What is not there is null in SQL, whose `not` is null, too: every test that
//! may meet one is `coalesce(…, false)`, so that it is true or false.

use sqlx::Error;

use crate::domain::people::engagement::Kind;
use crate::domain::people::rfm::Score;
use crate::domain::people::segment::{
    Being, Deed, Moment, Op, Resolved, SourcePart, Span, Test, TextOf, TextOp, Tree, When,
};
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Evidence;
use crate::store::dialect::Dialect;
use crate::store::filter::Question;

use super::standing::standing;

type Done = Result<(), Error>;

/// Writes the condition into a question about `contacts c`.
pub struct Condition<'q> {
    pub question: &'q mut Question,
    pub dialect: Dialect,
    /// Ages are reckoned from now, and what is dated later has not been done yet.
    pub now: Timestamp,
}

impl Condition<'_> {
    pub fn write(&mut self, filter: &Resolved) -> Done {
        match filter {
            Tree::All(parts) => self.joined(parts, " and "),
            Tree::Any(parts) => self.joined(parts, " or "),
            Tree::Not(part) => {
                self.question.then("not (");
                self.write(part)?;
                self.question.then(")");
                Ok(())
            }
            Tree::Leaf(test) => self.test(test),
        }
    }

    fn joined(&mut self, parts: &[Resolved], word: &'static str) -> Done {
        for (nth, part) in parts.iter().enumerate() {
            self.question.then(if nth == 0 { "(" } else { word });
            self.write(part)?;
        }
        self.question.then(")");
        Ok(())
    }

    fn test(&mut self, test: &Test) -> Done {
        match test {
            Test::Text { of, op, value } => {
                self.negated(*op == TextOp::IsNot);
                self.text_of(of, *op, value)?;
            }
            Test::Number { field, op, value } => {
                let sign = self.sign(*op);
                self.typed(field.as_str(), "('integer', 'real', 'number')", |it| {
                    it.question.then("cast(");
                    it.field(" ->> ", field.as_str())?;
                    it.question.then(" as double precision) ").then(sign).then(" ").value(*value)?;
                    Ok(())
                })?;
            }
            Test::Flag { field, is, value } => {
                self.negated(!is);
                self.typed(field.as_str(), "('true', 'false', 'boolean')", |it| {
                    it.question.then("cast(");
                    it.field(" -> ", field.as_str())?;
                    it.question.then(if *value { " as text) = 'true'" } else { " as text) = 'false'" });
                    Ok(())
                })?;
            }
            Test::Day { field, op, day } => {
                let sign = self.sign(*op);
                self.typed(field.as_str(), "('text', 'string')", |it| {
                    it.field(" ->> ", field.as_str())?;
                    it.question.then(" ").then(sign).then(" ").value(day.to_string())?;
                    Ok(())
                })?;
            }
            Test::Moment { of, is } => self.moment(of, *is)?,
            Test::Count { deed, op, times, within } => {
                self.question.then("(select count(*)");
                self.deeds(deed, *within)?;
                self.question.then(" ").then(op.as_str()).then(" ").value(i64::from(*times))?;
            }
            Test::Spent { currency, op, minor, within } => {
                let by = self.by_index("indexed by engagements_purchases");
                self.question
                    .then("coalesce((select sum(e.amount) from engagements e ")
                    .then(by)
                    .then(" where e.contact_id = c.id and e.kind = 'purchase' and e.currency = ")
                    .value(currency.to_string())?;
                self.time(*within)?;
                self.question.then("), 0) ").then(op.as_str()).then(" ").value(*minor)?;
            }
            Test::Score { of, op, value } => {
                let sign = self.sign(*op);
                let score = match of {
                    Score::Recency => "coalesce((select r.recency from rfm r where r.contact_id = c.id) ",
                    Score::Frequency => "coalesce((select r.frequency from rfm r where r.contact_id = c.id) ",
                    Score::Monetary => "coalesce((select r.monetary from rfm r where r.contact_id = c.id) ",
                };
                self.question.then(score).then(sign).then(" ").value(i32::from(*value))?.then(", false)");
            }
            Test::Has { kind, being } => {
                self.question
                    .then("exists (select 1 from identities i where i.contact_id = c.id and i.kind = ")
                    .value(kind.as_str())?
                    .then(match being {
                        None => ")",
                        Some(Being::Verified) => " and i.verified_at is not null)",
                        Some(Being::Working) => " and i.bounced_at is null)",
                    });
            }
            Test::Consent { channel, purpose, controller, is, standing: asked } => {
                self.negated(!is);
                standing(self.question, self.now, (*channel, purpose, controller.as_ref()), *asked)?;
            }
        }
        Ok(())
    }

    fn negated(&mut self, is_not: bool) {
        if is_not {
            self.question.then("not ");
        }
    }

    /// The sign of a comparison with what may be missing; `!=` is the negation of `=`.
    fn sign(&mut self, op: Op) -> &'static str {
        self.negated(op == Op::Unequal);
        if op == Op::Unequal { "=" } else { op.as_str() }
    }

    /// An index that one database is told to use: SQLite takes one that names the kind first, and
    /// then needs several times as long. PostgreSQL knows how many rows of each kind there are.
    fn by_index(&self, sqlite: &'static str) -> &'static str {
        self.dialect.pick(sqlite, "")
    }

    fn text_of(&mut self, of: &TextOf, op: TextOp, value: &str) -> Done {
        match of {
            TextOf::Name => self.column("c.name", op, value),
            TextOf::GivenName => self.column("c.given_name", op, value),
            TextOf::FamilyName => self.column("c.family_name", op, value),
            TextOf::Language => self.column("c.language", op, value),
            TextOf::Class => self.column("(select r.class from rfm r where r.contact_id = c.id)", op, value),
            TextOf::Size => self.column("(select r.size from rfm r where r.contact_id = c.id)", op, value),
            TextOf::Address(part) => {
                let each = self
                    .dialect
                    .pick("json_each(c.addresses)", "json_array_elements(cast(c.addresses as json))");
                self.question.then("exists (select 1 from ").then(each).then(" a where ");
                self.compared(op, value, |it| {
                    it.question.then("(a.value ->> ").value(part.as_str())?.then(")");
                    Ok(())
                })?;
                self.question.then(")");
                Ok(())
            }
            TextOf::Source(part) => self.source(*part, op, value),
            TextOf::Field(field) => self.typed(field.as_str(), "('text', 'string')", |it| {
                it.compared(op, value, |it| it.field(" ->> ", field.as_str()))
            }),
        }
    }

    fn column(&mut self, column: &'static str, op: TextOp, value: &str) -> Done {
        self.question.then("coalesce(");
        self.compared(op, value, |it| {
            it.question.then(column);
            Ok(())
        })?;
        self.question.then(", false)");
        Ok(())
    }

    /// `what` compared to a text; null where it is.
    fn compared(&mut self, op: TextOp, value: &str, what: impl Fn(&mut Self) -> Done) -> Done {
        match op {
            TextOp::Is | TextOp::IsNot => {
                what(self)?;
                self.question.then(" = ").value(value.to_owned())?;
            }
            TextOp::Begins => {
                self.question.then("substr(");
                what(self)?;
                let length = value.chars().count() as i32;
                self.question.then(", 1, ").value(length)?.then(") = ").value(value.to_owned())?;
            }
            // `like` minds no capitals on SQLite, and position() has another name there.
            TextOp::Contains => {
                self.question.then("replace(");
                what(self)?;
                self.question.then(", ").value(value.to_owned())?.then(", '') <> ");
                what(self)?;
            }
        }
        Ok(())
    }

    /// The visits of a contact, calls whose visit or medium is likelier than all else, and what other
    /// systems tell.
    fn source(&mut self, part: SourcePart, op: TextOp, value: &str) -> Done {
        let [visit, call, told] = match part {
            SourcePart::Channel => ["v.channel", "a.channel", "e.channel"],
            SourcePart::Source => ["v.source", "a.source", "e.came_from"],
            SourcePart::Medium => ["v.medium", "a.medium", "e.medium"],
            SourcePart::Campaign => ["v.campaign", "a.campaign", "e.campaign"],
        };
        let medium = serde_json::to_string(&Evidence::StaticNumber).map_err(|e| Error::Encode(e.into()))?;
        self.question.then(
            "(exists (select 1 from engagements e join visits v on v.id = e.subject \
             where e.contact_id = c.id and e.kind = 'visit' and ",
        );
        self.column(visit, op, value)?;
        self.question
            .then(
                ") or exists (select 1 from calls k join attributions a on a.call_id = k.id \
                 where k.contact_id = c.id and a.rank = 0 and a.version = \
                 (select max(l.version) from attributions l where l.call_id = k.id) \
                 and (a.visit_id is not null or a.evidence = ",
            )
            .value(medium)?
            .then(") and ");
        self.column(call, op, value)?;
        self.question.then(") or exists (select 1 from engagements e where e.contact_id = c.id and ");
        self.column(told, op, value)?;
        self.question.then("))");
        Ok(())
    }

    /// The fields of the contact, and one of them behind an arrow.
    fn field(&mut self, arrow: &'static str, id: &str) -> Done {
        let fields = self.dialect.pick("c.fields", "cast(c.fields as json)");
        self.question.then(fields).then(arrow).value(id.to_owned())?;
        Ok(())
    }

    /// A test of what stands in a field, where that has the type still that the plan gives the field.
    fn typed(&mut self, id: &str, types: &'static str, test: impl FnOnce(&mut Self) -> Done) -> Done {
        self.question.then("case when ").then(self.dialect.pick("json_type(", "json_typeof("));
        self.field(" -> ", id)?;
        self.question.then(") in ").then(types).then(" then ");
        test(self)?;
        self.question.then(" else false end");
        Ok(())
    }

    fn moment(&mut self, of: &Moment, is: When) -> Done {
        let (range, holds) = is.range(self.now);
        self.negated(!holds);
        let bounds = [(" >= ", range.from), (" < ", range.until)];
        let bounds = bounds.into_iter().filter_map(|(sign, bound)| Some((sign, bound?)));
        for (nth, (sign, bound)) in bounds.enumerate() {
            self.question.then(if nth == 0 { "(coalesce(" } else { " and coalesce(" });
            match of {
                Moment::Created => {
                    self.question.then("c.created_at");
                }
                Moment::First(deed) => {
                    self.question.then("(select min(e.at)");
                    self.deeds(deed, None)?;
                }
                Moment::Last(deed) => {
                    self.question.then("(select max(e.at)");
                    self.deeds(deed, None)?;
                }
            }
            self.question.then(sign).value(bound.as_ms())?.then(", false)");
        }
        self.question.then(")");
        Ok(())
    }

    /// From where on something is selected, to the end of that.
    fn deeds(&mut self, deed: &Deed, within: Option<Span>) -> Done {
        const CALLS: &str = " from (select contact_id, outcome, qualification, arrived_at as at from calls) e \
                             where e.contact_id = c.id and ";
        match deed {
            Deed::Kind(kind, name) => {
                if *kind == Kind::Purchase.as_str() {
                    let by = self.by_index("indexed by engagements_purchases");
                    self.question.then(" from engagements e ").then(by);
                    self.question
                        .then(" where e.contact_id = c.id and e.kind = 'purchase' and e.amount >= 0");
                } else {
                    let by = self.by_index("indexed by engagements_by_deed");
                    self.question.then(" from engagements e ").then(by);
                    self.question.then(" where e.contact_id = c.id and e.kind = ").value(*kind)?;
                }
                if let Some(name) = name {
                    self.question.then(" and e.name = ").value(name.clone())?;
                }
            }
            Deed::Call(outcome) => {
                self.question.then(CALLS).then("e.outcome = ").value(outcome.as_str())?;
            }
            Deed::Qualified(qualification) => {
                self.question.then(CALLS).then("e.qualification = ").value(qualification.as_str())?;
            }
            Deed::Act => {
                let by = self.by_index("indexed by engagements_acts");
                self.question
                    .then(" from engagements e ")
                    .then(by)
                    .then(" where e.contact_id = c.id and e.kind in ");
                self.question.then(OWN_ACTS).then(" and coalesce(e.amount, 0) >= 0");
            }
        }
        self.time(within)?;
        self.question.then(")");
        Ok(())
    }

    fn time(&mut self, within: Option<Span>) -> Done {
        self.question.then(" and e.at <= ").value(self.now.as_ms())?;
        if let Some(span) = within {
            self.question.then(" and e.at > ").value(span.before(self.now).as_ms())?;
        }
        Ok(())
    }
}

/// As the index has them, so that it is used, beside that nothing was given back: see [`OWN_ACTS`](crate::domain::people::segment::OWN_ACTS).
const OWN_ACTS: &str =
    "('call', 'voicemail', 'visit', 'form_submitted', 'email_clicked', 'sms_received', 'purchase')";

#[cfg(test)]
mod tests {
    use crate::domain::people::segment;

    #[test]
    fn what_people_do_themselves_is_the_same_here_and_in_the_index() {
        let written = format!("('{}')", segment::OWN_ACTS.join("', '"));

        assert_eq!(super::OWN_ACTS, written);
        assert!(include_str!("../../../migrations/0032_rfm.sql").contains(&written));
    }
}
