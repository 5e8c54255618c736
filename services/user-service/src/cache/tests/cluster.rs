//! What only a cluster does.

use ::redis::{Client, cmd};
use clap::Parser;
use service_kit::RequestContext;
use testkit::servers::RedisTls;
use wire::{AllowanceRequest, CaseId};

use super::{outages::RIGHTS, *};

/// Tells a node of a cluster something.
async fn tell(node: &Redis, command: &str) {
    let answer = node.ask(command).await.unwrap();
    assert!(answer.starts_with("+OK"), "{command}: {answer}");
}

#[tokio::test]
async fn value_and_fence_of_every_address_are_on_one_server() {
    let cluster = RedisCluster::start(3, 0, NODE_TIMEOUT).await.unwrap();
    let cache = connected_to_cluster(&cluster).await;
    for address in ["a}b{@x.com", "{a}b@x.com", "{}@x.com", "}{@x.com", "a{@x.com", "{@}x.com", "ada@x.com"] {
        store(&cache, address, "1").await;
        assert_eq!(value(&cache, address).await, Some(record("1")), "{address}");
        let name = format!("cache_aside_{}", key(address));
        let owner = &cluster.nodes[cluster.owner(&name).await.unwrap()];
        assert_eq!(owner.ask(&format!("GET {name}")).await.unwrap(), "$1\r\n1\r\n", "{name}");
        let fence = Fence::new();
        cache.raise(&key(address), &fence).await.unwrap();
        assert!(note(&cache, address).await.is_fence());
        cache.lift([(&key(address), fence.as_str())]).await.unwrap();
        assert_eq!(value(&cache, address).await, None, "{address}");
    }
}

#[tokio::test]
async fn many_people_are_read_and_written_at_once_on_all_servers() {
    let cluster = RedisCluster::start(3, 0, NODE_TIMEOUT).await.unwrap();
    let cache = connected_to_cluster(&cluster).await;
    let keys: Vec<Key> = (0..200).map(|number| key(&format!("p{number}@x.com"))).collect();
    let tokens = cache.note(&keys).await.unwrap().into_iter().flatten();
    let fills = keys.iter().zip(tokens).enumerate().map(|(number, (key, token))| Fill {
        key: key.clone(),
        token,
        record: record(&number.to_string()),
    });
    cache.fill(&fills.collect::<Vec<_>>()).await.unwrap();
    let expected: Vec<_> = (0..200).map(|number| Some(record(&number.to_string()))).collect();
    assert_eq!(cache.get(&keys).await.unwrap(), expected);
    for node in &cluster.nodes {
        assert!(
            node.ask("DBSIZE").await.unwrap().trim_start_matches(':').trim().parse::<u32>().unwrap() > 60
        );
    }
    // Whoever cleans drops what is on every server.
    connected_to_cluster(&cluster).await;
    assert_eq!(cache.get(&keys).await.unwrap(), vec![None; 200]);
}

#[tokio::test]
async fn a_slot_that_moves_costs_the_connection_and_the_next_one_finds_it() {
    let cluster = RedisCluster::start(2, 0, NODE_TIMEOUT).await.unwrap();
    let cache = connected_to_cluster(&cluster).await;
    let (from, slot) = (cluster.owner("cache_aside_ADA@EXAMPLE.COM").await.unwrap(), {
        let asked = cluster.nodes[0].ask("CLUSTER KEYSLOT cache_aside_ADA@EXAMPLE.COM").await.unwrap();
        asked.trim_start_matches(':').trim().to_owned()
    });
    let to = cluster.nodes[1 - from].ask("CLUSTER MYID").await.unwrap();
    let to = to.lines().nth(1).unwrap();
    for node in [&cluster.nodes[1 - from], &cluster.nodes[from]] {
        tell(node, &format!("CLUSTER SETSLOT {slot} NODE {to}")).await;
    }
    assert!(cache.get(&[key(ADA)]).await.is_err());
    assert!(!cache.is_connected());
    assert_eq!(cache.failure(&CacheError::NotConnected), FailureCause::SLOTS_MOVED.0);
    cache.connect().await.unwrap();
    store(&cache, ADA, "1").await;
    assert_eq!(value(&cache, ADA).await, Some(record("1")));
}

