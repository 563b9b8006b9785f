//! Who is taken for a person, and how many numbers a flood gets.

use super::*;

const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36";
const HEADLESS: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/143.0.0.0 Safari/537.36";
const NOON: Timestamp = Timestamp::from_ms(1_795_348_800_000);

fn person() -> Signs<'static> {
    Signs { user_agent: CHROME, purpose: "", is_automated: false, has_interaction: false, is_visible: true }
}

fn doubted(signs: Signs<'_>) -> Option<Refusal> {
    doubt(signs, &Guard::default())
}

#[test]
fn a_robot_that_says_so_is_believed() {
    for user_agent in [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/116.0 Safari/537.36",
        "Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 AppleWebKit/537.36 (compatible; ClaudeBot/1.0)",
        "facebookexternalhit/1.1",
        "Mozilla/5.0 (compatible; YandexBot/3.0)",
        "Mozilla/5.0 (compatible; Baiduspider/2.0)",
        "Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/143.0 Safari/537.36 Chrome-Lighthouse",
    ] {
        assert_eq!(doubted(Signs { user_agent, ..person() }), Some(Refusal::Crawler), "{user_agent}");
    }
}

#[test]
fn a_persons_browser_is_no_robot() {
    for user_agent in [
        CHROME,
        "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 [FBAN/FBIOS;FBAV/500.0]",
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/143.0 Mobile Safari/537.36 Instagram 300.0",
        "",
    ] {
        assert_eq!(doubted(Signs { user_agent, ..person() }), None, "{user_agent}");
    }
}

#[test]
fn a_page_that_nobody_looks_at_is_lent_nothing() {
    for purpose in ["prefetch", "prefetch;prerender", "Prefetch", "prefetch;anonymous-client-ip", "prerender"]
    {
        assert_eq!(doubted(Signs { purpose, ..person() }), Some(Refusal::Prefetch), "{purpose}");
    }
    assert_eq!(doubted(Signs { is_visible: false, ..person() }), Some(Refusal::Hidden));
}

#[test]
fn a_browser_without_a_window_needs_somebodys_hand_or_the_plans_word() {
    let headless = Signs { user_agent: HEADLESS, ..person() };
    let driven = Signs { is_automated: true, ..person() };
    let lends = Guard { lends_to_headless: true, ..Guard::default() };

    for signs in [headless, driven] {
        assert_eq!(doubted(signs), Some(Refusal::Headless));
        assert_eq!(doubted(Signs { has_interaction: true, ..signs }), None);
        assert_eq!(doubt(signs, &lends), None);
    }
}

#[test]
fn a_block_is_what_one_customer_of_a_data_centre_has() {
    let block = |text: &str| Block::of(text.parse().unwrap());

    assert_eq!(block("203.0.113.7"), block("203.0.113.250"));
    assert_ne!(block("203.0.113.7"), block("203.0.114.7"));
    assert_eq!(block("::ffff:203.0.113.7"), block("203.0.113.1"));
    assert_eq!(block("2001:db8:1:2::3"), block("2001:db8:1:ff::1"));
    assert_ne!(block("2001:db8:1::3"), block("2001:db8:2::3"));
    for proxy in ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "::1", "fd00::1", "fe80::1"] {
        assert_eq!(block(proxy), None, "{proxy}");
    }
}

#[test]
fn a_block_takes_no_more_than_its_cap_within_half_an_hour_and_costs_others_nothing() {
    let (mut caps, guard) = (Caps::default(), Guard { per_block: 2, ..Guard::default() });
    let site: SiteId = "bakery".parse().unwrap();
    let block = |text: &str| Block::of(text.parse().unwrap());
    let mut take = |from: &str, at| caps.take(&site, block(from), &guard, at);

    assert!(take("203.0.113.1", NOON).is_ok());
    assert!(take("203.0.113.2", NOON).is_ok());
    assert_eq!(take("203.0.113.3", NOON), Err(Refusal::BlockCap));
    assert!(take("203.0.114.3", NOON).is_ok());
    assert!(
        take("127.0.0.1", NOON).is_ok() && take("127.0.0.1", NOON).is_ok() && take("127.0.0.1", NOON).is_ok()
    );
    assert!(take("203.0.113.3", NOON + BLOCK_WINDOW).is_ok());
}

#[test]
fn a_site_has_a_cap_a_minute_and_what_was_not_taken_is_given_back() {
    let (mut caps, guard) = (Caps::default(), Guard { per_minute: 1, per_block: 1, ..Guard::default() });
    let site: SiteId = "bakery".parse().unwrap();
    let [one, other] = ["203.0.113.1", "203.0.114.1"].map(|text| Block::of(text.parse().unwrap()));

    let permit = caps.take(&site, one, &guard, NOON).unwrap();
    assert_eq!(caps.take(&site, other, &guard, NOON), Err(Refusal::SiteCap));
    caps.give_back(&permit);
    assert!(caps.take(&site, other, &guard, NOON).is_ok(), "the refused try counts for no block");
    assert_eq!(caps.take(&site, one, &guard, NOON), Err(Refusal::SiteCap));
    assert!(caps.take(&site, one, &guard, NOON + SITE_WINDOW).is_ok());

    let any = Guard { per_minute: 0, per_block: 0, ..guard };
    assert!((0..100).all(|_| caps.take(&site, one, &any, NOON).is_ok()));
}

#[test]
fn a_site_takes_as_many_calls_from_its_pages_as_its_plan_says() {
    let guard = Guard { page_calls: 2, page_calls_per_block: 3, ..Guard::default() };
    let (mut calls, site): (_, SiteId) = (PageCalls::default(), "bakery".parse().unwrap());
    let [one, other] = ["203.0.113.1", "203.0.114.1"].map(|text| Block::of(text.parse().unwrap()));

    assert_eq!(calls.begin(&site, one, &Guard::default(), NOON), Err(CallRefusal::Off));
    assert_eq!(calls.begin(&site, one, &guard, NOON), Ok(()));
    assert_eq!(calls.begin(&site, None, &guard, NOON), Ok(()));
    assert_eq!(calls.begin(&site, other, &guard, NOON), Err(CallRefusal::TooMany), "two are under way");
    calls.end(&site);
    assert_eq!(calls.begin(&site, one, &guard, NOON), Ok(()));
    calls.end(&site);
    assert_eq!(calls.begin(&site, one, &guard, NOON), Ok(()));
    calls.end(&site);
    assert_eq!(calls.begin(&site, one, &guard, NOON), Err(CallRefusal::TooMany), "its block has had three");
    assert_eq!(calls.begin(&site, other, &guard, NOON), Ok(()));
    calls.end(&site);
    assert_eq!(calls.begin(&site, one, &guard, NOON + BLOCK_WINDOW), Ok(()));
}

#[test]
fn what_is_counted_has_a_bound() {
    let mut window = Window::default();

    for n in 0..10 {
        assert!(window.count(n, 1, NOON, BLOCK_WINDOW, 5));
    }

    assert_eq!(window.counts.len(), 5);
    assert!(!window.count(3, 1, NOON, BLOCK_WINDOW, 5));
}
