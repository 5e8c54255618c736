use std::sync::Arc;

use job_queue::{Delivery, Queue};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::Pause;

/// From where messages are taken, how many at a time, and what keeps them from being taken.
#[derive(Clone, Copy)]
pub(super) struct Intake<'a> {
    pub(super) queue: &'a Queue,
    /// Most messages that are fetched and not settled.
    pub(super) prefetch: u16,
    /// Most messages that are processed at a time.
    pub(super) concurrency: u16,
    pub(super) pause: &'a Pause,
    pub(super) stopping: &'a CancellationToken,
}

/// Begins work for each message, but in a pause, until it is time to stop; returns when all work has ended. In a pause and at the
/// end what has begun is finished, and what was only fetched ahead goes back into the queue.
pub(super) async fn take<F>(intake: Intake<'_>, begin: impl Fn(Delivery) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let Intake { queue, prefetch, concurrency, pause, stopping } = intake;
    let permits = Arc::new(Semaphore::new(usize::from(concurrency)));
    let running = TaskTracker::new();
    while let Some(taking) = stopping.run_until_cancelled(pause.over()).await {
        let mut messages = queue.consume(prefetch);
        let take = async {
            while let Ok(permit) = permits.clone().acquire_owned().await {
                let Some(delivery) = messages.next().await else { break };
                let work = begin(delivery);
                running.spawn(async move {
                    work.await;
                    drop(permit);
                });
            }
        };
        let goes_on = tokio::select! {
            biased;
            () = stopping.cancelled() => false,
            () = taking.interrupted() => true,
            () = take => false,
        };
        messages.cancel();
        // Only now: until then a message might have come.
        drop(taking);
        // It waits for work that may take longer than the pause.
        running.spawn(messages.close());
        if !goes_on {
            break;
        }
    }
    running.close();
    running.wait().await;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use job_queue::{Message, QueueMetrics};
    use metrics::prometheus::Registry;
    use tokio::{
        sync::mpsc,
        task::JoinHandle,
        time::{Duration, Instant, timeout},
    };

    use super::*;
    use crate::consumer::pause::PAUSE;

    /// Less than what the pause takes, and more than anything else.
    const MOMENT: Duration = Duration::from_millis(1);

    struct Running {
        queue: Queue,
        pause: Pause,
        stopping: CancellationToken,
        /// The ids of messages whose work has begun.
        begun: mpsc::UnboundedReceiver<String>,
        /// Work ends when it gets one of these.
        may_end: Arc<Semaphore>,
        task: JoinHandle<()>,
    }

    fn start(concurrency: u16) -> Running {
        let queue = Queue::memory(QueueMetrics::register(&Registry::new()).unwrap());
        let (pause, stopping) = (Pause::default(), CancellationToken::new());
        let (tell, begun) = mpsc::unbounded_channel();
        let may_end = Arc::new(Semaphore::new(0));
        let (of_task, permits) = ((queue.clone(), pause.clone(), stopping.clone()), may_end.clone());
        let task = tokio::spawn(async move {
            let (queue, pause, stopping) = &of_task;
            let intake = Intake { queue, prefetch: concurrency, concurrency, pause, stopping };
            let begin = |delivery: Delivery| {
                tell.send(delivery.message().id.clone()).unwrap();
                let permits = permits.clone();
                async move {
                    permits.acquire().await.unwrap().forget();
                    delivery.ack();
                }
            };
            take(intake, begin).await;
        });
        Running { queue, pause, stopping, begun, may_end, task }
    }

    impl Running {
        async fn publish(&self, id: &str) {
            let message = Message {
                id: id.to_owned(),
                correlation_id: "case-1".to_owned(),
                headers: BTreeMap::new(),
                priority: 0,
                body: Bytes::new(),
            };
            self.queue.publish(&message).await.unwrap();
        }

        async fn work(&self) -> u64 {
            self.queue.depth().await.unwrap().work
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_taken_in_a_pause_and_all_of_it_after() {
        let mut running = start(2);
        running.may_end.add_permits(3);
        running.publish("before").await;
        assert_eq!(running.begun.recv().await.unwrap(), "before");

        running.pause.begin().await;
        running.publish("first").await;
        running.publish("second").await;
        assert!(timeout(PAUSE - MOMENT, running.begun.recv()).await.is_err(), "it was taken in the pause");
        assert_eq!(running.work().await, 2);

        for id in ["first", "second"] {
            assert_eq!(timeout(2 * MOMENT, running.begun.recv()).await.unwrap().unwrap(), id);
        }
        running.stopping.cancel();
        (&mut running.task).await.unwrap();
        assert_eq!(running.work().await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_before_the_first_message_counts_too() {
        let mut running = start(1);
        running.pause.begin().await;
        running.publish("first").await;
        assert!(timeout(PAUSE - MOMENT, running.begun.recv()).await.is_err());
        assert_eq!(timeout(2 * MOMENT, running.begun.recv()).await.unwrap().unwrap(), "first");
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_begun_is_finished_in_a_pause() {
        let mut running = start(2);
        running.publish("long").await;
        running.begun.recv().await.unwrap();
        running.pause.begin().await;
        assert_eq!(running.queue.depth().await.unwrap().consumers, 1, "it waits for what it handed out");
        running.may_end.add_permits(1);
        let gone = async {
            while running.queue.depth().await.unwrap().consumers > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(MOMENT, gone).await.unwrap();
        assert_eq!(running.work().await, 0, "its acknowledgement counts");
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_is_longer_than_a_pause_keeps_its_place() {
        let mut running = start(1);
        running.publish("long").await;
        running.begun.recv().await.unwrap();
        running.pause.begin().await;
        running.publish("next").await;
        assert!(timeout(2 * PAUSE, running.begun.recv()).await.is_err(), "more than one at a time");
        running.may_end.add_permits(1);
        assert_eq!(timeout(MOMENT, running.begun.recv()).await.unwrap().unwrap(), "next");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_in_a_pause_waits_for_work_that_has_begun() {
        let mut running = start(2);
        running.publish("long").await;
        running.begun.recv().await.unwrap();
        running.pause.begin().await;
        let start = Instant::now();
        running.stopping.cancel();
        assert!(timeout(PAUSE, &mut running.task).await.is_err(), "its work goes on");
        running.may_end.add_permits(1);
        running.task.await.unwrap();
        assert_eq!(start.elapsed(), PAUSE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_does_not_wait_for_the_end_of_a_pause() {
        let running = start(2);
        running.pause.begin().await;
        let start = Instant::now();
        running.stopping.cancel();
        running.task.await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
