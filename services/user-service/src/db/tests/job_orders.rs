//! Orders of jobs, on both engines.

use std::time::Duration;

use serde_json::json;
use wire::Timestamp;

use crate::{
    db::{JobOrder, JobOrders},
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
