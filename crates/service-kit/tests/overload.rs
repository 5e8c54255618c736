//! What many ask for at once, or what takes long to compute, keeps the service from nothing else.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use clap::Parser;
use futures::future::join_all;
use service_kit::{
    AccessControl, Allowances, ApiError, App, AuditSink, AuditTrail, CallerSource, Callers, ComputePool,
    Dependency, LocalCounts, Probe, RequestContext, ServeArgs, ServiceContext, encode,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;
use wire::{Account, AuditEntriesRequest};

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    serve: ServeArgs,
}

fn service() -> ServiceContext {
    ServiceContext::new("thing-service", CancellationToken::new()).unwrap()
}

/// Nobody has a token, and nothing is noted.
struct Nobody;

#[async_trait]
impl CallerSource for Nobody {
    async fn find(&self, _: &RequestContext, _: &str) -> Result<Option<Account>, ApiError> {
        Ok(None)
    }
}

#[async_trait]
impl AuditSink for Nobody {
    async fn store(&self, _: &RequestContext, _: &AuditEntriesRequest) -> Result<(), ApiError> {
        Ok(())
    }
}

/// Answers after a while, and counts how often it is asked.
#[derive(Default)]
struct Slow(AtomicUsize);

#[async_trait]
impl Probe for Slow {
    async fn dependencies(&self, _: &RequestContext) -> Vec<Dependency> {
        self.0.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(20)).await;
        vec![Dependency { name: "slow", essential: true, answer: Ok(Duration::from_millis(20)) }]
    }

    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test]
async fn dependencies_are_asked_once_for_all_who_want_to_know() {
    let (probe, args) = (Arc::new(Slow::default()), Args::parse_from(["thing-service"]));
    let service = service();
    let access = AccessControl {
        callers: Callers::new(Nobody),
        allowances: Allowances::new(Arc::new(LocalCounts::default()), &service.registry).unwrap(),
        audit: AuditTrail::new(&service, Arc::new(Nobody)).unwrap(),
    };
    let routes = OpenApiRouter::new();
    let app = App::new(&service, &args.serve, "/things", routes, probe.clone(), access);
    let ask = || app.router.clone().oneshot(Request::get("/health").body(Body::empty()).unwrap());
    let answers = join_all((0..50).map(|_| ask())).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().status() == StatusCode::OK));
    assert_eq!(probe.0.load(Ordering::Relaxed), 1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    ask().await.unwrap();
    assert_eq!(probe.0.load(Ordering::Relaxed), 2, "an answer does not stay for long");
}

#[tokio::test]
async fn long_computations_wait_for_a_thread_and_too_many_are_refused() {
    let args = Args::parse_from(["thing-service", "--compute-threads", "1", "--compute-queue", "1"]);
    let service = service();
    let pool = ComputePool::new(&service, &args.serve.limits).unwrap();
    let (finish, until) = mpsc::channel();
    let first = tokio::spawn({
        let pool = pool.clone();
        async move { pool.run(move || until.recv().is_ok()).await }
    });
    tokio::task::yield_now().await;
    let second = tokio::spawn({
        let pool = pool.clone();
        async move { pool.run(|| 2).await }
    });
    tokio::task::yield_now().await;
    let refused = pool.run(|| 3).await.unwrap_err();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.detail()[0].code, "overloaded");
    let page = String::from_utf8(encode([&service.registry]).unwrap()).unwrap();
    for series in [
        "compute_tasks_running{service_name=\"thing-service\"} 1",
        "compute_tasks_waiting{service_name=\"thing-service\"} 1",
        "http_server_requests_refused_total{reason=\"computations\",service_name=\"thing-service\"} 1",
    ] {
        assert!(page.contains(series), "{series} is not in\n{page}");
    }
    finish.send(()).unwrap();
    assert!(first.await.unwrap().unwrap());
    assert_eq!(second.await.unwrap().unwrap(), 2);
    let panicked = pool.run(|| panic!("a secret of ours")).await.map(|()| 0).unwrap_err();
    assert_eq!(panicked.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
