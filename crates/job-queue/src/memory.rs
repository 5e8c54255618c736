//! The queue within a process.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    Depth, Message, Queue,
    consumer::{self, Received, Settlement},
};

/// The messages of one queue. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryQueue(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    messages: Mutex<Messages>,
    arrived: Notify,
    consumers: AtomicU64,
}

#[derive(Debug, Default)]
struct Messages {
    /// Those of a high priority, which come first, and the others.
    ready: [VecDeque<Waiting>; 2],
    dead: VecDeque<Message>,
}

impl Messages {
    fn ready_for(&mut self, message: &Message) -> &mut VecDeque<Waiting> {
        &mut self.ready[usize::from(!message.is_urgent())]
    }
}

#[derive(Debug)]
struct Waiting {
    message: Message,
    redelivered: bool,
}

impl MemoryQueue {
    pub(crate) fn publish(&self, message: Message) {
        self.0.messages.lock().ready_for(&message).push_back(Waiting { message, redelivered: false });
        self.0.arrived.notify_one();
    }

    pub(crate) fn dead_letter(&self, message: Message) {
        self.0.messages.lock().dead.push_back(message);
    }

    /// The oldest dead letters, which stay.
    pub(crate) fn dead_letters(&self, limit: usize) -> Vec<Message> {
        self.0.messages.lock().dead.iter().take(limit).cloned().collect()
    }

    pub(crate) fn discard_dead_letters(&self, keep: u32) -> Vec<Message> {
        let mut messages = self.0.messages.lock();
        let surplus = messages.dead.len().saturating_sub(keep as usize).min(Queue::MOST_DISCARDED);
        messages.dead.drain(..surplus).collect()
    }

    pub(crate) fn depth(&self) -> Depth {
        let messages = self.0.messages.lock();
        let count = |messages: usize| u64::try_from(messages).unwrap_or(u64::MAX);
        let ready = messages.ready.iter().map(VecDeque::len).sum();
        let consumers = self.0.consumers.load(Ordering::Relaxed);
        Depth { work: count(ready), dead: count(messages.dead.len()), parked: 0, consumers }
    }

    pub(crate) fn consume(&self, prefetch: u16) -> MemoryConsumer {
        self.0.consumers.fetch_add(1, Ordering::Relaxed);
        MemoryConsumer {
            queue: self.0.clone(),
            prefetch: u32::from(prefetch),
            permits: Arc::new(Semaphore::new(usize::from(prefetch))),
            cancelled: CancellationToken::new(),
        }
    }
}

/// A consumer's side of the queue.
#[derive(Debug)]
pub(crate) struct MemoryConsumer {
    queue: Arc<Shared>,
    prefetch: u32,
    /// One for each message that may be unsettled.
    permits: Arc<Semaphore>,
    cancelled: CancellationToken,
}

impl MemoryConsumer {
    pub(crate) async fn next(&mut self) -> Option<Received> {
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => None,
            received = self.take() => received,
        }
    }

    async fn take(&self) -> Option<Received> {
        let permit = self.permits.clone().acquire_owned().await.ok()?;
        loop {
            let arrived = self.queue.arrived.notified();
            let waiting = self.queue.messages.lock().ready.iter_mut().find_map(VecDeque::pop_front);
            if let Some(Waiting { message, redelivered }) = waiting {
                let acker = consumer::Acker::Memory(Acker { queue: self.queue.clone(), _permit: permit });
                return Some(Received { message, redelivered, acker });
            }
            arrived.await;
        }
    }

    pub(crate) fn cancel(&mut self) {
        self.cancelled.cancel();
    }

    pub(crate) async fn settled(self) {
        // It fails only when the semaphore is closed, which nobody does.
        let _ = self.permits.acquire_many(self.prefetch).await;
    }
}

impl Drop for MemoryConsumer {
    fn drop(&mut self) {
        self.queue.consumers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The right to one message that was handed out, and the duty to say what became of it.
#[derive(Debug)]
pub(crate) struct Acker {
    queue: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
}

impl Acker {
    pub(crate) fn settle(self, settlement: Settlement, message: Message) {
        if settlement == Settlement::Requeue {
            self.queue.messages.lock().ready_for(&message).push_front(Waiting { message, redelivered: true });
            self.queue.arrived.notify_one();
        }
    }
}
