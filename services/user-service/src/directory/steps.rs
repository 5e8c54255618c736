//! The points at which a read or a write can be overtaken. Tests stop there; otherwise nothing happens.

/// A point on the way of a read or a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// A reader has noted the tokens of those whom the cache does not have.
    TokenNoted,
    /// A reader has the database's answer and has not filled the cache yet.
    Loaded,
    /// A writer has the person's row to itself.
    RowLocked,
    /// A writer has put up its fence, or noted that it could not.
    Fenced,
    /// A writer has committed and not lifted its fence yet.
    Committed,
}

#[cfg(not(test))]
pub(crate) use silent::Steps;
#[cfg(test)]
pub(crate) use watched::{Steps, Stop};

#[cfg(not(test))]
mod silent {
    use super::Step;

    /// Nobody watches.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Steps(());

    impl Steps {
        pub(crate) async fn reached(&self, _step: Step) {}
    }
}

#[cfg(test)]
mod watched {
    use tokio::sync::{mpsc, oneshot};

    use super::Step;

    /// Somebody who stands still at a step, until this is dropped or [`Stop::go`].
    #[derive(Debug)]
    pub(crate) struct Stop {
        pub(crate) step: Step,
        _go: oneshot::Sender<()>,
    }

    impl Stop {
        pub(crate) fn go(self) {}
    }

    /// Reports each step and waits for leave to go on; without a watcher nobody waits.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Steps(Option<mpsc::UnboundedSender<Stop>>);

    impl Steps {
        pub(crate) fn watched() -> (Steps, mpsc::UnboundedReceiver<Stop>) {
            let (reports, stops) = mpsc::unbounded_channel();
            (Steps(Some(reports)), stops)
        }

        pub(crate) async fn reached(&self, step: Step) {
            if let Some(reports) = &self.0 {
                let (go, leave) = oneshot::channel();
                if reports.send(Stop { step, _go: go }).is_ok() {
                    // The other end is dropped, never used.
                    let _ = leave.await;
                }
            }
        }
    }
}
