//! What screening said of calls: a row for each of which something was said.

use sqlx::any::AnyRow;

use super::many::{Many, batches};
use super::rows::Columns;
use super::{StoreError, Tx};
use crate::domain::calling::identity::{Attestation, Identity, Signature, Why};
use crate::domain::calling::record::Arrived;
use crate::domain::calling::screening::rules::Rule;
use crate::domain::calling::screening::{Decision, Verdict};
use crate::domain::ids::BlockId;

impl Tx {
    /// Writes down what was said at the arrival of calls that are there, if anything was.
    pub async fn insert_screenings(&mut self, calls: &[&Arrived]) -> Result<(), StoreError> {
        let said = |fact: &&&Arrived| fact.screening.is_some() || fact.identity.is_some();
        let calls: Vec<&Arrived> = calls.iter().filter(said).copied().collect();
        for batch in batches(&calls) {
            let mut many = Many::new(
                "insert into screenings (call_id, verdict, rule, block_id, signature, why, attestation, \
                 origination, diversions) values ",
            );
            for fact in batch {
                let (said, identity) = (fact.screening.as_deref(), fact.identity.as_deref());
                many.row()
                    .value(fact.call.to_string())?
                    .value(said.map(|said| said.verdict.as_str()))?
                    .value(said.map(|said| said.rule.as_str()))?
                    .value(said.and_then(|said| said.block.as_ref()).map(BlockId::as_str))?
                    .value(identity.map(|it| it.signature.as_str()))?
                    .value(identity.and_then(|it| it.why).map(Why::as_str))?
                    .value(identity.and_then(|it| it.attestation).map(Attestation::as_str))?
                    .value(identity.and_then(|it| it.origination.as_deref()))?
                    .value(identity.map_or(0, |it| i64::from(it.diversions)))?;
            }
            many.then(" on conflict (call_id) do nothing");
            many.execute(self.connection()).await?;
        }
        Ok(())
    }
}

/// Of a call that was joined with its row here.
pub(super) fn decision(row: &AnyRow) -> Result<Option<Decision>, sqlx::Error> {
    let said = row.maybe_word::<Verdict>("verdict")?.zip(row.maybe_word::<Rule>("rule")?);
    let Some((verdict, rule)) = said else { return Ok(None) };
    Ok(Some(Decision { verdict, rule, block: row.maybe_word("block_id")?, status: None }))
}

/// Of a call that was joined with its row here; `None`: nobody looked.
pub(super) fn identity(row: &AnyRow) -> Result<Option<Identity>, sqlx::Error> {
    let Some(signature) = row.maybe_word::<Signature>("signature")? else { return Ok(None) };
    Ok(Some(Identity {
        signature,
        why: row.maybe_word("why")?,
        attestation: row.maybe_word("attestation")?,
        origination: row.maybe_text("origination")?,
        diversions: row.maybe_int("diversions")?.and_then(|n| u32::try_from(n).ok()).unwrap_or_default(),
    }))
}
