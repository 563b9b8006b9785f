//! What may be said of a rule, and what of it is told to be wrong.

use super::*;

fn draft(json: &str) -> Draft {
    serde_json::from_str(json).unwrap()
}

fn wrong(json: &str) -> Vec<(&'static str, Wrong)> {
    let faults = draft(json).read().expect_err(json);
    faults.into_iter().map(|it| (it.field, it.wrong)).collect()
}

#[test]
fn what_is_left_out_is_what_is_usual_and_every_rule_reads_back_as_it_was() {
    for text in [
        r#"{"kind":"missed","share_percent":30}"#,
        r#"{"kind":"missed","calls":0,"number":"+33199001234","minutes":30}"#,
        r#"{"kind":"silence","outlet":"nice","chance_percent":0.7}"#,
        r#"{"kind":"pool","pool":"web","free":3}"#,
        r#"{"kind":"pool","visits":10,"minutes":120}"#,
        r#"{"kind":"trunk","trunk":"carrier","minutes":2}"#,
        r#"{"kind":"cost","channel":"Paid Search","past_percent":40,"zone":"Europe/Paris"}"#,
        r#"{"kind":"cost","campaign":"rye","high_minor":2000,"currency":"EUR","days":14}"#,
    ] {
        let rule = draft(text).read().unwrap_or_else(|faults| panic!("{text}: {faults:?}"));

        let again = Draft::from(&rule);

        assert_eq!(again.read(), Ok(rule), "{text}");
        assert_eq!(draft(&serde_json::to_string(&again).unwrap()), again, "{text}");
    }
    let usual = Draft::from(&draft(r#"{"kind":"silence"}"#).read().unwrap());
    assert_eq!((usual.hours, usual.chance_percent, usual.zone.as_deref()), (Some(2), Some(1.0), Some("UTC")));
}

#[test]
fn everything_that_is_wrong_is_named() {
    for (text, told) in [
        ("{}", vec![("kind", Wrong::BadKind)]),
        (r#"{"kind":"missed"}"#, vec![("share_percent", Wrong::Missing)]),
        (r#"{"kind":"missed","share_percent":30,"calls":3}"#, vec![("calls", Wrong::Both)]),
        (
            r#"{"kind":"missed","share_percent":100,"minutes":1,"pool":"web"}"#,
            vec![
                ("pool", Wrong::Foreign),
                ("share_percent", Wrong::Outside(0.0, 99.0)),
                ("minutes", Wrong::Outside(5.0, 10_080.0)),
            ],
        ),
        (
            r#"{"kind":"missed","calls":3,"least_calls":3,"outlet":"nice","number":"+33199001234"}"#,
            vec![("least_calls", Wrong::Foreign), ("number", Wrong::Both)],
        ),
        (
            r#"{"kind":"silence","number":"12","zone":"Mars"}"#,
            vec![("number", Wrong::Unknown), ("zone", Wrong::BadZone)],
        ),
        (
            r#"{"kind":"pool","free":0,"minutes":60}"#,
            vec![("minutes", Wrong::Foreign), ("free", Wrong::Outside(1.0, 1_000_000.0))],
        ),
        (r#"{"kind":"trunk","trunk":"A B"}"#, vec![("trunk", Wrong::Unknown)]),
        (r#"{"kind":"cost"}"#, vec![("past_percent", Wrong::Missing)]),
        (
            r#"{"kind":"cost","low_minor":9,"high_minor":9,"channel":"Moon","campaign":" "}"#,
            vec![
                ("high_minor", Wrong::NoBand),
                ("currency", Wrong::Missing),
                ("campaign", Wrong::BadText(200)),
                ("channel", Wrong::BadChannel),
            ],
        ),
        (r#"{"kind":"cost","past_percent":20,"currency":"EUR"}"#, vec![("currency", Wrong::Foreign)]),
    ] {
        assert_eq!(wrong(text), told, "{text}");
    }
}
