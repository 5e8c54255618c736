use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use metrics::Counted;
use parking_lot::Mutex;
use prometheus::IntGauge;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

/// Somebody has waited for so long: it is no burst, which passes by itself, but more than can be done.
const BURST: Duration = Duration::from_millis(100);

/// Who shares: clients by their address. Those of which it is not known share as one.
pub(crate) type Client = Option<IpAddr>;

/// A number of places, and those who wait for one. A place that becomes free goes to the client who has the fewest, so a
/// client who sends much waits behind itself and keeps nobody else waiting. Within one client it goes to whoever came
/// first, and to whoever came last when there is more than can be done: some have to be refused then, and the others are
/// answered as quickly as ever, rather than all just before their wait ends ("adaptive LIFO", Maurer, Fail at Scale,
/// ACM Queue 13(8), 2015).
#[derive(Clone, Debug)]
pub(crate) struct FairQueue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    places: u32,
    /// Longest wait for a place.
    max_wait: Duration,
    most_waiting: usize,
    gauge: IntGauge,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    taken: u32,
    waiting: usize,
    waiting_since: Option<Instant>,
    /// How many have waited so far, which numbers them.
    arrivals: u64,
    clients: HashMap<Client, Share>,
}

/// What one client has.
#[derive(Debug, Default)]
struct Share {
    taken: u32,
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    arrival: u64,
    weight: u32,
    granted: oneshot::Sender<Places>,
}

/// Places that somebody has until this is dropped.
#[derive(Debug)]
pub(crate) struct Places {
    queue: FairQueue,
    client: Client,
    weight: u32,
}

impl FairQueue {
    pub(crate) fn new(places: u32, max_wait: Duration, most_waiting: usize, gauge: IntGauge) -> FairQueue {
        FairQueue(Arc::new(Shared { places, max_wait, most_waiting, gauge, state: Mutex::default() }))
    }

    /// So many places for `client`, at once or after a short wait; `None` when there are none.
    pub(crate) async fn enter(&self, client: Client, weight: u32) -> Option<Places> {
        // Nobody takes more than a quarter, or a large request would wait until everything else is over.
        let weight = weight.clamp(1, (self.0.places / 4).max(1));
        let (arrival, granted) = {
            let mut state = self.0.state.lock();
            if state.waiting == 0 && state.taken + weight <= self.0.places {
                return Some(self.take(&mut state, client, weight));
            }
            state.line_up(client, weight, self.0.most_waiting)?
        };
        let _waiting = Counted::new(&self.0.gauge);
        let _place_in_line = PlaceInLine { queue: self, client, arrival };
        timeout(self.0.max_wait, granted).await.ok()?.ok()
    }

    /// So many places for `client`, if they are free and the client has not more than four fifths of what others have left
    /// it. A client that has none yet gets them in any case, and as many as there are for more than that.
    pub(crate) fn try_enter(&self, client: Client, weight: u32) -> Option<Places> {
        let weight = weight.min(self.0.places);
        let mut state = self.0.state.lock();
        let left = self.0.places.checked_sub(state.taken + weight)?;
        let own = state.clients.get(&client).map_or(0, |share| share.taken);
        let may = own == 0 || own + weight <= left.saturating_mul(4);
        may.then(|| self.take(&mut state, client, weight))
    }

    fn take(&self, state: &mut State, client: Client, weight: u32) -> Places {
        state.taken += weight;
        state.clients.entry(client).or_default().taken += weight;
        Places { queue: self.clone(), client, weight }
    }
}

impl State {
    /// A place in the line, unless it is full, or this client has most of it already.
    fn line_up(
        &mut self,
        client: Client,
        weight: u32,
        most_waiting: usize,
    ) -> Option<(u64, oneshot::Receiver<Places>)> {
        let share = self.clients.entry(client).or_default();
        if share.waiting.len() >= 4 * most_waiting.saturating_sub(self.waiting) {
            self.forget_idle(client);
            return None;
        }
        let (granted, place) = oneshot::channel();
        self.arrivals += 1;
        self.waiting += 1;
        self.waiting_since.get_or_insert_with(Instant::now);
        share.waiting.push_back(Waiting { arrival: self.arrivals, weight, granted });
        Some((self.arrivals, place))
    }

    /// Who is next, if there are places enough.
    fn next(&mut self, places: u32) -> Option<(Client, Waiting)> {
        let newest_first = self.waiting_since?.elapsed() >= BURST;
        let lines = self.clients.iter().filter_map(|(client, share)| {
            let (next, order) = if newest_first {
                let last = share.waiting.back()?;
                (last, u64::MAX - last.arrival)
            } else {
                let first = share.waiting.front()?;
                (first, first.arrival)
            };
            Some((share.taken, order, *client, next.weight))
        });
        let (_, _, client, weight) = lines.min()?;
        if self.taken + weight > places {
            return None;
        }
        let line = &mut self.clients.get_mut(&client)?.waiting;
        let next = if newest_first { line.pop_back() } else { line.pop_front() }?;
        self.leave_line();
        Some((client, next))
    }

    fn leave_line(&mut self) {
        self.waiting -= 1;
        if self.waiting == 0 {
            self.waiting_since = None;
        }
    }

    fn forget_idle(&mut self, client: Client) {
        if self.clients.get(&client).is_some_and(|share| share.taken == 0 && share.waiting.is_empty()) {
            self.clients.remove(&client);
        }
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        let mut granted = Vec::new();
        {
            let mut state = self.queue.0.state.lock();
            state.taken -= self.weight;
            if let Some(share) = state.clients.get_mut(&self.client) {
                share.taken -= self.weight;
            }
            state.forget_idle(self.client);
            while let Some((client, next)) = state.next(self.queue.0.places) {
                granted.push((self.queue.take(&mut state, client, next.weight), next.granted));
            }
        }
        for (places, next) in granted {
            // Who has stopped waiting does not take them, and then they are free again.
            let _ = next.send(places);
        }
    }
}

