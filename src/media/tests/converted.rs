//! Telephones that share no codec.

use super::*;
use crate::media::codec::telephone::{Encoder, Law};

/// 20 ms of the same.
fn steady() -> [i16; 160] {
    std::array::from_fn(|n| if n / 8 % 2 == 0 { 8_000 } else { -8_000 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_with_keys_and_g711_and_one_with_opus_alone_hear_each_other() {
    let (media, metrics, _folder) = media(34_300..=34_399).await;
    let (mut relay, mut sealed, mut opus) = (call(&media), Telephone::new(), Telephone::new());
    let crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";
    let mut out = srtp("WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz");
    let offer = gives(&mut relay, CALLER, LINE, &sealed.describes("RTP/SAVP", crypto)).await;
    assert!(offer.contains(" RTP/AVP 8 101 96 97\r\n"), "{offer}");
    opus.is_given(&offer);
    let answer = opus
        .describes("RTP/AVP", "")
        .replace("8 101\r\na=rtpmap:8 PCMA/8000", "96\r\na=rtpmap:96 opus/48000/2");
    let answer = gives(&mut relay, LINE, CALLER, &answer).await;
    assert!(answer.contains(" RTP/SAVP 8\r\n"), "{answer}");
    sealed.is_given(&answer);
    let mut into = srtp(answer.split("inline:").nth(1).unwrap().trim_end());

    let mut encoder = Encoder::default();
    let mut spoken = |sequence: u16| {
        let mut payload = [0; 1_276];
        let length = encoder.encode(&steady(), &mut payload);
        let mut packet = tone(sequence);
        packet[1] = 96;
        packet[4..8].copy_from_slice(&(u32::from(sequence) * 960).to_be_bytes());
        [&packet[..12], &payload[..length]].concat()
    };
    let mut law = [0; 160];
    Law::A.encode(&steady(), &mut law);
    // Packets may come before the worker has looked at what the line said last.
    let ready = tokio::net::UdpSocket::from_std(sealed.socket.try_clone().unwrap()).unwrap();
    for at in 1.. {
        opus.says(&spoken(at));
        if tokio::time::timeout(Duration::from_millis(20), ready.readable()).await.is_ok() {
            break;
        }
    }
    drop(ready);
    for at in 1_001..=1_025 {
        opus.says(&spoken(at));
        sealed.says(&out.encrypt_rtp(&[&tone(at)[..12], &law].concat()).unwrap());
    }
    let there = hears(&opus, 25).await;
    let mut back = Vec::new();
    while back.len() < 25 {
        let packet = into.decrypt_rtp(&hears(&sealed, 1).await[0]).unwrap();
        back.extend((sequence(&packet) > 1_000).then_some(packet));
    }

    for (at, (there, back)) in (1_001..=1_025).zip(there.iter().zip(&back)) {
        assert_eq!((sequence(there), there[1]), (at, 96));
        assert_eq!((sequence(back), back[1], back.len()), (at, 8, 172));
        assert_eq!(there[4..8], (u32::from(at) * 960).to_be_bytes());
        assert_eq!(back[4..8], (u32::from(at) * 160).to_be_bytes());
    }
    for codec in ["opus", "pcma"] {
        let line = format!("media_converted_total{{codec=\"{codec}\"}} 1");
        assert!(metrics.render().contains(&line), "{}", metrics.render());
    }
}
