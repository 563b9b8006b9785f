//! Signing in by a company's identity provider: there and back, and every way in which that goes wrong.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;
use whence::oidc::{Config, Provider};

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, sign_in};
use crate::support::identity_provider::{CLIENT, IdentityProvider, SECRET};
use crate::support::town::{NOON, Town};

const NOON_S: i64 = NOON.as_ms() / 1_000;

fn door(town: &Town, provider: &IdentityProvider, trusts_email: bool) -> Door {
    let config = Config {
        issuer: provider.issuer(),
        client_id: CLIENT.into(),
        client_secret: SECRET.into(),
        name: "Bakers' login".into(),
        trusts_email,
    };
    Door::with_company(town, "http://127.0.0.1:8080/", Some(Provider::new(config)))
}

/// A browser that was sent away.
struct Sent {
    cookie: String,
    to: Url,
}

impl Sent {
    async fn away(door: &Door) -> Self {
        let answer = door.get("/console/sign-in/company?next=%2Fconsole%2Flive", &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let cookie = answer.header("set-cookie");
        assert!(
            cookie.contains("; Path=/console/sign-in/company; Max-Age=900; HttpOnly; SameSite=Lax"),
            "{cookie}"
        );
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { cookie, to: answer.header("location").parse().unwrap() }
    }

    fn said(&self, name: &str) -> String {
        let found = self.to.query_pairs().find(|(its, _)| its == name);
        found.unwrap_or_else(|| panic!("no {name} in {}", self.to)).1.into_owned()
    }

    /// Comes back with a code for which the provider says these claims, some of them others than usual.
    async fn back(&self, door: &Door, provider: &IdentityProvider, others: Value) -> Answer {
        let mut claims = json!({
            "iss": provider.issuer(), "aud": [CLIENT], "sub": "42", "exp": NOON_S + 24 * 60 * 60, "iat": NOON_S,
            "nonce": self.said("nonce"), "email": "Ada@Bakery.example", "email_verified": true,
        });
        for (name, value) in others.as_object().unwrap() {
            claims[name] = value.clone();
        }
        provider.will_say(&self.said("code_challenge"), claims);
        self.returns(door, &format!("code=good&state={}&session_state=7", self.said("state"))).await
    }

    async fn returns(&self, door: &Door, query: &str) -> Answer {
        let headers = [("cookie", self.cookie.as_str()), ("accept-language", "en")];
        door.get(&format!("/console/sign-in/company/callback?{query}"), &headers).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_known_to_the_company_and_to_us_is_let_in() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        sign_in(&town.store).await;
        let provider = IdentityProvider::open().await;
        let door = door(&town, &provider, false);

        let form = door.get("/console/sign-in?next=%2Fconsole%2Flive", &[("accept-language", "en")]).await;
        let sent = Sent::away(&door).await;
        let back = sent.back(&door, &provider, json!({})).await;

        let link =
            "href=\"/console/sign-in/company?next=%2Fconsole%2Flive\">Sign in by Bakers&#39; login</a>";
        assert!(form.page(200).contains(link), "{}", form.body);
        assert_eq!(
            (sent.to.path(), sent.said("tenant").as_str()),
            ("/authorize", "1"),
            "what it says of itself is kept"
        );
        assert_eq!(
            (sent.said("scope").as_str(), sent.said("code_challenge_method").as_str()),
            ("openid email", "S256")
        );
        assert_eq!((back.status.as_u16(), back.header("location")), (303, "/console/live"), "{}", back.body);
        let cookies: Vec<&str> =
            back.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
        let session =
            cookies.iter().find(|it| it.starts_with("whence_session=")).unwrap().split(';').next().unwrap();
        assert!(cookies.iter().any(|it| it.starts_with("whence_company=; ")), "{cookies:?}");
        assert!(
            door.get("/console/live", &[("cookie", session)]).await.page(200).contains("ada@bakery.example")
        );

        provider.changes_its_key();
        town.clock.advance(Duration::from_secs(90));
        let again = Sent::away(&door).await.back(&door, &provider, json!({})).await;
        assert_eq!(again.status, 303, "a key that is new is asked for: {}", again.body);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_who_they_say_stays_outside_and_hears_what_to_do() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        sign_in(&town.store).await;
        let provider = IdentityProvider::open().await;
        let door = door(&town, &provider, false);
        let again = "Try it again.";
        for (claims, told) in [
            (json!({"nonce": "of another"}), again),
            (json!({"aud": "another gateway"}), again),
            (json!({"aud": [CLIENT, "another"], "azp": "another"}), again),
            (json!({"iss": "https://elsewhere.example"}), again),
            (json!({"exp": NOON_S - 61}), again),
            (json!({"email_verified": false}), "tells no verified e-mail address"),
            (json!({"email_verified": null}), "tells no verified e-mail address"),
            (json!({"email": null}), "tells no verified e-mail address"),
            (
                json!({"email": "eve@elsewhere.example"}),
                "Nobody with this e-mail address has an account here",
            ),
        ] {
            let back = Sent::away(&door).await.back(&door, &provider, claims.clone()).await;
            assert!(back.page(422).contains(told), "{claims}: {}", back.body);
            assert!(
                !back.body.contains("eve@") && !back.header("set-cookie").contains("whence_session"),
                "{claims}"
            );
            // Whoever tries so often has to wait.
            town.clock.advance(Duration::from_secs(20 * 60));
        }
        let sent = Sent::away(&door).await;
        let state = sent.said("state");
        for (query, told) in [
            ("code=good&state=another".to_owned(), again),
            ("code=good".to_owned(), again),
            (format!("error=access_denied&state={state}"), "did not let you through"),
            (format!("code=bad&state={state}"), "does not answer as it should"),
        ] {
            town.clock.advance(Duration::from_secs(20 * 60));
            let back = sent.returns(&door, &query).await;
            assert!(back.page(422).contains(told), "{query}: {}", back.body);
        }
        town.clock.advance(Duration::from_secs(20 * 60));
        let nobody =
            door.get(&format!("/console/sign-in/company/callback?code=good&state={state}"), &[]).await;
        assert_eq!(nobody.status, 422, "another browser");
        provider.is_forged();
        town.clock.advance(Duration::from_secs(20 * 60));
        let forged = Sent::away(&door).await.back(&door, &provider, json!({})).await;
        assert!(forged.page(422).contains(again), "{}", forged.body);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_all_addresses_are_trusted_of_need_not_verify_and_one_that_is_away_is_said() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        sign_in(&town.store).await;
        let provider = IdentityProvider::open().await;
        let trusting = door(&town, &provider, true);
        let back =
            Sent::away(&trusting).await.back(&trusting, &provider, json!({"email_verified": null})).await;
        assert_eq!(back.status, 303, "{}", back.body);

        let nowhere = provider.moved_away();
        let away =
            door(&town, &nowhere, false).get("/console/sign-in/company", &[("accept-language", "fr")]).await;
        assert!(away.page(422).contains("ne répond pas comme il faut"), "{}", away.body);
        let none = Door::of(&town);
        assert_eq!(none.get("/console/sign-in/company", &[]).await.status, 404);
        assert!(!none.get("/console/sign-in", &[]).await.page(200).contains("/console/sign-in/company"));
        town.store.close().await;
    })
    .await;
}
