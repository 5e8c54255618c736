use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    body::Body,
    extract::Request,
    http::{Method, StatusCode},
};
use parking_lot::Mutex;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use wire::{ACCESS_RULES, AccessRule, Account, AuditEntriesRequest, AuditEntry, Timestamp};

use super::{AuditSink, AuditTrail, AuditedRequest};
use crate::{ApiError, RequestContext, ServiceContext, app::AUDIT_BODY_LIMIT};

/// Keeps entries, after it has failed so many times.
#[derive(Default)]
struct Memory {
    kept: Mutex<Vec<AuditEntry>>,
    calls: AtomicUsize,
    failures: AtomicUsize,
}

#[async_trait]
impl AuditSink for Arc<Memory> {
    async fn store(&self, _: &RequestContext, entries: &AuditEntriesRequest) -> Result<(), ApiError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let fails = |left: usize| left.checked_sub(1);
        if self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails).is_ok() {
            return Err(ApiError::unavailable("away"));
        }
        self.kept.lock().extend(entries.entries.iter().cloned());
        Ok(())
    }
}

struct World {
    service: ServiceContext,
    memory: Arc<Memory>,
    trail: AuditTrail,
}

impl World {
    fn new(failures: usize) -> World {
        let service = ServiceContext::new("thing-service", CancellationToken::new()).unwrap();
        let memory = Arc::new(Memory { failures: AtomicUsize::new(failures), ..Memory::default() });
        let trail = AuditTrail::new(&service, Arc::new(memory.clone())).unwrap();
        World { service, memory, trail }
    }

    /// What is kept when everything that was noted so far has been written.
    async fn kept(&self) -> Vec<AuditEntry> {
        self.service.tasks.close();
        self.service.tasks.wait().await;
        self.memory.kept.lock().clone()
    }
}

fn entry(account: &str, people: &[&str]) -> AuditEntry {
    AuditEntry {
        id: AuditEntry::fresh_id(),
        at: Timestamp::now(),
        case_id: "case-7".to_owned(),
        account_id: account.to_owned(),
        is_administrator: false,
        method: "GET".to_owned(),
        route: "/users/users/{email}".to_owned(),
        object_id: None,
        people: people.iter().map(|&person| person.to_owned()).collect(),
        status: Some(200),
    }
}

#[tokio::test(start_paused = true)]
async fn entries_of_a_moment_are_written_together() {
    let world = World::new(0);
    for _ in 0..50 {
        world.trail.note(entry("1", &[]), false);
    }
    assert_eq!(world.kept().await.len(), 50);
    world.trail.note(entry("1", &[]), false);
    assert_eq!(world.kept().await.len(), 51, "also after all were written");
    assert_eq!(world.memory.calls.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_no_larger_than_a_request_may_be() {
    let world = World::new(0);
    let crowd = ["ada@example.com"; 400];
    for _ in 0..5 {
        world.trail.note(entry("1", &crowd), false);
    }
    for _ in 0..AuditEntriesRequest::MAX {
        world.trail.note(entry("1", &[]), false);
    }
    assert_eq!(world.kept().await.len(), 5 + AuditEntriesRequest::MAX);
    assert_eq!(
        world.memory.calls.load(Ordering::Relaxed),
        4,
        "two crowds, two crowds, one with most others, the rest"
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_for_now_is_written_later() {
    let world = World::new(5);
    world.trail.note(entry("1", &[]), false);
    assert_eq!(world.kept().await.len(), 1);
    assert_eq!(world.memory.calls.load(Ordering::Relaxed), 6);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_process_waits_for_what_was_noted() {
    let world = World::new(1);
    world.trail.note(entry("1", &[]), false);
    sleep(Duration::from_millis(10)).await;
    let stopped = Instant::now();
    world.service.stopping.cancel();
    world.trail.note(entry("2", &[]), false);
    assert_eq!(world.kept().await.len(), 2);
    assert!(stopped.elapsed() < Duration::from_secs(1), "nothing more is waited for");
}

#[tokio::test(start_paused = true)]
async fn the_same_reading_is_noted_once_a_minute_and_a_change_each_time() {
    let world = World::new(0);
    for (account, people, only_reads) in [
        ("1", &["ada@example.com"][..], true),
        ("1", &["ada@example.com"], true),
        ("2", &["ada@example.com"], true),
        ("1", &["eve@example.com"], true),
        ("1", &["ada@example.com"], false),
        ("1", &["ada@example.com"], false),
    ] {
        world.trail.note(entry(account, people), only_reads);
    }
    assert_eq!(world.kept().await.len(), 5);
}

fn rule(method: &Method, path: &str) -> &'static AccessRule {
    ACCESS_RULES.iter().find(|rule| rule.method == *method && rule.path == path).unwrap()
}

fn ada() -> Account {
    Account {
        id: "1".to_owned(),
        token_id: None,
        email: Some("ada@example.com".to_owned()),
        is_administrator: true,
        may_write: true,
        expires_at: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_is_noted_when_somebody_is_signed_in() {
    let world = World::new(0);
    let rule = rule(&Method::POST, "/availability/availabilities");
    for account in [None, Some(ada())] {
        let request = Request::post("/availability/availabilities").body(Body::empty()).unwrap();
        let (audited, request) = AuditedRequest::begin(&world.trail, rule, request).await;
        let context = RequestContext::of_request(&request);
        account.iter().for_each(|account| context.notes().unwrap().set_account(account));
        context.require_among(["eve@example.com", "bob@example.com", "eve@example.com"]).unwrap();
        audited.end(StatusCode::OK);
    }
    let kept = world.kept().await;
    let [noted] = &kept[..] else { panic!("{kept:?}") };
    let said = (noted.account_id.as_str(), noted.is_administrator, noted.method.as_str(), noted.status);
    assert_eq!(said, ("1", true, "POST", Some(200)));
    assert_eq!(noted.people, ["bob@example.com", "eve@example.com"]);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_has_for_an_address_takes_no_room() {
    let world = World::new(0);
    let rule = rule(&Method::POST, "/availability/availabilities");
    let request = Request::post("/availability/availabilities").body(Body::empty()).unwrap();
    let (audited, request) = AuditedRequest::begin(&world.trail, rule, request).await;
    let context = RequestContext::of_request(&request);
    context.notes().unwrap().set_account(&ada());
    let (longest, too_long) = ("\"".repeat(508), "a".repeat(509));
    context.require_among([longest.as_str(), too_long.as_str(), "a\0@example.com"]).unwrap();
    audited.end(StatusCode::OK);
    let kept = world.kept().await;
    assert_eq!(kept[0].people, [longest]);

    // As many of these as come together are still one request.
    let people = vec![kept[0].people[0].clone(); AuditEntriesRequest::MAX_PEOPLE / AuditEntriesRequest::MAX];
    let entries = vec![AuditEntry { people, ..kept[0].clone() }; AuditEntriesRequest::MAX];
    let body = serde_json::to_vec(&AuditEntriesRequest { entries }).unwrap();
    assert!(body.len() < AUDIT_BODY_LIMIT, "{}", body.len());
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_client_has_left_is_noted_too() {
    let world = World::new(0);
    let request = Request::delete("/users/account").body(Body::empty()).unwrap();
    let rule = rule(&Method::DELETE, "/users/account");
    let (audited, request) = AuditedRequest::begin(&world.trail, rule, request).await;
    RequestContext::of_request(&request).note_sign_in("7");
    drop(audited);
    let kept = world.kept().await;
    assert_eq!(
        kept.iter().map(|entry| (entry.account_id.as_str(), entry.status)).collect::<Vec<_>>(),
        [("7", None)]
    );
}
