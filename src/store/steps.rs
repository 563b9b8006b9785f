//! What the tables lose when calls and visits become nobody's, a step each: whoever is erased and what has had its
//! time lose the same.

/// What happens to some rows of a table.
pub(super) struct Step {
    pub table: &'static str,
    /// What they are set to; `None`: they are deleted.
    pub set: Option<&'static str>,
    /// Which rows.
    pub whose: &'static str,
}

pub(super) const fn delete(table: &'static str, whose: &'static str) -> Step {
    Step { table, set: None, whose }
}

pub(super) const fn set(table: &'static str, set: &'static str, whose: &'static str) -> Step {
    Step { table, set: Some(set), whose }
}

impl Step {
    /// The statement that does it.
    pub fn sql(&self) -> String {
        match self.set {
            Some(set) => format!("update {} set {set} where {}", self.table, self.whose),
            None => format!("delete from {} where {}", self.table, self.whose),
        }
    }
}

/// The steps of the calls whose ids this SQL gives, in an order in which each still finds what it goes by.
macro_rules! of_calls {
    ($($ids:tt)+) => {
        [
            delete("ladders", concat!("call_id in ", $($ids)+)),
            delete("call_notes", concat!("call_id in ", $($ids)+)),
            delete("call_words", concat!("call_id in ", $($ids)+)),
            delete("call_tags", concat!("call_id in ", $($ids)+)),
            set("screenings", "origination = null", concat!("call_id in ", $($ids)+)),
            set("transfers", "target = ''", concat!("call_id in ", $($ids)+)),
            // The carrier has that id in its own books.
            set("calls", "caller = null, contact_id = null, sip_call_id = ''", concat!("id in ", $($ids)+)),
        ]
    };
}
pub(super) use of_calls;

/// The same of visits.
macro_rules! of_visits {
    ($($ids:tt)+) => {
        [
            delete("page_views", concat!("visit_id in ", $($ids)+)),
            delete("events", concat!("visit_id in ", $($ids)+)),
            delete("claims", concat!("visit_id in ", $($ids)+)),
            set("leases", "visitor_id = visit_id", concat!("visit_id in ", $($ids)+)),
            // A visit of nobody: one of a visitor who was here only then.
            set(
                "visits",
                "visitor_id = id, landing_page = '', referrer = null, term = null, content = null, click_id = null, \
                 country = null, region = null",
                concat!("id in ", $($ids)+),
            ),
        ]
    };
}
pub(super) use of_visits;
