//! Mail goes to the server that is meant, and to nobody else.

use whence::clock::Clock;
use whence::domain::ids::MailId;
use whence::domain::people::mail::{Mail, Words};
use whence::notify::mail::{Security, Undelivered};

use crate::support::post_office::{PostOffice, unfolded};
use crate::support::town::NOON;

fn mail() -> Mail {
    let words = Words {
        subject: "Été".into(),
        text: "Un mot à lire.\n".into(),
        html: "<p>Un mot à lire.</p>\n".into(),
        pictures: vec![],
    };
    let id = MailId(Clock::manual(NOON).new_id());
    Mail { id, to: "ada@example.org".parse().expect("an address"), words, unsubscribe: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_comes_as_it_was_written_through_tls() {
    let office = PostOffice::open().await;
    let mailer = office.mailer(Security::StartTls, Some(office.authority()));

    mailer.send(&mail(), NOON).await.expect("it is taken");

    let taken = office.collect();
    assert_eq!(taken[0].0, "ada@example.org");
    let text = unfolded(&taken[0].1);
    for part in [
        "Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n",
        "Reply-To: privacy@bakery.example\r\n",
        "To: ada@example.org\r\n",
        "multipart/alternative",
        "Un mot =C3=A0 lire.",
        "<p>Un mot =C3=A0 lire.</p>",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_for_a_purpose_says_where_one_click_ends_it() {
    let office = PostOffice::open().await;
    let mailer = office.mailer(Security::Clear, None);
    let address = |scheme: &str| format!("{scheme}://calls.bakery.example/unsubscribe/{}", "5f".repeat(32));

    for unsubscribe in [Some(address("https")), Some(address("http")), None] {
        mailer.send(&Mail { unsubscribe, ..mail() }, NOON).await.expect("it is taken");
    }

    let mails: Vec<String> = office.collect().into_iter().map(|(_, text)| text).collect();
    for (mail, scheme, one_click) in [(&mails[0], "https", true), (&mails[1], "http", false)] {
        assert!(mail.contains(&format!("List-Unsubscribe: <{}>\r\n", address(scheme))), "{mail}");
        assert_eq!(
            mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"),
            one_click,
            "{mail}"
        );
    }
    assert!(!mails[2].contains("List-Unsubscribe"), "{}", mails[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_nobody_vouches_for_gets_nothing() {
    let (office, other) = (PostOffice::open().await, PostOffice::open().await);
    for authorities in [Some(other.authority()), None] {
        let mailer = office.mailer(Security::StartTls, authorities);

        let failure = mailer.send(&mail(), NOON).await.expect_err("it is somebody else");

        assert!(matches!(failure, Undelivered::Later { reply: None, .. }), "{failure}");
    }
    assert!(office.collect().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_says_is_told_without_the_address() {
    let office = PostOffice::open().await;
    let mailer = office.mailer(Security::Clear, None);
    office.refuse_next("550 5.1.1 <ada@example.org> is unknown");
    office.refuse_next("530 ada@example.org must ask first");

    let never = mailer.send(&mail(), NOON).await.expect_err("the address is unknown");
    let later = mailer.send(&mail(), NOON).await.expect_err("an admin must act");

    assert!(matches!(never, Undelivered::Never { reply: Some(550), .. }), "{never}");
    assert!(matches!(later, Undelivered::Later { reply: Some(530), .. }), "{later}");
    assert!(!format!("{never} {later} {never:?}").contains("ada"));
}
