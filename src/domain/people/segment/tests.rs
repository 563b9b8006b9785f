//! How filters are read, and what is told of those that cannot be.

use std::collections::BTreeMap;

use super::*;
use crate::domain::people::field::{Field, Kind};

fn words() -> Words {
    let field = |id: &str, kind, choices: &[&str]| Field {
        id: id.parse().unwrap(),
        name: id.into(),
        kind,
        choices: choices.iter().map(|it| (*it).to_owned()).collect(),
    };
    Words {
        fields: vec![
            field("loyalty", Kind::Choice, &["gold", "silver"]),
            field("children", Kind::Number, &[]),
            field("newsletter", Kind::Flag, &[]),
            field("since-2", Kind::Date, &[]),
            field("note", Kind::Text, &[]),
        ],
        purposes: vec!["offers".parse().unwrap()],
        controllers: vec!["shop".parse().unwrap()],
        segments: ["vip", "new"].map(|id| id.parse().unwrap()).into(),
    }
}

#[test]
fn what_is_read_is_printed_in_one_way() {
    for (text, printed) in [
        (" language=\"fr\" ", "language = \"fr\""),
        ("(created<30d)", "created < 30d"),
        ("created <= 48h", "created <= 2d"),
        ("created >= 2026-01-01 and (name *= \"a\\\"b\")", "created >= 2026-01-01 and name *= \"a\\\"b\""),
        ("count(call.answered) >= 2 in 90d", "count(call.answered) >= 2 in 90d"),
        ("count ( custom\"webinar\" ) = 0", "count(custom \"webinar\") = 0"),
        ("last(act) > 365d or first(call.sale) < 5h", "last(act) > 365d or first(call.sale) < 5h"),
        ("spent(EUR) >= 49.9 in 365d", "spent(EUR) >= 49.90 in 365d"),
        ("spent(JPY) < 500", "spent(JPY) < 500"),
        ("spent(TND) = 1.005", "spent(TND) = 1.005"),
        ("has(email) and not has(phone, verified)", "has(email) and not has(phone, verified)"),
        ("not has( email ,working )", "not has(email, working)"),
        ("consent(email,offers)=granted", "consent(email, offers) = granted"),
        ("consent(sms, offers, shop) != none", "consent(sms, offers, shop) != none"),
        ("field.loyalty != \"gold\"", "field.loyalty != \"gold\""),
        ("field.children > -1.50", "field.children > -1.5"),
        ("field.newsletter != yes", "field.newsletter != yes"),
        ("field.since-2 < 2020-02-29", "field.since-2 < 2020-02-29"),
        ("source.channel = \"Paid Search\"", "source.channel = \"Paid Search\""),
        ("rfm.recency>=4 and rfm.class=\"champions\"", "rfm.recency >= 4 and rfm.class = \"champions\""),
        ("size != \"small\"", "size != \"small\""),
        ("segment(vip)", "segment(vip)"),
        ("not (not (has(phone)))", "not not has(phone)"),
        (
            "has(phone) or has(email) and has(customer)\nor (has(visitor) or has(phone))",
            "has(phone) or has(email) and has(customer) or (has(visitor) or has(phone))",
        ),
        ("not (has(phone) or has(email)) and has(phone)", "not (has(phone) or has(email)) and has(phone)"),
    ] {
        let filter = parse(text, &words()).unwrap_or_else(|problem| panic!("{}", problem.pointed(text)));

        assert_eq!(filter.to_string(), printed);
        assert_eq!(parse(printed, &words()), Ok(filter));
    }
}

