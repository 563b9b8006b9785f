//! The file in which facts wait: one JSON line each, synced before it counts.

use std::io;
use std::path::{Path, PathBuf};

use tokio::fs;
use tokio::io::AsyncWriteExt;
use tracing::error;

use crate::domain::calling::record::Fact;

/// The facts that the database has not taken yet.
#[derive(Debug)]
pub(super) struct Spool {
    path: PathBuf,
    /// How many facts the file holds.
    len: usize,
}

impl Spool {
    /// Opens the file, creating it and its folder, so that what cannot be used
    /// is known before the first call.
    pub async fn open(path: PathBuf) -> io::Result<Self> {
        append_to(&path, &[]).await?;
        let mut spool = Self { path, len: 0 };
        spool.read().await?;
        Ok(spool)
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds facts at the end; on return they survive a crash.
    pub async fn append(&mut self, facts: &[Fact]) -> io::Result<()> {
        append_to(&self.path, facts).await?;
        self.len += facts.len();
        Ok(())
    }

    /// Keeps facts that will never fit the database in a file for a person to look at.
    pub async fn set_aside(&self, facts: &[Fact]) -> io::Result<()> {
        append_to(&self.orphans(), facts).await
    }

    /// All facts in their order.
    ///
    /// A last line that a crash cut off was never acknowledged and is dropped.
    /// Any other line that cannot be read, a later version's say, goes to the
    /// orphans: it must not hold up the rest.
    pub async fn read(&mut self) -> io::Result<Vec<Fact>> {
        let text = fs::read(&self.path).await?;
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        let (mut facts, mut unreadable) = (vec![], vec![]);
        for line in text[..whole].split_inclusive(|b| *b == b'\n') {
            match serde_json::from_slice(line) {
                Ok(fact) => facts.push(fact),
                Err(_) => unreadable.extend_from_slice(line),
            }
        }
        if !unreadable.is_empty() {
            append_bytes(&self.orphans(), &unreadable).await?;
            error!(file = %self.orphans().display(), "lines of the spool cannot be read; they are set aside");
        }
        if !unreadable.is_empty() || whole < text.len() {
            self.replace(&facts).await?;
        }
        self.len = facts.len();
        Ok(facts)
    }

    /// Forgets the first `taken` facts, which are in the database.
    pub async fn drop_first(&mut self, taken: usize) -> io::Result<()> {
        if taken == 0 {
            return Ok(());
        }
        let facts = self.read().await?;
        self.replace(&facts[taken.min(facts.len())..]).await
    }

    /// Keeps only `facts`; the old file stands until the new one is whole.
    async fn replace(&mut self, facts: &[Fact]) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut file = fs::File::create(&fresh).await?;
        file.write_all(&lines(facts)?).await?;
        file.sync_all().await?;
        fs::rename(&fresh, &self.path).await?;
        self.len = facts.len();
        Ok(())
    }

    fn orphans(&self) -> PathBuf {
        self.path.with_extension("orphans")
    }
}

async fn append_to(path: &Path, facts: &[Fact]) -> io::Result<()> {
    append_bytes(path, &lines(facts)?).await
}

/// Adds whole lines or nothing: half a line would swallow the next one.
async fn append_bytes(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).await?;
    }
    let mut file = fs::OpenOptions::new().create(true).append(true).read(true).open(path).await?;
    let before = file.metadata().await?.len();
    let written = async {
        file.write_all(text).await?;
        file.flush().await?;
        file.sync_all().await
    };
    let written = written.await;
    if written.is_err() {
        file.set_len(before).await?;
    }
    written
}

fn lines(facts: &[Fact]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for fact in facts {
        serde_json::to_writer(&mut text, fact)?;
        text.push(b'\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calling::record::Answered;
    use crate::domain::ids::CallId;
    use crate::domain::time::Timestamp;

    fn fact(ms: i64) -> Fact {
        Fact::Answered(Answered {
            destination: None,
            call: CallId(uuid::Uuid::nil()),
            ringing_at: None,
            at: Timestamp::from_ms(ms),
        })
    }

    #[tokio::test]
    async fn what_was_appended_is_there_after_a_crash_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool/calls.jsonl");
        let mut spool = Spool::open(path.clone()).await.unwrap();
        spool.append(&[fact(1), fact(2)]).await.unwrap();
        spool.append(&[fact(3)]).await.unwrap();

        let mut after_crash = Spool::open(path).await.unwrap();

        assert_eq!(after_crash.len(), 3);
        assert_eq!(after_crash.read().await.unwrap(), [fact(1), fact(2), fact(3)]);
    }

    #[tokio::test]
    async fn a_line_that_a_crash_cut_off_does_not_swallow_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.jsonl");
        Spool::open(path.clone()).await.unwrap().append(&[fact(1)]).await.unwrap();
        let mut text = std::fs::read(&path).unwrap();
        text.extend_from_slice(b"{\"fact\":\"answ");
        std::fs::write(&path, text).unwrap();

        let mut spool = Spool::open(path).await.unwrap();
        spool.append(&[fact(2)]).await.unwrap();

        assert_eq!(spool.read().await.unwrap(), [fact(1), fact(2)]);
    }

    #[tokio::test]
    async fn a_line_that_cannot_be_read_holds_nothing_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.jsonl");
        std::fs::write(&path, "{\"fact\":\"of a later version\"}\n").unwrap();

        let mut spool = Spool::open(path.clone()).await.unwrap();
        spool.append(&[fact(1)]).await.unwrap();

        assert_eq!(spool.read().await.unwrap(), [fact(1)]);
        let aside = std::fs::read_to_string(path.with_extension("orphans")).unwrap();
        assert_eq!(aside, "{\"fact\":\"of a later version\"}\n");
    }

    #[tokio::test]
    async fn what_the_database_has_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(folder.path().join("calls.jsonl")).await.unwrap();
        assert!(spool.is_empty());
        spool.append(&[fact(1), fact(2), fact(3)]).await.unwrap();

        spool.drop_first(2).await.unwrap();

        assert_eq!(spool.read().await.unwrap(), [fact(3)]);
        spool.drop_first(1).await.unwrap();
        assert!(spool.is_empty());
    }

    #[tokio::test]
    async fn a_spool_that_cannot_be_used_is_known_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();

        assert!(Spool::open(folder.path().join("file/calls.jsonl")).await.is_err());
    }
}
