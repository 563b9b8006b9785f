//! Rows as people bring them, and as an export writes them.

use serde_json::Number;

use super::*;
use crate::domain::people::address::Kind as AddressKind;
use crate::domain::people::profile::Profile;

fn declared() -> Declared {
    let field = |id: &str, kind| Field { id: id.parse().unwrap(), name: id.into(), kind, choices: vec![] };
    Declared {
        fields: vec![field("born", Kind::Date), field("client", Kind::Flag), field("shoe", Kind::Number)],
        systems: vec!["crm".parse().unwrap()],
        purposes: vec![],
        controllers: vec![],
        home: "FR".parse().unwrap(),
    }
}

/// Nothing is said of consent.
fn ledger() -> Ledger {
    Ledger { matters: vec![], controllers: vec![], now: Timestamp::from_ms(0) }
}

fn read_so(cells: &[String], columns: &[String], declared: &Declared) -> Result<Row, Vec<Problem>> {
    let mapping = Mapping::suggested(columns, declared);
    let (mapping, consents, now) = (&mapping, &consent::Draft::default(), Timestamp::from_ms(0));
    read(cells, Table { columns, mapping, declared, consents, now })
}

fn cells(line: &str) -> Vec<String> {
    line.split(';').map(str::to_owned).collect()
}

fn read_line(headings: &str, line: &str) -> Result<Row, Vec<Problem>> {
    read_so(&cells(line), &cells(headings), &declared())
}

#[test]
fn a_row_is_read_as_people_write_it() {
    let row = read_line(
        "Nom;Prénom;Téléphone;Mobile;customer.crm;CP;born;client;shoe",
        "Lovelace;;01 99 00 12 34 | 06 39 98 00 01;+33 6 39 98 00 01;4711;69001;10/12/1815;oui;38,5",
    )
    .unwrap();

    let known: Vec<String> = row.identities.iter().map(|it| it.identity.reveal()).collect();
    assert_eq!(known, ["+33199001234", "+33639980001", "crm:4711"]);
    assert_eq!((row.patch.family_name, row.patch.given_name), (Some(Some("Lovelace".into())), None));
    assert_eq!(row.patch.addresses.unwrap()[0].postcode.as_deref(), Some("69001"));
    let fields: Vec<_> = row.patch.fields.into_values().flatten().collect();
    let shoe = Value::Number(Number::from_f64(38.5).unwrap());
    assert_eq!(fields, [Value::Text("1815-12-10".into()), Value::Flag(true), shoe]);
}

/// What is kept of a row though it cannot be read, as `phone 12`.
fn unread(row: &Row) -> Vec<String> {
    row.patch.unread.iter().map(|it| format!("{} {}", it.part, it.value)).collect()
}

#[test]
fn what_cannot_be_read_is_kept_as_it_was_given_and_the_rest_is_read() {
    let row = read_line(
        "Nom;Téléphone;Mobile;E-mail;customer.crm;customer;Langue;shoe",
        "Lovelace;12 | 06 39 98 00 01;06 39 98 00 01;ada;4711;erp:1;french;big",
    )
    .unwrap();

    let known: Vec<String> = row.identities.iter().map(|it| it.identity.reveal()).collect();
    assert_eq!(known, ["+33639980001", "crm:4711"]);
    assert_eq!((&row.patch.family_name, &row.patch.language), (&Some(Some("Lovelace".into())), &None));
    assert_eq!(row.patch.fields, BTreeMap::new(), "what was known stays");
    assert_eq!(
        unread(&row),
        ["customer erp:1", "email ada", "fields.shoe big", "language french", "phone 12"]
    );
    let columns: Vec<_> = row.warnings.iter().map(|warning| warning.column.as_str()).collect();
    assert_eq!(columns, ["Langue", "shoe", "Téléphone", "E-mail", "customer"]);
}

#[test]
fn an_address_of_which_a_part_cannot_be_read_is_kept_as_a_whole() {
    let row =
        read_line("Téléphone;Adresse;Ville;Pays", "06 39 98 00 01;1 rue du Four;Liège;Belgique").unwrap();

    assert_eq!(row.patch.addresses, None, "it is none at home");
    assert_eq!(
        unread(&row),
        ["address.city Liège", "address.country Belgique", "address.line 1 rue du Four"]
    );
    assert_eq!((row.warnings.len(), row.warnings[0].column.as_str()), (1, "Pays"));
}

#[test]
fn somebody_is_who_has_a_name_and_something_that_should_have_told_who_they_are() {
    let named = read_line("Nom;Téléphone", "Lovelace;12").unwrap();
    assert_eq!((named.whom, named.identities.len(), unread(&named)), (None, 0, vec!["phone 12".to_owned()]));

    for (headings, line, told) in [
        ("Nom;Téléphone", ";12", "Téléphone"),
        ("Nom;Téléphone;born", "Lovelace;;31/02/2020", "born"),
        ("Nom;Téléphone", "Lovelace;", ""),
    ] {
        let refused = read_line(headings, line).unwrap_err();
        assert_eq!((refused.len(), refused[0].column.as_str()), (1, told), "{line}");
    }
    // More than somebody could put right.
    let long = read_line("Nom;Téléphone", &format!("Lovelace;{}", "1".repeat(201))).unwrap_err();
    assert_eq!(long[0].column, "Téléphone");
}

#[test]
fn whom_a_row_is_about_must_be_told_rightly() {
    let refused = read_line(
        "Nom;Téléphone;E-mail;Ville;Pays;shoe;born;contact",
        &format!("{};12;ada;Lyon;FRA;big;31/02/2020;me", "a".repeat(101)),
    )
    .unwrap_err();
    let columns: Vec<_> = refused.iter().map(|problem| problem.column.as_str()).collect();
    assert_eq!(columns, ["Nom", "Pays", "shoe", "born", "Téléphone", "E-mail", "contact"]);
}

#[test]
fn what_an_export_writes_an_import_reads() {
    let declared = declared();
    let address = |city: &str| Address {
        kind: AddressKind::Work,
        complement: None,
        line: Some("1 rue du Four".into()),
        locality: None,
        postcode: Some("69001".into()),
        city: Some(city.into()),
        country: "BE".parse().unwrap(),
        returned_at: None,
    };
    let profile = Profile {
        name: Some("=Ada".into()),
        given_name: Some("Ada".into()),
        language: Some("fr".into()),
        addresses: vec![address("Lyon"), address("Lille")],
        fields: [
            ("born".parse().unwrap(), Value::Text("1815-12-10".into())),
            ("client".parse().unwrap(), Value::Flag(false)),
            ("shoe".parse().unwrap(), Value::Number(38.into())),
        ]
        .into(),
        ..Profile::default()
    };
    let contact = Contact {
        id: ContactId(uuid::Uuid::from_u128(7)),
        created_at: Timestamp::from_ms(0),
        merged_into: None,
        erased_at: None,
        profile: profile.clone(),
    };
    let identities = [
        Identity::Phone("+33639980001".parse().unwrap()),
        Identity::Phone("+33639980002".parse().unwrap()),
        Identity::Customer("crm:4711".parse().unwrap()),
    ];

    let columns = headings(&declared.fields, &ledger());
    let cells = write(&contact, identities.iter(), &declared.fields, (&ledger(), &[]));
    let row = read_so(&cells, &columns, &declared).unwrap();

    assert_eq!(row.whom, Some(contact.id));
    assert_eq!(row.identities.into_iter().map(|it| it.identity).collect::<Vec<_>>(), identities);
    let mut again = Profile::default();
    again.apply(row.patch);
    assert_eq!(again, profile);
}
