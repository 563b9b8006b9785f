//! Two years of calls in any number, each from a visit with ten pages, made by the database itself
//! from their numbers: the same each time, busy when people are, and as fast as it can write.

pub mod pages;

use std::path::Path;

use sqlx::{AnyConnection, AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use whence::domain::time::Timestamp;
use whence::store::{Config, Store};

/// When all of it has happened: a Monday, at midnight in UTC.
pub const NOW: Timestamp = Timestamp::from_ms(1_795_392_000_000);
pub const WEEKS: u64 = 104;
/// Each is asked so often, and the quickest counts: others work on the machine, too.
pub const TIMES: u32 = 3;
/// How many rows are written at once.
const AT_ONCE: u64 = 1_000_000;

/// How busy each hour of a day is, of a hundred: in the week, on a Saturday, on a Sunday.
const WEEKDAY: [u32; 24] = [0, 0, 0, 0, 0, 0, 1, 2, 6, 11, 12, 10, 5, 7, 10, 11, 10, 8, 4, 2, 1, 0, 0, 0];
const SATURDAY: [u32; 24] = [0, 0, 0, 0, 0, 0, 0, 1, 4, 8, 9, 8, 4, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const SUNDAY: [u32; 24] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];

pub struct Ringing {
    pub store: Store,
    /// It was there already, with its hours counted.
    pub is_found: bool,
    kept: Kept,
}

enum Kept {
    /// Where somebody named it, for the next time.
    There,
    /// Deleted when it is dropped.
    File {
        folder: TempDir,
    },
    Server {
        url: String,
        database: String,
    },
}

impl Kept {
    /// A database of its own on the server that `WHENCE_BENCH_POSTGRES` names, or the one of it that `WHENCE_BENCH_KEPT`
    /// names; without a server, SQLite in the folder of that name or, until it is over, on the disk that holds the build.
    /// And its URL, and whether it was there.
    async fn new() -> (Self, String, bool) {
        let kept = std::env::var("WHENCE_BENCH_KEPT").ok();
        let Ok(url) = std::env::var("WHENCE_BENCH_POSTGRES") else {
            let (kept, file) = match kept {
                Some(folder) => (Self::There, Path::new(&folder).join("whence.db")),
                None => {
                    let folder =
                        tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room on the disk");
                    let file = folder.path().join("whence.db");
                    (Self::File { folder }, file)
                }
            };
            return (kept, format!("sqlite:{}", file.display()), file.exists());
        };
        let mut server = PgConnection::connect(&url).await.expect("WHENCE_BENCH_POSTGRES names a server");
        let database = kept.clone().unwrap_or_else(|| format!("whence_bench_{}", std::process::id()));
        let found = sqlx::query("select 1 from pg_database where datname = $1").bind(&database);
        let is_found = found.fetch_optional(&mut server).await.expect("it tells its databases").is_some();
        if !is_found {
            // As `config/whence.toml` says.
            let made = format!(
                "create database {database} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'"
            );
            on_server(&url, made).await;
        }
        let mut own = url::Url::parse(&url).expect("WHENCE_BENCH_POSTGRES is a URL");
        own.set_path(&database);
        let kept = if kept.is_some() { Self::There } else { Self::Server { url, database } };
        (kept, own.into(), is_found)
    }
}

async fn on_server(url: &str, sql: String) {
    let mut server = PgConnection::connect(url).await.expect("WHENCE_BENCH_POSTGRES names a server");
    sqlx::query(AssertSqlSafe(sql)).execute(&mut server).await.expect("databases may be made there");
}

/// Numbers 1 to `{n}` as `k`, in the order of time. `{id}` of one is an id; `{visitor}` that of somebody who comes three
/// times, half a week apart; `{chance}` a number below two thousand million that looks like chance; `{at}` when its call came: the week it falls in, then a slot of the week, of
/// which busy hours have many.
const STEPS: [&str; 13] = [
    "insert into outlets (id, parent_id, name, in_service) select 'outlet-' || k, \
     case when k > 20 then 'outlet-' || (1 + k % 20) end, 'Outlet ' || k, 1 from numbered where k <= 500",
    "insert into sites (id, outlet_id, name, origins, in_service) select 'web', 'outlet-1', 'Web', '[]', 1 from numbered where k = 1",
    "insert into destinations (id, outlet_id, name, ring_plan, in_service) select 'desk-' || k, 'outlet-' || k, 'Desk ' || k, \
     '{\"strategy\":\"order\",\"steps\":[{\"target\":{\"uri\":\"sip:desk@192.0.2.1\"},\"ring_s\":30}],\"hours\":{\"zone\":\"Europe/Paris\", \
     \"week\":[\"mon-fri 0' || (7 + k / 50 % 2) || ':' || (10 + k % 50) || '-18:00\"],\"holidays\":\"FR\",\"closed\":[],\"special\":[]}}', \
     1 from numbered where k <= 500",
    "insert into numbers (e164, outlet_id, destination_id, label, channel, source, medium, in_service, created_at, free_at) \
     select '+3319900' || (1000 + k), 'outlet-' || (1 + k % 500), 'desk-' || (1 + k % 500), 'number ' || k, 'Offline', 'poster', 'print', \
     1, 0, 0 \
     from numbered where k <= 5000",
    "insert into visits (id, site_id, visitor_id, started_at, last_seen_at, landing_page, channel, source, medium, campaign, term, device) \
     select {id}, 'web', {visitor}, {at} - 120000, {at}, 'https://shop.example/page-' || ({chance} % 400) || '?utm_source=x', \
     {channel}, {source}, {medium}, case when {chance} % 3 = 0 then 'campaign ' || ({chance} % 120) end, \
     case when {chance} % 5 = 0 then 'word ' || ({chance} % 2000) end, \
     case when {chance} % 10 < 6 then 'phone' else 'desk' end from numbered",
    "insert into contacts (id, created_at) select {id}, 0 from numbered where k <= {callers}",
    "insert into calls (id, node, trunk, sip_call_id, number, caller, contact_id, destination_id, outlet_id, outcome, sip_status, hung_up_by, \
     interrupted, arrived_at, ringing_at, answered_at, ended_at) \
     select {id}, 'node', 'carrier', {id}, '+3319900' || (1001 + {chance} % 5000), \
     case when {chance} % 20 > 0 then '+33' || (case when {chance} % 3 = 0 then 1 + {chance} % 5 else 6 + {chance} % 2 end) \
     || (10000000 + {chance} * 7 % {callers}) end, case when {chance} % 20 > 0 then {contact} end, 'desk-' || (1 + {chance} % 500), 'outlet-' || (1 + {chance} % 500), \
     case when {chance} % 100 < 78 then 'answered' when {chance} % 100 < 88 then 'abandoned' \
     when {chance} % 100 < 94 then 'missed' else 'busy' end, 200, 'caller', 0, {at}, {at} + 500, \
     case when {chance} % 100 < 78 then {at} + 2000 + {chance} % 20000 end, {at} + 30000 + {chance} % 400000 from numbered",
    "insert into identities (kind, value, contact_id, first_seen_at, last_seen_at) select 'phone', '+336' || (10000000 + k), {id}, \
     {at}, {at} from numbered where k <= {callers}",
    // The first of a browser's three visits tells whose it is, where the call certainly came of it.
    "insert into identities (kind, value, contact_id, first_seen_at, last_seen_at) select 'visitor', {visitor}, {contact}, {at}, {at} \
     from numbered where k / {half_week} % 3 = 0 and {chance} % 20 > 0 and {chance} % 4 > 0",
    "insert into attribution_versions (call_id, version, reason, at) select {id}, 1, 'arrived', {at} from numbered",
    "insert into attributions (call_id, version, rank, visit_id, probability, evidence, channel, source, medium, campaign, at) \
     select {id}, 1, 0, {id}, case when {chance} % 4 = 0 then 0.8 else 1.0 end, '{\"rule\":\"background\"}', {channel}, {source}, {medium}, \
     case when {chance} % 3 = 0 then 'campaign ' || ({chance} % 120) end, {at} from numbered",
    "insert into attributions (call_id, version, rank, visit_id, probability, evidence, channel, source, medium, campaign, at) \
     select {id}, 1, 1, null, 0.2, '{\"rule\":\"background\"}', 'Unassigned', '(not set)', '(not set)', null, {at} from numbered \
     where {chance} % 4 = 0",
    "insert into costs (id, first_day, last_day, channel, amount, currency, created_at, created_by, changed_at) \
     select {id}, {day}, {day}, case when k % 2 = 0 then 'Paid Search' else 'Paid Social' end, 30000 + {chance} % 60000, 'EUR', \
     0, 'key:bench', 0 from numbered where k <= 1456",
];

/// So many pages of visits, ten each.
const PAGES: &str = "insert into page_views (id, visit_id, at, url) select k, \
     '00000000-0000-7000-8000-' || substr('000000000000', 1, 12 - length(cast((k + 9) / 10 as text))) || ((k + 9) / 10), \
     {at} - 120000, 'https://shop.example/page-' || (k % 400) from numbered";

impl Ringing {
    /// So many calls, and pages of their visits.
    pub async fn over(calls: u64, pages: u64) -> Self {
        let (kept, url, is_found) = Kept::new().await;
        let store = Store::open(&Config { url: url.clone() }).await.expect("the database opens");
        if is_found {
            return Self { store, is_found, kept };
        }
        let mut db = AnyConnection::connect(&url).await.expect("it opens again");
        let (hurry, numbers, day, done) = match url.starts_with("sqlite:") {
            true => (
                "pragma synchronous = off; pragma cache_size = -4000000; pragma temp_store = memory; pragma foreign_keys = off",
                "recursive numbered (k) as (select {first} union all select k + 1 from numbered where k < {last})",
                "date('2024-11-24', '+' || (k / 2) || ' days')",
                "pragma wal_checkpoint(truncate)",
            ),
            false => (
                "set session_replication_role = replica; set work_mem = '1GB'; set synchronous_commit = off",
                "numbered (k) as (select generate_series({first}::bigint, {last}))",
                "cast(date '2024-11-24' + cast(k / 2 as int) as text)",
                "analyze",
            ),
        };
        let slots_of = "create temporary table slots (slot bigint primary key, hour bigint)";
        sqlx::raw_sql(AssertSqlSafe(format!("{hurry}; {slots_of}")))
            .execute(&mut db)
            .await
            .expect("it is told to hurry");
        let slots = slots();
        let half_week = calls.max(5_000) / (2 * WEEKS);
        for (slot, hour) in slots.iter().enumerate() {
            let insert = sqlx::query("insert into slots values ($1, $2)").bind(slot as i64).bind(*hour);
            insert.execute(&mut db).await.expect("a slot is written");
        }
        for step in STEPS.iter().chain([&PAGES]) {
            let many = if *step == PAGES { pages } else { calls.max(5_000) };
            let numbered = format!("with {numbers} select ");
            // The week, the slot in it, and how far its hour is.
            let at = format!(
                "({now} - {span} + (k - 1) * {WEEKS} / {many} * 604800000 + (select hour from slots where slot = \
                 ((k - 1) * {WEEKS} % {many}) * {all} / {many}) * 3600000 + ((k - 1) * {WEEKS} % {many}) * {all} % {many} * 3600000 / {many})",
                now = NOW.as_ms(),
                span = WEEKS * 604_800_000,
                all = slots.len(),
            );
            let sql = step
                .replacen("select ", &numbered, 1)
                .replace("{at}", &at)
                .replace("{channel}", CHANNEL)
                .replace("{source}", SOURCE)
                .replace("{medium}", MEDIUM)
                .replace("{id}", &id("k"))
                .replace("{visitor}", &id(&format!("(k - (k / {half_week} % 3) * {half_week})")))
                .replace("{contact}", &id("(1 + {chance} * 7 % {callers})"))
                .replace("{half_week}", &half_week.to_string())
                .replace("{day}", day)
                .replace("{chance}", "(k * 69621 % 2147483647)")
                .replace("{callers}", &(calls / 2 + 1).to_string());
            // What is written at once stands in a log first, which is to stay small.
            for first in (1..=many).step_by(AT_ONCE as usize) {
                let last = (first + AT_ONCE - 1).min(many);
                let sql = sql.replace("{first}", &first.to_string()).replace("{last}", &last.to_string());
                sqlx::query(AssertSqlSafe(sql)).execute(&mut db).await.expect("a step is written");
            }
        }
        sqlx::raw_sql(done).execute(&mut db).await.expect("what was written is in order");
        db.close().await.expect("it closes");
        Self { store, is_found, kept }
    }

    /// Closes it, and takes it away.
    pub async fn close(self) {
        self.store.close().await;
        match self.kept {
            Kept::There => {}
            Kept::File { folder } => folder.close().expect("its folder goes"),
            Kept::Server { url, database } => on_server(&url, format!("drop database {database}")).await,
        }
    }
}

/// The id that belongs to a number.
fn id(number: &str) -> String {
    format!(
        "'00000000-0000-7000-8000-' || substr('000000000000', 1, 12 - length(cast({number} as text))) || {number}"
    )
}

const CHANNEL: &str = "case {chance} % 8 when 0 then 'Paid Search' when 1 then 'Paid Search' when 2 then 'Organic Search' \
     when 3 then 'Organic Search' when 4 then 'Direct' when 5 then 'Email' when 6 then 'Referral' else 'Paid Social' end";
const SOURCE: &str = "case {chance} % 8 when 4 then '(direct)' when 5 then 'newsletter' when 6 then 'site-' || ({chance} % 50) \
     when 7 then 'facebook' else 'google' end";
const MEDIUM: &str = "case {chance} % 8 when 0 then 'cpc' when 1 then 'cpc' when 2 then 'organic' when 3 then 'organic' \
     when 4 then '(none)' when 5 then 'email' when 6 then 'referral' else 'paid' end";

/// The hours of a week, each as often as it is busy, in order.
fn slots() -> Vec<i64> {
    let days = [WEEKDAY; 5].into_iter().chain([SATURDAY, SUNDAY]);
    let hours = days.flatten().enumerate();
    hours.flat_map(|(hour, busy)| std::iter::repeat_n(hour as i64, busy as usize)).collect()
}
