//! The task that publishes. It has the channel to itself, so many messages are under way at a time and their
//! confirmations arrive in any order.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use lapin::{BasicProperties, Channel, Confirmation, options::BasicPublishOptions, types::ShortString};
use metrics::Counted;
use prometheus::IntGauge;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    RabbitOptions,
    channel_state::{ChannelState, Reconnect},
    link::{Link, LinkError, LinkEvent},
    topology,
};
use crate::PublishError;

/// How many messages may wait for their confirmations.
const UNDER_WAY: usize = 4096;
/// How many messages are taken over at a time.
const BATCH: usize = 256;
/// After so long without a confirmation while some are due, the connection is given up.
const STALLED: Duration = Duration::from_secs(5);
/// After so long in which the broker has refused all messages, the connection is given up. A node that was asked for a queue
/// while that had no leader goes on refusing on that connection, and takes messages on the next one.
const REFUSED: Duration = Duration::from_secs(1);
/// How often a message is sent when the broker has no queue for it.
const TRIES: u8 = 2;

/// A message on its way to the broker.
pub(super) struct Publication {
    pub(super) queue: ShortString,
    pub(super) properties: BasicProperties,
    pub(super) body: Bytes,
    pub(super) answer: oneshot::Sender<Result<(), PublishError>>,
}

struct Sent {
    publication: Publication,
    /// Counts what was sent on this connection.
    number: u64,
    tries: u8,
}

type Confirmed = (Sent, lapin::Result<Confirmation>);

pub(super) struct Publisher {
    pub(super) options: Arc<RabbitOptions>,
    pub(super) publications: mpsc::Receiver<Publication>,
    pub(super) state: ChannelState,
    pub(super) up: IntGauge,
    pub(super) stopping: CancellationToken,
}

