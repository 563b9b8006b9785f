//! The vault on a real folder, and with a bucket that stands in memory.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use futures_util::{FutureExt, TryStreamExt};
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::domain::ids::uuid_v7;
use crate::domain::time::Timestamp;

struct World {
    folder: TempDir,
    vault: Vault,
}

impl World {
    fn new() -> Self {
        Self::with(None)
    }

    fn with(bucket: Option<Arc<dyn ObjectStore>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open_with(config(&folder), bucket);
        let vault = vault.now_or_never().expect("a bucket in memory answers at once").unwrap();
        Self { folder, vault }
    }

    /// A finished recording of frames of these lengths.
    fn record(&self, frames: &[usize]) -> (RecordingId, Vec<u8>) {
        let mut writer = self.vault.create(id(1)).unwrap();
        let sound = sound(frames.iter().sum());
        let mut rest = &sound[..];
        for &length in frames {
            let (frame, after) = rest.split_at(length);
            writer.write_all(frame).unwrap();
            writer.flush().unwrap();
            rest = after;
        }
        assert_eq!(writer.finish().unwrap(), sound.len() as u64);
        (id(1), sound)
    }

    fn path(&self, state: &str) -> PathBuf {
        self.folder.path().join("recordings").join(state).join(id(1).to_string())
    }
}

fn config(folder: &TempDir) -> Config {
    let folder = folder.path();
    Config { folder: folder.join("recordings"), key_file: folder.join("vault.keys"), bucket: None }
}

fn id(ms: i64) -> RecordingId {
    RecordingId(uuid_v7(Timestamp::from_ms(ms), &[7; 10]))
}

