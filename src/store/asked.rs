//! Questions about many at once: what is asked for goes over as one JSON array,
//! so that a thousand cost as many statements as one.

use serde::Serialize;

use super::StoreError;

/// SQL that finds in the table `asked`, column `its`, what the first value holds as a JSON array of texts.
macro_rules! of_asked {
    ($tx:expr, $($rest:expr),+) => {
        $tx.dialect().pick(
            concat!("with asked (its) as (select value from json_each($1))", $($rest),+),
            concat!(
                "with asked (its) as (select value from json_array_elements_text(cast($1 as json)))",
                $($rest),+
            ),
        )
    };
}
pub(super) use of_asked;

/// As [`of_asked`], its rows in one text, column `gathered`: a JSON array of arrays, for serde or for
/// [`gathered`](super::rows::gathered). Handing over thousands of rows one by one costs more than finding them.
macro_rules! gathered_of_asked {
    ($tx:expr, $columns:expr, $($rest:expr),+) => {
        $tx.dialect().pick(
            concat!(
                "with asked (its) as (select value from json_each($1)) \
                 select json_group_array(json_array(", $columns, ")) as gathered ", $($rest),+
            ),
            concat!(
                "with asked (its) as (select value from json_array_elements_text(cast($1 as json))) \
                 select coalesce(cast(json_agg(json_build_array(", $columns, ")) as text), '[]') as gathered ",
                $($rest),+
            ),
        )
    };
}
pub(super) use gathered_of_asked;

pub(super) fn asked<T: Serialize>(all: &[T]) -> Result<String, StoreError> {
    Ok(serde_json::to_string(all).map_err(|e| sqlx::Error::Encode(e.into()))?)
}
