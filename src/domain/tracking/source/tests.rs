//! What a landing page and a referrer are taken for.

use proptest::prelude::*;

use super::click_ids::CLICK_IDS;
use super::referrer::Exclusion;
use super::*;

const PAGE: &str = "https://boulangerie.example/";

fn named(source: &Source) -> (&str, &str, Channel) {
    (&source.source, &source.medium, source.channel)
}

fn landing(query: &str) -> Source {
    classify(&format!("{PAGE}?{query}"), None, &[])
}

fn from(referrer: &str) -> Source {
    classify(PAGE, Some(referrer), &["boulangerie.example"])
}

#[test]
fn every_utm_parameter_is_kept() {
    let source = landing(
        "utm_source=Google&utm_medium=CPC&utm_campaign=Spring%20Bread&utm_term=pain+bio&utm_content=blue&utm_id=7",
    );

    assert_eq!(named(&source), ("google", "cpc", Channel::PaidSearch));
    assert_eq!(source.campaign.as_deref(), Some("Spring Bread"));
    assert_eq!(source.term.as_deref(), Some("pain bio"));
    assert_eq!(source.content.as_deref(), Some("blue"));
    assert_eq!(source.click_id, None);
}

#[test]
fn a_campaign_id_and_a_platform_stand_in_for_what_is_missing() {
    let source = landing("utm_source_platform=Google%20Ads&utm_medium=cpc&utm_id=C-42");

    assert_eq!(named(&source), ("google ads", "cpc", Channel::PaidOther));
    assert_eq!(source.campaign.as_deref(), Some("C-42"));
}

#[test]
fn every_click_id_gives_its_platforms_channel() {
    let table: &[(&str, &str, Channel)] = &[
        ("gclid", "google", Channel::PaidSearch),
        ("gbraid", "google", Channel::PaidSearch),
        ("wbraid", "google", Channel::PaidSearch),
        ("dclid", "google", Channel::Display),
        ("msclkid", "bing", Channel::PaidSearch),
        ("ttclid", "tiktok", Channel::PaidSocial),
        ("twclid", "twitter", Channel::PaidSocial),
        ("li_fat_id", "linkedin", Channel::PaidSocial),
        ("epik", "pinterest", Channel::PaidSocial),
        ("rdt_cid", "reddit", Channel::PaidSocial),
        ("ScCid", "snapchat", Channel::PaidSocial),
        ("qclid", "quora", Channel::PaidSocial),
        ("yclid", "yandex", Channel::PaidSearch),
        ("vmcid", "yahoo", Channel::PaidSearch),
        ("obclid", "outbrain", Channel::PaidOther),
        ("sznclid", "seznam", Channel::PaidSearch),
        ("ndclid", "nextdoor", Channel::PaidSocial),
        ("dicbo", "outbrain", Channel::PaidOther),
        ("tblci", "taboola", Channel::PaidOther),
        ("cto_pld", "criteo", Channel::Display),
        ("irclickid", "impact", Channel::Affiliates),
        ("cjevent", "cj", Channel::Affiliates),
        ("awc", "awin", Channel::Affiliates),
        ("tduid", "tradedoubler", Channel::Affiliates),
        ("mc_cid", "mailchimp", Channel::Email),
        ("mkt_tok", "marketo", Channel::Email),
        ("gclsrc", "google", Channel::PaidSearch),
        ("gad_source", "google", Channel::PaidSearch),
        ("fbclid", "facebook", Channel::OrganicSocial),
        ("igshid", "instagram", Channel::OrganicSocial),
        ("igsh", "instagram", Channel::OrganicSocial),
        ("srsltid", "google", Channel::OrganicSearch),
        ("ysclid", "yandex", Channel::OrganicSearch),
    ];
    assert_eq!(table.len(), CLICK_IDS.len());

    for (param, name, channel) in table {
        let source = landing(&format!("{param}=abc123"));

        assert_eq!((&*source.source, source.channel), (*name, *channel), "{param}");
        assert_eq!(source.click_id.as_deref(), Some(&*param.to_lowercase()), "{param}");
    }
}

