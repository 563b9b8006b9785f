//! What a plan says of people's data.

use super::*;

#[test]
fn each_fault_of_a_purpose_and_a_controller_is_told() {
    type Spoil = fn(&mut Draft);
    let cases: [(Spoil, &str, Fault); 6] = [
        (|it| it.purposes[0].id = "Offers".into(), "purposes", Fault::BadName("Offers".into())),
        (|it| it.purposes[0].name_fr = " ".into(), "purposes", Fault::Empty("name_fr")),
        (|it| it.purposes.push(it.purposes[0].clone()), "purposes", Fault::Twice),
        (|it| it.controllers[0].email = "nobody".into(), "controllers", Fault::BadEmail("nobody".into())),
        (
            |it| it.controllers[0].policy_url = Some("privacy".into()),
            "controllers",
            Fault::BadPolicyUrl("privacy".into()),
        ),
        (|it| it.controllers[0].address = String::new(), "controllers", Fault::Empty("address")),
    ];

    for (spoil, table, fault) in cases {
        let mut draft = good();
        spoil(&mut draft);
        let problems = check(&draft).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!((problems[0].place.table, &problems[0].fault), (table, &fault));
    }
}
