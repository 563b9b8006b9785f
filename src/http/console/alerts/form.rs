//! The form of an alert: the fields of its kind, as they are sent and as they are filled in again.

use crate::domain::alerts::draft::{Draft, Fault, Wrong};
use crate::domain::alerts::rule::Kind;
use crate::domain::alerts::written::Written;
use crate::domain::money::{Currency, Money};
use crate::domain::phone::{Country, Phone};
use crate::domain::tracking::channels::Channel;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, QueryReader};
use crate::http::language::Lang;

/// A choice: its value, its text, whether it is chosen.
type Choice = (String, String, bool);

/// What the form sends.
#[derive(Default)]
pub struct Fields {
    written: Written,
    /// As people write addresses: with commas between.
    pub emails: String,
    /// As people write money.
    pub low: String,
    pub high: String,
}

impl FromQuery for Fields {
    fn read(form: &mut QueryReader<'_>) -> Self {
        // PostgreSQL keeps no NUL in a text.
        let mut text = |name: &'static str| {
            let text = form.text(name).map(|text| text.replace(char::is_control, " ").trim().to_owned());
            text.filter(|text| !text.is_empty())
        };
        let draft = Draft {
            kind: text("kind").unwrap_or_default(),
            outlet: text("outlet"),
            number: text("number"),
            pool: text("pool"),
            trunk: text("trunk"),
            channel: text("channel"),
            campaign: text("campaign"),
            currency: text("currency").map(|it| it.to_uppercase()),
            zone: text("zone"),
            ..Draft::default()
        };
        let (name, language) = (text("name").unwrap_or_default(), text("language"));
        let (emails, low, high) = (text("emails"), text("low"), text("high"));
        let enabled = text("enabled").is_some();
        let rule = Draft {
            minutes: form.value("minutes"),
            hours: form.value("hours"),
            days: form.value("days"),
            share_percent: form.value("share_percent"),
            calls: form.value("calls"),
            least_calls: form.value("least_calls"),
            chance_percent: form.value("chance_percent"),
            free: form.value("free"),
            visits: form.value("visits"),
            past_percent: form.value("past_percent"),
            ..draft
        };
        Self {
            written: Written { name, rule, emails: vec![], language, enabled },
            emails: emails.unwrap_or_default(),
            low: low.unwrap_or_default(),
            high: high.unwrap_or_default(),
        }
    }
}

impl From<&Written> for Fields {
    fn from(written: &Written) -> Self {
        let rule = &written.rule;
        let currency: Option<Currency> = rule.currency.as_ref().and_then(|it| it.parse().ok());
        let amount = |minor: Option<u64>| {
            minor.zip(currency).map_or_else(String::new, |(minor, currency)| {
                let unit = 10_u64.pow(currency.decimals() as u32);
                match currency.decimals() {
                    0 => minor.to_string(),
                    digits => format!("{}.{:0digits$}", minor / unit, minor % unit),
                }
            })
        };
        Self {
            emails: written.emails.join(", "),
            low: amount(rule.low_minor),
            high: amount(rule.high_minor),
            written: written.clone(),
        }
    }
}

impl Fields {
    /// An empty form, with what is usual filled in.
    pub fn of_kind(kind: Kind, lang: Lang) -> Self {
        let usual = match kind {
            Kind::Missed => Draft {
                share_percent: Some(20.0),
                least_calls: Some(10),
                minutes: Some(60),
                ..Draft::default()
            },
            Kind::Silence => Draft { hours: Some(2), chance_percent: Some(1.0), ..Draft::default() },
            Kind::Pool => Draft { free: Some(1), ..Draft::default() },
            Kind::Trunk => Draft { minutes: Some(5), ..Draft::default() },
            Kind::Cost => {
                Draft { days: Some(7), past_percent: Some(50.0), least_calls: Some(10), ..Draft::default() }
            }
        };
        let rule = Draft { kind: kind.to_string(), ..usual };
        let language = Some(lang.tag().to_owned());
        Self { written: Written { rule, language, enabled: true, ..Written::default() }, ..Self::default() }
    }

    pub fn kind(&self) -> Kind {
        self.written.rule.kind.parse().unwrap_or_default()
    }

