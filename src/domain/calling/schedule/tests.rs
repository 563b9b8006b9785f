//! Hours on the wall, over midnight and through the changes of the clock.

use super::*;

fn paris() -> Schedule {
    Schedule {
        zone: "Europe/Paris".parse().unwrap(),
        week: vec!["mon-fri 09:00-12:30 14:00-18:00".parse().unwrap(), "sat 22:00-02:00".parse().unwrap()],
        holidays: Some(Text(Calendar::France)),
        closed: vec!["2026-08-03..2026-08-14".parse().unwrap()],
        special: vec!["2026-12-25 10:00-12:00".parse().unwrap()],
    }
}

fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_ms(moment.as_millisecond())
}

#[test]
fn a_destination_is_open_in_its_hours_and_at_no_other_time() {
    let cases = [
        // A Monday in winter, an hour ahead of UTC.
        ("2026-11-23T08:00:00Z", true),
        ("2026-11-23T07:59:59Z", false),
        ("2026-11-23T11:29:59Z", true),
        ("2026-11-23T11:30:00Z", false),
        ("2026-11-23T13:00:00Z", true),
        ("2026-11-23T17:00:00Z", false),
        // A Monday in summer, two hours ahead.
        ("2026-07-06T07:00:00Z", true),
        ("2026-07-06T16:00:00Z", false),
        // Saturday night into Sunday.
        ("2026-11-28T21:00:00Z", true),
        ("2026-11-29T00:59:00Z", true),
        ("2026-11-29T01:00:00Z", false),
        ("2026-11-28T00:30:00Z", false),
        // Whit Monday, a closed fortnight, and Christmas with hours of its own.
        ("2026-05-25T08:00:00Z", false),
        ("2026-08-03T08:00:00Z", false),
        ("2026-08-14T08:00:00Z", false),
        ("2026-08-17T08:00:00Z", true),
        ("2026-12-25T09:30:00Z", true),
        ("2026-12-25T13:30:00Z", false),
    ];

    for (moment, open) in cases {
        assert_eq!(paris().is_open(at(moment)), open, "{moment}");
    }
}

#[test]
fn the_night_on_which_clocks_change_has_the_hours_on_the_wall() {
    // 02:30 does not exist on 2026-03-29 and exists twice on 2026-10-25.
    let night = Schedule { week: vec!["sun 02:00-03:30".parse().unwrap()], ..paris() };

    assert!(night.is_open(at("2026-03-29T01:15:00Z")), "03:15 in summer time");
    assert!(night.is_open(at("2026-10-25T00:30:00Z")), "02:30 in summer time");
    assert!(night.is_open(at("2026-10-25T01:30:00Z")), "02:30 in winter time");
}

#[test]
fn what_is_written_reads_the_same_again() {
    for text in ["mon-fri 09:00-12:30 14:00-18:00", "mon,wed,fri-sun 00:00-24:00", "sat 22:00-02:00"] {
        assert_eq!(text.parse::<Weekly>().unwrap().to_string(), text);
    }
    assert_eq!("fri-mon 09:00-10:00".parse::<Weekly>().unwrap().to_string(), "mon,fri-sun 09:00-10:00");
    let json = serde_json::to_string(&paris()).unwrap();
    assert_eq!(serde_json::from_str::<Schedule>(&json).unwrap(), paris());
}

#[test]
fn what_says_nothing_is_refused() {
    for text in
        ["", "mon", "mon 9:00-12:00", "mon 09:00", "mun 09:00-10:00", "mon 24:00-25:00", "mon 09:60-10:00"]
    {
        assert!(text.parse::<Weekly>().is_err(), "{text}");
    }
    for text in ["2026-02-30", "2026-08-15..2026-08-01", "christmas"] {
        assert!(text.parse::<Days>().is_err(), "{text}");
    }
    assert!("Europe/Lyon".parse::<Zone>().is_err());
}

#[test]
fn openings_are_told_in_order_and_begin_and_end_with_the_period() {
    let open = |from: &str, until: &str| -> Vec<String> {
        let openings = paris().openings(&(at(from)..at(until)));
        openings.into_iter().map(|it| format!("{} {}", it.start, it.end)).collect()
    };

    // From Saturday evening over Monday, which has a pause; the night goes on over midnight.
    let weekend = [
        "2026-11-28T21:00:00.000Z 2026-11-29T01:00:00.000Z",
        "2026-11-30T08:00:00.000Z 2026-11-30T11:30:00.000Z",
        "2026-11-30T13:00:00.000Z 2026-11-30T17:00:00.000Z",
    ];
    assert_eq!(open("2026-11-28T12:00:00Z", "2026-11-30T20:00:00Z"), weekend);
    assert_eq!(
        open("2026-11-29T00:00:00Z", "2026-11-30T09:00:00Z"),
        [
            "2026-11-29T00:00:00.000Z 2026-11-29T01:00:00.000Z",
            "2026-11-30T08:00:00.000Z 2026-11-30T09:00:00.000Z"
        ]
    );
    // Christmas has hours of its own, and a closed fortnight has none.
    assert_eq!(
        open("2026-12-24T23:00:00Z", "2026-12-25T23:00:00Z"),
        ["2026-12-25T09:00:00.000Z 2026-12-25T11:00:00.000Z"]
    );
    assert_eq!(open("2026-08-03T00:00:00Z", "2026-08-07T00:00:00Z"), [""; 0]);
}