#[test]
fn an_empty_click_id_is_none() {
    assert_eq!(landing("gclid=&utm_source=").channel, Channel::Direct);
}

#[test]
fn what_the_marketer_wrote_beats_the_click_id_and_the_referrer() {
    let page = format!("{PAGE}?fbclid=x&utm_source=newsletter&utm_medium=email");
    let source = classify(&page, Some("https://www.google.com/"), &[]);

    assert_eq!(named(&source), ("newsletter", "email", Channel::Email));
    assert_eq!(source.click_id.as_deref(), Some("fbclid"));
}

#[test]
fn a_source_without_a_medium_takes_the_paid_clicks() {
    assert_eq!(named(&landing("utm_source=google&gclid=x")), ("google", "cpc", Channel::PaidSearch));
    assert_eq!(named(&landing("utm_source=google")), ("google", "(not set)", Channel::OrganicSearch));
}

#[test]
fn a_medium_or_campaign_without_a_source_takes_the_referrers() {
    let page = format!("{PAGE}?utm_campaign=spring");
    let source = classify(&page, Some("https://l.facebook.com/"), &[]);

    assert_eq!(named(&source), ("facebook", "referral", Channel::OrganicSocial));
    assert_eq!(source.campaign.as_deref(), Some("spring"));
    assert_eq!(named(&landing("utm_medium=email")), ("(not set)", "email", Channel::Email));
    assert_eq!(landing("utm_campaign=spring").channel, Channel::Unassigned);
}

#[test]
fn a_paid_click_beats_the_referrer_and_a_sharing_id_does_not() {
    let paid = classify(&format!("{PAGE}?gclid=x"), Some("https://blog.example/"), &[]);
    let shared = classify(&format!("{PAGE}?fbclid=x"), Some("https://l.instagram.com/"), &[]);

    assert_eq!(paid.source, "google");
    assert_eq!(shared.source, "instagram");
}

#[test]
fn of_two_click_ids_the_paid_one_is_believed() {
    assert_eq!(landing("fbclid=x&gclid=y").click_id.as_deref(), Some("gclid"));
}

#[test]
fn a_referrer_is_taken_for_what_its_host_is() {
    let table: &[(&str, &str, &str, Channel)] = &[
        ("https://www.google.fr/", "google", "organic", Channel::OrganicSearch),
        ("https://www.google.co.uk/search?q=pain", "google", "organic", Channel::OrganicSearch),
        ("https://duckduckgo.com/", "duckduckgo", "organic", Channel::OrganicSearch),
        ("https://fr.search.yahoo.com/", "yahoo", "organic", Channel::OrganicSearch),
        ("https://l.facebook.com/", "facebook", "referral", Channel::OrganicSocial),
        ("https://t.co/abc", "twitter", "referral", Channel::OrganicSocial),
        ("https://m.youtube.com/", "youtube", "referral", Channel::OrganicVideo),
        ("https://www.amazon.de/dp/1", "amazon", "referral", Channel::OrganicShopping),
        ("https://chatgpt.com/", "chatgpt", "ai-assistant", Channel::AiAssistant),
        ("https://gemini.google.com/app", "gemini", "ai-assistant", Channel::AiAssistant),
        ("https://blog.example/post", "blog.example", "referral", Channel::Referral),
        ("http://WWW.Blog.Example:8080/", "blog.example", "referral", Channel::Referral),
        ("https://müller.example/", "xn--mller-kva.example", "referral", Channel::Referral),
        ("https://mail.google.com/", "mail.google.com", "referral", Channel::Referral),
        (
            "android-app://com.google.android.googlequicksearchbox/",
            "google",
            "organic",
            Channel::OrganicSearch,
        ),
        ("android-app://com.linkedin.android/", "linkedin", "referral", Channel::OrganicSocial),
        ("android-app://com.google.android.gm", "com.google.android.gm", "referral", Channel::Referral),
        ("https://203.0.113.7/", "203.0.113.7", "referral", Channel::Referral),
    ];

    for (referrer, name, medium, channel) in table {
        assert_eq!(named(&from(referrer)), (*name, *medium, *channel), "{referrer}");
    }
}

