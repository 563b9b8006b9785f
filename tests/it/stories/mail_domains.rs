//! A gateway whose settings ask name servers whether the domains of people's addresses take mail.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::timeout;
use whence::domain::ids::ContactId;
use whence::domain::people::claims::Claims;
use whence::domain::people::contact::Identity;
use whence::domain::people::quality::Code;
use whence::flows::visitor_identified;

use super::stage::Stage;
use crate::support::databases::on_each_database;
use crate::support::name_server::NameServer;
use crate::support::town::MINUTE;

/// A visitor gives this address; who they are.
async fn says(stage: &Stage, email: &str) -> ContactId {
    let store = &stage.gateway.store;
    let visit = stage.visit("http://127.0.0.1:8080/demo/").await.visit.expect("the visit is kept");
    let visit = store.find_visit(visit).await.unwrap().expect("it is there");
    let claims = Claims { email: email.parse().ok(), ..Claims::default() };
    visitor_identified(store, &stage.clock, &visit, claims).await.unwrap();
    store.find_owner(&Identity::Visitor(visit.visitor)).await.unwrap().expect("they are known")
}

async fn is_marked(stage: &Stage, contact: ContactId) -> bool {
    let marks = stage.gateway.store.list_marks(&[contact]).await.unwrap();
    marks.iter().any(|(_, kept)| kept.mark.code == Code::EmailNoMail)
}

/// Lets minutes pass until it is so.
async fn until(stage: &Stage, is_so: impl AsyncFn() -> bool) {
    let passing = async {
        while !is_so().await {
            stage.clock.advance(MINUTE);
        }
    };
    timeout(Duration::from_secs(60), passing).await.expect("the gateway goes on by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_by_itself_marks_whose_domain_takes_none_and_forgets_it_when_it_is_to_ask_no_more() {
    on_each_database(async |database| {
        let server = NameServer::start("mail.example MX 10 mx.mail.example").await;
        let asking = Stage::open_as(database, &[], |config| {
            config.quality.mx = true;
            config.sip.dns = vec![server.address];
        });
        let stage = asking.await;
        let gone = says(&stage, "ada@gone.example").await;
        let mail = says(&stage, "bob@mail.example").await;

        let asked = Mutex::new(BTreeSet::new());
        let has_asked = |name: &str| {
            let mut asked = asked.lock().unwrap();
            asked.extend(server.take_asked());
            asked.contains(name)
        };
        until(&stage, async || is_marked(&stage, gone).await && has_asked("mail.example. MX")).await;
        assert!(!is_marked(&stage, mail).await);
        stage.close().await;
        server.take_asked();

        let stage = Stage::open_as(database, &[], |config| config.sip.dns = vec![server.address]).await;
        assert!(!is_marked(&stage, gone).await, "nobody asks, and nothing is known");
        stage.clock.advance(MINUTE);
        let later = says(&stage, "eve@other.example").await;
        stage.clock.advance(MINUTE * 10);
        assert!(!is_marked(&stage, later).await);
        stage.close().await;
        assert_eq!(server.take_asked(), [""; 0]);
    })
    .await;
}
