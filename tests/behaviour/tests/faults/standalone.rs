//! The platform in one process is killed, with everything in it.

use anyhow::ensure;
use behaviour::{
    Api, eventually, jobs,
    load::{Posters, Tolerated, Writers},
    people,
};
use testkit::{Form, StandaloneOptions};

use super::SOON;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_survives_a_kill() -> anyhow::Result<()> {
    // One worker, so that orders come faster than they are done.
    let options = StandaloneOptions {
        env: vec![("CONCURRENCY".to_owned(), "1".to_owned())],
        ..StandaloneOptions::default()
    };
    let mut platform = Form::standalone(options).await?;
    let api = Api::new(platform.gateway_url())?;
    let couple = jobs::couple(&api).await?;
    let deleted = people::create(&api, people::numbered_week(1), "first").await?;
    api.delete(&people::path(&deleted)).await?.is(204);
    let mut accepted = Vec::new();
    for _ in 0..3 {
        let mut writers = Writers::start(&api, 3, Tolerated::Disconnect).await?;
        let mut posters = Posters::start(&api, 6, &couple, Tolerated::Disconnect);
        posters.go_on(150).await?;
        writers.go_on(5).await?;
        platform.process.kill().await?;
        accepted.extend(posters.stop().await?);

        platform.process.restart().await?;
        jobs::all_succeed(&api, &accepted, &jobs::couples_result()).await?;
        writers.stop_and_check(&api).await?;
        api.get(&people::path(&deleted)).await?.is(404);
    }
    eventually("no job is left", SOON, async || {
        for state in ["queued", "running", "failed", "dead"] {
            let page = api.get(&format!("/worker/tasks?state={state}")).await?.is(200).json();
            ensure!(page["tasks"].as_array().is_some_and(Vec::is_empty), "some are {state}");
        }
        Ok(())
    })
    .await
}