impl Publisher {
    /// Connects, and connects again, until the queue is closed or forgotten.
    pub(super) async fn run(mut self) {
        let mut attempts = Reconnect::new("publisher", &self.options.queue);
        let stopping = self.stopping.clone();
        loop {
            let open = async {
                let mut link = Link::open(&self.options, "publisher").await?;
                link.confirm().await?;
                Ok(link)
            };
            let opened = tokio::select! {
                opened = open => opened,
                () = refuse(&mut self.publications, &self.state) => return,
                () = stopping.cancelled() => break,
            };
            let error = match opened {
                Ok(link) => {
                    attempts.succeeded();
                    match self.serve(link).await {
                        Ok(()) => break,
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            self.state.set(Err(error.summary()));
            let pause = attempts.failed(&error);
            tokio::select! {
                () = sleep(pause) => (),
                () = refuse(&mut self.publications, &self.state) => return,
                () = stopping.cancelled() => break,
            }
        }
        self.state.set(Err("closed".to_owned()));
    }

    /// Uses one connection until it breaks; what is under way is then forgotten, and those who wait for it learn that.
    async fn serve(&mut self, mut link: Link) -> Result<(), LinkError> {
        self.state.set(Ok(link.channel.clone()));
        let up = Counted::new(&self.up);
        let ended = self.publish_on(&mut link).await;
        drop(up);
        ended?;
        link.close().await;
        Ok(())
    }

    /// Publishes on one connection until it breaks, or until nobody wants to publish any more.
    async fn publish_on(&mut self, link: &mut Link) -> Result<(), LinkError> {
        let channel = link.channel.clone();
        let stopping = self.stopping.clone();
        let mut under_way = FuturesUnordered::new();
        let mut batch = Vec::with_capacity(BATCH);
        let mut returned = Vec::new();
        let (mut count, mut suspect) = (0, 0);
        let (mut confirmed_at, mut refused_since) = (Instant::now(), None);
        let mut open = true;
        while open || !under_way.is_empty() {
            // Nothing new is sent while it is not clear what came back.
            let take = open && returned.is_empty() && under_way.len() < UNDER_WAY;
            tokio::select! {
                taken = self.publications.recv_many(&mut batch, BATCH), if take => {
                    open = taken > 0;
                    if under_way.is_empty() {
                        confirmed_at = Instant::now();
                    }
                    // Nobody may be waiting any more, when the broker was slow.
                    for publication in batch.drain(..).filter(|publication| !publication.answer.is_closed()) {
                        count += 1;
                        under_way.push(send(channel.clone(), Sent { publication, number: count, tries: 1 }));
                    }
                }
                Some(first) = under_way.next() => {
                    confirmed_at = Instant::now();
                    let mut confirmed = vec![first];
                    while let Some(Some(next)) = under_way.next().now_or_never() {
                        confirmed.push(next);
                    }
                    refused_since = refused_from(&confirmed, refused_since, confirmed_at);
                    returned.extend(settle_confirms(confirmed, count, &mut suspect)?);
                    if refused_since.is_some_and(|since| confirmed_at.duration_since(since) >= REFUSED) {
                        return Err(LinkError::Refused(REFUSED));
                    }
                    if under_way.is_empty() && !returned.is_empty() {
                        topology::declare(&channel, &self.options).await?;
                        for sent in returned.drain(..) {
                            count += 1;
                            let again = Sent { number: count, tries: sent.tries + 1, ..sent };
                            under_way.push(send(channel.clone(), again));
                        }
                    }
                }
                event = link.event() => self.handle_event(event, &channel)?,
                () = sleep_until(confirmed_at + STALLED), if !under_way.is_empty() && self.state.is_up() => {
                    return Err(LinkError::Stalled(STALLED));
                }
                () = stopping.cancelled(), if open => {
                    open = false;
                    self.publications.close();
                }
            }
        }
        Ok(())
    }

    fn handle_event(&self, event: LinkEvent, channel: &Channel) -> Result<(), LinkError> {
        match event {
            LinkEvent::Broken(error) => return Err(error),
            LinkEvent::Blocked(reason) => {
                tracing::warn!(queue = self.options.queue, reason, "the broker takes no messages for now");
                self.state.set(Err(format!("the broker takes no messages for now: {reason}")));
            }
            LinkEvent::Unblocked => {
                tracing::info!(queue = self.options.queue, "the broker takes messages again");
                self.state.set(Ok(channel.clone()));
            }
        }
        Ok(())
    }
}

async fn send(channel: Channel, sent: Sent) -> Confirmed {
    let Publication { queue, properties, body, .. } = &sent.publication;
    let mandatory = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let publish = channel.basic_publish("".into(), queue.clone(), mandatory, body, properties.clone());
    let confirmation = async { publish.await?.await }.await;
    (sent, confirmation)
}

/// Answers those whose messages were confirmed or refused, and returns the messages that may have found no queue.
///
/// The client hands a returned message to whichever confirmation comes next, and not to its own. All it tells is that
/// something that was under way came back: so everything sent until then, up to the number `suspect`, is sent once
/// more. What had arrived all the same is there twice then, which those who take it have to bear with anyway.
fn settle_confirms(confirmed: Vec<Confirmed>, count: u64, suspect: &mut u64) -> Result<Vec<Sent>, LinkError> {
    if confirmed.iter().any(|(_, confirmation)| brings_back(confirmation)) {
        *suspect = count;
    }
    let mut returned = Vec::new();
    let mut broken = None;
    for (sent, confirmation) in confirmed {
        let outcome = match confirmation {
            Ok(_) if sent.number <= *suspect && sent.tries < TRIES => {
                returned.push(sent);
                continue;
            }
            Ok(_) if sent.number <= *suspect => {
                Err(PublishError::Unroutable(sent.publication.queue.to_string()))
            }
            Ok(Confirmation::Ack(_)) => Ok(()),
            Ok(Confirmation::Nack(_)) => Err(PublishError::Refused),
            Ok(Confirmation::NotRequested) => Err(PublishError::Broken),
            Err(error) => {
                broken = Some(error);
                Err(PublishError::Broken)
            }
        };
        // Who asked may have stopped waiting.
        let _ = sent.publication.answer.send(outcome);
    }
    match broken {
        Some(error) => Err(error.into()),
        None => Ok(returned),
    }
}

/// Since when every message was refused, if the last one was; until these confirmations it was since `before`.
fn refused_from(confirmed: &[Confirmed], before: Option<Instant>, now: Instant) -> Option<Instant> {
    let is_refused = |(_, confirmation): &Confirmed| matches!(confirmation, Ok(Confirmation::Nack(_)));
    match confirmed.iter().all(is_refused) {
        true => before.or(Some(now)),
        false => None,
    }
}

fn brings_back(confirmation: &lapin::Result<Confirmation>) -> bool {
    matches!(confirmation, Ok(Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_))))
}

/// Answers that the broker is down, until nobody is left to ask.
async fn refuse(publications: &mut mpsc::Receiver<Publication>, state: &ChannelState) {
    while let Some(publication) = publications.recv().await {
        let reason = state.check().err().unwrap_or_default();
        // Who asked may have stopped waiting.
        let _ = publication.answer.send(Err(PublishError::Down(reason)));
    }
}
