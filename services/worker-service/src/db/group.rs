use std::{error::Error, sync::Arc};

use sql_store::{Outage, SqlError, Terms};
use tokio::sync::{mpsc, oneshot};
use tracing::Instrument;

/// Most questions in one statement.
const LIMIT: usize = 64;
/// How many may wait for the statement that runs; whoever comes then waits for a place.
const WAITING: usize = 1024;

/// Puts what many ask for at the same time into one statement, which is one commit: whatever comes in while a statement
/// runs makes up the next one. Nobody waits for company. Clones share it; it ends with the last of them.
#[derive(Debug)]
pub(super) struct Group<Q, A> {
    waiting: mpsc::Sender<Asked<Q, A>>,
    terms: Terms,
    operation: &'static str,
}

#[derive(Debug)]
struct Asked<Q, A> {
    question: Q,
    answer: oneshot::Sender<Result<A, SqlError>>,
}

impl<Q, A> Clone for Group<Q, A> {
    fn clone(&self) -> Group<Q, A> {
        Group { waiting: self.waiting.clone(), terms: self.terms.clone(), operation: self.operation }
    }
}

impl<Q, A> Group<Q, A>
where
    Q: Clone + Send + Sync + 'static,
    A: Send + 'static,
{
    /// A group whose statement is `run`, which answers all questions in their order, or none. For each question there is a
    /// span on these `terms`, from the question to the answer.
    pub(super) fn start<R>(terms: Terms, run: R) -> Group<Q, A>
    where
        R: Statement<Q, A>,
    {
        let (waiting, asked) = mpsc::channel(WAITING);
        tokio::spawn(serve(asked, run));
        Group { waiting, terms, operation: R::OPERATION }
    }

    /// The answer to this question.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(super) async fn ask(&self, question: Q) -> Result<A, SqlError> {
        let (answer, answered) = oneshot::channel();
        let gone = || SqlError::Unavailable(Outage::Passing, "the process is stopping".into());
        let asking = async {
            self.waiting.send(Asked { question, answer }).await.map_err(|_| gone())?;
            answered.await.unwrap_or_else(|_| Err(gone()))
        };
        asking.instrument(self.terms.span(self.operation)).await
    }
}

/// A statement for many questions at once.
pub(super) trait Statement<Q, A>: Send + 'static {
    /// What it does, as the first word of its span's name.
    const OPERATION: &'static str;

    /// Answers all questions in their order, or none.
    fn run(&self, questions: &[Q]) -> impl Future<Output = Result<Vec<A>, SqlError>> + Send;
}

async fn serve<Q, A, R>(mut asked: mpsc::Receiver<Asked<Q, A>>, statement: R)
where
    Q: Clone + Send + Sync,
    A: Send,
    R: Statement<Q, A>,
{
    let mut batch = Vec::with_capacity(LIMIT);
    while asked.recv_many(&mut batch, LIMIT).await > 0 {
        // Who has given up waiting has had an answer from somebody else.
        let batch: Vec<Asked<Q, A>> = batch.drain(..).filter(|asked| !asked.answer.is_closed()).collect();
        if batch.is_empty() {
            continue;
        }
        let questions: Vec<Q> = batch.iter().map(|asked| asked.question.clone()).collect();
        match statement.run(&questions).await {
            Ok(answers) => batch.into_iter().zip(answers).for_each(|(asked, answer)| tell(asked, Ok(answer))),
            Err(SqlError::Unavailable(outage, cause)) => {
                let cause: Arc<dyn Error + Send + Sync> = cause.into();
                batch
                    .into_iter()
                    .for_each(|asked| tell(asked, Err(SqlError::Unavailable(outage, cause.clone().into()))));
            }
            // One of them is to blame, and the others have done nothing wrong.
            Err(_) => {
                for asked in batch {
                    let alone = statement.run(std::slice::from_ref(&asked.question)).await;
                    let answer = alone.and_then(|answers| {
                        answers.into_iter().next().ok_or(SqlError::Other(sqlx::Error::RowNotFound))
                    });
                    tell(asked, answer);
                }
            }
        }
    }
}

fn tell<Q, A>(asked: Asked<Q, A>, answer: Result<A, SqlError>) {
    // Who asked may have stopped waiting.
    let _ = asked.answer.send(answer);
}
