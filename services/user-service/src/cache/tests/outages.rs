//! A Redis that is slow, hangs, or refuses to do what it is asked for.

use std::time::Instant;

use ::redis::cmd;
use clap::Parser;
use service_kit::RequestContext;
use testkit::{TcpProxy, servers::Redis};
use tokio::time::sleep;
use wire::{AllowanceRequest, CaseId};

use super::*;

const SHORT: Duration = Duration::from_millis(100);
/// What a user of Redis needs for all that the service does there; docs/operations.md has the same.
pub(super) const RIGHTS: &str = "~cache_aside_* ~cache_fence_* ~rate_* &w2meet_polls +get +mget +set +del +unlink +scan +eval \
    +info +ping +incrby +expire +multi +exec +publish +subscribe";

async fn until(mut condition: impl AsyncFnMut() -> bool) {
    while !condition().await {
        sleep(Duration::from_millis(5)).await;
    }
}

async fn configure(line: &mut MultiplexedConnection, command: &str) {
    let words = command.split(' ').collect::<Vec<_>>();
    let mut asked = cmd(words[0]);
    let () = asked.arg(&words[1..]).query_async(line).await.unwrap();
}

#[tokio::test]
async fn a_redis_that_hangs_is_given_up_after_a_ping_without_an_answer() {
    let server = Redis::start().await.unwrap();
    let proxy = TcpProxy::start(server.address()).await.unwrap();
    let cache = redis_cache(proxy.port(), SHORT);
    cache.connect().await.unwrap();
    proxy.hang();
    assert!(matches!(cache.get(&[key(ADA)]).await, Err(CacheError::TimedOut(_))));
    assert!(cache.is_connected(), "one command is late");
    until(async || !cache.is_connected()).await;
    assert!(matches!(cache.get(&[key(ADA)]).await, Err(CacheError::NotConnected)));
    assert_eq!(cache.failure(), Some(FailureCause::TIMED_OUT));
    assert!(cache.connect().await.is_err());
    assert!(!cache.is_connected());
    proxy.heal().await.unwrap();
    cache.connect().await.unwrap();
    cache.ping().await.unwrap();
    assert_eq!(cache.failure(), None);
}

#[tokio::test]
async fn a_command_that_is_late_costs_nobody_the_cache() {
    let server = Redis::start().await.unwrap();
    let proxy = TcpProxy::start(server.address()).await.unwrap();
    let cache = redis_cache(proxy.port(), SHORT);
    cache.connect().await.unwrap();
    let connection = cache.note(&[key(ADA)]).await.unwrap().remove(0).connection;
    proxy.hang();
    assert!(cache.get(&[key(ADA)]).await.is_err());
    proxy.heal().await.unwrap();
    sleep(Duration::from_millis(700)).await;
    assert_eq!(cache.note(&[key(ADA)]).await.unwrap().remove(0).connection, connection);
}

#[tokio::test]
async fn a_thread_that_is_behind_does_not_take_redis_to_be_slow() {
    let server = Redis::start().await.unwrap();
    let cache = redis_cache(server.port(), SHORT);
    cache.connect().await.unwrap();
    let reads = (0..500).map(|_| {
        let cache = cache.clone();
        tokio::spawn(async move { cache.get(&[key(ADA)]).await.map(drop) })
    });
    let reads: Vec<_> = reads.collect();
    tokio::task::yield_now().await;
    // The only thread of this runtime does nothing else for much longer than any deadline.
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(700) {
        std::hint::spin_loop();
    }
    for read in reads {
        read.await.unwrap().unwrap();
    }
    assert!(cache.is_connected());
}

#[tokio::test]
async fn each_kind_of_refusal_has_its_cause() {
    let closed = testkit::free_port().unwrap();
    let [with_password, plain] = [Redis::start().await.unwrap(), Redis::start().await.unwrap()];
    configure(&mut client(&with_password).await, "CONFIG SET requirepass s3cret").await;
    let mut line = client(&plain).await;
    configure(&mut line, "ACL SETUSER reader on >s3cret ~* +@read +info").await;
    for (url, cause) in [
        (format!("redis://127.0.0.1:{closed}"), FailureCause::REFUSED),
        (with_password.url(), FailureCause::AUTHENTICATION),
        (format!("redis://:wrong@{}", with_password.address()), FailureCause::AUTHENTICATION),
        (format!("redis://reader:wrong@{}", plain.address()), FailureCause::AUTHENTICATION),
        (format!("redis://reader:s3cret@{}", plain.address()), FailureCause::PERMISSION),
    ] {
        let cache = redis_cache_at(&url, DEADLINE);
        assert!(cache.connect().await.is_err(), "{url}");
        assert_eq!(cache.failure(), Some(cause), "{url}");
    }
    configure(&mut line, &format!("ACL SETUSER w2meet on >s3cret {RIGHTS}")).await;
    let cache = redis_cache_at(&format!("redis://w2meet:s3cret@{}", plain.address()), DEADLINE);
    cache.connect().await.unwrap();
    let request = AllowanceRequest { key: "client_a_1".to_owned(), units: 4, limit: 10, window_seconds: 60 };
    let context = RequestContext::of_background(CaseId::fresh());
    cache.counts().take(&context, &request).await.unwrap();
    let server = ::redis::Client::open(format!("redis://w2meet:s3cret@{}", plain.address())).unwrap();
    let mut listener = server.get_async_pubsub().await.unwrap();
    listener.subscribe("w2meet_polls").await.unwrap();
    configure(&mut server.get_multiplexed_async_connection().await.unwrap(), "PUBLISH w2meet_polls id").await;
}

