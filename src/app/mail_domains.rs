//! Whether name servers are asked about the domains of people's addresses: where not, what was found is forgotten.

use super::StartError;
use crate::clock::Clock;
use crate::config::Config;
use crate::flows::mail_domains_forgotten;
use crate::jobs::ask_mail_domains::AskMailDomains;
use crate::store::Store;
use crate::{name_servers, sip};

pub(super) async fn asker(
    config: &Config,
    store: &Store,
    clock: &Clock,
) -> Result<Option<AskMailDomains>, StartError> {
    if !config.quality.mx {
        mail_domains_forgotten(store).await?;
        return Ok(None);
    }
    let dns = name_servers::resolver(&config.sip.dns, 0).map_err(sip::StartError::Dns)?;
    Ok(Some(AskMailDomains { store: store.clone(), clock: clock.clone(), dns }))
}
