//! What comes off the socket of a browser's side, from anywhere: nobody is
//! answered who does not know the password, and nothing is opened without its key.
#![no_main]

use std::net::SocketAddr;

use libfuzzer_sys::fuzz_target;
use whence::media::ice::{Credentials, REPLY_MAX, answer};
use whence::media::srtp::{Context, Master, Suite, TRAILER_MAX};

fuzz_target!(|data: &[u8]| {
    let ours = Credentials { ufrag: "ours".to_owned(), password: "a password of 22 chars".to_owned() };
    let from = SocketAddr::from(([192, 0, 2, 1], 4_000));
    if let Some(check) = answer(&ours, "them", data, from, &mut [0; REPLY_MAX]) {
        // A seed is authentic; then there is something to reply.
        assert!(check.reply > 20 && check.reply <= REPLY_MAX);
    }
    for suite in [Suite::AesCm128Sha1_80, Suite::AesCm128Sha1_32, Suite::AeadAes256Gcm] {
        let master = Master::new(suite, &vec![7; suite.key_len() + suite.salt_len()]).expect("as long as it has to be");
        let mut buffer = data.to_vec();
        let _ = Context::new(&master).open(&mut buffer);
        let mut buffer = [data, &[0; TRAILER_MAX]].concat();
        let Ok(length) = Context::new(&master).seal(&mut buffer, data.len()) else { continue };
        assert_eq!(Context::new(&master).open(&mut buffer[..length]), Ok(data.len()));
        assert_eq!(&buffer[..data.len()], data);
    }
});
