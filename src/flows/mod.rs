//! The stories: what happens when a page is opened, a call comes, a plan is
//! applied. One file, one story: take the time once, load, decide, save, answer.
//!
//! ```text
//!   faces ──► flow ──► store (load) ──► domain (decide) ──► store (save)
//! ```
//!
//! A flow holds no rule of its own and no SQL; whoever reads it knows the
//! feature.

pub mod access_audited;
pub mod alert_measured;
pub mod alert_written;
pub mod alerts_judged;
pub mod block_made;
pub mod call_arrives;
pub mod call_attributed;
pub mod call_ends;
pub mod call_is_answered;
pub mod call_noted;
pub mod call_qualified;
pub mod callers_missed;
pub mod calls_found;
pub mod calls_recovered;
pub mod calls_written;
pub mod consent_recorded;
pub mod contact_erased;
pub mod contact_restricted;
pub mod contact_written;
pub mod contactability_checked;
pub mod contactability_reckoned;
pub mod contacts_keyed;
pub mod contacts_marked;
pub mod contacts_merged;
pub mod cost_written;
pub mod credit_reported;
pub mod duplicates;
pub mod engagements_told;
pub mod error;
pub mod event_reported;
pub mod frequency_wished;
pub mod hours_counted;
pub mod imports;
pub mod journeys_kept;
pub mod journeys_reported;
pub mod key_made;
pub mod ladders_written;
pub mod ledger;
mod lending;
pub mod lookalikes_found;
pub mod lookalikes_reckoned;
pub mod mail_domains_asked;
pub mod message_taken;
pub mod number_tapped;
pub mod oppositions_imported;
pub mod opt_in_asked;
pub mod opt_in_confirmed;
pub mod own_data;
pub mod plan_applied;
pub mod plan_edited;
pub mod plan_exported;
pub mod plan_read;
pub mod pool_advised;
pub mod preference_link_made;
pub mod preferences_changed;
pub mod priors_learned;
pub mod prompt_brought;
pub mod prospecting_objected;
pub mod recording_deleted;
pub mod recording_heard;
pub mod recording_refused;
pub mod recording_uploaded;
pub mod recordings_recovered;
pub mod report_shared;
pub mod reports_read;
pub mod reports_sent;
pub mod request_received;
pub mod retention_run;
pub mod rfm_reckoned;
pub mod scenarios_played;
pub mod schedule_written;
pub mod segment_written;
pub mod segments_reckoned;
pub mod shown;
pub mod solicitation_reserved;
pub mod staff_changed;
pub mod task_settled;
pub mod tracking_refused;
pub mod visit_arrives;
pub mod visit_stays;
pub mod visitor_identified;
mod visitor_told;
pub mod webhook_tried;

