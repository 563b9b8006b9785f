//! The command line: what can be asked of the program, in one place.
//!
//! Types only; `main` hands each command to the part that carries it out.

mod people;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
pub use people::{
    Audit, AuditVerify, Contacts, ContactsExport, ContactsImport, Erasures, Mail, MailTest, Oppositions,
    OppositionsDelete, OppositionsImport, Reports, Retention,
};

/// A self-hosted call-tracking gateway: which visit did this call come from?
#[derive(Parser, Debug)]
#[command(name = "whence", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Carry calls, serve the snippet, the API and the console
    Serve(Settings),
    /// Try everything on this machine: gateway, sample website and business line
    Demo(Demo),
    /// Show the calls that a running gateway carries just now
    Calls(Calls),
    /// End a call that goes on
    HangUp(HangUp),
    /// Show who has knocked at a running gateway in vain
    Strangers(Remote),
    /// Have a running gateway read its settings again; calls go on
    Reload(Remote),
    /// Call a number through the gateway, as a carrier would
    Dial(Dial),
    /// Load or print what the business decides: outlets, sites, pools, numbers, destinations
    #[command(subcommand)]
    Plan(Plan),
    /// Say how many numbers a pool needs
    #[command(subcommand)]
    Pool(Pool),
    /// Bring what the gateway says to callers
    #[command(subcommand)]
    Prompt(Prompt),
    /// Bring tables of contacts to a running gateway, and take them from it
    #[command(subcommand)]
    Contacts(Contacts),
    /// Bring lists of those who object to a running gateway
    #[command(subcommand)]
    Oppositions(Oppositions),
    /// Let programs use the API
    #[command(subcommand)]
    Key(Key),
    /// Let people into the console
    #[command(subcommand)]
    User(User),
    /// Keep the keys of recordings
    #[command(subcommand)]
    Vault(Vault),
    /// Keep those forgotten who were, when a backup is put back
    #[command(subcommand)]
    Erasures(Erasures),
    /// Say what has had its time by the plan, or have it taken at once
    Retention(Retention),
    /// Have reports counted anew
    #[command(subcommand)]
    Reports(Reports),
    /// Check who has asked for what of people
    #[command(subcommand)]
    Audit(Audit),
    /// Send mail by the settings
    #[command(subcommand)]
    Mail(Mail),
    /// Say whether the configuration is well, and show what follows from it
    CheckConfig(Settings),
}

/// Where the settings come from.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// The settings file; without it, defaults and WHENCE_… variables count
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// A gateway that runs, asked over its HTTP API.
#[derive(Args, Debug)]
pub struct Remote {
    /// Where its API is; without it, where the settings say that it listens
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The API key; without it, the variable WHENCE_KEY
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Args, Debug)]
pub struct Calls {
    /// Go on, and tell each change
    #[arg(long)]
    pub watch: bool,
    #[command(flatten)]
    pub remote: Remote,
}

#[derive(Args, Debug)]
pub struct HangUp {
    /// The call's id, as `whence calls` shows it
    pub id: String,
    #[command(flatten)]
    pub remote: Remote,
}

#[derive(Args, Debug)]
pub struct Demo {
    /// The demo's own folder; kept, so that the next demo goes on where this one ended
    #[arg(long, value_name = "DIR", default_value = "demo-data")]
    pub data: PathBuf,
}

#[derive(Args, Debug)]
pub struct Dial {
    /// The number to call, for instance +33199001001
    pub number: String,
    /// The number to show as the caller's; without it, the number is withheld
    #[arg(long, value_name = "NUMBER")]
    pub from: Option<String>,
    /// How long to talk before hanging up
    #[arg(long, value_name = "S", default_value_t = 5)]
    pub seconds: u32,
    /// Give up as soon as it rings, as a caller does who changes their mind
    #[arg(long)]
    pub hang_up_after_ring: bool,
    /// The gateway's host; with :PORT when that is not 5060
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    pub gateway: String,
}

#[derive(Subcommand, Debug)]
pub enum Plan {
    /// Show what differs from the plan, then make the database follow it
    Apply(PlanApply),
    /// Print the plan that would give what the database holds
    Export(PlanExport),
    /// Say where a call to a number would ring, step by step
    Explain(PlanExplain),
}

#[derive(Args, Debug)]
pub struct PlanApply {
    /// The plan, a TOML file
    pub plan: PathBuf,
    /// Show the difference and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Also take numbers away that people may still call: printed ones, and those of recent visits
    #[arg(long)]
    pub allow_orphans: bool,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Args, Debug)]
