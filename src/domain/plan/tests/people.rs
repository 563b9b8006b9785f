//! What a plan declares of people.

use super::*;
use crate::domain::people::field::Kind;
use crate::domain::plan::people::{DraftField, DraftSystem};

fn field(id: &str, kind: &str, choices: &[&str]) -> DraftField {
    let choices = choices.iter().map(|text| (*text).to_owned()).collect();
    DraftField { id: id.into(), name: "Its name".into(), kind: kind.into(), choices }
}

fn system(id: &str) -> DraftSystem {
    DraftSystem { id: id.into(), name: "Its name".into() }
}

#[test]
fn fields_and_systems_are_declared_compared_and_written_down() {
    let mut draft = good();
    draft.contact_fields =
        vec![field("loyalty", "choice", &["gold", " silver "]), field("shoe", "number", &[])];
    draft.systems = vec![system("crm")];
    let plan = check(&draft).unwrap();

    assert_eq!(plan.contact_fields[0].kind, Kind::Choice);
    assert_eq!(plan.contact_fields[0].choices, ["gold", "silver"]);
    assert_eq!(check(&Draft::from(&plan)).unwrap(), plan);
    draft.contact_fields.remove(1);
    draft.contact_fields[0].choices.push("tin".into());
    let told: Vec<_> = diff(&plan, &check(&draft).unwrap()).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "~ contact field loyalty: choices gold, silver → gold, silver, tin",
            "- contact field shoe: out of service"
        ]
    );
    let told: Vec<_> = diff(&check(&good()).unwrap(), &plan).iter().map(ToString::to_string).collect();
    assert_eq!(told[2], "+ system crm: name Its name");
}

#[test]
fn what_no_contact_could_have_is_refused() {
    let mut draft = good();
    draft.contact_fields = vec![
        field("a", "colour", &[]),
        field("b", "choice", &[]),
        field("c", "text", &["gold"]),
        field("d", "choice", &[" "]),
        field("d", "flag", &[]),
    ];
    draft.systems = vec![system("web"), system("CRM"), system("erp"), system("erp")];

    let known = Kind::WORDS;
    assert_eq!(
        faults(&draft),
        [
            Fault::Twice,
            Fault::Twice,
            Fault::BadAction { key: "kind", word: "colour".into(), known },
            Fault::Empty("choices"),
            Fault::ChoicesWithoutChoice,
            Fault::Empty("choices"),
            Fault::Empty("choices"),
            Fault::SystemIsSite,
            Fault::BadName("CRM".into()),
        ]
    );
}
