use std::{error::Error, sync::Arc};

use sql_store::{Outage, SqlError, StatementContext};
use tokio::sync::{mpsc, oneshot};
use tracing::Instrument;

const LIMIT: usize = 64;
/// How many may wait for the statement that runs; whoever comes then waits for a place.
const WAITING: usize = 1024;

/// Puts what many ask for at the same time into one statement, which is one commit: whatever comes in while a statement
/// runs makes up the next one. Nobody waits for company. Clones share it; it ends with the last of them.
#[derive(Debug)]
pub(super) struct Batcher<Q, A> {
    waiting: mpsc::Sender<Pending<Q, A>>,
    context: StatementContext,
    operation: &'static str,
}

#[derive(Debug)]
struct Pending<Q, A> {
    request: Q,
    reply: oneshot::Sender<Result<A, SqlError>>,
}

impl<Q, A> Clone for Batcher<Q, A> {
    fn clone(&self) -> Batcher<Q, A> {
        Batcher { waiting: self.waiting.clone(), context: self.context.clone(), operation: self.operation }
    }
}

impl<Q, A> Batcher<Q, A>
where
    Q: Clone + Send + Sync + 'static,
    A: Send + 'static,
{
    /// A batcher whose statement is `run`, which answers all requests in their order, or none. For each request there is a
    /// span of this `context`, from the request to the reply.
    pub(super) fn start<R>(context: StatementContext, run: R) -> Batcher<Q, A>
    where
        R: BatchStatement<Q, A>,
    {
        let (waiting, pending) = mpsc::channel(WAITING);
        tokio::spawn(serve(pending, run));
        Batcher { waiting, context, operation: R::OPERATION }
    }

    pub(super) async fn submit(&self, request: Q) -> Result<A, SqlError> {
        let (reply, replied) = oneshot::channel();
        let gone = || SqlError::Unavailable(Outage::Passing, "the process is stopping".into());
        let submitting = async {
            self.waiting.send(Pending { request, reply }).await.map_err(|_| gone())?;
            replied.await.unwrap_or_else(|_| Err(gone()))
        };
        submitting.instrument(self.context.span(self.operation)).await
    }
}

pub(super) trait BatchStatement<Q, A>: Send + 'static {
    /// What it does, as the first word of its span's name.
    const OPERATION: &'static str;

    /// Replies to all requests in their order, or none.
    fn run(&self, requests: &[Q]) -> impl Future<Output = Result<Vec<A>, SqlError>> + Send;
}

async fn serve<Q, A, R>(mut pending: mpsc::Receiver<Pending<Q, A>>, statement: R)
where
    Q: Clone + Send + Sync,
    A: Send,
    R: BatchStatement<Q, A>,
{
    let mut batch = Vec::with_capacity(LIMIT);
    while pending.recv_many(&mut batch, LIMIT).await > 0 {
        // Who has given up waiting has had a reply from somebody else.
        let batch: Vec<Pending<Q, A>> =
            batch.drain(..).filter(|pending| !pending.reply.is_closed()).collect();
        if batch.is_empty() {
            continue;
        }
        let requests: Vec<Q> = batch.iter().map(|pending| pending.request.clone()).collect();
        match statement.run(&requests).await {
            Ok(replies) => {
                batch.into_iter().zip(replies).for_each(|(pending, reply)| reply_to(pending, Ok(reply)))
            }
            Err(SqlError::Unavailable(outage, cause)) => {
                let cause: Arc<dyn Error + Send + Sync> = cause.into();
                batch.into_iter().for_each(|pending| {
                    reply_to(pending, Err(SqlError::Unavailable(outage, cause.clone().into())))
                });
            }
            // One of them is to blame, and the others have done nothing wrong.
            Err(_) => {
                for pending in batch {
                    let alone = statement.run(std::slice::from_ref(&pending.request)).await;
                    let reply = alone.and_then(|replies| {
                        replies.into_iter().next().ok_or(SqlError::Other(sqlx::Error::RowNotFound))
                    });
                    reply_to(pending, reply);
                }
            }
        }
    }
}

fn reply_to<Q, A>(pending: Pending<Q, A>, reply: Result<A, SqlError>) {
    // Who asked may have stopped waiting.
    let _ = pending.reply.send(reply);
}