    /// The alert that is meant; numbers as they are written at home.
    ///
    /// # Errors
    ///
    /// What cannot even be read.
    pub fn read(&self, home: Country) -> Result<Written, Vec<Fault>> {
        let mut written = self.written.clone();
        let mut faults = vec![];
        written.emails =
            self.emails.split([',', ';', ' ']).filter(|it| !it.is_empty()).map(Into::into).collect();
        if let Some(number) = &mut written.rule.number
            && let Ok(read) = Phone::parse(number, Some(home))
        {
            *number = read.reveal().to_owned();
        }
        // The language of a form is asked even where it says nothing of money.
        let currency: Option<Currency> = written.rule.currency.as_ref().and_then(|it| it.parse().ok());
        let mut amount = |field, text: &str| {
            if text.is_empty() {
                return None;
            }
            let read = Money::read(text, currency.unwrap_or(Currency::EUR)).ok();
            if read.is_none() {
                faults.push(Fault { field, wrong: Wrong::BadAmount });
            }
            read.map(|it| it.minor)
        };
        written.rule.low_minor = amount("low_minor", &self.low);
        written.rule.high_minor = amount("high_minor", &self.high);
        if written.rule.low_minor.is_none() && written.rule.high_minor.is_none() {
            written.rule.currency = None;
        }
        // Of a limit that is a number the field for shares has no meaning.
        if self.kind() == Kind::Missed && written.rule.share_percent.is_none() {
            written.rule.least_calls = None;
        }
        if faults.is_empty() { Ok(written) } else { Err(faults) }
    }
}

/// The form, filled in.
pub struct FormView {
    pub action: String,
    pub kind: Kind,
    pub wrong: Vec<String>,
    pub how: &'static str,
    pub name: String,
    pub enabled: bool,
    pub emails: String,
    pub low: String,
    pub high: String,
    pub number: String,
    pub trunk: String,
    pub campaign: String,
    pub currency: String,
    pub zone: String,
    pub minutes: String,
    pub hours: String,
    pub days: String,
    pub share: String,
    pub calls: String,
    pub least_calls: String,
    pub chance: String,
    pub free: String,
    pub visits: String,
    pub past: String,
    pub outlets: Vec<Choice>,
    pub pools: Vec<Choice>,
    pub channels: Vec<Choice>,
    pub languages: Vec<Choice>,
}

impl FormView {
    pub async fn of(
        app: &AppState,
        lang: Lang,
        action: String,
        kind: Kind,
        fields: Fields,
        outlets: &[(String, String)],
        wrong: Vec<String>,
    ) -> Result<Self, HttpError> {
        let t = lang.alert_texts();
        let Fields { written, emails, low, high } = fields;
        let rule = written.rule;
        let text = |it: Option<String>| it.unwrap_or_default();
        let whole = |it: Option<u64>| it.map(|it| it.to_string()).unwrap_or_default();
        let part = |it: Option<f64>| it.map(|it| it.to_string()).unwrap_or_default();
        let choices = |any: &str, all: Vec<(String, String)>, chosen: &Option<String>| {
            let chosen = chosen.clone().unwrap_or_default();
            let any = (String::new(), any.to_owned());
            let all = [any].into_iter().chain(all);
            all.map(|(value, text)| {
                let is_chosen = value == chosen;
                (value, text, is_chosen)
            })
            .collect()
        };
        let pools = match kind {
            Kind::Pool => app.store.list_pools(app.clock.now()).await?,
            _ => vec![],
        };
        let pools = pools.into_iter().map(|it| (it.pool.id.to_string(), it.pool.id.to_string())).collect();
        let channels =
            Channel::ALL.iter().map(|it| (it.as_str().to_owned(), lang.channel(*it).to_owned())).collect();
        let place = Kind::ALL.iter().position(|it| *it == kind).unwrap_or_default();
        Ok(Self {
            action,
            kind,
            wrong,
            how: t.how[place],
            name: written.name,
            enabled: written.enabled,
            emails,
            low,
            high,
            outlets: choices(t.network, outlets.to_vec(), &rule.outlet),
            pools: choices(t.any, pools, &rule.pool),
            channels: choices(t.network, channels, &rule.channel),
            languages: Lang::ALL
                .iter()
                .map(|it| {
                    let is_chosen = written.language.as_deref() == Some(it.tag());
                    (it.tag().to_owned(), it.own_name().to_owned(), is_chosen)
                })
                .collect(),
            number: text(rule.number),
            trunk: text(rule.trunk),
            campaign: text(rule.campaign),
            currency: text(rule.currency),
            zone: rule.zone.unwrap_or_else(|| "UTC".into()),
            minutes: whole(rule.minutes),
            hours: whole(rule.hours),
            days: whole(rule.days),
            share: part(rule.share_percent),
            calls: whole(rule.calls),
            least_calls: whole(rule.least_calls),
            chance: part(rule.chance_percent),
            free: whole(rule.free),
            visits: whole(rule.visits),
            past: part(rule.past_percent),
        })
    }
}
