//! `whence reports`: what reports are counted from.

use super::plan::open;
use super::run::Failed;
use crate::cli::Reports;
use crate::store::StoreError;

pub(super) async fn reports(command: &Reports) -> Result<(), Failed> {
    let Reports::Rebuild(settings) = command;
    let store = open(settings).await?;
    let marked: Result<u64, StoreError> = store.write(|tx| Box::pin(tx.count_all_again())).await;
    store.close().await;
    println!("{} hours are counted anew as soon as a gateway runs.", marked.map_err(Failed::tried)?);
    Ok(())
}