#[test]
fn a_filter_that_cannot_be_read_is_told_where_and_what_was_expected() {
    for (text, line, told) in [
        ("", "^", "expected a test such as language = \"fr\" or count(call) >= 2, found the end"),
        ("langage = \"fr\"", "^^^^^^^", "there is no test \"langage\"; did you mean \"language\"?"),
        ("language < \"fr\"", "         ^", "expected =, !=, ^= (begins with) or *= (contains), found \"<\""),
        ("language = fr", "           ^^", "expected a text in quotes, found \"fr\""),
        ("language = \"fr", "           ^^^", "the text in quotes does not end"),
        ("language = \"\"", "           ^^", "expected a text in quotes, found \"\""),
        ("field.loyal = \"gold\"", "^^^^^^^^^^^", "there is no field \"loyal\"; did you mean \"loyalty\"?"),
        (
            "field.loyalty = \"golden\"",
            "                ^^^^^^^^",
            "there is no choice \"golden\"; did you mean \"gold\"?",
        ),
        ("field.children >= \"2\"", "                  ^^^", "expected a number, found \"2\""),
        ("field.children > 1e3", "                 ^^^", "expected a number, found \"1e3\""),
        ("field.newsletter = 1", "                   ^", "expected yes or no, found \"1\""),
        (
            "field.since-2 = 2026-02-30",
            "                ^^^^^^^^^^",
            "expected a day such as 2026-11-28, found \"2026-02-30\"",
        ),
        ("created = 30d", "        ^", "expected <, <=, > or >=, found \"=\""),
        (
            "created < 30",
            "          ^^",
            "expected a span such as 90d, or a day such as 2026-11-28, found \"30\"",
        ),
        (
            "created < 9999d",
            "          ^^^^^",
            "expected a span such as 90d, or a day such as 2026-11-28, found \"9999d\"",
        ),
        (
            "count(call.answred) > 1",
            "      ^^^^^^^^^^^^",
            "there is no kind of engagement \"call.answred\"; did you mean \"call.answered\"?",
        ),
        ("count(call) > 1.5", "              ^^^", "expected a whole number, found \"1.5\""),
        (
            "count(call) > 1 in",
            "                  ^",
            "expected a span such as 90d or 48h, up to ten years, found the end",
        ),
        ("spent(eur) > 1", "      ^^^", "expected a currency of ISO 4217 such as EUR, found \"eur\""),
        (
            "spent(JPY) > 1.5",
            "             ^^^",
            "expected an amount in its currency, such as 49.90, found \"1.5\"",
        ),
        ("has(fax)", "    ^^^", "there is no kind of identity \"fax\""),
        (
            "has(email, checked)",
            "           ^^^^^^^",
            "expected \"verified\" or \"working\", found \"checked\"",
        ),
        (
            "consent(mail, offers) = granted",
            "        ^^^^",
            "there is no consent channel \"mail\"; did you mean \"email\"?",
        ),
        (
            "consent(email, offer) = granted",
            "               ^^^^^",
            "there is no purpose \"offer\"; did you mean \"offers\"?",
        ),
        ("consent(email, offers) = yes", "                         ^^^", "there is no standing \"yes\""),
        ("consent(email, offers) > none", "                       ^", "expected = or !=, found \">\""),
        (
            "source.channel = \"Paid search\"",
            "                 ^^^^^^^^^^^^^",
            "there is no source channel \"Paid search\"; did you mean \"Paid Search\"?",
        ),
        ("rfm.recency > 6", "              ^", "expected a score from 1 to 5, found \"6\""),
        ("rfm.recent > 1", "^^^^^^^^^^", "there is no test \"rfm.recent\"; did you mean \"rfm.recency\"?"),
        (
            "rfm.class = \"champion\"",
            "            ^^^^^^^^^^",
            "there is no class of clients \"champion\"; did you mean \"champions\"?",
        ),
        ("size = \"big\"", "       ^^^^^", "there is no size of clients \"big\""),
        ("segment(vips)", "        ^^^^", "there is no segment \"vips\"; did you mean \"vip\"?"),
        ("has(email) has(phone)", "           ^^^", "expected \"and\", \"or\" or the end, found \"has\""),
        ("(has(email)", "           ^", "expected \")\", found the end"),
        (
            "name = \"é\"\n and langage = \"a\"",
            "     ^^^^^^^",
            "there is no test \"langage\"; did you mean \"language\"?",
        ),
        ("has(email) & has(phone)", "           ^", "'&' may not stand here"),
    ] {
        let problem = parse(text, &words()).expect_err(text);

        let pointed = problem.pointed(text);
        assert_eq!(pointed.lines().last(), Some(line), "{text}");
        assert_eq!(problem.fault.to_string(), told, "{text}");
    }
}

