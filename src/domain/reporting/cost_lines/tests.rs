//! Costs are read as they are meant, and whatever is wrong is told with its line and its field.

use proptest::prelude::*;

use super::*;

fn written() -> Draft {
    Draft {
        first_day: "2026-11-01".into(),
        last_day: "2026-11-30".into(),
        channel: "Paid Search".into(),
        source: " google ".into(),
        amount: Amount::Written("1 250,50".into()),
        currency: "eur".into(),
        key: "ads-11".into(),
        ..Draft::default()
    }
}

fn wrong(draft: &Draft) -> Vec<(&'static str, Wrong)> {
    draft.read().err().unwrap_or_default().into_iter().map(|it| (it.field, it.wrong)).collect()
}

#[test]
fn a_cost_is_read_as_people_write_it() {
    let line = written().read().unwrap();

    assert_eq!(line.cost.money, Money { minor: 125_050, currency: Currency::EUR });
    assert_eq!((line.cost.of.source.as_deref(), line.cost.of.campaign), (Some("google"), None));
    assert_eq!((line.key.as_deref(), line.note, line.cost.days.many()), (Some("ads-11"), None, 30));
    let one_day = Draft { last_day: " ".into(), ..written() }.read().unwrap();
    assert_eq!(one_day.cost.days.many(), 1);
}

#[test]
fn all_that_is_wrong_is_told() {
    let nothing = Draft::default();
    let needed = ["first_day", "channel", "currency", "amount"].map(|field| (field, Wrong::Missing));
    assert_eq!(wrong(&nothing), needed);

    for (draft, expected) in [
        (Draft { first_day: "1.11.2026".into(), ..written() }, ("first_day", Wrong::BadDay)),
        (Draft { first_day: "2026-11-01T10:00".into(), ..written() }, ("first_day", Wrong::BadDay)),
        (Draft { last_day: "1999-12-31".into(), ..written() }, ("last_day", Wrong::BadDay)),
        (Draft { last_day: "2026-10-31".into(), ..written() }, ("last_day", Wrong::EndsFirst)),
        (Draft { last_day: "2036-11-03".into(), ..written() }, ("last_day", Wrong::TooLong)),
        (Draft { channel: "Adwords".into(), ..written() }, ("channel", Wrong::BadChannel)),
        (Draft { outlet: "Head Office".into(), ..written() }, ("outlet", Wrong::BadOutlet)),
        (Draft { amount: Amount::Written("1,250".into()), ..written() }, ("amount", Wrong::BadAmount)),
        (Draft { amount: Amount::Minor(MINOR_MAX + 1), ..written() }, ("amount_minor", Wrong::TooMuch)),
        (Draft { currency: "€".into(), ..written() }, ("currency", Wrong::BadCurrency)),
        (Draft { campaign: "x".repeat(201), ..written() }, ("campaign", Wrong::BadText(NAME_MAX))),
        (Draft { note: "a\0b".into(), ..written() }, ("note", Wrong::BadText(NOTE_MAX))),
    ] {
        assert_eq!(wrong(&draft), [expected], "{draft:?}");
    }
}

fn faults(table: &str) -> Vec<String> {
    let faults = read_table(table).err().unwrap_or_default();
    faults.into_iter().map(|it| format!("{}: {}", it.line, it.what)).collect()
}

#[test]
fn a_table_is_read_with_its_columns_in_any_order() {
    let table = "\u{feff}Amount;currency;channel;first_day;note\r\n\
                 300,50;EUR;Email;2026-11-01;\"two\nlines\"\r\n\
                 \r\n\
                 7;EUR;Offline;2026-11-02\r\n";

    let lines = read_table(table).unwrap();

    let told: Vec<_> =
        lines.iter().map(|(line, it)| (*line, it.cost.money.minor, it.note.as_deref())).collect();
    assert_eq!(told, [(2, 30_050, Some("two lines")), (5, 700, None)]);
}

#[test]
fn each_bad_line_of_a_table_is_told_by_its_number() {
    let table = "first_day,last_day,channel,amount,currency,key\n\
                 2026-11-01,,Email,12,EUR,a\n\
                 2026-11-01,2026-10-01,Mail,1e3,EUR,b\n\
                 2026-11-01,,Email,12,50,EUR,c\n\
                 2026-11-02,,Email,12,EUR,a\n";

    assert_eq!(
        faults(table),
        [
            "3: last_day: comes before the first day",
            "3: channel: must be a channel, for instance Paid Search, Email or Offline",
            "3: amount: not an amount; write 1250 or 1250.50, without a sign and without a comma between thousands",
            "4: has more cells than there are columns; is a comma in a text that is not quoted?",
            "5: has the key of line 2",
        ]
    );
}

#[test]
fn a_table_that_is_none_is_told_by_its_headings() {
    let columns = COLUMNS.join(",");
    assert_eq!(faults(""), [format!("1: the first line must name the columns: {columns}")]);
    assert_eq!(faults(&columns), ["1: the table has no line but its headings"]);
    let told = faults("first_day,canal,amount,amount\n");
    assert!(told[0].starts_with("1: there is no column canal; the columns are first_day, "), "{told:?}");
    assert_eq!(
        told[1..],
        [
            "1: the column amount comes twice",
            "1: the column channel is missing",
            "1: the column currency is missing"
        ]
    );
    let long =
        format!("first_day,channel,amount,currency\n{}", "2026-11-01,Email,1,EUR\n".repeat(LINES_MAX + 1));
    assert_eq!(faults(&long).len(), 1);
    let many = format!("first_day,channel,amount,currency\n{}", "x,Email,1,EUR\n".repeat(500));
    assert_eq!(faults(&many).len(), FAULTS_MAX);
}

proptest! {
    /// Whatever is in a file, it is read or refused.
    #[test]
    fn no_table_breaks_the_reader(table in "(first_day,channel,amount,currency\n)?[ -~\n\"é;,]{0,200}") {
        match read_table(&table) {
            Ok(lines) => prop_assert!(!lines.is_empty()),
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
    }
}
