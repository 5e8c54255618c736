use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The TCP connection beneath a client, which is cut off when this is dropped. A client that waits for a broker which
/// says nothing would otherwise keep its thread and its buffers.
#[derive(Default)]
pub(super) struct CutOnDrop(Arc<Mutex<Socket>>);

#[derive(Default)]
enum Socket {
    #[default]
    NotYet,
    Open(TcpStream),
    Cut,
}

impl CutOnDrop {
    /// For the one who opens the connection: to be called with it, and failing when it is not wanted any more.
    pub(super) fn watch(&self) -> impl Fn(&dyn AsFd) -> io::Result<()> + Send + Sync + use<> {
        let socket = Arc::clone(&self.0);
        move |stream| {
            let mut socket = lock(&socket);
            if matches!(*socket, Socket::Cut) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            *socket = Socket::Open(TcpStream::from(stream.as_fd().try_clone_to_owned()?));
            Ok(())
        }
    }
}

impl Drop for CutOnDrop {
    fn drop(&mut self) {
        if let Socket::Open(stream) = std::mem::replace(&mut *lock(&self.0), Socket::Cut) {
            // It fails only when the connection is gone already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn lock(socket: &Mutex<Socket>) -> MutexGuard<'_, Socket> {
    socket.lock().unwrap_or_else(PoisonError::into_inner)
}
