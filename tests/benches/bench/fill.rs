//! Many actions at once: copies of one that was really submitted, with people, ids and keys of their own, in plain SQL.
//!
//! The first message of each waits to be sent, the others were sent: as many messages wait as there are actions. On SQLite this
//! needs the command `sqlite3`.

use std::process::Command;

use crate::rig::Rig;
use crate::scratch::{Scratch, connect, execute};

/// Adds `count` actions. False if there is no tool for it.
pub(crate) async fn fill(rig: &Rig, count: u32) -> bool {
    match &rig.scratch {
        Scratch::Database { url, .. } => {
            let statements = statements(count, &POSTGRES);
            execute(&connect(url).await, &statements).await;
            execute(&connect(url).await, "VACUUM ANALYZE").await;
            true
        }
        Scratch::File => {
            let statements =
                format!("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; {}", statements(count, &SQLITE));
            let file = rig.home.folder().join("postbag.db");
            let Ok(output) = Command::new("sqlite3").arg(file).arg(&statements).output() else { return false };
            assert!(output.status.success(), "sqlite3: {}", String::from_utf8_lossy(&output.stderr));
            true
        }
    }
}

/// Lets the first `many` of the messages that wait go to 650 people in turn and all others to one more, and gives one in `small` of those to a
/// campaign of its own.
pub(crate) async fn spread(rig: &Rig, many: u32, small: u32) {
    let cut = |dialect: &Dialect| {
        let person = dialect.number.replace("ID", "id");
        SPREAD
            .replace("NUMBER", &person)
            .replace("PERSON", dialect.person)
            .replace("LATELY", dialect.lately)
            .replace("LONG_AGO", dialect.long_ago)
            .replace("MANY", &many.to_string())
            .replace("SMALL", &small.to_string())
    };
    match &rig.scratch {
        Scratch::Database { url, .. } => {
            execute(&connect(url).await, &cut(&POSTGRES)).await;
            execute(&connect(url).await, "VACUUM ANALYZE").await;
        }
        Scratch::File => {
            let file = rig.home.folder().join("postbag.db");
            let output = Command::new("sqlite3").arg(file).arg(cut(&SQLITE)).output().expect("sqlite3");
            assert!(output.status.success(), "sqlite3: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// How a database says what differs.
struct Dialect {
    /// The numbers 1 to COUNT as `n` of `numbers`.
    numbers: &'static str,
    /// An id that grows with `n`, KIND apart, as real ids grow with time.
    id: &'static str,
    /// A moment that grows with `n`.
    moment: &'static str,
    /// The number in an id.
    number: &'static str,
    /// The id of the person with number `p`.
    person: &'static str,
    /// A moment after all copies.
    lately: &'static str,
    /// A moment before everything.
    long_ago: &'static str,
}

const POSTGRES: Dialect = Dialect {
    numbers: "generate_series(1, COUNT) AS numbers (n)",
    id: "('018f000KIND-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid",
    moment: "now() - interval '30 days' + n * interval '1 second'",
    number: "('x' || right(ID::text, 12))::bit(48)::bigint",
    person: "('018f0009-0000-7000-8000-' || lpad(to_hex(p), 12, '0'))::uuid",
    lately: "now() - interval '10 days'",
    long_ago: "'2020-01-01'::timestamptz",
};

const SQLITE: Dialect = Dialect {
    numbers: "(WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up LIMIT COUNT) SELECT n FROM up) AS numbers",
    id: "CAST(printf('KIND%015d', n) AS BLOB)",
    moment: "(CAST(strftime('%s', 'now') AS INTEGER) - 2592000 + n) * 1000000",
    number: "CAST(substr(CAST(ID AS TEXT), 2) AS INTEGER)",
    person: "CAST(printf('9%015d', p) AS BLOB)",
    lately: "(CAST(strftime('%s', 'now') AS INTEGER) - 864000) * 1000000",
    long_ago: "0",
};

const TEMPLATE: &str = "
BEGIN;
CREATE TEMPORARY TABLE model AS SELECT * FROM actions ORDER BY created_at, id LIMIT 1;
INSERT INTO supporters (id, organisation_id, email_key, created_at)
    SELECT ID1, organisation_id, 'copy-' || n || '@bench.example', MOMENT FROM NUMBERS CROSS JOIN model;
INSERT INTO actions (id, organisation_id, campaign_id, supporter_id, status, is_test, first_of_supporter, nation, locale,
        areas, words, source, medium, source_campaign, created_at)
    SELECT ID2, organisation_id, campaign_id, ID1, status, is_test, first_of_supporter, nation, locale,
        areas, words, source, medium, source_campaign, MOMENT FROM NUMBERS CROSS JOIN model;
CREATE TEMPORARY TABLE answers AS SELECT row_number() OVER (ORDER BY id) AS nth, consents.*
    FROM consents WHERE action_id = (SELECT id FROM model);
";

const CONSENTS: &str = "
INSERT INTO consents (id, organisation_id, campaign_id, supporter_id, action_id, question_id, version, purpose, channel, answer,
        locale, created_at)
    SELECT ID0, organisation_id, campaign_id, ID1, ID2, question_id, version, purpose, channel, answer, locale, MOMENT
    FROM NUMBERS CROSS JOIN answers WHERE nth = NTH;
";

const REST: &str = "
CREATE TEMPORARY TABLE messages AS SELECT row_number() OVER (ORDER BY representative_id) AS nth, deliveries.*
    FROM deliveries WHERE action_id = (SELECT id FROM model);
INSERT INTO deliveries (id, organisation_id, campaign_id, supporter_id, action_id, representative_id, office, area_code,
        edition_id, state, is_test, repeat_of, available_at, attempts, lease_token, reply, created_at, updated_at)
    SELECT ID7, organisation_id, campaign_id, ID1, ID2, representative_id, office, area_code, edition_id, 'queued',
        is_test, NULL, MOMENT, 0, NULL, NULL, MOMENT, MOMENT FROM NUMBERS CROSS JOIN messages WHERE nth = 1;
INSERT INTO deliveries (id, organisation_id, campaign_id, supporter_id, action_id, representative_id, office, area_code,
        edition_id, state, is_test, repeat_of, available_at, attempts, lease_token, reply, created_at, updated_at)
    SELECT ID8, organisation_id, campaign_id, ID1, ID2, representative_id, office, area_code, edition_id,
        'assumed_delivered', is_test, NULL, NULL, 1, NULL, '250', MOMENT, MOMENT
    FROM NUMBERS CROSS JOIN messages WHERE nth = 2;
CREATE TEMPORARY TABLE one_key AS SELECT * FROM idempotency_keys LIMIT 1;
INSERT INTO idempotency_keys (scope, key, fingerprint, answer, created_at, expires_at)
    SELECT scope, 'copy-' || n, fingerprint, answer, created_at, expires_at FROM NUMBERS CROSS JOIN one_key;
COMMIT;
ANALYZE;
";

fn statements(count: u32, dialect: &Dialect) -> String {
    let consents: String = (1..=4)
        .map(|nth| CONSENTS.replace("ID0", &format!("ID{}", nth + 2)).replace("NTH", &nth.to_string()))
        .collect();
    let mut text = format!("{TEMPLATE}{consents}{REST}");
    for kind in 1..=8 {
        text = text.replace(&format!("ID{kind}"), &dialect.id.replace("KIND", &kind.to_string()));
    }
    text.replace("MOMENT", dialect.moment).replace("NUMBERS", dialect.numbers).replace("COUNT", &count.to_string())
}

const SPREAD: &str = "
DELETE FROM deliveries WHERE state <> 'queued' OR created_at > LATELY;
UPDATE deliveries SET available_at = LONG_AGO;
INSERT INTO campaigns (id, organisation_id, slug, status, content, revision, created_at, updated_at)
    SELECT (SELECT PERSON FROM (SELECT 9999 AS p) AS one), organisation_id, 'small', 'live', content, revision, created_at,
        updated_at FROM campaigns LIMIT 1;
UPDATE deliveries SET representative_id = (SELECT PERSON FROM (SELECT CASE WHEN NUMBER <= MANY THEN NUMBER % 650 ELSE 700 END AS p) AS one);
UPDATE deliveries SET campaign_id = (SELECT PERSON FROM (SELECT 9999 AS p) AS one) WHERE NUMBER > MANY AND NUMBER % SMALL = 0;
";
