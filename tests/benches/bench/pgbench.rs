//! The yardstick of submissions: the same rows in plain SQL, one transaction for each, through `pgbench`.
//!
//! The rows are those of a real submission, taken from the server's database; ids, the person and the key are new each time.
//! Each client counts for a campaign of its own, so that no client waits for another's counts: that favours the yardstick.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tokio_postgres::Client;

use crate::rig::Rig;
use crate::scratch::{Scratch, connect, execute};

/// What is tried for the best.
const CLIENTS: [u32; 5] = [4, 8, 16, 32, 64];

/// A script for the tables of one database.
pub(crate) struct PgBench {
    script: PathBuf,
    url: String,
    /// How many rows one transaction writes.
    pub(crate) rows: usize,
}

impl PgBench {
    /// Writes what `model` was given into `target`. Nothing if there is no pgbench.
    pub(crate) async fn like(model: &Rig, target: &Rig) -> Option<Self> {
        Command::new("pgbench").arg("--version").output().ok()?;
        let (Scratch::Database { url: model, .. }, Scratch::Database { url, .. }) = (&model.scratch, &target.scratch)
        else {
            return None;
        };
        let (text, rows) = script(&connect(model).await).await;
        // The yardstick's database has no questions to answer.
        execute(&connect(url).await, "ALTER TABLE consents DROP CONSTRAINT consents_wording").await;
        let script = target.home.folder().join("submission.sql");
        std::fs::write(&script, text).expect("the script");
        Some(Self { script, url: url.clone(), rows })
    }

    /// The number of clients with which it is fastest.
    pub(crate) fn best_clients(&self) -> u32 {
        let tried = CLIENTS.map(|clients| (clients, self.per_second(clients, Duration::from_secs(2))));
        tried.into_iter().max_by(|(_, left), (_, right)| left.total_cmp(right)).map_or(8, |(clients, _)| clients)
    }

    /// Transactions per second.
    pub(crate) fn per_second(&self, clients: u32, duration: Duration) -> f64 {
        let output = Command::new("pgbench")
            .args(["-n", "-M", "prepared", "-j", "2", "-c", &clients.to_string()])
            .args(["-T", &duration.as_secs().max(1).to_string(), "-f"])
            .arg(&self.script)
            .arg(&self.url)
            .output()
            .expect("pgbench");
        let text = String::from_utf8_lossy(&output.stdout);
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        rate.unwrap_or_else(|| panic!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// A column's values: those of the model, but for what is different in every submission.
const FRESH: [(&str, &str); 10] = [
    ("supporters.id", "md5('s' || :n::bigint)::uuid"),
    ("supporters.email_key", "'person-' || :n::bigint || '@bench.example'"),
    ("actions.id", "md5('a' || :n::bigint)::uuid"),
    ("actions.supporter_id", "md5('s' || :n::bigint)::uuid"),
    ("consents.id", "gen_random_uuid()"),
    ("consents.supporter_id", "md5('s' || :n::bigint)::uuid"),
    ("consents.action_id", "md5('a' || :n::bigint)::uuid"),
    ("deliveries.id", "gen_random_uuid()"),
    ("deliveries.supporter_id", "md5('s' || :n::bigint)::uuid"),
    ("deliveries.action_id", "md5('a' || :n::bigint)::uuid"),
];

async fn script(model: &Client) -> (String, usize) {
    let one = "SELECT id FROM actions ORDER BY created_at LIMIT 1";
    let mut text = "\\set n random(1, 1000000000000000)\nBEGIN;\n".to_owned();
    let mut rows = 0;
    for (table, filter) in [
        ("supporters", format!("id = (SELECT supporter_id FROM actions WHERE id = ({one}))")),
        ("actions", format!("id = ({one})")),
        ("consents", format!("action_id = ({one})")),
        ("deliveries", format!("action_id = ({one})")),
    ] {
        let values = values(model, table, &filter).await;
        rows += values.len();
        writeln!(text, "INSERT INTO {table} VALUES {};", values.join(", ")).expect("memory");
    }
    let mut keys = values(model, "idempotency_keys", "key = (SELECT min(key) FROM idempotency_keys)").await;
    rows += keys.len();
    let key = keys.remove(0).replacen("'bench-", "'bench-' || :n::bigint || '-", 1);
    writeln!(text, "INSERT INTO idempotency_keys VALUES {key};").expect("memory");
    rows += counts(model, &mut text).await;
    text.push_str("COMMIT;\n");
    (text, rows)
}

/// Rows of a table as SQL values.
async fn values(model: &Client, table: &str, filter: &str) -> Vec<String> {
    let named = "SELECT column_name::text FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position";
    let columns = model.query(named, &[&table]).await.expect("the columns");
    let literals = columns.iter().map(|row| {
        let column: String = row.get(0);
        let fresh = FRESH.iter().find(|(name, _)| *name == format!("{table}.{column}"));
        fresh.map_or(format!("quote_nullable({column})"), |(_, fresh)| format!("'{}'", fresh.replace('\'', "''")))
    });
    let tuple = literals.collect::<Vec<_>>().join(" || ', ' || ");
    let rows = model.query(&format!("SELECT '(' || {tuple} || ')' FROM {table} WHERE {filter}"), &[]).await;
    rows.expect("a row").iter().map(|row| row.get(0)).collect()
}

/// The counts that one submission changes: the totals, its two seats, offices and representatives, its day and its source.
async fn counts(model: &Client, text: &mut String) -> usize {
    let sql = "
        SELECT DISTINCT ON (kind, nth) kind::text, key::text FROM (
            SELECT kind, key, CASE
                WHEN kind = 'area' THEN split_part(key, '/', 1)
                WHEN kind = 'representative' THEN (row_number() OVER (PARTITION BY kind ORDER BY key) % 2)::text
                ELSE key END AS nth
            FROM tallies
        ) AS counted ORDER BY kind, nth, key";
    let keys: Vec<(String, String)> =
        model.query(sql, &[]).await.expect("the counts").iter().map(|row| (row.get(0), row.get(1))).collect();
    let campaign = "md5('c' || :client_id::bigint)::uuid";
    writeln!(
        text,
        "INSERT INTO tally_versions VALUES ({campaign}, 1)
            ON CONFLICT (campaign_id) DO UPDATE SET version = tally_versions.version + 1;"
    )
    .expect("memory");
    let rows: Vec<_> = keys.iter().map(|(kind, key)| format!("({campaign}, '{kind}', '{key}', 1, 1)")).collect();
    // One statement a line is what pgbench reads; a line may go on until its semicolon.
    writeln!(
        text,
        "INSERT INTO tallies VALUES {} ON CONFLICT (campaign_id, kind, key)
            DO UPDATE SET count = tallies.count + 1, version = tallies.version + 1;",
        rows.join(", ")
    )
    .expect("memory");
    keys.len() + 1
}
