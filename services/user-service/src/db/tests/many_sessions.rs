//! Ten thousand sessions, ten of each of a thousand accounts. Each of even number ends after a day, the others after two.

use std::time::Duration;

use sql_store::Engine;
use sqlx::{AssertSqlSafe, Row, query};
use tokio::time::timeout;
use wire::Timestamp;

use crate::{
    db::{
        Accounts, TokenUse,
        accounts::{BY_TOKEN, FORGET_ENDED, TOKENS},
    },
    test_support::TestDatabase,
};

const SESSIONS: usize = 10_000;
const OF_AN_ACCOUNT: usize = 10;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Much more than it takes on a busy machine.
const BOUND: Duration = Duration::from_secs(30);

async fn stored(database: &TestDatabase, now: Timestamp) -> Accounts {
    let accounts = Accounts::new(database.open().await);
    let numbers =
        "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < $1)";
    let of_accounts = format!(
        "{numbers} INSERT INTO accounts (id, email, email_key, created_at_us) \
         SELECT 'account-' || n, 'p' || n || '@example.com', 'p' || n || '@example.com', $2 FROM numbers"
    );
    let of_sessions = format!(
        "{numbers} INSERT INTO access_tokens \
         (id, account_id, token_hash, name, may_write, created_at_us, expires_at_us, is_session) \
         SELECT 'session-' || n, 'account-' || (n / {OF_AN_ACCOUNT}), 'hash-' || n, 'browser', 1, $2, \
         $2 + (1 + n % 2) * {}, 1 FROM numbers",
        DAY.as_micros()
    );
    let of_providers = format!(
        "{numbers} INSERT INTO provider_sessions (token_id, issuer, subject, id_token, is_administrator) \
         SELECT 'session-' || n, 'https://id.example.com', 'subject-' || $2, '', 0 FROM numbers"
    );
    let mut writer = accounts.0.writer().await.unwrap();
    for (insert, rows) in
        [(of_accounts, SESSIONS / OF_AN_ACCOUNT), (of_sessions, SESSIONS), (of_providers, SESSIONS)]
    {
        let insert = query(AssertSqlSafe(insert)).bind(i64::try_from(rows).unwrap()).bind(now.micros());
        assert_eq!(writer.execute(insert).await.unwrap(), rows as u64);
    }
    writer.execute(query("ANALYZE")).await.unwrap();
    drop(writer);
    accounts
}

async fn number(accounts: &Accounts, table: &str) -> usize {
    let select = AssertSqlSafe(format!("SELECT CAST(COUNT(*) AS BIGINT) AS number FROM {table}"));
    let row = accounts.0.reader().await.unwrap().fetch_optional(query(select)).await.unwrap().unwrap();
    usize::try_from(row.get::<i64, _>("number")).unwrap()
}

/// Whether two hundred sessions, from all parts, are each of their own account, or of nobody if they have ended.
async fn each_is_told_apart(accounts: &Accounts, now: Timestamp, has_ended: impl Fn(usize) -> bool) {
    for session in (0..SESSIONS).step_by(49).take(200) {
        let found = accounts.by_token(&format!("hash-{session}"), now).await.unwrap();
        let expected = (!has_ended(session)).then(|| {
            let account = session / OF_AN_ACCOUNT;
            (format!("account-{account}"), format!("p{account}@example.com"), format!("session-{session}"))
        });
        let found = found.map(|account| (account.id, account.email.unwrap(), account.token_id.unwrap()));
        assert_eq!(found, expected);
    }
}

async fn listed(accounts: &Accounts, account: usize, now: Timestamp) -> Vec<String> {
    let sessions = accounts.tokens(&format!("account-{account}"), TokenUse::Session, now).await.unwrap();
    let mut ids: Vec<String> = sessions.into_iter().map(|session| session.id).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn each_of_ten_thousand_sessions_is_its_accounts_until_it_ends() {
    for database in TestDatabase::both().await {
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let accounts = stored(&database, now).await;
        each_is_told_apart(&accounts, now, |_| false).await;
        assert_eq!(accounts.by_token("hash-10000", now).await.unwrap(), None);
        let own: Vec<String> = (70..80).map(|session| format!("session-{session}")).collect();
        assert_eq!(listed(&accounts, 7, now).await, own);

        // Ending one ends only that.
        let ended = accounts.remove_token("account-7", TokenUse::Session, "session-75").await.unwrap();
        assert_eq!(ended.as_deref(), Some("hash-75"));
        assert_eq!(number(&accounts, "access_tokens").await, SESSIONS - 1);
        assert_eq!(number(&accounts, "provider_sessions").await, SESSIONS - 1);
        assert_eq!(accounts.by_token("hash-75", now).await.unwrap(), None);
        assert_eq!(listed(&accounts, 7, now).await.len(), OF_AN_ACCOUNT - 1);

        let later = now.plus(DAY);
        timeout(BOUND, accounts.forget_ended_tokens(later)).await.unwrap().unwrap();
        assert_eq!(number(&accounts, "access_tokens").await, SESSIONS / 2 - 1);
        assert_eq!(number(&accounts, "provider_sessions").await, SESSIONS / 2 - 1);
        each_is_told_apart(&accounts, later, |session| session % 2 == 0).await;
        assert_eq!(
            listed(&accounts, 7, later).await,
            ["session-71", "session-73", "session-77", "session-79"]
        );
    }
}

#[tokio::test]
async fn sessions_are_looked_up_listed_and_cleaned_up_by_an_index() {
    for database in TestDatabase::both().await {
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let accounts = stored(&database, now).await;
        let (explain, column, scan) = match accounts.0.engine() {
            Engine::Postgres => ("EXPLAIN", "QUERY PLAN", "Seq Scan on access_tokens"),
            Engine::Sqlite => ("EXPLAIN QUERY PLAN", "detail", "SCAN access_tokens"),
        };
        let now = now.micros().to_string();
        for (statement, values, index) in [
            (BY_TOKEN, ["'hash-4711'", &now, ""], "token_hash"),
            (TOKENS, ["'account-47'", &now, "1"], "access_tokens_by_account"),
            (FORGET_ENDED, [&now, "500", ""], "access_tokens_by_end"),
        ] {
            let [first, second, third] = values;
            let statement = statement.replace("$1", first).replace("$2", second).replace("$3", third);
            let explained = query(AssertSqlSafe(format!("{explain} {statement}")));
            let rows = accounts.0.reader().await.unwrap().fetch_all(explained).await.unwrap();
            let plan = rows.iter().map(|row| row.get(column)).collect::<Vec<String>>().join("\n");
            assert!(!plan.contains(scan) && plan.contains(index), "{plan}");
        }
    }
}