pub struct PlanExplain {
    /// The number, for instance +33199001001
    pub number: String,
    /// When, as RFC 3339; without it, now
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Args, Debug)]
pub struct PlanExport {
    /// Where to write it; without it, to standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Subcommand, Debug)]
pub enum Pool {
    /// Replay visits against pool sizes: how many find no number, how many calls are mistaken, what it costs
    Advise(PoolAdvise),
}

#[derive(Args, Debug)]
pub struct PoolAdvise {
    /// The pool whose site's visits are replayed
    #[arg(required_unless_present = "visits_per_hour", conflicts_with = "visits_per_hour")]
    pub pool: Option<String>,
    /// How many days of its visits
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: u32,
    /// Make up visits at this rate instead
    #[arg(long, value_name = "N")]
    pub visits_per_hour: Option<f64>,
    /// For how long a made-up visit stays, in the mean
    #[arg(long, value_name = "S", default_value_t = 180)]
    pub stay_s: u64,
    /// Pool sizes, with commas between; without it, sizes around the load
    #[arg(long, value_delimiter = ',')]
    pub sizes: Vec<usize>,
    /// Keep-alives in seconds, with commas between; without it, the pool's own, or 1200
    #[arg(long, value_name = "S", value_delimiter = ',')]
    pub keep_alive_s: Vec<u64>,
    /// For how long a number rests, with made-up visits; a pool has its own
    #[arg(long, value_name = "S", conflicts_with = "pool")]
    pub quarantine_s: Option<u64>,
    /// What a number costs a month
    #[arg(long, value_name = "AMOUNT", default_value_t = 1.0)]
    pub number_price: f64,
    /// What it is worth to know where one call came from, in the same currency
    #[arg(long, value_name = "AMOUNT", default_value_t = 5.0)]
    pub call_worth: f64,
    /// What chance is drawn with; the same seed gives the same table
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Subcommand, Debug)]
pub enum Prompt {
    /// Keep a WAV file as a prompt, in the place of one of the same name; calls hear it a second later
    Add(PromptAdd),
    /// List the prompts that were brought
    List(Settings),
    /// Delete a prompt that no plan says
    Remove(PromptRemove),
}

#[derive(Args, Debug)]
pub struct PromptAdd {
    /// The name by which a plan says it: a–z, 0–9 and hyphen
    pub id: String,
    /// A WAV file of at most 5 minutes: mono or stereo, 8 to 48 kHz, PCM or float
    pub file: PathBuf,
    /// What it is, for people who choose one
    #[arg(long)]
    pub title: String,
    /// In which language it speaks, for instance fr; without it, in none
    #[arg(long, value_name = "TAG")]
    pub language: Option<String>,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Args, Debug)]
pub struct PromptRemove {
    /// The prompt's name
    pub id: String,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Subcommand, Debug)]
pub enum Key {
    /// Make a key and print it, this once
    Create(KeyCreate),
    /// List the keys, never their secrets
    List(Settings),
    /// Stop a key from working, from now on
    Revoke(KeyRevoke),
}

#[derive(Args, Debug)]
pub struct KeyCreate {
    /// Who or what will use it
    #[arg(long)]
    pub name: String,
    /// What it may do, with commas between, for instance calls:read,visits:read
    #[arg(long, value_delimiter = ',', required = true)]
    pub scopes: Vec<String>,
    /// The system or site of the plan whose messages come by it, with the scope tracking:write
    #[arg(long)]
    pub source: Option<String>,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Args, Debug)]
pub struct KeyRevoke {
    /// The key's id, as `key list` shows it
    pub id: String,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Subcommand, Debug)]
pub enum Vault {
    /// Make a new key and wrap the key of every recording with it; calls and recordings go on
    Rotate(Settings),
}

#[derive(Subcommand, Debug)]
pub enum User {
    /// Add somebody; the password is the first line of standard input
    Create(UserCreate),
    /// Let somebody in who has lost their second factor: the password is enough until they set it up again
    ForgetSecondFactor(UserNamed),
}

#[derive(Args, Debug)]
pub struct UserNamed {
    /// The e-mail address they sign in with
    pub email: String,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Args, Debug)]
pub struct UserCreate {
    /// The e-mail address to sign in with
    pub email: String,
    /// What they may do: admin, telephony, marketing, outlet or reader
    #[arg(long, default_value = "admin")]
    pub role: String,
    /// They see this outlet and all below it; without it, everything
    #[arg(long)]
    pub outlet: Option<String>,
    #[command(flatten)]
    pub settings: Settings,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_call_has_sensible_habits() {
        let cli = Cli::parse_from(["whence", "dial", "+33199001001", "--hang-up-after-ring"]);

        let Command::Dial(dial) = cli.command else { panic!("{cli:?}") };
        assert_eq!((dial.seconds, dial.hang_up_after_ring), (5, true));
        assert_eq!(dial.gateway, "127.0.0.1");
    }

    #[test]
    fn scopes_are_separated_by_commas() {
        let cli = Cli::parse_from([
            "whence",
            "key",
            "create",
            "--name",
            "crm",
            "--scopes",
            "calls:read,visits:read",
        ]);

        let Command::Key(Key::Create(key)) = cli.command else { panic!("{cli:?}") };
        assert_eq!(key.scopes, ["calls:read", "visits:read"]);
    }
}
