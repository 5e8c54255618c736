//! Orders of jobs, on both engines.

use std::time::Duration;

use serde_json::json;
use sql_store::{Db, Migrations};
use sqlx::query;
use wire::Timestamp;

use crate::{
    db::{
        JobOrder, JobOrders, MIGRATIONS,
        migrations::{POSTGRES, SQLITE},
    },
    test_support::TestDatabase,
};

fn order(id: &str, due: Timestamp) -> JobOrder {
    let payload = json!({"mail": id});
    JobOrder { id: id.to_owned(), kind: "mail", payload, case_id: "case".to_owned(), due }
}

async fn claimed(orders: &JobOrders, now: Timestamp, limit: u32) -> Vec<String> {
    let claimed = orders.claim(now, now.plus(Duration::from_secs(30)), limit).await.unwrap();
    let mut ids: Vec<String> = claimed.into_iter().map(|order| order.id).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn an_order_is_given_away_once_it_is_due_and_again_when_its_lease_is_over() {
    for database in TestDatabase::both().await {
        let db = database.open().await;
        let orders = JobOrders::new(db.clone());
        let now = Timestamp::from_micros(1_000_000_000).unwrap();
        let later = now.plus(Duration::from_secs(60));
        let mut tx = db.begin().await.unwrap();
        for order in [order("a", now), order("a", now), order("b", now), order("tomorrow", later)] {
            order.insert(&mut tx).await.unwrap();
        }
        assert!(tx.commit().await.is_ok());

        assert_eq!(claimed(&orders, now, 1).await.len(), 1);
        assert_eq!(
            claimed(&orders, now, 10).await.len(),
            1,
            "the other one; what is claimed is not given away"
        );
        assert!(claimed(&orders, now, 10).await.is_empty());

        let after_lease = now.plus(Duration::from_secs(31));
        assert_eq!(claimed(&orders, after_lease, 10).await, ["a", "b"]);
        orders.delete(&["a".to_owned()]).await.unwrap();
        let at_last = later.plus(Duration::from_secs(31));
        assert_eq!(claimed(&orders, at_last, 10).await, ["b", "tomorrow"]);
    }
}

#[tokio::test]
async fn an_order_goes_with_the_transaction_it_was_written_in() {
    for database in TestDatabase::both().await {
        let db = database.open().await;
        let now = Timestamp::from_micros(1_000_000_000).unwrap();
        let mut tx = db.begin().await.unwrap();
        order("never", now).insert(&mut tx).await.unwrap();
        tx.rollback().await.unwrap();
        assert!(claimed(&JobOrders::new(db), now, 10).await.is_empty());
    }
}

#[tokio::test]
async fn what_the_release_before_looked_for_itself_is_ordered() {
    const HOUR_US: i64 = 3_600_000_000;
    const WEEK_US: i64 = 7 * 24 * HOUR_US;
    for database in TestDatabase::both().await {
        let db = Db::open(database.options.clone()).await.unwrap();
        let before = Migrations::per_engine(&POSTGRES[..14], &SQLITE[..13]);
        db.migrate(&before).await.unwrap();
        let polls = [
            ("a", Some(5), None),
            ("b", Some(5), Some(0)),
            ("c", None, Some(HOUR_US - 1)),
            ("d", None, Some(HOUR_US)),
            ("e", None, None),
        ];
        for (id, close_due_us, deleted_at_us) in polls {
            let insert = query(
                "INSERT INTO polls (id, admin_token_hash, version, described_version, reset_version, title, \
                 description, location, layout, visibility, participants_ever, participants, created_at_us, \
                 close_due_us, deleted_at_us) \
                 VALUES ($1, 'hash', 1, 1, 1, 'Planning', '', '', '{}', 'full', 0, 0, 0, $2, $3)",
            );
            let insert = insert.bind(id).bind(close_due_us).bind(deleted_at_us);
            db.writer().await.unwrap().execute(insert).await.unwrap();
        }
        db.migrate(&MIGRATIONS).await.unwrap();

        let now = Timestamp::from_micros(WEEK_US * 2).unwrap();
        let claimed = JobOrders::new(db).claim(now, now.plus(Duration::from_secs(30)), 10).await.unwrap();
        let mut found: Vec<_> =
            claimed.iter().map(|order| (order.id.as_str(), order.kind.as_str(), &order.payload)).collect();
        found.sort_by_key(|(id, ..)| *id);
        let [close, one, two] = [5, WEEK_US + HOUR_US, WEEK_US + 2 * HOUR_US];
        let ids = ["close/a/5", "close/b/5", &format!("purge/{one}"), &format!("purge/{two}")];
        let payloads = [close, close, one, two].map(|until_us| json!({"until_us": until_us}));
        let kinds = ["close", "close", "purge", "purge"];
        let expected: Vec<_> = (0..4).map(|n| (ids[n], kinds[n], &payloads[n])).collect();
        assert_eq!(found, expected);
    }
}
