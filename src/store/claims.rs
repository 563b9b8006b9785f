//! What visitors said of themselves, as they said it.

use super::rows::Columns;
use super::{StoreError, Tx};
use crate::domain::ids::VisitId;
use crate::domain::people::claims::{CLAIMS_MAX, Claims};
use crate::domain::time::Timestamp;

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// Something of it is new in this visit.
    Anew,
    /// All of it had been said before.
    Again,
    /// The visit has as many as are kept; nothing was written.
    Full,
}

impl Tx {
    pub async fn insert_claims(
        &mut self,
        visit: VisitId,
        claims: &Claims,
        at: Timestamp,
    ) -> Result<Said, StoreError> {
        let identities = claims.identities();
        let mut said: Vec<(&str, String)> = identities.iter().map(|it| (it.kind(), it.reveal())).collect();
        said.extend(claims.name.clone().map(|name| ("name", name)));
        let rows = sqlx::query("select kind, value from claims where visit_id = $1")
            .bind(visit.to_string())
            .fetch_all(self.connection())
            .await?;
        let known = super::rows::all(rows, |row| Ok((row.text("kind")?, row.text("value")?)))?;
        said.retain(|(kind, value)| !known.iter().any(|(k, v)| k == kind && v == value));
        if said.is_empty() {
            return Ok(Said::Again);
        }
        if known.len() + said.len() > CLAIMS_MAX as usize {
            return Ok(Said::Full);
        }
        for (kind, value) in said {
            sqlx::query(
                "insert into claims (visit_id, kind, value, at) values ($1, $2, $3, $4) \
                 on conflict (visit_id, kind, value) do nothing",
            )
            .bind(visit.to_string())
            .bind(kind)
            .bind(value)
            .bind(at.as_ms())
            .execute(self.connection())
            .await?;
        }
        Ok(Said::Anew)
    }
}
