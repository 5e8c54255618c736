//! The points at which a read or a write can be overtaken. Tests stop there; otherwise nothing happens.

/// A point on the way of a read or a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Failpoint {
    /// A reader has noted the tokens of those whom the cache does not have.
    TokenNoted,
    /// A reader has the database's answer and has not filled the cache yet.
    Loaded,
    /// A writer has the person's row to itself.
    RowLocked,
    /// A writer has raised its fence, or noted that it could not.
    Fenced,
    /// A writer has committed and not lifted its fence yet.
    Committed,
}

#[cfg(not(test))]
pub(crate) use disabled::Failpoints;
#[cfg(test)]
pub(crate) use enabled::{Failpoints, Stop};

#[cfg(not(test))]
mod disabled {
    use super::Failpoint;

    #[derive(Clone, Debug, Default)]
    pub(crate) struct Failpoints(());

    impl Failpoints {
        pub(crate) async fn reached(&self, _point: Failpoint) {}
    }
}

#[cfg(test)]
mod enabled {
    use tokio::sync::{mpsc, oneshot};

    use super::Failpoint;

    /// Somebody who stands still at a point, until this is dropped or [`Stop::go`].
    #[derive(Debug)]
    pub(crate) struct Stop {
        pub(crate) point: Failpoint,
        _go: oneshot::Sender<()>,
    }

    impl Stop {
        pub(crate) fn go(self) {}
    }

    /// Reports each point and waits for leave to go on; without a watcher nobody waits.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Failpoints(Option<mpsc::UnboundedSender<Stop>>);

    impl Failpoints {
        pub(crate) fn watched() -> (Failpoints, mpsc::UnboundedReceiver<Stop>) {
            let (reports, stops) = mpsc::unbounded_channel();
            (Failpoints(Some(reports)), stops)
        }

        pub(crate) async fn reached(&self, point: Failpoint) {
            if let Some(reports) = &self.0 {
                let (go, leave) = oneshot::channel();
                if reports.send(Stop { point, _go: go }).is_ok() {
                    // The other end is dropped, never used.
                    let _ = leave.await;
                }
            }
        }
    }
}
