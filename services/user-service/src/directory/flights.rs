use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::{FutureExt, future::Shared};
use tokio::sync::oneshot;

use super::DirectoryError;
use crate::{cache::Token, key::Key, record::Record};

/// What a query for several people found.
pub(super) type Landed = Result<Arc<HashMap<Key, Record>>, DirectoryError>;

/// A query under way, for all who wait for it.
pub(super) type Flight = Shared<oneshot::Receiver<Landed>>;

type Seat = (Key, Token);

/// The queries under way, by person and the token that was noted before the query began. Readers who noted the same
/// token may share one: had somebody finished writing in between, they would have found another.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights {
    under_way: Arc<Mutex<HashMap<Seat, Flight>>>,
}

/// A query that is about to begin. Others can join it until this is dropped, which has to be when it is over.
#[derive(Debug)]
pub(super) struct Departure {
    pub(super) seats: Vec<Seat>,
    landed: Option<oneshot::Sender<Landed>>,
    flights: Flights,
}

impl Flights {
    /// The flights that these readers can join, and a new one for the rest, if there is any.
    pub(super) fn board(&self, wanted: Vec<Seat>) -> (Vec<Flight>, Option<(Flight, Departure)>) {
        let (landed, flight) = oneshot::channel();
        let flight = flight.shared();
        let (mut joined, mut seats) = (Vec::new(), Vec::new());
        let mut under_way = self.lock();
        for seat in wanted {
            match under_way.entry(seat) {
                Entry::Occupied(taken) => joined.push(taken.get().clone()),
                Entry::Vacant(free) => {
                    seats.push(free.key().clone());
                    free.insert(flight.clone());
                }
            }
        }
        drop(under_way);
        let own = (!seats.is_empty())
            .then(|| (flight, Departure { seats, landed: Some(landed), flights: self.clone() }));
        (joined, own)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Seat, Flight>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Departure {
    /// Tells all who wait what was found.
    pub(super) fn land(mut self, found: Landed) {
        self.close();
        if let Some(landed) = self.landed.take() {
            // Nobody need wait any more.
            let _ = landed.send(found);
        }
    }

    fn close(&self) {
        let mut under_way = self.flights.lock();
        self.seats.iter().for_each(|seat| drop(under_way.remove(seat)));
    }
}

impl Drop for Departure {
    fn drop(&mut self) {
        self.close();
    }
}
