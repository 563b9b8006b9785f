//! What can be asked about people: tables of contacts, who was forgotten, who has read what, mail.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Remote, Settings};

#[derive(Subcommand, Debug)]
pub enum Contacts {
    /// Write of the contacts of a CSV file; the key needs contacts:write
    Import(ContactsImport),
    /// Save all contacts as a CSV file; the key needs contacts:read
    Export(ContactsExport),
}

#[derive(Args, Debug)]
pub struct ContactsImport {
    /// A CSV file with headings, in UTF-8, UTF-16 or Windows-1252
    pub file: PathBuf,
    /// What a column means, for instance "Nom=family_name"; once for each. Without any, what the headings say by themselves
    #[arg(long, value_name = "HEADING=TARGET")]
    pub map: Vec<String>,
    /// What holds for every answer about consent whose row does not say it, for instance "at=2026-03-01", "source=order
    /// form"; once for each. The key needs consents:write for a table with such answers
    #[arg(long, value_name = "FIELD=VALUE")]
    pub consent: Vec<String>,
    /// comma, semicolon or tab; without it, what the first line seems to have
    #[arg(long, value_name = "WORD")]
    pub separator: Option<String>,
    /// Try every row, and write none
    #[arg(long)]
    pub dry_run: bool,
    /// Save what became of each row as a CSV file
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub remote: Remote,
}

#[derive(Args, Debug)]
pub struct ContactsExport {
    /// The file to write
    pub file: PathBuf,
    #[command(flatten)]
    pub remote: Remote,
}

#[derive(Subcommand, Debug)]
pub enum Oppositions {
    /// Take a list over from a file, however long; the key needs consents:write
    Import(OppositionsImport),
    /// Show every list, with how many stand on it; the key needs consents:read
    List(Remote),
    /// Delete a list: who stands on no other may be reached as the rules allow; the key needs consents:write
    Delete(OppositionsDelete),
}

#[derive(Args, Debug)]
pub struct OppositionsImport {
    /// A number or an e-mail address a line, alone or among the fields of a CSV file
    pub file: PathBuf,
    /// What the list is called: a–z, 0–9 and hyphen, for instance bloctel
    #[arg(long, value_name = "ID")]
    pub list: String,
    /// By what those on it are not to be reached, with commas between: phone, sms, email, post, push
    #[arg(long, value_delimiter = ',', required = true)]
    pub channels: Vec<String>,
    /// The list's name as people read it; without it, what it is called
    #[arg(long)]
    pub name: Option<String>,
    /// Keep who is on the list already; without it, the file takes its place
    #[arg(long)]
    pub add: bool,
    #[command(flatten)]
    pub remote: Remote,
}

#[derive(Args, Debug)]
pub struct OppositionsDelete {
    /// What the list is called
    pub list: String,
    #[command(flatten)]
    pub remote: Remote,
}

#[derive(Subcommand, Debug)]
pub enum Erasures {
    /// Print who was forgotten, by their ids: keep it apart from the backups
    Export(Settings),
    /// Forget them again, from standard input, in a database that was put back from a backup
    Replay(Settings),
}

#[derive(Args, Debug)]
pub struct Retention {
    /// Count, and take nothing; without it, what has stood in the plan for a day is carried out within a minute
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Subcommand, Debug)]
pub enum Reports {
    /// Count all calls anew from their rows; a running gateway does it, and reports go on meanwhile
    Rebuild(Settings),
}

#[derive(Subcommand, Debug)]
pub enum Audit {
    /// Follow the chain of the audit log from its start to its end: nothing has been changed, put in or taken out
    Verify(AuditVerify),
}

#[derive(Args, Debug)]
pub struct AuditVerify {
    /// What an earlier run printed, and was kept elsewhere: the log still goes through that place
    #[arg(long, value_name = "SEQ:HASH")]
    pub noted: Option<String>,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Subcommand, Debug)]
pub enum Mail {
    /// Send a mail to an address, now, and say what became of it
    Test(MailTest),
}

#[derive(Args, Debug)]
pub struct MailTest {
    /// Whom to send it to
    pub address: String,
    #[command(flatten)]
    pub settings: Settings,
}
