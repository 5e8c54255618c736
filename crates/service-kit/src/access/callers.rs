use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::post};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use wire::{Account, CallerRequest, RequestBody, Timestamp};

use crate::{ApiError, Body, RequestContext};

/// For so long a token is known without asking again; so long may one that was revoked elsewhere be taken here.
const FRESH: Duration = Duration::from_secs(5);
/// For so long it is taken when nobody can be asked.
const LASTING: Duration = Duration::from_secs(5 * 60);
/// Most tokens that are known; those not used for longest go first.
const MOST_KNOWN: u64 = 10_000;

/// Whoever knows the tokens: user-service by its tables, the others by asking it.
#[async_trait]
pub trait CallerSource: Send + Sync {
    /// Whose token has this hash; nobody's when it ended or was revoked.
    ///
    /// # Errors
    /// 503 when nobody can say for now.
    async fn find(&self, context: &RequestContext, token_hash: &str) -> Result<Option<Account>, ApiError>;
}

/// Who is signed in, by their tokens. Clones know the same.
#[derive(Clone)]
pub struct Callers {
    source: Arc<dyn CallerSource>,
    known: Cache<String, Known>,
}

#[derive(Clone)]
struct Known {
    account: Arc<Account>,
    confirmed: Instant,
}

impl Callers {
    /// What every token of an account begins with, by which it is told from the tokens of polls.
    pub const PREFIX: &str = "w2m_";

    pub fn new(source: impl CallerSource + 'static) -> Callers {
        let known = Cache::builder().max_capacity(MOST_KNOWN).time_to_live(LASTING).build();
        Callers { source: Arc::new(source), known }
    }

    /// What is kept of a token, and by which it is asked for.
    pub fn hash(token: &str) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(token))
    }

    /// A token that was revoked in this process is not taken any more.
    pub fn forget(&self, token_hash: &str) {
        self.known.invalidate(token_hash);
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// 401 when it is nobody's, 503 when nobody can say for now.
    pub(crate) async fn of(&self, context: &RequestContext, token: &str) -> Result<Arc<Account>, ApiError> {
        let hash = Callers::hash(token);
        let known = self.known.get(&hash);
        if let Some(known) = known.as_ref().filter(|known| known.confirmed.elapsed() < FRESH) {
            return unended(known.account.clone());
        }
        match (self.source.find(context, &hash).await, known) {
            (Ok(Some(account)), _) => {
                let account = Arc::new(account);
                let known = Known { account: account.clone(), confirmed: Instant::now() };
                self.known.insert(hash, known);
                unended(account)
            }
            (Ok(None), _) => {
                self.forget(&hash);
                Err(ended())
            }
            (Err(_), Some(known)) => unended(known.account),
            (Err(error), None) => Err(error),
        }
    }
}

fn unended(account: Arc<Account>) -> Result<Arc<Account>, ApiError> {
    match account.expires_at {
        Some(end) if end <= Timestamp::now() => Err(ended()),
        _ => Ok(account),
    }
}

fn ended() -> ApiError {
    ApiError::unauthorized("The access token is unknown, has expired or was revoked; make a new one")
}

/// Where other services ask whose token this is. They keep what they learn themselves, so that here nothing old is told.
pub(crate) fn callers_route(callers: Callers) -> Router {
    Router::new().route("/callers", post(find)).with_state(callers)
}

async fn find(
    State(callers): State<Callers>,
    context: RequestContext,
    Body(body): Body,
) -> Result<Json<Account>, ApiError> {
    let CallerRequest { token_hash } = CallerRequest::parse(&body).map_err(ApiError::bad_request)?;
    let account = callers.source.find(&context, &token_hash).await?;
    account.map(Json).ok_or_else(|| ApiError::not_found("This is nobody's token"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::http::StatusCode;
    use parking_lot::Mutex;
    use wire::CaseId;

    use super::*;

    /// Of each token there is an account, whose id is the token's hash.
    struct Everybody;

    #[async_trait]
    impl CallerSource for Everybody {
        async fn find(&self, _: &RequestContext, hash: &str) -> Result<Option<Account>, ApiError> {
            Ok(Some(Account { id: hash.to_owned(), ..ada(None) }))
        }
    }

    #[derive(Default)]
    struct Fixed {
        answer: Mutex<Option<Result<Option<Account>, ApiError>>>,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl CallerSource for Arc<Fixed> {
        async fn find(&self, _: &RequestContext, _: &str) -> Result<Option<Account>, ApiError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.answer.lock().clone().unwrap()
        }
    }

    fn ada(expires_at: Option<Timestamp>) -> Account {
        Account {
            id: "1".to_owned(),
            token_id: None,
            email: Some("ada@example.com".to_owned()),
            is_administrator: false,
            may_write: true,
            expires_at,
        }
    }

    async fn status(callers: &Callers) -> Result<String, StatusCode> {
        let context = RequestContext::of_background(CaseId::fresh());
        callers.of(&context, "w2m_x").await.map(|account| account.id.clone()).map_err(|error| error.status())
    }

    #[tokio::test]
    async fn who_is_known_is_not_asked_for_again() {
        let source = Arc::new(Fixed::default());
        let callers = Callers::new(source.clone());
        *source.answer.lock() = Some(Ok(Some(ada(None))));
        for _ in 0..10 {
            assert_eq!(status(&callers).await, Ok("1".to_owned()));
        }
        assert_eq!(source.asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn who_was_forgotten_or_has_ended_is_not_let_in() {
        let source = Arc::new(Fixed::default());
        let callers = Callers::new(source.clone());
        let end = Timestamp::now().plus(Duration::from_millis(50));
        *source.answer.lock() = Some(Ok(Some(ada(Some(end)))));
        assert_eq!(status(&callers).await, Ok("1".to_owned()));
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(status(&callers).await, Err(StatusCode::UNAUTHORIZED), "it has ended meanwhile");
        *source.answer.lock() = Some(Ok(None));
        callers.forget(&Callers::hash("w2m_x"));
        assert_eq!(status(&callers).await, Err(StatusCode::UNAUTHORIZED));
    }

    #[tokio::test]
    async fn without_anybody_to_ask_only_those_who_are_known_go_on() {
        let source = Arc::new(Fixed::default());
        let callers = Callers::new(source.clone());
        *source.answer.lock() = Some(Err(ApiError::unavailable("user-service is away")));
        assert_eq!(status(&callers).await, Err(StatusCode::SERVICE_UNAVAILABLE));
        let long_ago = Instant::now().checked_sub(FRESH * 2).unwrap();
        let known = Known { account: Arc::new(ada(None)), confirmed: long_ago };
        callers.known.insert(Callers::hash("w2m_x"), known);
        assert_eq!(status(&callers).await, Ok("1".to_owned()));
    }

    #[tokio::test]
    async fn more_tokens_than_are_known_are_still_each_their_own() {
        let callers = Callers::new(Everybody);
        let context = RequestContext::of_background(CaseId::fresh());
        let tokens: Vec<String> = (0..=MOST_KNOWN).map(|number| format!("w2m_{number}")).collect();
        for token in tokens.iter().chain(&tokens[..100]) {
            assert_eq!(callers.of(&context, token).await.unwrap().id, Callers::hash(token));
        }
        callers.known.run_pending_tasks();
        assert_eq!(callers.known.entry_count(), MOST_KNOWN);
    }
}
