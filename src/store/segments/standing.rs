//! How a matter of consent stands, asked for every contact at once: what
//! [`standing`](crate::domain::people::consent::standing) decides from the lines
//! of one, in SQL.
//!
//! A matter stands as asked when a line says so that no other line overrules.
//! Both are probes of an index, and most contacts fail the first: sorting the
//! lines of each would take three times as long.

use sqlx::Error;

use crate::domain::ids::{ControllerId, PurposeId};
use crate::domain::people::consent::{Channel, Standing};
use crate::domain::time::Timestamp;
use crate::store::filter::Question;

type Done = Result<(), Error>;

/// What the lines are about; `None`: before any controller.
pub type Asked<'a> = (Channel, &'a PurposeId, Option<&'a ControllerId>);

/// The condition that a matter of the contact `c` stands so before this controller, or before at
/// least one; without a standing, that nobody has said anything.
pub fn standing(question: &mut Question, now: Timestamp, about: Asked<'_>, asked: Option<Standing>) -> Done {
    Ledger { question, now, about }.stands(asked)
}

struct Ledger<'q> {
    question: &'q mut Question,
    now: Timestamp,
    about: Asked<'q>,
}

impl Ledger<'_> {
    fn stands(&mut self, asked: Option<Standing>) -> Done {
        let Some(asked) = asked else {
            self.question.then("not ");
            self.exists("w", None)?;
            self.question.then(")");
            return Ok(());
        };
        self.exists("w", None)?;
        match asked {
            Standing::Granted => {
                self.question.then(" and w.status = 'granted'");
                self.holds("w")?;
            }
            Standing::Refused | Standing::Withdrawn => {
                self.question.then(" and w.status = ").value(asked.as_str())?;
                self.nothing_is_asked_since()?;
            }
            Standing::Pending => {
                self.question.then(" and w.status = 'pending'");
                self.holds("w")?;
                self.question.then(" and not ");
                self.exists("s", Some("w"))?;
                self.question.then(" and s.status <> 'pending' and (s.at >= w.at or s.status = 'granted'");
                self.holds("s")?;
                self.is_latest("s")?;
                self.question.then("))");
            }
            Standing::Expired => {
                self.question.then(" and w.expires_at <= ").value(self.now.as_ms())?;
                self.question.then(" and (w.status = 'granted'");
                self.nothing_is_asked_since()?;
                self.question.then(" or w.status = 'pending' and not ");
                self.exists("s", Some("w"))?;
                self.question.then(" and s.status <> 'pending'))");
            }
        }
        self.is_latest("w")?;
        self.question.then(")");
        Ok(())
    }

    /// The beginning of a condition, up to where a line is told that is about this; before the same controller
    /// as another.
    fn exists(&mut self, line: &'static str, like: Option<&'static str>) -> Done {
        let (channel, purpose, controller) = self.about;
        let it = &mut *self.question;
        it.then("exists (select 1 from consents ").then(line).then(" where ");
        it.then(line)
            .then(".contact_id = c.id and ")
            .then(line)
            .then(".channel = ")
            .value(channel.as_str())?;
        it.then(" and ").then(line).then(".purpose_id = ").value(purpose.to_string())?;
        it.then(" and ").then(line).then(".at <= ").value(self.now.as_ms())?;
        match (like, controller) {
            (Some(like), _) => {
                it.then(" and ").then(line).then(".controller_id = ").then(like).then(".controller_id");
            }
            (None, Some(controller)) => {
                it.then(" and ").then(line).then(".controller_id = ").value(controller.to_string())?;
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// That a line is not over by itself.
    fn holds(&mut self, line: &'static str) -> Done {
        self.question.then(" and coalesce(").then(line).then(".expires_at, 9223372036854775807) > ");
        self.question.value(self.now.as_ms())?;
        Ok(())
    }

    /// That a line is the latest word, or the latest question: of what was said in the same moment the no counts.
    fn is_latest(&mut self, line: &'static str) -> Done {
        self.question.then(" and not ");
        self.exists("l", Some(line))?;
        let it = &mut *self.question;
        it.then(" and (l.status = 'pending') = (").then(line).then(".status = 'pending')");
        it.then(" and (l.at, l.status <> 'granted', l.recorded_at, l.id) > (");
        it.then(line).then(".at, ").then(line).then(".status <> 'granted', ");
        it.then(line).then(".recorded_at, ").then(line).then(".id))");
        Ok(())
    }

    /// That after the word `w` no question is open.
    fn nothing_is_asked_since(&mut self) -> Done {
        self.question.then(" and not ");
        self.exists("q", Some("w"))?;
        self.question.then(" and q.status = 'pending' and q.at > w.at");
        self.holds("q")?;
        self.is_latest("q")?;
        self.question.then(")");
        Ok(())
    }
}
