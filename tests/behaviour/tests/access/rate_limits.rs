//! How often somebody may ask, counted over all services.

use behaviour::{Api, Reply};
use reqwest::Method;
use serde_json::json;
use testkit::Form;

use crate::{
    people::{ADA, EVE, ask, grant},
    platform_with,
};

const ACCOUNT: &str = "/users/account";

/// Asks until that is refused, in one minute or the next.
async fn until_refused(limit: u32, ask: impl AsyncFn() -> anyhow::Result<Reply>) -> anyhow::Result<Reply> {
    for _ in 0..=2 * limit {
        let reply = ask().await?;
        if reply.status == 429 {
            return Ok(reply);
        }
        assert!(reply.status < 300, "{reply:?}");
    }
    anyhow::bail!("nothing is refused");
}

async fn an_account_has_so_many_units_a_minute_of_all_services(form: Form) -> anyhow::Result<()> {
    let platform =
        platform_with(form, "members", None, vec![("ACCOUNT_UNITS_PER_MINUTE", "40".to_owned())]).await?;
    let api = Api::new(platform.gateway_url())?;
    let [ada, eve] = [grant(&api, ADA, &["write"]).await?.token, grant(&api, EVE, &["write"]).await?.token];
    let refused = until_refused(40, async || ask(&api, Method::GET, ACCOUNT, Some(&ada), None).await).await?;
    assert_eq!(refused.header("ratelimit-policy"), "\"account\";q=40;w=60");
    let wait: u64 = refused.header("retry-after").parse()?;
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.header("ratelimit"), format!("\"account\";r=0;t={wait}"));
    assert_eq!(refused.json()["detail"][0]["code"], "too_many_requests");
    if wait > 5 {
        // Another service, which has handed out nothing yet.
        ask(&api, Method::GET, "/worker/tasks", Some(&ada), None).await?.is(429);
    }
    ask(&api, Method::GET, ACCOUNT, Some(&eve), None).await?.is(200);
    Ok(())
}

async fn wrong_tokens_cost_a_client_more_than_good_ones(form: Form) -> anyhow::Result<()> {
    let platform =
        platform_with(form, "members", None, vec![("CLIENT_UNITS_PER_MINUTE", "1000".to_owned())]).await?;
    let api = Api::new(platform.gateway_url())?;
    let wrong = "w2m_nobodyhasbeengiventhistokennobodyhasbeengiventh";
    let mut asked = 0;
    while ask(&api, Method::GET, ACCOUNT, Some(wrong), None).await?.status != 429 {
        asked += 1;
        assert!(asked <= 100, "a minute has room for 47");
    }
    ask(&api, Method::GET, "/health", None, None).await?.is(200);
    Ok(())
}

async fn a_poll_is_changed_so_often_a_minute_whoever_does_it(form: Form) -> anyhow::Result<()> {
    let platform =
        platform_with(form, "members", None, vec![("POLL_CHANGES_PER_MINUTE", "5".to_owned())]).await?;
    let api = Api::new(platform.gateway_url())?;
    let content = json!({"title": "Lunch", "kind": "dates", "dates": ["2036-01-07"], "time_zone": "Europe/Berlin",
        "from": "09:00", "to": "17:00", "granularity_minutes": 60, "duration_minutes": 60});
    let mut polls = Vec::new();
    for _ in 0..2 {
        let made = ask(&api, Method::POST, "/users/polls", None, Some(&content)).await?.is(201).json();
        polls.push(format!("/users/polls/{}", made["id"].as_str().unwrap()));
    }
    let person = json!({"name": "Ada", "time_zone": "Europe/Berlin"});
    let join = async |poll: &str| {
        ask(&api, Method::POST, &format!("{poll}/participants"), None, Some(&person)).await
    };
    let refused = until_refused(5, async || join(&polls[0]).await).await?;
    assert_eq!(refused.header("ratelimit-policy"), "\"poll\";q=5;w=60");
    assert!(refused.json()["detail"][0]["msg"].as_str().unwrap().contains("5 times a minute"));
    join(&polls[1]).await?.is(201);
    ask(&api, Method::GET, &polls[0], None, None).await?.is(200);
    Ok(())
}

in_each_form![
    an_account_has_so_many_units_a_minute_of_all_services,
    wrong_tokens_cost_a_client_more_than_good_ones,
    a_poll_is_changed_so_often_a_minute_whoever_does_it,
];
