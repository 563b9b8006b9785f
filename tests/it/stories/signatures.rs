//! Calls with a signature (STIR/SHAKEN): who is believed, what is written down,
//! and that nobody waits long for it.

use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;
use whence::config::Config;
use whence::domain::calling::identity::{Attestation, Identity, Signature, Why};
use whence::domain::calling::outcome::Outcome;
use whence::domain::calling::record::CallRecord;
use whence::domain::calling::screening::Verdict;
use whence::domain::calling::screening::rules::Rule;
use whence::store::{CallFilter, Window};

use super::stage::Stage;
use crate::support::databases::{Database, on_each_database, on_sqlite};
use crate::support::operator::{CALLER, NOW_S, Operator, Token};
use crate::support::repository::Repository;

/// None of ours, so that a call to it ends at once.
const NOBODY: &str = "+33199009999";
const LONG: Duration = Duration::from_secs(20);

/// A gateway that believes `operator` and fetches from `repository`.
async fn stage(
    database: &Database,
    exchanges: &[(&str, &str)],
    operator: &Operator,
    repository: &Repository,
    settings: impl FnOnce(&mut Config),
) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        vec![path]
    };
    Stage::open_as(database, exchanges, |config| {
        config.identity.anchors = file("anchors.pem", &operator.root);
        config.identity.web_anchors = file("web.pem", &repository.web_anchor);
        config.identity.hosts = vec![repository.address.to_string().parse().unwrap()];
        config.identity.patience = LONG;
        settings(config);
    })
    .await
}

fn token(repository: &Repository) -> Token {
    Token { x5u: repository.url(), called: NOBODY, ..Token::shaken("A") }
}

/// Calls over a socket of our own, and gives how the call ended and its record.
async fn call(stage: &Stage, number: &str, identity: Option<&str>) -> (u16, CallRecord) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (us, gateway) = (socket.local_addr().unwrap(), stage.gateway.sip[0].address);
    let identity = identity.map(|value| format!("Identity: {value}\r\n")).unwrap_or_default();
    let invite = format!(
        "INVITE sip:{number}@{gateway} SIP/2.0\r\nVia: SIP/2.0/UDP {us};rport;branch=z9hG4bK{port}\r\n\
         From: <sip:{CALLER}@{us}>;tag=1\r\nTo: <sip:{number}@{gateway}>\r\nCall-ID: {port}\r\n\
         CSeq: 1 INVITE\r\nContact: <sip:{us}>\r\nMax-Forwards: 70\r\n{identity}Content-Length: 0\r\n\r\n",
        port = us.port()
    );
    socket.send_to(invite.as_bytes(), gateway).await.unwrap();
    let mut heard = [0; 4_096];
    let status = loop {
        let (length, _) = timeout(LONG, socket.recv_from(&mut heard)).await.expect("an answer").unwrap();
        let line = String::from_utf8_lossy(&heard[..length]);
        let status: u16 = line.split(' ').nth(1).unwrap().parse().unwrap();
        if status >= 200 {
            break status;
        }
    };
    let record = stage
        .until(async || {
            let window = Window::first(50);
            let page = stage.gateway.store.list_calls(&CallFilter::default(), &window).await.ok()?;
            let mut calls = page.items.into_iter().map(|row| row.record);
            calls.find(|call| call.sip_call_id == us.port().to_string() && call.outcome.is_some())
        })
        .await;
    (status, record)
}

fn said(record: &CallRecord) -> (Signature, Option<Why>) {
    let identity = record.identity.as_ref().expect("somebody looked");
    (identity.signature, identity.why)
}