#[test]
fn a_referrer_that_says_nothing_is_direct() {
    for referrer in [
        "",
        " ",
        "about:blank",
        "data:text/html,hi",
        "file:///home/",
        "javascript:alert(1)",
        "chrome-extension://abc/x",
        "not a url",
        "https://",
        "https://[",
        "android-app:",
        "//google.com/",
    ] {
        assert_eq!(named(&from(referrer)), ("(direct)", "(none)", Channel::Direct), "{referrer}");
    }
    assert_eq!(classify(PAGE, None, &[]).channel, Channel::Direct);
}

#[test]
fn the_sites_own_pages_are_no_referrer() {
    let own = ["https://shop.example:8443", "Boulangerie.example", "127.0.0.1:8080"];

    for referrer in [
        "https://boulangerie.example/contact",
        "https://www.boulangerie.example/",
        "https://m.boulangerie.example/",
        "https://shop.example/",
        "http://127.0.0.1:8080/demo/",
        "https://landing.example/other",
    ] {
        let source = classify("https://www.landing.example/page", Some(referrer), &own);
        assert_eq!(source.channel, Channel::Direct, "{referrer}");
    }
    let stranger = classify(PAGE, Some("https://notboulangerie.example/"), &own);
    assert_eq!(stranger.source, "notboulangerie.example");
}

#[test]
fn a_visitor_who_paid_or_signed_in_elsewhere_did_not_come_from_there() {
    for (referrer, exclusion) in [
        ("https://www.paypal.com/webapps/hermes", Exclusion::Payment),
        ("https://hooks.stripe.com/redirect", Exclusion::Payment),
        ("https://p.monetico-services.com/", Exclusion::Payment),
        ("https://accounts.google.com/", Exclusion::SignIn),
        ("http://semalt.com/crawler.php", Exclusion::Spam),
        ("https://www.boulangerie.example/panier", Exclusion::Own),
    ] {
        let explained = Reading::default().explain(PAGE, Some(referrer), &[]);

        assert_eq!(named(&explained.source), ("(direct)", "(none)", Channel::Direct), "{referrer}");
        assert!(matches!(explained.referrer, Referrer::Excluded(why, _) if why == exclusion), "{referrer}");
        assert_eq!(explained.basis, Basis::Nothing);
    }
}

#[test]
fn a_site_names_further_referrers_that_say_nothing() {
    let booking = "https://book.tables.example/done";
    let reading = Reading { ignored_referrers: vec!["Tables.example".into()], ..Reading::default() };

    assert_eq!(from(booking).source, "book.tables.example");
    assert_eq!(reading.explain(PAGE, Some(booking), &[]).source.channel, Channel::Direct);
}

#[test]
fn an_alias_is_read_where_its_utm_parameter_is_missing() {
    let aliases = Aliases {
        source: vec!["mtm_source".into(), "pk_source".into()],
        medium: vec!["mtm_medium".into()],
        campaign: vec!["mtm_campaign".into(), "pk_campaign".into()],
        term: vec!["pk_kwd".into()],
        content: vec!["mtm_content".into()],
        id: vec!["mtm_cid".into()],
    };
    assert_eq!(aliases.check(), Ok(()));
    let reading = Reading { aliases, ..Reading::default() };
    let read = |query: &str| reading.explain(&format!("{PAGE}?{query}"), None, &[]).source;

    let all = read("MTM_Source=Brevo&mtm_medium=Email&pk_campaign=May&pk_kwd=bread&mtm_content=top");
    assert_eq!(named(&all), ("brevo", "email", Channel::Email));
    let rest = [&all.campaign, &all.term, &all.content].map(|text| text.as_deref().unwrap());
    assert_eq!(rest, ["May", "bread", "top"]);

    assert_eq!(read("pk_source=b&mtm_source=a&mtm_medium=x").source, "a", "the first of the list");
    assert_eq!(read("mtm_source=a&utm_source=u").source, "u", "utm_ before any alias");
    assert_eq!(read("mtm_cid=7&utm_source=u").campaign.as_deref(), Some("7"));
    assert_eq!(landing("mtm_source=a&mtm_medium=email").channel, Channel::Direct, "of another site");
}

