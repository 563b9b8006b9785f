//! Numbers of a plan as the lines of a table: brought, and written out.
//!
//! A line with a pool puts its number there. Any other says what a number stands for; of one that is in the plan already
//! it says only what the table has a column for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::draft::{Draft, DraftNumber};
use super::edit::EditFault;
use super::range;
use crate::domain::lines::{Cells, Misshapen, Shape, read};
use crate::domain::phone::{Country, Phone};

/// The columns of a table, in the order in which they are written.
pub const COLUMNS: [&str; 15] = [
    "number",
    "pool",
    "label",
    "outlet",
    "destination",
    "channel",
    "source",
    "medium",
    "campaign",
    "kind",
    "runs",
    "landing_page",
    "site",
    "target",
    "calls_at_once",
];
/// How many lines a table may have.
pub const LINES_MAX: usize = 5_000;
const SHAPE: Shape = Shape { columns: &COLUMNS, needed: &["number"], lines_max: LINES_MAX };

/// One line of a table, its number read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NumberLine {
    pub line: u64,
    pub number: Phone,
    cells: Cells,
}

/// What is wrong in a table, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineFault {
    pub line: u64,
    pub what: LineWrong,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LineWrong {
    #[error(transparent)]
    Misshapen(Misshapen),
    #[error(
        "{0:?} is no telephone number; write it with + and its country code, or as it is dialled at home"
    )]
    BadNumber(String),
    #[error("has the number of line {0}")]
    SameNumber(u64),
    #[error("calls_at_once: {0:?} is no whole number")]
    BadCallsAtOnce(String),
    #[error("there is no pool {0:?}")]
    NoPool(String),
    #[error("the number is in the pool {0:?}; leave pool empty to take it out, or say the pool")]
    InPool(String),
}

/// The lines that could be read, and what is wrong with the others. Numbers are read as they are written at `home`.
pub fn read_numbers(text: &str, home: Country) -> (Vec<NumberLine>, Vec<LineFault>) {
    let misshapen = |(line, what)| LineFault { line, what: LineWrong::Misshapen(what) };
    let rows = match read(text, SHAPE) {
        Ok(rows) => rows,
        Err(wrong) => return (vec![], wrong.into_iter().map(misshapen).collect()),
    };
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    let mut seen: HashMap<Phone, u64> = HashMap::new();
    for row in rows {
        match row.map_err(misshapen).and_then(|cells| line(cells, home)) {
            Ok(line) => match seen.insert(line.number.clone(), line.line) {
                Some(first) => faults.push(LineFault { line: line.line, what: LineWrong::SameNumber(first) }),
                None => lines.push(line),
            },
            Err(fault) => faults.push(fault),
        }
    }
    (lines, faults)
}

fn line(cells: Cells, home: Country) -> Result<NumberLine, LineFault> {
    let at = |what| LineFault { line: cells.line, what };
    let text = cells.text("number");
    let number = Phone::parse(&text, Some(home)).map_err(|_| at(LineWrong::BadNumber(text)))?;
    let most = cells.text("calls_at_once");
    if !most.trim().is_empty() && most.trim().parse::<u32>().is_err() {
        return Err(at(LineWrong::BadCallsAtOnce(most)));
    }
    Ok(NumberLine { line: cells.line, number, cells })
}

impl NumberLine {
    fn pool(&self) -> Option<&str> {
        self.cells.find("pool").map(str::trim).filter(|pool| !pool.is_empty())
    }

    /// What the line makes of what was said of its number.
    fn onto(&self, before: Option<&DraftNumber>) -> DraftNumber {
        let mut number = before.cloned().unwrap_or_default();
        self.number.reveal().clone_into(&mut number.e164);
        let said = |column| self.cells.find(column).map(|text| text.trim().to_owned());
        let optional = |field: &mut Option<String>, column| {
            if let Some(text) = said(column) {
                *field = Some(text).filter(|text| !text.is_empty());
            }
        };
        optional(&mut number.campaign, "campaign");
        optional(&mut number.kind, "kind");
        optional(&mut number.runs, "runs");
        optional(&mut number.landing_page, "landing_page");
        optional(&mut number.site, "site");
        optional(&mut number.target, "target");
        for (field, column) in [
            (&mut number.label, "label"),
            (&mut number.outlet, "outlet"),
            (&mut number.destination, "destination"),
            (&mut number.channel, "channel"),
            (&mut number.source, "source"),
            (&mut number.medium, "medium"),
        ] {
            if let Some(text) = said(column) {
                *field = text;
            }
        }
        if let Some(most) = said("calls_at_once") {
            number.calls_at_once = most.parse().ok();
        }
        number
    }
}

impl Draft {
    /// What of these lines cannot be done to this draft, whatever else they say.
    pub fn check_lines(&self, lines: &[NumberLine]) -> Vec<LineFault> {
        let in_pools = self.in_pools();
        let wrong = |it: &NumberLine| match (it.pool(), in_pools.get(&it.number)) {
            (Some(pool), _) if !self.pools.iter().any(|known| known.id == pool) => {
                Some(LineWrong::NoPool(pool.to_owned()))
            }
            (None, Some(pool)) if it.cells.find("pool").is_none() => {
                Some(LineWrong::InPool((*pool).to_owned()))
            }
            _ => None,
        };
        lines.iter().filter_map(|it| Some(LineFault { line: it.line, what: wrong(it)? })).collect()
    }

