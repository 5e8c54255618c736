//! Holds code under test at a failpoint, and lets it go on.

use tokio::sync::mpsc::UnboundedReceiver;

use crate::directory::failpoints::{Failpoint, Stop};

/// What `event` gives, which comes before `waiting` is over.
pub(super) async fn before<T>(
    waiting: &mut (impl Future<Output = ()> + Unpin),
    event: impl Future<Output = T>,
) -> T {
    tokio::select! {
        () = waiting => panic!("it was not let go"),
        event = event => event,
    }
}

/// Somebody reaches this point next.
pub(super) async fn stop_at(stops: &mut UnboundedReceiver<Stop>, point: Failpoint) -> Stop {
    let stop = stops.recv().await.unwrap();
    assert_eq!(stop.point, point);
    stop
}

/// Lets whoever comes go on, until this point, where they stand.
pub(super) async fn run_to(stops: &mut UnboundedReceiver<Stop>, point: Failpoint) -> Stop {
    loop {
        let stop = stops.recv().await.unwrap();
        if stop.point == point {
            return stop;
        }
        stop.go();
    }
}

/// Stops nobody any more.
pub(super) fn run_freely(stops: &mut UnboundedReceiver<Stop>) {
    stops.close();
    while let Ok(stop) = stops.try_recv() {
        stop.go();
    }
}
