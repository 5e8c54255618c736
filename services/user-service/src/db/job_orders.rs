//! What the workers are to do. An order is written in the transaction of what it is about, and deleted once
//! worker-service has it in its own table.

use serde_json::Value;
use sql_store::{Db, Engine, Placeholders, SqlError, Tx};
use sqlx::{AssertSqlSafe, Row, query};
use wire::{ClaimedOrder, Timestamp};

use super::columns::json;

/// Orders that one statement writes.
const BATCH: usize = 256;

/// An order of a job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JobOrder {
    /// Which job it is: of two orders with the same id one job is made.
    pub(crate) id: String,
    /// The kind of job, as worker-service calls it.
    pub(crate) kind: &'static str,
    /// What the job is told.
    pub(crate) payload: Value,
    /// Of the request that it comes from.
    pub(crate) case_id: String,
    /// Before this nobody begins with it.
    pub(crate) due: Timestamp,
}

impl JobOrder {
    /// Stores the order with all else that the transaction does. One whose id is there already changes nothing.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn insert(&self, tx: &mut Tx) -> Result<(), SqlError> {
        JobOrder::insert_all(std::slice::from_ref(self), tx).await
    }

    /// Stores many orders as [`JobOrder::insert`] does, by few statements.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn insert_all(orders: &[JobOrder], tx: &mut Tx) -> Result<(), SqlError> {
        for batch in orders.chunks(BATCH) {
            let list = Placeholders::new(1, batch.len());
            let insert = query(AssertSqlSafe(format!(
                "INSERT INTO job_orders (id, kind, payload, case_id, due_at_us) VALUES {} ON CONFLICT DO NOTHING",
                list.rows(5)
            )));
            let insert = list.pad(batch).fold(insert, |insert, order| {
                insert
                    .bind(order.id.as_str())
                    .bind(order.kind)
                    .bind(order.payload.to_string())
                    .bind(order.case_id.as_str())
                    .bind(order.due.micros())
            });
            tx.execute(insert).await?;
        }
        Ok(())
    }

    /// Takes back an order that nobody has claimed; of one that was, the job looks itself whether it is still wanted.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn remove(tx: &mut Tx, id: &str) -> Result<(), SqlError> {
        tx.execute(query("DELETE FROM job_orders WHERE id = $1").bind(id)).await.map(drop)
    }
}

/// All orders in the database.
#[derive(Clone, Debug)]
pub(crate) struct JobOrders(Db);

impl JobOrders {
    pub(crate) fn new(db: Db) -> JobOrders {
        JobOrders(db)
    }

    /// At most `limit` orders that are due; nobody else gets them before `lease_end`.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn claim(
        &self,
        now: Timestamp,
        lease_end: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedOrder>, SqlError> {
        // Replicas of worker-service that ask at the same time do not wait for each other.
        let unless_locked = match self.0.engine() {
            Engine::Postgres => "FOR UPDATE SKIP LOCKED",
            Engine::Sqlite => "",
        };
        let update = AssertSqlSafe(format!(
            "UPDATE job_orders SET leased_until_us = $2 WHERE id IN ( \
                SELECT id FROM job_orders WHERE due_at_us <= $1 AND leased_until_us <= $1 \
                ORDER BY due_at_us LIMIT $3 {unless_locked}) \
             RETURNING id, kind, payload, case_id"
        ));
        let update = query(update).bind(now.micros()).bind(lease_end.micros()).bind(i64::from(limit));
        let rows = self.0.writer().await?.fetch_all(update).await?;
        let orders = rows.iter().map(|row| {
            Ok(ClaimedOrder {
                id: row.try_get("id")?,
                kind: row.try_get("kind")?,
                payload: json(&row.try_get::<String, _>("payload")?)?,
                case_id: row.try_get("case_id")?,
            })
        });
        orders.collect()
    }

    /// Deletes orders that worker-service has.
    ///
    /// # Errors
    /// [`SqlError`], by kind; then they are claimed again, which makes no second job.
    pub(crate) async fn delete(&self, ids: &[String]) -> Result<(), SqlError> {
        if ids.is_empty() {
            return Ok(());
        }
        let list = Placeholders::new(1, ids.len());
        let delete = query(AssertSqlSafe(format!("DELETE FROM job_orders WHERE id IN ({list})")));
        let delete = list.pad(ids).fold(delete, |delete, id| delete.bind(id));
        self.0.writer().await?.execute(delete).await.map(drop)
    }
}