fn sound(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

async fn read(vault: &Vault, range: std::ops::Range<u64>) -> Result<Vec<u8>, VaultError> {
    let pieces: Vec<Bytes> = vault.read(id(1)).await?.bytes(range).try_collect().await?;
    Ok(pieces.concat())
}

#[tokio::test]
async fn what_is_written_is_read_back_and_nothing_of_it_stands_on_the_disk() {
    let world = World::new();

    let (_, sound) = world.record(&[4_000, 4_000, 17]);

    assert_eq!(read(&world.vault, 0..u64::MAX).await.unwrap(), sound);
    let file = fs::read(world.path("kept")).unwrap();
    assert!(!file.windows(16).any(|window| sound.windows(16).any(|clear| clear == window)));
}

#[tokio::test]
async fn more_than_a_frame_holds_becomes_several() {
    let world = World::new();
    let sound = sound(2 * sealed::FRAME_MAX + 5);
    let mut writer = world.vault.create(id(1)).unwrap();

    writer.write_all(&sound).unwrap();

    assert_eq!(writer.bytes(), 2 * sealed::FRAME_MAX as u64, "what is full is on disk");
    assert_eq!(writer.finish().unwrap(), sound.len() as u64);
    assert_eq!(read(&world.vault, 0..u64::MAX).await.unwrap(), sound);
}

#[tokio::test]
async fn an_index_longer_than_the_first_look_is_read_whole() {
    let world = World::new();

    let (_, sound) = world.record(&[1; 20_000]);

    assert_eq!(read(&world.vault, 19_990..20_000).await.unwrap(), sound[19_990..]);
}

#[tokio::test]
async fn an_empty_recording_is_one() {
    let world = World::new();

    world.record(&[]);

    assert_eq!(world.vault.read(id(1)).await.unwrap().length(), 0);
    assert!(read(&world.vault, 0..1).await.unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn any_range_is_what_was_written_there(
        frames in proptest::collection::vec(1_usize..200_000, 1..8), from in 0_u64..1_000_000, long in 0_u64..1_000_000,
    ) {
        let world = World::new();
        let (_, sound) = world.record(&frames);
        let until = (from + long).min(sound.len() as u64);
        let from = from.min(until);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();

        let got = runtime.block_on(read(&world.vault, from..until)).unwrap();

        prop_assert_eq!(&got[..], &sound[from as usize..until as usize]);
    }

    #[test]
    fn a_file_that_broke_off_anywhere_keeps_its_whole_frames(cut in 0_u64..3_200) {
        let world = World::new();
        let mut writer = world.vault.create(id(1)).unwrap();
        for frame in sound(3_000).chunks(1_000) {
            writer.write_all(frame).unwrap();
            writer.flush().unwrap();
        }
        drop(writer);
        let file = File::options().write(true).open(world.path("open")).unwrap();
        let length = file.metadata().unwrap().len();
        let cut = cut.min(length);
        file.set_len(cut).unwrap();
        let whole = cut.saturating_sub(24) / 1_020 * 1_000;

        let repaired = world.vault.repair().unwrap();

        prop_assert_eq!(repaired.len(), 1);
        prop_assert_eq!(*repaired[0].bytes.as_ref().unwrap(), whole);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let got = runtime.block_on(read(&world.vault, 0..u64::MAX)).unwrap();
        prop_assert_eq!(&got[..], &sound(3_000)[..whole as usize]);
        prop_assert!(world.vault.repair().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_file_that_was_whole_but_not_yet_moved_is_kept_as_it_is() {
    let world = World::new();
    let (_, sound) = world.record(&[100, 100]);
    let before = fs::read(world.path("kept")).unwrap();
    fs::rename(world.path("kept"), world.path("open")).unwrap();

    world.vault.repair().unwrap();

    assert_eq!(fs::read(world.path("kept")).unwrap(), before);
    assert_eq!(read(&world.vault, 0..200).await.unwrap(), sound);
}

#[tokio::test]
async fn a_changed_byte_is_found_out() {
    let world = World::new();
    world.record(&[100, 100]);
    let whole = fs::read(world.path("kept")).unwrap();

    for at in sealed::HEAD_LEN..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(world.path("kept"), changed).unwrap();
        let read = read(&world.vault, 0..200).await;
        // The lengths before the parts are for repair alone: the index knows them better.
        let is_length = matches!(at, 24..28 | 144..148 | 264..268);
        assert!(is_length || read.is_err(), "byte {at}");
    }
}

#[tokio::test]
async fn the_key_file_is_for_its_owner_alone_and_made_once() {
    let world = World::new();
    let path = world.folder.path().join("vault.keys");
    let made = fs::read(&path).unwrap();

    Vault::open(config(&world.folder)).await.unwrap();

    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read(&path).unwrap(), made);
}

#[tokio::test]
async fn recordings_without_their_key_file_are_not_covered_up_by_a_new_one() {
    let bucket = Arc::new(InMemory::new());
    for is_uploaded in [false, true] {
        let world = World::with(Some(bucket.clone()));
        world.record(&[1]);
        if is_uploaded {
            world.vault.upload(id(1)).await.unwrap();
        }
        let key_file = world.folder.path().join("vault.keys");
        fs::remove_file(&key_file).unwrap();

        let opened = Vault::open_with(config(&world.folder), Some(bucket.clone())).await;

        assert!(matches!(opened, Err(VaultError::KeyFileMissing)), "uploaded: {is_uploaded}");
        assert!(!key_file.exists());
    }
}

#[tokio::test]
async fn a_bucket_that_cannot_be_asked_gets_no_new_key() {
    let folder = tempfile::tempdir().unwrap();
    let away = Bucket {
        name: "calls".into(),
        region: "us-east-1".into(),
        endpoint: Some("http://127.0.0.1:9".into()),
        prefix: String::new(),
        access_key_id: "testing".into(),
        secret_access_key: "testing".into(),
    };

    let opened = Vault::open(Config { bucket: Some(away), ..config(&folder) }).await;

    assert!(matches!(opened, Err(VaultError::Bucket(_))));
    assert!(!folder.path().join("vault.keys").exists());
}

#[tokio::test]
async fn after_a_rotation_the_new_key_alone_opens_everything() {
    let bucket = Arc::new(InMemory::new());
    let world = World::with(Some(bucket.clone()));
    let (_, sound) = world.record(&[100]);
    world.vault.upload(id(1)).await.unwrap();
    let mut here = world.vault.create(id(2)).unwrap();
    here.write_all(b"x").unwrap();
    here.finish().unwrap();

    let rotated = world.vault.rotate().await.unwrap();

    assert_eq!(rotated.rewrapped, 2);
    let path = world.folder.path().join("vault.keys");
    let keys = fs::read_to_string(&path).unwrap();
    let newest: String = keys.lines().filter(|line| line.starts_with(&rotated.key)).collect();
    fs::write(&path, newest).unwrap();
    assert_eq!(read(&world.vault, 0..100).await.unwrap(), sound);
    assert_eq!(world.vault.read(id(2)).await.unwrap().length(), 1);
}

#[tokio::test]
async fn with_a_bucket_the_local_copy_goes_when_the_bucket_has_it() {
    let bucket = Arc::new(InMemory::new());
    let world = World::with(Some(bucket.clone()));
    let (_, sound) = world.record(&[100]);

    world.vault.upload(id(1)).await.unwrap();

    assert!(!world.path("kept").exists() && !world.path("keys").exists());
    assert_eq!(read(&world.vault, 10..90).await.unwrap(), sound[10..90]);
    world.vault.upload(id(1)).await.unwrap();
    assert!(matches!(world.vault.upload(id(2)).await, Err(VaultError::NotFound)), "nobody has it");
}

#[tokio::test]
async fn an_upload_that_broke_off_at_its_end_is_done_again() {
    let bucket = Arc::new(InMemory::new());
    let world = World::with(Some(bucket.clone()));
    world.record(&[100]);
    let key = fs::read(world.path("keys")).unwrap();
    world.vault.upload(id(1)).await.unwrap();
    fs::write(world.path("keys"), key).unwrap();

    world.vault.upload(id(1)).await.unwrap();

    assert!(!world.path("keys").exists());
}

#[tokio::test]
async fn a_deleted_recording_is_nowhere_and_can_be_deleted_again() {
    let bucket = Arc::new(InMemory::new());
    let world = World::with(Some(bucket.clone()));
    world.record(&[100]);
    world.vault.upload(id(1)).await.unwrap();

    for _ in 0..2 {
        world.vault.delete(id(1)).await.unwrap();
        assert!(matches!(world.vault.read(id(1)).await, Err(VaultError::NotFound)));
        for state in ["keys", "kept"] {
            assert!(bucket.head(&object(state, id(1))).await.is_err());
        }
    }
}

#[test]
fn a_recording_is_not_begun_twice() {
    let world = World::new();
    let writer = world.vault.create(id(1)).unwrap();
    let key = fs::read(world.path("keys")).unwrap();

    assert!(world.vault.create(id(1)).is_err());
    assert_eq!(fs::read(world.path("keys")).unwrap(), key, "the first is not harmed");
    writer.finish().unwrap();
}

/// On a server that speaks S3, when `WHENCE_TEST_S3` names one and a bucket of it:
/// `http://127.0.0.1:5000/bucket`.
#[tokio::test]
async fn a_bucket_that_speaks_s3_takes_gives_and_forgets() {
    let Ok(url) = std::env::var("WHENCE_TEST_S3") else { return };
    let (endpoint, name) = url.rsplit_once('/').expect("an address and a bucket");
    let bucket = Bucket {
        name: name.into(),
        region: "us-east-1".into(),
        endpoint: Some(endpoint.into()),
        prefix: "tests/calls".into(),
        access_key_id: "testing".into(),
        secret_access_key: "testing".into(),
    };
    let world = World::with(Some(bucket.connect().unwrap()));
    // More than one part of an upload.
    let (_, sound) = world.record(&[1_000_000; 12]);

    world.vault.upload(id(1)).await.unwrap();

    assert!(!world.path("kept").exists());
    assert_eq!(read(&world.vault, 0..u64::MAX).await.unwrap(), sound);
    assert_eq!(read(&world.vault, 5_999_999..6_000_001).await.unwrap(), sound[5_999_999..6_000_001]);
    assert_eq!(world.vault.rotate().await.unwrap().rewrapped, 1);
    assert_eq!(world.vault.read(id(1)).await.unwrap().length(), sound.len() as u64);
    for _ in 0..2 {
        world.vault.delete(id(1)).await.unwrap();
        assert!(matches!(world.vault.read(id(1)).await, Err(VaultError::NotFound)));
    }
    let away = Bucket { endpoint: Some("http://127.0.0.1:9".into()), ..bucket };
    let world = World::with(Some(away.connect().unwrap()));
    let (_, sound) = world.record(&[100]);
    assert!(matches!(world.vault.upload(id(1)).await, Err(VaultError::Bucket(_))));
    assert_eq!(read(&world.vault, 0..100).await.unwrap(), sound, "while it is away the folder serves");
}
