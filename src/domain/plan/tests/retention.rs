//! What a plan says of how long data is kept.

use super::*;
use crate::domain::plan::retention::DraftRetention;

fn drafted(policies: &[(&str, u32)]) -> Draft {
    let policy = |&(kind, months): &(&str, u32)| DraftRetention {
        kind: kind.into(),
        months,
        because: "as the CNIL names it".into(),
    };
    Draft { retention: policies.iter().map(policy).collect(), ..good() }
}

fn wrong(policies: &[(&str, u32)]) -> Vec<String> {
    check(&drafted(policies)).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn policies_are_declared_compared_and_written_down() {
    let plan = check(&drafted(&[("prospects", 36), ("visits", 25)])).unwrap();

    assert_eq!(check(&Draft::from(&plan)).unwrap(), plan);
    let told: Vec<_> = diff(&check(&good()).unwrap(), &plan).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "+ retention prospects: months 36, because as the CNIL names it",
            "+ retention visits: months 25, because as the CNIL names it",
        ]
    );
}

#[test]
fn a_policy_that_cannot_be_meant_so_is_told() {
    assert_eq!(wrong(&[("visits", 25), ("visits", 13)]), ["retention \"visits\": is declared twice"]);
    assert_eq!(wrong(&[("calls", 1)]), ["retention \"calls\": months must be between 2 and 240"]);
    assert!(wrong(&[("contacts", 3)])[0].contains("write prospects, customers, visits"));
    assert_eq!(
        wrong(&[("customers", 60), ("engagements", 36)]),
        [
            "retention \"engagements\": what contacts did tells how long ago it was: keep it for at least the 60 months of customers"
        ]
    );
}
