//! The columns of the list: which there are, and which a reader sees without choosing.

use crate::http::language::Lang;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Column {
    Outcome,
    CameFrom,
    Destination,
    Arrived,
    Duration,
    Contact,
    Outlet,
    Rang,
    Rating,
    Tags,
    Notes,
}

impl Column {
    pub const ALL: [Column; 11] = [
        Column::Outcome,
        Column::CameFrom,
        Column::Destination,
        Column::Arrived,
        Column::Duration,
        Column::Contact,
        Column::Outlet,
        Column::Rang,
        Column::Rating,
        Column::Tags,
        Column::Notes,
    ];

    const UNCHOSEN: [Column; 5] =
        [Column::Outcome, Column::CameFrom, Column::Destination, Column::Arrived, Column::Duration];

    /// In their order, whatever they were ticked in.
    pub fn chosen(words: &[String]) -> Vec<Column> {
        let chosen: Vec<Column> =
            Column::ALL.into_iter().filter(|it| words.iter().any(|word| word == it.as_str())).collect();
        if chosen.is_empty() { Column::UNCHOSEN.into() } else { chosen }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Column::Outcome => "outcome",
            Column::CameFrom => "from",
            Column::Destination => "destination",
            Column::Arrived => "arrived",
            Column::Duration => "duration",
            Column::Contact => "contact",
            Column::Outlet => "outlet",
            Column::Rang => "rang",
            Column::Rating => "rating",
            Column::Tags => "tags",
            Column::Notes => "notes",
        }
    }

    pub const fn name(self, lang: Lang) -> &'static str {
        let (t, of_calls) = (lang.texts(), lang.call_texts());
        match self {
            Column::Outcome => t.outcome,
            Column::CameFrom => t.came_from,
            Column::Destination => t.destination,
            Column::Arrived => t.arrived,
            Column::Duration => t.duration,
            Column::Contact => t.a_contact,
            Column::Outlet => lang.overview_texts().outlet,
            Column::Rang => t.rang_for,
            Column::Rating => of_calls.rating,
            Column::Tags => of_calls.tags,
            Column::Notes => of_calls.notes,
        }
    }

    /// Whether it is one of those that the list makes room for of its own.
    pub fn is_more(self) -> bool {
        !Column::UNCHOSEN.contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_their_order_and_none_means_the_usual_ones() {
        let words = ["tags", "outcome", "nonsense"].map(str::to_owned);

        assert_eq!(Column::chosen(&words), [Column::Outcome, Column::Tags]);
        assert_eq!(Column::chosen(&[]), Column::UNCHOSEN);
    }
}
