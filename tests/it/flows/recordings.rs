//! A recording from its first fact to its end: written down, heard, uploaded, deleted, recovered.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use object_store::memory::InMemory;
use tempfile::TempDir;
use uuid::Uuid;
use whence::domain::calling::record::Fact;
use whence::domain::calling::recording::{
    AccessKind, Accessor, DeleteWhy, Format, RecordingEnded, RecordingFailure,
};
use whence::domain::ids::{ApiKeyId, CallId, RecordingId};
use whence::flows::{
    DeletionError, FlowError, calls_written, recording_deleted, recording_given_up, recording_heard,
    recording_uploaded,
};
use whence::jobs::delete_recordings::delete_recordings;
use whence::jobs::repair_recordings::repair_recordings;
use whence::jobs::upload_recordings::upload_recordings;
use whence::telemetry::Metrics;
use whence::vault::{Config, Vault, VaultError};

use crate::support::databases::on_each_database;
use crate::support::recorded::{KEPT, facts, recorded, recording};
use crate::support::town::{MINUTE, Town};

const PROGRAM: Accessor = Accessor::Key(ApiKeyId(Uuid::nil()));

/// Time goes by, a second at a time, until it is so.
async fn passes_until(town: &Town, is_so: impl AsyncFn() -> bool) {
    while !is_so().await {
        town.clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
}

fn vault() -> (TempDir, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let config = Config { folder: place.join("recordings"), key_file: place.join("keys"), bucket: None };
    (folder, Vault::open(config).now_or_never().expect("no bucket is waited for").unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_written_once_and_waits_for_its_call() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let call = CallId(town.clock.new_id());
        let (began, ended) = facts(&town, call, Format::OggOpus);
        let facts = [Fact::RecordingEnded(ended.clone()), Fact::RecordingBegan(began.clone())];

        let early = calls_written(&town.store, &town.clock, &facts).await;
        assert!(matches!(early, Err(FlowError::CallUnknown { calls }) if calls == [call]));
        let arrived = whence::domain::calling::record::Arrived { call, ..town.call(1000, None) };
        for _ in 0..2 {
            let facts = [&facts[..], &[Fact::Arrived(arrived.clone())]].concat();
            calls_written(&town.store, &town.clock, &facts).await.unwrap();
        }

        let [record] = &town.store.list_recordings_of(&[call]).await.unwrap()[..] else {
            panic!("there is one")
        };
        assert_eq!((record.id, record.ended_at), (began.recording, Some(ended.at)));
        assert_eq!((&record.paused, record.bytes), (&ended.paused, Some(320_000)));
        assert_eq!((record.delete_at, record.delete_why), (began.at + KEPT, DeleteWhy::Retention));
        assert_eq!(town.store.find_peaks(began.recording).await.unwrap().unwrap(), ended.peaks);
        assert_eq!(town.store.find_peaks(RecordingId(call.0)).await.unwrap(), None);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_listening_is_one_line_and_the_next_one_another() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let (began, _) = recording(&town, Format::OggOpus).await;
        calls_written(&town.store, &town.clock, &[Fact::RecordingBegan(began.clone())]).await.unwrap();
        let hears = async |what| {
            recording_heard(&town.store, &town.clock, began.recording, PROGRAM, what).await.unwrap();
        };

        hears(AccessKind::Listened).await;
        hears(AccessKind::Listened).await;
        hears(AccessKind::Downloaded).await;
        town.clock.advance(11 * MINUTE);
        hears(AccessKind::Listened).await;

        let accesses = town.store.list_accesses(began.recording).await.unwrap();
        let told: Vec<_> = accesses.iter().map(|access| (access.what, access.at)).collect();
        let later = began.at + 11 * MINUTE;
        assert_eq!(
            told,
            [
                (AccessKind::Listened, later),
                (AccessKind::Downloaded, began.at),
                (AccessKind::Listened, began.at)
            ]
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_deleted_and_the_row_tells_why() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let (_folder, vault) = vault();
        let (over, _) = recorded(&town, &vault).await;
        town.clock.advance(KEPT - Duration::from_secs(1));
        let (young, _) = recorded(&town, &vault).await;
        let job = delete_recordings(town.store.clone(), town.clock.clone(), vault.clone(), "bakery".into());
        let job = tokio::spawn(job);
        let find = async |id| town.store.find_recording(id).await.unwrap().unwrap();
        assert_eq!(find(over.recording).await.deleted_at, None);

        town.clock.advance(Duration::from_secs(1));
        let now = town.clock.now();
        passes_until(&town, async || find(over.recording).await.deleted_at.is_some()).await;
        job.abort();

        let record = find(over.recording).await;
        assert!(record.deleted_at >= Some(now), "{record:?}");
        assert_eq!((record.delete_why, record.deleted_by), (DeleteWhy::Retention, None));
        assert_eq!(town.store.find_peaks(over.recording).await.unwrap(), Some(vec![]));
        assert!(matches!(vault.read(over.recording).await, Err(VaultError::NotFound)));
        assert_eq!(vault.read(young.recording).await.unwrap().length(), 320_000);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn finished_recordings_go_to_the_bucket_past_an_unreadable_one_and_a_lost_one_is_told() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let folder = tempfile::tempdir().unwrap();
        let (recordings, key_file) = (folder.path().join("recordings"), folder.path().join("keys"));
        let config = Config { folder: recordings.clone(), key_file, bucket: None };
        let vault = Vault::open_with(config, Some(Arc::new(InMemory::new()))).await.unwrap();
        let (lost, ended) = recording(&town, Format::OggOpus).await;
        let facts = [Fact::RecordingBegan(lost.clone()), Fact::RecordingEnded(ended)];
        calls_written(&town.store, &town.clock, &facts).await.unwrap();
        let (broken, _) = recorded(&town, &vault).await;
        let file = recordings.join("kept").join(broken.recording.to_string());
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        let (began, _) = recorded(&town, &vault).await;
        let (store, clock) = (town.store.clone(), town.clock.clone());
        let job = upload_recordings(store, clock, vault.clone(), "bakery".into(), Metrics::new());
        let job = tokio::spawn(job);

        let find = async |id| town.store.find_recording(id).await.unwrap().unwrap();
        // In no order: they began in the same millisecond.
        let is_settled = async || {
            find(began.recording).await.uploaded_at.is_some() && find(lost.recording).await.failure.is_some()
        };
        passes_until(&town, is_settled).await;
        job.abort();

        assert!(find(began.recording).await.uploaded_at.is_some());
        assert!(!recordings.join("kept").join(began.recording.to_string()).exists());
        assert_eq!(vault.read(began.recording).await.unwrap().length(), 320_000);
        let lost = find(lost.recording).await;
        assert_eq!(
            (lost.uploaded_at, lost.bytes, lost.failure),
            (None, Some(0), Some(RecordingFailure::Storage))
        );
        let waiting = town.store.list_recordings_to_upload("bakery", town.clock.now(), None, 10);
        assert_eq!(waiting.await.unwrap().iter().map(|(_, id)| *id).collect::<Vec<_>>(), [broken.recording]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_to_delete_is_on_disk_before_the_sound_goes() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let (_folder, vault) = vault();
        let (began, _) = recorded(&town, &vault).await;
        let id = began.recording;
        let gives_up = async |id, why| recording_given_up(&town.store, &town.clock, id, PROGRAM, why).await;

        gives_up(id, DeleteWhy::Person).await.unwrap();
        gives_up(id, DeleteWhy::Admin).await.unwrap();
        assert_eq!(town.store.find_peaks(id).await.unwrap(), Some(vec![]), "nothing of it is shown");

        let record = town.store.find_recording(id).await.unwrap().unwrap();
        assert_eq!(
            (record.delete_why, record.deleted_at),
            (DeleteWhy::Person, None),
            "the first reason stays"
        );
        assert_eq!(record.deleted_by.as_deref(), Some("key:00000000-0000-0000-0000-000000000000"));
        let due = async |node, after| {
            town.store.list_due_recordings(node, town.clock.now(), after, 10).await.unwrap()
        };
        assert_eq!(
            due("bakery", None).await,
            [(town.clock.now(), id)],
            "the job will delete it, whatever happens"
        );
        assert_eq!(due("bakery", Some((town.clock.now(), id))).await, []);
        assert_eq!(due("other", None).await, []);
        recording_deleted(&town.store, &town.clock, id).await.unwrap();
        assert_eq!(due("bakery", None).await, []);
        let missing = gives_up(RecordingId(town.clock.new_id()), DeleteWhy::Admin).await;
        assert!(matches!(missing, Err(DeletionError::NotFound)));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_goes_on_is_neither_deleted_nor_uploaded() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let (began, ended) = recording(&town, Format::OggOpus).await;
        let id = began.recording;
        calls_written(&town.store, &town.clock, &[Fact::RecordingBegan(began)]).await.unwrap();
        town.clock.advance(KEPT - MINUTE);

        let given_up = recording_given_up(&town.store, &town.clock, id, PROGRAM, DeleteWhy::Admin).await;

        assert!(matches!(given_up, Err(DeletionError::GoesOn)));
        let due = async |node| {
            town.store.list_due_recordings(node, town.clock.now() + MINUTE, None, 10).await.unwrap()
        };
        let waiting = async |now| {
            let waiting = town.store.list_recordings_to_upload("bakery", now, None, 10).await.unwrap();
            waiting.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        let now = town.clock.now();
        assert_eq!((due("bakery").await, waiting(now).await), (vec![], vec![]));
        calls_written(&town.store, &town.clock, &[Fact::RecordingEnded(ended)]).await.unwrap();
        assert_eq!(waiting(now).await, [id]);
        assert_eq!(waiting(now + MINUTE).await, [], "it is due by then");
        recording_uploaded(&town.store, &town.clock, id).await.unwrap();
        assert_eq!(waiting(now).await, []);
        assert_eq!(due("other").await.len(), 1, "any node can delete from the bucket");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_repaired_ends_and_can_be_deleted_or_heard_when_it_can() {
    use std::io::Write;

    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let (folder, vault) = vault();
        let (began, _) = recording(&town, Format::Wav).await;
        let (other, _) = facts(&town, began.call, Format::Wav);
        let facts = [&began, &other].map(|began| Fact::RecordingBegan(began.clone()));
        calls_written(&town.store, &town.clock, &facts).await.unwrap();
        let open = |id: RecordingId| folder.path().join("recordings/open").join(id.to_string());
        for id in [began.recording, other.recording] {
            let mut writer = vault.create(id).unwrap();
            writer.write_all(&[1; 64_000]).unwrap();
            writer.flush().unwrap();
        }
        let whole = std::fs::read(open(other.recording)).unwrap();
        for id in [began.recording, other.recording] {
            std::fs::write(open(id), [0; 500]).unwrap();
        }
        let repair = async || {
            let metrics = Metrics::new();
            repair_recordings(&town.store, &town.clock, &vault, "bakery", &metrics).await.unwrap();
        };
        let find = async |id| town.store.find_recording(id).await.unwrap().unwrap();

        repair().await;

        let record = find(began.recording).await;
        assert_eq!(
            (record.ended_at, record.bytes, record.failure),
            (Some(began.at), Some(0), Some(RecordingFailure::Crashed))
        );
        recording_given_up(&town.store, &town.clock, began.recording, PROGRAM, DeleteWhy::Person)
            .await
            .unwrap();
        let due = town.store.list_due_recordings("bakery", town.clock.now() + KEPT, None, 10).await.unwrap();
        assert_eq!(due.len(), 2, "on request, and when its time is over");
        vault.delete(began.recording).await.unwrap();
        assert!(!open(began.recording).exists());
        std::fs::write(open(other.recording), whole).unwrap();
        repair().await;
        assert_eq!(find(other.recording).await.bytes, Some(64_000));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_broke_off_ends_where_its_sound_does() {
    use std::io::Write;

    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let (_folder, vault) = vault();
        let (began, late) = recording(&town, Format::Wav).await;
        let (silent, _) = facts(&town, began.call, Format::OggOpus);
        let (full, ended_full) = facts(&town, began.call, Format::Wav);
        let ended_full = RecordingEnded { bytes: 0, failure: Some(RecordingFailure::NoSpace), ..ended_full };
        let began_all = [&began, &silent, &full].map(|began| Fact::RecordingBegan(began.clone()));
        calls_written(&town.store, &town.clock, &began_all).await.unwrap();
        calls_written(&town.store, &town.clock, &[Fact::RecordingEnded(ended_full.clone())]).await.unwrap();
        for recording in [began.recording, full.recording] {
            let mut writer = vault.create(recording).unwrap();
            writer.write_all(&[1; 48_000]).unwrap();
            writer.flush().unwrap();
            writer.write_all(&[2; 10]).unwrap();
        }

        let metrics = Metrics::new();
        for _ in 0..2 {
            repair_recordings(&town.store, &town.clock, &vault, "bakery", &metrics).await.unwrap();
        }
        assert!(metrics.render().contains("whence_recordings_failed_total{why=\"crashed\"} 2"));

        let record = town.store.find_recording(began.recording).await.unwrap().unwrap();
        assert_eq!((record.bytes, record.length_ms), (Some(48_000), Some(1_500)));
        assert_eq!(record.ended_at, Some(began.at + Duration::from_millis(1_500)));
        assert_eq!(record.failure, Some(RecordingFailure::Crashed));
        assert_eq!(vault.read(began.recording).await.unwrap().length(), 48_000);
        let record = town.store.find_recording(silent.recording).await.unwrap().unwrap();
        assert_eq!((record.bytes, record.failure), (Some(0), Some(RecordingFailure::Crashed)));
        let record = town.store.find_recording(full.recording).await.unwrap().unwrap();
        assert_eq!((record.bytes, record.failure), (Some(48_000), Some(RecordingFailure::NoSpace)));
        assert_eq!((record.ended_at, record.paused), (Some(ended_full.at), ended_full.paused));
        assert_eq!(town.store.find_peaks(full.recording).await.unwrap(), Some(ended_full.peaks));

        calls_written(&town.store, &town.clock, &[Fact::RecordingEnded(late)]).await.unwrap();
        let record = town.store.find_recording(began.recording).await.unwrap().unwrap();
        assert_eq!((record.length_ms, record.failure), (Some(10_000), None), "its own end is truer");
        town.store.close().await;
    })
    .await;
}
