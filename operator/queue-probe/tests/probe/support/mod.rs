//! What the tests of this crate share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use queue_probe::{Credentials, Probe, Source, Target};
use scaling::{Observation, Sample, Unknown, UnknownKind};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// The queue `jobs` of the virtual host `/` at this address, asked by `guest`.
pub(crate) fn target(source: Source, url: &str) -> Target {
    Target {
        vhost: "/".to_owned(),
        queue: "jobs".to_owned(),
        source,
        endpoints: vec![url.parse().unwrap()],
        credentials: Some(Credentials::new("guest", "guest")),
        ca_pem: None,
    }
}

pub(crate) fn probe(target: &Target) -> Probe {
    Probe::new(target.clone()).unwrap()
}

pub(crate) fn sample(observation: Observation) -> Sample {
    match observation {
        Observation::Sample(sample) => sample,
        Observation::Unknown(unknown) => panic!("{unknown:?}"),
    }
}

pub(crate) fn unknown(observation: Observation) -> Unknown {
    match observation {
        Observation::Unknown(unknown) => unknown,
        Observation::Sample(sample) => panic!("{sample:?}"),
    }
}

pub(crate) async fn kind(probe: &mut Probe) -> UnknownKind {
    unknown(probe.observe(DEADLINE).await).kind
}

/// Looks again and again until it is as wanted: what RabbitMQ tells is some seconds old.
pub(crate) async fn until(probe: &mut Probe, wanted: impl Fn(&Observation) -> bool) -> Observation {
    let looking = async {
        loop {
            let observation = probe.observe(DEADLINE).await;
            if wanted(&observation) {
                return observation;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(30), looking).await.expect("it has not become so within 30 s")
}

/// Passes connections on and counts them.
pub(crate) struct Counter {
    pub(crate) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Counter {
    pub(crate) async fn before(server: SocketAddr) -> Counter {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&accepted);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    // A connection to a server that is down ends as soon as it has begun.
                    if let Ok(mut server) = TcpStream::connect(server).await {
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        Counter { address, accepted }
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}
