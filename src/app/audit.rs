//! `whence audit`: whether the audit log is what was written.

use super::plan::open;
use super::run::Failed;
use crate::cli::{Audit, AuditVerify};
use crate::domain::people::audit::Link;
use crate::flows::audit_verified;

pub(super) async fn audit(command: &Audit) -> Result<(), Failed> {
    match command {
        Audit::Verify(args) => verify(args).await,
    }
}

async fn verify(args: &AuditVerify) -> Result<(), Failed> {
    let noted = args.noted.as_deref().map(noted).transpose()?;
    let store = open(&args.settings).await?;
    let verified = audit_verified(&store, noted.as_ref()).await.map_err(Failed::tried);
    store.close().await;
    let verified = verified?;
    let (start, head) = (&verified.ends.start, &verified.ends.head);
    if let Some(broken) = verified.broken {
        return Err(Failed::Tried(format!(
            "the audit log does not hold after {} entries: {broken}",
            verified.entries
        )));
    }
    println!("The audit log holds: {} entries, from {} on.", verified.entries, start.seq + 1);
    if verified.unsealed > 0 {
        println!(
            "{} entries have come too lately to be sealed; a running gateway seals them.",
            verified.unsealed
        );
    }
    if noted.is_some() && verified.noted.is_none() {
        println!("The entry that was noted has been forgotten, its time being over.");
    }
    println!("Note this elsewhere, and hold the log against it next time (--noted):");
    println!("{}:{}", head.seq, head.hash);
    Ok(())
}

fn noted(text: &str) -> Result<Link, Failed> {
    let parts = text.split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash)));
    let (seq, hash) = parts.ok_or_else(|| {
        Failed::Start(format!("{text:?} is not what an earlier `whence audit verify` printed"))
    })?;
    Ok(Link { seq, hash: hash.to_owned() })
}
