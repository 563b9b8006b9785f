//! Telephones that shake hands for their keys, and one that has none.

use super::handshaker::Handshaker;
use super::*;

/// A report of a receiver that has heard nobody.
const REPORT: [u8; 8] = [0x80, 201, 0, 1, 0, 0, 0, 9];

/// Turns of everything until something is so.
async fn until(mut is_so: impl FnMut() -> bool) -> bool {
    let mut tick = tokio::time::interval(Duration::from_millis(2));
    for _ in 0..TURNS {
        if is_so() {
            return true;
        }
        tick.tick().await;
    }
    false
}

/// How many packets have gone on.
fn relayed(metrics: &Metrics) -> u64 {
    let text = metrics.render();
    let line = text.lines().find_map(|line| line.strip_prefix("whence_media_packets_relayed_total "));
    line.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("no count in {text}"))
}

/// It calls, or is called, and a plain telephone is at the other end.
async fn connect(
    media: &Media,
    calls: bool,
    setup: &str,
    is_muxed: bool,
) -> (Relay, Handshaker, Telephone, String) {
    let (mut relay, mut sealed, mut plain) = (call(media), Handshaker::new(is_muxed), Telephone::new());
    let own = sealed.describes(setup, &sealed.identity.fingerprint);
    let given = if calls {
        plain.is_given(&gives(&mut relay, CALLER, LINE, &own).await);
        gives(&mut relay, LINE, CALLER, &plain.describes("RTP/AVP", "")).await
    } else {
        relay.dials(LINE, None, Profile::Dtls);
        let offered = gives(&mut relay, CALLER, LINE, &plain.describes("RTP/AVP", "")).await;
        plain.is_given(&gives(&mut relay, LINE, CALLER, &own).await);
        // Its own word on who begins.
        offered
            .replace("a=setup:actpass", if setup == "active" { "a=setup:passive" } else { "a=setup:active" })
    };
    sealed.is_given(&given);
    (relay, sealed, plain, given)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_that_shakes_hands_and_one_without_keys_hear_each_other() {
    let (media, metrics, _folder) = media(34_300..=34_499).await;
    for (calls, setup, is_muxed, answered) in [
        (true, "actpass", false, "a=setup:passive"),
        (true, "passive", true, "a=setup:active"),
        (true, "active", true, "a=setup:passive"),
        (false, "active", false, ""),
        (false, "passive", true, ""),
    ] {
        let (_relay, mut sealed, plain, given) = connect(&media, calls, setup, is_muxed).await;
        assert!(given.contains(answered) && !given.contains("ice-"), "{given}");
        assert_eq!(given.contains("a=rtcp-mux"), is_muxed || !calls, "{given}");
        assert!(until(|| sealed.turns()).await, "{setup}: {}", metrics.render());
        let [mut out, mut into] = sealed.lanes[0].contexts();

        // What is plain, and what is of another key, is not heard.
        sealed.lanes[0].telephone.says(&tone(1));
        for at in 1..=20 {
            sealed.lanes[0].telephone.says(&out.encrypt_rtp(&tone(at)).unwrap());
            plain.says(&tone(at));
        }
        let mut there = Vec::new();
        let both = until(|| {
            sealed.turns();
            there.extend(plain.hears());
            there.len() == 20 && sealed.lanes[0].heard.len() == 20
        });
        assert!(both.await, "{setup}: {} and {}", there.len(), sealed.lanes[0].heard.len());
        assert_eq!(there, (1..=20).map(tone).collect::<Vec<_>>());
        let opened = sealed.lanes[0].heard.iter().map(|packet| into.decrypt_rtp(packet).unwrap().to_vec());
        assert_eq!(opened.collect::<Vec<_>>(), there);

        let before = relayed(&metrics);
        let lane = sealed.lanes.last_mut().unwrap();
        let report = lane.contexts()[0].encrypt_rtcp(&REPORT).unwrap();
        lane.telephone.says(&report);
        assert!(
            until(|| relayed(&metrics) > before).await,
            "it is opened, and goes on: {}",
            metrics.render()
        );
    }
    let text = metrics.render();
    assert!(text.contains("media_handshakes_total{how=\"done\"} 7"), "{text}");
    assert!(text.contains("media_packets_dropped_total{why=\"unauthentic\"} 5"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_with_another_certificate_than_described_is_not_heard_nor_sent_anything() {
    let (media, metrics, _folder) = media(34_500..=34_599).await;
    let (mut relay, mut sealed, mut plain) = (call(&media), Handshaker::new(true), Telephone::new());
    let other = Handshaker::new(true).identity.fingerprint.clone();
    plain.is_given(&gives(&mut relay, CALLER, LINE, &sealed.describes("actpass", &other)).await);
    sealed.is_given(&gives(&mut relay, LINE, CALLER, &plain.describes("RTP/AVP", "")).await);

    let is_refused = || metrics.render().contains("media_handshakes_total{how=\"stranger\"} 1");
    let is_over = until(|| {
        sealed.turns();
        is_refused()
    });
    assert!(is_over.await, "{}", metrics.render());
    plain.says(&tone(1));
    let unsealed = || metrics.render().contains("media_packets_dropped_total{why=\"unsealed\"} 1");
    assert!(until(unsealed).await, "{}", metrics.render());
    assert_eq!(relay.told().await, Told::Unsealed(CALLER));
    sealed.turns();
    assert!(sealed.lanes[0].heard.is_empty() && plain.hears().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_may_shake_hands_before_its_answer_has_come() {
    let (media, metrics, _folder) = media(34_600..=34_699).await;
    let (mut relay, mut sealed, plain) = (call(&media), Handshaker::new(true), Telephone::new());
    sealed.clock = Clock::manual(Clock::system().now());
    relay.dials(LINE, None, Profile::Dtls);
    let offered = gives(&mut relay, CALLER, LINE, &plain.describes("RTP/AVP", "")).await;
    sealed.is_given(&offered);
    sealed.turns();
    let is_early = || metrics.render().contains("media_packets_dropped_total{why=\"unheard\"} 1");
    assert!(until(is_early).await, "{}", metrics.render());

    let answer = sealed.describes("active", &sealed.identity.fingerprint);
    gives(&mut relay, LINE, CALLER, &answer).await;

    // Its time stands still, so that it says nothing twice.
    assert!(until(|| sealed.turns()).await, "{}", metrics.render());
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_hold_up_no_handshake() {
    let (media, metrics, _folder) = media(34_700..=34_799).await;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(connect(&media, true, "active", true).await);
    }
    let ports: Vec<SocketAddr> = held.iter().map(|held| held.1.lanes[0].telephone.relay.unwrap()).collect();
    let stranger = UdpSocket::bind("127.0.0.9:0").unwrap();
    let is_over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flood = std::thread::spawn({
        let is_over = Arc::clone(&is_over);
        move || {
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                ports.iter().for_each(|port| drop(stranger.send_to(&[22, 254, 253, 0], port)));
            }
        }
    });

    let (_relay, mut sealed, ..) = connect(&media, true, "active", true).await;
    let is_done = until(|| sealed.turns()).await;

    is_over.store(true, std::sync::atomic::Ordering::Relaxed);
    flood.join().unwrap();
    assert!(is_done, "{}", metrics.render());
}
