//! The files that facts are written to first, one JSON line each.
//!
//! ```text
//!   calls.jsonl          facts are added here, and synced before they count
//!   calls.sealed.jsonl   on its way into the database; nothing is added any more
//!   calls.orphans        what the database refuses, for a person to look at
//! ```
//!
//! A file is sealed whole, so neither side ever waits for the other, and it is
//! deleted when all of it is in the database. After a crash it is written
//! again from its beginning, which changes nothing.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::spawn_blocking;
use tracing::error;

use super::deliver::Aside;
use crate::domain::calling::record::Fact;

/// Facts that wait on disk.
#[derive(Debug)]
pub(super) struct Spool {
    path: PathBuf,
    /// Where facts are added, once there is one.
    open: Option<Arc<File>>,
    /// How many facts the open file holds.
    facts: usize,
    /// How long it is, so that half a line can be taken back.
    length: u64,
    /// The sealed file, unless it is with whoever brings it into the database.
    sealed: Option<Sealed>,
}

/// A file that nothing is added to any more, and how much of it is done.
#[derive(Debug)]
pub(super) struct Sealed {
    path: PathBuf,
    done: u64,
    /// How many facts are left in it.
    pub facts: usize,
}

/// The next facts of a sealed file.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub facts: Vec<Fact>,
    /// Lines that cannot be read, a later version's say.
    pub unreadable: Vec<u8>,
    /// Where the group ends.
    end: u64,
    lines: usize,
}

impl Spool {
    /// Takes up what is there, so that what cannot be used is known before the first call.
    pub async fn open(path: PathBuf) -> io::Result<Self> {
        spawn_blocking(move || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let file = open(&path)?;
            let (facts, length) = measure(&file)?;
            // A last line that a crash cut off was never acknowledged.
            file.set_len(length)?;
            let sealed = take_up(path.with_extension("sealed.jsonl"))?;
            Ok(Self { path, open: Some(Arc::new(file)), facts, length, sealed })
        })
        .await?
    }

    /// How many facts wait, besides those that are on their way.
    pub fn len(&self) -> usize {
        self.facts + self.sealed.as_ref().map_or(0, |sealed| sealed.facts)
    }

    /// Adds facts at the end, all or none; on return they survive a crash.
    pub async fn append(&mut self, facts: impl IntoIterator<Item = &Fact>) -> io::Result<()> {
        let (text, count) = lines(facts)?;
        let (path, open, before) = (self.path.clone(), self.open.clone(), self.length);
        let added = text.len() as u64;
        let file = spawn_blocking(move || {
            let file = match open {
                Some(file) => file,
                None => Arc::new(create(&path)?),
            };
            let written = (&*file).write_all(&text).and_then(|()| file.sync_data());
            if written.is_err() {
                file.set_len(before)?;
            }
            written.map(|()| file)
        });
        self.open = Some(file.await??);
        self.length += added;
        self.facts += count;
        Ok(())
    }

    /// The facts that are next on their way: what was sealed before, else all
    /// that is there; `None` when nothing is.
    pub async fn seal(&mut self) -> io::Result<Option<Sealed>> {
        if let Some(sealed) = self.sealed.take() {
            return Ok(Some(sealed));
        }
        let sealed = self.path.with_extension("sealed.jsonl");
        if tokio::fs::try_exists(&sealed).await? {
            // Whoever had it never gave it back.
            return spawn_blocking(move || take_up(sealed)).await?;
        }
        if self.facts == 0 {
            return Ok(None);
        }
        tokio::fs::rename(&self.path, &sealed).await?;
        let facts = std::mem::take(&mut self.facts);
        (self.open, self.length) = (None, 0);
        Ok(Some(Sealed { path: sealed, done: 0, facts }))
    }

    /// Takes back a sealed file that could not be brought in to its end.
    pub fn unseal(&mut self, sealed: Sealed) {
        self.sealed = Some(sealed);
    }

    /// Keeps facts that the database refuses in a file for a person to look at.
    pub async fn set_aside(&self, aside: &Aside) -> io::Result<()> {
        set_aside(&self.path, vec![], aside).await.map(drop)
    }
}

impl Sealed {
    /// The next facts, at most `limit`; an empty group at the end.
    pub async fn read(&self, limit: usize) -> io::Result<Group> {
        let (path, done) = (self.path.clone(), self.done);
        spawn_blocking(move || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(done))?;
            let mut lines = BufReader::with_capacity(1 << 16, file);
            let mut group = Group { end: done, ..Group::default() };
            let mut line = Vec::new();
            while group.lines < limit {
                line.clear();
                let length = lines.read_until(b'\n', &mut line)?;
                if line.last() != Some(&b'\n') {
                    break;
                }
                group.end += length as u64;
                group.lines += 1;
                match serde_json::from_slice(&line) {
                    Ok(fact) => group.facts.push(fact),
                    Err(_) => group.unreadable.extend_from_slice(&line),
                }
            }
            Ok(group)
        })
        .await?
    }

    /// This group is in the database but for `aside`; that, and what cannot be
    /// read, is set aside. Gives how many that are.
    pub async fn passes(&mut self, group: Group, aside: &Aside) -> io::Result<usize> {
        let count = set_aside(&self.path, group.unreadable, aside).await?;
        self.done = group.end;
        self.facts = self.facts.saturating_sub(group.lines);
        Ok(count)
    }

    /// All of it is in the database.
    pub async fn delete(&self) -> io::Result<()> {
        tokio::fs::remove_file(&self.path).await
    }
}

impl Group {
    /// Nothing was left.
    pub fn is_empty(&self) -> bool {
        self.lines == 0
    }
}

