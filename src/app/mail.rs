//! The mail server as the settings name it, and `whence mail`.

use url::Host;

use super::StartError;
use super::run::{Failed, settings};
use crate::cli;
use crate::clock::Clock;
use crate::config::{Config, Security};
use crate::domain::ids::MailId;
use crate::domain::people::mail::{Mail, Words};
use crate::notify::mail::{self, Mailer};

/// `None`: no mail leaves.
pub(super) fn mailer(config: &Config) -> Result<Option<Mailer>, StartError> {
    let Some(mail) = config.mail.clone() else { return Ok(None) };
    let read = |file: std::path::PathBuf| {
        std::fs::read(&file).map_err(|source| StartError::MailAuthorities { file, source })
    };
    let mailer = Mailer::new(mail::Config {
        server: mail.server,
        port: mail.port,
        security: match mail.security {
            Security::StartTls => mail::Security::StartTls,
            Security::Implicit => mail::Security::Implicit,
            Security::Clear => mail::Security::Clear,
        },
        login: mail.login,
        hello: match config.http.public_url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => format!("[{address}]"),
            Some(Host::Ipv6(address)) => format!("[IPv6:{address}]"),
            None => "localhost".to_owned(),
        },
        from: mail.from,
        from_name: mail.from_name,
        reply_to: mail.reply_to,
        timeout: mail.timeout,
        authorities: mail.authorities.map(read).transpose()?,
    })?;
    Ok(Some(mailer))
}

pub(super) async fn mail(command: &cli::Mail) -> Result<(), Failed> {
    let cli::Mail::Test(args) = command;
    let to = args.address.parse().map_err(|bad| Failed::Start(format!("{:?} is {bad}", args.address)))?;
    let config = settings(&args.settings)?;
    let mailer = mailer(&config).map_err(Failed::start)?;
    let mailer = mailer.ok_or_else(|| {
        Failed::Start("the settings name no mail server: set `server` in [mail]".to_owned())
    })?;
    let clock = Clock::system();
    let words = Words {
        subject: "Whence can send mail".to_owned(),
        text: "This mail was sent by `whence mail test`.\n".to_owned(),
        html: "<p>This mail was sent by <code>whence mail test</code>.</p>\n".to_owned(),
        pictures: vec![],
    };
    let mail = Mail { id: MailId(clock.new_id()), to, words, unsubscribe: None };
    mailer.send(&mail, clock.now()).await.map_err(Failed::tried)?;
    println!("The mail server has taken it.");
    Ok(())
}