pub use access_audited::{Verified, access_audited, audit_verified};
pub use alert_written::{ALERTS_MAX, AlertError, alert_changed, alert_deleted, alert_written};
pub use alerts_judged::{ComposeAlert, Told, alerts_judged};
pub use block_made::{BlockError, block_made, block_taken_back};
pub use call_arrives::call_arrives;
pub use call_attributed::call_corrected;
pub use call_ends::call_ends;
pub use call_is_answered::call_is_answered;
pub use call_noted::{call_noted, call_tagged, note_deleted};
pub use call_qualified::call_qualified;
pub use callers_missed::{Missed, callers_missed};
pub use calls_found::{CallSearch, FindError, calls_found};
pub use calls_recovered::calls_recovered;
pub use calls_written::calls_written;
pub use consent_recorded::{ConsentError, consent_read, consent_recorded};
pub use contact_erased::{Eraser, contact_erased};
pub use contact_restricted::{contact_restricted, restriction_lifted};
pub use contact_written::{ContactError, Written, contact_written, identity_taken_off, person_returned};
pub use contactability_checked::{contactability_checked, facts_of, policy_of};
pub use contactability_reckoned::{KEPT_DAYS as CONTACTABILITY_DAYS, contactability_reckoned};
pub use contacts_keyed::contacts_keyed;
pub use contacts_marked::contacts_marked;
pub use contacts_merged::{contacts_merged, merge_undone};
pub use cost_written::{CostError, cost_deleted, cost_put_back, cost_replaced, cost_written, costs_brought};
pub use credit_reported::CreditReport;
pub use duplicates::duplicate_refused;
pub use engagements_told::{
    EngagementError, Handed, Recorded, Refusal, Why, engagements_read, engagements_told,
};
pub use error::FlowError;
pub use event_reported::event_reported;
pub use frequency_wished::frequency_wished;
pub use hours_counted::{facts_of_hour, hours_counted};
pub use imports::{
    ImportError, ImportRun, declared, import_deleted, import_failed, import_received, import_started,
    rows_imported,
};
pub use journeys_kept::JourneyReports;
pub use journeys_reported::{Asked as JourneysWanted, JourneyReport, Most as MostJourneys};
pub use key_made::{key_made, key_revoked, key_used};
pub use ladders_written::ladders_written;
pub use lookalikes_found::{LookalikeError, Lookalikes, lookalikes_found};
pub use lookalikes_reckoned::lookalikes_reckoned;
pub use mail_domains_asked::{mail_domain_told, mail_domains_due, mail_domains_forgotten, mail_domains_met};
pub use message_taken::{Taken, message_taken};
pub use number_tapped::number_tapped;
pub use oppositions_imported::{Import, Imported, OppositionError, OppositionsImport, oppositions_deleted};
pub use opt_in_asked::{Asking, Question, opt_in_asked, opt_in_asked_again};
pub use opt_in_confirmed::{Open, find_open_question, opt_in_confirmed};
pub use own_data::{
    KeyLetter, KeySending, KeySent, data_corrected, data_key_asked, email_confirmed, email_told,
    erasure_asked, find_own_data, find_told_email,
};
pub use plan_applied::{Comparison, PlanError, plan_applied, plan_compared};
pub use plan_edited::{Edit, EditError, Edited, plan_drafted, plan_edit_compared, plan_edited};
pub use plan_exported::plan_exported;
pub use plan_read::{PlanReadError, plan_read};
pub use pool_advised::{AdviceError, Asked as AskedAdvice, pool_advised, rate_advised};
pub use preference_link_made::{preference_link_made, preference_links_revoked};
pub use preferences_changed::{
    Answer, Mailing, Preferences, Seen, find_preferences, find_unsubscribed, preferences_changed,
    unsubscribed,
};
pub use priors_learned::priors_learned;
pub use prompt_brought::{NewPrompt, PromptError, prompt_brought, prompt_taken_back};
pub use prospecting_objected::{Objection, prospecting_objected};
pub use recording_deleted::{DeletionError, recording_deleted, recording_given_up};
pub use recording_heard::recording_heard;
pub use recording_uploaded::{recording_lost, recording_uploaded};
pub use recordings_recovered::{Left, recordings_recovered};
pub use report_shared::{ShareError, report_shared, share_opened, share_taken_back};
pub use reports_read::{ReportError, Reports};
pub use reports_sent::{ComposeReport, Composed, Issue, report_refused, reports_sent};
pub use request_received::{Asked, RequestError, archive_made, request_decided, request_received};
pub use retention_run::{retention_hastened, retention_run, retention_tried};
pub use rfm_reckoned::rfm_reckoned;
pub use scenarios_played::scenarios_played;
pub use schedule_written::{ScheduleError, To as ScheduleTo, schedule_deleted, schedule_written};
pub use segment_written::{
    Counted, SegmentError, filter_counted, segment_deleted, segment_written, vocabulary,
};
pub use segments_reckoned::{segments_caught_up, segments_reckoned};
pub use shown::Shown;
pub use solicitation_reserved::{ReserveError, Reserved, Wish, reservation_settled, solicitation_reserved};
pub use staff_changed::{StaffChange, StaffError, user_changed, user_made, user_removed};
pub use task_settled::{TaskChange, task_settled};
pub use tracking_refused::may_follow;
pub use visit_arrives::{Opened, visit_arrives};
pub use visit_stays::visit_stays;
pub use visitor_identified::visitor_identified;
pub use webhook_tried::{WebhookError, delivery_resent, webhook_tested};
