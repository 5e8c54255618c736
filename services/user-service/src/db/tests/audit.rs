use std::time::Duration;

use serde_json::json;
use wire::{AuditEntry, CaseId, Timestamp};

use crate::{
    db::{Accounts, AuditEntries, AuditQuery, People},
    key::Key,
    test_support::{ADA, TestDatabase},
};

const EVE: &str = "eve@example.com";
const MINUTE: Duration = Duration::from_secs(60);

fn entry(at: Timestamp, account: &str, people: &[&str], object: Option<&str>) -> AuditEntry {
    AuditEntry {
        id: AuditEntry::fresh_id(),
        at,
        case_id: "case-7".to_owned(),
        account_id: account.to_owned(),
        is_administrator: false,
        method: "GET".to_owned(),
        route: "/users/users/{email}".to_owned(),
        object_id: object.map(str::to_owned),
        people: people.iter().map(|&person| person.to_owned()).collect(),
        status: Some(200),
    }
}

/// The places of the entries that are found, the newest first.
async fn found(audit: &AuditEntries, entries: &[AuditEntry], asked: AuditQuery) -> Vec<usize> {
    let page = audit.page(&asked, 100).await.unwrap();
    let place = |id: &str| entries.iter().position(|entry| entry.id == id).unwrap();
    page.iter().map(|stored| place(&stored.entry.id)).collect()
}

#[tokio::test]
async fn entries_are_found_by_who_did_what_to_whom() {
    for database in TestDatabase::both().await {
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let db = database.open().await;
        let (audit, accounts, people) =
            (AuditEntries::new(db.clone()), Accounts::new(db.clone()), People::new(db));
        let ada = accounts.of(&ADA.parse().unwrap(), now).await.unwrap();
        let eve = accounts.of(&EVE.parse().unwrap(), now).await.unwrap();
        let entries = [
            entry(now, &ada, &[ADA], None),
            entry(now, &eve, &["ADA@example.com", "nobody@example.com"], Some("poll")),
            entry(now, "administrator", &[EVE, ADA], None),
            entry(now, &eve, &[], Some("poll")),
        ];
        audit.add(&entries[..3]).await.unwrap();
        audit.add(&entries).await.unwrap();
        let find = async |asked| found(&audit, &entries, asked).await;
        let key = |address: &str| Key::of(address);
        let all = AuditQuery::default;
        assert_eq!(find(all()).await, [3, 2, 1, 0], "each once");
        assert_eq!(find(AuditQuery { by: key(EVE), ..all() }).await, [3, 1]);
        assert_eq!(find(AuditQuery { about: key(ADA), ..all() }).await, [2, 1, 0]);
        assert_eq!(find(AuditQuery { concerns: key(EVE), ..all() }).await, [3, 2, 1]);
        assert_eq!(find(AuditQuery { object: Some("poll".to_owned()), ..all() }).await, [3, 1]);
        let both = AuditQuery { by: key(EVE), about: key(ADA), ..all() };
        assert_eq!(find(both).await, [1]);
        let after = AuditQuery { concerns: key(EVE), after: Some(entries[2].id.clone()), ..all() };
        assert_eq!(find(after).await, [1]);

        let page = audit.page(&all(), 2).await.unwrap();
        let told = |index: usize| (page[index].by.as_deref(), page[index].entry.people.clone());
        assert_eq!(told(0), (Some(EVE), vec![]));
        assert_eq!(told(1), (None, vec![ADA.to_owned(), EVE.to_owned()]));
        assert_eq!(page[0].entry, entries[3]);

        // Of whoever is erased the trail keeps what happened, and not to whom.
        let key = Key::of(ADA).unwrap();
        let export = people.export(&key).await.unwrap();
        assert_eq!(export["audit_entries"].as_array().unwrap().len(), 1);
        assert_eq!(export["audit_subjects"].as_array().unwrap().len(), 3);
        let (erasure, _) = people.erase(&key, &CaseId::fresh(), now).await.unwrap();
        erasure.commit().await.unwrap();
        audit.add(&[entry(now, &eve, &[ADA], None)]).await.unwrap();
        let left = audit.page(&all(), 100).await.unwrap();
        assert_eq!(left.len(), 5);
        assert!(left.iter().all(|stored| {
            stored.by.as_deref() != Some(ADA) && !stored.entry.people.contains(&ADA.to_owned())
        }));
        assert_eq!(people.export(&key).await.unwrap()["audit_subjects"], json!([]));
    }
}

#[tokio::test]
async fn many_entries_about_many_people_are_kept_and_go_when_they_are_old() {
    for database in TestDatabase::both().await {
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let db = database.open().await;
        let (audit, accounts) = (AuditEntries::new(db.clone()), Accounts::new(db));
        let crowd: Vec<String> = (0..300).map(|number| format!("p{number}@example.com")).collect();
        for person in &crowd {
            accounts.of(&person.parse().unwrap(), now).await.unwrap();
        }
        let crowd: Vec<&str> = crowd.iter().map(String::as_str).collect();
        let at = |minutes: u32| now.plus(MINUTE * minutes);
        let entries: Vec<AuditEntry> =
            (0..300).map(|number| entry(at(number), "1", &crowd[..1 + number as usize % 2], None)).collect();
        audit.add(&entries).await.unwrap();
        let of_all = entry(at(300), "2", &crowd, None);
        audit.add(std::slice::from_ref(&of_all)).await.unwrap();
        let page = audit
            .page(&AuditQuery { about: Key::of(crowd[299]), ..AuditQuery::default() }, 10)
            .await
            .unwrap();
        assert_eq!(page.len(), 1);
        assert_eq!(page[0].entry.people.len(), 300);
        assert!(audit.forget(at(200), 150).await.unwrap(), "there may be more");
        assert!(!audit.forget(at(200), 150).await.unwrap());
        let left = audit.page(&AuditQuery::default(), 1_000).await.unwrap();
        assert_eq!(left.len(), 101);
        assert!(left.iter().all(|stored| stored.entry.at >= at(200)));
    }
}