#[test]
fn an_alias_that_means_something_already_is_refused() {
    let with = |name: &str| Aliases { source: vec![name.into()], ..Aliases::default() }.check();

    for (name, bad) in [
        ("utm_source", BadAlias::Taken("utm_source".into())),
        ("gclid", BadAlias::Taken("gclid".into())),
        ("", BadAlias::Unreadable(String::new())),
        ("a b", BadAlias::Unreadable("a b".into())),
        ("a=", BadAlias::Unreadable("a=".into())),
    ] {
        assert_eq!(with(name), Err(bad));
    }
    let twice = Aliases { source: vec!["x".into()], medium: vec!["x".into()], ..Aliases::default() };
    assert_eq!(twice.check(), Err(BadAlias::Taken("x".into())));
    let many = Aliases { term: (0..11).map(|n| format!("t{n}")).collect(), ..Aliases::default() };
    assert_eq!(many.check(), Err(BadAlias::TooMany("term")));
}

#[test]
fn what_a_source_stands_on_is_told() {
    let basis = |query: &str, referrer: Option<&str>| {
        Reading::default().explain(&format!("{PAGE}?{query}"), referrer, &[]).basis
    };
    let google = Some("https://www.google.com/");

    assert_eq!(basis("utm_source=x&gclid=y", google), Basis::Tagged);
    assert_eq!(basis("gclid=y", google), Basis::PaidClick);
    assert_eq!(basis("fbclid=y", google), Basis::Referrer);
    assert_eq!(basis("fbclid=y", None), Basis::SharedLink);
    assert_eq!(basis("utm_campaign=y", google), Basis::Referrer);
    assert_eq!(basis("utm_campaign=y", None), Basis::Incomplete);
    assert_eq!(basis("", None), Basis::Nothing);
}

#[test]
fn a_landing_page_that_is_no_url_is_still_searched() {
    for page in ["/?utm_source=google&utm_medium=cpc", "http://[?utm_source=google&utm_medium=cpc#x?y"] {
        assert_eq!(classify(page, None, &[]).channel, Channel::PaidSearch, "{page}");
    }
}

#[test]
fn the_first_of_two_equal_parameters_counts_and_a_fragment_does_not() {
    let source = landing("utm_source=one&utm_source=two#utm_medium=cpc");

    assert_eq!((&*source.source, &*source.medium), ("one", "(not set)"));
}

#[test]
fn a_parameter_is_cut_to_size_and_loses_control_characters() {
    let source = landing(&format!("utm_source=a%00b%0Ac&utm_campaign={}", "é".repeat(5_000)));

    assert_eq!(source.source, "abc");
    assert_eq!(source.campaign.map(|c| c.chars().count()), Some(TEXT_MAX));
}

proptest! {
    #[test]
    fn no_text_makes_it_fail(page in "\\PC*", referrer in "\\PC*", own in "\\PC*") {
        let source = classify(&page, Some(&referrer), &[&own]);

        prop_assert!(!source.source.is_empty() && !source.medium.is_empty());
    }

    #[test]
    fn no_query_makes_it_fail(
        query in "(utm_source|utm_medium|gclid|[a-z]{1,3})=[%0-9A-Fa-f\\PC]{0,20}(&.*)?",
        referrer in "(https?|android-app)://[\\PC]{0,30}",
    ) {
        let source = classify(&format!("{PAGE}?{query}"), Some(&referrer), &["x.example"]);

        prop_assert!(source.source.chars().count() <= TEXT_MAX);
    }
}
