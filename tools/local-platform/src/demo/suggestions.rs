use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Stands in for suggestion-service: takes its time for each answer, and counts.
pub(super) struct Suggestions {
    url: String,
    answered: Arc<AtomicU64>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Suggestions {
    pub(super) async fn start(time: Duration) -> anyhow::Result<Suggestions> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let answered = Arc::<AtomicU64>::default();
        let router =
            Router::new().route("/suggestions", get(answer)).with_state((time, Arc::clone(&answered)));
        let serving = tokio::spawn(axum::serve(listener, router).into_future());
        Ok(Suggestions { url, answered, serving })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }
}

impl Drop for Suggestions {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(State((time, answered)): State<(Duration, Arc<AtomicU64>)>) -> Json<Value> {
    sleep(time).await;
    answered.fetch_add(1, Ordering::Relaxed);
    Json(json!({"case_id": "demo", "suggestions": [{"day": "monday", "slot": [9, 10]}]}))
}
