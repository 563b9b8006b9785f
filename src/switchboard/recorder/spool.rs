//! The file in which facts wait: one JSON line each, synced before it counts.

use std::io;
use std::path::PathBuf;

use tokio::fs;
use tokio::io::AsyncWriteExt;

use crate::domain::calling::record::Fact;

/// The facts that the database has not taken yet.
#[derive(Debug)]
pub(super) struct Spool {
    path: PathBuf,
    /// Whether the file may hold facts; a file left by a crash is looked for once.
    empty: bool,
}

impl Spool {
    pub fn at(path: PathBuf) -> Self {
        Self { path, empty: false }
    }

    pub fn is_empty(&self) -> bool {
        self.empty
    }

    /// Adds facts at the end; on return they survive a crash.
    pub async fn append(&mut self, facts: &[Fact]) -> io::Result<()> {
        self.empty = false;
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).await?;
        }
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&self.path).await?;
        file.write_all(&lines(facts)?).await?;
        file.sync_all().await
    }

    /// All facts in their order. A last line that a crash cut off was never
    /// acknowledged, and is left out.
    pub async fn read(&mut self) -> io::Result<Vec<Fact>> {
        let text = match fs::read(&self.path).await {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(e),
        };
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            let file = fs::OpenOptions::new().write(true).open(&self.path).await?;
            file.set_len(whole as u64).await?;
        }
        let facts: Result<Vec<Fact>, _> = text[..whole]
            .split(|b| *b == b'\n')
            .filter(|line| !line.is_empty())
            .map(serde_json::from_slice)
            .collect();
        let facts = facts.map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        self.empty = facts.is_empty();
        Ok(facts)
    }

    /// Keeps only `facts`; the old file stands until the new one is whole.
    pub async fn replace(&mut self, facts: &[Fact]) -> io::Result<()> {
        if facts.is_empty() {
            fs::remove_file(&self.path).await?;
        } else {
            let fresh = self.path.with_extension("new");
            let mut file = fs::File::create(&fresh).await?;
            file.write_all(&lines(facts)?).await?;
            file.sync_all().await?;
            fs::rename(&fresh, &self.path).await?;
        }
        self.empty = facts.is_empty();
        Ok(())
    }
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
            call: CallId(uuid::Uuid::nil()),
            ringing_at: None,
            at: Timestamp::from_ms(ms),
        })
    }

    #[tokio::test]
    async fn what_was_appended_is_there_after_a_crash_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.spool");
        let mut spool = Spool::at(path.clone());
        spool.append(&[fact(1), fact(2)]).await.unwrap();
        spool.append(&[fact(3)]).await.unwrap();

        let after_crash = Spool::at(path).read().await.unwrap();

        assert_eq!(after_crash, [fact(1), fact(2), fact(3)]);
    }

    #[tokio::test]
    async fn a_line_that_a_crash_cut_off_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.spool");
        let mut spool = Spool::at(path.clone());
        spool.append(&[fact(1)]).await.unwrap();
        let mut text = std::fs::read(&path).unwrap();
        text.extend_from_slice(b"{\"fact\":\"answ");
        std::fs::write(&path, text).unwrap();

        assert_eq!(Spool::at(path).read().await.unwrap(), [fact(1)]);
    }

    #[tokio::test]
    async fn a_spool_that_was_taken_up_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::at(folder.path().join("calls.spool"));
        assert!(spool.read().await.unwrap().is_empty() && spool.is_empty());
        spool.append(&[fact(1)]).await.unwrap();
        assert!(!spool.is_empty());

        spool.replace(&[]).await.unwrap();

        assert!(spool.is_empty() && spool.read().await.unwrap().is_empty());
    }
}
