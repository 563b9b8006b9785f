//! Nothing personal in a log: a story is told at the finest level, and no
//! line of it holds a whole number, an address or an identifier of a person.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use whence::domain::people::claims::Claims;
use whence::flows::visitor_identified;

use crate::stories::stage::{ADA, Stage};
use crate::support::databases::on_sqlite;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics in here").extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_line_of_the_log_tells_who_called_or_visited() {
    let log = Log::default();
    let lines = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("whence=trace")
        .with_ansi(false)
        .with_writer(move || lines.clone())
        .finish();
    // This thread's only: the runtime of a test has no other.
    let _guard = tracing::subscriber::set_default(subscriber);

    let mut secrets: Vec<String> = vec![
        ADA[3..].into(),
        "gclid-of-ada".into(),
        "0199002001".into(),
        "199002001".into(),
        "ada@secret".into(),
    ];
    on_sqlite(async |database| {
        let stage = Stage::open(database).await;
        let shown = stage.visit("http://127.0.0.1:8080/demo/?gclid=gclid-of-ada").await;
        let number = shown.swaps[0].number.clone().expect("a number");
        let visit = stage.gateway.store.find_visit(shown.visit.unwrap()).await.unwrap().unwrap();
        let claims =
            Claims { email: "ada@secret.example".parse().ok(), phone: ADA.parse().ok(), ..Claims::default() };
        visitor_identified(&stage.gateway.store, &stage.clock, &visit, claims).await.unwrap();
        for dialled in [number.reveal(), "0199002001"] {
            let call = stage.call(dialled, true).await;
            stage.ended(call).await;
        }
        stage.latest_call().await;
        stage.close().await;
        *SEEN.lock().unwrap() = vec![number.reveal()[3..].into(), shown.visitor.unwrap().to_string()];
    })
    .await;
    secrets.append(&mut SEEN.lock().unwrap());

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("a call arrives"), "the story is in the log");
    for secret in secrets {
        assert!(!text.contains(&secret), "the log tells {secret}");
    }
}

/// What the story found out, and the log must not know.
static SEEN: Mutex<Vec<String>> = Mutex::new(vec![]);
