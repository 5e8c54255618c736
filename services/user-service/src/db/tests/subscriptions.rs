use calendar_fetch::EgressPolicy;
use wire::{CalendarEntry, CalendarErrorCode, CalendarState, CaseId};

use super::*;
use crate::polls::PublicId;

const HOUR: i64 = 3_600_000_000;

fn at(micros: i64) -> wire::Timestamp {
    wire::Timestamp::from_micros(micros).unwrap()
}

async fn subscribe(people: &People, now: wire::Timestamp) -> Imported {
    let entry = CalendarEntry {
        name: "work".to_owned(),
        events: 0,
        busy: 0,
        imported_at: now,
        state: CalendarState::Waiting,
        fetched_at: None,
        last_error: None,
        last_error_code: None,
    };
    let url = EgressPolicy::default().url("https://example.com/a").unwrap();
    let subscription = Subscription { url, unanswered_is_busy: true };
    people.subscribe(&key(ADA), &entry, &subscription, &CaseId::fresh()).await.unwrap()
}

/// The fetches that are ordered and due at an instant, as subscription and number.
async fn due(orders: &JobOrders, now: wire::Timestamp) -> Vec<(PublicId, i64)> {
    let claimed = orders.claim(now, at(now.micros() + 1), 10).await.unwrap();
    let time = |order: &wire::ClaimedOrder| {
        let id = PublicId::stored(order.payload["subscription"].as_str().unwrap().to_owned());
        (id, order.payload["turn"].as_i64().unwrap())
    };
    let mut times: Vec<_> = claimed.iter().map(time).collect();
    times.sort_by_key(|(_, fetch_number)| *fetch_number);
    orders.delete(&claimed.into_iter().map(|order| order.id).collect::<Vec<_>>()).await.unwrap();
    times
}

#[tokio::test]
async fn a_time_that_was_lost_is_ordered_again_and_brings_nothing_any_more() {
    for database in TestDatabase::both().await {
        let people = people_with_ada(&database).await;
        let orders = JobOrders::new(database.open().await);
        let now = at(1_764_000_000_000_000);
        assert_eq!(subscribe(&people, now).await, Imported::Stored);
        let first = due(&orders, now).await;
        let [(id, 1)] = first.as_slice() else { panic!("{first:?}") };

        // It may still be under way.
        let later = at(now.micros() + HOUR);
        assert!(!people.order_lost_refreshes(later, now).await.unwrap());
        assert_eq!(due(&orders, later).await, []);
        let lost = at(now.micros() + 3 * HOUR);
        assert!(people.order_lost_refreshes(lost, later).await.unwrap());
        assert!(!people.order_lost_refreshes(lost, later).await.unwrap(), "once");
        assert_eq!(due(&orders, lost).await, [(id.clone(), 2)]);

        let same = FetchedCalendar::Same { etag: None };
        let note =
            async |fetch_number| people.note_fetched(id, fetch_number, &same, lost, 0.0).await.unwrap();
        assert_eq!(note(1).await, Noted::Before);
        assert_eq!(note(2).await, Noted::As(CalendarState::Fresh));
        assert_eq!(note(2).await, Noted::Before);
        assert_eq!(due(&orders, at(lost.micros() + HOUR)).await, [(id.clone(), 3)]);
        people.remove_calendar(&key(ADA), "work", &CaseId::fresh()).await.unwrap();
        assert_eq!(note(3).await, Noted::Gone);
    }
}

#[tokio::test]
async fn of_two_who_tell_what_came_of_a_time_one_is_heard() {
    for database in TestDatabase::both().await {
        let people = people_with_ada(&database).await;
        let orders = JobOrders::new(database.open().await);
        let now = at(1_764_000_000_000_000);
        subscribe(&people, now).await;
        let (id, fetch_number) = due(&orders, now).await.remove(0);
        let failed =
            FetchedCalendar::Failed { error: "away".to_owned(), code: Some(CalendarErrorCode::Unreachable) };
        let tell = || async { people.note_fetched(&id, fetch_number, &failed, now, 0.0).await.unwrap() };
        let mut noted = join_all((0..4).map(|_| tell())).await;
        noted.sort_by_key(|noted| *noted == Noted::Before);
        let (before, heard) = (Noted::Before, Noted::As(CalendarState::Failing));
        assert_eq!(noted, [heard, before, before, before]);
        assert_eq!(due(&orders, at(now.micros() + HOUR)).await, [(id.clone(), fetch_number + 1)]);
    }
}
