//! Servers that hang, and none at all.

use std::time::{Duration, Instant};

use crate::support::{DEADLINE, probe, target, unknown};
use queue_probe::Source;
use scaling::UnknownKind;
use testkit::TcpProxy;
use tokio::net::TcpListener;

const SOURCES: [(Source, &str); 3] =
    [(Source::Amqp, "amqp"), (Source::Management, "http"), (Source::Prometheus, "http")];

#[tokio::test]
async fn a_server_that_takes_connections_and_says_nothing_is_given_up_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    for (source, scheme) in SOURCES {
        let mut probe = probe(&target(source, &format!("{scheme}://{address}")));
        let begin = Instant::now();
        let found = unknown(probe.observe(Duration::from_millis(200)).await);
        assert!(begin.elapsed() < Duration::from_secs(2), "{source:?} took {:?}", begin.elapsed());
        assert_eq!(found.kind, UnknownKind::Unreachable);
        assert!(found.message.contains("no answer within 200ms"), "{}", found.message);
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_the_address_is_told() {
    for (source, scheme) in SOURCES {
        let found =
            unknown(probe(&target(source, &format!("{scheme}://127.0.0.1:1"))).observe(DEADLINE).await);
        assert_eq!(found.kind, UnknownKind::Unreachable);
        assert!(found.message.contains("127.0.0.1:1"), "{}", found.message);
    }
}

#[tokio::test]
async fn a_broker_that_refuses_is_not_asked_at_each_look() {
    let nobody = TcpProxy::start("127.0.0.1:1".parse().unwrap()).await.unwrap();
    let mut probe = probe(&target(Source::Amqp, &format!("amqp://{}", nobody.address())));
    let mut last = String::new();
    for _ in 0..200 {
        last = unknown(probe.observe(Duration::from_secs(1)).await).message;
    }
    assert!(nobody.accepted() <= 2, "{} connections for 200 looks", nobody.accepted());
    assert!(last.contains("the next attempt follows in"), "{last}");
}