/// Leaves the line when the wait is over, however it ended.
struct PlaceInLine<'a> {
    queue: &'a FairQueue,
    client: Client,
    arrival: u64,
}

impl Drop for PlaceInLine<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.0.state.lock();
        let Some(share) = state.clients.get_mut(&self.client) else { return };
        // It is not there any more when its turn came.
        if let Ok(place) = share.waiting.binary_search_by_key(&self.arrival, |waiting| waiting.arrival) {
            share.waiting.remove(place);
            state.leave_line();
        }
        state.forget_idle(self.client);
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, future::join_all, join};
    use tokio::time::sleep;

    use super::*;

    const MAX_WAIT: Duration = Duration::from_millis(20);

    fn queue(places: u32, most_waiting: usize) -> FairQueue {
        FairQueue::new(places, MAX_WAIT, most_waiting, IntGauge::new("waiting", "of a test").unwrap())
    }

    fn client(number: u8) -> Client {
        Some([10, 0, 0, number].into())
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_does_not_become_free_is_waited_for_only_so_long() {
        let queue = queue(1, 10);
        let held = queue.enter(client(1), 1).await.unwrap();
        let started = Instant::now();
        assert!(queue.enter(client(1), 1).await.is_none());
        assert_eq!(started.elapsed(), MAX_WAIT);
        drop(held);
        assert!(queue.enter(client(1), 1).await.is_some());
        assert!(queue.0.state.lock().clients.is_empty(), "nothing is kept of those who have left");
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_is_next_in_a_burst_and_the_last_when_there_is_more_than_can_be_done() {
        for (lasting, expected) in [(BURST / 2, [0, 1, 2]), (BURST, [2, 1, 0])] {
            let queue = FairQueue::new(1, 2 * BURST, 100, IntGauge::new("waiting", "of a test").unwrap());
            let held = queue.enter(client(1), 1).await.unwrap();
            let served = Mutex::new(Vec::new());
            let waiting = (0..3).map(|number| {
                let (queue, served) = (&queue, &served);
                async move {
                    let place = queue.enter(client(1), 1).await;
                    served.lock().push(number);
                    drop(place);
                }
            });
            let release = async {
                sleep(lasting).await;
                drop(held);
            };
            join!(join_all(waiting), release);
            assert_eq!(served.into_inner(), expected, "after {lasting:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_fewest_is_next() {
        let queue = queue(4, 100);
        let greedy = join_all((0..4).map(|_| queue.enter(client(1), 1))).await;
        let mut more: Vec<_> = (0..50).map(|_| Box::pin(queue.enter(client(1), 1))).collect();
        for waiting in &mut more {
            assert!(waiting.now_or_never().is_none());
        }
        let mut other = Box::pin(queue.enter(client(2), 1));
        assert!((&mut other).now_or_never().is_none());
        drop(greedy.into_iter().next());
        assert!(other.await.is_some(), "it came last and is served first");
    }

    #[tokio::test(start_paused = true)]
    async fn one_client_does_not_fill_the_line() {
        let queue = queue(1, 10);
        let _held = queue.enter(client(1), 1).await;
        let mut line: Vec<_> = (0..20).map(|_| Box::pin(queue.enter(client(1), 1))).collect();
        let refused = line.iter_mut().filter_map(|waiting| waiting.now_or_never()).count();
        assert_eq!((refused, queue.0.state.lock().waiting), (12, 8));
        assert!(Box::pin(queue.enter(client(2), 1)).now_or_never().is_none(), "another one waits");
    }

    #[tokio::test(start_paused = true)]
    async fn large_requests_take_several_places() {
        let queue = queue(8, 10);
        let _small = queue.enter(client(1), 1).await.unwrap();
        let large: Vec<_> = join_all((0..8).map(|_| queue.enter(client(1), 100))).await;
        assert_eq!(large.iter().flatten().count(), 3, "each a quarter");
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_leaves_nothing_behind() {
        let queue = queue(1, 10);
        let held = queue.enter(client(1), 1).await;
        let mut given_up = Box::pin(queue.enter(client(2), 1));
        assert!((&mut given_up).now_or_never().is_none());
        drop(held);
        drop(given_up);
        let state = queue.0.state.lock();
        assert_eq!((state.taken, state.waiting), (0, 0));
        assert!(state.clients.is_empty());
    }

    #[test]
    fn without_waiting_one_client_leaves_some_to_others() {
        let queue = queue(100, 0);
        let held: Vec<_> = (0..100).map_while(|_| queue.try_enter(client(1), 1)).collect();
        assert_eq!(held.len(), 80);
        let others: Vec<_> = (0..100).map_while(|_| queue.try_enter(client(2), 1)).collect();
        assert!(others.len() >= 15, "{}", others.len());
        assert!(queue.try_enter(client(3), 101).is_none());
    }

    #[test]
    fn the_last_place_is_for_whoever_has_none() {
        let queue = queue(2, 0);
        let _first = queue.try_enter(client(1), 1).unwrap();
        assert!(queue.try_enter(client(1), 1).is_none());
        assert!(queue.try_enter(client(2), 1).is_some());
    }

    #[test]
    fn what_needs_all_places_gets_them_when_nobody_has_any() {
        let queue = queue(64, 0);
        for weight in [64, 256] {
            let held = queue.try_enter(client(1), weight);
            assert!(held.is_some(), "{weight}");
            assert!(queue.try_enter(client(2), 1).is_none());
        }
        assert!(queue.try_enter(client(2), 1).is_some());
    }
}
