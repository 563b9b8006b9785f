//! Contacts in any number, with ten engagements each, made by the database itself from
//! their numbers: the same each time, and as fast as it can write.

use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tempfile::TempDir;
use whence::domain::time::Timestamp;
use whence::store::{Config, Store};

/// When all of it has happened.
pub const NOW: Timestamp = Timestamp::from_ms(1_795_348_800_000);

pub struct People {
    pub store: Store,
    /// Deleted when it is dropped.
    pub folder: TempDir,
    pub url: String,
}

/// The id of the contact of number `k`.
pub fn contact(k: u64) -> String {
    format!("00000000-0000-7000-8000-{k:012}")
}

/// Numbers 1 to `{n}` as `k`; `{id}` of one is an id, `{chance}` a number below two thousand million that
/// looks like chance.
const STEPS: [&str; 6] = [
    "insert into purposes (id, name_en, name_fr, in_service) values ('offers', 'Offers', 'Offres', 1)",
    "insert into controllers (id, name, address, email, in_service) values ('shop', 'Shop', '', '', 1)",
    // Over 1,200 days; one in ten has a loyalty card.
    "insert into contacts (id, created_at, keyed, given_name, language, addresses, fields) \
     select {id}, {now} - 103680000000 + 103680000000 / {n} * k, 1, 'Ada', case when k % 4 = 0 then 'en' else 'fr' end, \
     '[{\"kind\":\"home\",\"postcode\":\"' || (10000 + {chance} % 85000) || '\",\"city\":\"Lyon\",\"country\":\"FR\"}]', \
     case when k % 10 = 0 then '{\"loyalty\":\"gold\"}' end from numbered",
    "insert into identities (kind, value, contact_id, first_seen_at, last_seen_at) \
     select case when k % 3 = 0 then 'email' else 'phone' end, \
     case when k % 3 = 0 then 'a' || k || '@example.org' else '+336' || (10000000 + k) end, {id}, {now}, {now} from numbered",
    "insert into consents (id, contact_id, channel, purpose_id, controller_id, status, basis, at, method, source, \
     recorded_at, recorded_by) select {id}, {id}, 'email', 'offers', 'shop', \
     case when k % 5 = 0 then 'refused' else 'granted' end, 'consent', {now} - {chance}, 'form', 'bench', {now}, 'key:bench' \
     from numbered where k % 3 = 0",
    // Of a hundred: 45 visits, 20 e-mails sent and 9 opened, 8 calls, 8 purchases, 4 forms, 4 clicks, 2 messages.
    "insert into engagements (id, contact_id, kind, at, subject, source, amount, currency) \
     select {id}, '00000000-0000-7000-8000-' || substr('000000000000', 1, 12 - length(cast(1 + k * 48271 % {contacts} as text))) \
     || (1 + k * 48271 % {contacts}), \
     case when {chance} % 100 < 45 then 'visit' when {chance} % 100 < 65 then 'email_sent' \
     when {chance} % 100 < 74 then 'email_opened' when {chance} % 100 < 82 then 'call' \
     when {chance} % 100 < 90 then 'purchase' when {chance} % 100 < 94 then 'form_submitted' \
     when {chance} % 100 < 98 then 'email_clicked' else 'voicemail' end, \
     {now} - ({chance} % 1728000) * 60000, {id}, 'bench', \
     case when {chance} % 100 between 82 and 89 then 500 + {chance} % 50000 end, \
     case when {chance} % 100 between 82 and 89 then 'EUR' end from numbered",
];

/// What the visits and calls of a contact lead to.
const LED_TO: [&str; 2] = [
    "insert into visits (id, site_id, visitor_id, started_at, last_seen_at, landing_page, channel, source, medium) \
     select subject, 'web', $1, at, at + 60000, 'https://shop.example/', 'Organic Search', 'google', 'organic' \
     from engagements where contact_id = $1 and kind = 'visit'",
    "insert into calls (id, node, trunk, sip_call_id, number, caller, outcome, sip_status, hung_up_by, interrupted, arrived_at, \
     answered_at, ended_at, contact_id) select subject, 'node', 'carrier', id, '+33199000001', '+33610000001', 'answered', 200, \
     'caller', 0, at, at + 5000, at + 60000, $1 from engagements where contact_id = $1 and kind in ('call', 'voicemail')",
];

impl People {
    /// SQLite on the disk that holds the build, with so many contacts.
    pub async fn settle(contacts: u64) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room on the disk");
        let url = format!("sqlite:{}", folder.path().join("whence.db").display());
        let store = Store::open(&Config { url: url.clone() }).await.expect("a fresh database opens");
        let mut db = AnyConnection::connect(&url).await.expect("it opens again");
        sqlx::raw_sql("pragma synchronous = off; pragma cache_size = -4000000; pragma temp_store = memory")
            .execute(&mut db)
            .await
            .expect("it is told to hurry");
        for step in STEPS {
            let many = if step.contains("into engagements") { contacts * 10 } else { contacts };
            let numbered = format!(
                "with recursive numbered (k) as (select 1 union all select k + 1 from numbered where k < {many}) select "
            );
            let sql = step
                .replacen("select ", &numbered, 1)
                .replace("{id}", "'00000000-0000-7000-8000-' || substr('000000000000', 1, 12 - length(cast(k as text))) || k")
                .replace("{chance}", "(k * 69621 % 2147483647)")
                .replace("{now}", &NOW.as_ms().to_string())
                .replace("{contacts}", &contacts.to_string())
                .replace("{n}", &many.to_string());
            sqlx::query(AssertSqlSafe(sql)).execute(&mut db).await.expect("a step is written");
        }
        // As the gateway does all the time: what was written in one go would be looked for in a log of gigabytes.
        sqlx::query("pragma wal_checkpoint(truncate)")
            .fetch_one(&mut db)
            .await
            .expect("the log is carried over");
        db.close().await.expect("it closes");
        Self { store, folder, url }
    }

    /// Makes the visits and calls of these, which their pages tell of.
    pub async fn lead_somewhere(&self, contacts: impl Iterator<Item = u64>) {
        let mut db = AnyConnection::connect(&self.url).await.expect("it opens again");
        let site = "insert into outlets (id, name, in_service) values ('shop', 'Shop', 1); \
             insert into sites (id, outlet_id, name, origins, in_service) values ('web', 'shop', 'Web', '[]', 1)";
        sqlx::raw_sql(site).execute(&mut db).await.expect("there is a site");
        for k in contacts {
            for sql in LED_TO {
                sqlx::query(sql).bind(contact(k)).execute(&mut db).await.expect("it leads somewhere");
            }
        }
        db.close().await.expect("it closes");
    }
}