#[test]
fn a_filter_is_bounded_in_length_depth_and_tests() {
    let deep = |depth: usize| format!("{}has(email){}", "(".repeat(depth), ")".repeat(depth));
    let wide = |tests: usize| vec!["has(email)"; tests].join(" and ");

    assert!(parse(&deep(DEPTH_MAX), &words()).is_ok());
    assert_eq!(parse(&deep(DEPTH_MAX + 1), &words()).unwrap_err().fault, Fault::TooDeep);
    assert!(parse(&wide(TESTS_MAX), &words()).is_ok());
    assert_eq!(parse(&wide(TESTS_MAX + 1), &words()).unwrap_err().fault, Fault::TooMany);
    assert_eq!(parse(&" ".repeat(TEXT_MAX + 1), &words()).unwrap_err().fault, Fault::TooLong);
}

#[test]
fn what_a_filter_names_stands_in_it_and_goes_round_in_no_circle() {
    let filters = |vip: &str, new: &str| -> BTreeMap<SegmentId, String> {
        [("vip", vip), ("new", new)].map(|(id, text)| (id.parse().unwrap(), text.to_owned())).into()
    };
    let resolved = |text: &str, filters: &BTreeMap<SegmentId, String>| {
        let vip: SegmentId = "vip".parse().unwrap();
        resolve(Some(&vip), text, &words(), filters).map_err(|problem| problem.fault)
    };
    let fine = filters("has(email)", "not has(phone)");
    let round = filters("has(email)", "segment(vip)");
    let broken = filters("has(email)", "has(fax)");
    let wide = filters("has(email)", &vec!["has(email)"; TESTS_MAX].join(" or "));

    let new = resolve(None, "segment(new) and segment(vip)", &words(), &fine).unwrap();
    assert_eq!(new, resolve(None, "not has(phone) and has(email)", &words(), &fine).unwrap());
    assert_eq!(resolved("segment(new)", &round), Err(Fault::Circle("vip → new → vip".into())));
    assert_eq!(resolved("segment(vip)", &fine), Err(Fault::Circle("vip → vip".into())));
    assert_eq!(resolved("segment(new)", &broken), Err(Fault::Broken("new".into())));
    assert_eq!(resolved("segment(new) and has(phone)", &wide), Err(Fault::TooMany));
}

#[test]
fn an_age_and_a_day_mean_moments() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let now = at("2026-11-28T12:00:00Z");
    let day = Span { hours: 24 };
    let on = jiff::civil::date(2026, 1, 31);
    let (begin, end) = (Some(at("2026-01-31T00:00:00Z")), Some(at("2026-02-01T00:00:00Z")));
    let (ago, past) = (at("2026-11-27T12:00:00Z"), at("2026-11-27T12:00:00.001Z"));

    for (when, from, until, is) in [
        (When::Ago(Op::Less, day), Some(past), None, true),
        (When::Ago(Op::AtMost, day), Some(ago), None, true),
        (When::Ago(Op::More, day), None, Some(ago), true),
        (When::Ago(Op::AtLeast, day), None, Some(past), true),
        (When::On(Op::Equal, on), begin, end, true),
        (When::On(Op::Unequal, on), begin, end, false),
        (When::On(Op::Less, on), None, begin, true),
        (When::On(Op::AtMost, on), None, end, true),
        (When::On(Op::More, on), end, None, true),
        (When::On(Op::AtLeast, on), begin, None, true),
    ] {
        assert_eq!(when.range(now), (Range { from, until }, is), "{when:?}");
    }
}
