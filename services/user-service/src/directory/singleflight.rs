use std::{collections::HashMap, mem, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::oneshot;
use tracing::Span;

use super::DirectoryError;
use crate::{cache::Token, key::Key, record::Record};

pub(super) type Answer = Result<Option<Record>, DirectoryError>;

const PEOPLE: usize = 256;

/// Shares queries among readers: of each person at most one runs at a time, and of all at most `limit`. Whoever comes
/// meanwhile waits, and the next query is for all of them at once. So a crowd of readers costs a few queries, and
/// leaves connections to writers and sweeps.
#[derive(Clone, Debug)]
pub(super) struct Singleflight {
    limit: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<Key, Question>,
    running: HashMap<Key, Question>,
    queries: usize,
}

/// A person, as asked for by several readers.
#[derive(Debug)]
struct Question {
    /// Those that the readers have noted; the record may be filled in with any of them.
    tokens: Vec<Token>,
    askers: Vec<oneshot::Sender<Answer>>,
    /// Of the first one who asked.
    span: Span,
}

/// A query to be made now. The people in it are not asked for again until it is answered or dropped.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) people: Vec<(Key, Vec<Token>)>,
    pub(super) span: Span,
    owner: Singleflight,
}

impl Singleflight {
    pub(super) fn new(limit: usize) -> Singleflight {
        Singleflight { limit: limit.max(1), state: Arc::default() }
    }

    /// Asks for a person, and says whether an earlier reader did so too. A reader does not join a query that runs
    /// already, for it may not see a change that was answered since; only when the reader has noted the same token as
    /// one of that query there was no such change.
    pub(super) fn ask(&self, key: Key, token: Option<Token>) -> (oneshot::Receiver<Answer>, bool) {
        let (asker, answer) = oneshot::channel();
        let mut state = self.state.lock();
        let State { waiting, running, .. } = &mut *state;
        if let Some(question) = running.get_mut(&key)
            && token.as_ref().is_some_and(|token| question.tokens.contains(token))
        {
            question.askers.push(asker);
            return (answer, true);
        }
        let question = waiting.entry(key).or_insert_with(|| Question {
            tokens: Vec::new(),
            askers: Vec::new(),
            span: Span::current(),
        });
        question.tokens.extend(token.filter(|token| !question.tokens.contains(token)));
        question.askers.push(asker);
        (answer, question.askers.len() > 1)
    }

    /// The next query, if somebody waits and it may begin.
    pub(super) fn next_query(&self) -> Option<Query> {
        let mut state = self.state.lock();
        if state.queries == self.limit {
            return None;
        }
        let State { waiting, running, .. } = &mut *state;
        let keys = waiting.keys().filter(|key| !running.contains_key(*key)).take(PEOPLE).cloned();
        let keys: Vec<Key> = keys.collect();
        let span = waiting.get(keys.first()?)?.span.clone();
        let mut people = Vec::new();
        for (key, question) in keys.into_iter().filter_map(|key| waiting.remove_entry(&key)) {
            people.push((key.clone(), question.tokens.clone()));
            running.insert(key, question);
        }
        state.queries += 1;
        Some(Query { people, span, owner: self.clone() })
    }
}

impl Query {
    pub(super) fn answer(mut self, found: &Result<HashMap<Key, Record>, DirectoryError>) {
        for (key, question) in self.end() {
            for asker in question.askers {
                // Nobody need wait any more.
                let _ =
                    asker.send(found.as_ref().map(|found| found.get(&key).cloned()).map_err(Clone::clone));
            }
        }
    }

    /// Ends it once: its people may be in the next query before this one is dropped.
    fn end(&mut self) -> Vec<(Key, Question)> {
        let people = mem::take(&mut self.people);
        let mut state = self.owner.state.lock();
        people.iter().filter_map(|(key, _)| state.running.remove_entry(key)).collect()
    }
}

impl Drop for Query {
    /// Whoever still waits for it learns that there will be no answer.
    fn drop(&mut self) {
        self.end();
        self.owner.state.lock().queries -= 1;
    }
}
