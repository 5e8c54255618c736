use std::time::Duration;

use futures::{
    FutureExt, StreamExt,
    future::{BoxFuture, select_ok},
};
use parking_lot::Mutex;
use redis::{
    Client, ErrorKind, RedisError,
    aio::{MultiplexedConnection, PubSub},
};
use service_kit::ServiceContext;
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tracing::debug;

use crate::{live::Live, polls::PublicId, redis_servers::RedisServers};

/// Where hints are published; the message is a poll's id.
const CHANNEL: &str = "w2meet_polls";
/// Hints that wait to be published. Further ones are lost, which the next heartbeat makes up for.
const WAITING: usize = 1_024;
/// Longest time to connect, and to publish.
const DEADLINE: Duration = Duration::from_secs(2);
/// The pause after a failure.
const AGAIN: Duration = Duration::from_secs(1);

/// Hints by a Redis.
pub(crate) struct RedisHints {
    servers: RedisServers,
    sender: mpsc::Sender<PublicId>,
    /// Until it is listened to.
    receiver: Mutex<Option<mpsc::Receiver<PublicId>>>,
}

impl RedisHints {
    pub(super) fn new(servers: RedisServers) -> RedisHints {
        let (sender, receiver) = mpsc::channel(WAITING);
        RedisHints { servers, sender, receiver: Mutex::new(Some(receiver)) }
    }

    pub(super) fn send(&self, poll: &PublicId) {
        // Where there is no room the next heartbeat makes up for it.
        let _ = self.sender.try_send(poll.clone());
    }

    /// Publishes and takes hints until the service says stop.
    pub(super) fn listen(&self, service: &ServiceContext, live: Live) {
        let Some(receiver) = self.receiver.lock().take() else { return };
        let servers = self.servers.clone();
        let work = async move { tokio::join!(publish(servers.clone(), receiver), subscribe(servers, live)) };
        service.spawn(service.stopping.clone().run_until_cancelled_owned(work));
    }
}

/// What is done with the first of the servers with which it succeeds.
async fn any_of<T>(
    servers: &RedisServers,
    work: impl Fn(Client) -> BoxFuture<'static, Result<T, RedisError>>,
) -> Result<T, RedisError> {
    let attempts: Vec<_> = servers.publishers().await?.into_iter().map(work).collect();
    if attempts.is_empty() {
        return Err((ErrorKind::InvalidClientConfig, "there is no server").into());
    }
    Ok(select_ok(attempts).await?.0)
}

async fn open(server: Client) -> Result<MultiplexedConnection, RedisError> {
    server.get_multiplexed_async_connection().await
}

async fn listen(server: Client) -> Result<PubSub, RedisError> {
    server.get_async_pubsub().await
}

async fn publish(servers: RedisServers, mut hints: mpsc::Receiver<PublicId>) {
    let mut line: Option<MultiplexedConnection> = None;
    while let Some(poll) = hints.recv().await {
        let published = timeout(DEADLINE, async {
            let mut open = match line.take() {
                Some(open) => open,
                None => any_of(&servers, |server| open(server).boxed()).await?,
            };
            let mut publish = redis::cmd("PUBLISH");
            let () = publish.arg(CHANNEL).arg(poll.as_str()).query_async(&mut open).await?;
            Ok::<_, RedisError>(open)
        });
        match published.await {
            Ok(Ok(open)) => line = Some(open),
            Ok(Err(error)) => {
                debug!(%error, "a hint cannot be published");
                sleep(AGAIN).await;
            }
            Err(_elapsed) => debug!("a hint was not published in time"),
        }
    }
}

async fn subscribe(servers: RedisServers, live: Live) {
    loop {
        if let Err(error) = take(&servers, &live).await {
            debug!(%error, "hints cannot be subscribed to");
        }
        sleep(AGAIN).await;
    }
}

/// Wakes whoever listens, until the connection ends.
async fn take(servers: &RedisServers, live: &Live) -> Result<(), RedisError> {
    let Ok(connected) = timeout(DEADLINE, any_of(servers, |server| listen(server).boxed())).await else {
        return Ok(());
    };
    let mut pubsub = connected?;
    pubsub.subscribe(CHANNEL).await?;
    let mut messages = pubsub.into_on_message();
    while let Some(message) = messages.next().await {
        if let Some(poll) = PublicId::parse(&message.get_payload::<String>()?) {
            live.wake(&poll);
        }
    }
    Ok(())
}
