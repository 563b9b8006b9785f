//! Hands mail to the server that delivers it (RFC 6409), one connection each.
//!
//! What a server answers may repeat the address, so errors carry its code alone.

use std::error::Error as _;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MessageBuilder, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use tokio::time::timeout;

use crate::domain::people::email::Email;
use crate::domain::people::mail::{Mail, Words};
use crate::domain::time::Timestamp;

/// What the admin sets.
#[derive(Clone)]
pub struct Config {
    pub server: String,
    pub port: u16,
    pub security: Security,
    /// User and password.
    pub login: Option<(String, String)>,
    /// What we say in EHLO: a host, or an address in brackets.
    pub hello: String,
    pub from: Email,
    pub from_name: String,
    pub reply_to: Option<Email>,
    /// How long handing a mail over may take.
    pub timeout: Duration,
    /// The authorities (PEM) that vouch for the server; `None`: those that browsers trust.
    pub authorities: Option<Vec<u8>>,
}

/// How the way to the server is kept from others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Security {
    /// Begun in the clear, and never gone on with like that (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// To a server on this machine.
    Clear,
}

/// The settings name no server that mail can be handed to.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    #[error("the authorities of the mail server cannot be used")]
    Authorities(#[source] lettre::transport::smtp::Error),
    #[error("the sender is no address that mail can come from")]
    Sender(#[source] lettre::address::AddressError),
}

/// Why a server does not have a mail.
#[derive(Debug, thiserror::Error)]
pub enum Undelivered {
    /// It may take it later, or when the settings are right.
    #[error("{}", told(.reply, .why))]
    Later { reply: Option<u16>, why: &'static str },
    /// It never will: the address or the mail is at fault.
    #[error("{}", told(.reply, .why))]
    Never { reply: Option<u16>, why: &'static str },
}

fn told(reply: &Option<u16>, why: &str) -> String {
    reply.map_or_else(|| why.to_owned(), |code| format!("{why} ({code})"))
}

#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    timeout: Duration,
}

impl Mailer {
    pub fn new(config: Config) -> Result<Self, MailerError> {
        let tls = |config: &Config| -> Result<TlsParameters, lettre::transport::smtp::Error> {
            let mut tls = TlsParameters::builder(config.server.clone());
            if let Some(pem) = &config.authorities {
                tls = tls
                    .certificate_store(CertificateStore::None)
                    .add_root_certificate(Certificate::from_pem(pem)?);
            }
            tls.build()
        };
        let tls = match config.security {
            Security::StartTls => Tls::Required(tls(&config).map_err(MailerError::Authorities)?),
            Security::Implicit => Tls::Wrapper(tls(&config).map_err(MailerError::Authorities)?),
            Security::Clear => Tls::None,
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(config.server)
            .port(config.port)
            .tls(tls)
            .hello_name(ClientId::Domain(config.hello));
        if let Some((user, password)) = config.login {
            transport = transport.credentials(Credentials::new(user, password));
        }
        let from_name = Some(config.from_name).filter(|name| !name.is_empty());
        let mailbox = |name, email: &Email| address(email).map(|address| Mailbox::new(name, address));
        Ok(Self {
            transport: transport.build(),
            from: mailbox(from_name, &config.from).map_err(MailerError::Sender)?,
            reply_to: config
                .reply_to
                .as_ref()
                .map(|email| mailbox(None, email))
                .transpose()
                .map_err(MailerError::Sender)?,
            timeout: config.timeout,
        })
    }

    /// Hands a mail over; once this is done the server answers for it.
    pub async fn send(&self, mail: &Mail, made_at: Timestamp) -> Result<(), Undelivered> {
        let message = self.message(mail, made_at)?;
        match timeout(self.timeout, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(failure)) => Err(undelivered(&failure)),
            Err(_) => Err(Undelivered::Later { reply: None, why: SLOW }),
        }
    }

    fn message(&self, mail: &Mail, made_at: Timestamp) -> Result<Message, Undelivered> {
        let unfit = |why| Undelivered::Never { reply: None, why };
        let to = address(&mail.to).map_err(|_| unfit("no mail can go to this address"))?;
        let made = UNIX_EPOCH + Duration::from_millis(made_at.as_ms().max(0) as u64);
        let mut builder: MessageBuilder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .date(made)
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .subject(&mail.words.subject)
            // Holiday notices and the like stay away (RFC 3834 §5).
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        if let Some(address) = &mail.unsubscribe {
            builder = builder.raw_header(header("List-Unsubscribe", &format!("<{address}>")));
            // One click is only for what nobody reads on the way (RFC 8058 §3.1).
            if address.starts_with("https:") {
                builder = builder.raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
            }
        }
        builder.multipart(bodies(&mail.words)).map_err(|_| unfit("the mail cannot be put together"))
    }
}

/// The text, and beside it the HTML with its pictures (RFC 2387).
fn bodies(words: &Words) -> MultiPart {
    if words.pictures.is_empty() {
        return MultiPart::alternative_plain_html(words.text.clone(), words.html.clone());
    }
    let page = MultiPart::related().singlepart(SinglePart::html(words.html.clone()));
    let page = words.pictures.iter().fold(page, |page, picture| {
        let kind = ContentType::parse("image/png").expect("a type");
        page.singlepart(Attachment::new_inline(picture.name.clone()).body(picture.png.clone(), kind))
    });
    MultiPart::alternative().singlepart(SinglePart::plain(words.text.clone())).multipart(page)
}

/// A header whose text is ASCII, as it is: an address that is longer than a line is neither folded nor encoded.
fn header(name: &'static str, text: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, text.to_owned(), text.to_owned())
}

fn address(email: &Email) -> Result<Address, lettre::address::AddressError> {
    email.reveal().parse()
}

/// Of the answers that are final by their first digit only those speak of the address or the mail; others tell of a
/// wrong password, or of a server that takes mail from nobody like us, which an admin mends.
const OF_THE_MAIL: std::ops::RangeInclusive<u16> = 550..=556;

/// Who we are is refused (5.7.x of RFC 3463 §3.8), not the address: an admin mends it.
fn is_policy(failure: &lettre::transport::smtp::Error) -> bool {
    failure.source().is_some_and(|said| said.to_string().trim_start().starts_with("5.7."))
}

const SLOW: &str = "the mail server takes too long";

fn undelivered(failure: &lettre::transport::smtp::Error) -> Undelivered {
    let reply = failure.status().map(u16::from);
    if reply.is_some_and(|code| OF_THE_MAIL.contains(&code)) && !is_policy(failure) {
        return Undelivered::Never { reply, why: "the mail server refuses it" };
    }
    let why = if reply.is_some() {
        "the mail server does not take it now"
    } else if failure.is_tls() {
        "the way to the mail server cannot be made safe"
    } else if failure.is_timeout() {
        SLOW
    } else if failure.is_client() {
        "the mail server cannot do what is needed"
    } else {
        "the mail server cannot be reached"
    };
    Undelivered::Later { reply, why }
}
