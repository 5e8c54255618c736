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
/// So many times longer than usual is waited during a burst.
const BURST_PATIENCE: u32 = 10;

/// Who shares: clients by their address. Those of which it is not known share as one.
pub(crate) type Client = Option<IpAddr>;

/// A number of places, and those who wait for one. A place that becomes free goes to the client who has the fewest, and
/// within one client to whoever came first: a client who sends much waits behind itself and keeps nobody else waiting.
#[derive(Clone, Debug)]
pub(crate) struct FairQueue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    places: u32,
    /// Longest wait for a place, once there is more than a [`BURST`].
    patience: Duration,
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
    pub(crate) fn new(places: u32, patience: Duration, most_waiting: usize, gauge: IntGauge) -> FairQueue {
        FairQueue(Arc::new(Shared { places, patience, most_waiting, gauge, state: Mutex::default() }))
    }

    /// So many places for `client`, at once or after a short wait; `None` when there are none.
    pub(crate) async fn enter(&self, client: Client, weight: u32) -> Option<Places> {
        // Nobody takes more than a quarter, or a large request would wait until everything else is over.
        let weight = weight.clamp(1, (self.0.places / 4).max(1));
        let (arrival, granted, patience) = {
            let mut state = self.0.state.lock();
            if state.waiting == 0 && state.taken + weight <= self.0.places {
                return Some(self.take(&mut state, client, weight));
            }
            let (arrival, granted) = state.line_up(client, weight, self.0.most_waiting)?;
            let since = *state.waiting_since.get_or_insert_with(Instant::now);
            let is_burst = since.elapsed() < BURST;
            (arrival, granted, if is_burst { self.0.patience * BURST_PATIENCE } else { self.0.patience })
        };
        let _waiting = Counted::new(&self.0.gauge);
        let _place_in_line = PlaceInLine { queue: self, client, arrival };
        timeout(patience, granted).await.ok()?.ok()
    }

    /// So many places for `client`, if they are free and the client has not more than four fifths of what others have left
    /// it. Where nobody has any it gets them in any case, and as many as there are for more than that.
    pub(crate) fn try_enter(&self, client: Client, weight: u32) -> Option<Places> {
        let weight = weight.min(self.0.places);
        let mut state = self.0.state.lock();
        let left = self.0.places.checked_sub(state.taken + weight)?;
        let own = state.clients.get(&client).map_or(0, |share| share.taken);
        let may = state.taken == 0 || own + weight <= left.saturating_mul(4);
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
        share.waiting.push_back(Waiting { arrival: self.arrivals, weight, granted });
        Some((self.arrivals, place))
    }

    /// Who is next, if there are places enough.
    fn next(&mut self, places: u32) -> Option<(Client, Waiting)> {
        let lines = self.clients.iter().filter_map(|(client, share)| {
            let first = share.waiting.front()?;
            Some((share.taken, first.arrival, *client, first.weight))
        });
        let (_, _, client, weight) = lines.min()?;
        if self.taken + weight > places {
            return None;
        }
        self.leave_line(1);
        Some((client, self.clients.get_mut(&client)?.waiting.pop_front()?))
    }

    fn leave_line(&mut self, leaving: usize) {
        self.waiting -= leaving;
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
        let before = share.waiting.len();
        share.waiting.retain(|waiting| waiting.arrival != self.arrival);
        let left = before - share.waiting.len();
        state.leave_line(left);
        state.forget_idle(self.client);
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, future::join_all, join};
    use tokio::time::sleep;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(20);

    fn queue(places: u32, most_waiting: usize) -> FairQueue {
        FairQueue::new(places, PATIENCE, most_waiting, IntGauge::new("waiting", "of a test").unwrap())
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
        assert_eq!(started.elapsed(), PATIENCE * BURST_PATIENCE, "a burst may pass");
        let first = queue.enter(client(1), 1);
        let later = async {
            sleep(BURST).await;
            let started = Instant::now();
            assert!(queue.enter(client(1), 1).await.is_none());
            started.elapsed()
        };
        assert_eq!(join!(first, later).1, PATIENCE, "it does not");
        drop(held);
        assert!(queue.enter(client(1), 1).await.is_some());
        assert!(queue.0.state.lock().clients.is_empty(), "nothing is kept of those who have left");
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
