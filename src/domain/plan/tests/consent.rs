//! What a plan says of people's data.

use super::*;
use crate::domain::people::consent::Channel;
use crate::domain::people::rules::REACHING;

#[test]
fn each_fault_of_a_purpose_and_a_controller_is_told() {
    type Spoil = fn(&mut Draft);
    let cases: [(Spoil, &str, Fault); 7] = [
        (|it| it.purposes[0].id = "Offers".into(), "purposes", Fault::BadName("Offers".into())),
        (|it| it.purposes[0].name_fr = " ".into(), "purposes", Fault::Empty("name_fr")),
        (
            |it| it.purposes[0].channels.push("fax".into()),
            "purposes",
            Fault::BadAction {
                key: "channels",
                word: "fax".into(),
                known: "phone, sms, email, post, push, web_tracking or call_recording",
            },
        ),
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

#[test]
fn a_purpose_is_pursued_by_what_it_names_and_else_by_all_that_reaches_people() {
    let mut draft = good();
    let channels = |draft: &Draft| check(draft).unwrap().purposes.remove(0).channels;
    assert_eq!(channels(&draft), [Channel::Sms, Channel::WebTracking]);

    draft.purposes[0].channels.clear();

    assert_eq!(channels(&draft), REACHING);
    assert_eq!(Draft::from(&check(&draft).unwrap()).purposes[0].channels, [""; 0]);
}
