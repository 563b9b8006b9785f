//! A page of a site is fetched, and told which of its numbers the snippet would swap, and why not the others.
//!
//! ```text
//!   address ─► fetch ─► HTML ─► read (rows of text, attributes, tags) ─► judge ─► findings
//! ```

pub mod fetch;
mod judge;
mod policy;
mod read;

use std::collections::BTreeSet;

use url::Url;

use self::fetch::{FetchError, fetch};
pub use self::judge::{Finding, Place, TagState};
pub use self::read::Zone;
use super::AppState;
use super::error::HttpError;
use crate::domain::ids::SiteId;
use crate::domain::phone::Phone;

/// What was found on a page.
pub struct Report {
    /// Where the page was in the end.
    pub address: Url,
    pub tag: TagState,
    /// The directive of the page's policy that lets the snippet not load, or not ask.
    pub forbidden_by: Option<String>,
    pub findings: Vec<Finding>,
    /// Pages within the page, which the snippet does not look into unless they ask for it.
    pub frames: Vec<String>,
    /// Numbers that the site swaps and the page does not have.
    pub absent: Vec<Phone>,
}

/// Tests a page of a site; the error says why it could not be had.
pub async fn tested(
    app: &AppState,
    id: &SiteId,
    address: &str,
) -> Result<Result<Report, FetchError>, HttpError> {
    let site = app.store.find_site(id).await?.ok_or(HttpError::NotFound("site"))?;
    let pools = app.store.list_pools_of(id).await?;
    let stand_ins = app.store.list_stand_ins(id).await?;
    let targets: BTreeSet<Phone> =
        pools.into_iter().map(|pool| pool.target).chain(stand_ins.into_iter().map(|it| it.target)).collect();
    let page = match fetch(&site.origins, address).await {
        Ok(page) => page,
        Err(refused) => return Ok(Err(refused)),
    };
    let read = read::read(&page.html);
    let findings = judge::findings(&read, &targets);
    let absent = targets.iter().filter(|target| !findings.iter().any(|it| it.target == **target));
    Ok(Ok(Report {
        tag: judge::tag(&read, &page.address, &app.config.public_url, id),
        forbidden_by: policy::forbids(&page.policies, &read, &page.address, &app.config.public_url),
        frames: read.frames.clone(),
        absent: absent.cloned().collect(),
        findings,
        address: page.address,
    }))
}
