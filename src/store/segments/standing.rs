//! How a matter of consent stands, asked for every contact at once: what
//! [`standing`](crate::domain::people::consent::standing) decides from the lines
//! of one, in SQL.

use sqlx::Error;

use crate::domain::ids::{ControllerId, PurposeId};
use crate::domain::people::consent::{Channel, Standing};
use crate::domain::time::Timestamp;
use crate::store::filter::Question;

/// The condition that a matter of the contact `c` stands so before this controller, or before at
/// least one; without a standing, that nobody has said anything.
pub fn standing(
    question: &mut Question,
    now: Timestamp,
    (channel, purpose, controller): (Channel, &PurposeId, Option<&ControllerId>),
    asked: Option<Standing>,
) -> Result<(), Error> {
    let lines = |question: &mut Question| -> Result<(), Error> {
        question
            .then(" from consents where contact_id = c.id and channel = ")
            .value(channel.as_str())?
            .then(" and purpose_id = ")
            .value(purpose.to_string())?
            .then(" and at <= ")
            .value(now.as_ms())?;
        if let Some(controller) = controller {
            question.then(" and controller_id = ").value(controller.to_string())?;
        }
        Ok(())
    };
    let Some(asked) = asked else {
        question.then("not exists (select 1");
        lines(question)?;
        question.then(")");
        return Ok(());
    };
    // Most contacts have no line: those are told without any sorting.
    question.then("(exists (select 1");
    lines(question)?;
    // Of each matter, the latest word (0) and the latest question (1).
    question.then(
        ") and exists (select 1 from (select controller_id, \
         max(case when is_question = 0 then status end) as said, \
         max(case when is_question = 0 then at end) as said_at, \
         max(case when is_question = 0 then ends_at end) as said_ends_at, \
         max(case when is_question = 1 then at end) as asked_at, \
         max(case when is_question = 1 then ends_at end) as asked_ends_at \
         from (select controller_id, status, at, coalesce(expires_at, 9223372036854775807) as ends_at, \
         case when status = 'pending' then 1 else 0 end as is_question, \
         row_number() over (partition by controller_id, case when status = 'pending' then 1 else 0 end \
         order by at desc, case when status = 'granted' then 0 else 1 end desc, recorded_at desc, id desc) as nth",
    );
    lines(question)?;
    question
        .then(") latest where nth = 1 group by controller_id) matter where case when said = 'granted' and said_ends_at > ")
        .value(now.as_ms())?
        .then(
            " then 'granted' when asked_at is not null and (said_at is null or said_at < asked_at) \
             and asked_ends_at > ",
        )
        .value(now.as_ms())?
        .then(" then 'pending' when said is null or said = 'granted' then 'expired' else said end = ")
        .value(asked.as_str())?
        .then("))");
    Ok(())
}