#[tokio::test]
async fn redis_speaks_tls_to_those_who_know_its_authority() {
    tls_provider::install();
    let server = Redis::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    let certificate = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&files[0], certificate.cert.pem()).unwrap();
    std::fs::write(&files[1], certificate.signing_key.serialize_pem()).unwrap();
    let (port, [cert, key]) =
        (testkit::free_port().unwrap().to_string(), files.each_ref().map(|file| file.display()));
    let settings = format!("tls-cert-file {cert} tls-key-file {key} tls-auth-clients no tls-port {port}");
    configure(&mut client(&server).await, &format!("CONFIG SET {settings}")).await;
    let connect = async |authority: &[&str]| {
        let flags = ["user-service", "--redis-host", "127.0.0.1", "--redis-port", &port, "--redis-tls"];
        let args = crate::Args::parse_from(flags.iter().chain(authority));
        let cache = args.stores.stores(&prometheus::Registry::new()).unwrap().cache;
        cache.connect().await.map_err(|error| cache.failure(&error))
    };
    assert_eq!(connect(&["--redis-ca-file", &cert.to_string()]).await, Ok(()));
    assert_eq!(connect(&[]).await, Err(FailureCause::TLS.0));
    let wrong = ["--redis-ca-file", &key.to_string()];
    assert_eq!(connect(&wrong).await, Err(FailureCause::TLS.0), "no authority is in the file");
}

#[tokio::test]
async fn a_redis_that_takes_no_writes_is_not_used_and_the_cause_is_known() {
    let server = Redis::start().await.unwrap();
    let mut line = client(&server).await;
    for (from, until, cause) in [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", FailureCause::OUT_OF_MEMORY),
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", FailureCause::READ_ONLY),
        (
            "CONFIG SET min-replicas-to-write 1",
            "CONFIG SET min-replicas-to-write 0",
            FailureCause::TOO_FEW_REPLICAS,
        ),
    ] {
        let cache = connected(&server).await;
        configure(&mut line, from).await;
        assert!(cache.raise(&key(ADA), &Fence::new()).await.is_err());
        assert!(!cache.is_connected());
        for _ in 0..2 {
            let error = cache.connect().await.unwrap_err();
            assert_eq!(cache.failure(&error), cause.0);
        }
        configure(&mut line, until).await;
        cache.connect().await.unwrap();
    }
}

#[tokio::test]
async fn a_redis_that_cannot_save_is_not_used_and_the_cause_is_known() {
    let server = Redis::start().await.unwrap();
    let mut line = client(&server).await;
    let cache = Cache::Redis(redis_cache(server.port(), DEADLINE));
    cache.connect().await.unwrap();
    let (_, folder): (String, String) =
        cmd("CONFIG").arg("GET").arg("dir").query_async(&mut line).await.unwrap();
    let () = cmd("CONFIG").arg("SET").arg("save").arg("3600 1").query_async(&mut line).await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    configure(&mut line, "BGSAVE").await;
    let mut line = client(&server).await;
    until(async || {
        let said: String = cmd("INFO").arg("persistence").query_async(&mut line).await.unwrap();
        said.contains("rdb_last_bgsave_status:err")
    })
    .await;
    assert!(cache.raise(&key(ADA), &Fence::new()).await.is_err());
    let error = cache.connect().await.unwrap_err();
    assert_eq!(cache.failure(&error), FailureCause::CANNOT_SAVE.0);
    configure(&mut line, "CONFIG SET stop-writes-on-bgsave-error no").await;
    cache.connect().await.unwrap();
}

#[tokio::test]
async fn a_redis_that_is_killed_is_a_lost_connection() {
    let mut server = Redis::start().await.unwrap();
    let cache = redis_cache(server.port(), DEADLINE);
    cache.connect().await.unwrap();
    server.kill().await.unwrap();
    assert!(cache.get(&[key(ADA)]).await.is_err());
    assert_eq!(cache.failure(), Some(FailureCause::LOST));
}
