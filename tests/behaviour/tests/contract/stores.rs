//! What the distributed form leaves in its stores, which others may read.

use behaviour::{Form, Stage, people, run};
use redis::AsyncCommands;
use serde_json::{Value, json};
use testkit::Platform;

#[test]
fn the_cache_has_the_contracts_key_and_lifetime() -> anyhow::Result<()> {
    run(Form::Distributed, async |stage: &Stage| {
        let Some(Platform::Distributed(platform)) = &stage.platform else {
            anyhow::bail!("it is another form")
        };
        let client = redis::Client::open(platform.redis.as_ref().unwrap().url())?;
        let mut cache = client.get_multiplexed_async_connection().await?;
        let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
        let key = format!("cache_aside_{}", email.to_uppercase());
        assert_eq!(cache.get::<_, Option<String>>(&key).await?, None, "filled by the first read only");

        let read = stage.api.get(&people::cached_path(&email)).await?.is(200).json();
        let cached: String = cache.get(&key).await?;
        assert_eq!(serde_json::from_str::<Value>(&cached)?, read);
        let lifetime: i64 = cache.ttl(&key).await?;
        assert!((200..=300).contains(&lifetime), "{lifetime} s");

        let body = people::body(&email, &json!({"monday": [10]}), "first");
        stage.api.put(&people::path(&email), &body).await?.is(200);
        assert_eq!(cache.get::<_, Option<String>>(&key).await?, None, "gone with the update");
        stage.api.get(&people::cached_path(&email)).await?.is(200);
        stage.api.delete(&people::path(&email)).await?.is(204);
        assert_eq!(cache.get::<_, Option<String>>(&key).await?, None, "gone with the person");
        Ok(())
    })
}