#[tokio::test]
async fn a_replica_that_takes_over_makes_other_servers_of_a_cluster() {
    let mut cluster = RedisCluster::start(3, 1, NODE_TIMEOUT).await.unwrap();
    let cache = redis_cache_at(&cluster.url(), DEADLINE);
    let before = cache.open().await.unwrap();
    assert_eq!(before.servers(), cache.open().await.unwrap().servers(), "nothing has changed");
    cache.connect().await.unwrap();
    let owner = cluster.owner("cache_aside_ADA@EXAMPLE.COM").await.unwrap();
    cluster.nodes[owner].kill().await.unwrap();
    assert!(cache.get(&[key(ADA)]).await.is_err());
    assert!(!cache.is_connected());
    let after = loop {
        if let Ok(after) = cache.open().await {
            break after;
        }
        // Until the others have noticed it.
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_ne!(before.servers(), after.servers());
}

#[tokio::test]
async fn a_user_with_these_rights_can_do_all_that_is_needed() {
    let cluster = RedisCluster::start(3, 0, NODE_TIMEOUT).await.unwrap();
    for node in &cluster.nodes {
        tell(node, &format!("ACL SETUSER w2meet on >s3cret {RIGHTS} +cluster|info +cluster|slots")).await;
    }
    let url = cluster.url().replace("://", "://w2meet:s3cret@");
    let cache = Cache::Redis(redis_cache_at(&url, DEADLINE));
    cache.connect().await.unwrap();
    store(&cache, ADA, "1").await;
    assert_eq!(value(&cache, ADA).await, Some(record("1")));
    let context = RequestContext::of_background(CaseId::fresh());
    for number in 0..10 {
        let request =
            AllowanceRequest { key: format!("client_{number}"), units: 4, limit: 10, window_seconds: 60 };
        assert_eq!(cache.counts().take(&context, &request).await.unwrap().units, 4);
    }
    let wrong = Cache::Redis(redis_cache_at(&cluster.url().replace("://", "://w2meet:wrong@"), DEADLINE));
    let error = wrong.connect().await.unwrap_err();
    assert_eq!(wrong.failure(&error), FailureCause::AUTHENTICATION.0);
}

#[tokio::test]
async fn one_node_of_a_cluster_is_not_taken_for_a_server_of_its_own() {
    let cluster = RedisCluster::start(3, 0, NODE_TIMEOUT).await.unwrap();
    let mut line =
        Client::open(cluster.nodes[0].url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let server_key = cmd("SET").arg("cache_fence_server").arg("1").query_async::<()>(&mut line).await;
    let trial = cmd("GET").arg("cache_aside_trial").query_async::<Option<String>>(&mut line).await;
    assert!(server_key.is_err() || trial.is_err(), "of their slots one at least is on another node");
    let cache = Cache::Redis(redis_cache(cluster.nodes[0].port(), DEADLINE));
    let error = cache.connect().await.unwrap_err();
    assert_eq!(cache.failure(&error), FailureCause::SLOTS_MOVED.0);
}

#[tokio::test]
async fn a_cluster_speaks_tls_to_those_who_know_its_authority() {
    tls_provider::install();
    let generated = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let tls = RedisTls { certificate: generated.cert.pem(), key: generated.signing_key.serialize_pem() };
    let cluster = RedisCluster::start_with(3, 0, NODE_TIMEOUT, Some(&tls)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, &tls.certificate).unwrap();
    let cache = |more: &[&str]| {
        let url = cluster.tls_url();
        let args = crate::Args::parse_from([&["user-service", "--redis-url", &url], more].concat());
        args.stores.stores(&prometheus::Registry::new()).unwrap().cache
    };
    let known = cache(&["--redis-ca-file", authority.to_str().unwrap()]);
    known.connect().await.unwrap();
    for number in 0..20 {
        let address = format!("p{number}@x.com");
        store(&known, &address, "1").await;
        assert_eq!(value(&known, &address).await, Some(record("1")));
    }
    let unknown = cache(&[]);
    let error = unknown.connect().await.unwrap_err();
    assert_eq!(unknown.failure(&error), FailureCause::TLS.0);
}
