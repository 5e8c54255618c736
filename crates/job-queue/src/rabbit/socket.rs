use std::{
    io,
    net::{Shutdown, TcpStream},
    os::fd::AsFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The TCP connection beneath a client, so that it can be cut off. A client that waits for a broker which says nothing
/// would otherwise keep its thread and its buffers for ever. Clones mean the same connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Socket(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    #[default]
    NotYet,
    Open(TcpStream),
    Severed,
}

impl Socket {
    /// Remembers the connection; fails when it has been given up meanwhile.
    pub(super) fn opened(&self, stream: &impl AsFd) -> io::Result<()> {
        let mut state = self.lock();
        if matches!(*state, State::Severed) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        *state = State::Open(TcpStream::from(stream.as_fd().try_clone_to_owned()?));
        Ok(())
    }

    /// Cuts it off, now or as soon as it is there.
    pub(super) fn sever(&self) {
        if let State::Open(stream) = std::mem::replace(&mut *self.lock(), State::Severed) {
            // It fails only when the connection is gone already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
