//! Asks name servers whether the domains of people's addresses take mail, where the settings say so: never in the way
//! of whoever writes an address, and of each domain once, however many have an address there.
//!
//! A name server is told the domain and nothing else: not whose it is, nor how many they are.

use std::time::Duration;

use futures_util::future::join_all;
use hickory_resolver::TokioResolver;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tracing::{debug, warn};

use super::pace::{Share, next_round};
use crate::clock::Clock;
use crate::domain::people::mail_domain::{Said, Verdict, verdict};
use crate::flows::{FlowError, mail_domain_told, mail_domains_due, mail_domains_met};
use crate::store::Store;

/// Domains that are asked about at once, and in each second.
const AT_ONCE: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

pub struct AskMailDomains {
    pub store: Store,
    pub clock: Clock,
    /// Keeps no answers: each is asked for once.
    pub dns: TokioResolver,
}

impl AskMailDomains {
    pub async fn run(self) {
        loop {
            let began = self.clock.now();
            let met = self.meet().await;
            let next = next_round(began, self.clock.now(), Share::Hundredth);
            match met {
                Ok(0) => {}
                Ok(domains) => debug!(domains, "new domains of addresses are asked about"),
                Err(failure) => self.complain(&failure),
            }
            loop {
                match self.ask().await {
                    Ok(0) => break,
                    Ok(_) => self.clock.until(Some(self.clock.now() + PAUSE)).await,
                    Err(failure) => {
                        self.complain(&failure);
                        break;
                    }
                }
            }
            self.clock.until(Some(next)).await;
        }
    }

    fn complain(&self, failure: &FlowError) {
        let error = failure as &dyn std::error::Error;
        warn!(error, "domains of addresses are not asked about; it is tried again");
    }

    /// Writes new domains down; tells how many.
    pub async fn meet(&self) -> Result<usize, FlowError> {
        mail_domains_met(&self.store, &self.clock).await
    }

    /// Asks about some that are due; tells how many.
    pub async fn ask(&self) -> Result<usize, FlowError> {
        let due = mail_domains_due(&self.store, &self.clock, AT_ONCE).await?;
        let told = join_all(due.iter().map(|due| ask(&self.dns, &due.domain))).await;
        let asked = due.len();
        for (domain, told) in due.into_iter().zip(told) {
            mail_domain_told(&self.store, &self.clock, domain, told).await?;
        }
        Ok(asked)
    }
}

async fn ask(dns: &TokioResolver, domain: &str) -> Option<Verdict> {
    // Letters of other scripts go over in ASCII (RFC 5891); the search list of the system is for short names.
    let mut name = Name::from_utf8(domain).ok()?;
    name.set_fqdn(true);
    let mx = said(dns, &name, RecordType::MX).await;
    let mut addresses = Vec::new();
    if mx == Said::Nothing {
        for kind in [RecordType::A, RecordType::AAAA] {
            addresses.push(said(dns, &name, kind).await);
        }
    }
    verdict(mx, &addresses)
}

async fn said(dns: &TokioResolver, name: &Name, kind: RecordType) -> Said {
    let failure = match dns.lookup(name.clone(), kind).await {
        Ok(found) => return of_records(found.answers().iter().map(|record| &record.data), kind),
        Err(failure) => failure,
    };
    let NetError::Dns(DnsError::NoRecordsFound(none)) = failure else { return Said::Silence };
    match none.response_code {
        ResponseCode::NXDomain => Said::NoDomain,
        // It only names others who might know.
        ResponseCode::NoError if none.soa.is_none() && none.ns.is_some() => Said::Silence,
        ResponseCode::NoError => Said::Nothing,
        _ => Said::Silence,
    }
}

fn of_records<'r>(records: impl Iterator<Item = &'r RData>, kind: RecordType) -> Said {
    let mut said = Said::Nothing;
    for record in records.filter(|record| record.record_type() == kind) {
        match record {
            RData::MX(mx) if mx.exchange.is_root() => said = Said::NullMx,
            _ => return Said::Records,
        }
    }
    said
}
