//! Of whom other services have to erase what they have. A row is written in the transaction that erases somebody here, and goes
//! when the others are done.

use serde_json::json;
use sql_store::{Db, Placeholders, SqlError, Tx};
use sqlx::{AssertSqlSafe, Row, query};
use std::time::Duration;
use uuid::Uuid;
use wire::{CaseId, Erasure, Timestamp};

use super::{
    JobOrder,
    columns::{json, to_json},
};
use crate::key::Key;

/// Erasures within so many microseconds are done by one job, which looks through all jobs once.
const TOGETHER_US: i64 = 10_000_000;
/// What was under way when somebody was erased has ended after this: requests, attempts at their jobs, mails that are being written.
const UNDER_WAY: Duration = Duration::from_secs(10);
const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;

/// What is known here of jobs and mail files about somebody.
#[derive(Clone, Debug, Default)]
pub(super) struct Traces {
    pub(super) account: Option<String>,
    pub(super) polls: Vec<String>,
    pub(super) mails: Vec<String>,
}

/// Has the other services erase somebody, once nothing is under way any more.
pub(super) async fn order_erasure(
    tx: &mut Tx,
    key: &Key,
    traces: &Traces,
    case_id: &CaseId,
    now: Timestamp,
) -> Result<(), SqlError> {
    let insert = query(
        "INSERT INTO erasures (id, address_key, account_id, polls, mails, created_at_us) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(Uuid::now_v7().to_string())
    .bind(key.as_str())
    .bind(traces.account.as_deref())
    .bind(to_json(&traces.polls)?)
    .bind(to_json(&traces.mails)?)
    .bind(now.micros());
    tx.execute(insert).await?;
    let end_us = (now.micros() / TOGETHER_US + 1) * TOGETHER_US;
    let due = Timestamp::from_micros(end_us).unwrap_or(now).plus(UNDER_WAY);
    order(format!("erase/{end_us}"), case_id, due).insert(tx).await
}

fn order(id: String, case_id: &CaseId, due: Timestamp) -> JobOrder {
    JobOrder { id, kind: "erase", payload: json!({}), case_id: case_id.to_string(), due }
}

/// All erasures that are not done.
#[derive(Clone, Debug)]
pub(crate) struct Erasures(Db);

impl Erasures {
    pub(crate) fn new(db: Db) -> Erasures {
        Erasures(db)
    }

    /// Those that have waited for long enough, the oldest first.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Erasure>, SqlError> {
        let select = query(
            "SELECT id, address_key, account_id, polls, mails FROM erasures WHERE created_at_us <= $1 \
             ORDER BY created_at_us, id LIMIT $2",
        );
        let select = select.bind(now.minus(UNDER_WAY).micros()).bind(i64::from(limit));
        let rows = self.0.reader().await?.fetch_all(select).await?;
        let erasures = rows.iter().map(|row| {
            Ok(Erasure {
                id: row.try_get("id")?,
                address_key: row.try_get("address_key")?,
                account: row.try_get("account_id")?,
                polls: json(&row.try_get::<String, _>("polls")?)?,
                mails: json(&row.try_get::<String, _>("mails")?)?,
            })
        });
        erasures.collect()
    }

    /// Forgets those that are done, and with them the last that was known of these people.
    ///
    /// # Errors
    /// [`SqlError`], by kind; then they are done again, which finds nothing.
    pub(crate) async fn forget(&self, ids: &[String]) -> Result<(), SqlError> {
        if ids.is_empty() {
            return Ok(());
        }
        let list = Placeholders::new(1, ids.len());
        let delete = query(AssertSqlSafe(format!("DELETE FROM erasures WHERE id IN ({list})")));
        let delete = list.pad(ids).fold(delete, |delete, id| delete.bind(id));
        self.0.writer().await?.execute(delete).await.map(drop)
    }

    /// Orders for this day that all erasures are done whose own order was lost, or whose job was given up.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn order_overdue(&self, now: Timestamp) -> Result<(), SqlError> {
        let mut tx = self.0.begin().await?;
        let select = query("SELECT 1 FROM erasures WHERE created_at_us <= $1 LIMIT 1");
        if tx.fetch_optional(select.bind(now.micros() - DAY_US)).await?.is_some() {
            let id = format!("erase/day/{}", now.micros() / DAY_US);
            order(id, &CaseId::fresh(), now).insert(&mut tx).await?;
        }
        tx.commit().await
    }
}
