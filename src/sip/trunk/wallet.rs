//! What a trunk has asked us to prove, and how often we have proved it.
//!
//! A server accepts its nonce for a while, so a request that follows another
//! proves itself before it is asked: that saves a round trip each time. What
//! is answered is decided here, too: a server that was given the right answer
//! to its own question and still asks does not believe our password, and is
//! not asked again.

use crate::sip::message::{Message, Method, Name};
use crate::sip::translate::to_wire::Lines;
use crate::sip::trunk::digest::{Challenge, Credentials, Login};

/// Realms that are remembered for one trunk; the one asked longest ago goes.
const REALMS_MAX: usize = 4;
/// A request is not repeated more often than this, whatever is asked.
const TRIES_MAX: u8 = 3;

/// The proofs of one trunk.
#[derive(Default)]
pub struct Wallet(Vec<Kept>);

struct Kept {
    /// Authorization or Proxy-Authorization.
    name: Name,
    challenge: Challenge,
    count: u32,
}

impl Wallet {
    /// The lines by which a request proves itself to whoever has asked before.
    pub fn prove(&mut self, login: &Login, method: &Method, uri: &[u8], cnonce: &[u8]) -> Lines {
        self.0.iter_mut().map(|kept| kept.line(login, method, uri, cnonce)).collect()
    }

    /// The lines with which `asked` goes again after this 401 or 407; it has
    /// gone again `tries` times. `None`: that would lead nowhere.
    pub fn answer(
        &mut self,
        login: &Login,
        asked: &Message,
        refusal: &Message,
        tries: u8,
        cnonce: &[u8],
    ) -> Option<Lines> {
        let (question, name) = match refusal.status() {
            401 => (Name::WwwAuthenticate, Name::Authorization),
            407 => (Name::ProxyAuthenticate, Name::ProxyAuthorization),
            _ => return None,
        };
        let challenge = Challenge::strongest(refusal, question)?;
        let mut realms: Vec<Box<[u8]>> = Vec::new();
        for line in asked.values(name) {
            realms.extend(Credentials::read(&line).map(|sent| sent.realm.into()));
        }
        let was_answered = tries > 0 && realms.contains(&challenge.realm);
        if tries >= TRIES_MAX || was_answered && !challenge.stale {
            self.0.retain(|kept| kept.name != name || kept.challenge.realm != challenge.realm);
            return None;
        }
        realms.push(challenge.realm.clone());
        self.keep(name, challenge);
        let kept =
            self.0.iter_mut().filter(|kept| kept.name == name && realms.contains(&kept.challenge.realm));
        Some(kept.map(|kept| kept.line(login, asked.method(), asked.request_uri(), cnonce)).collect())
    }

    fn keep(&mut self, name: Name, challenge: Challenge) {
        self.0.retain(|kept| kept.name != name || kept.challenge.realm != challenge.realm);
        if self.0.len() == REALMS_MAX {
            self.0.remove(0);
        }
        self.0.push(Kept { name, challenge, count: 0 });
    }
}

impl Kept {
    fn line(&mut self, login: &Login, method: &Method, uri: &[u8], cnonce: &[u8]) -> (Name, String) {
        self.count += 1;
        let answer = self.challenge.answer(login, method, uri, cnonce, self.count);
        (self.name, String::from_utf8_lossy(&answer).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> Login {
        Login { user: "u".to_owned(), password: "p".to_owned() }
    }

    fn message(first: &str, lines: &str) -> Message {
        let text = format!(
            "{first}\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>;tag=2\r\n\
             Call-ID: c\r\nCSeq: 1 INVITE\r\n{lines}\r\n"
        );
        Message::parse(text.into()).unwrap()
    }

    fn invite(lines: &Lines) -> Message {
        let lines: String =
            lines.iter().map(|(name, value)| format!("{}: {value}\r\n", name.as_str())).collect();
        message("INVITE sip:b@h SIP/2.0", &lines)
    }

    fn asks(status: u16, realm: &str, nonce: &str, more: &str) -> Message {
        let name = if status == 401 { "WWW-Authenticate" } else { "Proxy-Authenticate" };
        let line = format!("{name}: Digest realm=\"{realm}\", nonce=\"{nonce}\", qop=\"auth\"{more}\r\n");
        message(&format!("SIP/2.0 {status} Who"), &line)
    }

    fn counts(lines: &Lines) -> Vec<Option<u32>> {
        lines.iter().map(|(_, line)| Credentials::read(line.as_bytes()).unwrap().count()).collect()
    }

    #[test]
    fn a_question_is_answered_and_the_next_request_answers_it_unasked() {
        let mut wallet = Wallet::default();

        let first = wallet.answer(&login(), &invite(&vec![]), &asks(407, "r", "n", ""), 0, b"c").unwrap();
        let next = wallet.prove(&login(), &Method::Bye, b"sip:b@h", b"d");

        assert_eq!(first[0].0, Name::ProxyAuthorization);
        assert_eq!((counts(&first), counts(&next)), (vec![Some(1)], vec![Some(2)]));
        let read = Credentials::read(next[0].1.as_bytes()).unwrap();
        assert!(read.proves(&login(), &Method::Bye));
    }

    #[test]
    fn a_wrong_password_is_not_tried_again_but_an_old_nonce_is() {
        let mut wallet = Wallet::default();
        let first = wallet.answer(&login(), &invite(&vec![]), &asks(401, "r", "n", ""), 0, b"c").unwrap();

        let stale = asks(401, "r", "n2", ", stale=TRUE");
        let again = wallet.answer(&login(), &invite(&first), &stale, 1, b"c").unwrap();
        let wrong = wallet.answer(&login(), &invite(&again), &asks(401, "r", "n3", ""), 2, b"c");

        assert_eq!(wrong, None);
        assert!(wallet.prove(&login(), &Method::Bye, b"sip:b@h", b"c").is_empty(), "it is forgotten");
        let forever = wallet.answer(&login(), &invite(&first), &stale, TRIES_MAX, b"c");
        assert_eq!(forever, None);
    }

    #[test]
    fn a_remembered_nonce_that_is_not_taken_any_more_is_replaced_once() {
        let mut wallet = Wallet::default();
        wallet.answer(&login(), &invite(&vec![]), &asks(401, "r", "n", ""), 0, b"c").unwrap();
        let unasked = wallet.prove(&login(), &Method::Invite, b"sip:b@h", b"c");

        let again = wallet.answer(&login(), &invite(&unasked), &asks(401, "r", "n2", ""), 0, b"c").unwrap();
        let wrong = wallet.answer(&login(), &invite(&again), &asks(401, "r", "n3", ""), 1, b"c");

        assert_eq!((counts(&again), wrong), (vec![Some(1)], None));
    }

    #[test]
    fn a_proxy_and_the_server_behind_it_both_have_their_answer() {
        let mut wallet = Wallet::default();
        let first = wallet.answer(&login(), &invite(&vec![]), &asks(407, "a", "n", ""), 0, b"c").unwrap();
        let both = wallet.answer(&login(), &invite(&first), &asks(407, "b", "m", ""), 1, b"c").unwrap();
        let server = wallet.answer(&login(), &invite(&both), &asks(401, "a", "o", ""), 2, b"c").unwrap();

        assert_eq!(counts(&both), [Some(2), Some(1)]);
        assert_eq!((server.len(), server[0].0), (1, Name::Authorization));
    }
}