#[tokio::test]
async fn a_signed_call_is_verified_and_its_signature_goes_on_to_the_line_as_it_was() {
    on_each_database(async |database| {
        let operator = Operator::new();
        let repository = Repository::start(operator.chain.clone(), true).await;
        let line = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let own = format!("sip:counter@{}", line.local_addr().unwrap());
        let stage =
            stage(database, &[("sip:counter@127.0.0.1:5070", &own)], &operator, &repository, |_| {}).await;
        let number = "+33199002001";
        let value = Token { called: number, ..token(&repository) }.by(&operator);

        let rings = async {
            let mut heard = vec![0; 8_192];
            let (length, from) = timeout(LONG, line.recv_from(&mut heard)).await.expect("it rings").unwrap();
            let invite = String::from_utf8_lossy(&heard[..length]).into_owned();
            let kept = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
            let head: Vec<&str> =
                invite.lines().filter(|text| kept.iter().any(|name| text.starts_with(name))).collect();
            let busy = format!("SIP/2.0 486 Busy Here\r\n{}\r\nContent-Length: 0\r\n\r\n", head.join("\r\n"));
            line.send_to(busy.as_bytes(), from).await.unwrap();
            invite
        };
        let (invite, (status, record)) = tokio::join!(rings, call(&stage, number, Some(&value)));

        assert!(invite.contains(&format!("\r\nIdentity: {value}\r\n")), "{invite}");
        assert_eq!((status, record.outcome), (486, Some(Outcome::Busy)));
        let expected = Identity {
            attestation: Some(Attestation::A),
            origination: Some("123e4567-e89b-12d3-a456-426655440000".into()),
            ..Identity::of(Signature::Verified, None)
        };
        assert_eq!(record.identity, Some(expected));
        call(&stage, NOBODY, Some(&token(&repository).by(&operator))).await;
        assert_eq!(repository.asked(), 1, "the certificate is kept");
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_signature_that_does_not_hold_is_told_with_its_reason() {
    on_sqlite(async |database| {
        let (operator, stranger) = (Operator::new(), Operator::new());
        let repository = Repository::start(operator.chain.clone(), true).await;
        let stage = stage(database, &[], &operator, &repository, |_| {}).await;
        let good = token(&repository);
        let stolen = good.by(&stranger);
        let (head, rest) =
            good.by(&operator).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let (_, signature) = rest.split_once('.').unwrap();
        let raised = Token { attest: Some("B"), ..good.clone() }.by(&operator);
        let tampered = format!("{head}.{}.{signature}", raised.split('.').nth(1).unwrap());
        let elsewhere = Token { x5u: "https://127.0.0.1:9/1234.pem".into(), ..good.clone() };

        for (value, why) in [
            (stolen, Why::Signature),
            (tampered, Why::Signature),
            (Token { issued_s: NOW_S - 3_600, ..good.clone() }.by(&operator), Why::Stale),
            (Token { caller: "+33612345679", ..good.clone() }.by(&operator), Why::Caller),
            (Token { called: "+33199009998", ..good.clone() }.by(&operator), Why::Called),
            (elsewhere.by(&operator), Why::Unreachable),
            ("nonsense".to_owned(), Why::Malformed),
        ] {
            let (status, record) = call(&stage, NOBODY, Some(&value)).await;
            assert_eq!((status, said(&record)), (404, (Signature::Failed, Some(why))), "{value}");
            assert_eq!(record.identity.unwrap().attestation, None);
        }
        let (_, record) = call(&stage, NOBODY, None).await;
        assert_eq!(said(&record), (Signature::Absent, None));
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_certificate_of_somebody_we_do_not_trust_counts_for_nothing() {
    on_sqlite(async |database| {
        let (operator, stranger) = (Operator::new(), Operator::new());
        let repository = Repository::start(stranger.chain.clone(), true).await;
        let rules = [("# ---- Who may ring", "[screening]\nidentity_failed = \"mark\"\n# ---- Who may ring")];
        let stage = stage(database, &rules, &operator, &repository, |_| {}).await;

        let (_, record) = call(&stage, NOBODY, Some(&token(&repository).by(&stranger))).await;

        assert_eq!(said(&record), (Signature::Failed, Some(Why::Untrusted)));
        let screening = record.screening.unwrap();
        assert_eq!((screening.verdict, screening.rule), (Verdict::Marked, Rule::IdentityFailed));
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_slow_server_holds_no_call_up_and_its_certificate_serves_the_next() {
    on_sqlite(async |database| {
        let operator = Operator::new();
        let repository = Repository::start(operator.chain.clone(), false).await;
        let patience = Duration::from_millis(50);
        let stage =
            stage(database, &[], &operator, &repository, |config| config.identity.patience = patience).await;
        let value = token(&repository).by(&operator);

        let (status, record) = call(&stage, NOBODY, Some(&value)).await;
        assert_eq!((status, said(&record)), (404, (Signature::Unchecked, Some(Why::Slow))));

        repository.answer();
        // It comes by itself; a call that waits longer than the patience is unchecked again.
        loop {
            let issued_s = stage.clock.now().as_ms() / 1_000;
            let value = Token { issued_s, ..token(&repository) }.by(&operator);
            let (_, record) = call(&stage, NOBODY, Some(&value)).await;
            match said(&record) {
                (Signature::Verified, None) => break,
                (Signature::Unchecked, Some(Why::Slow)) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(repository.asked(), 1);
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn where_signatures_are_demanded_a_call_without_a_good_one_is_refused() {
    on_sqlite(async |database| {
        let (operator, stranger) = (Operator::new(), Operator::new());
        let repository = Repository::start(operator.chain.clone(), true).await;
        let of_stranger = Repository::start(stranger.chain.clone(), true).await;
        let anchor = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(anchor.path(), &of_stranger.web_anchor).unwrap();
        let stage = stage(database, &[], &operator, &repository, |config| {
            config.identity.must_be_signed = true;
            config.identity.hosts.push(of_stranger.address.to_string().parse().unwrap());
            config.identity.web_anchors.push(anchor.path().to_owned());
        })
        .await;
        let good = token(&repository);
        let elsewhere = Token { x5u: "https://127.0.0.1:9/1234.pem".into(), ..good.clone() };

        for (value, status) in [
            (None, 428),
            (Some(elsewhere.by(&operator)), 436),
            (Some(token(&of_stranger).by(&stranger)), 437),
            (Some("nonsense".to_owned()), 438),
            (Some(Token { called: "+33199009998", ..good.clone() }.by(&operator)), 438),
            (Some(Token { issued_s: NOW_S - 3_600, ..good.clone() }.by(&operator)), 403),
            (Some(good.with(&[7; 64])), 438),
            (Some(good.by(&operator)), 404),
        ] {
            let (told, record) = call(&stage, NOBODY, value.as_deref()).await;
            let outcome = if status == 404 { Outcome::Failed } else { Outcome::Blocked };
            assert_eq!((told, record.outcome), (status, Some(outcome)));
        }
        stage.close().await;
    })
    .await;
}
