//! What a number says of the medium that it stands on.

use super::*;

fn flyer() -> DraftNumber {
    DraftNumber {
        kind: Some("flyer".into()),
        cost_minor: Some(125_000),
        currency: Some("EUR".into()),
        runs: Some("2026-03-01..2026-05-31".into()),
        landing_page: Some("https://example.org/spring".into()),
        ..good().numbers[0].clone()
    }
}

#[test]
fn each_fault_of_a_medium_is_told() {
    type Spoil = fn(&mut DraftNumber);
    let cases: [(Spoil, Fault); 6] = [
        (
            |n| n.kind = Some("blimp".into()),
            Fault::BadMediumKind {
                word: "blimp".into(),
                known: "poster, flyer, card, directory, profile, signature or other",
            },
        ),
        (|n| n.currency = None, Fault::HalfACost),
        (|n| n.currency = Some("euro".into()), Fault::BadCurrency("euro".into())),
        (|n| n.cost_minor = Some(u64::MAX), bounds("cost_minor", 0, 1_000_000_000_000)),
        (
            |n| n.runs = Some("spring".into()),
            Fault::BadHours {
                text: "spring".into(),
                example: "a date such as 2026-12-24, or two with .. between them",
            },
        ),
        (|n| n.landing_page = Some("tel:1".into()), Fault::BadLandingPage("tel:1".into())),
    ];

    for (spoil, fault) in cases {
        let mut draft = good();
        draft.numbers[0] = flyer();
        spoil(&mut draft.numbers[0]);
        assert_eq!(faults(&draft), [fault]);
    }
}

#[test]
fn a_medium_reads_back_and_is_told_when_it_changes() {
    let mut draft = good();
    let before = check(&draft).unwrap();
    draft.numbers[0] = flyer();

    let plan = check(&draft).unwrap();

    assert_eq!(check(&Draft::from(&plan)).unwrap(), plan);
    let told: Vec<_> = diff(&before, &plan).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["~ number +33199002004: kind nothing → flyer, cost nothing → 125000 EUR, \
          runs nothing → 2026-03-01..2026-05-31, landing_page nothing → https://example.org/spring"]
    );
}
