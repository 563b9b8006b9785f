//! What a plan says of clients.

use super::*;
use crate::domain::plan::rfm::DraftRfm;

fn drafted() -> Draft {
    let rfm = DraftRfm {
        currency: Some("JPY".into()),
        recency_days: Some([30, 90, 180, 365]),
        frequency: Some([2, 3, 5, 10]),
        monetary: Some([100, 250, 500, 1_000]),
        large_percent: Some(20),
        ..DraftRfm::default()
    };
    Draft { rfm, ..good() }
}

#[test]
fn clients_are_judged_as_the_plan_says() {
    let plan = check(&drafted()).unwrap();

    assert_eq!(plan.rfm.limits.as_ref().unwrap().monetary, [100, 250, 500, 1_000]);
    assert_eq!(check(&Draft::from(&plan)).unwrap(), plan);
    let told: Vec<_> = diff(&check(&good()).unwrap(), &plan).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "~ rfm: currency EUR → JPY, recency_days fifths → 30, 90, 180, 365, frequency fifths → 2, 3, 5, 10, \
          monetary fifths → 100, 250, 500, 1000, large_percent 10 → 20"
        ]
    );

    let mut cents = drafted();
    cents.rfm.currency = None;
    assert_eq!(check(&cents).unwrap().rfm.limits.unwrap().monetary, [10_000, 25_000, 50_000, 100_000]);
}

#[test]
fn each_fault_of_what_clients_are_judged_by_is_told() {
    type Spoil = fn(&mut DraftRfm);
    let cases: [(Spoil, &str); 8] = [
        (|it| it.currency = Some("euro".into()), "\"euro\""),
        (|it| it.days = Some(3_653), "days must be between 365 and 3652"),
        (|it| it.recency_days = Some([30, 30, 60, 90]), "recency_days takes four"),
        (|it| it.frequency = Some([0, 1, 2, 3]), "frequency takes four"),
        (|it| it.monetary = Some([4, 3, 2, 1]), "monetary takes four"),
        (|it| it.monetary = None, "go together"),
        (|it| it.large_percent = Some(0), "large_percent must be between 1 and 98"),
        (|it| it.medium_percent = Some(80), "medium_percent must be between 1 and 79"),
    ];

    for (spoil, told) in cases {
        let mut draft = drafted();
        spoil(&mut draft.rfm);
        let problems = check(&draft).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].to_string().contains(told), "{}", problems[0]);
    }
}
