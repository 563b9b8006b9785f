//! Work by the clock.

pub mod ask_mail_domains;
pub mod count_hours;
pub mod delete_recordings;
pub mod forget_ladders;
pub mod forget_messages;
pub mod import_contacts;
pub mod judge_alerts;
pub mod key_contacts;
pub mod learn_priors;
pub mod mark_contacts;
pub mod note_trunks;
mod pace;
pub mod play_scenarios;
pub mod reckon_contactability;
pub mod reckon_lookalikes;
pub mod reckon_rfm;
pub mod reckon_segments;
pub mod refresh_prompts;
pub mod refresh_routes;
pub mod refresh_screening;
pub mod repair_recordings;
pub mod run_retention;
pub mod seal_audit;
pub mod send_mails;
pub mod send_webhooks;
pub mod tell_overdue_requests;
pub mod upload_recordings;
