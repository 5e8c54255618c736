//! What the audit trail says of who did what, by whichever service.

use std::time::Duration;

use behaviour::{Api, eventually, people};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Form;

use crate::{
    ADMINISTRATOR_TOKEN, ROOT,
    people::{ADA, BOB, EVE, ask, grant},
    platform,
};

const ALL: &str = "/users/audit";
const OWN: &str = "/users/account/audit";
const SOON: Duration = Duration::from_secs(20);

/// Who did what to whom, and what came of it, the oldest first.
fn told(page: &Value) -> Vec<(Value, String, Value, Value)> {
    let entries = page["entries"].as_array().unwrap().iter().rev();
    let told = entries.map(|entry| {
        let what = format!("{} {}", entry["method"].as_str().unwrap(), entry["route"].as_str().unwrap());
        (entry["by"].clone(), what, entry["about"].clone(), entry["status"].clone())
    });
    told.collect()
}

async fn it_is_noted_who_reads_and_changes_what_of_whom(form: Form) -> anyhow::Result<()> {
    let platform = platform(form, "members").await?;
    let api = Api::new(platform.gateway_url())?;
    let [ada, eve, root] = [
        grant(&api, ADA, &["write"]).await?.token,
        grant(&api, EVE, &["write"]).await?.token,
        grant(&api, ROOT, &["write"]).await?.token,
    ];
    for (email, token) in [(ADA, &ada), (BOB, &root)] {
        let person = people::body(email, &json!({"Monday": [9, 10]}), "first");
        ask(&api, Method::POST, "/users/users", Some(token), Some(&person)).await?.is(201);
    }
    let ada_path = format!("/users/users/{ADA}");
    for _ in 0..5 {
        ask(&api, Method::GET, &ada_path, Some(&root), None).await?.is(200);
    }
    ask(&api, Method::GET, &ada_path, Some(&eve), None).await?.is(403);
    ask(&api, Method::GET, &ada_path, None, None).await?.is(401);
    let shared = format!("/availability/availabilities?userId1={ADA}&userId2={BOB}");
    let reply = ask(&api, Method::GET, &shared, Some(&ada), None).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let pair = json!({"userId1": ADA, "userId2": BOB});
    let job = ask(&api, Method::POST, "/worker/tasks", Some(&ada), Some(&pair)).await?.json();
    let job = job["job_id"].as_str().unwrap();
    ask(&api, Method::GET, &format!("/worker/tasks/{job}"), Some(&ada), None).await?.is(200);

    let (by_root, by_eve) = (json!(ROOT), json!(EVE));
    let expected = [
        (json!(ADA), "POST /users/users", json!([ADA]), json!(201)),
        (by_root, "GET /users/users/{email}", json!([ADA]), json!(200)),
        (by_eve, "GET /users/users/{email}", json!([ADA]), json!(403)),
        (json!(ADA), "GET /availability/availabilities", json!([ADA, BOB]), json!(200)),
        (json!(ADA), "POST /worker/tasks", json!([ADA, BOB]), json!(202)),
    ]
    .map(|(by, what, about, status)| (by, what.to_owned(), about, status));
    let about_ada = format!("{ALL}?about={ADA}&limit=100");
    let page = eventually("all is noted", SOON, async || {
        let page = ask(&api, Method::GET, &about_ada, Some(&root), None).await?.is(200).json();
        let told = told(&page);
        anyhow::ensure!(expected.iter().all(|entry| told.contains(entry)), "{told:#?}");
        Ok(page)
    })
    .await?;
    let readings = told(&page).iter().filter(|entry| **entry == expected[1]).count();
    // Each process notes it once; there are two, and the minute may end meanwhile.
    let most = if form == Form::Standalone { 2 } else { 3 };
    assert!((1..=most).contains(&readings), "{readings}");
    let entries = page["entries"].as_array().unwrap();
    let of_root = entries.iter().find(|entry| entry["by"] == ROOT && entry["method"] == "GET").unwrap();
    assert_eq!(of_root["by_administrator"], true);
    assert!(!page.to_string().contains("availabilities\":"), "nothing of what was sent or told");

    // A job is found by its id, and a grant is the installation's administrator's, who has no account.
    let of_job = format!("{ALL}?object={job}");
    eventually("the job is noted", SOON, async || {
        let page = ask(&api, Method::GET, &of_job, Some(&root), None).await?.is(200).json();
        let expected = (json!(ADA), "GET /worker/tasks/{job_id}".to_owned(), json!([]), json!(200));
        anyhow::ensure!(told(&page) == [expected], "{page}");
        Ok(())
    })
    .await?;
    let granted = (Value::Null, "POST /users/accounts/{email}/tokens".to_owned(), json!([ADA]), json!(201));
    assert!(told(&page).contains(&granted), "{page:#}");
    let granted = entries.iter().find(|entry| entry["by"].is_null()).unwrap();
    assert_eq!(granted["account_id"], "administrator");

    // Everybody sees what they did and what others did with theirs, and nobody else's address.
    let own = ask(&api, Method::GET, &format!("{OWN}?limit=100"), Some(&ada), None).await?.is(200).json();
    let others = (Value::Null, "GET /users/users/{email}".to_owned(), json!([ADA]), json!(403));
    assert!(told(&own).contains(&others), "{own:#}");
    let both = (json!(ADA), "GET /availability/availabilities".to_owned(), json!([ADA]), json!(200));
    assert!(told(&own).contains(&both), "{own:#}");
    for address in [ROOT, EVE, BOB] {
        assert!(!own.to_string().contains(address), "{address}");
    }
    ask(&api, Method::GET, OWN, Some(ADMINISTRATOR_TOKEN), None).await?.is(403);

    // Page by page there are the same entries.
    let mut paged = Vec::new();
    let mut next = Value::Null;
    loop {
        let after = next.as_str().map(|next| format!("&after={next}")).unwrap_or_default();
        let path = format!("{ALL}?by={ADA}&limit=2{after}");
        let page = ask(&api, Method::GET, &path, Some(&root), None).await?.is(200).json();
        paged.extend(page["entries"].as_array().unwrap().iter().map(|entry| entry["id"].clone()));
        next = page["next"].clone();
        if next.is_null() {
            break;
        }
    }
    let whole = ask(&api, Method::GET, &format!("{ALL}?by={ADA}"), Some(&root), None).await?.is(200).json();
    let whole: Vec<Value> =
        whole["entries"].as_array().unwrap().iter().map(|entry| entry["id"].clone()).collect();
    assert_eq!(paged[..], whole[whole.len() - paged.len()..]);
    assert!(paged.len() >= 4);

    for (wrong, place) in [
        ("by=ada", "by"),
        ("about=%00", "about"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("after=x", "after"),
        ("before=x", "before"),
    ] {
        let reply = ask(&api, Method::GET, &format!("{ALL}?{wrong}"), Some(&root), None).await?;
        assert_eq!(reply.is(422).json()["detail"][0]["loc"], json!(["query", place]), "{wrong}");
    }
    Ok(())
}

in_each_form![it_is_noted_who_reads_and_changes_what_of_whom];
