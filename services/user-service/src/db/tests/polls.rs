//! What stays of polls that are deleted.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Row, query};
use wire::{CaseId, NewPoll, Timestamp};

use crate::{
    conditions::Conditions,
    db::{JobOrders, ParticipantContent, Polls},
    polls::{PublicId, StoredAnswer, StoredPoll, StoredTimes, Token, TokenHash},
    test_support::TestDatabase,
};

const TABLES: [&str; 3] = ["polls", "participants", "answers"];

/// How many rows each table has.
async fn rows(polls: &Polls) -> [i64; 3] {
    let mut counted = [0; 3];
    for (count, table) in counted.iter_mut().zip(TABLES) {
        let select = query(AssertSqlSafe(format!("SELECT COUNT(*) AS number FROM {table}")));
        let mut reader = polls.db().reader().await.unwrap();
        *count = reader.fetch_optional(select).await.unwrap().unwrap().try_get("number").unwrap();
    }
    counted
}

/// A poll with two participants, one of whom has answered; its id and its organiser's token.
async fn poll_with_answers(polls: &Polls) -> (PublicId, TokenHash) {
    let body = r#"{"title": "Planning", "kind": "dates", "dates": ["2026-03-06"], "time_zone": "Etc/UTC",
        "from": "09:00", "to": "10:00", "granularity_minutes": 60, "duration_minutes": 60}"#;
    let (id, token) = (PublicId::fresh(), Token::fresh());
    let poll = StoredPoll {
        id: id.clone(),
        admin: token.hash(),
        version: 1,
        described_version: 1,
        reset_version: 1,
        content: NewPoll::parse(body.as_bytes()).unwrap(),
        meeting: None,
        meeting_sequence: 0,
        participants: 0,
        created_at_us: 0,
        deleted_at_us: None,
        last_at_us: None,
    };
    polls.create(&poll, &CaseId::fresh()).await.unwrap();
    let mut people = Vec::new();
    for name in ["Ada", "Bob"] {
        let content = ParticipantContent {
            name: name.to_owned(),
            time_zone: poll.content.layout.time_zone.clone(),
            email: None,
            required: false,
            working_hours: Vec::new(),
        };
        let mut change = polls.change(&id, None, &Conditions::default()).await.unwrap();
        let participant = PublicId::fresh();
        change.add(&participant, &Token::fresh().hash(), &content).await.unwrap();
        change.commit().await.unwrap();
        people.push(participant);
    }
    let mut change = polls.change(&id, None, &Conditions::default()).await.unwrap();
    let ada = change.participant(&people[0]).await.unwrap().unwrap();
    let times = StoredTimes::Dates { yes: "Dw".to_owned(), if_needed: "AA".to_owned(), asked: None };
    let answer = StoredAnswer { answered_at_us: 0, from_schedule: false, times, conflicts: None };
    change.answer(&ada, &answer).await.unwrap();
    change.commit().await.unwrap();
    (id, token.hash())
}

async fn delete(polls: &Polls, (id, token): &(PublicId, TokenHash), at_us: i64) {
    let mut change = polls.change(id, Some(token), &Conditions::default()).await.unwrap();
    change.delete(Timestamp::from_micros(at_us).unwrap(), &CaseId::fresh()).await.unwrap();
    change.commit().await.unwrap();
}

#[tokio::test]
async fn a_purge_leaves_nothing_of_what_was_deleted_by_an_instant_and_all_else() {
    for database in TestDatabase::both().await {
        let polls = Polls::new(database.open().await);
        let (old, recent) = (poll_with_answers(&polls).await, poll_with_answers(&polls).await);
        let present = poll_with_answers(&polls).await;
        assert_eq!(rows(&polls).await, [3, 6, 3]);
        assert_eq!(polls.count().await.unwrap(), 3.0);
        delete(&polls, &old, 1_000).await;
        delete(&polls, &recent, 2_000).await;
        assert_eq!(rows(&polls).await, [3, 6, 3], "all of it can be restored");

        assert_eq!(polls.purge(999, 20).await.unwrap(), 0, "nothing was deleted so early");
        assert_eq!(polls.purge(1_000, 20).await.unwrap(), 1);
        assert_eq!(rows(&polls).await, [2, 4, 2]);
        let restored = polls.change_deleted(&recent.0, Some(&recent.1), &Conditions::default()).await;
        restored.unwrap().give_up().await.unwrap();
        assert_eq!(polls.purge(i64::MAX, 20).await.unwrap(), 1);
        assert_eq!(polls.purge(i64::MAX, 20).await.unwrap(), 0, "there is no more");
        assert_eq!(rows(&polls).await, [1, 2, 1]);
        polls.find(&present.0, Some(&present.1)).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_purged_by_two_at_a_time_leaves_nothing() {
    for database in TestDatabase::both().await {
        let polls = Polls::new(database.open().await);
        for _ in 0..30 {
            delete(&polls, &poll_with_answers(&polls).await, 1_000).await;
        }
        let purge = async || {
            while polls.has_deleted(1_000).await.unwrap() {
                polls.purge(1_000, 20).await.unwrap();
            }
        };
        tokio::join!(purge(), purge());
        assert_eq!(rows(&polls).await, [0, 0, 0]);
    }
}

#[tokio::test]
async fn once_a_day_what_is_overdue_is_ordered_again() {
    for database in TestDatabase::both().await {
        let db = database.open().await;
        let (polls, orders) = (Polls::new(db.clone()), JobOrders::new(db));
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let hour = Duration::from_secs(60 * 60);
        for at in [now, now.plus(hour), now.plus(hour * 24)] {
            polls.order_overdue(at).await.unwrap();
        }
        let later = now.plus(hour * 25);
        let claimed = orders.claim(later, later.plus(hour), 10).await.unwrap();
        let mut found: Vec<_> =
            claimed.iter().map(|order| (order.kind.as_str(), order.payload["until_us"].as_i64())).collect();
        found.sort();
        let (one, two) = (Some(now.micros()), Some(now.plus(hour * 24).micros()));
        assert_eq!(
            found,
            [
                ("close", one),
                ("close", two),
                ("expire", one),
                ("expire", two),
                ("purge", one),
                ("purge", two)
            ]
        );
    }
}