/// Facts as they stand in a file, and their number.
fn lines<'f>(facts: impl IntoIterator<Item = &'f Fact>) -> io::Result<(Vec<u8>, usize)> {
    let (mut text, mut count) = (Vec::new(), 0);
    for fact in facts {
        serde_json::to_writer(&mut text, fact)?;
        text.push(b'\n');
        count += 1;
    }
    Ok((text, count))
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).read(true).open(path)
}

/// A sealed file that was left, if there is one.
fn take_up(path: PathBuf) -> io::Result<Option<Sealed>> {
    match File::open(&path) {
        Ok(file) => Ok(Some(Sealed { facts: measure(&file)?.0, path, done: 0 })),
        Err(none) if none.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// A new file, whose name is on disk as well.
fn create(path: &Path) -> io::Result<File> {
    let file = open(path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}

/// How many whole lines a file has, and where the last of them ends.
fn measure(file: &File) -> io::Result<(usize, u64)> {
    let mut lines = BufReader::new(file);
    let (mut count, mut end, mut at) = (0, 0, 0);
    loop {
        let text = lines.fill_buf()?;
        if text.is_empty() {
            return Ok((count, end));
        }
        for place in memchr::memchr_iter(b'\n', text) {
            count += 1;
            end = at + place as u64 + 1;
        }
        let length = text.len();
        at += length as u64;
        lines.consume(length);
    }
}

/// Puts lines and facts into the file for a person to look at, and says so.
async fn set_aside(path: &Path, mut text: Vec<u8>, aside: &Aside) -> io::Result<usize> {
    let unreadable = memchr::memchr_iter(b'\n', &text).count();
    let (mut facts, count) = lines(&aside.facts)?;
    if unreadable + count == 0 {
        return Ok(0);
    }
    text.append(&mut facts);
    // `calls.jsonl` and `calls.sealed.jsonl` share theirs.
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = name.split('.').next().unwrap_or_default();
    let (spool, orphans) =
        (path.with_file_name(format!("{name}.jsonl")), path.with_file_name(format!("{name}.orphans")));
    error!(
        facts = count,
        unreadable,
        why = if count == 0 { "their lines cannot be read" } else { &aside.why },
        "the database refuses facts about calls: they are set aside in {orphans}. When the cause is mended, stop \
         the gateway, move these lines to the end of {spool}, and start it again",
        orphans = orphans.display(),
        spool = spool.display()
    );
    spawn_blocking(move || {
        let mut file = create(&orphans)?;
        file.write_all(&text)?;
        file.sync_all()
    })
    .await??;
    Ok(unreadable + count)
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

    async fn all(spool: &mut Spool) -> Vec<Fact> {
        let sealed = spool.seal().await.unwrap().unwrap();
        let facts = sealed.read(100).await.unwrap().facts;
        spool.unseal(sealed);
        facts
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
        assert_eq!(all(&mut after_crash).await, [fact(1), fact(2), fact(3)]);
    }

    #[tokio::test]
    async fn what_was_on_its_way_comes_before_what_was_added_since_also_after_a_crash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.jsonl");
        let mut spool = Spool::open(path.clone()).await.unwrap();
        spool.append(&[fact(1)]).await.unwrap();
        let on_its_way = spool.seal().await.unwrap().unwrap();
        spool.append(&[fact(2)]).await.unwrap();
        drop(on_its_way);

        let mut after_crash = Spool::open(path).await.unwrap();

        assert_eq!(after_crash.len(), 2);
        let first = after_crash.seal().await.unwrap().unwrap();
        assert_eq!(first.read(100).await.unwrap().facts, [fact(1)]);
        first.delete().await.unwrap();
        let second = after_crash.seal().await.unwrap().unwrap();
        assert_eq!(second.read(100).await.unwrap().facts, [fact(2)]);
        second.delete().await.unwrap();
        assert!(after_crash.seal().await.unwrap().is_none());
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

        assert_eq!(all(&mut spool).await, [fact(1), fact(2)]);
    }

    #[tokio::test]
    async fn a_line_that_cannot_be_read_holds_nothing_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.jsonl");
        std::fs::write(&path, "{\"fact\":\"of a later version\"}\n").unwrap();
        let mut spool = Spool::open(path.clone()).await.unwrap();
        spool.append(&[fact(1)]).await.unwrap();

        let mut sealed = spool.seal().await.unwrap().unwrap();
        let group = sealed.read(100).await.unwrap();
        assert_eq!(group.facts, [fact(1)]);
        assert_eq!(sealed.passes(group, &Aside::default()).await.unwrap(), 1);

        assert!(sealed.read(100).await.unwrap().is_empty());
        assert_eq!(sealed.facts, 0);
        let aside = std::fs::read_to_string(path.with_extension("orphans")).unwrap();
        assert_eq!(aside, "{\"fact\":\"of a later version\"}\n");
    }

    #[tokio::test]
    async fn a_sealed_file_is_read_in_groups_from_where_it_was_left() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(folder.path().join("calls.jsonl")).await.unwrap();
        spool.append(&[fact(1), fact(2), fact(3)]).await.unwrap();
        let mut sealed = spool.seal().await.unwrap().unwrap();

        let group = sealed.read(2).await.unwrap();
        assert_eq!(group.facts, [fact(1), fact(2)]);
        assert_eq!(sealed.passes(group, &Aside::default()).await.unwrap(), 0);
        spool.unseal(sealed);

        assert_eq!(spool.len(), 1);
        assert_eq!(all(&mut spool).await, [fact(3)]);
    }

    #[tokio::test]
    async fn a_spool_that_cannot_be_used_is_known_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();

        assert!(Spool::open(folder.path().join("file/calls.jsonl")).await.is_err());
    }
}
