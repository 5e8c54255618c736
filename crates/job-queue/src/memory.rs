//! The queue within a process.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    Depth, Message,
    consumer::{self, Taken, Verdict},
};

/// How many dead letters are kept; older ones are forgotten, since nothing else bounds them.
const DEAD_KEPT: usize = 10_000;

/// The messages of one queue. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryQueue(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    messages: Mutex<Messages>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Messages {
    ready: VecDeque<Waiting>,
    dead: VecDeque<Message>,
}

#[derive(Debug)]
struct Waiting {
    message: Message,
    redelivered: bool,
}

impl MemoryQueue {
    pub(crate) fn publish(&self, message: Message) {
        self.0.lock().ready.push_back(Waiting { message, redelivered: false });
        self.0.arrived.notify_one();
    }

    pub(crate) fn dead_letter(&self, message: Message) {
        let mut messages = self.0.lock();
        if messages.dead.len() == DEAD_KEPT {
            messages.dead.pop_front();
        }
        messages.dead.push_back(message);
    }

    /// The oldest dead letters, which stay.
    pub(crate) fn dead_letters(&self, limit: usize) -> Vec<Message> {
        self.0.lock().dead.iter().take(limit).cloned().collect()
    }

    pub(crate) fn depth(&self) -> Depth {
        let messages = self.0.lock();
        let count = |messages: usize| u64::try_from(messages).unwrap_or(u64::MAX);
        Depth { work: count(messages.ready.len()), dead: count(messages.dead.len()) }
    }

    pub(crate) fn consume(&self, prefetch: u16) -> Taker {
        Taker {
            queue: self.0.clone(),
            prefetch: u32::from(prefetch),
            places: Arc::new(Semaphore::new(usize::from(prefetch))),
            cancelled: CancellationToken::new(),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Messages> {
        // No code panics while it holds the lock, so the messages are whole.
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A consumer's side of the queue.
#[derive(Debug)]
pub(crate) struct Taker {
    queue: Arc<Shared>,
    prefetch: u32,
    /// One for each message that may be unsettled.
    places: Arc<Semaphore>,
    cancelled: CancellationToken,
}

impl Taker {
    pub(crate) async fn next(&mut self) -> Option<Taken> {
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => None,
            taken = self.take() => taken,
        }
    }

    async fn take(&self) -> Option<Taken> {
        let place = self.places.clone().acquire_owned().await.ok()?;
        loop {
            let arrived = self.queue.arrived.notified();
            let waiting = self.queue.lock().ready.pop_front();
            if let Some(Waiting { message, redelivered }) = waiting {
                let ticket = consumer::Ticket::Memory(Ticket { queue: self.queue.clone(), _place: place });
                return Some(Taken { message, redelivered, ticket });
            }
            arrived.await;
        }
    }

    pub(crate) fn cancel(&mut self) {
        self.cancelled.cancel();
    }

    pub(crate) async fn settled(self) {
        // It fails only when the semaphore is closed, which nobody does.
        let _ = self.places.acquire_many(self.prefetch).await;
    }
}

/// The right to one message that was handed out, and the duty to say what became of it.
#[derive(Debug)]
pub(crate) struct Ticket {
    queue: Arc<Shared>,
    _place: OwnedSemaphorePermit,
}

impl Ticket {
    pub(crate) fn settle(self, verdict: Verdict, message: Message) {
        if verdict == Verdict::Requeue {
            self.queue.lock().ready.push_front(Waiting { message, redelivered: true });
            self.queue.arrived.notify_one();
        }
    }
}