    /// Puts what the lines say into the draft.
    pub fn put_lines(&mut self, lines: &[NumberLine]) -> Result<(), EditFault> {
        let mut of_pools: BTreeMap<&str, BTreeSet<Phone>> = BTreeMap::new();
        let before: HashMap<&str, &DraftNumber> =
            self.numbers.iter().map(|it| (it.e164.as_str(), it)).collect();
        let mut written = Vec::new();
        for line in lines {
            match line.pool() {
                Some(pool) => _ = of_pools.entry(pool).or_default().insert(line.number.clone()),
                None => written.push(line.onto(before.get(line.number.reveal()).copied())),
            }
        }
        self.take_numbers(
            &lines.iter().filter(|it| it.pool().is_none()).map(|it| it.number.clone()).collect(),
        );
        self.numbers.extend(written);
        for (pool, numbers) in of_pools {
            self.put_into_pool(pool, &numbers)?;
        }
        Ok(())
    }

    /// Every number as a line of a table, the headings first.
    pub fn number_rows(&self) -> Vec<Vec<String>> {
        let headings = COLUMNS.map(str::to_owned).to_vec();
        let of_media = self.numbers.iter().map(|it| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let most = it.calls_at_once.map(|most| most.to_string()).unwrap_or_default();
            vec![
                it.e164.clone(),
                String::new(),
                it.label.clone(),
                it.outlet.clone(),
                it.destination.clone(),
                it.channel.clone(),
                it.source.clone(),
                it.medium.clone(),
                text(&it.campaign),
                text(&it.kind),
                text(&it.runs),
                text(&it.landing_page),
                text(&it.site),
                text(&it.target),
                most,
            ]
        });
        let in_pools = self.in_pools();
        let of_pools = in_pools.iter().map(|(number, pool)| {
            let mut row = vec![String::new(); COLUMNS.len()];
            (row[0], row[1]) = (number.reveal().to_owned(), (*pool).to_owned());
            row
        });
        [headings].into_iter().chain(of_media).chain(of_pools).collect()
    }

    fn in_pools(&self) -> BTreeMap<Phone, &str> {
        let of_pool = |pool: &'_ super::draft::DraftPool| -> Vec<Phone> {
            pool.numbers.iter().filter_map(|text| range::read(text).ok()).flatten().collect()
        };
        let pools = self.pools.iter();
        pools.flat_map(|pool| of_pool(pool).into_iter().map(|number| (number, pool.id.as_str()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> (Vec<NumberLine>, Vec<LineFault>) {
        read_numbers(text, "FR".parse().unwrap())
    }

    fn draft() -> Draft {
        let text = "[[pools]]\nid=\"web\"\nsite=\"shop\"\ntarget=\"+33199000001\"\ndestination=\"desk\"\nnumbers=[\"+33199001000..+33199001002\"]\n\
                    [[numbers]]\ne164=\"+33199002003\"\nlabel=\"Poster\"\noutlet=\"lyon\"\ndestination=\"desk\"\nchannel=\"Offline\"\n\
                    source=\"poster\"\nmedium=\"print\"\ncampaign=\"spring\"\n";
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_line_says_what_its_table_has_a_column_for_and_leaves_the_rest() {
        let (read, faults) = lines("Number;label;campaign\n01 99 00 20 03;Big poster;\n");
        let mut draft = draft();

        draft.put_lines(&read).unwrap();

        assert_eq!(faults, []);
        let number = &draft.numbers[0];
        assert_eq!((number.label.as_str(), number.campaign.as_deref()), ("Big poster", None));
        assert_eq!((number.outlet.as_str(), number.source.as_str()), ("lyon", "poster"));
    }

    #[test]
    fn a_line_with_a_pool_puts_its_number_there_and_an_empty_one_takes_it_out() {
        let (read, _) = lines("number,pool,label\n+33199002003,web,\n+33199001001,,Flyer\n");
        let mut draft = draft();

        assert_eq!(draft.check_lines(&read), []);
        draft.put_lines(&read).unwrap();

        assert_eq!(draft.pools[0].numbers, ["+33199001000", "+33199001002", "+33199002003"]);
        assert_eq!((draft.numbers.len(), draft.numbers[0].label.as_str()), (1, "Flyer"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let text = "number,calls_at_once\n+33199002003,2\nnobody,1\n+33199002003,\n+33199002004,many\n";
        let (read, faults) = lines(text);

        let told: Vec<(u64, String)> = faults.iter().map(|it| (it.line, it.what.to_string())).collect();

        assert_eq!(read.len(), 1);
        assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4, 5]);
        assert!(told[1].1.contains("line 2") && told[2].1.contains("\"many\""), "{told:?}");
        let (of_pool, _) = lines("number,label\n+33199001000,Mine\n");
        assert_eq!(draft().check_lines(&of_pool)[0].what, LineWrong::InPool("web".into()));
        let (nowhere, _) = lines("number,pool\n+33199001000,wbe\n");
        assert_eq!(draft().check_lines(&nowhere)[0].what, LineWrong::NoPool("wbe".into()));
    }

    #[test]
    fn what_is_written_out_and_brought_again_changes_nothing() {
        let rows = draft().number_rows();
        let text: String = rows.iter().map(|row| row.join(",") + "\n").collect();
        let (read, faults) = lines(&text);
        let mut again = draft();

        again.put_lines(&read).unwrap();

        assert_eq!((faults, again), (vec![], draft()));
    }
}
