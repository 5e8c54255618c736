//! Stores that cannot be reached or do not let the service in.

use super::*;

#[tokio::test]
async fn health_names_the_stores_and_says_when_they_cannot_be_reached() {
    let embedded = Service::start(&[]).await;
    let (status, health) = embedded.get("/users/health").await;
    assert_eq!((status, &health["status"]), (StatusCode::OK, &json!("healthy")));
    assert_eq!(
        health["dependencies"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["postgresql", "redis"]
    );

    let closed = testkit::free_port().unwrap().to_string();
    let without_redis = Service::start(&["--redis-host", "127.0.0.1", "--redis-port", &closed]).await;
    let (status, health) = without_redis.get("/health").await;
    assert_eq!((status, &health["status"]), (StatusCode::OK, &json!("degraded")));
    assert_eq!(health["dependencies"]["redis"]["status"], "unhealthy");
    assert_eq!(without_redis.create("ada@example.com", &[9]).await.0, StatusCode::CREATED);
    assert_eq!(without_redis.get(ADA).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_503_and_its_password_is_not_shown() {
    let closed = testkit::free_port().unwrap();
    let dsn = format!("postgres://w2meet:s3cret@127.0.0.1:{closed}/w2meet");
    let service = Service::start(&["--pg-dsn", &dsn]).await;
    let (status, health) = service.get("/health").await;
    assert_eq!((status, &health["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unhealthy")));
    assert!(!health.to_string().contains("s3cret"));
    let (status, error) = service.get("/user-avail/cache-aside?user1email=ada@example.com").await;
    assert_eq!((status, message(&error)), (StatusCode::SERVICE_UNAVAILABLE, "Database unavailable"));
    assert_eq!(service.create("ada@example.com", &[9]).await.0, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_redis_that_does_not_let_the_service_in_is_named_in_health_and_people_are_served() {
    let redis = testkit::servers::Redis::start().await.unwrap();
    let client = redis::Client::open(redis.url()).unwrap();
    let mut line = client.get_multiplexed_async_connection().await.unwrap();
    let mut protect = redis::cmd("CONFIG");
    let () = protect.arg(&["SET", "requirepass", "s3cret"]).query_async(&mut line).await.unwrap();
    let port = redis.port().to_string();
    let flags = ["--redis-host", "127.0.0.1", "--redis-port", &port, "--redis-password", "wr0ng"];
    let service = Service::start(&flags).await;
    let (status, health) = loop {
        let (status, health) = service.get("/health").await;
        if health["dependencies"]["redis"]["error"] == "authentication failed" {
            break (status, health);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!((status, &health["status"]), (StatusCode::OK, &json!("degraded")));
    assert!(!health.to_string().contains("wr0ng"));
    assert_eq!(service.create("ada@example.com", &[9]).await.0, StatusCode::CREATED);
    assert_eq!(service.get(ADA).await.0, StatusCode::OK);
}
